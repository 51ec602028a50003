//! `SpanExpectation`: what a span must be; and `Every`, of which the same is said.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan_trace::expect::{self, Every, NumberRange, SpanExpectation};
use skyspan_trace::trace::SpanId;

use crate::duration::range;
use crate::expectation::{PyExpectation, of_class};
use crate::pattern::{expected, name_pattern};
use crate::source::{keyword, repr};
use crate::span_terms::{keys_and_values, kind_of, status_of};
use crate::span_words::Said as _;

/// Expectations hold others so deep, as in skyspan-trace, which would panic.
const DEPTH_MAX: usize = 200;

/// How deep expectations lie below the one that holds them all.
///
/// # Errors
///
/// `ValueError` if that is too deep.
pub(crate) fn span_depth(depths: impl IntoIterator<Item = usize>) -> PyResult<usize> {
    match depths.into_iter().max().unwrap_or(0) {
        depth if depth > DEPTH_MAX => {
            Err(PyValueError::new_err(format!("expectations hold each other more than {DEPTH_MAX} deep")))
        }
        depth => Ok(depth),
    }
}

/// What a span must be. Made by `span()`.
#[pyclass(frozen, extends = PyExpectation, name = "SpanExpectation", module = "skyspan")]
pub(crate) struct PySpan {
    pub(crate) is: SpanExpectation,
    /// How deep the expectations nest that it holds.
    pub(crate) depth: usize,
}

/// What every span of a kind must be. Made by `every()`.
#[pyclass(frozen, extends = PyExpectation, name = "Every", module = "skyspan")]
pub(crate) struct PyEvery {
    pub(crate) of: SpanExpectation,
    pub(crate) must: SpanExpectation,
    pub(crate) or_none: bool,
    pub(crate) depth: usize,
}

impl PyEvery {
    pub(crate) fn is(&self) -> Every {
        let every = expect::every(self.of.clone()).must(self.must.clone());
        if self.or_none { every.or_none() } else { every }
    }
}

/// A span with this name, of which is so much.
#[pyfunction]
#[pyo3(signature = (
    name = None, /, *, status = None, kind = None, lasting = None, exit_status = None, reason = None, attributes = None, **more
))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn span(
    py: Python<'_>,
    name: Option<&Bound<'_, PyAny>>,
    status: Option<&Bound<'_, PyAny>>,
    kind: Option<&Bound<'_, PyAny>>,
    lasting: Option<&Bound<'_, PyAny>>,
    exit_status: Option<&Bound<'_, PyAny>>,
    reason: Option<&Bound<'_, PyAny>>,
    attributes: Option<&Bound<'_, PyDict>>,
    more: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<PySpan>> {
    let mut is = expect::span(name_pattern(name)?);
    let mut arguments: Vec<String> = name.iter().map(|name| repr(name)).collect::<PyResult<_>>()?;
    let words =
        [("status", status), ("kind", kind), ("lasting", lasting), ("exit_status", exit_status), ("reason", reason)];
    for (word, value) in words {
        let Some(value) = value else { continue };
        arguments.push(keyword(word, &repr(value)?));
        is = match word {
            "status" => is.status(status_of(value)?),
            "kind" => is.kind(kind_of(value)?),
            "lasting" => is.lasting(range(Some(value), None, None, None, None)?.range),
            "exit_status" => is.bluesky_exit_status(expected(value)?),
            _ => is.bluesky_reason(expected(value)?),
        };
    }
    for (key, value) in keys_and_values(attributes, more, &mut arguments)? {
        is = is.attr(key, value);
    }
    let source = format!("span({})", arguments.join(", "));
    of_class(py, PyExpectation::new(is.clone(), source), PySpan { is, depth: 0 })
}

/// Every span of this kind is as is said after it.
#[pyfunction]
pub(crate) fn every(of: PyRef<'_, PySpan>) -> PyResult<Py<PyEvery>> {
    let every = PyEvery { of: of.is.clone(), must: expect::any_span(), or_none: false, depth: of.depth };
    of_class(of.py(), PyExpectation::new(every.is(), format!("every({})", of.as_super().source)), every)
}

#[pymethods]
impl PySpan {
    /// It may have any children, also where it stands in a tree.
    fn any_children(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "any_children()", 0, SpanExpectation::any_children)
    }

    /// So many of it are there among its siblings.
    #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None))]
    fn times(
        slf: PyRef<'_, Self>,
        exactly: Option<usize>,
        at_least: Option<usize>,
        at_most: Option<usize>,
    ) -> PyResult<Py<Self>> {
        let (range, call) = match (exactly, at_least, at_most) {
            (Some(number), None, None) => (NumberRange::from(number), format!("times({number})")),
            (None, None, None) => {
                return Err(PyValueError::new_err("expected a number, or at_least and at_most"));
            }
            (None, from, to) => {
                let bounds = [("at_least", from), ("at_most", to)];
                let said: Vec<String> =
                    bounds.iter().filter_map(|(word, n)| Some(keyword(word, &(*n)?.to_string()))).collect();
                let range = NumberRange { at_least: from.unwrap_or(0), at_most: to };
                (range, format!("times({})", said.join(", ")))
            }
            _ => {
                return Err(PyValueError::new_err(
                    "a number alone means exactly so many: it goes together with no bound",
                ));
            }
        };
        if range.at_most.is_some_and(|at_most| at_most < range.at_least) {
            return Err(PyValueError::new_err(format!(
                "no number is at least {} and at most {}",
                range.at_least,
                range.at_most.unwrap_or(0)
            )));
        }
        Self::said(&slf, &call, 0, |span| span.times(range))
    }

    /// It may be there once, or not.
    fn optional(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "optional()", 0, SpanExpectation::optional)
    }

    /// It is not there, among its siblings.
    fn forbidden(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "forbidden()", 0, SpanExpectation::forbidden)
    }

    /// It stands among its siblings or anywhere below them.
    fn at_any_depth(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "at_any_depth()", 0, SpanExpectation::at_any_depth)
    }

    /// Its parent belongs to another process.
    fn is_remote_child(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "is_remote_child()", 0, SpanExpectation::is_remote_child)
    }

    /// Its parent belongs to another process, and has this id: an int, or hexadecimal digits.
    fn remote_parent(slf: PyRef<'_, Self>, span_id: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let id = match span_id.extract::<String>() {
            Ok(digits) => u64::from_str_radix(digits.trim_start_matches("0x"), 16).ok(),
            Err(_) => span_id.extract::<u64>().ok(),
        };
        let Some(id) = id else {
            return Err(PyValueError::new_err(format!("{} is no id of a span", repr(span_id)?)));
        };
        let call = format!("remote_parent({})", repr(span_id)?);
        Self::said(&slf, &call, 0, |span| span.remote_parent(SpanId::from(id)))
    }
}

#[pymethods]
impl PyEvery {
    /// Each of them is as this says, its name included, in place of what was said before.
    fn must(slf: PyRef<'_, Self>, be: PyRef<'_, PySpan>) -> PyResult<Py<Self>> {
        let call = format!("must({})", be.as_super().source);
        Self::said(&slf, &call, be.depth, |_| be.is.clone())
    }

    /// It is all right if there is none of them.
    fn or_none(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        let every = Self { of: slf.of.clone(), must: slf.must.clone(), or_none: true, depth: slf.depth };
        let base = PyExpectation::new(every.is(), format!("{}.or_none()", slf.as_super().source));
        of_class(slf.py(), base, every)
    }
}
