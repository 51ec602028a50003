//! What is put around a whole plan: `bluesky.preprocessors` and `bluesky.tracing`, 1.15.1.
//!
//! Each takes a plan and gives a plan. What they do is also there for a part of a plan, as methods of
//! [`Stubs`](super::Stubs).

use super::{IntoDevices, Plan, Step, plan};
use crate::message::{Command, Msg, PlanError, Response};
use crate::value::{Map, Text, Value};

/// A run around a plan. Its result is the uid of the run.
///
/// ```
/// use skyspan::plan::preprocessors::run_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(run_wrapper(plan(async |p| p.null().await), Map::new()));
/// assert_eq!(run.messages().iter().map(|msg| msg.command()).collect::<Vec<_>>(), ["open_run", "null", "close_run"]);
/// ```
#[must_use]
pub fn run_wrapper(inner: impl Into<Plan>, md: Map) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    plan(async move |p| p.in_run(md, p.run(inner)).await).named(name)
}

/// Stages devices before a plan, and unstages them after it.
///
/// ```
/// use skyspan::plan::preprocessors::stage_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(stage_wrapper(plan(async |p| p.null().await), &lab.device("det")));
/// assert_eq!(run.messages().iter().map(|msg| msg.command()).collect::<Vec<_>>(), ["stage", "null", "unstage"]);
/// ```
#[must_use]
pub fn stage_wrapper(inner: impl Into<Plan>, devices: impl IntoDevices) -> Plan {
    let inner = inner.into();
    let devices = devices.into_devices();
    let name = inner.name().clone();
    plan(async move |p| p.staged(&devices, p.run(inner)).await).named(name)
}

/// A span around the messages of a plan: `bluesky.tracing.trace_plan`.
///
/// ```
/// use skyspan::plan::preprocessors::trace_plan;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let run = lab.run(trace_plan("align", plan(async move |p| p.mv(&motor, 1).await)));
/// let trace = run.trace();
/// let align = trace.named("align").next().ok_or("no span")?;
/// assert_eq!(align.children().count(), 2);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn trace_plan(name: impl Into<Text>, inner: impl Into<Plan>) -> Plan {
    let inner = inner.into();
    let (span, name) = (name.into(), inner.name().clone());
    plan(async move |p| p.trace(span, async move |p| p.run(inner).await).await).named(name)
}

/// A clean-up after a plan, however that ends; only where the plan is halted or dropped there is none.
///
/// ```
/// use skyspan::plan::preprocessors::finalize_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let fails = plan(async |_| Err::<(), _>(plan_error!("trouble")));
/// let run = lab.run(finalize_wrapper(fails, plan(async |p| p.sleep(1.0).await)));
/// assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("trouble"));
/// assert_eq!(run.messages().len(), 1);
/// ```
#[must_use]
pub fn finalize_wrapper(inner: impl Into<Plan>, cleanup: impl Into<Plan>) -> Plan {
    let (inner, cleanup) = (inner.into(), cleanup.into());
    let name = inner.name().clone();
    plan(async move |p| p.finalize(p.run(inner), p.run(cleanup)).await).named(name)
}

/// A plan whose messages are replayed after a pause, or are not. In the end it is as before.
///
/// ```
/// use skyspan::plan::preprocessors::rewindable_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// lab.at_message(4).pause();
/// lab.run(rewindable_wrapper(plan(async |p| p.sleep(1.0).await), false));
/// let run = lab.resume();
/// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
/// assert_eq!(commands, ["rewindable", "rewindable", "sleep", "rewindable"]);
/// ```
#[must_use]
pub fn rewindable_wrapper(inner: impl Into<Plan>, rewindable: bool) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    plan(async move |p| p.rewindable(rewindable, p.run(inner)).await).named(name)
}

/// Every message of a plan, changed by a function: another message in its place, or none, and then the plan gets nothing
/// as the answer. The result and the errors of the plan are as they were.
///
/// ```
/// use skyspan::plan::preprocessors::msg_mutator;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let awake = |msg: Msg| (msg.command() != "sleep").then_some(msg);
/// let run = lab.run(msg_mutator(plan(async |p| p.sleep(3600.0).await), awake));
/// assert_eq!((run.messages().len(), run.duration()), (0, Duration::ZERO));
/// ```
#[must_use]
pub fn msg_mutator(inner: impl Into<Plan>, mut change: impl FnMut(Msg) -> Option<Msg> + Send + 'static) -> Plan {
    let mut inner = inner.into();
    let name = inner.name().clone();
    plan(async move |p| {
        let env = p.env();
        let mut answer = Ok(Response::None);
        loop {
            answer = match inner.resume(&env, answer) {
                Step::Done(result) => return result,
                Step::Yield(message) => match change(message) {
                    Some(message) => p.msg(message).await,
                    None => Ok(Response::None),
                },
            };
        }
    })
    .named(name)
}

/// A run key on every message of a plan that has none: the innermost wrapper decides.
///
/// ```
/// use skyspan::plan::preprocessors::set_run_key_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let det = lab.device("det");
/// let outer = set_run_key_wrapper(plans::count(&det, 1), "outer");
/// let run = lab.run(outer);
/// assert!(run.messages().iter().all(|msg| msg.run == "outer".into()));
/// ```
#[must_use]
pub fn set_run_key_wrapper(inner: impl Into<Plan>, run: impl Into<Value>) -> Plan {
    let run = run.into();
    msg_mutator(inner, move |mut msg| {
        if msg.run.is_null() {
            msg.run = run.clone();
        }
        Some(msg)
    })
}

/// Metadata for every run that a plan opens; it goes before that of the plan.
///
/// ```
/// use skyspan::plan::preprocessors::inject_md_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(inject_md_wrapper(plans::count(&lab.device("det"), 1), Map::from_iter([("sample", "A")])));
/// assert_eq!(run.documents()[0].to_map().get("sample"), Some(&"A".into()));
/// ```
#[must_use]
pub fn inject_md_wrapper(inner: impl Into<Plan>, md: Map) -> Plan {
    msg_mutator(inner, move |msg| {
        Some(match msg.command {
            Command::OpenRun { md: mut of_plan } => {
                of_plan.extend(md.clone());
                Msg::from(Command::OpenRun { md: of_plan }).with_run(msg.run)
            }
            _ => msg,
        })
    })
}

/// What a plan does besides: after an error, after success, and in the end. Made by [`contingency_wrapper`].
pub struct Contingency {
    inner: Plan,
    except: Option<Box<dyn FnOnce(PlanError) -> Plan + Send>>,
    otherwise: Option<Plan>,
    cleanup: Option<Plan>,
    auto_raise: bool,
}

/// Python's `try ... except ... else ... finally` around a plan.
///
/// ```
/// use skyspan::plan::preprocessors::contingency_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let fails = plan(async |_| Err::<(), _>(plan_error!("trouble")));
/// let run = lab.run(contingency_wrapper(fails).except(|_| plan(async |p| p.null().await)).auto_raise(false));
/// run.assert_success();
/// ```
pub fn contingency_wrapper(inner: impl Into<Plan>) -> Contingency {
    Contingency { inner: inner.into(), except: None, otherwise: None, cleanup: None, auto_raise: true }
}

impl Contingency {
    /// What is done after an error; the error goes on after that, unless [`auto_raise`](Self::auto_raise) is false.
    #[must_use]
    pub fn except(mut self, except_plan: impl FnOnce(PlanError) -> Plan + Send + 'static) -> Self {
        self.except = Some(Box::new(except_plan));
        self
    }

    /// What is done after success.
    #[must_use]
    pub fn otherwise(mut self, else_plan: impl Into<Plan>) -> Self {
        self.otherwise = Some(else_plan.into());
        self
    }

    /// What is done in the end, however it came.
    #[must_use]
    pub fn finally(mut self, final_plan: impl Into<Plan>) -> Self {
        self.cleanup = Some(final_plan.into());
        self
    }

    /// Whether an error goes on after the plan for it; it does unless one says otherwise.
    #[must_use]
    pub const fn auto_raise(mut self, auto_raise: bool) -> Self {
        self.auto_raise = auto_raise;
        self
    }
}

impl From<Contingency> for Plan {
    fn from(contingency: Contingency) -> Self {
        let Contingency { inner, except, otherwise, cleanup, auto_raise } = contingency;
        let name = inner.name().clone();
        plan(async move |p| {
            let body = async {
                match (p.run(inner).await, except) {
                    (Ok(value), _) => {
                        if let Some(otherwise) = otherwise {
                            p.run(otherwise).await?;
                        }
                        Ok(value)
                    }
                    (Err(error), Some(except)) if !error.is_halt() => {
                        let value = p.run(except(error.clone())).await?;
                        if auto_raise { Err(error) } else { Ok(value) }
                    }
                    (Err(error), _) => Err(error),
                }
            };
            let finally = async {
                match cleanup {
                    Some(cleanup) => p.run(cleanup).await.map(drop),
                    None => Ok(()),
                }
            };
            p.finalize(body, finally).await
        })
        .named(name)
    }
}

impl std::fmt::Debug for Contingency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contingency({:?})", self.inner)
    }
}
