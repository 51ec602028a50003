//! One tree of each run of bluesky's loose traces.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceId};

use super::bluesky::{RUN, STATUS, command_of, device_of, group_of};
use super::{Span, SpanLabel, SpanRef, Trace};
use crate::value::{Timestamp, Value};

/// A trace of which each run is one tree, and what is in none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupedByRun {
    /// All spans, in the order in which they came.
    pub trace: Trace,
    /// The roots that started while no run was open; they are roots still.
    pub outside: Vec<SpanLabel>,
    /// The roots that started while several runs were open, and nothing tells to which they belong; they are roots still.
    pub undecided: Vec<SpanLabel>,
}

impl Trace {
    /// The same spans with one tree of each run of bluesky: what has no parent, and started while a run was open, is below the
    /// span of that run.
    ///
    /// A RunEngine leaves most spans as traces of their own: a scan of some minutes has hundreds. Where several runs are open
    /// at once, the run key decides (`run.key` or `msg.run`), then the group that a span waits for or is set in, then the device,
    /// where another span with that is known to belong to one of these runs alone. Below the span of the run stand those of plans
    /// (those that are neither of messages nor of statuses), and what started while one of these was open is below it.
    ///
    /// A span that is moved has the trace id of its run; links to it follow. Span ids stay.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    /// use skyspan_trace::value::Timestamp;
    ///
    /// let at = Timestamp::from_unix_ns;
    /// let trace = Trace::from_spans([
    ///     Span::builder("Bluesky RunEngine set").trace_id(1).span_id(1).start(at(5)).end(at(7)).build(),
    ///     Span::builder("Bluesky RunEngine run").trace_id(2).span_id(2).start(at(1)).end(at(9)).build(),
    ///     Span::builder("Bluesky RunEngine wait").trace_id(3).span_id(3).start(at(20)).end(at(21)).build(),
    /// ]);
    /// let grouped = trace.grouped_by_run();
    /// assert_eq!(grouped.trace.roots().map(|root| root.name().to_owned()).collect::<Vec<_>>(), [
    ///     "Bluesky RunEngine run", "Bluesky RunEngine wait",
    /// ]);
    /// assert_eq!(grouped.outside[0].name, "Bluesky RunEngine wait");
    /// ```
    #[must_use]
    pub fn grouped_by_run(&self) -> GroupedByRun {
        let runs: Vec<Run<'_>> = self.named(RUN).map(Run::of).collect();
        let mut loose: Vec<Loose<'_>> = self.roots().filter_map(Loose::of).collect();
        open_runs(&mut loose, &runs);
        decide(&mut loose, &runs);
        let mut places = Places::new(self, &runs);
        for tree in loose.iter().filter(|tree| !is_message(tree.root)) {
            places.plan(tree);
        }
        places.sort();
        // Where each span goes that is moved: its trace id, and, for a root, its parent.
        let mut moved: HashMap<(TraceId, SpanId), TraceId> = HashMap::new();
        let mut changes: HashMap<usize, (TraceId, Option<SpanId>)> = HashMap::new();
        for tree in &loose {
            let Some(run) = tree.run() else { continue };
            let trace_id = runs[run].span.trace_id();
            let parent = places.parent(tree, run);
            for span in std::iter::once(tree.root).chain(tree.root.descendants()) {
                moved.insert((span.span().trace_id(), span.span().span_id()), trace_id);
                changes.insert(span.index(), (trace_id, (span == tree.root).then_some(parent)));
            }
        }
        let spans = self.spans().map(|span| {
            let shared = &self.shared_spans()[span.index()];
            let has_links = span.links().iter().any(|link| moved.contains_key(&(link.trace_id, link.span_id)));
            match changes.get(&span.index()) {
                None if !has_links => Arc::clone(shared),
                change => Arc::new(changed(shared, change.copied(), &moved)),
            }
        });
        let labels = |wanted: fn(&Loose<'_>) -> bool| {
            loose.iter().filter(|tree| wanted(tree)).map(|tree| SpanLabel::from(tree.root.span())).collect()
        };
        GroupedByRun {
            trace: self.ordered_alike(spans.collect()),
            outside: labels(|tree| tree.open.is_empty()),
            undecided: labels(|tree| tree.open.len() > 1),
        }
    }
}

fn changed(
    span: &Span,
    change: Option<(TraceId, Option<SpanId>)>,
    moved: &HashMap<(TraceId, SpanId), TraceId>,
) -> Span {
    let mut span = span.clone();
    if let Some((trace_id, parent)) = change {
        span.trace_id = trace_id;
        span.parent_id = parent.or(span.parent_id);
    }
    for link in span.rare.iter_mut().flat_map(|rare| rare.links.iter_mut()) {
        link.trace_id = moved.get(&(link.trace_id, link.span_id)).copied().unwrap_or(link.trace_id);
    }
    span
}

/// Whether a span is that of a message or a status.
fn is_message(span: SpanRef<'_>) -> bool {
    command_of(&span).is_some() || span.name() == RUN || span.name() == STATUS
}

/// The span of a run.
struct Run<'a> {
    span: SpanRef<'a>,
    key: Option<&'a Value>,
}

impl<'a> Run<'a> {
    fn of(span: SpanRef<'a>) -> Self {
        Self { span, key: key(span) }
    }
}

/// Whether a span was open when another started. Where times are equal, it counts which started first, if that is known, and which
/// came first: spans come as they end.
fn is_around(outer: SpanRef<'_>, inner: SpanRef<'_>) -> bool {
    let started = |span: SpanRef<'_>| (span.start(), span.span().started);
    let at = inner.start();
    let ends_behind = |end: Timestamp| at < end || (at == end && inner.index() < outer.index());
    started(outer) <= started(inner) && outer.end().is_none_or(ends_behind)
}

fn key(span: SpanRef<'_>) -> Option<&Value> {
    ["run.key", "msg.run"].iter().find_map(|key| span.span().attr(key)).filter(|key| !key.is_null())
}

/// A tree whose root has no parent, and the runs to which it may belong, by their place.
struct Loose<'a> {
    root: SpanRef<'a>,
    open: Vec<usize>,
}

impl<'a> Loose<'a> {
    /// A tree that may be moved: one that has no run in it.
    fn of(root: SpanRef<'a>) -> Option<Self> {
        let holds_run = std::iter::once(root).chain(root.descendants()).any(|span| span.name() == RUN);
        (!holds_run).then_some(Self { root, open: Vec::new() })
    }

    fn run(&self) -> Option<usize> {
        match &*self.open {
            [run] => Some(*run),
            _ => None,
        }
    }

    fn spans(&self) -> impl Iterator<Item = SpanRef<'a>> {
        std::iter::once(self.root).chain(self.root.descendants())
    }

    /// What may tell to which run it belongs: groups first, devices then.
    fn marks(&self) -> [Vec<Mark>; 2] {
        let groups = self.spans().filter_map(|span| Some(Mark::Group(group_of(&span)?.as_str()?.to_owned()))).collect();
        let devices = self.spans().filter_map(|span| Some(Mark::Device(device_of(&span)?.to_owned()))).collect();
        [groups, devices]
    }
}

/// Finds the runs that were open where each tree began. Roots come by start, so that a run is looked at only while it may be open.
fn open_runs(loose: &mut [Loose<'_>], runs: &[Run<'_>]) {
    let mut ahead: Vec<usize> = (0..runs.len()).collect();
    ahead.sort_by_key(|run| std::cmp::Reverse(runs[*run].span.start()));
    let mut open: Vec<usize> = Vec::new();
    for tree in loose {
        let at = tree.root.start();
        while let Some(run) = ahead.pop_if(|run| runs[*run].span.start() <= at) {
            open.push(run);
        }
        open.retain(|run| runs[*run].span.end().is_none_or(|end| at <= end));
        tree.open = open.iter().copied().filter(|run| is_around(runs[*run].span, tree.root)).collect();
        // Of several that ended at this very time it belongs to the first that did.
        let ends_here = |run: &usize| runs[*run].span.end() == Some(at);
        if tree.open.iter().filter(|run| ends_here(run)).count() > 1 {
            let first = tree.open.iter().copied().filter(ends_here).min_by_key(|run| runs[*run].span.index());
            tree.open.retain(|run| !ends_here(run) || Some(*run) == first);
        }
    }
}

/// What spans of one run have in common.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Mark {
    Group(String),
    Device(String),
}

/// Decides for trees that started while several runs were open.
fn decide(loose: &mut [Loose<'_>], runs: &[Run<'_>]) {
    for tree in loose.iter_mut().filter(|tree| tree.open.len() > 1) {
        let keys: Vec<&Value> = tree.spans().filter_map(key).collect();
        let of_key: Vec<usize> =
            tree.open.iter().copied().filter(|run| runs[*run].key.is_some_and(|key| keys.contains(&key))).collect();
        if let [run] = *of_key {
            tree.open = vec![run];
        }
    }
    // What is decided may decide more.
    for kind in [0, 1] {
        loop {
            let mut runs_of: HashMap<Mark, HashSet<usize>> = HashMap::new();
            for tree in loose.iter() {
                let Some(run) = tree.run() else { continue };
                for mark in tree.marks().into_iter().flatten() {
                    runs_of.entry(mark).or_default().insert(run);
                }
            }
            let mut any = false;
            for tree in loose.iter_mut().filter(|tree| tree.open.len() > 1) {
                let marks = &tree.marks()[kind];
                let known = marks.iter().filter_map(|mark| runs_of.get(mark)).flatten();
                let known: HashSet<usize> = known.copied().filter(|run| tree.open.contains(run)).collect();
                if known.len() == 1 {
                    tree.open = known.into_iter().collect();
                    any = true;
                }
            }
            if !any {
                break;
            }
        }
    }
}

/// The spans of plans in each run, below which others may stand.
struct Places<'a> {
    /// The span of each run, and then those of plans in it, with the runs' places.
    plans: Vec<Vec<SpanRef<'a>>>,
}

impl<'a> Places<'a> {
    fn new(trace: &'a Trace, runs: &[Run<'a>]) -> Self {
        let mut plans: Vec<Vec<SpanRef<'a>>> = runs.iter().map(|run| vec![run.span]).collect();
        let place: HashMap<usize, usize> = runs.iter().enumerate().map(|(at, run)| (run.span.index(), at)).collect();
        for span in trace.spans().filter(|span| !is_message(*span)) {
            let run = span.ancestors().find_map(|above| place.get(&above.index()));
            if let Some(run) = run {
                plans[*run].push(span);
            }
        }
        Self { plans }
    }

    /// The spans of plans in a tree that is moved.
    fn plan(&mut self, tree: &Loose<'a>) {
        if let Some(run) = tree.run() {
            self.plans[run].extend(tree.spans().filter(|span| !is_message(*span)));
        }
    }

    /// The parent of a tree: the innermost plan that was open where it began, or the run.
    fn parent(&self, tree: &Loose<'a>, run: usize) -> SpanId {
        let plans = &self.plans[run];
        let Some(first) = plans.first() else { return SpanId::INVALID };
        // By start: those that began later are not looked at, and the innermost is mostly the last of the others.
        let before = plans.partition_point(|plan| plan.start() <= tree.root.start());
        let around = plans[..before].iter().rev().find(|plan| {
            plan.root() != tree.root
                && is_around(**plan, tree.root)
                && (is_message(tree.root) || plan.start() < tree.root.start())
        });
        around.unwrap_or(first).span().span_id()
    }

    /// Puts the plans of each run in order.
    fn sort(&mut self) {
        for plans in &mut self.plans {
            if let Some((_, below)) = plans.split_first_mut() {
                below.sort_by_key(|plan| (plan.start(), plan.depth()));
            }
        }
    }
}
