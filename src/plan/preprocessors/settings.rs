//! What is different about the engine while a plan goes on: subscribers, suspenders, whether it can be rewound.

use crate::document::DocumentName;
use crate::message::Object;
use crate::plan::{Plan, plan};

/// A plan whose messages are replayed after a pause, or are not (`bluesky.preprocessors.rewindable_wrapper`, 1.15.1). In
/// the end it is as before.
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

/// Subscribes to the documents before a plan, and unsubscribes in the end (`bluesky.preprocessors.subs_wrapper`, 1.15.1).
///
/// The subscriptions are made in bluesky's order: those to all documents first, then to `start`, `stop`, `event` and
/// `descriptor`. There are no others: with one, the plan fails with a `KeyError` before its first message.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
///
/// use skyspan::engine::Subscriber;
/// use skyspan::plan::preprocessors::subs_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let det = lab.device("det");
/// let count = Arc::new(AtomicUsize::new(0));
/// let counted = Arc::clone(&count);
/// let counting = Subscriber::new(move |_: &Document| drop(counted.fetch_add(1, Ordering::Relaxed)));
/// lab.run(subs_wrapper(plans::count(&det, 3), [(DocumentName::Event, &counting)]));
/// lab.run(plans::count(&det, 3));
/// assert_eq!(count.load(Ordering::Relaxed), 3);
/// ```
#[must_use]
pub fn subs_wrapper<O: Into<Object>>(
    inner: impl Into<Plan>,
    subs: impl IntoIterator<Item = (DocumentName, O)>,
) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    let subs: Vec<(DocumentName, Object)> = subs.into_iter().map(|(name, callback)| (name, callback.into())).collect();
    plan(async move |p| p.subscribed(subs, p.run(inner)).await).named(name)
}

/// Installs suspenders before a plan, and removes them in the end (`bluesky.preprocessors.suspend_wrapper`, 1.15.1).
///
/// ```
/// use skyspan::message::{Object, Response};
/// use skyspan::plan::preprocessors::suspend_wrapper;
/// use skyspan::plan::{PlanEnv, Resumed};
/// use skyspan::prelude::*;
///
/// let suspender = Object::new("SuspendFloor", ());
/// let mut guarded = suspend_wrapper(plan(async |p| p.null().await), [suspender]);
/// let env = std::sync::Arc::new(PlanEnv::detached());
/// let mut commands = Vec::new();
/// while let Resumed::Yield(msg) = guarded.resume(&env, Ok(Response::None)) {
///     commands.push(msg.command().to_owned());
/// }
/// assert_eq!(commands, ["install_suspender", "null", "remove_suspender"]);
/// ```
#[must_use]
pub fn suspend_wrapper<O: Into<Object>>(inner: impl Into<Plan>, suspenders: impl IntoIterator<Item = O>) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    let suspenders: Vec<Object> = suspenders.into_iter().map(Into::into).collect();
    plan(async move |p| p.with_suspenders(suspenders, p.run(inner)).await).named(name)
}
