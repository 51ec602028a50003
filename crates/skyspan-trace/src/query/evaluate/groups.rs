//! [`Groups`]: the spans of a trace by their trace id, and what is known of each.

use opentelemetry::trace::TraceId;
use rustc_hash::FxHashMap;

use crate::value::Timestamp;

use crate::trace::{Span, Trace};

/// The spans of a [`Trace`] by their trace id, in the order in which the first of each came. A query asks of each apart.
#[derive(Debug)]
pub(in crate::query) struct Groups {
    /// The group of each span.
    of: Vec<u32>,
    /// The spans of the first group, then those of the second, and so on, each in the order in which they came.
    members: Vec<u32>,
    /// Where the members of each group begin; one more at the end.
    from: Vec<u32>,
    /// The place of each span among the members.
    position: Vec<u32>,
}

impl Groups {
    pub(in crate::query) fn of(trace: &Trace) -> Self {
        let mut numbers: FxHashMap<TraceId, u32> = FxHashMap::default();
        let mut of = Vec::with_capacity(trace.len());
        let mut last = None;
        for span in trace.spans() {
            let trace_id = span.span().trace_id();
            let number = match last {
                Some((id, number)) if id == trace_id => number,
                _ => {
                    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                    *numbers.entry(trace_id).or_insert(next)
                }
            };
            last = Some((trace_id, number));
            of.push(number);
        }
        let mut from = vec![0; numbers.len() + 1];
        for number in &of {
            from[*number as usize + 1] += 1;
        }
        for at in 1..from.len() {
            from[at] += from[at - 1];
        }
        let mut free = from.clone();
        let (mut members, mut position) = (vec![0; of.len()], vec![0; of.len()]);
        for (place, number) in (0_u32..).zip(&of) {
            let slot = &mut free[*number as usize];
            members[*slot as usize] = place;
            position[place as usize] = *slot;
            *slot += 1;
        }
        Self { of, members, from, position }
    }

    /// All spans in one group, whatever their trace ids are.
    pub(in crate::query) fn undivided(trace: &Trace) -> Self {
        let len = u32::try_from(trace.len()).unwrap_or(u32::MAX);
        let all = || (0..len).collect::<Vec<u32>>();
        Self { of: vec![0; len as usize], members: all(), from: vec![0, len], position: all() }
    }

    pub(in crate::query) fn len(&self) -> usize {
        self.from.len() - 1
    }

    /// The spans of a group, in the order in which they came.
    pub(in crate::query) fn members(&self, group: usize) -> &[u32] {
        &self.members[self.from[group] as usize..self.from[group + 1] as usize]
    }

    pub(super) fn group_of(&self, place: u32) -> usize {
        self.of[place as usize] as usize
    }

    /// The place of a span in the members of its group.
    pub(super) fn position(&self, place: u32) -> usize {
        (self.position[place as usize] - self.from[self.group_of(place)]) as usize
    }
}

/// What is known of the spans of one trace id together.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct Facts {
    pub(in crate::query) start: Timestamp,
    /// The last end; of spans that never ended, their start.
    pub(in crate::query) end: Timestamp,
    /// The earliest span without a parent.
    pub(in crate::query) root: Option<u32>,
}

impl Facts {
    pub(in crate::query) fn of(trace: &Trace, members: &[u32]) -> Self {
        let span = |place: u32| trace.span_ref(place as usize).map(crate::trace::SpanRef::span);
        let spans = || members.iter().filter_map(|place| Some((*place, span(*place)?)));
        // A start that is not known is none.
        let started = || spans().map(|(_, span)| span).filter(|span| span.start_is_known());
        let start = started().map(Span::start).min().unwrap_or_default();
        let end = started().map(|span| span.end().unwrap_or(span.start())).max().unwrap_or(start);
        let roots = spans().filter(|(_, span)| span.parent_id().is_none());
        let root = roots.min_by_key(|(_, span)| span.start()).map(|(place, _)| place);
        Self { start, end, root }
    }

    pub(in crate::query) fn duration_ns(&self) -> i64 {
        i64::try_from(self.end.signed_ns_since(self.start)).unwrap_or(i64::MAX)
    }
}
