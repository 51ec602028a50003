//! How spans of one kind lie to spans of another in time: `every(...).before(some(...))`.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use skyspan_trace::expect::{self, Order, Quantified};

use crate::duration::range;
use crate::expectation::{PyExpectation, of_class};
use crate::source::{Source, repr};
use crate::span::{PyEvery, PySpan};

/// At least one of the spans of a kind. Made by `some()`.
#[pyclass(frozen, name = "Some", module = "skyspan")]
pub(crate) struct PySome {
    of: expect::SpanExpectation,
    source: Source,
}

/// At least one of the spans of this kind, where an order speaks of them.
#[pyfunction]
pub(crate) fn some(of: PyRef<'_, PySpan>) -> PySome {
    PySome { of: of.is.clone(), source: format!("some({})", of.as_super().source).into() }
}

#[pymethods]
impl PySome {
    fn __repr__(&self) -> &str {
        &self.source
    }
}

/// How spans of one kind lie to spans of another in time.
#[pyclass(frozen, extends = PyExpectation, name = "Order", module = "skyspan")]
pub(crate) struct PyOrder(Order);

impl PyOrder {
    fn new(py: Python<'_>, is: Order, source: String) -> PyResult<Py<Self>> {
        of_class(py, PyExpectation::new(is.clone(), source), Self(is))
    }
}

#[pymethods]
impl PyOrder {
    /// The time between the two is in this range.
    #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None, above = None, below = None))]
    fn by(
        slf: PyRef<'_, Self>,
        exactly: Option<&Bound<'_, PyAny>>,
        at_least: Option<&Bound<'_, PyAny>>,
        at_most: Option<&Bound<'_, PyAny>>,
        above: Option<&Bound<'_, PyAny>>,
        below: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Self>> {
        let said = range(exactly, at_least, at_most, above, below)?;
        let source = format!("{}.by({})", slf.as_super().source, said.arguments);
        Self::new(slf.py(), slf.0.clone().by(said.range), source)
    }

    /// It is all right if there is no span of the one kind, or of the other.
    fn or_none(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        let source = format!("{}.or_none()", slf.as_super().source);
        Self::new(slf.py(), slf.0.clone().or_none(), source)
    }
}

fn quantified(object: &Bound<'_, PyAny>) -> PyResult<Quantified> {
    if let Ok(every) = object.cast::<PyEvery>() {
        return Ok(every.get().is().into());
    }
    if let Ok(some) = object.cast::<PySome>() {
        return Ok(expect::some(some.get().of.clone()).into());
    }
    Err(PyTypeError::new_err(format!("expected every(...) or some(...), found {}", repr(object)?)))
}

macro_rules! orders {
    ($class:ident, |$slf:ident| $source:expr, $one:expr, $($name:ident)*) => {$(
        #[pymethods]
        impl $class {
            fn $name($slf: PyRef<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyOrder>> {
                let source = format!(concat!("{}.", stringify!($name), "({})"), $source, repr(other)?);
                PyOrder::new($slf.py(), $one.$name(quantified(other)?), source)
            }
        }
    )*};
}

orders! { PyEvery, |slf| slf.as_super().source, slf.is(), before starts_before ends_before within overlaps apart_from }
orders! { PySome, |slf| slf.source, expect::some(slf.of.clone()),
    before starts_before ends_before within overlaps apart_from
}
