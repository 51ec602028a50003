//! What two sequences have in common, in order.

use std::collections::HashMap;

/// Up to so many differences, the longest common sequence is found. Beyond that, what stands once in either holds the rest in place.
const DIFFERENCES_MAX: usize = 1_000;

/// Pairs of places of what is equal in both, in order in both. Takes time in proportion to the lengths and to the number of
/// differences, of which it looks for no more than [`DIFFERENCES_MAX`] (Myers, "An O(ND) Difference Algorithm", 1986).
pub(super) fn align(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (core_a, core_b) = (&a[prefix..], &b[prefix..]);
    let suffix = core_a.iter().rev().zip(core_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (core_a, core_b) = (&core_a[..core_a.len() - suffix], &core_b[..core_b.len() - suffix]);
    let mut pairs: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    let core = common(core_a, core_b).unwrap_or_else(|| anchors(core_a, core_b));
    pairs.extend(core.into_iter().map(|(at, bt)| (prefix + at, prefix + bt)));
    pairs.extend((0..suffix).map(|at| (a.len() - suffix + at, b.len() - suffix + at)));
    pairs
}

/// The longest common sequence; nothing where there are too many differences.
fn common(a: &[u64], b: &[u64]) -> Option<Vec<(usize, usize)>> {
    if a.is_empty() || b.is_empty() {
        return Some(Vec::new());
    }
    // By diagonal: how far in `a` so many differences lead. The diagonal k has the place k + DIFFERENCES_MAX + 1.
    let middle = DIFFERENCES_MAX + 1;
    let mut reach = vec![0_usize; 2 * middle + 1];
    let mut steps: Vec<Vec<usize>> = Vec::new();
    for differences in 0..=DIFFERENCES_MAX.min(a.len() + b.len()) {
        steps.push(reach[middle - differences..=middle + differences].to_vec());
        for place in (middle - differences..=middle + differences).step_by(2) {
            let goes_down =
                place == middle - differences || (place != middle + differences && reach[place - 1] < reach[place + 1]);
            let mut x = if goes_down { reach[place + 1] } else { reach[place - 1] + 1 };
            // On the diagonals outside of both there is nothing.
            let Some(mut y) = (x + middle).checked_sub(place).filter(|y| *y <= b.len() && x <= a.len()) else {
                reach[place] = x.min(a.len() + 1);
                continue;
            };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reach[place] = x;
            if x == a.len() && y == b.len() {
                return Some(back(&steps, a.len(), b.len()));
            }
        }
    }
    None
}

/// The way back through the steps: each run of equal elements.
fn back(steps: &[Vec<usize>], mut x: usize, mut y: usize) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (differences, reach) in steps.iter().enumerate().rev() {
        let (diagonal, most) = (x as isize - y as isize, differences as isize);
        let at = |diagonal: isize| reach.get((diagonal + most) as usize).copied().unwrap_or_default();
        let (from_x, from_y) = if differences == 0 {
            (0, 0)
        } else {
            let goes_down = diagonal == -most || (diagonal != most && at(diagonal - 1) < at(diagonal + 1));
            let from = if goes_down { diagonal + 1 } else { diagonal - 1 };
            let from_x = at(from);
            (from_x, (from_x as isize - from) as usize)
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            pairs.push((x, y));
        }
        (x, y) = (from_x, from_y);
    }
    pairs.reverse();
    pairs
}

/// What stands once in either, as far as it is in one order (patience).
fn anchors(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<u64, (usize, usize, usize, usize)> = HashMap::new();
    for (at, element) in a.iter().enumerate() {
        let entry = seen.entry(*element).or_default();
        (entry.0, entry.1) = (entry.0 + 1, at);
    }
    for (at, element) in b.iter().enumerate() {
        let entry = seen.entry(*element).or_default();
        (entry.2, entry.3) = (entry.2 + 1, at);
    }
    let mut once: Vec<(usize, usize)> =
        seen.into_values().filter(|(in_a, _, in_b, _)| (*in_a, *in_b) == (1, 1)).map(|(_, a, _, b)| (a, b)).collect();
    once.sort_unstable();
    // The longest rising sequence of the places in `b`: by the pile on which each is laid.
    let (mut piles, mut below): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; once.len()]);
    for (card, (_, place)) in once.iter().enumerate() {
        let pile = piles.partition_point(|top| once[*top].1 < *place);
        below[card] = pile.checked_sub(1).map(|pile| piles[pile]);
        if pile == piles.len() { piles.push(card) } else { piles[pile] = card }
    }
    let mut rising: Vec<(usize, usize)> =
        std::iter::successors(piles.last().copied(), |card| below[*card]).map(|card| once[card]).collect();
    rising.reverse();
    rising
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{align, anchors};

    /// The length of the longest common sequence, by the table that everybody knows.
    fn longest(a: &[u64], b: &[u64]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (at, y) in b.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    fn is_in_order(pairs: &[(usize, usize)], a: &[u64], b: &[u64]) -> bool {
        pairs.iter().all(|(x, y)| a[*x] == b[*y])
            && pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1)
    }

    proptest! {
        #[test]
        fn it_is_the_longest(a in prop::collection::vec(0..5_u64, 0..40), b in prop::collection::vec(0..5_u64, 0..40)) {
            let pairs = align(&a, &b);
            prop_assert!(is_in_order(&pairs, &a, &b), "{pairs:?}");
            prop_assert_eq!(pairs.len(), longest(&a, &b));
        }

        #[test]
        fn anchors_are_in_order(a in prop::collection::vec(0..60_u64, 0..40), b in prop::collection::vec(0..60_u64, 0..40)) {
            let pairs = anchors(&a, &b);
            prop_assert!(is_in_order(&pairs, &a, &b), "{pairs:?}");
        }
    }

    #[test]
    fn what_differs_all_over_is_held_by_what_stands_once() {
        let a: Vec<u64> = (0..9_000).map(|at| if at % 3 == 0 { at } else { 10_000 + at }).collect();
        let b: Vec<u64> = (0..9_000).map(|at| if at % 3 == 0 { at } else { 20_000 + at }).collect();
        assert_eq!(align(&a, &b).len(), 3_000);
        assert_eq!(align(&[], &[1]), []);
    }
}
