//! [`Field`]: a value of a JSON text, for readers that say what is wrong with it.

use std::borrow::Cow;
use std::ops::Deref;

use crate::trace::text_cache::TextCache;
use crate::value::{JsonNode, JsonStep, Text, Value, to_json};

/// Longer values are cut where an error shows them.
const SHOWN_MAX: usize = 60;

/// A value on a tape, whose accessors say what would have been right.
#[derive(Clone, Copy)]
pub(super) struct Field<'a>(JsonNode<'a>);

impl<'a> Deref for Field<'a> {
    type Target = JsonNode<'a>;

    fn deref(&self) -> &JsonNode<'a> {
        &self.0
    }
}

/// A value is not what it should be. Boxed, as nearly always none is.
pub(super) struct Wrong<'a>(Box<WrongValue<'a>>);

pub(super) struct WrongValue<'a> {
    pub(super) field: Field<'a>,
    /// The span that it belongs to, and what it is called, if it belongs to one.
    pub(super) span: Option<(Field<'a>, Option<Box<str>>)>,
    pub(super) expected: String,
    pub(super) found: String,
}

impl<'a> Deref for Wrong<'a> {
    type Target = WrongValue<'a>;

    fn deref(&self) -> &WrongValue<'a> {
        &self.0
    }
}

impl<'a> Wrong<'a> {
    /// The same, in a span whose name is at `name_key`.
    pub(super) fn in_span(mut self, span: Field<'a>, name_key: &str) -> Self {
        if self.0.span.is_none() {
            self.0.span = Some((span, span.get(name_key).and_then(|name| name.str()).map(Box::from)));
        }
        self
    }

    /// The way from `outer` to the value: keys and numbers of elements.
    pub(super) fn path_from(&self, outer: Field<'a>) -> String {
        let steps = outer.steps_to(&self.field).into_iter().map(|step| match step {
            JsonStep::Key(key) => key,
            JsonStep::Element(index) => index.to_string(),
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

impl<'a> From<JsonNode<'a>> for Field<'a> {
    fn from(node: JsonNode<'a>) -> Self {
        Self(node)
    }
}

impl<'a> Field<'a> {
    pub(super) fn wrong(self, expected: impl Into<String>) -> Wrong<'a> {
        let found = if self.is_map() {
            "a map".to_owned()
        } else if self.is_list() {
            "a list".to_owned()
        } else {
            let json = to_json(&self.value(&mut TextCache::default()));
            let cut = json.char_indices().nth(SHOWN_MAX).map_or(json.len(), |(at, _)| at);
            if cut < json.len() { format!("{}…", &json[..cut]) } else { json }
        };
        Wrong(Box::new(WrongValue { field: self, span: None, expected: expected.into(), found }))
    }

    /// A key is missing that `required` would not have found.
    fn without(self, key: &str) -> Wrong<'a> {
        let mut wrong = self.wrong(format!("a key \"{key}\""));
        wrong.0.found = "none".to_owned();
        wrong
    }

    /// The values at these keys, all in one go.
    pub(super) fn fields<const N: usize>(self, keys: [&str; N]) -> [Option<Self>; N] {
        self.0.pick(keys).map(|found| found.map(Self))
    }

    /// The value that was found at a key of this map.
    pub(super) fn needs(self, found: Option<Self>, key: &str) -> Result<Self, Wrong<'a>> {
        self.map()?;
        found.ok_or_else(|| self.without(key))
    }

    /// The value at a key, unless it is missing or null.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.0.get(key).map(Self).filter(|field| !field.is_null())
    }

    /// The value at a key, which must be there.
    pub(super) fn required(self, key: &str) -> Result<Self, Wrong<'a>> {
        self.needs(self.0.get(key).map(Self), key)
    }

    pub(super) fn elements(self) -> impl Iterator<Item = Self> + use<'a> {
        self.0.elements().map(Self)
    }

    pub(super) fn entries(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> + use<'a> {
        self.0.entries().map(|(key, value)| (key.str().unwrap_or_default(), Self(value)))
    }

    /// Nothing unless it is a map.
    pub(super) fn map(self) -> Result<Self, Wrong<'a>> {
        if self.is_map() { Ok(self) } else { Err(self.wrong("a map")) }
    }

    /// Nothing unless it is a list.
    pub(super) fn list(self) -> Result<Self, Wrong<'a>> {
        if self.is_list() { Ok(self) } else { Err(self.wrong("a list")) }
    }

    pub(super) fn string(self) -> Result<Cow<'a, str>, Wrong<'a>> {
        self.str().ok_or_else(|| self.wrong("a string"))
    }

    /// The value, with its strings and keys shared.
    pub(super) fn value(self, texts: &mut TextCache) -> Value {
        self.0.to_value(&mut |text: &str| -> Text { texts.text(text) })
    }

    /// A whole number that is none below zero, or its digits.
    pub(super) fn unsigned(self) -> Option<u64> {
        match self.word() {
            Some(word) => word.parse().ok(),
            None => self.str()?.trim().parse().ok(),
        }
    }
}

/// The value that was found, unless it is null.
pub(super) fn set(found: Option<Field<'_>>) -> Option<Field<'_>> {
    found.filter(|field| !field.is_null())
}
