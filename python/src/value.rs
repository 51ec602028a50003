//! Values, from Python and to it.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use skyspan_trace::trace::Attributes;
use skyspan_trace::value::{Map, Text, Value};

/// Lists and dicts may lie so deep in one another.
const DEPTH_MAX: usize = 100;

/// A value that an attribute can have.
///
/// # Errors
///
/// `TypeError` for anything else, `ValueError` for what is nested too deep.
pub(crate) fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    at_depth(object, 0)?.ok_or_else(|| {
        let kind = object.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!(
            "expected what an attribute can be (None, bool, int, float, str, a list or dict of those), found {kind}"
        ))
    })
}

/// The value of an attribute of a span that is there. Nothing is lost: what is no value stands there by its `repr`.
pub(crate) fn of_attribute(object: &Bound<'_, PyAny>) -> Value {
    match at_depth(object, 0) {
        Ok(Some(value)) => value,
        _ => object.repr().map_or_else(|_| Value::literal("<no repr>"), |repr| Value::Str(lossy(&repr))),
    }
}

/// A value that consists of numbers, texts, lists and dicts alone; nothing for any other object.
///
/// # Errors
///
/// `ValueError` for what is nested too deep, and what an object's own `tolist` raises.
pub(crate) fn plain(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    at_depth(object, 0)
}

/// A string, with replacement characters for what UTF-8 cannot have.
pub(crate) fn lossy(text: &Bound<'_, PyString>) -> Text {
    match text.to_str() {
        Ok(text) => text.into(),
        Err(_) => text.to_string_lossy().into_owned().into(),
    }
}

/// Any object as a string.
pub(crate) fn text(object: &Bound<'_, PyAny>) -> PyResult<Text> {
    match object.cast::<PyString>() {
        Ok(text) => Ok(lossy(text)),
        Err(_) => Ok(lossy(&object.str()?)),
    }
}

fn at_depth(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Option<Value>> {
    if depth > DEPTH_MAX {
        return Err(PyValueError::new_err(format!("the value is nested deeper than {DEPTH_MAX}")));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Some(Value::Str(lossy(text))));
    }
    // A bool is an int in Python.
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Some(Value::Bool(truth.is_true())));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Some(Value::Float(number.value())));
    }
    if object.is_instance_of::<PyInt>() {
        return integer(object).map(Some);
    }
    if object.is_none() {
        return Ok(Some(Value::Null));
    }
    if object.is_instance_of::<PyTuple>() || object.is_instance_of::<PyList>() {
        let elements = object.try_iter()?.map(|element| at_depth(&element?, depth + 1));
        return elements.collect::<PyResult<Option<Vec<Value>>>>().map(|elements| elements.map(Value::from));
    }
    if let Ok(bytes) = object.cast::<PyBytes>() {
        // As OTLP's JSON has them.
        let encoded = object.py().import("base64")?.call_method1("b64encode", (bytes,))?.call_method0("decode")?;
        return text(&encoded).map(|text| Some(Value::Str(text)));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        let mut entries = Map::new();
        for item in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let Ok(key) = key.cast::<PyString>() else { return Ok(None) };
            let Some(value) = at_depth(&value, depth + 1)? else { return Ok(None) };
            entries.insert(lossy(key), value);
        }
        return Ok(Some(entries.into()));
    }
    // Scalars and arrays of numpy.
    match object.getattr_opt("tolist")? {
        Some(tolist) if tolist.is_callable() => {
            let plain = tolist.call0()?;
            if plain.get_type().is(object.get_type()) { Ok(None) } else { at_depth(&plain, depth + 1) }
        }
        _ => Ok(None),
    }
}

fn integer(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    match object.extract::<i64>() {
        Ok(number) => Ok(Value::Int(number)),
        // Python refuses to print a very long one in decimals.
        Err(_) => Ok(Value::BigInt(lossy(&object.call_method0("__repr__")?.str()?))),
    }
}

/// The attributes of a span, an event, a link or a resource, in their order. Those of an open span may change meanwhile.
pub(crate) fn attributes(object: &Bound<'_, PyAny>, may_change: bool) -> PyResult<Vec<(Text, Value)>> {
    if object.is_none() {
        return Ok(Vec::new());
    }
    let pair = |key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>| Ok((text(key)?, of_attribute(value)));
    let py = object.py();
    // The SDK's attributes keep a dict, which is looked through much quicker.
    if let Some(inner) = object.getattr_opt(pyo3::intern!(py, "_dict"))?
        && let Ok(dict) = inner.cast::<PyDict>()
    {
        let dict = if may_change { dict.copy()? } else { dict.clone() };
        return dict.iter().map(|(key, value)| pair(&key, &value)).collect();
    }
    let items = object.call_method0(pyo3::intern!(py, "items"))?;
    let mut all = Vec::new();
    for item in py.get_type::<PyList>().call1((items,))?.try_iter()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
        all.push(pair(&key, &value)?);
    }
    Ok(all)
}

/// A value for Python.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    to_python_with(py, value, &|_| None)
}

/// The same, where some texts, lists and maps stand for objects.
pub(crate) fn to_python_with<'py>(
    py: Python<'py>,
    value: &Value,
    stands_for: &impl Fn(&Value) -> Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Value::Str(_) | Value::Array(_) | Value::Map(_) = value
        && let Some(object) = stands_for(value)
    {
        return Ok(object);
    }
    Ok(match value {
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::BigInt(digits) => py.get_type::<PyInt>().call1((digits.as_str(),))?,
        Value::Float(number) => PyFloat::new(py, *number).into_any(),
        Value::Str(text) => PyString::new(py, text).into_any(),
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| to_python_with(py, element, stands_for));
            PyList::new(py, elements.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Map(map) => {
            let dict = PyDict::new(py);
            for (key, value) in map.iter() {
                dict.set_item(key.as_str(), to_python_with(py, value, stands_for)?)?;
            }
            dict.into_any()
        }
        _ => py.None().into_bound(py),
    })
}

/// Attributes for Python.
pub(crate) fn to_dict<'py>(py: Python<'py>, attributes: &Attributes) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in attributes.iter() {
        dict.set_item(key.as_str(), to_python(py, value)?)?;
    }
    Ok(dict)
}

/// Whether there is a number in a value.
pub(crate) fn has_number(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => true,
        Value::Array(elements) => elements.iter().any(has_number),
        Value::Map(map) => map.iter().any(|(_, value)| has_number(value)),
        _ => false,
    }
}

/// Equality as Python has it: of `5` and `5.0`, too. A NaN is equal to a NaN: whoever expects one means that.
pub(crate) fn are_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => left == right || (left.is_nan() && right.is_nan()),
        (Value::Int(whole), Value::Float(number)) | (Value::Float(number), Value::Int(whole)) => {
            is_whole(*number, *whole)
        }
        (Value::BigInt(digits), Value::Float(number)) | (Value::Float(number), Value::BigInt(digits)) => {
            digits.parse::<f64>().is_ok_and(|whole| whole == *number)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| are_equal(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            let has = |(key, left): (&Text, &Value)| right.get(key).is_some_and(|right| are_equal(left, right));
            left.len() == right.len() && left.iter().all(has)
        }
        (left, right) => left == right,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is in the range in which nothing is truncated")]
fn is_whole(number: f64, whole: i64) -> bool {
    number.fract() == 0.0 && (-9.2e18..9.2e18).contains(&number) && number as i64 == whole
}
