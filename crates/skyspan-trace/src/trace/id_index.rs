//! [`IdIndex`]: where the span with an id is.

use std::hash::Hasher;

use opentelemetry::trace::{SpanId, TraceId};

use super::forest::NONE;
use rustc_hash::FxHasher;

/// The ids of spans by their place, and the first place of each id.
///
/// An open table of places, half full at most, beside a list of ids: of a hundred thousand spans both fit where a map from
/// ids to places would not, and looking up is most of what it takes to find out who is whose child.
#[derive(Debug, Default)]
pub(super) struct IdIndex {
    ids: Vec<(TraceId, SpanId)>,
    slots: Vec<u32>,
}

impl IdIndex {
    pub(super) fn with_capacity(spans: usize) -> Self {
        Self { ids: Vec::with_capacity(spans), slots: vec![NONE; (2 * spans).next_power_of_two()] }
    }

    /// Adds the id of the span in the next place, of which there may be no more than there is capacity. Gives whether it is
    /// the first with that id.
    pub(super) fn push(&mut self, id: (TraceId, SpanId)) -> bool {
        let slot = self.slot_of(id);
        let is_first = self.slots[slot] == NONE;
        if is_first {
            self.slots[slot] = u32::try_from(self.ids.len()).unwrap_or(NONE);
        }
        self.ids.push(id);
        is_first
    }

    /// The first span with an id.
    pub(super) fn first(&self, id: (TraceId, SpanId)) -> Option<u32> {
        let at = *self.slots.get(self.slot_of(id))?;
        (at != NONE).then_some(at)
    }

    /// Whether the span in a place has an id.
    pub(super) fn is_at(&self, place: u32, id: (TraceId, SpanId)) -> bool {
        self.ids.get(place as usize) == Some(&id)
    }

    /// The trace of the span in a place.
    pub(super) fn trace_id(&self, place: u32) -> TraceId {
        self.ids.get(place as usize).map_or(TraceId::INVALID, |(trace_id, _)| *trace_id)
    }

    /// The slot in which an id stands, or the one that is free for it.
    fn slot_of(&self, (trace_id, span_id): (TraceId, SpanId)) -> usize {
        let mut hasher = FxHasher::default();
        // Mostly the trace id is the same for all.
        hasher.write_u64(u64::from_be_bytes(span_id.to_bytes()));
        hasher.write_u128(u128::from_be_bytes(trace_id.to_bytes()));
        let last = self.slots.len().wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
        let mut slot = hasher.finish() as usize & last;
        while let Some(&at) = self.slots.get(slot)
            && at != NONE
            && self.ids[at as usize] != (trace_id, span_id)
        {
            slot = (slot + 1) & last;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::IdIndex;

    #[test]
    fn the_first_with_an_id_is_found() {
        let id = |trace: u128, span: u64| (trace.into(), span.into());
        let ids = [(1, 1), (1, 2), (2, 1), (1, 1), (1, 1 << 40), (0, 0), (2, 1)].map(|(trace, span)| id(trace, span));
        let mut index = IdIndex::with_capacity(ids.len());
        assert_eq!(ids.map(|id| index.push(id)), [true, true, true, false, true, true, false]);
        assert_eq!(ids.map(|id| index.first(id)), [0, 1, 2, 0, 4, 5, 2].map(Some));
        assert_eq!((index.first(id(2, 2)), index.is_at(3, id(1, 1))), (None, true));
        assert_eq!(IdIndex::default().first(id(1, 1)), None);
        assert_eq!(IdIndex::with_capacity(0).first(id(1, 1)), None);
    }

    #[test]
    fn ids_in_sequence_are_no_burden() {
        let mut index = IdIndex::with_capacity(100_000);
        assert!((0..100_000_u64).all(|span| index.push((1_u128.into(), span.into()))));
        assert!((0..100_000_u64).all(|span| index.first((1_u128.into(), span.into())) == u32::try_from(span).ok()));
    }
}
