//! What is measured over several spans: `total(...)`, `median(...)`, `share(...)`, `at_once(...)`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan_trace::expect::{
    self, AtOnceOf, Expectation, Measure, MeasureOf, Share, ShareOf, SharePart, Total, TotalOf,
};

use crate::duration::{duration, range};
use crate::expectation::{PyExpectation, of_class};
use crate::pattern::bound;
use crate::source::{Source, keyword, repr};
use crate::span::PySpan;

/// An expectation that may go without any span. Made by the words of a total, a measure or a share.
#[pyclass(frozen, extends = PyExpectation, name = "Measured", module = "skyspan")]
pub(crate) struct PyMeasured(Measured);

#[derive(Clone)]
enum Measured {
    Total(Total),
    Measure(Measure),
    Share(Share),
}

impl PyMeasured {
    fn new(py: Python<'_>, is: Measured, source: String) -> PyResult<Py<Self>> {
        let base = match is.clone() {
            Measured::Total(is) => base(is, source),
            Measured::Measure(is) => base(is, source),
            Measured::Share(is) => base(is, source),
        };
        of_class(py, base, Self(is))
    }
}

fn base(is: impl Expectation + Send + Sync + 'static, source: String) -> PyExpectation {
    PyExpectation::new(is, source)
}

#[pymethods]
impl PyMeasured {
    /// It is all right if there is no such span.
    fn or_none(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        let is = match slf.0.clone() {
            Measured::Total(is) => Measured::Total(is.or_none()),
            Measured::Measure(is) => Measured::Measure(is.or_none()),
            Measured::Share(is) => Measured::Share(is.or_none()),
        };
        Self::new(slf.py(), is, format!("{}.or_none()", slf.as_super().source))
    }
}

/// How long all spans of a kind take together. Made by `total()`.
#[pyclass(frozen, name = "Total", module = "skyspan")]
pub(crate) struct PyTotal {
    of: TotalOf,
    source: Source,
}

/// How long all spans of this kind take together.
#[pyfunction]
pub(crate) fn total(of: PyRef<'_, PySpan>) -> PyTotal {
    PyTotal { of: expect::total(of.is.clone()), source: format!("total({})", of.as_super().source).into() }
}

/// A time of several spans. Made by `median()`, `percentile()` and `total_self_time()`.
#[pyclass(frozen, name = "Measure", module = "skyspan")]
pub(crate) struct PyMeasure {
    of: MeasureOf,
    source: Source,
}

/// The median of how long spans of this kind take.
#[pyfunction]
pub(crate) fn median(of: PyRef<'_, PySpan>) -> PyMeasure {
    PyMeasure { of: expect::median(of.is.clone()), source: format!("median({})", of.as_super().source).into() }
}

/// How long all but so few spans of this kind take at most.
#[pyfunction]
pub(crate) fn percentile(percent: f64, of: PyRef<'_, PySpan>) -> PyResult<PyMeasure> {
    if !(0.0..=100.0).contains(&percent) {
        return Err(PyValueError::new_err(format!("expected a percentile from 0 to 100, found {percent}")));
    }
    Ok(PyMeasure {
        of: expect::percentile(percent, of.is.clone()),
        source: format!("percentile({percent}, {})", of.as_super().source).into(),
    })
}

/// How long spans of this kind take together, without the time of their children.
#[pyfunction]
pub(crate) fn total_self_time(of: PyRef<'_, PySpan>) -> PyMeasure {
    let source = format!("total_self_time({})", of.as_super().source).into();
    PyMeasure { of: expect::total_self_time(of.is.clone()), source }
}

macro_rules! durations {
    ($class:ident, $kind:ident) => {
        #[pymethods]
        impl $class {
            /// It is at most so long.
            fn at_most(&self, py: Python<'_>, duration: &Bound<'_, PyAny>) -> PyResult<Py<PyMeasured>> {
                let is = Measured::$kind(self.of.clone().at_most(self::duration(duration)?));
                PyMeasured::new(py, is, format!("{}.at_most({})", self.source, repr(duration)?))
            }

            /// It is exactly so long.
            fn exactly(&self, py: Python<'_>, duration: &Bound<'_, PyAny>) -> PyResult<Py<PyMeasured>> {
                let is = Measured::$kind(self.of.clone().exactly(self::duration(duration)?));
                PyMeasured::new(py, is, format!("{}.exactly({})", self.source, repr(duration)?))
            }

            /// It is in this range.
            #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None, above = None, below = None))]
            fn within(
                &self,
                py: Python<'_>,
                exactly: Option<&Bound<'_, PyAny>>,
                at_least: Option<&Bound<'_, PyAny>>,
                at_most: Option<&Bound<'_, PyAny>>,
                above: Option<&Bound<'_, PyAny>>,
                below: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<PyMeasured>> {
                let said = range(exactly, at_least, at_most, above, below)?;
                let is = Measured::$kind(self.of.clone().within(said.range));
                PyMeasured::new(py, is, format!("{}.within({})", self.source, said.arguments))
            }

            fn __repr__(&self) -> &str {
                &self.source
            }
        }
    };
}

durations!(PyTotal, Total);
durations!(PyMeasure, Measure);

/// The spans whose share is meant. Made by `share()`.
#[pyclass(frozen, name = "SharePart", module = "skyspan")]
pub(crate) struct PySharePart {
    part: SharePart,
    source: Source,
}

/// The share of spans of this kind in the time of others.
#[pyfunction]
pub(crate) fn share(part: PyRef<'_, PySpan>) -> PySharePart {
    PySharePart { part: expect::share(part.is.clone()), source: format!("share({})", part.as_super().source).into() }
}

#[pymethods]
impl PySharePart {
    /// Of the time of these.
    fn of(&self, whole: PyRef<'_, PySpan>) -> PyShare {
        let source = format!("{}.of({})", self.source, whole.as_super().source).into();
        PyShare { of: self.part.clone().of(whole.is.clone()), source }
    }

    fn __repr__(&self) -> &str {
        &self.source
    }
}

/// A share of the time of spans. Made by `share(...).of(...)`.
#[pyclass(frozen, name = "Share", module = "skyspan")]
pub(crate) struct PyShare {
    of: ShareOf,
    source: Source,
}

fn number(share: f64) -> PyResult<f64> {
    if share.is_finite() && share >= 0.0 {
        Ok(share)
    } else {
        Err(PyValueError::new_err(format!("expected a share such as 0.5 for a half, found {share}")))
    }
}

#[pymethods]
impl PyShare {
    /// It is at most so much; 0.5 is a half.
    fn at_most(&self, py: Python<'_>, share: f64) -> PyResult<Py<PyMeasured>> {
        let is = Measured::Share(self.of.clone().at_most(number(share)?));
        PyMeasured::new(py, is, format!("{}.at_most({share:?})", self.source))
    }

    /// It is at least so much; 0.5 is a half.
    fn at_least(&self, py: Python<'_>, share: f64) -> PyResult<Py<PyMeasured>> {
        let is = Measured::Share(self.of.clone().at_least(number(share)?));
        PyMeasured::new(py, is, format!("{}.at_least({share:?})", self.source))
    }

    /// It is in this range.
    #[pyo3(signature = (*, at_least = None, at_most = None, above = None, below = None))]
    fn within(
        &self,
        py: Python<'_>,
        at_least: Option<f64>,
        at_most: Option<f64>,
        above: Option<f64>,
        below: Option<f64>,
    ) -> PyResult<Py<PyMeasured>> {
        let bounds = [("at_least", at_least), ("at_most", at_most), ("above", above), ("below", below)];
        let mut said = Vec::new();
        for (word, share) in bounds {
            if let Some(share) = share {
                said.push(keyword(word, &format!("{:?}", number(share)?)));
            }
        }
        if said.is_empty() {
            return Err(PyValueError::new_err("expected at_least, at_most, above or below"));
        }
        let from = bound("at_least", at_least, "above", above)?;
        let to = bound("at_most", at_most, "below", below)?;
        let is = Measured::Share(self.of.clone().within((from, to)));
        PyMeasured::new(py, is, format!("{}.within({})", self.source, said.join(", ")))
    }

    fn __repr__(&self) -> &str {
        &self.source
    }
}

/// How many spans of a kind are under way together. Made by `at_once()`.
#[pyclass(frozen, name = "AtOnce", module = "skyspan")]
pub(crate) struct PyAtOnce {
    of: AtOnceOf,
    source: Source,
}

/// How many spans of this kind are under way together, when most of them are.
#[pyfunction]
pub(crate) fn at_once(of: PyRef<'_, PySpan>) -> PyAtOnce {
    PyAtOnce { of: expect::at_once(of.is.clone()), source: format!("at_once({})", of.as_super().source).into() }
}

#[pymethods]
impl PyAtOnce {
    /// At most so many.
    fn at_most(&self, count: usize) -> PyExpectation {
        base(self.of.clone().at_most(count), format!("{}.at_most({count})", self.source))
    }

    /// At least so many.
    fn at_least(&self, count: usize) -> PyExpectation {
        base(self.of.clone().at_least(count), format!("{}.at_least({count})", self.source))
    }

    /// So many.
    fn exactly(&self, count: usize) -> PyExpectation {
        base(self.of.clone().exactly(count), format!("{}.exactly({count})", self.source))
    }

    fn __repr__(&self) -> &str {
        &self.source
    }
}
