//! Which of the values that are another in each run can be told apart by where they stand.

use std::collections::HashMap;

/// So many times what is known is handed on from spans to values and back.
const ROUNDS: usize = 12;

/// A span, as far as it tells such values apart.
pub(super) struct Seen<'s> {
    /// Its place in time, if that is to matter.
    pub(super) start_ns: Option<u64>,
    /// What it looks like if all such values look alike.
    pub(super) look: &'s str,
    /// The span above it, by its place.
    pub(super) parent: Option<usize>,
    /// Those that stand in it, one after another.
    pub(super) volatile: &'s [String],
}

/// For each span the classes of the values in it. Two of a class stand in spans that look alike, whose other such values
/// do, and so on; which is which could only be said by what they are called in this run.
///
/// A group that a move and a wait share is told from others by the move, and so are the waits by their groups (colour
/// refinement, of a graph of spans and values).
pub(super) fn classes(spans: &[Seen<'_>]) -> Vec<Vec<usize>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut number = |value| {
        let next = numbers.len();
        *numbers.entry(value).or_insert(next)
    };
    let values: Vec<Vec<usize>> =
        spans.iter().map(|span| span.volatile.iter().map(|value| number(value.as_str())).collect()).collect();
    if numbers.is_empty() {
        return values;
    }
    let mut of_value = vec![0; numbers.len()];
    let mut of_span = ranks(spans.iter().map(|span| (span.start_ns, span.look)).collect());
    let mut told_apart = 0;
    for _ in 0..ROUNDS {
        let mut places: Vec<Vec<(usize, usize)>> = vec![Vec::new(); of_value.len()];
        for (span, values) in values.iter().enumerate() {
            values.iter().enumerate().for_each(|(at, value)| places[*value].push((of_span[span], at)));
        }
        places.iter_mut().for_each(|places| places.sort_unstable());
        of_value = ranks(of_value.iter().zip(&places).collect());
        let seen_with = spans.iter().zip(&values).enumerate().map(|(at, (span, values))| {
            let with: Vec<usize> = values.iter().map(|value| of_value[*value]).collect();
            (of_span[at], span.parent.map(|parent| of_span[parent]), with)
        });
        of_span = ranks(seen_with.collect());
        let now = [&of_span, &of_value].map(|ranks| ranks.iter().max().copied().unwrap_or_default()).iter().sum();
        if now == told_apart {
            break;
        }
        told_apart = now;
    }
    values.iter().map(|values| values.iter().map(|value| of_value[*value]).collect()).collect()
}

/// The place of each key among all different keys.
fn ranks<K: Ord>(keys: Vec<K>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    let mut ranks = vec![0; keys.len()];
    let mut rank = 0;
    for pair in order.windows(2) {
        rank += usize::from(keys[pair[0]] != keys[pair[1]]);
        ranks[pair[1]] = rank;
    }
    ranks
}
