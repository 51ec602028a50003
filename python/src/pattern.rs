//! What a name or a value may be: values, globs, regular expressions, ranges, choices, JSON, callables.

use std::fmt;
use std::ops::Bound as Limit;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use skyspan_trace::expect::{self, Expected, NamePattern, Regex, ValuePattern, ValueType};
use skyspan_trace::value::{Text, Value};

use crate::checking::{has_raised, raised};
use crate::source::{Source, call, keyword, repr};
use crate::value::{are_equal, from_python, has_number, lossy, to_python};

/// What a value, or a name, may be.
#[pyclass(frozen, name = "Pattern", module = "skyspan")]
pub(crate) struct PyPattern {
    value: Expected,
    /// The same for names, if it can be one.
    name: Option<NamePattern>,
    source: Source,
}

#[pymethods]
impl PyPattern {
    fn __repr__(&self) -> &str {
        &self.source
    }

    fn __str__(&self) -> String {
        self.value.to_string()
    }

    /// Whether a value is as this says.
    fn matches(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let value = from_python(value)?;
        crate::checking::checking(py, || self.value.matches(&value))
    }
}

/// A text with `*` for any characters.
#[pyfunction]
pub(crate) fn glob(pattern: &str) -> PyPattern {
    let glob = expect::glob(pattern);
    PyPattern { value: glob.clone().into(), name: Some(glob.into()), source: call("glob", [Value::from(pattern)]) }
}

/// A regular expression, found anywhere unless `^` and `$` say where.
#[pyfunction]
pub(crate) fn regex(pattern: &str) -> PyResult<PyPattern> {
    let regex: Regex = pattern.parse().map_err(|error| PyValueError::new_err(format!("{error}")))?;
    Ok(PyPattern {
        value: regex.clone().into(),
        name: Some(regex.into()),
        source: call("regex", [Value::from(pattern)]),
    })
}

/// Any value, and any name.
#[pyfunction]
pub(crate) fn anything() -> PyPattern {
    PyPattern { value: expect::any().into(), name: Some(NamePattern::Any), source: "anything()".into() }
}

/// A number in a range.
#[pyfunction]
#[pyo3(signature = (at_least = None, at_most = None, *, above = None, below = None))]
pub(crate) fn between(
    at_least: Option<f64>,
    at_most: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
) -> PyResult<PyPattern> {
    let bounds = [at_least, at_most, above, below];
    if bounds.iter().flatten().any(|bound| bound.is_nan()) {
        return Err(PyValueError::new_err("a bound of a range is NaN, which is neither above nor below anything"));
    }
    let from = bound("at_least", at_least, "above", above)?;
    let to = bound("at_most", at_most, "below", below)?;
    let said = [("at_least", at_least), ("at_most", at_most), ("above", above), ("below", below)];
    let said: Vec<String> = said
        .into_iter()
        .filter_map(|(word, bound)| Some(keyword(word, &skyspan_trace::value::repr(&Value::Float(bound?)))))
        .collect();
    Ok(PyPattern {
        value: expect::between((from, to)).into(),
        name: None,
        source: format!("between({})", said.join(", ")).into(),
    })
}

/// The one bound of two that was said.
pub(crate) fn bound<T>(closed_word: &str, closed: Option<T>, open_word: &str, open: Option<T>) -> PyResult<Limit<T>> {
    match (closed, open) {
        (None, None) => Ok(Limit::Unbounded),
        (Some(bound), None) => Ok(Limit::Included(bound)),
        (None, Some(bound)) => Ok(Limit::Excluded(bound)),
        (Some(_), Some(_)) => Err(PyValueError::new_err(format!("{closed_word} and {open_word} exclude each other"))),
    }
}

/// One of several values or patterns.
#[pyfunction]
#[pyo3(signature = (*choices))]
pub(crate) fn one_of(choices: &Bound<'_, PyTuple>) -> PyResult<PyPattern> {
    if choices.is_empty() {
        return Err(PyValueError::new_err("one_of() of nothing is met by no value: name the choices"));
    }
    let expected = choices.iter().map(|choice| expected(&choice)).collect::<PyResult<Vec<_>>>()?;
    let said = choices.iter().map(|choice| repr(&choice)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyPattern {
        value: expect::one_of(expected).into(),
        name: None,
        source: format!("one_of({})", said.join(", ")).into(),
    })
}

/// Any value but this.
#[pyfunction]
#[pyo3(signature = (value, /))]
pub(crate) fn other_than(value: &Bound<'_, PyAny>) -> PyResult<PyPattern> {
    Ok(PyPattern {
        value: expect::other_than(expected(value)?).into(),
        name: None,
        source: format!("other_than({})", repr(value)?).into(),
    })
}

/// A value of a type, of which more may be said.
#[pyfunction]
#[pyo3(signature = (of, value = None, /))]
pub(crate) fn of_type(of: &Bound<'_, PyAny>, value: Option<&Bound<'_, PyAny>>) -> PyResult<PyPattern> {
    let of_value = value_type(of)?;
    let mut pattern = expect::of_type(of_value);
    // A class is written as its name, where it has one.
    let written = match of_value {
        ValueType::Bool | ValueType::Int | ValueType::Float | ValueType::Str => of_value.name().to_owned(),
        _ => repr_text(of_value.name()),
    };
    let mut source = format!("of_type({written}");
    if let Some(value) = value {
        pattern = pattern.and(expected(value)?);
        source += &format!(", {}", repr(value)?);
    }
    source.push(')');
    Ok(PyPattern { value: pattern.into(), name: None, source: source.into() })
}

/// The type that a class of Python, or the name of a type as check files have it, stands for.
fn value_type(of: &Bound<'_, PyAny>) -> PyResult<ValueType> {
    let py = of.py();
    if let Ok(name) = of.cast::<PyString>() {
        let name = lossy(name);
        let names: Vec<&str> = ValueType::ALL.iter().map(|of| of.name()).collect();
        let found = ValueType::ALL.into_iter().find(|of| name == of.name());
        return found.ok_or_else(|| {
            PyValueError::new_err(format!("expected one of {} as a type, found {}", names.join(", "), repr_text(&name)))
        });
    }
    let classes = [
        (py.get_type::<PyBool>(), ValueType::Bool),
        (py.get_type::<PyInt>(), ValueType::Int),
        (py.get_type::<PyFloat>(), ValueType::Float),
        (py.get_type::<PyString>(), ValueType::Str),
        (py.get_type::<PyList>(), ValueType::List),
        (py.get_type::<PyTuple>(), ValueType::List),
        (py.get_type::<PyDict>(), ValueType::Map),
        (py.None().bind(py).get_type(), ValueType::Null),
    ];
    let found = classes.into_iter().find(|(class, _)| of.is(class));
    found.map(|(_, of)| of).ok_or_else(|| {
        let wanted = "expected bool, int, float, str, list, dict, type(None), or the name of a type";
        PyTypeError::new_err(format!("{wanted}, found {}", repr(of).unwrap_or_default()))
    })
}

/// A value for which a callable says so.
#[pyfunction]
pub(crate) fn value_that(description: &str, condition: &Bound<'_, PyAny>) -> PyResult<PyPattern> {
    if !condition.is_callable() {
        return Err(PyTypeError::new_err(format!("expected a callable for the condition, found {}", repr(condition)?)));
    }
    Ok(PyPattern {
        value: asked(description.into(), condition),
        name: None,
        source: format!("value_that({}, {})", repr_text(description), repr(condition)?).into(),
    })
}

/// A string that is JSON, of which more may be said.
#[pyfunction]
#[pyo3(signature = (**said))]
pub(crate) fn json(said: Option<&Bound<'_, PyDict>>) -> PyResult<PyPattern> {
    let mut json = expect::json();
    let mut words = Vec::new();
    for (key, value) in said.into_iter().flat_map(|said| said.iter()) {
        let key: String = key.extract()?;
        words.push(keyword(&key, &repr(&value)?));
        match key.as_str() {
            "equal_to" => json = json.is(from_python(&value)?),
            "having" => {
                let parts = value.cast::<PyDict>().map_err(|_| {
                    PyTypeError::new_err("having takes a dict from paths to what stands there, such as {\"a.b.0\": 5}")
                })?;
                for (path, part) in parts.iter() {
                    json = json.with(path.extract::<String>()?, expected(&part)?);
                }
            }
            "without" => {
                for path in paths(&value)? {
                    json = json.without(path);
                }
            }
            other => {
                return Err(PyTypeError::new_err(format!(
                    "json() takes equal_to, having and without, not {}",
                    repr_text(other)
                )));
            }
        }
    }
    Ok(PyPattern { value: json.into(), name: None, source: format!("json({})", words.join(", ")).into() })
}

fn paths(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    match value.cast::<PyString>() {
        Ok(one) => Ok(vec![one.extract()?]),
        Err(_) => value.extract(),
    }
}

pub(crate) fn repr_text(text: &str) -> String {
    skyspan_trace::value::repr_str(text)
}

/// What a value must be: a value, a pattern, a regular expression of `re`, a callable, or anything that says with `==`.
///
/// # Errors
///
/// `TypeError` for what is none of these, `ValueError` for a regular expression that is none here.
pub(crate) fn expected(object: &Bound<'_, PyAny>) -> PyResult<Expected> {
    if let Ok(pattern) = object.cast::<PyPattern>() {
        return Ok(pattern.get().value.clone());
    }
    if let Some(regex) = compiled(object)? {
        return Ok(regex.into());
    }
    match from_python(object) {
        Ok(value) if has_number(&value) => Ok(Expected::pattern(ByValue(value))),
        Ok(value) => Ok(Expected::Equal(value)),
        Err(error) if error.is_instance_of::<PyTypeError>(object.py()) => by_python(object, error),
        Err(error) => Err(error),
    }
}

/// What only Python can compare.
fn by_python(object: &Bound<'_, PyAny>, error: PyErr) -> PyResult<Expected> {
    let py = object.py();
    let own = object.get_type().getattr("__eq__")?;
    let is_class = object.is_instance_of::<PyType>();
    let plain = if is_class { py.get_type::<PyType>() } else { py.get_type::<PyAny>() };
    let says_with_eq = !own.is(&plain.getattr("__eq__")?);
    // Functions and methods have an `==` of their own, which says nothing of values.
    if object.is_callable() && !is_class {
        return Ok(asked(what_it_is(object)?, object));
    }
    if says_with_eq {
        return Ok(Expected::pattern(ByEq { repr: repr(object)?, object: object.clone().unbind() }));
    }
    Err(error)
}

/// What a callable demands, as far as one can say.
fn what_it_is(callable: &Bound<'_, PyAny>) -> PyResult<Text> {
    let name = match callable.getattr_opt("__qualname__")? {
        Some(name) => name.extract::<String>()?,
        None => repr(callable)?,
    };
    let name = name.rsplit("<locals>.").next().unwrap_or(&name).to_owned();
    let line = match callable.getattr_opt("__code__")? {
        Some(code) => {
            let file: String = code.getattr("co_filename")?.extract()?;
            let file = file.rsplit(['/', '\\']).next().unwrap_or(&file).to_owned();
            format!(" ({file}:{})", code.getattr("co_firstlineno")?)
        }
        None => String::new(),
    };
    Ok(format!("{name} accepts{line}").into())
}

fn asked(description: Text, condition: &Bound<'_, PyAny>) -> Expected {
    let condition = condition.clone().unbind();
    expect::value_that(description, move |value| {
        truth_of(|py| condition.bind(py).call1((to_python(py, value)?,))?.is_truthy())
    })
    .into()
}

/// What Python says; false, and the error noted, where it raises.
pub(crate) fn truth_of(ask: impl FnOnce(Python<'_>) -> PyResult<bool>) -> bool {
    // After an error the check is as good as over.
    !has_raised()
        && Python::attach(|py| {
            ask(py).unwrap_or_else(|error| {
                raised(error);
                false
            })
        })
}

/// A regular expression of Python's `re`, by its pattern and flags.
fn compiled(object: &Bound<'_, PyAny>) -> PyResult<Option<Regex>> {
    let py = object.py();
    if !object.is_instance(&py.import("re")?.getattr("Pattern")?)? {
        return Ok(None);
    }
    let pattern = object.getattr("pattern")?;
    let Ok(pattern) = pattern.cast::<PyString>() else {
        return Err(PyTypeError::new_err("a regular expression of bytes is found in no text"));
    };
    let flags: u32 = object.getattr("flags")?.extract()?;
    // re.IGNORECASE, re.MULTILINE, re.DOTALL, re.VERBOSE.
    let letters: String = [(2, 'i'), (8, 'm'), (16, 's'), (64, 'x')]
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, c)| *c)
        .collect();
    let pattern = lossy(pattern);
    let whole = if letters.is_empty() { pattern.to_string() } else { format!("(?{letters}){pattern}") };
    let regex: Regex = whole.parse().map_err(|error| {
        PyValueError::new_err(format!("{error}; look-around and references to groups are not known here"))
    })?;
    Ok(Some(regex))
}

/// What a name must be: a name, a pattern, a regular expression of `re`; any if nothing is said.
///
/// # Errors
///
/// `TypeError` for anything else.
pub(crate) fn name_pattern(object: Option<&Bound<'_, PyAny>>) -> PyResult<NamePattern> {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(NamePattern::Any) };
    if let Ok(name) = object.cast::<PyString>() {
        return Ok(lossy(name).into());
    }
    if let Ok(pattern) = object.cast::<PyPattern>()
        && let Some(name) = &pattern.get().name
    {
        return Ok(name.clone());
    }
    if let Some(regex) = compiled(object)? {
        return Ok(regex.into());
    }
    Err(PyTypeError::new_err(format!(
        "expected a name: a str, glob(), regex(), anything() or a compiled regular expression, found {}",
        repr(object)?
    )))
}

/// A value with numbers, which are equal as they are in Python: `5` and `5.0`.
#[derive(Debug)]
struct ByValue(Value);

impl ValuePattern for ByValue {
    fn matches(&self, value: &Value) -> bool {
        are_equal(&self.0, value)
    }
}

impl fmt::Display for ByValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Expected::Equal(self.0.clone()).fmt(f)
    }
}

/// An object that says with `==` whether a value is as expected: `pytest.approx`, `unittest.mock.ANY`, a list with such in it.
struct ByEq {
    object: Py<PyAny>,
    repr: String,
}

impl ValuePattern for ByEq {
    fn matches(&self, value: &Value) -> bool {
        truth_of(|py| self.object.bind(py).eq(to_python(py, value)?))
    }
}

impl fmt::Display for ByEq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr)
    }
}

impl fmt::Debug for ByEq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr)
    }
}
