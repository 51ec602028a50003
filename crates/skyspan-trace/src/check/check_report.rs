//! [`CheckReport`]: what came of a check file.

use std::fmt::{self, Write as _};

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::expect::Mismatch;
use crate::pad::{column_width, cut_to, one_line, to_left, width_of};
use crate::trace::Redaction;
use crate::value::{FormatVersion, Position, Text};

/// What came of one expectation of a check file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckResult {
    /// Its name, or what it says where it has none.
    pub name: Text,
    /// Where it stands in its file.
    pub position: Position,
    /// What was found, in a few words; or what is wrong.
    pub result: Result<Text, Mismatch>,
}

/// What came of a check file. Its `Display` is a line for each expectation, and the report below each that does not hold.
#[derive(Clone, Debug)]
#[must_use = "it says what does not hold"]
pub struct CheckReport {
    pub(super) file: Option<String>,
    pub(super) checks: Vec<CheckResult>,
}

/// The first column takes no more than this.
const NAMES_MAX: usize = 44;
/// A line takes no more than this, where a terminal says nothing else.
const LINE_MAX: usize = 80;

impl CheckReport {
    /// What came of each expectation, in the order of the file.
    #[must_use]
    pub fn checks(&self) -> &[CheckResult] {
        &self.checks
    }

    /// The file with the expectations, if it was one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The same of a file, which is where the expectations stand.
    pub fn in_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// Whether all of it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.result.is_ok())
    }

    /// Panics with what does not hold, for tests.
    ///
    /// ```
    /// use skyspan_trace::check::CheckFile;
    /// use skyspan_trace::trace::Trace;
    ///
    /// CheckFile::parse("- spans: '{}'\n  count: 0")?.check(&Trace::default())?.assert();
    /// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{check::CheckFile, trace::Trace};
    /// # let file = CheckFile::parse("- spans: '{}'\n  count: 1").unwrap();
    /// file.check(&Trace::default()).unwrap().assert();
    /// ```
    ///
    /// # Panics
    ///
    /// If something does not hold.
    #[track_caller]
    pub fn assert(&self) {
        let file = self.file.as_deref().map(|file| format!(" as {file} says")).unwrap_or_default();
        assert!(self.holds(), "the trace is not{file}:\n\n{self}");
    }

    /// The same without what looks like a secret, for what is written where others read it.
    pub fn redacted(&self, redaction: &Redaction) -> Self {
        let checks = self.checks.iter().map(|check| CheckResult {
            result: match &check.result {
                Ok(found) => Ok(redaction.words(found)),
                Err(mismatch) => Err(mismatch.redacted(redaction)),
            },
            ..check.clone()
        });
        Self { file: self.file.clone(), checks: checks.collect() }
    }

    /// The same in colours, for a terminal of a width.
    #[must_use]
    pub fn colored(&self, width: usize) -> String {
        self.drawn(Some(width))
    }

    fn drawn(&self, colored: Option<usize>) -> String {
        let width = colored.unwrap_or(LINE_MAX).max(40);
        let names: Vec<String> =
            self.checks.iter().map(|check| cut_to(&one_line(&check.name), NAMES_MAX).into_owned()).collect();
        let names_width = column_width(names.iter().map(|name| width_of(name)));
        let mut text = String::new();
        for (check, name) in self.checks.iter().zip(&names) {
            let found = match &check.result {
                Ok(found) => one_line(found),
                Err(mismatch) => one_line(&mismatch.headline()),
            };
            let found = cut_to(&found, width.saturating_sub(names_width + 4).max(20)).into_owned();
            let sign = match (&check.result, colored) {
                (Ok(_), None) => "✓",
                (Ok(_), Some(_)) => "\x1b[32m✓\x1b[0m",
                (Err(_), None) => "✗",
                (Err(_), Some(_)) => "\x1b[31m✗\x1b[0m",
            };
            let line = format!("{sign} {}  {found}", to_left(name, names_width));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
            if let Err(mismatch) = &check.result {
                let report = match colored {
                    Some(width) => mismatch.colored().width(width.saturating_sub(2)).to_string(),
                    None => mismatch.to_string(),
                };
                // The headline stands above.
                let body = report.lines().skip(1).collect::<Vec<_>>();
                let _ = writeln!(text);
                for line in body.iter().skip_while(|line| line.is_empty()) {
                    let _ = writeln!(text, "{}", format!("  {line}").trim_end());
                }
                let _ = writeln!(text);
            }
        }
        let end = text.trim_end_matches('\n').len();
        text.truncate(end);
        text.push('\n');
        text
    }

    /// The commands by which GitHub Actions marks the lines of a check file that do not hold, one for each.
    ///
    /// ```
    /// use skyspan_trace::check::CheckFile;
    /// use skyspan_trace::trace::Trace;
    ///
    /// let report = CheckFile::parse("- spans: '{}'\n  count: 1\n")?.check(&Trace::default())?;
    /// assert!(report.to_github().starts_with("::error title={},line=1,col=3::1 span is missing%0A"));
    /// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
    /// ```
    #[must_use]
    pub fn to_github(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let Err(mismatch) = &check.result else { continue };
            let report = mismatch.to_string();
            let body = report.split_once('\n').map_or("", |(_, body)| body);
            let title = property(&check.name);
            let file = self.file.as_deref().map(|file| format!("file={},", property(file))).unwrap_or_default();
            let Position { line, column } = check.position;
            let told = message(&format!("{}\n{}", mismatch.headline(), body.trim_end()));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "::error {file}title={title},line={line},col={column}::{told}");
        }
        text
    }
}

/// What a property of a command may hold.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// What the message of a command may hold.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn(None))
    }
}

/// `{"version": 1, "file": ..., "holds": ..., "checks": [...]}`.
impl Serialize for CheckReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("CheckReport", 4)?;
        report.serialize_field("version", &FormatVersion)?;
        report.serialize_field("file", &self.file)?;
        report.serialize_field("holds", &self.holds())?;
        report.serialize_field("checks", &self.checks)?;
        report.end()
    }
}

/// `{"name": ..., "line": ..., "column": ..., "holds": ..., "found": ..., "mismatch": ...}`.
impl Serialize for CheckResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut checked = serializer.serialize_struct("CheckResult", 6)?;
        checked.serialize_field("name", &self.name)?;
        checked.serialize_field("line", &self.position.line)?;
        checked.serialize_field("column", &self.position.column)?;
        checked.serialize_field("holds", &self.result.is_ok())?;
        checked.serialize_field("found", &self.result.as_ref().ok())?;
        checked.serialize_field("mismatch", &self.result.as_ref().err())?;
        checked.end()
    }
}
