//! Messages of bluesky as messages, and back.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use skyspan::message::{Arg, GenericMsg, Msg, Object};
use skyspan::value::Text;

use super::bridge::Bridge;
use super::documents::{document_name, subscriber};
use super::own_code::awaitable;
use super::suspenders;
use crate::value::text;

/// A part of a message: `bluesky.utils.Msg` is a tuple of command, object, arguments by position, those by keyword, and run.
fn part<'py>(msg: &Bound<'py, PyTuple>, at: usize, name: &str) -> PyResult<Bound<'py, PyAny>> {
    msg.get_item(at).map_err(|_| PyTypeError::new_err(format!("expected a Msg, found a tuple without {name}")))
}

/// The message that a plan yielded.
///
/// # Errors
///
/// `TypeError` for what is no message, and what the objects in it raise.
pub(crate) fn to_msg(bridge: &Bridge, yielded: &Bound<'_, PyAny>) -> PyResult<Msg> {
    let Ok(msg) = yielded.cast::<PyTuple>() else {
        return Err(PyTypeError::new_err(format!("expected a plan that yields Msgs, found {}", yielded.repr()?)));
    };
    let mut generic = GenericMsg::new(command(&part(msg, 0, "a command")?)?);
    let obj = part(msg, 1, "an object")?;
    if !obj.is_none() {
        generic.obj = Some(arg(bridge, &obj)?);
    }
    let args = part(msg, 2, "arguments")?;
    let args =
        args.cast::<PyTuple>().map_err(|_| PyTypeError::new_err("expected a Msg whose arguments are a tuple"))?;
    let kwargs = dict_of(part(msg, 3, "arguments by keyword")?)?;
    let special = special_args(bridge, &generic.command, args)?;
    generic.args = match special {
        Some(special) => special,
        None => args.iter().map(|object| arg(bridge, &object)).collect::<PyResult<_>>()?,
    };
    generic.kwargs =
        kwargs.iter().map(|(key, value)| Ok((text(&key)?, arg(bridge, &value)?))).collect::<PyResult<_>>()?;
    let run = part(msg, 4, "a run")?;
    let run = if run.is_none() { skyspan::value::Value::Null } else { bridge.carried.argument(&run)? };
    Ok(generic.into_msg(run))
}

/// The arguments by keyword: a dict, or another mapping, such as the `ChainMap` of `inject_md_wrapper`.
fn dict_of(kwargs: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyDict>> {
    match kwargs.cast_into::<PyDict>() {
        Ok(dict) => Ok(dict),
        Err(other) => {
            let other = other.into_inner();
            let dict = other.py().get_type::<PyDict>().call1((&other,));
            let wrong =
                |_| PyTypeError::new_err(format!("expected a Msg whose keyword arguments are a dict, found {other}"));
            Ok(dict.map_err(wrong)?.cast_into::<PyDict>()?)
        }
    }
}

/// The name of a command, shared where it is one of bluesky's.
fn command(object: &Bound<'_, PyAny>) -> PyResult<Text> {
    let Ok(name) = object.cast::<PyString>() else { return text(object) };
    let commands = &skyspan::message::BLUESKY_COMMANDS;
    let place = name.to_str().ok().and_then(|name| commands.binary_search(&name).ok());
    Ok(place.map_or_else(|| crate::value::lossy(name), |place| Text::literal(commands[place])))
}

/// The arguments of those commands that take what only one side understands.
fn special_args(bridge: &Bridge, command: &str, args: &Bound<'_, PyTuple>) -> PyResult<Option<Vec<Arg>>> {
    let first = || args.get_item(0).ok();
    match command {
        "subscribe" => {
            let Some(callback) = first().filter(|callback| callback.is_callable()) else { return Ok(None) };
            let subscriber =
                bridge.carried_as(&callback, false, || Ok(Object::from(&subscriber(bridge.myself(), &callback))))?;
            let mut all = vec![Arg::Object(subscriber)];
            for name in args.iter().skip(1) {
                all.push(Arg::Value(document_name(&name)?.into()));
            }
            Ok(Some(all))
        }
        "wait_for" => {
            let Some(factories) = first().filter(|first| first.try_iter().is_ok()) else { return Ok(None) };
            let factories: Vec<Bound<'_, PyAny>> = factories.try_iter()?.collect::<PyResult<_>>()?;
            if factories.is_empty() || !factories.iter().all(|factory| factory.is_callable()) {
                return Ok(None);
            }
            let objects = factories.iter().map(|factory| {
                bridge.carried_as(factory, false, || Ok(awaitable(bridge, factory).to_object())).map(Arg::Object)
            });
            let mut all = vec![Arg::List(objects.collect::<PyResult<_>>()?)];
            for other in args.iter().skip(1) {
                all.push(arg(bridge, &other)?);
            }
            Ok(Some(all))
        }
        "install_suspender" | "remove_suspender" => match first() {
            Some(suspender) => Ok(Some(vec![Arg::Object(suspenders::object(bridge, &suspender)?)])),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// An argument of a message.
fn arg(bridge: &Bridge, object: &Bound<'_, PyAny>) -> PyResult<Arg> {
    // Most are these.
    if object.is_none()
        || object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyFloat>()
        || object.is_instance_of::<PyInt>()
        || object.is_instance_of::<PyBool>()
    {
        return bridge.carried.value(object).map(Arg::Value);
    }
    if let Some(device) = bridge.known(object) {
        return Ok(Arg::Device(device));
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let args = object.try_iter()?.map(|element| arg(bridge, &element?)).collect::<PyResult<Vec<_>>>()?;
        if args.iter().all(|arg| matches!(arg, Arg::Value(_))) {
            return bridge.carried.argument(object).map(Arg::Value);
        }
        return Ok(Arg::List(args));
    }
    if object.is_instance_of::<PyDict>() {
        return bridge.carried.argument(object).map(Arg::Value);
    }
    if let Some(device) = bridge.device(object)? {
        return Ok(Arg::Device(device));
    }
    bridge.carried.argument(object).map(Arg::Value)
}

/// A message as Python has it: `bluesky.utils.Msg`, or a tuple like it where bluesky is not installed.
///
/// # Errors
///
/// What Python raises where it is made.
pub(crate) fn from_msg<'py>(py: Python<'py>, bridge: &Bridge, msg: &Msg) -> PyResult<Bound<'py, PyAny>> {
    let obj = match msg.obj() {
        Some(obj) => from_arg(py, bridge, &obj)?,
        None => py.None().into_bound(py),
    };
    let args = msg.args().iter().map(|arg| from_arg(py, bridge, arg)).collect::<PyResult<Vec<_>>>()?;
    let kwargs = PyDict::new(py);
    for (key, arg) in msg.kwargs() {
        kwargs.set_item(key.as_str(), from_arg(py, bridge, &arg)?)?;
    }
    let run = bridge.carried.to_python(py, &msg.run)?;
    super::bridge::hands(py)?
        .call_method1(intern!(py, "message"), (msg.command(), obj, PyTuple::new(py, args)?, kwargs, run))
}

fn from_arg<'py>(py: Python<'py>, bridge: &Bridge, arg: &Arg) -> PyResult<Bound<'py, PyAny>> {
    match arg {
        Arg::Value(value) => bridge.carried.to_python(py, value),
        Arg::Device(device) => bridge.object(py, device),
        Arg::List(args) => {
            let args = args.iter().map(|arg| from_arg(py, bridge, arg)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, args)?.into_any())
        }
        Arg::Object(object) => Ok(object_of(py, bridge, object)),
        other => Ok(PyString::new(py, &other.to_string()).into_any()),
    }
}

/// The object of Python that an object of a message is, or its name.
fn object_of<'py>(py: Python<'py>, bridge: &Bridge, object: &Object) -> Bound<'py, PyAny> {
    bridge.carried_for(py, object).unwrap_or_else(|| PyString::new(py, &object.to_string()).into_any())
}
