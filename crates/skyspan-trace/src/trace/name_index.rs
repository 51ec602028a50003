//! [`NameIndex`]: which spans have a name.

use std::sync::Arc;

use super::Span;
use super::forest::places;
use crate::value::Text;
use rustc_hash::FxHashMap;

/// So many names that were met last are looked through first.
const LATEST: usize = 4;

/// The places of the spans with each name, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    number_of: FxHashMap<Text, usize>,
    places: Vec<Vec<u32>>,
}

impl NameIndex {
    pub(super) fn of(spans: &[Arc<Span>]) -> Self {
        let mut index = Self::default();
        // A program has few names, which come in turn, each mostly from one place in memory.
        let mut latest: [(&str, usize); LATEST] = [("", usize::MAX); LATEST];
        let mut next = 0;
        for (at, span) in places(spans) {
            let name = span.name();
            let known = latest.iter().find(|(other, number)| *number != usize::MAX && std::ptr::eq(*other, name));
            let number = match known {
                Some((_, number)) => *number,
                None => {
                    let number = index.number(span.name_text());
                    latest[next] = (name, number);
                    next = (next + 1) % LATEST;
                    number
                }
            };
            index.places[number].push(at);
        }
        index
    }

    fn number(&mut self, name: &Text) -> usize {
        if let Some(number) = self.number_of.get(name.as_str()) {
            return *number;
        }
        self.places.push(Vec::new());
        self.number_of.insert(name.clone(), self.places.len() - 1);
        self.places.len() - 1
    }

    /// The spans with a name.
    pub(super) fn places(&self, name: &str) -> &[u32] {
        self.number_of.get(name).map_or(&[], |number| self.places[*number].as_slice())
    }
}
