//! Dealing out siblings where they must come in the order of the items.
//!
//! The items are a sequence like a regular expression: each is a run of as many spans as it stands for. All ways to read
//! the spans so are followed side by side, so that it takes O(n·m) for `n` spans and `m` places in the sequence, and
//! O(n) where each span has one place where it can be.

use super::deal::Dealing;
use crate::trace::SpanRef;

/// A place in the sequence: where an item must have a span, may have one, or may have any number.
#[derive(Clone, Copy, Debug)]
struct Slot {
    item: usize,
    must: bool,
    again: bool,
}

/// A way to read the spans so far.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// The slots before this one are done.
    slot: usize,
    /// The way it goes on from, of those after the span before.
    from: usize,
    /// The item that took the last span.
    took: Option<usize>,
}

impl<'t> Dealing<'_, '_, 't> {
    /// The item for each span, if they can be dealt out in order: as many to each as it stands for, and the others left
    /// over where that may be.
    pub(super) fn in_order(&self, may_be_left: impl Fn(usize) -> bool) -> Option<Vec<Option<usize>>> {
        let slots = self.slots()?;
        let mut ways: Vec<Vec<Way>> = vec![vec![Way { slot: 0, from: 0, took: None }]];
        for span in 0..self.found.len() {
            let before = ways.last()?;
            let mut after: Vec<Way> = Vec::new();
            let mut last_tried = None;
            for (from, way) in before.iter().enumerate() {
                for (at, slot) in slots.iter().enumerate().skip(way.slot) {
                    // Ways come by their slots: what an earlier one has tried is tried.
                    if last_tried.is_none_or(|last| at > last) {
                        last_tried = Some(at);
                        if self.matches(slot.item, span) {
                            after.push(Way { slot: if slot.again { at } else { at + 1 }, from, took: Some(slot.item) });
                        }
                    }
                    if slot.must {
                        break;
                    }
                }
                if may_be_left(span) {
                    after.push(Way { slot: way.slot, from, took: None });
                }
            }
            after.sort_by_key(|way| way.slot);
            after.dedup_by_key(|way| way.slot);
            ways.push(after);
        }
        let done_from = slots.iter().rposition(|slot| slot.must).map_or(0, |last| last + 1);
        let mut at = ways.last()?.iter().position(|way| way.slot >= done_from)?;
        let mut item_of = vec![None; self.found.len()];
        for span in (0..self.found.len()).rev() {
            let way = ways[span + 1][at];
            (item_of[span], at) = (way.took, way.from);
        }
        Some(item_of)
    }

    /// The places of the sequence; nothing if more spans must be there than are.
    fn slots(&self) -> Option<Vec<Slot>> {
        let (mut slots, mut must) = (Vec::new(), 0_usize);
        for item in 0..self.items.len() {
            let range = self.level.range(self.item(item));
            must = must.saturating_add(range.at_least);
            if must > self.found.len() {
                return None;
            }
            slots.extend(std::iter::repeat_n(Slot { item, must: true, again: false }, range.at_least));
            match range.at_most {
                None => slots.push(Slot { item, must: false, again: true }),
                Some(at_most) => {
                    let more = at_most.saturating_sub(range.at_least).min(self.found.len());
                    slots.extend(std::iter::repeat_n(Slot { item, must: false, again: false }, more));
                }
            }
        }
        Some(slots)
    }

    /// The fewest spans that would have to stand elsewhere, each with the item of one that stands right, and whether it
    /// should come after that.
    pub(super) fn out_of_order(&self) -> Vec<(SpanRef<'t>, usize, bool)> {
        let taken: Vec<(usize, usize)> =
            self.item_of.iter().enumerate().filter_map(|(span, item)| Some((span, (*item)?))).collect();
        let right = longest_rise(&taken.iter().map(|(_, item)| *item).collect::<Vec<_>>());
        let mut wrong = Vec::new();
        for (at, (span, item)) in taken.iter().enumerate().filter(|(at, _)| !right[*at]) {
            let others = || taken.iter().enumerate().filter(|(other, _)| right[*other]);
            let late = others().rfind(|(other, (_, i))| *other > at && i <= item);
            let early = others().find(|(other, (_, i))| *other < at && i > item);
            if let Some((_, (_, beside))) = late.or(early) {
                wrong.push((self.found[*span], self.items[*beside], late.is_some()));
            }
        }
        wrong
    }
}

/// Which of some numbers belong to a longest part of them that never falls.
fn longest_rise(numbers: &[usize]) -> Vec<bool> {
    // For each length the place of the smallest number in which a part of that length ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] <= *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut belongs = vec![false; numbers.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        belongs[at] = true;
        next = before[at];
    }
    belongs
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    #[test]
    fn the_fewest_numbers_are_out_of_order() {
        for (numbers, wrong) in
            [(&[][..], 0), (&[1, 1, 2], 0), (&[2, 0, 1, 1, 3], 1), (&[3, 2, 1, 0], 3), (&[0, 4, 1, 5, 2], 2)]
        {
            assert_eq!(longest_rise(numbers).iter().filter(|right| !**right).count(), wrong, "{numbers:?}");
        }
    }
}
