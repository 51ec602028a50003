//! [`EngineTime`]: what a night takes between what its spans tell of.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Serialize;

use super::sightings::{Mark, Sight, Sightings, gives_status};
use crate::value::nanoseconds;

/// A gap up to this is what the engine takes for a message, or devices take to be read; those between the same messages are taken to
/// be as long as they are on average.
pub(super) const SMALL: Duration = Duration::from_millis(20);

/// What a night takes between what its spans tell of: the engine itself, reading, callbacks, and what a plan sleeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EngineTime {
    /// What a message takes: the root of the mean square of the short gaps. No time of the night is known better than that, for whoever
    /// ended a status was as busy.
    #[serde(rename = "resolution_ns", serialize_with = "nanoseconds")]
    pub resolution: Duration,
    /// How many short gaps there are.
    pub short_gaps: u64,
    /// How long they are together.
    #[serde(rename = "short_time_ns", serialize_with = "nanoseconds")]
    pub short_time: Duration,
    /// How many longer gaps there are, in which the plan slept, read or computed.
    pub naps: u64,
    /// How long they are together.
    #[serde(rename = "nap_time_ns", serialize_with = "nanoseconds")]
    pub nap_time: Duration,
}

/// The gaps of a night.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// What the twin sleeps through before each mark.
    pub(super) before: Vec<Duration>,
    /// How long the engine took from what began what is waited for to the wait, by the place of the wait in the trace: the twin takes no
    /// time for that, and waits so much longer.
    pub(super) leads: HashMap<usize, Duration>,
    pub(super) time: EngineTime,
}

/// The gaps of a night, between its marks.
pub(super) fn gaps(seen: &Sightings<'_>) -> Gaps {
    let marks = &seen.marks;
    let mut gaps = vec![Duration::ZERO; marks.len()];
    let mut leads = HashMap::new();
    let mut lead = Duration::ZERO;
    let mut time = EngineTime::default();
    let Some(first) = marks.first() else { return Gaps::default() };
    let mut told_until = first.start;
    let mut by_kind: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut small: Vec<Duration> = Vec::new();
    let mut before: Option<&Mark<'_>> = None;
    for (at, mark) in marks.iter().enumerate() {
        // What a message takes until its device begins is gone before that does.
        let begins = if mark.is_wait() || mark.is_sleep() { mark.start } else { mark.told_until };
        let gap = begins.since(told_until);
        if gap > SMALL {
            gaps[at] = gap;
            time.naps += 1;
            time.nap_time += gap;
        } else if at > 0 {
            small.push(gap);
            // While something is under way and about to be waited for, time that goes by is that of the device.
            let is_under_way =
                before.is_some_and(Mark::begins_something) && (mark.is_wait() || mark.begins_something());
            lead = if is_under_way { lead + gap } else { Duration::ZERO };
            if !is_under_way && !gap.is_zero() {
                by_kind.entry((before.map_or("", Mark::word), mark.word())).or_default().push(at);
                gaps[at] = gap;
            }
        }
        if let (true, Sight::Message { span, .. }) = (mark.is_wait(), &mark.what) {
            leads.insert(span.index(), std::mem::take(&mut lead));
        }
        told_until = told_until.max(mark.told_until);
        before = Some(mark);
    }
    for places in by_kind.into_values() {
        let total: Duration = places.iter().map(|at| gaps[*at]).sum();
        let mean = total / u32::try_from(places.len()).unwrap_or(u32::MAX);
        places.iter().for_each(|at| gaps[*at] = mean);
        time.short_gaps += places.len() as u64;
        time.short_time += total;
    }
    if !small.is_empty() {
        #[expect(clippy::cast_precision_loss, reason = "a number of gaps")]
        let mean = small.iter().map(|gap| gap.as_secs_f64().powi(2)).sum::<f64>() / small.len() as f64;
        time.resolution = Duration::from_secs_f64(mean.sqrt());
    }
    Gaps { before: gaps, leads, time }
}

impl Mark<'_> {
    pub(super) fn is_wait(&self) -> bool {
        matches!(self.what, Sight::Message { command: "wait", .. })
    }

    fn is_sleep(&self) -> bool {
        matches!(self.what, Sight::Message { command: "sleep", .. })
    }

    /// Whether a device is about something from here on.
    pub(super) fn begins_something(&self) -> bool {
        match &self.what {
            Sight::Message { command, .. } => gives_status(command),
            Sight::Begun { .. } => true,
            _ => false,
        }
    }

    /// What it is, in one word: gaps between the same words are alike.
    fn word(&self) -> &str {
        match &self.what {
            Sight::OpenRun(_) => "open_run",
            Sight::CloseRun(_) => "close_run",
            Sight::Message { command, .. } => command,
            Sight::Begun { command, .. } => command,
            Sight::Event { .. } => "event",
            Sight::Monitored { .. } => "monitor",
            Sight::Enter(_) | Sight::Leave => "span",
        }
    }
}
