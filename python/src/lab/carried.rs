//! What Rust has no value for: it travels through the engine by its `repr`, or as a list, and comes back as the object that it was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use skyspan::value::{Map, Text, Value};

use crate::value::{of_attribute, plain, text, to_python_with};

/// Lists and dicts may lie so deep in one another.
const DEPTH_MAX: usize = 100;

/// The objects that are on their way, by the place in memory of the value that stands for them. The value is kept, or another might
/// be in its place. An object is forgotten when nobody else has its value any more: no message, no document, no device.
#[derive(Default)]
pub(crate) struct Carried(Mutex<Ways>);

#[derive(Default)]
struct Ways {
    objects: HashMap<usize, (Value, Py<PyAny>)>,
    /// When there are so many, those are looked for that nobody else has.
    sweep_at: usize,
}

/// So few are not worth a look.
const SWEEP_MIN: usize = 256;

/// Whether somebody else has a value, too.
fn is_held(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.owners().is_some_and(|owners| owners > 1),
        Value::Array(elements) => Arc::strong_count(elements) > 1,
        Value::Map(map) => Arc::strong_count(map) > 1,
        _ => false,
    }
}

/// Where a value has what it consists of; a text only if it was made to stand in one place, and an empty list in none of its own.
fn place(value: &Value) -> Option<usize> {
    match value {
        Value::Str(text) => text.place(),
        Value::Array(elements) if !elements.is_empty() => Some(elements.as_ptr() as usize),
        Value::Map(map) => Some(Arc::as_ptr(map) as usize),
        _ => None,
    }
}

impl Carried {
    /// A value for any object. What is no number, text, list or dict stands there by its `repr`.
    ///
    /// # Errors
    ///
    /// `ValueError` for what is nested too deep.
    pub(crate) fn value(&self, object: &Bound<'_, PyAny>) -> PyResult<Value> {
        self.at_depth(object, 0)
    }

    /// The same; what is not one of Python's own numbers and texts comes back as the object that it was.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn argument(&self, object: &Bound<'_, PyAny>) -> PyResult<Value> {
        let value = self.at_depth(object, 0)?;
        self.carry(&value, object);
        Ok(value)
    }

    fn at_depth(&self, object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
        if let Some(value) = plain(object)? {
            return Ok(value);
        }
        if depth > DEPTH_MAX {
            return Err(pyo3::exceptions::PyValueError::new_err(format!(
                "the value is nested deeper than {DEPTH_MAX}"
            )));
        }
        if object.is_instance_of::<PyTuple>() || object.is_instance_of::<PyList>() {
            let elements = object.try_iter()?.map(|element| self.at_depth(&element?, depth + 1));
            return Ok(Value::from(elements.collect::<PyResult<Vec<_>>>()?));
        }
        if let Ok(dict) = object.cast::<PyDict>() {
            let entries = dict.iter().map(|(key, value)| Ok((text(&key)?, self.at_depth(&value, depth + 1)?)));
            return Ok(entries.collect::<PyResult<Map>>()?.into());
        }
        // It has no value of its own: an object, a function.
        let value = match of_attribute(object) {
            Value::Str(repr) => Value::Str(Text::in_one_place(&repr)),
            other => other,
        };
        self.carry(&value, object);
        Ok(value)
    }

    fn carry(&self, value: &Value, object: &Bound<'_, PyAny>) {
        let Some(place) = place(value) else { return };
        let (before, sweeps) = {
            let mut ways = self.lock();
            let before = ways.objects.insert(place, (value.clone(), object.clone().unbind()));
            (before, ways.objects.len() >= ways.sweep_at.max(SWEEP_MIN))
        };
        // What is forgotten may call Python.
        drop(before);
        if sweeps {
            self.forget();
        }
    }

    /// Forgets the objects whose values nobody else has; and then those that these held.
    pub(crate) fn forget(&self) {
        loop {
            let forgotten: Vec<_> = {
                let mut ways = self.lock();
                let forgotten = ways.objects.extract_if(|_, (value, _)| !is_held(value)).collect();
                ways.sweep_at = 2 * ways.objects.len();
                forgotten
            };
            if forgotten.is_empty() {
                return;
            }
        }
    }

    /// The keyword arguments of a call, as a map.
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value).
    pub(crate) fn map(&self, dict: &Bound<'_, PyDict>) -> PyResult<Map> {
        dict.iter().map(|(key, value)| Ok((text(&key)?, self.value(&value)?))).collect()
    }

    /// A value for Python: the object that it stands for, if it does.
    ///
    /// # Errors
    ///
    /// Where Python has no memory left.
    pub(crate) fn to_python<'py>(&self, py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
        to_python_with(py, value, &|value| self.object(py, value))
    }

    /// A map for Python.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn to_dict<'py>(&self, py: Python<'py>, map: &Map) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (key, value) in map.iter() {
            dict.set_item(key.as_str(), self.to_python(py, value)?)?;
        }
        Ok(dict)
    }

    fn object<'py>(&self, py: Python<'py>, value: &Value) -> Option<Bound<'py, PyAny>> {
        let place = place(value)?;
        self.lock().objects.get(&place).map(|(_, object)| object.bind(py).clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ways> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of an object's class.
pub(crate) fn class_name(object: &Bound<'_, PyAny>) -> Text {
    object.get_type().name().map_or_else(|_| Text::literal("?"), |name| crate::value::lossy(&name))
}
