//! [`TraceDiff`]: what differs between traces.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::change::{self, AttributeChange, Noise, StructureChange};
use super::draw::DiffTree;
use super::effect::{Effect, effects, parts_of};
use super::own_time::own_times;
use super::pairing::Pairing;
use super::side::Side;
use super::time_change::{Recordings, TimeChange, TimeVerdict, middle, time_changes};
use crate::expect::NamePattern;
use crate::trace::Trace;
use crate::value::{FormatVersion, nanoseconds};

/// What is compared of traces, and how much they may differ.
///
/// ```
/// use skyspan_trace::compare::DiffOptions;
/// use skyspan_trace::expect::glob;
/// use std::time::Duration;
///
/// let options = DiffOptions::new().slower(0.1).tolerance(Duration::from_millis(20)).without_key(glob("thread.*"));
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct DiffOptions {
    pub(super) slower: f64,
    pub(super) faster: Option<f64>,
    pub(super) tolerance: Duration,
    pub(super) attributes: bool,
    pub(super) structure: bool,
    pub(super) times: bool,
    pub(super) ignored: Vec<NamePattern>,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl DiffOptions {
    /// Structure, attributes and times; a time may be longer by 5 % or a millisecond.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slower: 0.05,
            faster: None,
            tolerance: Duration::from_millis(1),
            attributes: true,
            structure: true,
            times: true,
            ignored: Vec::new(),
        }
    }

    /// By which part spans may be slower: 0.05 for 5 %, unless this is said.
    #[must_use]
    pub fn slower(self, part: f64) -> Self {
        Self { slower: part, ..self }
    }

    /// By which part spans may be faster. Unless this is said, what is faster is told, and no reason for the traces to
    /// [differ](TraceDiff::differs).
    #[must_use]
    pub fn faster(self, part: f64) -> Self {
        Self { faster: Some(part), ..self }
    }

    /// By how much a span may be slower or faster in any case; a millisecond unless this is said.
    #[must_use]
    pub fn tolerance(self, time: Duration) -> Self {
        Self { tolerance: time, ..self }
    }

    /// Whether attributes are compared. Those that are another in each run are not: ids, uids, wall times, generated names of groups,
    /// addresses, as in a [shape](fn@crate::expect::shape).
    #[must_use]
    pub fn attributes(self, compared: bool) -> Self {
        Self { attributes: compared, ..self }
    }

    /// Whether structure is compared: what is gone, new, moved, renamed.
    #[must_use]
    pub fn structure(self, compared: bool) -> Self {
        Self { structure: compared, ..self }
    }

    /// Whether times are compared.
    #[must_use]
    pub fn times(self, compared: bool) -> Self {
        Self { times: compared, ..self }
    }

    /// Leaves an attribute out, or those of a pattern.
    #[must_use]
    pub fn without_key(mut self, key: impl Into<NamePattern>) -> Self {
        self.ignored.push(key.into());
        self
    }
}

/// What differs between traces. Its `Display` is for people, of at most 80 columns but for long names; its JSON begins with
/// `version: 1`.
///
/// Spans are paired from the roots down: what is alike with all that is below it first, in order; then by name, status and attributes; by
/// name and device; by name. What is gone in one place and new in another has been moved; what has another name, and attributes and
/// children that are the same, has been renamed. The order of siblings is not compared, but for finding them. Of more than 64 siblings
/// that differ in attributes alone, the first is held for the first.
///
/// Times are compared by name and device, and each span by what it took by itself: see [`TimeChange`]. The trace of a RunEngine is
/// compared as the [tree of its runs](Trace::grouped_by_run).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TraceDiff {
    version: FormatVersion,
    /// Whether they differ by more than is allowed.
    pub differs: bool,
    /// What there is before.
    pub before: DiffSide,
    /// What there is after.
    pub after: DiffSide,
    /// How many spans of the first are one of the second; of several recordings, of the first of each side.
    pub pairs: usize,
    /// What is gone, new, moved or renamed; of several recordings, what does not come and go within a side.
    pub structure: Vec<StructureChange>,
    /// The attributes that are others; of several recordings, those that are not others within a side.
    pub attributes: Vec<AttributeChange>,
    /// The times of all groups of spans, what differs first.
    pub times: Vec<TimeChange>,
    /// Where a difference of the whole comes from, the largest part first.
    pub effects: Vec<Effect>,
    #[serde(skip)]
    pub(super) tree: DiffTree,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DiffSide {
    /// How many recordings this side has.
    pub recordings: usize,
    /// How many spans the first has.
    pub spans: usize,
    /// How long it took; of several, in the middle.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
}

impl Trace {
    /// What differs from another trace, with [what is allowed](DiffOptions::new) by default.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    /// use skyspan_trace::value::Timestamp;
    ///
    /// let recorded = |move_ms: u64| {
    ///     let at = |ms: u64| Timestamp::from_unix_ns(ms * 1_000_000);
    ///     let part = |name: &str, id: u64, from, to| Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(from)).end(at(to)).build();
    ///     let scan = Span::builder("scan").trace_id(1).span_id(1).start(at(0)).end(at(move_ms + 300)).build();
    ///     Trace::from_spans([scan, part("move", 2, 0, move_ms), part("expose", 3, move_ms, move_ms + 300)])
    /// };
    /// assert!(!recorded(500).diff(&recorded(510)).differs);
    /// // The move alone is named, and not the scan that it is a part of.
    /// let diff = recorded(500).diff(&recorded(600));
    /// let slower: Vec<&str> = diff.slower().map(|change| &*change.name).collect();
    /// assert_eq!((diff.differs, slower), (true, vec!["move"]));
    /// ```
    #[must_use]
    pub fn diff(&self, other: &Self) -> TraceDiff {
        TraceDiff::of(std::slice::from_ref(self), std::slice::from_ref(other), &DiffOptions::new())
    }

    /// The same, with options.
    #[must_use]
    pub fn diff_with(&self, other: &Self, options: &DiffOptions) -> TraceDiff {
        TraceDiff::of(std::slice::from_ref(self), std::slice::from_ref(other), options)
    }
}

impl TraceDiff {
    /// What differs between several recordings before and several after.
    ///
    /// Of times the one in the middle is compared; where that differs by more than is allowed, a rank test (Mann and Whitney, exact) says
    /// how likely such a difference is by chance, corrected for all the groups that are asked about (Benjamini and Hochberg). What is
    /// likelier than one in twenty is noise. From four recordings a side on there can be less; of fewer, all of one side must be above
    /// all of the other. Structure and attributes are those of the first of each side, without what differs within a side.
    ///
    /// # Panics
    ///
    /// If a side has no recording.
    #[must_use]
    #[track_caller]
    pub fn of(before: &[Trace], after: &[Trace], options: &DiffOptions) -> Self {
        assert!(!before.is_empty() && !after.is_empty(), "each side of a comparison has a recording");
        let sides = |traces: &[Trace]| traces.iter().map(|trace| Side::of(trace, options)).collect::<Vec<_>>();
        let (all_a, all_b) = (sides(before), sides(after));
        let (a, b) = (&all_a[0], &all_b[0]);
        let pairing = Pairing::of(a, b, options);
        let mut noise = Noise::default();
        for side in [&all_a, &all_b] {
            side[1..].iter().for_each(|other| noise.add(&side[0], other, options));
        }
        let structure = if options.structure { change::structure(a, b, &pairing, &noise) } else { Vec::new() };
        let attributes = change::attributes(a, b, &pairing, &noise, options);
        let (summary_a, times_a, parts_a) = summed_up(&all_a);
        let (summary_b, times_b, parts_b) = summed_up(&all_b);
        let times = if options.times { time_changes(&times_a, &times_b, options) } else { Vec::new() };
        let fails = |change: &TimeChange| match change.verdict {
            TimeVerdict::Slower => true,
            TimeVerdict::Faster => options.faster.is_some(),
            TimeVerdict::Noise | TimeVerdict::Same => false,
        };
        let tree = DiffTree::of(a, b, &pairing, &noise, options);
        Self {
            version: FormatVersion,
            differs: !structure.is_empty() || !attributes.is_empty() || times.iter().any(fails),
            before: summary_a,
            after: summary_b,
            pairs: pairing.pairs.len(),
            structure,
            attributes,
            times,
            effects: effects(&parts_a, &parts_b),
            tree,
        }
    }

    /// The times that are longer by more than is allowed, and not by chance.
    pub fn slower(&self) -> impl Iterator<Item = &TimeChange> {
        self.times.iter().filter(|change| change.verdict == TimeVerdict::Slower)
    }

    /// The times that are shorter by as much.
    pub fn faster(&self) -> impl Iterator<Item = &TimeChange> {
        self.times.iter().filter(|change| change.verdict == TimeVerdict::Faster)
    }
}

/// What is known of the recordings of a side by themselves.
fn summed_up(sides: &[Side]) -> (DiffSide, Recordings, Vec<BTreeMap<String, f64>>) {
    let (mut times, mut parts, mut durations) = (Vec::new(), Vec::new(), Vec::new());
    for side in sides {
        let statistics = side.tree.statistics();
        let own = own_times(&side.tree, &statistics);
        parts.push(parts_of(&statistics, &own));
        times.push(own);
        durations.push(statistics.duration.as_secs_f64());
    }
    let duration = Duration::try_from_secs_f64(middle(&durations)).unwrap_or_default();
    let spans = sides.first().map_or(0, |side| side.tree.len());
    (DiffSide { recordings: sides.len(), spans, duration }, times, parts)
}
