//! What a check file says of the shape of a trace: that it is the text of a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::expect::Shape;
use crate::pad::cut_to;
use crate::trace::Trace;
use crate::value::yaml::{Fields, Node, NodeValue, YamlError};

/// The shape of a trace, in a file.
#[derive(Debug)]
pub(super) struct ShapeSaid {
    pub(super) file: PathBuf,
    times: bool,
    /// Whether siblings stand by start; as the trace has it, if it is nothing.
    ordered: Option<bool>,
    omitted: Vec<String>,
    only: Vec<String>,
}

/// So many lines of what differs are shown.
const SHOWN_MAX: usize = 40;
/// A line is cut to so many columns.
const LINE_MAX: usize = 200;
/// Texts of which more pairs of lines would have to be looked at are compared from their first and their last line alone.
const PAIRS_MAX: usize = 4_000_000;

impl ShapeSaid {
    /// A file, or a map with it; the path is seen from the folder of the check file.
    pub(super) fn read(node: &Node, folder: &Path) -> Result<Self, YamlError> {
        const WHAT: &str = "the file with the shape of the trace";
        let NodeValue::Mapping(_) = node.value else {
            let file = folder.join(node.expect_str(WHAT)?);
            return Ok(Self { file, times: true, ordered: None, omitted: Vec::new(), only: Vec::new() });
        };
        let fields = Fields::of(node, "a shape", &["file", "times", "ordered", "without", "only"])?;
        let said = |name| fields.get(name).is_some().then(|| fields.flag(name)).transpose();
        let keys = |name| -> Result<Vec<String>, YamlError> {
            fields.list(name)?.iter().map(|key| key.expect_str("a key").map(str::to_owned)).collect()
        };
        Ok(Self {
            file: folder.join(fields.need_str("file", WHAT)?.value),
            times: said("times")?.unwrap_or(true),
            ordered: said("ordered")?,
            omitted: keys("without")?,
            only: keys("only")?,
        })
    }

    fn shape(&self, trace: &Trace) -> String {
        let shape = Shape::of(trace);
        let shape = if self.times { shape } else { shape.without_times() };
        let shape = match self.ordered {
            None => shape,
            Some(true) => shape.ordered(),
            Some(false) => shape.unordered(),
        };
        let shape = if self.only.is_empty() { shape } else { shape.only_keys(self.only.iter().map(String::as_str)) };
        self.omitted.iter().fold(shape, |shape, key| shape.without_key(key.as_str())).to_string()
    }

    /// How the shape of a trace differs from that of the file; nothing if it does not.
    pub(super) fn wrong(&self, trace: &Trace) -> Option<String> {
        let name = self.file.display();
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Some(format!("there is no file {name}; `skyspan check --update` writes it"));
            }
            Err(error) => return Some(format!("{name} cannot be read: {error}")),
        };
        let (found, expected) = (self.shape(trace), body(&text).1);
        let (found, expected) = (found.trim_end(), expected.trim_end());
        (found != expected).then(|| {
            format!("{name} is another shape (`-` is expected, `+` was found):\n\n{}", difference(expected, found))
        })
    }

    /// Writes the shape of a trace into the file, if it is another; says whether it was.
    pub(super) fn update(&self, trace: &Trace) -> io::Result<bool> {
        let before = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            // What cannot be read is not written over: it may be more than a shape.
            Err(error) => {
                let why = format!("{} is there and cannot be read: {error}", self.file.display());
                return Err(io::Error::new(error.kind(), why));
            }
        };
        let (head, expected) = body(&before);
        let found = self.shape(trace);
        if !before.is_empty() && found.trim_end() == expected.trim_end() {
            return Ok(false);
        }
        fs::write(&self.file, format!("{head}{}\n", found.trim_end()))?;
        Ok(true)
    }
}

/// The head that insta writes above a snapshot, and the snapshot.
fn body(text: &str) -> (&str, &str) {
    let end =
        text.strip_prefix("---\n").and_then(|rest| rest.find("\n---\n")).map(|at| at + "---\n".len() + "\n---\n".len());
    text.split_at(end.unwrap_or(0))
}

/// Which lines are only in the one, and which only in the other, with one line around.
fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let same_before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_before..], &new[same_before..]);
    let same_after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - same_after], &new_rest[..new_rest.len() - same_after]);
    let mut lines: Vec<(char, &str)> = Vec::new();
    lines.extend(old[..same_before].last().map(|line| (' ', *line)));
    lines.extend(changes(old_rest, new_rest));
    lines.extend(old.get(old.len() - same_after).map(|line| (' ', *line)));
    let mut text = String::new();
    for (sign, line) in lines.iter().take(SHOWN_MAX) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {sign} {}", cut_to(line, LINE_MAX));
    }
    if lines.len() > SHOWN_MAX {
        let _ = writeln!(text, "  ⋯ {} more lines", lines.len() - SHOWN_MAX);
    }
    text.trim_end_matches('\n').to_owned()
}

/// What has to be taken out and put in, in order: all but a longest common subsequence of lines.
fn changes<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    if old.len().saturating_mul(new.len()) > PAIRS_MAX {
        return old.iter().map(|line| ('-', *line)).chain(new.iter().map(|line| ('+', *line))).collect();
    }
    // The length of the longest common subsequence of what follows each pair of places.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            common[o][n] = match old[o] == new[n] {
                true => common[o + 1][n + 1] + 1,
                false => common[o + 1][n].max(common[o][n + 1]),
            };
        }
    }
    let (mut o, mut n, mut lines) = (0, 0, Vec::new());
    while o < old.len() || n < new.len() {
        if o < old.len() && n < new.len() && old[o] == new[n] {
            lines.push((' ', old[o]));
            (o, n) = (o + 1, n + 1);
        } else if n == new.len() || (o < old.len() && common[o + 1][n] >= common[o][n + 1]) {
            lines.push(('-', old[o]));
            o += 1;
        } else {
            lines.push(('+', new[n]));
            n += 1;
        }
    }
    lines
}
