//! `Span`: one span of a trace.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan_trace::trace::{Span, SpanRef, Status, Trace};

use crate::trace::PyTrace;
use crate::value::to_dict;

/// One span of a trace.
#[pyclass(frozen, name = "Span", module = "skyspan")]
pub(crate) struct PySpanRecord {
    trace: Trace,
    at: usize,
}

impl PySpanRecord {
    pub(crate) fn new(trace: Trace, at: usize) -> Self {
        Self { trace, at }
    }

    pub(crate) fn of(span: SpanRef<'_>) -> Self {
        Self::new(span.trace().clone(), span.index())
    }

    fn with<T>(&self, ask: impl FnOnce(SpanRef<'_>) -> T) -> T {
        // A record is only made of a span that is in its trace.
        let span = self.trace.span_ref(self.at);
        ask(span.unwrap_or_else(|| unreachable!("span {} of {}", self.at, self.trace.len())))
    }

    fn own<T>(&self, ask: impl FnOnce(&Span) -> T) -> T {
        self.with(|span| ask(span.span()))
    }
}

#[pymethods]
impl PySpanRecord {
    /// Its name.
    #[getter]
    fn name(&self) -> String {
        self.own(|span| span.name().to_owned())
    }

    /// Its attributes.
    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.own(|span| to_dict(py, span.attributes()))
    }

    /// `"internal"`, `"server"`, `"client"`, `"producer"` or `"consumer"`.
    #[getter]
    fn kind(&self) -> String {
        self.own(|span| format!("{:?}", span.kind()).to_lowercase())
    }

    /// `"unset"`, `"ok"` or `"error"`.
    #[getter]
    fn status(&self) -> &'static str {
        self.own(|span| match span.status() {
            Status::Ok => "ok",
            Status::Error { .. } => "error",
            Status::Unset => "unset",
        })
    }

    /// What an error is said to be, if that was said.
    #[getter]
    fn status_description(&self) -> Option<String> {
        self.own(|span| span.status().description().map(str::to_owned))
    }

    /// When it started, in nanoseconds since the epoch.
    #[getter]
    fn start_ns(&self) -> u64 {
        self.own(|span| span.start().unix_ns())
    }

    /// When it ended, in nanoseconds since the epoch; None if it is open.
    #[getter]
    fn end_ns(&self) -> Option<u64> {
        self.own(|span| span.end().map(skyspan_trace::value::Timestamp::unix_ns))
    }

    /// How long it took, in seconds; None if it is open.
    #[getter]
    #[expect(clippy::cast_precision_loss, reason = "a float of seconds, as Python has them")]
    fn duration_s(&self) -> Option<f64> {
        self.own(|span| span.signed_duration_ns().map(|ns| ns as f64 / 1e9))
    }

    /// How long it took, in nanoseconds; None if it is open.
    #[getter]
    fn duration_ns(&self) -> Option<i128> {
        self.own(Span::signed_duration_ns)
    }

    /// Its id, as 16 hexadecimal digits.
    #[getter]
    fn span_id(&self) -> String {
        self.own(|span| span.span_id().to_string())
    }

    /// The id of its trace, as 32 hexadecimal digits.
    #[getter]
    fn trace_id(&self) -> String {
        self.own(|span| span.trace_id().to_string())
    }

    /// The id of its parent, also of one that is not in the trace.
    #[getter]
    fn parent_id(&self) -> Option<String> {
        self.own(|span| span.parent_id().map(|id| id.to_string()))
    }

    /// Its events.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.own(|span| {
            let event = |event: &skyspan_trace::trace::Event| {
                let dict = PyDict::new(py);
                dict.set_item("name", event.name.as_str())?;
                dict.set_item("time_ns", event.timestamp.unix_ns())?;
                dict.set_item("attributes", to_dict(py, &event.attributes)?)?;
                Ok(dict)
            };
            span.events().iter().map(event).collect()
        })
    }

    /// Its links.
    #[getter]
    fn links<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.own(|span| {
            let link = |link: &skyspan_trace::trace::Link| {
                let dict = PyDict::new(py);
                dict.set_item("trace_id", link.trace_id.to_string())?;
                dict.set_item("span_id", link.span_id.to_string())?;
                dict.set_item("attributes", to_dict(py, &link.attributes)?)?;
                Ok(dict)
            };
            span.links().iter().map(link).collect()
        })
    }

    /// What describes the service that emitted it.
    #[getter]
    fn resource<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.own(|span| to_dict(py, &span.resource().attributes))
    }

    /// The name of the tracer that made it, if that is known.
    #[getter]
    fn scope(&self) -> Option<String> {
        self.own(|span| span.scope().map(|scope| scope.name.to_string()))
    }

    /// Its parent; None for a root.
    #[getter]
    fn parent(&self) -> Option<Self> {
        self.with(|span| span.parent().map(Self::of))
    }

    /// Its children, by start.
    #[getter]
    fn children(&self) -> Vec<Self> {
        self.with(|span| span.children().map(Self::of).collect())
    }

    /// All spans below it.
    #[getter]
    fn descendants(&self) -> Vec<Self> {
        self.with(|span| span.descendants().map(Self::of).collect())
    }

    /// The trace that it is in.
    #[getter]
    fn trace(&self) -> PyTrace {
        PyTrace(self.trace.clone())
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        self.own(|one| other.get().own(|other| one == other))
    }

    fn __hash__(&self) -> u64 {
        self.own(|span| u64::from_be_bytes(span.span_id().to_bytes()))
    }

    fn __repr__(&self) -> String {
        self.own(|span| {
            let took = match span.signed_duration_ns() {
                Some(ns) => skyspan_trace::trace::exact_duration(ns),
                None => "open".to_owned(),
            };
            format!("<Span {:?} {} {took}>", span.name(), span.span_id())
        })
    }
}
