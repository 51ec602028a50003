//! [`Colored`]: a report for a terminal.

use std::fmt;

use anstream::{AutoStream, ColorChoice};

use super::mismatch::Mismatch;
use super::report::Report;

/// The width of a terminal that does not say.
const WIDTH: usize = 120;
/// Nothing can be read in less.
const WIDTH_MIN: usize = 60;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const MAGENTA: &str = "\x1b[35m";
const CYAN: &str = "\x1b[36m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// A report in the colours of a terminal: its marks, and what was expected and found. Made by [`Mismatch::colored`].
#[derive(Clone, Copy, Debug)]
#[must_use = "it is only written when it is displayed"]
pub struct Colored<'a> {
    mismatch: &'a Mismatch,
    width: usize,
}

impl Mismatch {
    /// The report in the colours of a terminal, as wide as the environment variable `COLUMNS` says, else as the terminal
    /// of standard error, else 120 characters.
    ///
    /// [`Trace::assert`](crate::trace::Trace::assert) prints [`for_stderr`](Self::for_stderr).
    pub fn colored(&self) -> Colored<'_> {
        let seen = || terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
        let width = said_width().or_else(seen).unwrap_or(WIDTH);
        Colored { mismatch: self, width: width.max(WIDTH_MIN) }
    }

    /// The report as standard error wants it: [coloured](Self::colored) where that is a terminal, plain elsewhere;
    /// `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` of the environment have their usual meaning.
    #[must_use]
    pub fn for_stderr(&self) -> String {
        match AutoStream::choice(&std::io::stderr()) {
            ColorChoice::Never => self.to_string(),
            _ => self.colored().to_string(),
        }
    }
}

fn said_width() -> Option<usize> {
    std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok())
}

/// How wide the terminal is that standard output goes to, if it is one, or `COLUMNS` says.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    said_width().or_else(seen)
}

impl Colored<'_> {
    /// Sets how many characters a line of the tree may take; 60 at least.
    pub fn width(self, width: usize) -> Self {
        Self { width: width.max(WIDTH_MIN), ..self }
    }
}

impl fmt::Display for Colored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A format string takes no more.
        let width = self.width.min(usize::from(u16::MAX));
        let report = format!("{:1$}", Report::of(self.mismatch), width);
        for (at, line) in report.lines().enumerate() {
            match at {
                0 => writeln!(f, "{BOLD}{line}{RESET}")?,
                _ => writeln!(f, "{}", painted(line))?,
            }
        }
        Ok(())
    }
}

/// A line with its mark in colour; or, of one that tells a difference, what was expected and found.
fn painted(line: &str) -> String {
    let mut chars = line.chars().skip(2);
    let color = match (line.starts_with("  "), chars.next(), chars.next()) {
        (true, Some('✓'), Some(' ')) => GREEN,
        (true, Some('✗'), Some(' ')) => RED,
        (true, Some('+'), Some(' ')) => YELLOW,
        (true, Some('-'), Some(' ')) => MAGENTA,
        (true, Some('Σ' | '≈'), Some(' ')) => CYAN,
        _ => return difference(line).unwrap_or_else(|| line.to_owned()),
    };
    let sign: String = line.chars().skip(2).take(1).collect();
    let rest: String = line.chars().skip(3).collect();
    format!("  {color}{sign}{RESET}{rest}")
}

/// The same of `key: expected this, found that`, which may go on on the next line.
fn difference(line: &str) -> Option<String> {
    if let Some(found) = line.trim_start().strip_prefix("found ") {
        let indent = &line[..line.len() - line.trim_start().len()];
        return Some(format!("{indent}found {RED}{found}{RESET}"));
    }
    let (key, values) = line.split_once("expected ")?;
    Some(match values.rsplit_once(", found ") {
        Some((expected, found)) => format!("{key}expected {GREEN}{expected}{RESET}, found {RED}{found}{RESET}"),
        None => match values.strip_suffix(',') {
            Some(expected) => format!("{key}expected {GREEN}{expected}{RESET},"),
            None => format!("{key}expected {GREEN}{values}{RESET}"),
        },
    })
}
