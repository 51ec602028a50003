//! [`CheckFile`]: what a trace must be, written in YAML.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::check_report::{CheckReport, CheckResult};
use super::entry::{Entry, Input, NO_DOCUMENTS};
use super::selector::Selector;
use crate::expect::{Expectation, Mismatch, Strength, mutate};
use crate::trace::Trace;
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, read_text};
use crate::value::{FormatVersion, Value};

/// What a trace must be, written in YAML: a list of expectations, each of which is one of Rust.
///
/// ```
/// use skyspan_trace::check::CheckFile;
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let file = CheckFile::parse(r#"
/// - name: moves are quick
///   spans: '{ name = "move" }'
///   each: {duration: ..=1 s}
/// - spans: '{ status = error }'
///   count: 0
/// "#)?;
/// let trace = Trace::from_spans([Span::builder("move").end(Timestamp::from_unix_ns(2_000_000_000)).build()]);
/// let report = file.check(&trace)?;
/// assert!(!report.holds());
/// assert_eq!(report.to_string(), "
/// ✗ moves are quick     1 span differs
///
///     ✗ move  2 s
///                  duration: expected at most 1 s, found 2 s
///
/// ✓ { status = error }  0 spans
/// ".trim_start());
/// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
/// ```
///
/// A file is a list, or a map of `version: 1` and the list in `expect`. [`reference`](mod@super::reference) has all of it.
#[derive(Clone)]
pub struct CheckFile {
    entries: Arc<Vec<Entry>>,
    file: Option<PathBuf>,
}

impl CheckFile {
    /// Reads the text of a check file. Paths in it are seen from the current folder.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for a text that is none, with the line and the column, what was expected there, and what was perhaps meant.
    ///
    /// ```
    /// use skyspan_trace::check::CheckFile;
    ///
    /// let error = CheckFile::parse("- exit_status: sucess\n").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "1:16: expected an exit status, or a pattern of one: `success`, `abort`, `fail`, found the string \"sucess\"; \
    ///      did you mean `success`?",
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        Self::from_node(&Node::parse(text)?, Path::new(""))
    }

    /// Reads a check file. Paths in it are seen from its own folder.
    ///
    /// # Errors
    ///
    /// [`YamlError`] with the name of the file, if it cannot be read or is no check file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, YamlError> {
        let path = path.as_ref();
        let in_file = |error: YamlError| match error.file {
            Some(_) => error,
            None => error.in_file(path.display().to_string()),
        };
        let text = read_text(path, "a check file").map_err(in_file)?;
        let node = Node::parse(&text).map_err(in_file)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self { file: Some(path.to_owned()), ..Self::from_node(&node, folder).map_err(in_file)? })
    }

    /// The same of YAML that was read, as it stands in a plan file. Paths in it are seen from a folder.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what is no check file.
    pub fn from_node(node: &Node, folder: &Path) -> Result<Self, YamlError> {
        const A_LIST: &str = "a list of expectations, or a map of `version: 1` and the list in `expect`";
        let list = match &node.value {
            NodeValue::Sequence(list) => list,
            NodeValue::Mapping(_) => {
                let fields = Fields::any(node, "a check file")?;
                if fields.get("expect").is_none() && fields.get("version").is_none() {
                    return Err(YamlError::new(node.position, A_LIST, "another map")
                        .with_help("put `- ` before each expectation"));
                }
                fields.allow(&["version", "expect"])?;
                if let Some(version) = fields.get("version")
                    && version.expect_count("1 as `version`")? != FormatVersion::NUMBER
                {
                    return Err(version.unexpected("1 as `version`"));
                }
                fields.need("expect")?.expect_list("a list of expectations as `expect`")?
            }
            NodeValue::Scalar(_) => return Err(node.unexpected(A_LIST)),
        };
        if list.is_empty() {
            return Err(YamlError::new(node.position, "at least one expectation", "an empty list"));
        }
        let entries = list.iter().map(|node| Entry::read(node, folder)).collect::<Result<_, _>>()?;
        Ok(Self { entries: Arc::new(entries), file: None })
    }

    /// The file that it was read from.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Where the first expectation stands that is about documents, if one is: a trace alone has none.
    #[must_use]
    pub fn asks_for_documents(&self) -> bool {
        self.entries.iter().any(|entry| entry.asks_for_documents().is_some())
    }

    /// The files with shapes that it compares.
    #[must_use]
    pub fn shape_files(&self) -> Vec<&Path> {
        self.entries.iter().flat_map(Entry::shapes).map(|shape| shape.file.as_path()).collect()
    }

    /// Holds a trace against it.
    ///
    /// # Errors
    ///
    /// [`YamlError`] with the place of the expectation, if one is about documents.
    pub fn check(&self, trace: &Trace) -> Result<CheckReport, YamlError> {
        if let Some(position) = self.entries.iter().find_map(Entry::asks_for_documents) {
            let error = YamlError::new(position, "the documents of a call", "a trace, which has none")
                .with_help("a plan file has them: it is run first");
            return Err(match &self.file {
                Some(file) => error.in_file(file.display().to_string()),
                None => error,
            });
        }
        Ok(self.report(trace, None))
    }

    /// Holds a trace against it, and documents: each is a pair of its name and its fields, `["stop", {"exit_status": ...}]`, as
    /// the harness and bluesky's own recordings have them.
    pub fn check_with_documents(&self, trace: &Trace, documents: &[Value]) -> CheckReport {
        self.report(trace, Some(documents))
    }

    fn report(&self, trace: &Trace, documents: Option<&[Value]>) -> CheckReport {
        let selector = Selector::new(trace);
        let input = Input { selector: &selector, documents };
        let checks = self.entries.iter().map(|entry| CheckResult {
            name: entry.label().into(),
            position: entry.position,
            result: entry.check(input).map(Into::into),
        });
        CheckReport { file: self.file.as_ref().map(|file| file.display().to_string()), checks: checks.collect() }
    }

    /// Writes the shapes that it compares anew, where that of the trace is another. Gives the files that were written.
    ///
    /// # Errors
    ///
    /// If one of them cannot be written.
    pub fn update_shapes(&self, trace: &Trace) -> io::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for shape in self.entries.iter().flat_map(Entry::shapes) {
            if let Some(folder) = shape.file.parent() {
                fs::create_dir_all(folder)?;
            }
            if shape.update(trace)? {
                written.push(shape.file.clone());
            }
        }
        Ok(written)
    }

    /// How many [mutants](crate::expect::mutate) of a trace it notices. What it says of documents is left out.
    ///
    /// ```
    /// use skyspan_trace::check::CheckFile;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("run").attribute("exit_status", "success").build()]);
    /// let strength = CheckFile::parse("- tree: run")?.strength(&trace).unwrap();
    /// // How the run ended may be whatever it is.
    /// assert!(strength.score().noticed < strength.score().made, "{strength}");
    /// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if it does not accept the trace itself.
    pub fn strength(&self, trace: &Trace) -> Result<Strength, Mismatch> {
        mutate(trace, &OfSpans(self))
    }
}

impl fmt::Debug for CheckFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckFile({self})")
    }
}

/// What its expectations are called, one after another.
impl fmt::Display for CheckFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<String> = self.entries.iter().map(Entry::label).collect();
        f.write_str(&labels.join(", and "))
    }
}

/// All that is wrong in one report, so that `trace.assert(CheckFile::read("align.check.yaml")?)` is a test.
///
/// ```
/// use skyspan_trace::check::CheckFile;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("run").build()]);
/// trace.assert(CheckFile::parse("- tree: run")?);
/// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{check::CheckFile, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("run").build()]);
/// trace.assert(CheckFile::parse("- tree: plan").unwrap());
/// ```
impl Expectation for CheckFile {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        match self.entries.iter().find_map(Entry::asks_for_documents) {
            Some(_) => Err(super::entry::otherwise(trace, "there are no documents", NO_DOCUMENTS.to_owned())),
            None => OfSpans(self).check(trace),
        }
    }
}

/// What a file says of spans.
struct OfSpans<'f>(&'f CheckFile);

impl Expectation for OfSpans<'_> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let selector = Selector::new(trace);
        let input = Input { selector: &selector, documents: None };
        let of_spans = self.0.entries.iter().filter(|entry| entry.asks_for_documents().is_none());
        let wrong = of_spans.filter_map(|entry| match &entry.name {
            Some(name) => entry.check(input).err().map(|mismatch| mismatch.with_clue(name.clone())),
            None => entry.check(input).err(),
        });
        let together = wrong.reduce(|mut together, mismatch| {
            together.add(mismatch);
            together
        });
        together.map_or(Ok(()), Err)
    }
}

impl fmt::Display for OfSpans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
