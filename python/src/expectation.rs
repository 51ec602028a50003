//! `Expectation`: what a trace can be held against, whatever it says.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pyclass::PyClass;
use pyo3::types::PyTuple;
use skyspan_trace::expect::{self, Conditional, Expectation, Number};

use crate::source::{Source, repr};
use crate::span::{PySpan, span_depth};

/// An expectation that is shared.
pub(crate) type Shared = Arc<dyn Expectation + Send + Sync>;

/// What a trace must be.
#[pyclass(frozen, subclass, name = "Expectation", module = "skyspan")]
pub(crate) struct PyExpectation {
    pub(crate) is: Shared,
    pub(crate) source: Source,
}

impl PyExpectation {
    pub(crate) fn new(is: impl Expectation + Send + Sync + 'static, source: impl Into<Source>) -> Self {
        Self { is: Arc::new(is), source: source.into() }
    }
}

/// A Python object of a class that is an expectation and knows more.
pub(crate) fn of_class<C>(py: Python<'_>, base: PyExpectation, own: C) -> PyResult<Py<C>>
where
    C: PyClass<BaseType = PyExpectation>,
{
    Py::new(py, pyo3::PyClassInitializer::from(base).add_subclass(own))
}

#[pymethods]
impl PyExpectation {
    /// The same with a clue that the report shows.
    fn because(&self, clue: &str) -> Self {
        let source = format!("{}.because({})", self.source, crate::pattern::repr_text(clue));
        Self::new(Arc::clone(&self.is).because(clue.to_owned()), source)
    }

    fn __repr__(&self) -> &str {
        &self.source
    }

    /// The expectation in words.
    fn __str__(&self) -> String {
        self.is.to_string()
    }
}

/// Any expectation.
///
/// # Errors
///
/// `TypeError` for anything else, with what to do where that is known.
pub(crate) fn shared(object: &Bound<'_, PyAny>) -> PyResult<Shared> {
    if let Ok(expectation) = object.cast::<PyExpectation>() {
        return Ok(Arc::clone(&expectation.get().is));
    }
    let name = object.get_type().name()?.to_string();
    Err(PyTypeError::new_err(match name.as_str() {
        "Some" => {
            format!("{} alone expects nothing: say how they lie to others, or use at_least(1, ...)", repr(object)?)
        }
        "Total" | "Measure" | "Share" | "AtOnce" => {
            format!(
                "{} alone expects nothing: say .at_most(...), .at_least(...), .within(...) or .exactly(...)",
                repr(object)?
            )
        }
        _ => format!("expected an expectation such as one(span(...)), found {}", repr(object)?),
    }))
}

/// All expectations as one: whatever is wrong by any of them is in one report.
///
/// # Errors
///
/// `TypeError` if there is none, or something else is among them.
pub(crate) fn joined(expectations: &Bound<'_, PyTuple>) -> PyResult<Shared> {
    match expectations.len() {
        0 => Err(PyTypeError::new_err("expected at least one expectation, such as one(span(...)); found none")),
        1 => shared(&expectations.get_item(0)?),
        _ => {
            let all = expectations.iter().map(|one| shared(&one)).collect::<PyResult<Vec<_>>>()?;
            Ok(Arc::new(expect::all(all)))
        }
    }
}

/// All of these, in one report.
#[pyfunction]
#[pyo3(signature = (*expectations))]
pub(crate) fn all_of(expectations: &Bound<'_, PyTuple>) -> PyResult<PyExpectation> {
    let source = format!("all_of({})", crate::source::reprs(expectations.iter())?);
    Ok(PyExpectation { is: joined(expectations)?, source: source.into() })
}

fn number(word: &str, number: Option<usize>, of: &PyRef<'_, PySpan>, is: Number) -> PyExpectation {
    let of = &of.as_super().source;
    let source = match number {
        Some(number) => format!("{word}({number}, {of})"),
        None => format!("{word}({of})"),
    };
    PyExpectation::new(is, source)
}

/// There is exactly one such span.
#[pyfunction]
pub(crate) fn one(of: PyRef<'_, PySpan>) -> PyExpectation {
    number("one", None, &of, expect::one(of.is.clone()))
}

/// There is no such span.
#[pyfunction]
pub(crate) fn none(of: PyRef<'_, PySpan>) -> PyExpectation {
    number("none", None, &of, expect::none(of.is.clone()))
}

/// There are exactly so many such spans.
#[pyfunction]
pub(crate) fn exactly(count: usize, of: PyRef<'_, PySpan>) -> PyExpectation {
    number("exactly", Some(count), &of, expect::exactly(count, of.is.clone()))
}

/// There are so many such spans, or more.
#[pyfunction]
pub(crate) fn at_least(count: usize, of: PyRef<'_, PySpan>) -> PyExpectation {
    number("at_least", Some(count), &of, expect::at_least(count, of.is.clone()))
}

/// There are so many such spans, or fewer.
#[pyfunction]
pub(crate) fn at_most(count: usize, of: PyRef<'_, PySpan>) -> PyExpectation {
    number("at_most", Some(count), &of, expect::at_most(count).of(of.is.clone()))
}

/// What must hold if there is any such span. Made by `if_any()`.
#[pyclass(frozen, name = "If", module = "skyspan")]
pub(crate) struct PyIf {
    condition: expect::SpanExpectation,
    source: Source,
}

/// If there is any such span, `then(...)` holds.
#[pyfunction]
pub(crate) fn if_any(condition: PyRef<'_, PySpan>) -> PyIf {
    PyIf { condition: condition.is.clone(), source: format!("if_any({})", condition.as_super().source).into() }
}

#[pymethods]
impl PyIf {
    /// What holds then.
    fn then(&self, expectation: &Bound<'_, PyAny>) -> PyResult<PyExpectation> {
        let source = format!("{}.then({})", self.source, repr(expectation)?);
        let then: Conditional<Shared> = expect::if_any(self.condition.clone()).then(shared(expectation)?);
        Ok(PyExpectation::new(then, source))
    }

    fn __repr__(&self) -> &str {
        &self.source
    }
}

/// The trees that make up a trace, and no others. Made by `forest()` and `tree()`.
#[pyclass(frozen, extends = PyExpectation, name = "Forest", module = "skyspan")]
pub(crate) struct PyForest(pub(crate) expect::ForestExpectation);

/// These trees are the trace, and nothing else is in it.
#[pyfunction]
pub(crate) fn forest(py: Python<'_>, trees: Vec<PyRef<'_, PySpan>>) -> PyResult<Py<PyForest>> {
    span_depth(trees.iter().map(|tree| tree.depth + 1))?;
    let sources: Vec<&str> = trees.iter().map(|tree| &*tree.as_super().source).collect();
    let source = format!("forest([{}])", sources.join(", "));
    let is = expect::forest(trees.iter().map(|tree| tree.is.clone()));
    of_class(py, PyExpectation::new(is.clone(), source), PyForest(is))
}

/// The trees of a text that is close to a drawn tree.
#[pyfunction]
pub(crate) fn tree(py: Python<'_>, text: &str) -> PyResult<Py<PyForest>> {
    let is = parsed_tree(text)?;
    let source = if text.contains('\n') && !text.contains('\\') && !text.contains("\"\"\"") {
        format!("tree(\"\"\"{text}\"\"\")")
    } else {
        format!("tree({})", crate::pattern::repr_text(text))
    };
    of_class(py, PyExpectation::new(is.clone(), source), PyForest(is))
}

/// The trees of a text.
///
/// # Errors
///
/// `ValueError` with line, column and a mark below the place.
pub(crate) fn parsed_tree(text: &str) -> PyResult<expect::ForestExpectation> {
    expect::ForestExpectation::parse(text)
        .map_err(|error| pyo3::exceptions::PyValueError::new_err(format!("the text is no tree: {error}")))
}

#[pymethods]
impl PyForest {
    /// Other trees may be there as well.
    fn or_more(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::changed(&slf, ".or_more()", slf.0.clone().or_more())
    }

    /// The trees come in this order.
    fn in_order(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::changed(&slf, ".in_order()", slf.0.clone().in_order())
    }
}

impl PyForest {
    fn changed(slf: &PyRef<'_, Self>, call: &str, is: expect::ForestExpectation) -> PyResult<Py<Self>> {
        let source = format!("{}{call}", slf.as_super().source);
        of_class(slf.py(), PyExpectation::new(is.clone(), source), Self(is))
    }
}
