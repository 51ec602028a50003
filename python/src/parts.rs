//! Events and links of spans.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan_trace::expect::{self, EventExpectation, LinkExpectation};

use crate::duration::range;
use crate::pattern::{expected, name_pattern, repr_text};
use crate::source::{Source, repr};
use crate::span::{PySpan, span_depth};
use crate::span_terms::keys_and_values;

/// What an event of a span must be. Made by `event()`.
#[pyclass(frozen, name = "EventExpectation", module = "skyspan")]
pub(crate) struct PyEvent {
    pub(crate) is: EventExpectation,
    pub(crate) source: Source,
}

/// An event with this name and these attributes.
#[pyfunction]
#[pyo3(signature = (name = None, /, *, attributes = None, **more))]
pub(crate) fn event(
    name: Option<&Bound<'_, PyAny>>,
    attributes: Option<&Bound<'_, PyDict>>,
    more: Option<&Bound<'_, PyDict>>,
) -> PyResult<PyEvent> {
    let mut is = expect::event(name_pattern(name)?);
    let mut arguments: Vec<String> = name.iter().map(|name| repr(name)).collect::<PyResult<_>>()?;
    for (key, value) in keys_and_values(attributes, more, &mut arguments)? {
        is = is.attr(key, value);
    }
    Ok(PyEvent { is, source: format!("event({})", arguments.join(", ")).into() })
}

#[pymethods]
impl PyEvent {
    /// It has such an attribute.
    fn attr(&self, key: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is = self.is.clone().attr(key.to_owned(), expected(value)?);
        Ok(Self { is, source: format!("{}.attr({}, {})", self.source, repr_text(key), repr(value)?).into() })
    }

    /// It happened so long after the start of its span.
    #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None, above = None, below = None))]
    fn after(
        &self,
        exactly: Option<&Bound<'_, PyAny>>,
        at_least: Option<&Bound<'_, PyAny>>,
        at_most: Option<&Bound<'_, PyAny>>,
        above: Option<&Bound<'_, PyAny>>,
        below: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let said = range(exactly, at_least, at_most, above, below)?;
        let is = self.is.clone().after(said.range);
        Ok(Self { is, source: format!("{}.after({})", self.source, said.arguments).into() })
    }

    fn __repr__(&self) -> &str {
        &self.source
    }

    fn __str__(&self) -> String {
        self.is.to_string()
    }
}

/// What a link of a span must be. Made by `link_to()` and `link_elsewhere()`.
#[pyclass(frozen, name = "LinkExpectation", module = "skyspan")]
pub(crate) struct PyLink {
    pub(crate) is: LinkExpectation,
    pub(crate) depth: usize,
    pub(crate) source: Source,
}

/// A link to such a span of the same trace.
#[pyfunction]
pub(crate) fn link_to(span: PyRef<'_, PySpan>) -> PyResult<PyLink> {
    Ok(PyLink {
        is: expect::link_to(span.is.clone()),
        depth: span_depth([span.depth + 1])?,
        source: format!("link_to({})", span.as_super().source).into(),
    })
}

/// A link to a span that is not in the trace.
#[pyfunction]
pub(crate) fn link_elsewhere() -> PyLink {
    PyLink { is: expect::link_elsewhere(), depth: 0, source: "link_elsewhere()".into() }
}

#[pymethods]
impl PyLink {
    /// It has such an attribute.
    fn attr(&self, key: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is = self.is.clone().attr(key.to_owned(), expected(value)?);
        let source = format!("{}.attr({}, {})", self.source, repr_text(key), repr(value)?).into();
        Ok(Self { is, depth: self.depth, source })
    }

    fn __repr__(&self) -> &str {
        &self.source
    }

    fn __str__(&self) -> String {
        self.is.to_string()
    }
}
