//! [`Map`]: keys in the order they were first set, as a Python dict keeps them.

use std::collections::HashMap;

use super::{Text, Value};

/// Up to this many entries, comparing a key with each is faster than hashing it.
const FEW: usize = 32;

/// A map whose keys keep the order in which they were first set, as those of a Python dict do.
///
/// Two maps are equal when they hold the same entries in the same order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    /// A map without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
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

    /// Sets `key` to `value`. A key that exists keeps its place; the value it had is given back.
    pub fn insert(&mut self, key: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    /// Sets `key` to `value` unless it is set.
    pub fn insert_default(&mut self, key: impl Into<Text>, value: impl Into<Value>) {
        let key = key.into();
        if !self.contains_key(&key) {
            self.0.push((key, value.into()));
        }
    }

    /// Takes the entry at `key` out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.0.iter().map(|(key, _)| key)
    }
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Into<Text>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        let mut entries = entries.into_iter();
        for (key, value) in entries.by_ref() {
            self.insert(key, value);
            if self.len() > FEW {
                break;
            }
        }
        // A map of a file may be long; to look through all keys for each would take the square of its length.
        let mut places: HashMap<Text, usize> = HashMap::new();
        for (key, value) in entries {
            if places.is_empty() {
                places.extend(self.keys().cloned().zip(0..));
            }
            let (key, value) = (key.into(), value.into());
            match places.get(&key) {
                Some(place) => self.0[*place].1 = value,
                None => {
                    places.insert(key.clone(), self.len());
                    self.0.push((key, value));
                }
            }
        }
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Text, &'a Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (Text, Value)>, fn(&(Text, Value)) -> (&Text, &Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
