//! [`IntoEntries`]: keys and values, in whatever form a caller has them.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::{Map, Text, Value};

/// Keys and values, in whatever form a caller has them: `json!({...})`, a [`Map`], a list of pairs. Metadata, attributes and
/// resources are taken so.
///
/// `json!` has its keys sorted, and a [`HashMap`] is sorted here; the others keep their order.
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::value::{IntoEntries, Map, Value};
///
/// let ordered = [("sample", Value::from("A")), ("cell", 5.into())].into_entries();
/// assert_eq!(ordered.len(), 2);
/// let sorted = Map::from_iter(json!({"sample": "A", "cell": 5}).into_entries());
/// assert_eq!(sorted.keys().next().unwrap(), &"cell");
/// ```
pub trait IntoEntries {
    /// The keys and their values, in order. A key may stand there twice.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object: `json!([5])` has no keys.
    #[track_caller]
    fn into_entries(self) -> Vec<(Text, Value)>;
}

fn pairs<K: Into<Text>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(Text, Value)> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

impl IntoEntries for Map {
    fn into_entries(self) -> Vec<(Text, Value)> {
        self.into_iter().collect()
    }
}

impl IntoEntries for &Map {
    fn into_entries(self) -> Vec<(Text, Value)> {
        self.clone().into_entries()
    }
}

/// A JSON object gives its entries.
impl IntoEntries for serde_json::Value {
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake of the program, which the compiler cannot see")]
    fn into_entries(self) -> Vec<(Text, Value)> {
        match self {
            Self::Object(entries) => entries.into_entries(),
            other => panic!("expected a JSON object, as json!({{\"key\": 5}}), found {other}"),
        }
    }
}

impl IntoEntries for serde_json::Map<String, serde_json::Value> {
    fn into_entries(self) -> Vec<(Text, Value)> {
        pairs(self)
    }
}

impl<K: Into<Text>, V: Into<Value>> IntoEntries for Vec<(K, V)> {
    fn into_entries(self) -> Vec<(Text, Value)> {
        pairs(self)
    }
}

impl<K: Into<Text>, V: Into<Value>, const N: usize> IntoEntries for [(K, V); N] {
    fn into_entries(self) -> Vec<(Text, Value)> {
        pairs(self)
    }
}

impl<K: Clone + Into<Text>, V: Clone + Into<Value>> IntoEntries for &[(K, V)] {
    fn into_entries(self) -> Vec<(Text, Value)> {
        pairs(self.iter().cloned())
    }
}

impl<K: Into<Text>, V: Into<Value>> IntoEntries for BTreeMap<K, V> {
    fn into_entries(self) -> Vec<(Text, Value)> {
        pairs(self)
    }
}

/// Sorted by key, so that they are always the same.
impl<K: Into<Text>, V: Into<Value>, S: BuildHasher> IntoEntries for HashMap<K, V, S> {
    fn into_entries(self) -> Vec<(Text, Value)> {
        let mut entries = pairs(self);
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries
    }
}
