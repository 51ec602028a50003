//! [`JsonNode`]: a value on a [`JsonTape`], and what is in it.

use std::borrow::Cow;

use super::json_tape::{ESCAPED, JsonTape, Token};
use super::{Map, Text, Value};

/// The words of JSON, and of Python.
pub(super) const WORDS: [(&str, Value); 6] = [
    ("null", Value::Null),
    ("true", Value::Bool(true)),
    ("false", Value::Bool(false)),
    ("NaN", Value::Float(f64::NAN)),
    ("Infinity", Value::Float(f64::INFINITY)),
    ("-Infinity", Value::Float(f64::NEG_INFINITY)),
];

/// A step from a list or map to a value in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum JsonStep {
    /// To the value at a key.
    Key(String),
    /// To an element of a list.
    Element(usize),
}

/// A value on a tape.
#[derive(Clone, Copy)]
pub(crate) struct JsonNode<'a> {
    tape: &'a JsonTape,
    text: &'a str,
    index: usize,
}

impl<'a> JsonNode<'a> {
    /// The outermost value of a tape.
    pub(super) fn root(tape: &'a JsonTape, text: &'a str) -> Self {
        Self { tape, text, index: 0 }
    }

    fn token(&self) -> Token {
        self.tape.tokens[self.index]
    }

    /// Where in the text it begins.
    pub(crate) fn at(&self) -> usize {
        self.tape.base + self.token().at as usize
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes()[self.at()]
    }

    pub(crate) fn is_map(&self) -> bool {
        self.byte() == b'{'
    }

    pub(crate) fn is_list(&self) -> bool {
        self.byte() == b'['
    }

    pub(crate) fn is_null(&self) -> bool {
        self.byte() == b'n'
    }

    /// The characters of a scalar, for a string those between its quotes.
    fn raw(&self) -> &'a str {
        let from = self.at() + usize::from(self.byte() == b'"');
        &self.text[from..from + (self.token().extent & !ESCAPED) as usize]
    }

    /// The characters of a number or word.
    pub(crate) fn word(&self) -> Option<&'a str> {
        (!matches!(self.byte(), b'"' | b'{' | b'[')).then(|| self.raw())
    }

    /// The string, if it is one.
    pub(crate) fn str(&self) -> Option<Cow<'a, str>> {
        if self.byte() != b'"' {
            return None;
        }
        Some(if self.token().extent & ESCAPED == 0 {
            Cow::Borrowed(self.raw())
        } else {
            Cow::Owned(unescaped(self.raw()))
        })
    }

    /// The number of the token behind this value.
    fn behind(&self) -> usize {
        if matches!(self.byte(), b'{' | b'[') { self.token().extent as usize } else { self.index + 1 }
    }

    fn with_index(&self, index: usize) -> Self {
        Self { index, ..*self }
    }

    /// The elements of a list, in order; none of what is no list.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Self> + use<'a> {
        let node = *self;
        let (mut index, end) = if node.is_list() { (node.index + 1, node.behind()) } else { (0, 0) };
        std::iter::from_fn(move || {
            let element = (index < end).then(|| node.with_index(index))?;
            index = element.behind();
            Some(element)
        })
    }

    /// The keys and values of a map, in order; none of what is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Self, Self)> + use<'a> {
        let node = *self;
        let (mut index, end) = if node.is_map() { (node.index + 1, node.behind()) } else { (0, 0) };
        std::iter::from_fn(move || {
            let key = (index < end).then(|| node.with_index(index))?;
            let value = node.with_index(index + 1);
            index = value.behind();
            Some((key, value))
        })
    }

    /// Whether a key is this one.
    fn is_key(&self, wanted: &str) -> bool {
        if self.token().extent & ESCAPED == 0 { self.raw() == wanted } else { unescaped(self.raw()) == wanted }
    }

    /// The value at a key of a map; of a key that stands twice the last.
    pub(crate) fn get(&self, wanted: &str) -> Option<Self> {
        self.entries().filter(|(key, _)| key.is_key(wanted)).last().map(|(_, value)| value)
    }

    /// The values at these keys, all in one go; of a key that stands twice the last.
    pub(crate) fn pick<const N: usize>(&self, wanted: [&str; N]) -> [Option<Self>; N] {
        let mut found = [None; N];
        // The writers of a format keep an order, so that the key is mostly the one after the last.
        let mut likely = 0;
        for (key, value) in self.entries() {
            let place = (likely..N).chain(0..likely).find(|place| key.is_key(wanted[*place]));
            if let Some(place) = place {
                found[place] = Some(value);
                likely = place + 1;
            }
        }
        found
    }

    /// Its text, without the brackets that close it and what it holds. Two values of one text are equal.
    pub(crate) fn text(&self) -> &'a str {
        let last = self.with_index(self.behind() - 1);
        let end = match last.byte() {
            b'{' | b'[' => last.at() + 1,
            b'"' => last.at() + last.raw().len() + 2,
            _ => last.at() + last.raw().len(),
        };
        &self.text[self.at()..end]
    }

    /// The value as one; its strings, and the keys of its maps, are made by `text`.
    pub(crate) fn to_value(self, text: &mut impl FnMut(&str) -> Text) -> Value {
        match self.byte() {
            b'{' => self
                .entries()
                .map(|(key, value)| (text(&key.str().unwrap_or_default()), value.to_value(text)))
                .collect::<Map>()
                .into(),
            b'[' => Value::Array(self.elements().map(|element| element.to_value(text)).collect()),
            b'"' => Value::Str(text(&self.str().unwrap_or_default())),
            _ => scalar(self.raw()),
        }
    }

    /// The way from here to a value that lies in this one.
    pub(crate) fn steps_to(&self, inner: &Self) -> Vec<JsonStep> {
        let mut steps = Vec::new();
        let mut node = *self;
        let holds = |node: &Self| (node.index..node.behind()).contains(&inner.index);
        while node.index != inner.index {
            let entry = node.entries().find(|(_, value)| holds(value));
            let element = node.elements().enumerate().find(|(_, value)| holds(value));
            let (step, value) = match (entry, element) {
                (Some((key, value)), _) => (JsonStep::Key(key.str().unwrap_or_default().into_owned()), value),
                (None, Some((number, value))) => (JsonStep::Element(number), value),
                (None, None) => break,
            };
            steps.push(step);
            node = value;
        }
        steps
    }
}

/// The value of a number or word.
fn scalar(raw: &str) -> Value {
    if let Some((_, value)) = WORDS.iter().find(|(word, _)| *word == raw) {
        return value.clone();
    }
    if raw.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return raw.parse().map_or(Value::Null, Value::Float);
    }
    raw.parse().map_or_else(|_| Value::BigInt(raw.into()), Value::Int)
}

/// A string without its escapes, which are known to be right.
fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let (c, length) = match escape.as_bytes().first() {
            Some(b'u') => {
                let unit = |at: usize| escape.get(at..at + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
                let units = [unit(1), unit(7)].map(Option::unwrap_or_default);
                match char::from_u32(units[0].into()) {
                    Some(c) => (c, 5),
                    None => (char::decode_utf16(units).next().and_then(Result::ok).unwrap_or_default(), 11),
                }
            }
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            _ => (escape.chars().next().unwrap_or('\\'), 1),
        };
        out.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
