//! `Trace`: the spans of a program, and what can be asked and demanded of them.

use pyo3::exceptions::{PyIndexError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyList, PyString, PyTuple};
use skyspan_trace::compare::Statistics;
use skyspan_trace::expect;
use skyspan_trace::page::Page;
use skyspan_trace::trace::{AttributeChoice, Redaction, Trace, TraceFormat};

use crate::checking::checking;
use crate::expectation::{joined, parsed_tree};
use crate::mismatch::{PyMismatch, assertion_error, plain};
use crate::query::{PyAnswer, answer};
use crate::record::PySpanRecord;
use crate::shape::Rules;
use crate::span::PySpan;

/// Spans, and how they hang together.
#[pyclass(frozen, sequence, name = "Trace", module = "skyspan")]
pub(crate) struct PyTrace(pub(crate) Trace);

/// An element of a list, also counted from the end.
pub(crate) fn item<T>(all: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>, at: isize) -> PyResult<T> {
    let mut all = all.into_iter();
    let length = all.len();
    let place = if at < 0 { at.checked_add_unsigned(length) } else { Some(at) };
    let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < length);
    place
        .and_then(|place| all.nth(place))
        .ok_or_else(|| PyIndexError::new_err(format!("there is no span {at}, as there are {length}")))
}

/// Which attributes are drawn.
fn choice(attributes: &str) -> PyResult<AttributeChoice> {
    match attributes {
        "key" => Ok(AttributeChoice::Key),
        "all" => Ok(AttributeChoice::All),
        "none" => Ok(AttributeChoice::None),
        other => {
            Err(PyValueError::new_err(format!("expected \"key\", \"all\" or \"none\" for attributes, found {other:?}")))
        }
    }
}

/// A page with a title, if it is given one.
pub(crate) fn html(page: Page, title: Option<String>) -> String {
    match title {
        Some(title) => page.title(title).to_html(),
        None => page.to_html(),
    }
}

/// An iterator over spans.
pub(crate) fn iterator(py: Python<'_>, all: Vec<PySpanRecord>) -> PyResult<Bound<'_, PyIterator>> {
    PyList::new(py, all)?.try_iter()
}

impl PyTrace {
    /// All spans, in order of arrival.
    pub(crate) fn records(&self) -> Vec<PySpanRecord> {
        self.0.spans().map(PySpanRecord::of).collect()
    }

    /// Raises the report unless the trace is as expected.
    ///
    /// # Errors
    ///
    /// `AssertionError` with the report, `TypeError` for what is no expectation, and what a callable raises.
    pub(crate) fn must_be(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<()> {
        let expectation = joined(expectations)?;
        self.held(py, &expectation)
    }

    /// The same for a text of a tree.
    ///
    /// # Errors
    ///
    /// The same, and `ValueError` for a text that is none.
    pub(crate) fn must_be_tree(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        let trees = parsed_tree(text)?;
        self.held(py, &trees)
    }

    /// Why it is not as all of these say.
    ///
    /// # Errors
    ///
    /// The same but AssertionError.
    pub(crate) fn why_not(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<Option<PyMismatch>> {
        let expectation = joined(expectations)?;
        Ok(checking(py, || expectation.check(&self.0))?.err().map(PyMismatch::new))
    }

    /// The spans that are as an expectation says.
    ///
    /// # Errors
    ///
    /// What a callable raises.
    pub(crate) fn that_match(&self, py: Python<'_>, of: &PyRef<'_, PySpan>) -> PyResult<Vec<PySpanRecord>> {
        let of = of.is.clone();
        let places: Vec<usize> =
            checking(py, || self.0.matching(&of).into_iter().map(|span| span.index()).collect::<Vec<_>>())?;
        Ok(places.into_iter().map(|at| PySpanRecord::new(self.0.clone(), at)).collect())
    }

    fn held(&self, py: Python<'_>, expectation: &(impl expect::Expectation + Sync)) -> PyResult<()> {
        checking(py, || expectation.check(&self.0))?.map_err(|mismatch| assertion_error(py, mismatch))
    }
}

#[pymethods]
impl PyTrace {
    /// Raises AssertionError with the report unless the trace is as all of these say.
    #[pyo3(signature = (*expectations))]
    fn expect(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.must_be(py, expectations)
    }

    /// Raises AssertionError with the report unless the trace is exactly the trees of a text.
    fn expect_tree(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        self.must_be_tree(py, text)
    }

    /// Why the trace is not as all of these say; None if it is.
    #[pyo3(signature = (*expectations))]
    fn check(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<Option<PyMismatch>> {
        self.why_not(py, expectations)
    }

    /// The spans that are as an expectation says, in order of arrival.
    fn matching(&self, py: Python<'_>, of: PyRef<'_, PySpan>) -> PyResult<Vec<PySpanRecord>> {
        self.that_match(py, &of)
    }

    /// The answer to a query in TraceQL.
    fn query(&self, py: Python<'_>, traceql: &str) -> PyResult<PyAnswer> {
        answer(py, &self.0, traceql)
    }

    /// The spans without a parent here.
    #[getter]
    fn roots(&self) -> Vec<PySpanRecord> {
        self.0.roots().map(PySpanRecord::of).collect()
    }

    /// The spans with a name, in order of arrival.
    fn named(&self, name: &str) -> Vec<PySpanRecord> {
        self.0.named(name).map(PySpanRecord::of).collect()
    }

    /// The same spans with one tree of each run of bluesky.
    fn grouped_by_run(&self) -> Self {
        Self(self.0.grouped_by_run().trace)
    }

    /// Those spans only that have ended.
    fn ended(&self) -> Self {
        Self(self.0.ended())
    }

    /// Where the time of the trace goes, and who held each wait.
    #[pyo3(signature = (*by))]
    fn statistics(&self, py: Python<'_>, by: Vec<String>) -> PyResult<PyStatistics> {
        let sum_up = || if by.is_empty() { self.0.statistics() } else { self.0.statistics_by(by) };
        checking(py, sum_up).map(PyStatistics)
    }

    /// The rules of OpenTelemetry and bluesky that the trace breaks, as dicts of plain values.
    fn lint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &checking(py, || skyspan_trace::check::lint(&self.0))?)?.get_item("findings")
    }

    /// What is wrong with the trace itself: parents that are missing, ids that stand twice, spans that end before they start.
    #[getter]
    fn defects(&self) -> Vec<String> {
        self.0.defects().iter().map(ToString::to_string).collect()
    }

    /// The same trace without secrets, those of these patterns included.
    #[pyo3(signature = (*also))]
    fn redacted(&self, also: Vec<String>) -> PyResult<Self> {
        let mut redaction = Redaction::new();
        for pattern in also {
            redaction = redaction.also(&pattern).map_err(|error| PyValueError::new_err(error.to_string()))?;
        }
        Ok(Self(self.0.redacted(&redaction)))
    }

    /// The trace as a tree, for people.
    #[pyo3(signature = (
        *, attributes = "key", width = 120, exact = false, unfolded = false, color = false, depth = None, device = None,
        slower = None, errors = false
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords")]
    fn draw(
        &self,
        attributes: &str,
        width: usize,
        exact: bool,
        unfolded: bool,
        color: bool,
        depth: Option<usize>,
        device: Option<String>,
        slower: Option<&Bound<'_, PyAny>>,
        errors: bool,
    ) -> PyResult<String> {
        let mut drawing = self.0.draw().attributes(choice(attributes)?).width(width).colored(color);
        if exact {
            drawing = drawing.exact();
        }
        if unfolded {
            drawing = drawing.unfolded();
        }
        if let Some(levels) = depth {
            drawing = drawing.depth(levels);
        }
        if let Some(name) = device {
            drawing = drawing.device(name);
        }
        if let Some(than) = slower {
            drawing = drawing.slower(crate::duration::duration(than)?);
        }
        if errors {
            drawing = drawing.errors();
        }
        Ok(drawing.to_string())
    }

    /// The trace as a text that `expect_tree` takes.
    #[pyo3(signature = (*, attributes = "key", durations = true, width = 60))]
    fn tree_text(&self, attributes: &str, durations: bool, width: usize) -> PyResult<String> {
        Ok(self.0.tree_text().attributes(choice(attributes)?).durations(durations).width(width).to_string())
    }

    /// The trace as one HTML page, to zoom and search, without what looks like a secret.
    #[pyo3(signature = (*, title = None))]
    fn to_html(&self, py: Python<'_>, title: Option<String>) -> PyResult<String> {
        checking(py, || html(Page::of(&self.0), title))
    }

    /// Writes the page to a file.
    #[pyo3(signature = (path, *, title = None))]
    fn write_html(&self, py: Python<'_>, path: std::path::PathBuf, title: Option<String>) -> PyResult<()> {
        std::fs::write(&path, self.to_html(py, title)?).map_err(|error| io_error(&error, &path))
    }

    /// The text of the trace that stays the same from run to run.
    #[pyo3(signature = (*, times = false, ordered = true, volatile = false, without = None, replace = None))]
    fn shape(
        &self,
        times: bool,
        ordered: bool,
        volatile: bool,
        without: Option<Vec<Bound<'_, PyAny>>>,
        replace: Option<Bound<'_, PyDict>>,
    ) -> PyResult<String> {
        let rules = Rules { times, ordered, volatile, without: without.unwrap_or_default(), replace };
        Ok(rules.shape(&self.0)?.to_string())
    }

    /// The trace in a format: a str, or bytes for `"otlp-proto"`.
    #[pyo3(signature = (format = "console"))]
    fn dump<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyAny>> {
        let text = |text: String| PyString::new(py, &text).into_any();
        Ok(match format {
            "console" => text(self.0.to_console_json()),
            "otlp" => text(self.0.to_otlp_json()),
            "otlp-proto" => PyBytes::new(py, &self.0.to_otlp_protobuf()).into_any(),
            "jaeger" => text(self.0.to_jaeger_json()),
            "zipkin" => text(self.0.to_zipkin_json()),
            "perfetto" => text(self.0.to_perfetto_json()),
            "speedscope" => text(self.0.to_speedscope_json()),
            other => {
                return Err(PyValueError::new_err(format!(
                    "expected \"console\", \"otlp\", \"otlp-proto\", \"jaeger\", \"zipkin\", \"perfetto\" or \"speedscope\", \
                     found {other:?}"
                )));
            }
        })
    }

    /// Writes the trace to a file, in a format of `dump`.
    #[pyo3(signature = (path, format = "otlp"))]
    fn write(&self, py: Python<'_>, path: std::path::PathBuf, format: &str) -> PyResult<()> {
        let bytes: Vec<u8> = match self.dump(py, format)?.cast::<PyString>() {
            Ok(text) => text.to_string_lossy().into_owned().into_bytes(),
            Err(_) => self.0.to_otlp_protobuf(),
        };
        std::fs::write(&path, bytes)
            .map_err(|error| PyErr::from(std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))))
    }

    /// What a format does not keep of this trace.
    fn left_out(&self, format: &str) -> PyResult<Vec<String>> {
        let format = match format {
            "console" => TraceFormat::Console,
            "otlp" => TraceFormat::OtlpJson,
            "otlp-proto" => TraceFormat::OtlpProtobuf,
            "jaeger" => TraceFormat::Jaeger,
            "zipkin" => TraceFormat::Zipkin,
            "perfetto" => TraceFormat::Perfetto,
            "speedscope" => TraceFormat::Speedscope,
            other => return Err(PyValueError::new_err(format!("{other:?} is no format that is written"))),
        };
        Ok(self.0.left_out(format))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __getitem__(&self, at: isize) -> PyResult<PySpanRecord> {
        item(self.0.spans().map(PySpanRecord::of), at)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        iterator(py, self.records())
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        self.0 == other.get().0
    }

    fn __hash__(&self) -> usize {
        self.0.len()
    }

    fn __str__(&self) -> String {
        self.0.draw().to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Trace of {} span{}>", self.0.len(), if self.0.len() == 1 { "" } else { "s" })
    }
}

/// Where the time of a trace goes, and who held each wait. Its `str` is a table.
#[pyclass(frozen, name = "Statistics", module = "skyspan")]
pub(crate) struct PyStatistics(Statistics);

#[pymethods]
impl PyStatistics {
    /// All of it as plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> &'static str {
        "<Statistics of a trace>"
    }
}

/// An error of the file system with the name of the file, so that it is FileNotFoundError where it is that.
pub(crate) fn io_error(error: &std::io::Error, path: &std::path::Path) -> PyErr {
    let Some(code) = error.raw_os_error() else { return PyOSError::new_err(format!("{}: {error}", path.display())) };
    let said = error.to_string();
    let said = said.split(" (os error").next().unwrap_or_default().to_owned();
    PyOSError::new_err((code, said, path.as_os_str().to_owned()))
}

/// An error of reading: of the file system as OSError, of what is in the file as ValueError.
pub(crate) fn read_error(error: &skyspan_trace::trace::ReadError) -> PyErr {
    match &error.problem {
        skyspan_trace::trace::ReadProblem::Io(io) => match &error.path {
            Some(path) => io_error(io, path),
            None => PyOSError::new_err(error.to_string()),
        },
        _ => PyValueError::new_err(error.to_string()),
    }
}
