//! A plan of Python: the generator, resumed with what the engine answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use pyo3::exceptions::{PyKeyboardInterrupt, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use skyspan::message::{Msg, PlanError, Response};
use skyspan::plan::{Plan, plan};
use skyspan::value::{Text, Value};

use super::answer::answer;
use super::bridge::Bridge;
use super::message::to_msg;
use super::own_spans;
use super::raised::of_plan_error;

/// A generator that is closed when the plan is dropped, as Python closes it.
struct Generator(Py<PyAny>);

impl Drop for Generator {
    fn drop(&mut self) {
        // At the end of the interpreter nothing can be closed any more.
        let _ = Python::try_attach(|py| {
            if let Err(error) = self.0.call_method0(py, intern!(py, "close")) {
                error.write_unraisable(py, Some(self.0.bind(py)));
            }
        });
    }
}

enum Stepped {
    Yielded(Msg),
    Done(Result<Value, PlanError>),
}

impl Generator {
    fn step(&self, bridge: &Arc<Bridge>, given: &Result<Response, PlanError>) -> Stepped {
        Python::attach(|py| {
            let generator = self.0.bind(py);
            // What Ctrl-C raises is raised where the plan waits, and not within its clean-up.
            let signalled = py.check_signals().err();
            if signalled.is_some() {
                bridge.is_interrupted.store(true, Ordering::Relaxed);
            }
            let sent = match (&signalled, given) {
                (Some(error), _) => generator.call_method1(intern!(py, "throw"), (error.value(py),)),
                (None, Ok(response)) => answer(py, bridge, response)
                    .and_then(|answer| generator.call_method1(intern!(py, "send"), (answer,))),
                (None, Err(error)) => thrown(py, bridge, error)
                    .and_then(|exception| generator.call_method1(intern!(py, "throw"), (exception,))),
            };
            let yielded = sent.and_then(|yielded| to_msg(bridge, &yielded));
            match yielded {
                Ok(msg) => Stepped::Yielded(msg),
                Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                    let returned = error.value(py).getattr(intern!(py, "value"));
                    let returned = returned.unwrap_or_else(|_| py.None().into_bound(py));
                    let value = bridge.carried.argument(&returned).unwrap_or_default();
                    bridge.set_returned(returned.unbind());
                    Stepped::Done(Ok(value))
                }
                Err(error) => {
                    if error.is_instance_of::<PyKeyboardInterrupt>(py) {
                        bridge.is_interrupted.store(true, Ordering::Relaxed);
                    }
                    Stepped::Done(Err(bridge.thrown.plan_error(py, &error)))
                }
            }
        })
    }
}

/// The exception that is thrown into a plan for an error.
fn thrown<'py>(py: Python<'py>, bridge: &Bridge, error: &PlanError) -> PyResult<Bound<'py, PyAny>> {
    let exception = of_plan_error(py, error, |repr, cause| bridge.failed_status(py, repr, cause))?;
    bridge.thrown.note(&exception, error);
    Ok(exception)
}

/// The plan that a generator is.
pub(crate) fn plan_of(bridge: Arc<Bridge>, generator: Py<PyAny>, name: Text) -> Plan {
    let generator = Generator(generator);
    plan(async move |p| {
        let (mut given, mut is_within_own) = (Ok(Response::None), false);
        loop {
            match generator.step(&bridge, &given) {
                Stepped::Yielded(msg) => {
                    // A span of the plan's own is the parent of what its messages start.
                    let has_own = bridge.open_spans.load(Ordering::Relaxed) > 0;
                    if has_own || is_within_own {
                        is_within_own = has_own;
                        p.env().set_ambient(own_spans::current());
                    }
                    given = p.msg(msg).await;
                }
                Stepped::Done(result) => return result,
            }
        }
    })
    .named(name)
}
