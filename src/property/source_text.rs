//! [`Written`]: what a test has written as the argument of a call, to be printed where it is needed again.

use std::fs;
use std::panic::Location;

use super::regressions::source_on_disk;

/// The methods of a search that take what a test has written.
const TAKE_CLOSURES: [&str; 5] = ["lab", "harness", "plan", "check", "try_check"];

/// The place of a call in a test, of whose one argument the text is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written(&'static Location<'static>);

impl Written {
    /// By whom the calling function was called.
    #[track_caller]
    pub(super) const fn here() -> Self {
        Self(Location::caller())
    }

    /// The argument, as the test has it; nothing where the source is not there any more.
    pub(super) fn text(self) -> Option<String> {
        let source = fs::read_to_string(source_on_disk(self.0.file().as_ref())?).ok()?;
        argument(&source, self.0.line(), self.0.column())
    }

    /// Where it stands, for people.
    pub(super) fn place(self) -> String {
        format!("{}:{}", self.0.file(), self.0.line())
    }
}

/// What is between the parentheses behind that place, with its lines as far to the left as the last one.
fn argument(source: &str, line: u32, column: u32) -> Option<String> {
    let rest: usize = source.split_inclusive('\n').take(usize::try_from(line).ok()? - 1).map(str::len).sum();
    let of_line = source.get(rest..)?;
    let begin = of_line.char_indices().nth(usize::try_from(column).ok()? - 1)?.0;
    let call = of_line.get(begin..)?;
    let open = call.find('(')?;
    // Elsewhere than in a file of Rust, as in a doctest, the place is another than the compiler says.
    if !TAKE_CLOSURES.contains(&call[..open].trim_end()) {
        return None;
    }
    let inside = call.get(open + 1..)?;
    let end = closing(inside)?;
    let text = inside.get(..end)?.trim().trim_end_matches(',');
    let indent = text.lines().last()?.len() - text.lines().last()?.trim_start().len();
    let dedented =
        |line: &str| line.get(indent..).filter(|_| line[..indent].trim().is_empty()).unwrap_or(line).to_owned();
    let lines = text.lines().enumerate().map(|(at, line)| if at == 0 { line.to_owned() } else { dedented(line) });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Where the parenthesis closes that is open at the begin of a text of Rust.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            '"' => {
                while let Some((_, c)) = letters.next() {
                    match c {
                        '\\' => {
                            letters.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
            }
            // A letter in quotes; what else begins with one is a lifetime.
            '\'' => {
                let rest = text.get(at + 1..)?;
                let mut behind = rest.chars();
                let length = match (behind.next(), behind.next()) {
                    (Some('\\'), _) => rest.find('\'').map(|end| rest[..end].chars().count() + 1),
                    (Some(_), Some('\'')) => Some(2),
                    _ => None,
                };
                for _ in 0..length.unwrap_or(0) {
                    letters.next();
                }
            }
            '/' if letters.peek().is_some_and(|(_, next)| *next == '/') => {
                while letters.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            _ => {}
        }
    }
    None
}
