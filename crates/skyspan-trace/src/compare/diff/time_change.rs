//! [`TimeChange`]: how much longer spans of one kind take by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::DiffOptions;
use super::own_time::{GroupKey, OwnTime};
use super::rank_test::{corrected, least_likely, rank_test};
use crate::value::{Text, nanoseconds};

/// What is held for a difference is one by chance so often at most.
const LIKELY_MAX: f64 = 0.05;

/// How long the spans of one name and device take by themselves, before and after: without what their children take, and of a wait
/// without what the status takes that ended it. So a device that is slower is named, and what waits for it is not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TimeChange {
    /// What the spans are called.
    pub name: Text,
    /// The device that they are of, if they are of one.
    pub device: Option<Text>,
    /// How many spans there are before; of several recordings, in the one in the middle.
    pub spans_before: u64,
    /// How many there are after.
    pub spans_after: u64,
    /// How long one takes in the mean; of several recordings, in the one in the middle. A span with children is as many as there are
    /// gaps beside and between these.
    #[serde(rename = "before_ns", serialize_with = "nanoseconds")]
    pub before: Duration,
    /// The duration in the later trace.
    #[serde(rename = "after_ns", serialize_with = "nanoseconds")]
    pub after: Duration,
    /// By which part it is longer; below zero where it is shorter. Nothing where it took no time before.
    pub change: Option<f64>,
    /// How much longer all of them take together, in seconds.
    pub total_change_s: f64,
    /// How likely such a difference is where nothing differs, corrected for how many groups were asked about. Nothing where no test was made:
    /// there is no effect, or there are too few recordings.
    pub likelihood: Option<f64>,
    /// What it comes to.
    pub verdict: TimeVerdict,
}

/// What a difference of times comes to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeVerdict {
    /// Longer by more than is allowed, and not by chance.
    Slower,
    /// Shorter by as much.
    Faster,
    /// By more than is allowed, but as it may be by chance.
    Noise,
    /// By no more than is allowed.
    Same,
}

/// The own times of each recording of a side.
pub(super) type Recordings = Vec<BTreeMap<GroupKey, OwnTime>>;

/// The times of all groups that are on both sides, those first that differ most.
pub(super) fn time_changes(a: &Recordings, b: &Recordings, options: &DiffOptions) -> Vec<TimeChange> {
    let keys = |recordings: &Recordings| recordings.iter().flat_map(BTreeMap::keys).cloned().collect::<BTreeSet<_>>();
    let in_both: Vec<GroupKey> = keys(a).intersection(&keys(b)).cloned().collect();
    let mut asked: Vec<(usize, f64)> = Vec::new();
    let mut changes: Vec<TimeChange> = Vec::new();
    for key in in_both {
        let of = |recordings: &Recordings| recordings.iter().filter_map(|it| it.get(&key)).copied().collect::<Vec<_>>();
        let (in_a, in_b) = (of(a), of(b));
        let means = |times: &[OwnTime]| times.iter().map(OwnTime::mean_s).collect::<Vec<_>>();
        let (means_a, means_b) = (means(&in_a), means(&in_b));
        let (before, after) = (middle(&means_a), middle(&means_b));
        let effect = after - before;
        let allowed = if effect > 0.0 { options.slower } else { options.faster.unwrap_or(options.slower) };
        // As floats of seconds, a time that is just allowed may be a hair more.
        let hair = 1e-9 * before.max(after);
        let has_effect =
            effect.abs() > options.tolerance.as_secs_f64() + hair && effect.abs() > allowed * before + hair;
        let mut verdict = TimeVerdict::Same;
        if has_effect {
            let (low, high) = if effect > 0.0 { (&means_a, &means_b) } else { (&means_b, &means_a) };
            verdict = if effect > 0.0 { TimeVerdict::Slower } else { TimeVerdict::Faster };
            if least_likely(means_a.len(), means_b.len()) <= LIKELY_MAX {
                asked.push((changes.len(), rank_test(&means_a, &means_b)));
            } else if largest(low) >= smallest(high) {
                // Too few for a test: one among the others is reason enough to doubt it.
                verdict = TimeVerdict::Noise;
            }
        }
        let (of_a, of_b) = (of_middle(&in_a), of_middle(&in_b));
        changes.push(TimeChange {
            name: key.0,
            device: key.1,
            spans_before: of_a.spans,
            spans_after: of_b.spans,
            before: seconds(before),
            after: seconds(after),
            change: (before > 0.0).then(|| effect / before),
            total_change_s: effect * of_b.pieces as f64,
            likelihood: None,
            verdict,
        });
    }
    let likelihoods = corrected(&asked.iter().map(|(_, likelihood)| *likelihood).collect::<Vec<_>>());
    for ((place, _), likelihood) in asked.into_iter().zip(likelihoods) {
        changes[place].likelihood = Some(likelihood);
        if likelihood > LIKELY_MAX {
            changes[place].verdict = TimeVerdict::Noise;
        }
    }
    changes.sort_by(|a, b| {
        a.verdict.cmp(&b.verdict).then_with(|| b.total_change_s.abs().total_cmp(&a.total_change_s.abs()))
    });
    changes
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// The value in the middle; of an even number the mean of the two.
pub(super) fn middle(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match (values.get(values.len().saturating_sub(1) / 2), values.get(values.len() / 2)) {
        (Some(lower), Some(upper)) => (lower + upper) / 2.0,
        _ => 0.0,
    }
}

/// The one with the time in the middle.
fn of_middle(times: &[OwnTime]) -> OwnTime {
    let mut times = times.to_vec();
    times.sort_by(|a, b| a.mean_s().total_cmp(&b.mean_s()));
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}
