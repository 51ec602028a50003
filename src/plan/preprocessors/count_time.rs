//! [`configure_count_time_wrapper`]: all that count, for the same time.

use std::sync::{Arc, Mutex};

use super::mutators::plan_mutator;
use crate::device::Device;
use crate::hardware::Signal;
use crate::message::Arg;
use crate::plan::{Plan, plan};
use crate::value::Value;
use skyspan_trace::internal::lock;

/// Sets the `count_time` of each device that has one before the first message about it, and sets all back in the end, one
/// after another (`bluesky.preprocessors.configure_count_time_wrapper`, 1.15.1). With null as the time, the plan stays as
/// it is.
///
/// A device has one if it has a component of that name which is a [`Signal`].
///
/// ```
/// use skyspan::plan::preprocessors::configure_count_time_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// // None of its devices has one.
/// let run = lab.run(configure_count_time_wrapper(plan(async |p| p.null().await), 0.5));
/// assert_eq!(run.messages().len(), 1);
/// ```
#[must_use]
pub fn configure_count_time_wrapper(inner: impl Into<Plan>, time: impl Into<Value>) -> Plan {
    let (inner, time) = (inner.into(), time.into());
    if time.is_null() {
        return inner;
    }
    let name = inner.name().clone();
    let initial: Arc<Mutex<Vec<(Device, Value)>>> = Arc::default();
    let found = Arc::clone(&initial);
    let mut seen = Vec::new();
    let set = plan_mutator(inner, move |msg| {
        let Some(Arg::Device(obj)) = msg.obj() else { return (None, None) };
        if seen.contains(&obj) {
            return (None, None);
        }
        let count_time = obj.component("count_time");
        seen.push(obj);
        let Some(signal) = count_time else { return (None, None) };
        let Some(before) = signal.downcast_ref().map(Signal::get) else { return (None, None) };
        lock(&found).push((signal.clone(), before));
        let (msg, time) = (msg.clone(), time.clone());
        let head = plan(async move |p| {
            p.mv(&signal, time).await?;
            p.msg(msg).await.map(drop)
        });
        (Some(head), None)
    });
    plan(async move |p| {
        let reset = async {
            let all = lock(&initial).clone();
            for (signal, before) in all {
                p.mv(&signal, before).await?;
            }
            Ok(())
        };
        p.finalize(p.run(set), reset).await
    })
    .named(name)
}
