//! Which of some siblings stand in the wrong place.

/// A sibling that stands in the wrong place, by its place among those that were dealt out.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutOfOrder {
    pub(super) at: usize,
    /// The item of one that stands right.
    pub(super) beside: usize,
    /// Whether it should come after that one.
    pub(super) after: bool,
}

/// The fewest that would have to stand elsewhere. `items` are those that the siblings went to, in the order of the siblings.
pub(super) fn out_of_order(items: &[usize]) -> Vec<OutOfOrder> {
    let is_right = longest_rise(items);
    // Their items never fall.
    let right: Vec<usize> = (0..items.len()).filter(|at| is_right[*at]).collect();
    let mut wrong = Vec::new();
    for at in (0..items.len()).filter(|at| !is_right[*at]) {
        let later_items = right.partition_point(|other| items[*other] <= items[at]);
        let late = later_items.checked_sub(1).map(|last| right[last]).filter(|other| *other > at);
        let early = right.get(later_items).copied().filter(|other| *other < at);
        if let Some(other) = late.or(early) {
            wrong.push(OutOfOrder { at, beside: items[other], after: late.is_some() });
        }
    }
    wrong
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
    use super::{longest_rise, out_of_order};

    #[test]
    fn the_fewest_numbers_are_out_of_order() {
        for (numbers, wrong) in
            [(&[][..], 0), (&[1, 1, 2], 0), (&[2, 0, 1, 1, 3], 1), (&[3, 2, 1, 0], 3), (&[0, 4, 1, 5, 2], 2)]
        {
            assert_eq!(longest_rise(numbers).iter().filter(|right| !**right).count(), wrong, "{numbers:?}");
        }
    }

    #[test]
    fn what_is_out_of_order_is_told_beside_what_is_not() {
        let told = |items: &[usize]| {
            out_of_order(items).into_iter().map(|wrong| (wrong.at, wrong.beside, wrong.after)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[2, 0, 1]), [(0, 1, true)]);
        assert_eq!(told(&[1, 2, 0]), [(2, 1, false)]);
    }
}
