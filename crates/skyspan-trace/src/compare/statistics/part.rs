//! The parts of a plan: [`RunStatistics`] and [`SectionStatistics`].

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::between::Covered;
use super::held::HeldSums;
use super::lane::Decided;
use super::span_group::share;
use super::{Held, HeldWait, Times};
use crate::trace::bluesky::{RUN, STATUS, STATUS_WAIT, command_of, kwargs_of};
use crate::trace::{SpanLabel, SpanRef, Trace};
use crate::value::{Text, Timestamp, Value, nanoseconds};

/// A run, and where its time went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunStatistics {
    /// The span of the run.
    pub span: SpanLabel,
    /// The plan that opened it, as the run's metadata call it, if they do.
    pub plan: Option<Text>,
    /// When it began, from the start of the trace.
    #[serde(rename = "at_ns", serialize_with = "nanoseconds")]
    pub at: Duration,
    /// How long it took; of one that never ended, until the end of the trace.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// How it ended, if its span says so.
    pub exit_status: Option<Text>,
    /// How many waits it had.
    pub waits: u64,
    /// How long these took.
    #[serde(rename = "waiting_ns", serialize_with = "nanoseconds")]
    pub waiting: Duration,
    /// For how long no message with a span was being executed.
    #[serde(rename = "between_ns", serialize_with = "nanoseconds")]
    pub between: Duration,
    /// Its duration as a part of the time of the whole trace.
    pub share: f64,
    /// What held its waits, those first that held longest.
    pub held: Vec<Held>,
}

/// A section of plans, which are the spans of one name that a plan has of its own, and where its time went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SectionStatistics {
    /// What its spans are called.
    pub name: Text,
    /// How many there are.
    pub count: u64,
    /// How long they took.
    #[serde(flatten)]
    pub times: Times,
    /// Their total as a part of the time of the whole trace.
    pub share: f64,
    /// How many waits there were in them.
    pub waits: u64,
    /// How long these took.
    #[serde(rename = "waiting_ns", serialize_with = "nanoseconds")]
    pub waiting: Duration,
    /// What held their waits, those first that held longest.
    pub held: Vec<Held>,
}

/// Whether a span is one that a plan has of its own.
fn is_section(span: SpanRef<'_>) -> bool {
    command_of(span.span()).is_none() && ![RUN, STATUS, STATUS_WAIT].contains(&span.name())
}

/// In which run and sections each span of a tree is.
pub(super) struct Parts {
    /// The place of the run in [`Self::runs`].
    run_of: Vec<Option<usize>>,
    /// The span of the innermost section around each.
    section_of: Vec<Option<usize>>,
    /// The spans of the runs, by start.
    runs: Vec<usize>,
}

impl Parts {
    pub(super) fn of(tree: &Trace) -> Self {
        let mut runs: Vec<SpanRef<'_>> = tree.named(RUN).collect();
        runs.sort_by_key(|run| (run.start(), run.index()));
        let place: HashMap<usize, usize> = runs.iter().enumerate().map(|(at, run)| (run.index(), at)).collect();
        let (mut run_of, mut section_of) = (vec![None; tree.len()], vec![None; tree.len()]);
        for root in tree.roots() {
            for span in std::iter::once(root).chain(root.descendants()) {
                let parent = span.parent();
                let above = parent.map(SpanRef::index);
                run_of[span.index()] = place.get(&span.index()).copied().or(above.and_then(|above| run_of[above]));
                section_of[span.index()] = parent
                    .filter(|it| is_section(*it))
                    .map(SpanRef::index)
                    .or(above.and_then(|above| section_of[above]));
            }
        }
        Self { run_of, section_of, runs: runs.iter().map(|run| run.index()).collect() }
    }

    /// The place of the run that a span is in.
    pub(super) fn run_of(&self, span: SpanRef<'_>) -> Option<usize> {
        self.run_of[span.index()]
    }

    /// The runs, with the waits of each, in order of time.
    pub(super) fn runs(&self, tree: &Trace, waits: &[HeldWait], from: Timestamp, to: Timestamp) -> Vec<RunStatistics> {
        let covered = Covered::of(tree.spans().filter(|span| command_of(span.span()).is_some()), to);
        let mut of_run: Vec<Vec<&HeldWait>> = vec![Vec::new(); self.runs.len()];
        for wait in waits {
            if let Some(run) = wait.run {
                of_run[run].push(wait);
            }
        }
        let runs = self.runs.iter().zip(of_run).filter_map(|(run, waits)| {
            let span = tree.span_ref(*run)?;
            let (start, end) = (span.start(), span.end().unwrap_or(to));
            let duration = end.since(start);
            let text = |value: &Value| value.as_str().map(Text::from);
            Some(RunStatistics {
                span: SpanLabel::from(span.span()),
                plan: kwargs_of(span.span()).and_then(|metadata| metadata.get("plan_name").and_then(text)),
                at: start.since(from),
                duration,
                exit_status: span.span().attr("exit_status").and_then(text),
                waits: waits.len() as u64,
                waiting: waits.iter().map(|wait| wait.duration).sum(),
                between: duration.saturating_sub(covered.within(start, end)),
                share: share(duration, to.since(from)),
                held: held(&waits, to.since(from)),
            })
        });
        runs.collect()
    }

    /// The sections, those first that took longest together.
    pub(super) fn sections(
        &self,
        tree: &Trace,
        decided: &[(Decided<'_>, HeldWait)],
        whole: Duration,
    ) -> Vec<SectionStatistics> {
        let mut sections: HashMap<&str, (Vec<Duration>, u64, Vec<&HeldWait>)> = HashMap::new();
        for span in tree.spans().filter(|span| is_section(*span)) {
            let (times, count, _) = sections.entry(span.span().name()).or_default();
            times.extend(span.duration());
            *count += 1;
        }
        for (decided, wait) in decided {
            let first = self.section_of[decided.span.index()];
            let mut names: Vec<&str> = std::iter::successors(first, |above| self.section_of[*above])
                .filter_map(|section| Some(tree.span_ref(section)?.span().name()))
                .collect();
            // A section may be within one of the same name.
            names.sort_unstable();
            names.dedup();
            for name in names {
                if let Some((_, _, waits)) = sections.get_mut(name) {
                    waits.push(wait);
                }
            }
        }
        let mut all: Vec<SectionStatistics> = sections
            .into_iter()
            .map(|(name, (mut times, count, waits))| {
                let times = Times::of(&mut times);
                SectionStatistics {
                    name: name.into(),
                    count,
                    times,
                    share: share(times.total, whole),
                    waits: waits.len() as u64,
                    waiting: waits.iter().map(|wait| wait.duration).sum(),
                    held: held(&waits, whole),
                }
            })
            .collect();
        all.sort_by(|a, b| b.times.total.cmp(&a.times.total).then_with(|| a.name.cmp(&b.name)));
        all
    }
}

fn held(waits: &[&HeldWait], whole: Duration) -> Vec<Held> {
    let mut sums = HeldSums::default();
    waits.iter().for_each(|wait| sums.wait(wait));
    sums.finish(whole)
}
