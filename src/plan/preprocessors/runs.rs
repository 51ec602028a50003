//! What is put around the messages that open and close runs.

use std::sync::{Arc, Mutex};

use super::mutators::msg_mutator;
use crate::message::{Command, Msg, PlanError};
use crate::plan::{Plan, plan};
use crate::value::{IntoEntries, Map, Value};
use skyspan_trace::internal::lock;

/// A run around a plan (`bluesky.preprocessors.run_wrapper`, 1.15.1). The result is the uid of the run, not that of the
/// plan.
///
/// ```
/// use skyspan::plan::preprocessors::run_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(run_wrapper(plan(async |p| p.null().await), Map::new()));
/// assert_eq!(run.messages().iter().map(|msg| msg.command()).collect::<Vec<_>>(), ["open_run", "null", "close_run"]);
/// ```
///
/// # Panics
///
/// If the metadata is JSON, but no object.
#[must_use]
#[track_caller]
pub fn run_wrapper(inner: impl Into<Plan>, md: impl IntoEntries) -> Plan {
    let (inner, md) = (inner.into(), Map::from_iter(md.into_entries()));
    let name = inner.name().clone();
    plan(async move |p| p.in_run(md, p.run(inner)).await).named(name)
}

/// A run key on every message of a plan that has none (`bluesky.preprocessors.set_run_key_wrapper`, 1.15.1): the innermost
/// wrapper decides. With null as the key, the plan fails with a `ValueError` before its first message.
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
    let inner = inner.into();
    if run.is_null() {
        let name = inner.name().clone();
        return plan(async |_| Err::<(), _>(PlanError::value("run ID can not be None"))).named(name);
    }
    msg_mutator(inner, move |mut msg| {
        if msg.run.is_null() {
            msg.run = run.clone();
        }
        Some(msg)
    })
}

/// Metadata for every run that a plan opens (`bluesky.preprocessors.inject_md_wrapper`, 1.15.1); it goes before that of
/// the plan.
///
/// ```
/// use serde_json::json;
/// use skyspan::plan::preprocessors::inject_md_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(inject_md_wrapper(plans::count(&lab.device("det"), 1), json!({"sample": "A"})));
/// assert_eq!(run.documents()[0].to_map().get("sample"), Some(&"A".into()));
/// ```
///
/// # Panics
///
/// If the metadata is JSON, but no object.
#[must_use]
#[track_caller]
pub fn inject_md_wrapper(inner: impl Into<Plan>, md: impl IntoEntries) -> Plan {
    let md = Map::from_iter(md.into_entries());
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

/// A plan without its runs and its staging, as a part of another plan (`bluesky.preprocessors.stub_wrapper`, 1.15.1): its
/// messages but `open_run`, `close_run`, `stage` and `unstage`, to which the plan gets nothing as the answer. The result is
/// the metadata of its runs, not what the plan gives.
///
/// ```
/// use skyspan::plan::preprocessors::stub_wrapper;
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let stub = stub_wrapper(plans::count(&lab.device("det"), 1).md([("sample", "A")]));
/// let run = lab.run(plan(async move |p| {
///     p.open_run(Map::new()).await?;
///     let md = p.run(stub).await?;
///     p.close_run().await?;
///     Ok(md)
/// }));
/// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
/// assert_eq!(commands[..2], ["open_run", "checkpoint"]);
/// let md = run.plan_result().and_then(Value::as_map).ok_or("no metadata")?;
/// assert_eq!(md.get("sample"), Some(&"A".into()));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn stub_wrapper(inner: impl Into<Plan>) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    let md: Arc<Mutex<Map>> = Arc::default();
    let found = Arc::clone(&md);
    let without_runs = msg_mutator(inner, move |msg| match msg.command() {
        "open_run" => {
            lock(&found).extend(msg.kwargs().into_iter().map(|(key, arg)| (key, arg.to_recorded())));
            None
        }
        "close_run" | "stage" | "unstage" => None,
        _ => Some(msg),
    });
    plan(async move |p| {
        p.run(without_runs).await?;
        Ok::<Value, PlanError>(lock(&md).clone().into())
    })
    .named(name)
}
