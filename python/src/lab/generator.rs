//! A plan of Python: the generator, resumed with what the engine answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use pyo3::exceptions::{PyException, PyGeneratorExit, PyKeyboardInterrupt, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use pyo3::types::iterator::PySendResult;
use skyspan::message::{Msg, PlanError, Response};
use skyspan::plan::{Plan, plan};
use skyspan::value::{Text, Value};

use super::answer::answer;
use super::bridge::Bridge;
use super::lab_core::LabCore;
use super::message::to_msg;
use super::own_spans;
use super::raised::of_plan_error;

/// A generator that is closed when the plan is dropped, as Python closes it.
struct Generator {
    object: Py<PyAny>,
    /// Whether it is one of Python's own, which is resumed without a look at its methods.
    is_pythons: bool,
}

impl Drop for Generator {
    fn drop(&mut self) {
        // At the end of the interpreter nothing can be closed any more.
        let _ = Python::try_attach(|py| {
            if let Err(error) = self.object.call_method0(py, intern!(py, "close")) {
                error.write_unraisable(py, Some(self.object.bind(py)));
            }
        });
    }
}

/// What a generator gives when it is resumed.
enum Resumed<'py> {
    Yielded(Bound<'py, PyAny>),
    Returned(Bound<'py, PyAny>),
}

enum Stepped {
    Yielded(Msg),
    Done(Result<Value, PlanError>),
}

impl Generator {
    fn of(py: Python<'_>, object: Py<PyAny>) -> Self {
        let of_pythons = || -> PyResult<bool> {
            let class = py.import(intern!(py, "types"))?.getattr(intern!(py, "GeneratorType"))?;
            Ok(object.bind(py).get_type().is(&class))
        };
        let is_pythons = of_pythons().unwrap_or(false);
        Self { object, is_pythons }
    }

    /// Resumes it with an answer.
    fn send<'py>(&self, py: Python<'py>, answer: &Bound<'py, PyAny>) -> PyResult<Resumed<'py>> {
        let generator = self.object.bind(py);
        match generator.cast::<PyIterator>() {
            Ok(iterator) if self.is_pythons => Ok(match iterator.send(answer)? {
                PySendResult::Next(yielded) => Resumed::Yielded(yielded),
                PySendResult::Return(returned) => Resumed::Returned(returned),
            }),
            _ => resumed(py, generator.call_method1(intern!(py, "send"), (answer,))),
        }
    }

    /// Resumes it with an exception.
    fn throw<'py>(&self, py: Python<'py>, exception: &Bound<'py, PyAny>) -> PyResult<Resumed<'py>> {
        resumed(py, self.object.bind(py).call_method1(intern!(py, "throw"), (exception,)))
    }

    fn step(&self, bridge: &Arc<Bridge>, given: &Result<Response, PlanError>) -> Stepped {
        Python::attach(|py| {
            // What Ctrl-C raises is raised where the plan waits, and not within its clean-up.
            let signalled = py.check_signals().err();
            if let Some(error) = &signalled {
                bridge.keep_ended_by(error.clone_ref(py));
                bridge.is_interrupted.store(true, Ordering::Relaxed);
            }
            let resumed = match (&signalled, given) {
                (Some(error), _) => self.throw(py, error.value(py)),
                (None, Ok(response)) => answer(py, bridge, response).and_then(|answer| self.send(py, &answer)),
                (None, Err(error)) => thrown(py, bridge, error).and_then(|exception| self.throw(py, &exception)),
            };
            let stepped = resumed.and_then(|resumed| match resumed {
                Resumed::Yielded(yielded) => to_msg(bridge, &yielded).map(Stepped::Yielded),
                Resumed::Returned(returned) => {
                    let value = bridge.carried.argument(&returned).unwrap_or_default();
                    bridge.set_returned(returned.unbind());
                    Ok(Stepped::Done(Ok(value)))
                }
            });
            stepped.unwrap_or_else(|error| {
                if error.is_instance_of::<PyKeyboardInterrupt>(py) {
                    bridge.is_interrupted.store(true, Ordering::Relaxed);
                }
                let known = bridge.thrown.plan_error(py, &error);
                let ends_all = matches!(known, PlanError::Foreign(_)) && !error.is_instance_of::<PyException>(py);
                if ends_all && !error.is_instance_of::<PyGeneratorExit>(py) {
                    bridge.keep_ended_by(error);
                }
                Stepped::Done(Err(known))
            })
        })
    }
}

/// What a method of a generator gave: it returns by an exception.
fn resumed<'py>(py: Python<'py>, given: PyResult<Bound<'py, PyAny>>) -> PyResult<Resumed<'py>> {
    match given {
        Ok(yielded) => Ok(Resumed::Yielded(yielded)),
        Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
            let returned = error.value(py).getattr(intern!(py, "value"));
            Ok(Resumed::Returned(returned.unwrap_or_else(|_| py.None().into_bound(py))))
        }
        Err(error) => Err(error),
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
    plan_beside(bridge, None, generator, name)
}

/// The same, which keeps a lab that nobody else does.
pub(crate) fn plan_that_keeps(lab: Arc<LabCore>, generator: Py<PyAny>, name: Text) -> Plan {
    plan_beside(Arc::clone(&lab.bridge), Some(lab), generator, name)
}

fn plan_beside(bridge: Arc<Bridge>, kept: Option<Arc<LabCore>>, generator: Py<PyAny>, name: Text) -> Plan {
    let generator = Python::attach(|py| Generator::of(py, generator));
    plan(async move |p| {
        let _kept = kept;
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
