//! What logs put before each line: the name of a container, a time.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::passed_over::beginning;
use crate::value::{Position, from_json};

/// Where lines are gathered from several containers, each has its lines by itself.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The name before its lines.
    name: String,
    /// What is behind the names.
    pub(super) text: String,
    /// Where each line stands in the file.
    lines: Vec<Position>,
}

impl Stream {
    /// Where in the file a place of the text is.
    pub(super) fn position(&self, at: usize) -> Position {
        let within = Position::of(&self.text, at);
        let line = self.lines.get(within.line - 1).or(self.lines.last());
        line.map_or(within, |line| Position { line: line.line, column: line.column + within.column - 1 })
    }

    /// The lines of the file in which these places are, which come in order.
    pub(super) fn lines_of(&self, places: &[usize]) -> Vec<usize> {
        let (mut at, mut line) = (0, 0);
        let mut lines = Vec::with_capacity(places.len());
        for place in places {
            line += self.text.as_bytes()[at..*place].iter().filter(|byte| **byte == b'\n').count();
            at = *place;
            lines.push(self.lines.get(line).map_or(usize::MAX, |position| position.line));
        }
        lines
    }

    fn push(&mut self, line: &str, position: Position) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines.push(position);
    }
}

/// What stands before a line is not longer.
const PREFIX_MAX: usize = 256;

/// Colours, as a terminal has them.
const COLOUR: &str = r"(?:\x1b\[[0-9;]*m)*";

static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // `docker compose logs` has `app-1  | `, `kubectl logs --prefix` `[pod/app-0/main] `, journald and syslog
    // `Nov 29 05:15:42 host app[7]: `, `-t` of any of them a time, and containerd's files `stdout F ` behind it.
    let name = format!(r"{COLOUR}[A-Za-z0-9][A-Za-z0-9_.-]* *{COLOUR}\|{COLOUR} ?{COLOUR}|\[[^\]\s]+/[^\]\s]+\] ");
    let syslog = r"[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [^ ]+ [^ :]+: ";
    let time = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.,]*(?:Z|[+-][0-9]{2}:?[0-9]{2})? (?:(?:stdout|stderr) [FP] )?";
    Regex::new(&format!("^({name})?(?:{syslog}|{time})?")).ok()
});

/// The name before a line, and what is behind it and its time; nothing where the line has neither.
fn split(line: &str) -> Option<(&str, &str)> {
    // Most lines begin with a blank, a bracket or a quote.
    line.chars().next().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '\x1b' | '['))?;
    let found = PREFIX.as_ref()?.captures(beginning(line, PREFIX_MAX))?;
    let whole = found.get(0).filter(|whole| !whole.is_empty())?;
    Some((found.get(1).map_or("", |name| name.as_str()), &line[whole.end()..]))
}

/// Whether the lines of a text have something before them: whether it is there before the first brace that begins a line.
pub(super) fn is_prefixed(text: &str) -> bool {
    let begins = |line: &str| line.starts_with('{') || line.starts_with("[{") || line.trim_end() == "[";
    let first = text.lines().find_map(|line| match split(line) {
        _ if begins(line) => Some(is_docker(line)),
        Some((_, rest)) if begins(rest) => Some(true),
        _ => None,
    });
    first.unwrap_or_default()
}

/// Whether a line is one of Docker's own files: an object with the line in it.
fn is_docker(line: &str) -> bool {
    line.starts_with("{\"log\":\"") && line.trim_end().ends_with('}')
}

/// The lines of a text by the names before them, without what is before them.
pub(super) fn streams(text: &str) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let docker = if is_docker(line) { from_json(line).ok() } else { None };
        let of_docker = |key| docker.as_ref().and_then(|entry| entry.as_map()?.get(key)?.as_str());
        let (name, rest) = match of_docker("log") {
            Some(logged) => (of_docker("stream").unwrap_or_default(), logged.trim_end_matches('\n')),
            None => split(line).unwrap_or(("", line)),
        };
        let column = line.strip_suffix(rest).map_or(0, |before| before.chars().count()) + 1;
        let position = Position { line: number + 1, column };
        match streams.iter_mut().find(|stream| stream.name == name) {
            Some(stream) => stream.push(rest, position),
            None => {
                let mut stream = Stream { name: name.to_owned(), ..Stream::default() };
                stream.push(rest, position);
                streams.push(stream);
            }
        }
    }
    streams
}

#[cfg(test)]
mod tests {
    use super::{is_prefixed, split};

    #[test]
    fn what_logs_put_before_a_line_is_known() {
        for (line, name, rest) in [
            ("app-1  | {", "app-1  | ", "{"),
            ("\u{1b}[36mapp-1  |\u{1b}[0m {", "\u{1b}[36mapp-1  |\u{1b}[0m ", "{"),
            ("app-1  |     \"name\": \"a | b\",", "app-1  | ", "    \"name\": \"a | b\","),
            ("app-1 | 2026-11-29T05:15:42.123456789Z {", "app-1 | ", "{"),
            ("[pod/app-0/main] {", "[pod/app-0/main] ", "{"),
            ("2026-11-29T05:15:42.123456789Z stdout F }", "", "}"),
            ("2026-11-29 05:15:42,123 {", "", "{"),
            ("Nov 29 05:15:42 host app[7]: {", "", "{"),
        ] {
            assert_eq!(split(line), Some((name, rest)), "{line:?}");
        }
        for line in ["{", "    \"name\": \"a\",", "Hello world!", "[INFO] {", "\"a\" | {"] {
            assert_eq!(split(line), None, "{line:?}");
        }
        assert!(is_prefixed("app-1  | hello\napp-1  | {\n"));
        assert!(!is_prefixed("a | b\n{\napp-1  | {\n"));
    }
}
