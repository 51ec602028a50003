//! The shape of a trace: the text that stays the same from run to run.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use skyspan_trace::expect::{NamePattern, Shape};
use skyspan_trace::trace::Trace;

use crate::pattern::{expected, name_pattern};

/// How a shape is made.
#[derive(FromPyObject)]
pub(crate) struct Rules<'py> {
    pub(crate) times: bool,
    pub(crate) ordered: bool,
    pub(crate) volatile: bool,
    pub(crate) without: Vec<Bound<'py, PyAny>>,
    pub(crate) replace: Option<Bound<'py, PyDict>>,
}

impl Rules<'_> {
    /// The shape of a trace by these rules.
    ///
    /// # Errors
    ///
    /// `TypeError` or `ValueError` for a key or pattern that is none.
    pub(crate) fn shape<'t>(&self, trace: &'t Trace) -> PyResult<Shape<'t>> {
        let mut shape = Shape::of(trace);
        if !self.times {
            shape = shape.without_times();
        }
        shape = if self.ordered { shape.ordered() } else { shape.unordered() };
        if self.volatile {
            shape = shape.keep_volatile();
        }
        for key in &self.without {
            shape = shape.without_key(name_pattern(Some(key))?);
        }
        for (of, by) in self.replace.iter().flat_map(|replace| replace.iter()) {
            let by: String =
                by.extract().map_err(|_| PyValueError::new_err("what is put in place of a value is a str"))?;
            // A key, as it is written most, or any pattern of a value.
            shape = match of.cast::<PyString>() {
                Ok(key) => shape.replace_key(NamePattern::from(key.to_string_lossy().into_owned()), by),
                Err(_) => shape.replace_value(expected(&of)?, by),
            };
        }
        Ok(shape)
    }
}
