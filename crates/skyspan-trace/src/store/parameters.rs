//! [`Parameters`]: what stands behind the `?` of an address.

use std::fmt::Write as _;

/// Keys and values, in the order of the address, decoded.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads what stands behind the `?`. A value may be percent-encoded, or stand as it is, as a query of TraceQL at a command line
    /// does: `q={ a && b }&limit=5`.
    pub(super) fn read(query: &str) -> Self {
        let pairs = parts(query).filter(|part| !part.is_empty());
        Self(
            pairs
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(key, value)| (decoded(key), decoded(value)))
                .collect(),
        )
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// With this value at the key.
    pub(super) fn with(&self, key: &str, value: impl ToString) -> Self {
        let mut with = self.clone();
        match with.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = value.to_string(),
            None => with.0.push((key.to_owned(), value.to_string())),
        }
        with
    }

    /// As it stands in an address.
    pub(super) fn encoded(&self) -> String {
        let mut text = String::new();
        for (key, value) in &self.0 {
            let mark = if text.is_empty() { "" } else { "&" };
            // Writing to a string does not fail.
            let _ = write!(text, "{mark}{}={}", encoded(key), encoded(value));
        }
        text
    }
}

/// The parts between the `&`s that begin a key; those of TraceQL are two.
fn parts(query: &str) -> impl Iterator<Item = &str> {
    let bytes = query.as_bytes();
    let begins_key = |at: usize| {
        let rest = &query[at + 1..];
        let key = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.' | '-' | '%'));
        let is_key = key.is_some_and(|end| end > 0 && rest.as_bytes()[end] == b'=');
        is_key && (at == 0 || bytes[at - 1] != b'&')
    };
    let mut cuts: Vec<usize> = query.match_indices('&').map(|(at, _)| at).filter(|at| begins_key(*at)).collect();
    cuts.push(query.len());
    let mut from = 0;
    cuts.into_iter().map(move |cut| {
        let part = &query[from..cut];
        from = (cut + 1).min(query.len());
        part
    })
}

/// A value as it was before it was encoded. One that has a letter that no encoded one has was not.
fn decoded(value: &str) -> String {
    if value.contains([' ', '{', '}', '"', '<', '>', '|', '`', '^', '\\']) {
        return value.to_owned();
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let escaped = if *first == b'%' { behind.get(..2).and_then(digits) } else { None };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}
