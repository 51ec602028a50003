//! Suspenders of bluesky's classes, and of those derived from them: Python says when they trip.

use std::sync::Weak;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use skyspan::device::Device;
use skyspan::engine::{SuspendCondition, Suspender};
use skyspan::message::Object;
use skyspan::plan::Plan;
use skyspan::value::{Text, Value};

use super::bridge::{Bridge, hands};
use super::carried::class_name;
use super::generator::plan_of;
use crate::value::text;

/// When a suspender of Python trips.
struct Condition {
    suspender: Py<PyAny>,
    class: Text,
    bridge: Weak<Bridge>,
}

impl Condition {
    /// Asks the suspender; what it raises is told where Python tells what nobody can catch.
    fn asks(&self, method: &str, value: &Value, tripped: bool) -> bool {
        let Some(bridge) = self.bridge.upgrade() else { return false };
        Python::attach(|py| {
            let suspender = self.suspender.bind(py);
            let asked = || -> PyResult<bool> {
                let value = bridge.carried.to_python(py, value)?;
                let says = suspender.call_method1(method, (value,))?.is_truthy()?;
                if says {
                    suspender.setattr(intern!(py, "_tripped"), tripped)?;
                }
                Ok(says)
            };
            asked().unwrap_or_else(|error| {
                error.write_unraisable(py, Some(suspender));
                false
            })
        })
    }
}

impl SuspendCondition for Condition {
    fn class_name(&self) -> Text {
        self.class.clone()
    }

    fn should_suspend(&self, value: &Value) -> bool {
        self.asks("_should_suspend", value, true)
    }

    fn should_resume(&self, value: &Value) -> bool {
        self.asks("_should_resume", value, false)
    }

    fn justification(&self, _: &Device, _: &Value) -> Text {
        Python::attach(|py| {
            let suspender = self.suspender.bind(py);
            let said = suspender.call_method0(intern!(py, "_get_justification")).and_then(|said| text(&said));
            said.unwrap_or_else(|error| {
                error.write_unraisable(py, Some(suspender));
                Text::default()
            })
        })
    }
}

/// The suspender of the engine for one of Python: the same each time.
///
/// # Errors
///
/// `TypeError` for what is no suspender, `ValueError` for one whose signal cannot be watched.
pub(crate) fn suspender(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<Suspender> {
    let object = object(bridge, given)?;
    object.downcast_ref::<Suspender>().cloned().ok_or_else(|| PyTypeError::new_err("expected a suspender"))
}

/// The same as messages carry it.
///
/// # Errors
///
/// The same.
pub(crate) fn object(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<Object> {
    bridge.carried_as(given, true, || made(bridge, given).map(|suspender| Object::from(&suspender)))
}

fn made(bridge: &Bridge, given: &Bound<'_, PyAny>) -> PyResult<Suspender> {
    let py = given.py();
    let is_one = given.hasattr(intern!(py, "_should_suspend"))? && given.hasattr(intern!(py, "_sig"))?;
    if !is_one {
        return Err(PyTypeError::new_err(format!(
            "expected a suspender of bluesky.suspenders, found {}",
            given.repr()?
        )));
    }
    let signal = given.getattr(intern!(py, "_sig"))?;
    let device = bridge.device(&signal)?.ok_or_else(|| {
        PyTypeError::new_err(format!("expected a suspender that watches a device, found one of {signal}"))
    })?;
    let class = class_name(given);
    let condition = Condition { suspender: given.clone().unbind(), class, bridge: bridge.myself() };
    let sleep: f64 = given.getattr(intern!(py, "_sleep"))?.extract()?;
    let mut builder = Suspender::of(&device, condition).sleep_s(sleep);
    if let Some(make) = plan_maker(bridge, &given.getattr(intern!(py, "_pre_plan"))?) {
        builder = builder.pre_plan(make);
    }
    if let Some(make) = plan_maker(bridge, &given.getattr(intern!(py, "_post_plan"))?) {
        builder = builder.post_plan(make);
    }
    builder.build().map_err(|error| PyValueError::new_err(error.to_string()))
}

/// What makes a plan of a generator function, or of messages, anew whenever one is needed.
pub(crate) fn plan_maker(
    bridge: &Bridge,
    given: &Bound<'_, PyAny>,
) -> Option<impl Fn() -> Plan + Send + Sync + 'static + use<>> {
    if given.is_none() {
        return None;
    }
    let (given, bridge) = (given.clone().unbind(), bridge.myself());
    Some(move || {
        let made = bridge.upgrade().map(|bridge| {
            Python::attach(|py| match hands(py).and_then(|hands| hands.call_method1("plan_anew", (&given,))) {
                Ok(generator) => plan_of(bridge, generator.unbind(), Text::literal("plan of a suspender")),
                Err(error) => {
                    let error = bridge.thrown.plan_error(py, &error);
                    skyspan::plan::plan(async move |_| Err::<(), _>(error))
                }
            })
        });
        made.unwrap_or_else(|| skyspan::plan::plan(async |_| Ok(())))
    })
}
