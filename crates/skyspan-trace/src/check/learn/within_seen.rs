//! Whether a trace lies within what was seen: nothing of it, taken one by one, was otherwise in all of the good traces.

use std::collections::BTreeMap;

use super::orders::orders;
use super::seen::{GroupSeen, Seen, TraceSeen};
use super::values_seen::ValuesSeen;
use crate::trace::Trace;
use crate::value::{Text, Value};

/// What was seen, ready to be asked whether a trace lies within it.
///
/// This goes by what was seen, and not by the rules: it is what rules are held to account by.
pub(super) struct WithinSeen<'s> {
    seen: &'s Seen,
    orders: Vec<(usize, usize)>,
    times: bool,
}

impl<'s> WithinSeen<'s> {
    /// Durations may be whatever they are, if they are not to matter.
    pub(super) fn of(seen: &'s Seen, times: bool) -> Self {
        Self { seen, orders: orders(seen), times }
    }

    /// Whether nothing of a trace is otherwise than it was in one of those seen.
    pub(super) fn contains(&self, trace: &Trace) -> bool {
        let found = TraceSeen::of(trace, &self.seen.groups);
        found.strangers == 0
            && (0..self.seen.groups.len()).all(|group| self.group_is_within(group, &found.groups[group]))
            && self.orders.iter().all(|(before, after)| {
                let (before, after) = (&found.groups[*before], &found.groups[*after]);
                before.count == 0
                    || after.count == 0
                    || before.last_end.zip(after.first_start).is_some_and(|(end, start)| end <= start)
            })
            && self.values_are_within(trace)
    }

    fn group_is_within(&self, group: usize, found: &GroupSeen) -> bool {
        let counts = self.seen.counts(group);
        let is_between = |number: usize, numbers: &[usize]| {
            numbers.iter().min().is_some_and(|least| *least <= number)
                && numbers.iter().max().is_some_and(|most| number <= *most)
        };
        if !is_between(found.count, &counts) {
            return false;
        }
        if found.count == 0 {
            return true;
        }
        let of_group = || self.seen.of_group(group);
        let all_known = |is_known: &dyn Fn(&GroupSeen) -> bool| of_group().any(is_known);
        found.places.iter().all(|place| all_known(&|seen| seen.places.contains(place)))
            && (of_group().any(|seen| seen.has_overlap)
                || found.previous.iter().all(|before| all_known(&|seen| seen.previous.contains(before))))
            && found.statuses.iter().all(|status| all_known(&|seen| seen.statuses.contains(status)))
            && found.kinds.iter().all(|kind| all_known(&|seen| seen.kinds.contains(kind)))
            && found.events.iter().all(|events| all_known(&|seen| seen.events.contains(events)))
            && found.links.iter().all(|links| all_known(&|seen| seen.links.contains(links)))
            && (!found.has_open || all_known(&|seen| seen.has_open))
            && (!self.times || self.durations_are_within(group, found))
            && self.children_are_within(group, found)
            && self.keys_are_within(group, found)
    }

    fn durations_are_within(&self, group: usize, found: &GroupSeen) -> bool {
        let all = self.seen.of_group(group).filter_map(|seen| seen.durations);
        let span = all.reduce(|(least, most), (from, to)| (least.min(from), most.max(to)));
        match (found.durations, span) {
            (Some((least, most)), Some((from, to))) => from <= least && most <= to,
            (found, _) => found.is_none(),
        }
    }

    fn children_are_within(&self, group: usize, found: &GroupSeen) -> bool {
        let in_one = |seen: &GroupSeen, child: usize| seen.children.get(&child).copied().unwrap_or((0, 0));
        (0..self.seen.groups.len()).all(|child| {
            let (least, most) = in_one(found, child);
            let seen = self.seen.of_group(group).map(|seen| in_one(seen, child));
            let (from, to) = seen.fold((usize::MAX, 0), |(from, to), (least, most)| (from.min(least), to.max(most)));
            from <= least && most <= to
        })
    }

    fn keys_are_within(&self, group: usize, found: &GroupSeen) -> bool {
        let known = &self.seen.values[group];
        found.keys.keys().all(|key| known.contains_key(key))
            && known.keys().all(|key| {
                let has_all = found.keys.get(key) == Some(&found.count);
                has_all || !self.seen.always_has(group, key)
            })
    }

    fn values_are_within(&self, trace: &Trace) -> bool {
        trace.spans().all(|span| {
            let Some(group) = self.seen.groups.of_span(span) else { return false };
            let known = &self.seen.values[group];
            let (resources, of_events) = (&self.seen.resources[group], &self.seen.event_values[group]);
            let is_known = |known: &BTreeMap<Text, ValuesSeen>, (key, value): (&Text, &Value)| {
                known.get(key).is_some_and(|seen| seen.contains(value))
            };
            span.span().attributes().iter().all(|entry| is_known(known, entry))
                && span.span().resource().attributes.iter().all(|entry| is_known(resources, entry))
                && span.span().events().iter().all(|event| {
                    let mut entries = event.attributes.iter();
                    entries.all(|(key, value)| {
                        let seen = of_events.get(&(event.name.clone(), key.clone()));
                        seen.is_some_and(|seen| seen.contains(value))
                    })
                })
        })
    }
}
