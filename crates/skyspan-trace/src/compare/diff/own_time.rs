//! [`OwnTimes`]: how long the spans of a trace took by themselves, so that a device that is slower is named, and not all that waits for it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::compare::statistics::{Statistics, WaitEnd};
use crate::trace::bluesky::{STATUS, device_of};
use crate::trace::{SpanRef, Trace};
use crate::value::Text;

/// The spans of one name and, where they are of one, device.
pub(super) type GroupKey = (Text, Option<Text>);

/// How long the spans of a group took by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct OwnTime {
    pub(super) total: Duration,
    /// In how many pieces: a span has one before, between and behind its children.
    pub(super) pieces: u64,
    pub(super) spans: u64,
}

impl OwnTime {
    /// How long a piece took, in the mean.
    pub(super) fn mean_s(&self) -> f64 {
        if self.pieces == 0 { 0.0 } else { self.total.as_secs_f64() / self.pieces as f64 }
    }
}

/// The own times of a trace by group. That of a status is its duration; that of a wait what was not that of the status which ended
/// it; that of any other span what is not its children's.
pub(super) fn own_times(tree: &Trace, statistics: &Statistics) -> BTreeMap<GroupKey, OwnTime> {
    let mut waits: HashMap<usize, (Option<Text>, Duration)> = HashMap::new();
    for wait in &statistics.waits {
        let Some(span) = tree.get_in(wait.span.trace_id, wait.span.span_id) else { continue };
        let own = match &wait.end {
            // Where the status has a span, its time is there.
            WaitEnd::Status { span: status, behind, .. } if status.name == STATUS => (None, *behind),
            WaitEnd::Status { device, .. } => (Some(device.clone()), wait.duration),
            _ => (None, wait.duration),
        };
        waits.insert(span.index(), own);
    }
    let mut times: BTreeMap<GroupKey, OwnTime> = BTreeMap::new();
    for span in tree.spans() {
        let Some(duration) = span.duration() else { continue };
        let (device, own, pieces) = match waits.get(&span.index()) {
            Some((device, own)) => (device.clone(), *own, 1),
            None if span.name() == STATUS => (device(span), duration, 1),
            None => (device(span), self_time(span), span.children().len() as u64 + 1),
        };
        let time = times.entry((span.span().name_text().clone(), device)).or_default();
        time.total += own;
        time.pieces += pieces;
        time.spans += 1;
    }
    times
}

fn device(span: SpanRef<'_>) -> Option<Text> {
    device_of(span.span()).map(Text::from)
}

fn self_time(span: SpanRef<'_>) -> Duration {
    let own = span.self_time_ns().unwrap_or_default();
    Duration::from_nanos(own.try_into().unwrap_or_default())
}
