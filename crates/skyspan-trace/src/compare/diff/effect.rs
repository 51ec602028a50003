//! [`Effect`]: where a difference of the whole comes from.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::own_time::{GroupKey, OwnTime};
use super::time_change::middle;
use crate::compare::statistics::{Holder, Statistics};

/// A part of the time of the whole, before and after. In a trace of a RunEngine that is what held waits, and what is between messages;
/// in another, what spans took by themselves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// What it is the time of: `stage set`, `between messages`.
    pub what: String,
    /// How long it took before, in seconds; of several recordings, in the middle.
    pub before_s: f64,
    /// How long it took after.
    pub after_s: f64,
}

impl Effect {
    /// How much longer it takes, in seconds.
    #[must_use]
    pub fn change_s(&self) -> f64 {
        self.after_s - self.before_s
    }
}

/// The parts of the time of a recording, in seconds.
pub(super) fn parts_of(statistics: &Statistics, own: &BTreeMap<GroupKey, OwnTime>) -> BTreeMap<String, f64> {
    let mut parts: BTreeMap<String, f64> = BTreeMap::new();
    let mut add = |what: String, time: Duration| *parts.entry(what).or_default() += time.as_secs_f64();
    if statistics.waits.is_empty() {
        for ((name, device), time) in own {
            add(device.as_ref().map_or_else(|| name.to_string(), |device| format!("{name}  {device}")), time.total);
        }
    }
    for held in &statistics.held {
        let is_named = matches!(held.by, Holder::Status { .. });
        add(if is_named { held.by.to_string() } else { format!("waits {}", held.by) }, held.time);
    }
    for between in &statistics.between {
        add(between.kind.to_string(), between.times.total);
    }
    parts
}

/// What became of the parts, those first that changed most.
pub(super) fn effects(a: &[BTreeMap<String, f64>], b: &[BTreeMap<String, f64>]) -> Vec<Effect> {
    let mut names: Vec<&String> = a.iter().chain(b).flat_map(BTreeMap::keys).collect();
    names.sort_unstable();
    names.dedup();
    let of = |side: &[BTreeMap<String, f64>], name: &String| {
        middle(&side.iter().map(|parts| parts.get(name).copied().unwrap_or_default()).collect::<Vec<_>>())
    };
    let mut effects: Vec<Effect> = names
        .into_iter()
        .map(|name| Effect { what: name.clone(), before_s: of(a, name), after_s: of(b, name) })
        .collect();
    effects.sort_by(|a, b| b.change_s().abs().total_cmp(&a.change_s().abs()));
    effects
}
