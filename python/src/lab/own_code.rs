//! The user's own code within the engine: hooks, commands, what is awaited, and who answers `input`.

use std::sync::{Arc, Weak};

use pyo3::intern;
use pyo3::prelude::*;
use skyspan::message::{Awaitable, Msg, PlanError, Response};
use skyspan::value::{Text, Value};

use super::bridge::{Bridge, hands};
use super::lab_core::LabCore;
use super::message::from_msg;
use super::promise::Promise;

/// What a callable of Python gives: at once, or where that can be awaited, once it has come about on the loop of the lab.
enum Given {
    Now(Py<PyAny>),
    Later(Promise),
}

fn gone() -> PlanError {
    PlanError::runtime("the lab is gone")
}

/// Calls a callable; what it gives may be awaited.
fn called(
    lab: &Weak<LabCore>,
    call: impl FnOnce(Python<'_>, &Bridge) -> PyResult<Py<PyAny>>,
) -> Result<Given, PlanError> {
    let lab = lab.upgrade().ok_or_else(gone)?;
    Python::attach(|py| {
        let begun = || -> PyResult<Given> {
            let given = call(py, &lab.bridge)?;
            let is_later = hands(py)?.call_method1(intern!(py, "is_later"), (&given,))?.is_truthy()?;
            if is_later { Ok(Given::Later(Promise::of(&lab, given.bind(py))?)) } else { Ok(Given::Now(given)) }
        };
        begun().map_err(|error| lab.bridge.thrown.plan_error(py, &error))
    })
}

/// What was given, as a value that stands for the object.
async fn awaited(lab: Weak<LabCore>, given: Result<Given, PlanError>) -> Result<Value, PlanError> {
    let (object, is_task) = match given? {
        Given::Now(object) => (object, false),
        Given::Later(promise) => (promise.await, true),
    };
    let lab = lab.upgrade().ok_or_else(gone)?;
    Python::attach(|py| {
        let object = object.bind(py);
        let value = || {
            let result = if is_task { object.call_method0(intern!(py, "result"))? } else { object.clone() };
            lab.bridge.carried.argument(&result)
        };
        value().map_err(|error| lab.bridge.thrown.plan_error(py, &error))
    })
}

/// What `wait_for` awaits: a callable that gives something to await, each time anew.
pub(crate) fn awaitable(bridge: &Bridge, factory: &Bound<'_, PyAny>) -> Awaitable {
    let lab = bridge.weak_lab();
    let said = factory.repr().map(|repr| repr.to_string_lossy().into_owned()).unwrap_or_default();
    let class = super::carried::class_name(factory);
    let factory = Arc::new(factory.clone().unbind());
    Awaitable::new(move || {
        let factory = Arc::clone(&factory);
        let weak = lab.clone();
        // The factory makes what only its loop knows: it is called there.
        let given = called(&lab, |py, _| {
            let lab = weak.upgrade().ok_or_else(super::bridge::gone)?;
            let made =
                hands(py)?.call_method1(intern!(py, "made_on_loop"), (super::PyLabCore(lab), factory.bind(py)))?;
            Ok(made.unbind())
        });
        awaited(lab.clone(), given)
    })
    .of_class(class)
    .because(said)
}

/// Executes messages of a command by a callable of Python, as `RunEngine.register_command` has it.
pub(crate) fn register_command(lab: &LabCore, name: Text, function: Py<PyAny>) {
    let weak = lab.bridge.weak_lab();
    let function = Arc::new(function);
    lab.harness.with_engine(|engine| {
        engine.register_command(name, move |msg: Msg| {
            let (weak, function) = (weak.clone(), Arc::clone(&function));
            async move {
                let given = called(&weak, |py, bridge| function.call1(py, (from_msg(py, bridge, &msg)?,)));
                awaited(weak, given).await.map(Response::Value)
            }
        });
    });
}

/// Has `input` answered by a callable of Python, which gets the prompt.
pub(crate) fn set_input(lab: &LabCore, function: Py<PyAny>) {
    let weak = lab.bridge.weak_lab();
    lab.harness.with_engine(|engine| {
        engine.set_input(move |prompt: Text| {
            let given = called(&weak, |py, _| function.call1(py, (prompt.as_str(),)));
            let answer = awaited(weak.clone(), given);
            async move {
                match answer.await? {
                    Value::Str(line) => Ok(line),
                    other => Err(PlanError::type_error(format!("expected a line as the answer, found {other}"))),
                }
            }
        });
    });
}

/// Calls a callable of Python with every message before it is executed. What it raises aborts the plan, and is raised to who called.
pub(crate) fn set_msg_hook(lab: &LabCore, function: Option<Py<PyAny>>) {
    let weak = lab.bridge.weak_lab();
    lab.harness.with_engine(|engine| {
        engine.set_msg_hook(move |msg| {
            let (Some(function), Some(lab)) = (&function, weak.upgrade()) else { return };
            Python::attach(|py| {
                let called = from_msg(py, &lab.bridge, msg).and_then(|msg| function.call1(py, (msg,)));
                if let Err(error) = called {
                    lab.hook_failed(error);
                }
            });
        });
    });
}

/// Calls a callable of Python with the new state and the one before, as `RunEngine.state_hook`.
pub(crate) fn set_state_hook(lab: &LabCore, function: Option<Py<PyAny>>) {
    let weak = lab.bridge.weak_lab();
    lab.harness.with_engine(|engine| {
        engine.set_state_hook(move |to, from| {
            let (Some(function), Some(lab)) = (&function, weak.upgrade()) else { return };
            Python::attach(|py| {
                if let Err(error) = function.call1(py, (to.as_str(), from.as_str())) {
                    lab.hook_failed(error);
                }
            });
        });
    });
}
