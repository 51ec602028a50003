//! [`TwinComparison`]: how long the twin takes, beside the night.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::gaps::gaps;
use super::night::Night;
use super::sightings::Sightings;
use super::twin::Twin;
use crate::compare::{Holder, WaitEnd};
use crate::harness::{Harness, Kept};
use crate::trace::{Trace, rounded_duration};
use crate::value::yaml::YamlError;
use crate::value::{FormatVersion, nanoseconds};
use skyspan_trace::internal::{cut_to, table};

/// How long the twin takes, beside the night: all of it, and the waits by who held them. Its `Display` is a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TwinComparison {
    version: FormatVersion,
    /// All of it.
    pub total: ComparedWait,
    /// The waits, by who held them, those first that took longest in the night. Each is counted from when what it waits for was begun,
    /// and without what the engine takes when that is done.
    pub waits: Vec<ComparedWait>,
    /// Whether all items of the twin went well; those of the night that failed fail in it, too.
    pub is_success: bool,
}

/// How long something takes in the twin, beside the night.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedWait {
    /// What held the waits: `stage set`; `all` for all of the night.
    pub by: String,
    /// How many waits it held in the night.
    pub waits: u64,
    /// How long these took in the night.
    #[serde(rename = "night_ns", serialize_with = "nanoseconds")]
    pub night: Duration,
    /// How long they take in the twin.
    #[serde(rename = "twin_ns", serialize_with = "nanoseconds")]
    pub twin: Duration,
    /// To within how much the twin is meant to be as long: the scatter of the calls of the device, and what the clock of the night was
    /// no better than.
    #[serde(rename = "error_ns", serialize_with = "nanoseconds")]
    pub error: Duration,
}

impl ComparedWait {
    /// How much longer the twin takes, in seconds.
    #[must_use]
    pub fn apart_s(&self) -> f64 {
        self.twin.as_secs_f64() - self.night.as_secs_f64()
    }

    /// Whether it is as long to within the stated error.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.apart_s().abs() <= self.error.as_secs_f64()
    }
}

impl TwinComparison {
    pub(super) fn of(twin: &Twin, night: &Night, seed: u64) -> Result<Self, YamlError> {
        let lab = Harness::builder()
            .seed(seed)
            .program(twin.program())
            .without(Kept::Documents)
            .without(Kept::Messages)
            .build();
        let outcome = lab.run_program(twin.program())?;
        let leads = Sightings::of(night).map(|seen| gaps(&seen).leads).unwrap_or_default();
        let (in_night, in_twin) = (waited_for(&night.trace, &leads), waited_for(outcome.trace(), &HashMap::new()));
        let errors = Errors { twin, resolution_s: twin.engine.resolution.as_secs_f64() };
        let compared = |(by, night): (&Holder, &Waited)| {
            let twin = in_twin.get(by).copied().unwrap_or_default();
            let error = errors.of(by, night, twin.waits);
            ComparedWait { by: by.to_string(), waits: night.waits, night: night.time, twin: twin.time, error }
        };
        let mut waits: Vec<ComparedWait> = in_night.iter().map(compared).collect();
        waits.sort_by(|a, b| b.night.cmp(&a.night).then_with(|| a.by.cmp(&b.by)));
        let total = ComparedWait {
            by: "all".to_owned(),
            waits: waits.iter().map(|wait| wait.waits).sum(),
            night: night.trace.statistics().duration,
            twin: outcome.trace().statistics().duration,
            error: errors.of_all(&in_night),
        };
        Ok(Self { version: FormatVersion, total, waits, is_success: outcome.is_success() })
    }
}

/// The waits that one thing held.
#[derive(Clone, Copy, Debug, Default)]
struct Waited {
    waits: u64,
    time: Duration,
}

/// How long was waited for what: from when it was begun, without what the engine took when it was done.
fn waited_for(trace: &Trace, leads: &HashMap<usize, Duration>) -> BTreeMap<Holder, Waited> {
    let mut waited: BTreeMap<Holder, Waited> = BTreeMap::new();
    for wait in trace.statistics().waits {
        let behind = match &wait.end {
            WaitEnd::Status { behind, .. } => *behind,
            _ => Duration::ZERO,
        };
        let lead = trace.get_in(wait.span.trace_id, wait.span.span_id).and_then(|span| leads.get(&span.index()));
        let of_holder = waited.entry(Holder::from(&wait.end)).or_default();
        of_holder.waits += 1;
        of_holder.time += wait.duration.saturating_sub(behind) + lead.copied().unwrap_or_default();
    }
    waited
}

/// How well the twin is known.
struct Errors<'t> {
    twin: &'t Twin,
    resolution_s: f64,
}

impl Errors<'_> {
    /// Twice the standard deviation of so many calls, and for each what the clock is no better than. A wait that another device holds in
    /// the twin may be as long as one is.
    fn of(&self, by: &Holder, night: &Waited, in_twin: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a number of waits")]
        let (waits, otherwise) = (night.waits as f64, night.waits.abs_diff(in_twin) as f64);
        let each_s = if night.waits == 0 { 0.0 } else { night.time.as_secs_f64() / waits };
        seconds(2.0 * self.scatter_s(by) * waits.sqrt() + waits * self.resolution_s + otherwise * each_s)
    }

    fn of_all(&self, night: &BTreeMap<Holder, Waited>) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a number of waits")]
        let squares = night.iter().map(|(by, waited)| (2.0 * self.scatter_s(by)).powi(2) * waited.waits as f64);
        let squares: f64 = squares.sum();
        let waits: u64 = night.values().map(|waited| waited.waits).sum();
        #[expect(clippy::cast_precision_loss, reason = "a number of waits")]
        let resolution_s = waits as f64 * self.resolution_s;
        seconds(squares.sqrt() + resolution_s)
    }

    fn scatter_s(&self, by: &Holder) -> f64 {
        let Holder::Status { device, command } = by else { return 0.0 };
        let device = self.twin.device(device);
        let of_command = command.as_ref().and_then(|command| device?.scatter_s.get(command).copied());
        of_command.unwrap_or_default()
    }
}

/// At least a microsecond: documents know no time better.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(1e-6)).unwrap_or(Duration::MAX)
}

impl fmt::Display for TwinComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: Duration| rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX));
        let row = |wait: &ComparedWait| {
            let apart_ns = (wait.apart_s() * 1e9).round();
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, as is wanted")]
            let apart = rounded_duration(apart_ns as i128);
            [
                cut_to(&wait.by, 26).into_owned(),
                wait.waits.to_string(),
                time(wait.night),
                time(wait.twin),
                apart,
                format!("± {}", time(wait.error)),
                if wait.is_within() { "" } else { "!" }.to_owned(),
            ]
        };
        let rows: Vec<[String; 7]> = std::iter::once(&self.total).chain(&self.waits).map(row).collect();
        table(f, Some(["held by", "waits", "night", "twin", "apart", "stated", ""]), &rows, [0; 7])
    }
}
