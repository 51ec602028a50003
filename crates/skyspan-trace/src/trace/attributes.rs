//! [`Attributes`]: what a span, an event, a link, a resource or a scope is tagged with.

use std::collections::HashSet;

use crate::value::{IntoEntries, Map, Text, Value};

/// Up to this many entries, comparing each with each is faster than hashing them.
const FEW: usize = 16;

/// Keys and their values, in the order in which they were last set.
///
/// A key that is set twice keeps the last value and moves to the last place, as in Python's SDK
/// (opentelemetry-sdk 1.45.2, `BoundedAttributes`); the Rust SDK hands both over. Two sets of attributes are equal when
/// they hold the same entries in the same order.
///
/// ```
/// use skyspan_trace::trace::Attributes;
///
/// let attributes = Attributes::from_iter([("a", 1), ("b", 2), ("a", 3)]);
/// assert_eq!(attributes.keys().map(|key| key.as_str()).collect::<Vec<_>>(), ["b", "a"]);
/// assert_eq!(attributes.get("a"), Some(&3.into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Box<[(Text, Value)]>);

impl Attributes {
    /// No attributes; does not allocate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value at `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// Whether there is a value at `key`.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> + DoubleEndedIterator + Clone {
        self.0.iter().map(entry as fn(&(Text, Value)) -> (&Text, &Value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The same entries as a map, for writing.
    pub(super) fn to_map(&self) -> Map {
        self.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Takes entries in the order in which they were set.
    pub(super) fn from_entries(mut entries: Vec<(Text, Value)>) -> Self {
        if entries.len() <= FEW {
            // Keys whose length and last letter give one bit are few, so that hardly any are compared.
            let bit = |key: &Text| {
                let last = key.as_bytes().last().copied().unwrap_or_default();
                1_u64 << ((7 * key.len() + usize::from(last)) % 64)
            };
            let (mut seen, mut shared) = (0, 0);
            for (key, _) in &entries {
                shared |= seen & bit(key);
                seen |= bit(key);
            }
            let overwritten = |at: usize| {
                let key = &entries[at].0;
                shared & bit(key) != 0 && entries[at + 1..].iter().any(|(later, _)| later == key)
            };
            if shared != 0
                && let Some(first) = (0..entries.len()).find(|&at| overwritten(at))
            {
                let later = (first..entries.len()).map(|at| !overwritten(at)).collect::<Vec<_>>();
                let mut keep = std::iter::repeat_n(true, first).chain(later);
                entries.retain(|_| keep.next().unwrap_or(true));
            }
        } else {
            let mut seen = HashSet::with_capacity(entries.len());
            let mut last: Vec<bool> = entries.iter().rev().map(|(key, _)| seen.insert(key.clone())).collect();
            entries.retain(|_| last.pop().unwrap_or(true));
        }
        Self(entries.into_boxed_slice())
    }
}

fn entry(entry: &(Text, Value)) -> (&Text, &Value) {
    (&entry.0, &entry.1)
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::from_entries(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl IntoEntries for Attributes {
    fn into_entries(self) -> Vec<(Text, Value)> {
        self.0.into_vec()
    }
}

impl IntoEntries for &Attributes {
    fn into_entries(self) -> Vec<(Text, Value)> {
        self.0.to_vec()
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = (&'a Text, &'a Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (Text, Value)>, fn(&(Text, Value)) -> (&Text, &Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(entry as fn(&(Text, Value)) -> (&Text, &Value))
    }
}

impl IntoIterator for Attributes {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}
