//! [`Seen`]: what was seen of each kind of spans, over all traces.

use std::collections::{BTreeMap, BTreeSet};

use super::span_group::SpanGroups;
use super::values_seen::ValuesSeen;
use crate::trace::{Redaction, Resource, SpanKind, SpanRef, Status, Trace};
use crate::value::{Text, Timestamp, Value};

/// What was seen of each kind of spans.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) groups: SpanGroups,
    /// How many traces there are.
    pub(super) traces: usize,
    /// What each trace has, in order of time.
    pub(super) by_trace: Vec<TraceSeen>,
    /// The values of each key of each group.
    pub(super) values: Vec<BTreeMap<Text, ValuesSeen>>,
    /// The same of their resources.
    pub(super) resources: Vec<BTreeMap<Text, ValuesSeen>>,
    /// The same of their events, by the name of the event and the key.
    pub(super) event_values: Vec<BTreeMap<(Text, Text), ValuesSeen>>,
}

/// What one trace has of each group.
#[derive(Debug)]
pub(super) struct TraceSeen {
    pub(super) groups: Vec<GroupSeen>,
    /// How many spans are of no group.
    pub(super) strangers: usize,
}

/// What one trace has of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupSeen {
    pub(super) count: usize,
    pub(super) places: BTreeSet<Neighbour>,
    /// How many children of each group its spans have, at least and at most.
    pub(super) children: BTreeMap<usize, (usize, usize)>,
    /// What comes right before its spans.
    pub(super) previous: BTreeSet<Neighbour>,
    /// Whether one of them, or the sibling right before it, overlaps with a sibling: which of two that go on at once starts first is
    /// a race.
    pub(super) has_overlap: bool,
    pub(super) statuses: BTreeSet<&'static str>,
    pub(super) kinds: BTreeSet<&'static str>,
    pub(super) has_open: bool,
    /// The shortest and the longest, in nanoseconds.
    pub(super) durations: Option<(i128, i128)>,
    /// The names of their events, one after another.
    pub(super) events: BTreeSet<Vec<String>>,
    /// Where their links lead to, one after another; to nothing where they lead out of the trace.
    pub(super) links: BTreeSet<Vec<Neighbour>>,
    /// How many of them have each key.
    pub(super) keys: BTreeMap<Text, usize>,
    /// How many resources they have, and how many of these have each key.
    pub(super) resource_keys: (usize, BTreeMap<Text, usize>),
    /// How many events of each name they have, and how many of these have each key.
    pub(super) event_keys: BTreeMap<Text, (usize, BTreeMap<Text, usize>)>,
    pub(super) first_start: Option<Timestamp>,
    /// Nothing if one is open.
    pub(super) last_end: Option<Timestamp>,
}

/// A span that stands above or before another.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Neighbour {
    /// There is none.
    None,
    OfGroup(usize),
    /// One whose like was not seen.
    Stranger,
}

impl Seen {
    pub(super) fn of(traces: &[Trace]) -> Self {
        let groups = SpanGroups::of(traces);
        let mut in_time: Vec<&Trace> = traces.iter().collect();
        in_time.sort_by_key(|trace| trace.first_start());
        let by_trace = in_time.iter().map(|trace| TraceSeen::of(trace, &groups)).collect();
        let redaction = Redaction::new();
        let mut values: Vec<BTreeMap<Text, ValuesSeen>> = vec![BTreeMap::new(); groups.len()];
        let mut resources = values.clone();
        let mut event_values: Vec<BTreeMap<(Text, Text), ValuesSeen>> = vec![BTreeMap::new(); groups.len()];
        for trace in in_time {
            let mut here: BTreeMap<(usize, &Text), Vec<&Value>> = BTreeMap::new();
            let mut of_resources: BTreeMap<(usize, &Text), Vec<&Value>> = BTreeMap::new();
            let mut of_events: BTreeMap<(usize, &Text, &Text), Vec<&Value>> = BTreeMap::new();
            // Spans share their resource: each is looked at once.
            let mut resources_here: BTreeSet<(usize, *const Resource)> = BTreeSet::new();
            for span in trace.spans() {
                let Some(group) = groups.of_span(span) else { continue };
                for (key, value) in span.span().attributes() {
                    here.entry((group, key)).or_default().push(value);
                }
                let resource = span.span().resource();
                if resources_here.insert((group, std::ptr::from_ref(resource))) {
                    for (key, value) in &resource.attributes {
                        of_resources.entry((group, key)).or_default().push(value);
                    }
                }
                for event in span.span().events() {
                    for (key, value) in &event.attributes {
                        of_events.entry((group, &event.name, key)).or_default().push(value);
                    }
                }
            }
            for ((group, key), found) in here {
                values[group].entry(key.clone()).or_default().add(key, &found, &redaction);
            }
            for ((group, key), found) in of_resources {
                resources[group].entry(key.clone()).or_default().add(key, &found, &redaction);
            }
            for ((group, event, key), found) in of_events {
                let seen = event_values[group].entry((event.clone(), key.clone())).or_default();
                seen.add(key, &found, &redaction);
            }
        }
        Self { traces: traces.len(), by_trace, values, resources, event_values, groups }
    }

    /// What each trace has of a group, of those that have it.
    pub(super) fn of_group(&self, group: usize) -> impl Iterator<Item = &GroupSeen> + Clone {
        self.by_trace.iter().map(move |trace| &trace.groups[group]).filter(|seen| seen.count > 0)
    }

    /// The numbers of its spans, a trace after another.
    pub(super) fn counts(&self, group: usize) -> Vec<usize> {
        self.by_trace.iter().map(|trace| trace.groups[group].count).collect()
    }

    /// Whether each span of a group has a key.
    pub(super) fn always_has(&self, group: usize, key: &Text) -> bool {
        self.of_group(group).all(|seen| seen.keys.get(key) == Some(&seen.count))
    }

    /// Whether the resource of each span of a group has a key.
    pub(super) fn resource_always_has(&self, group: usize, key: &Text) -> bool {
        self.of_group(group).all(|seen| seen.resource_keys.1.get(key) == Some(&seen.resource_keys.0))
    }

    /// Whether each event of a name that the spans of a group have has a key.
    pub(super) fn event_always_has(&self, group: usize, event: &Text, key: &Text) -> bool {
        let mut all = self.of_group(group).filter_map(|seen| seen.event_keys.get(event));
        all.all(|(number, keys)| keys.get(key) == Some(number))
    }
}

impl TraceSeen {
    pub(super) fn of(trace: &Trace, groups: &SpanGroups) -> Self {
        let of_span: Vec<Option<usize>> = trace.spans().map(|span| groups.of_span(span)).collect();
        let neighbour = |span: Option<SpanRef<'_>>| match span {
            None => Neighbour::None,
            Some(span) => of_span[span.index()].map_or(Neighbour::Stranger, Neighbour::OfGroup),
        };
        let mut all = vec![GroupSeen::default(); groups.len()];
        let mut resources_here: BTreeSet<(usize, *const Resource)> = BTreeSet::new();
        let mut strangers = 0;
        let mut before: Vec<Neighbour> = vec![Neighbour::None; trace.len()];
        let mut overlaps: Vec<bool> = vec![false; trace.len()];
        let mut level = |spans: Vec<SpanRef<'_>>| {
            for pair in spans.windows(2) {
                before[pair[1].index()] = neighbour(Some(pair[0]));
                if pair[0].end().is_none_or(|end| end > pair[1].start()) {
                    pair.iter().for_each(|span| overlaps[span.index()] = true);
                }
            }
            // Behind two that overlap comes the one that has lost the race.
            let behind: Vec<usize> =
                spans.windows(2).filter(|pair| overlaps[pair[0].index()]).map(|pair| pair[1].index()).collect();
            behind.into_iter().for_each(|at| overlaps[at] = true);
        };
        level(trace.roots().collect());
        trace.spans().for_each(|span| level(span.children().collect()));
        for span in trace.spans() {
            let Some(group) = of_span[span.index()] else {
                strangers += 1;
                continue;
            };
            let mut children: BTreeMap<usize, usize> = BTreeMap::new();
            for child in span.children() {
                if let Some(child) = of_span[child.index()] {
                    *children.entry(child).or_default() += 1;
                }
            }
            let links = span.span().links().iter();
            let links = links.map(|link| neighbour(trace.get_in(link.trace_id, link.span_id))).collect();
            let seen = &mut all[group];
            seen.add(span, neighbour(span.parent()), before[span.index()], &children);
            seen.links.insert(links);
            seen.has_overlap |= overlaps[span.index()];
            let resource = span.span().resource();
            if resources_here.insert((group, std::ptr::from_ref(resource))) {
                let (number, keys) = &mut seen.resource_keys;
                *number += 1;
                resource.attributes.keys().for_each(|key| *keys.entry(key.clone()).or_default() += 1);
            }
        }
        Self { groups: all, strangers }
    }
}

impl GroupSeen {
    fn add(&mut self, span: SpanRef<'_>, parent: Neighbour, previous: Neighbour, children: &BTreeMap<usize, usize>) {
        // Those before had none of what is new.
        for child in children.keys() {
            self.children.entry(*child).or_insert_with(|| if self.count == 0 { (usize::MAX, 0) } else { (0, 0) });
        }
        for (child, (least, most)) in &mut self.children {
            let number = children.get(child).copied().unwrap_or(0);
            (*least, *most) = ((*least).min(number), (*most).max(number));
        }
        self.count += 1;
        self.places.insert(parent);
        self.previous.insert(previous);
        self.statuses.insert(status_word(span.span().status()));
        self.kinds.insert(kind_word(&span.kind()));
        self.first_start = Some(self.first_start.map_or(span.start(), |first| first.min(span.start())));
        match span.end() {
            None => (self.has_open, self.last_end) = (true, None),
            Some(end) if !self.has_open => self.last_end = Some(self.last_end.map_or(end, |last| last.max(end))),
            Some(_) => {}
        }
        if let Some(ns) = span.signed_duration_ns() {
            let (least, most) = self.durations.unwrap_or((ns, ns));
            self.durations = Some((least.min(ns), most.max(ns)));
        }
        self.events.insert(span.span().events().iter().map(|event| event.name.to_string()).collect());
        for key in span.span().attributes().keys() {
            *self.keys.entry(key.clone()).or_default() += 1;
        }
        for event in span.span().events() {
            let (number, keys) = self.event_keys.entry(event.name.clone()).or_default();
            *number += 1;
            for key in event.attributes.keys() {
                *keys.entry(key.clone()).or_default() += 1;
            }
        }
    }
}

/// A status, as a check file calls it.
pub(super) fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Unset => "unset",
        Status::Ok => "ok",
        Status::Error { .. } => "error",
    }
}

/// A kind, as a check file calls it.
fn kind_word(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}
