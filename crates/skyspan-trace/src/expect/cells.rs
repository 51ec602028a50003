//! [`Cells`]: which things need a closer look by whom.

use std::cell::RefCell;
use std::hash::Hasher as _;

use rustc_hash::{FxHashMap, FxHasher};

use super::clause::{AttributeExpectation, Clause};
use super::expected::Expected;
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;
use crate::value::{Text, Value};

/// Who may take which things at all. Each taker is in one cell, and takes none but what is in its cell, too; a thing may be in
/// several.
///
/// Spans that are expected come in one cell with those that have the name, and the value of each attribute that is expected
/// by its value: of a thousand that are told apart by them, each looks at its own.
pub(super) struct Cells {
    all: Vec<Cell>,
    of_taker: Vec<u32>,
    of_thing: Vec<Vec<u32>>,
}

/// Takers that are alike at first sight, and the things that are like them.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) takers: Vec<u32>,
    pub(super) things: Vec<u32>,
    /// From each place the next one that may be free.
    next: RefCell<Vec<u32>>,
}

/// What must be looked at of a span to find its cell: the keys of attributes.
type Keys<'e> = Vec<&'e Text>;
type ByKeys<'e> = FxHashMap<Keys<'e>, FxHashMap<u64, u32>>;

impl Cells {
    /// One cell with all.
    pub(super) fn one(takers: usize, things: usize) -> Self {
        let cell =
            Cell { takers: (0..).take(takers).collect(), things: (0..).take(things).collect(), ..Cell::default() };
        Self { all: vec![cell.ready()], of_taker: vec![0; takers], of_thing: vec![vec![0]; things] }
    }

    /// The cells of expectations and spans.
    pub(super) fn of(expected: &[&SpanExpectation], found: &[SpanRef<'_>]) -> Self {
        let mut all: Vec<Cell> = Vec::new();
        let mut by_name: FxHashMap<&str, ByKeys<'_>> = FxHashMap::default();
        // Those whose name is a pattern.
        let mut nameless: Option<u32> = None;
        let mut of_taker = Vec::with_capacity(expected.len());
        for (taker, &expectation) in (0..).zip(expected) {
            let mut new = || {
                all.push(Cell::default());
                u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
            };
            let cell = match &expectation.name {
                NamePattern::Exact(name) => {
                    let (keys, hash) = looked_at(expectation);
                    *by_name.entry(name).or_default().entry(keys).or_default().entry(hash).or_insert_with(new)
                }
                _ => *nameless.get_or_insert_with(&mut new),
            };
            all[cell as usize].takers.push(taker);
            of_taker.push(cell);
        }
        let mut of_thing = Vec::with_capacity(found.len());
        for (thing, span) in (0..).zip(found) {
            let by_keys = by_name.get(span.name()).into_iter().flatten();
            let cells = by_keys.filter_map(|(keys, by_hash)| by_hash.get(&hash_at(keys, *span)?)).copied();
            let mut cells: Vec<u32> = cells.chain(nameless).collect();
            // In the order of those who expect them, whatever that of the table is.
            cells.sort_unstable();
            cells.iter().for_each(|cell| all[*cell as usize].things.push(thing));
            of_thing.push(cells);
        }
        Self { all: all.into_iter().map(Cell::ready).collect(), of_taker, of_thing }
    }

    pub(super) fn of_taker(&self, taker: usize) -> &Cell {
        &self.all[self.of_taker[taker] as usize]
    }

    /// Those who may take a thing.
    pub(super) fn takers_of(&self, thing: usize) -> impl Iterator<Item = usize> {
        self.of_thing[thing].iter().flat_map(|cell| &self.all[*cell as usize].takers).map(|taker| *taker as usize)
    }
}

impl Cell {
    fn ready(self) -> Self {
        let next = (1..).take(self.things.len()).collect();
        Self { next: RefCell::new(next), ..self }
    }

    /// The first place, from this one on, whose thing is not passed over. What is passed over once stays so: it is not looked
    /// at again.
    pub(super) fn first_from(&self, place: usize, is_passed: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let mut next = self.next.borrow_mut();
        let mut at = place;
        while let Some(&thing) = self.things.get(at) {
            let thing = thing as usize;
            if !is_passed(thing) {
                let mut back = place;
                while back < at {
                    back = std::mem::replace(&mut next[back], u32::try_from(at).unwrap_or(u32::MAX)) as usize;
                }
                return Some((at, thing));
            }
            at = next[at] as usize;
        }
        None
    }
}

/// The keys of the attributes that are expected by their value, and a hash of these values.
fn looked_at(expected: &SpanExpectation) -> (Keys<'_>, u64) {
    let equal = expected.clauses.iter().filter_map(|clause| match clause {
        Clause::Attribute(key, AttributeExpectation::Is(Expected::Equal(value))) => Some((key, value)),
        _ => None,
    });
    let mut equal: Vec<(&Text, &Value)> = equal.collect();
    equal.sort_by_key(|(key, _)| key.as_str());
    let mut hasher = FxHasher::default();
    equal.iter().for_each(|(_, value)| hash(value, &mut hasher));
    (equal.into_iter().map(|(key, _)| key).collect(), hasher.finish())
}

/// The same hash of a span's values. Nothing if it lacks one.
fn hash_at(keys: &Keys<'_>, span: SpanRef<'_>) -> Option<u64> {
    let mut hasher = FxHasher::default();
    for key in keys {
        hash(span.attr(key)?, &mut hasher);
    }
    Some(hasher.finish())
}

/// Goes over a value so that those that are equal to an expectation have one hash: a NaN to a NaN, the two zeros to each
/// other, and maps in whatever order.
fn hash(value: &Value, hasher: &mut FxHasher) {
    match value {
        Value::Null => hasher.write_u64(0),
        Value::Bool(truth) => hasher.write_u64(1 + u64::from(*truth)),
        Value::Int(number) => {
            hasher.write_u64(3);
            hasher.write_u64(number.cast_unsigned());
        }
        Value::Float(number) if number.is_nan() => hasher.write_u64(4),
        Value::Float(number) => {
            hasher.write_u64(5);
            hasher.write_u64(if *number == 0.0 { 0 } else { number.to_bits() });
        }
        Value::BigInt(text) | Value::Str(text) => {
            hasher.write_u64(6);
            hasher.write(text.as_bytes());
        }
        Value::Array(elements) => {
            hasher.write_u64(7);
            hasher.write_u64(elements.len() as u64);
            elements.iter().for_each(|element| hash(element, hasher));
        }
        Value::Map(map) => {
            hasher.write_u64(8);
            // Its entries may come in any order.
            hasher.write_u64(map.len() as u64);
        }
    }
}
