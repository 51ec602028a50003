//! [`Fields`]: a map whose keys are known beforehand.

use std::time::Duration;

use super::{Node, Spanned, YamlError};
use crate::value::{Map, Position, nearest};

/// A map of the plan file whose keys are known beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'n> {
    /// What the map is, as errors call it: ``a plan item``, `` `engine` ``.
    what: &'n str,
    /// Where the map begins.
    pub position: Position,
    entries: &'n [(Node, Node)],
}

impl<'n> Fields<'n> {
    /// The map, whatever its keys; each of them is a string.
    pub fn any(node: &'n Node, what: &'n str) -> Result<Self, YamlError> {
        let entries = node.expect_map(&format!("a map as {what}"))?;
        for (key, _) in entries {
            key.expect_str("a string as the key")?;
        }
        Ok(Self { what, position: node.position, entries })
    }

    /// The map, which has no other keys than `allowed`.
    pub fn of(node: &'n Node, what: &'n str, allowed: &[&str]) -> Result<Self, YamlError> {
        let fields = Self::any(node, what)?;
        fields.allow(allowed)?;
        Ok(fields)
    }

    /// An error where there is another key than `allowed`.
    pub fn allow(&self, allowed: &[&str]) -> Result<(), YamlError> {
        self.allow_besides(allowed, &[])
    }

    /// The same, but for keys that others write, and of which errors say nothing.
    pub fn allow_besides(&self, allowed: &[&str], others: &[&str]) -> Result<(), YamlError> {
        let is_known = |key: &str| allowed.contains(&key) || others.contains(&key);
        let Some((position, key)) = self.keys().find(|(_, key)| !is_known(key)) else { return Ok(()) };
        let expected = match allowed {
            [only] => format!("no key but `{only}` in {}", self.what),
            _ => format!("one of the keys {} in {}", listed(allowed), self.what),
        };
        let error = YamlError::new(position, expected, format!("`{}`", key.escape_debug()));
        Err(error.with_suggestion(nearest(key, allowed.iter().copied())))
    }

    /// The keys, each where it stands.
    pub fn keys(&self) -> impl Iterator<Item = (Position, &'n str)> {
        self.entries.iter().filter_map(|(key, _)| Some((key.position, key.as_str()?)))
    }

    /// The value at a key, null or not.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, node)| node)
    }

    /// The value at a key that must be there.
    pub fn need(&self, key: &str) -> Result<&'n Node, YamlError> {
        self.get(key).ok_or_else(|| self.lacks(&format!("the key `{key}`")))
    }

    /// The error that the map has not what it should have.
    pub fn lacks(&self, what: &str) -> YamlError {
        let keys: Vec<&str> = self.keys().map(|(_, key)| key).collect();
        let found = match keys.as_slice() {
            [] => "an empty map".to_owned(),
            // The error is to be read at a glance; what all the keys are is in the file.
            [a, b, c, d, _, _, ..] => format!("only {}, ...", listed(&[a, b, c, d])),
            keys => format!("only {}", listed(keys)),
        };
        YamlError::new(self.position, format!("{what} in {}", self.what), found)
    }

    /// The string at a key that must be there.
    pub fn need_str(&self, key: &str, what: &str) -> Result<Spanned<String>, YamlError> {
        let node = self.need(key)?;
        Ok(Spanned { value: node.expect_str(what)?.to_owned(), position: node.position })
    }

    /// The elements of the list at a key; none where there is no such key.
    pub fn list(&self, key: &str) -> Result<&'n [Node], YamlError> {
        self.get(key).map_or(Ok(&[]), |node| node.expect_list(&format!("a list as `{key}`")))
    }

    /// The same, where null is no element either, as for Python: the lines of all may be commented out.
    pub fn list_or_null(&self, key: &str) -> Result<&'n [Node], YamlError> {
        if self.get(key).is_some_and(Node::is_null) { Ok(&[]) } else { self.list(key) }
    }

    /// The truth value at a key; false where there is no such key.
    pub fn flag(&self, key: &str) -> Result<bool, YamlError> {
        self.get(key).map_or(Ok(false), |node| node.expect_bool(&format!("true or false as `{key}`")))
    }

    /// The string at a key, if there is such a key.
    pub fn text(&self, key: &str, what: &str) -> Result<Option<String>, YamlError> {
        self.get(key).map(|node| node.expect_str(what).map(str::to_owned)).transpose()
    }

    /// The number of seconds at a key, if there is such a key.
    pub fn seconds(&self, key: &str) -> Result<Option<Duration>, YamlError> {
        self.get(key)
            .map(|node| node.expect_seconds(&format!("a number of seconds, not negative, as `{key}`")))
            .transpose()
    }

    /// The whole number from 1 on at a key, if there is such a key.
    pub fn ordinal(&self, key: &str) -> Result<Option<u64>, YamlError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let what = format!("a whole number from 1 on as `{key}`");
        match node.expect_count(&what)? {
            0 => Err(node.unexpected(what)),
            number => Ok(Some(number)),
        }
    }

    /// The plain map at a key; an empty one where there is no such key.
    pub fn map(&self, key: &str) -> Result<Map, YamlError> {
        self.get(key).map_or_else(|| Ok(Map::new()), |node| node.to_map(&format!("a map as `{key}`")))
    }

    /// The arguments by name at a key; none where there is no such key.
    pub fn named(&self, key: &str) -> Result<Vec<(Spanned<String>, Node)>, YamlError> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(node) => Ok(Fields::any(node, &format!("`{key}`"))?.all_but(&[])),
        }
    }

    /// The entries whose keys are in `keys`.
    pub fn only(&self, keys: &[&str]) -> Vec<(Spanned<String>, Node)> {
        self.all_but(&[]).into_iter().filter(|(key, _)| keys.contains(&key.value.as_str())).collect()
    }

    /// The entries whose keys are not in `others`.
    pub fn all_but(&self, others: &[&str]) -> Vec<(Spanned<String>, Node)> {
        let entries = self.entries.iter().filter_map(|(key, node)| {
            let name = key.as_str().filter(|name| !others.contains(name))?;
            Some((Spanned { value: name.to_owned(), position: key.position }, node.clone()))
        });
        entries.collect()
    }
}

/// Names as errors list them: `` `a`, `b` ``.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ")
}

/// The error that a word is none of those that may stand there.
pub fn not_one_of(node: &Node, expected: &str, words: &[&str]) -> YamlError {
    let error = node.unexpected(format!("{expected}: {}", listed(words)));
    error.with_suggestion(node.as_str().and_then(|word| nearest(word, words.iter().copied())))
}
