//! [`Block`]: all that some spans have, read when one of them is looked at.

use std::collections::HashMap;

use serde::Serialize;

use super::choice::Choice;
use crate::expect::attribute_code;
use crate::trace::{Attributes, Scope, SpanRef, Status, shown, shown_whole};
use crate::value::{Text, Value};

/// So many spans a block has.
pub(super) const BLOCK_SPANS: usize = 1_000;
/// So many characters of a value are on the page.
const VALUE_MAX: usize = 10_000;

/// Some spans, one after another.
#[derive(Serialize)]
pub(super) struct Block<'t> {
    keys: Vec<&'t str>,
    /// The values that these spans have, each once.
    values: Vec<WrittenValue>,
    /// The resources and scopes that they have, each once, by places of keys and values.
    resources: Vec<Vec<usize>>,
    scopes: Vec<WrittenScope<'t>>,
    spans: Vec<WrittenSpan<'t>>,
}

/// A value as JSON; and, where that is not its JSON, what an assertion in Rust expects at its key.
#[derive(Serialize)]
#[serde(untagged)]
enum WrittenValue {
    Plain(String),
    /// Nothing where the value is cut, and cannot be asserted from here.
    WithCode(String, Option<String>),
}

#[derive(Serialize)]
struct WrittenSpan<'t> {
    trace_id: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    kind: &'static str,
    #[serde(skip_serializing_if = "is_unset")]
    status: &'t Status,
    /// Places of keys and values, by turns.
    attributes: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<WrittenEvent<'t>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<WrittenLink>,
    resource: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<usize>,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_state: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<[u32; 3]>,
}

#[derive(Serialize)]
struct WrittenEvent<'t> {
    name: &'t str,
    /// Since its span started; below zero where it came before.
    after_ns: i64,
    attributes: Vec<usize>,
}

#[derive(Serialize)]
struct WrittenLink {
    trace_id: String,
    id: String,
    /// The span's place on the page, if it is there.
    place: Option<usize>,
    attributes: Vec<usize>,
}

#[derive(Serialize)]
struct WrittenScope<'t> {
    name: &'t str,
    version: &'t str,
}

const fn is_unset(status: &&Status) -> bool {
    matches!(status, Status::Unset)
}

/// What a block has by number.
#[derive(Default)]
struct Tables<'t> {
    keys: Vec<&'t str>,
    key_of: HashMap<&'t str, usize>,
    values: Vec<WrittenValue>,
    value_of: HashMap<(usize, String), usize>,
    resources: Vec<Vec<usize>>,
    resource_of: HashMap<usize, usize>,
    scopes: Vec<WrittenScope<'t>>,
    scope_of: HashMap<usize, usize>,
}

impl<'t> Block<'t> {
    pub(super) fn of(spans: &[SpanRef<'t>], choice: &Choice<'t>) -> Self {
        let mut tables = Tables::default();
        let spans = spans.iter().map(|span| tables.span(*span, choice)).collect();
        let Tables { keys, values, resources, scopes, .. } = tables;
        Self { keys, values, resources, scopes, spans }
    }
}

impl<'t> Tables<'t> {
    fn span(&mut self, of_page: SpanRef<'t>, choice: &Choice<'t>) -> WrittenSpan<'t> {
        let span = of_page.span();
        let events = span.events().iter().map(|event| WrittenEvent {
            name: &event.name,
            after_ns: i64::try_from(event.timestamp.signed_ns_since(span.start())).unwrap_or(i64::MAX),
            attributes: self.attributes(&event.attributes),
        });
        let events = events.collect();
        let links = span.links().iter().map(|link| WrittenLink {
            trace_id: link.trace_id.to_string(),
            id: link.span_id.to_string(),
            place: of_page.trace().get_in(link.trace_id, link.span_id).and_then(|to| choice.place_of[to.index()]),
            attributes: self.attributes(&link.attributes),
        });
        let links = links.collect();
        let dropped = [span.dropped_attributes(), span.dropped_events(), span.dropped_links()];
        WrittenSpan {
            trace_id: span.trace_id().to_string(),
            id: span.span_id().to_string(),
            parent_id: span.parent_id().map(|id| id.to_string()),
            kind: if span.kind_is_known() { kind(span.kind()) } else { "" },
            status: span.status(),
            attributes: self.attributes(span.attributes()),
            events,
            links,
            resource: self.resource(span.resource()),
            scope: span.scope().map(|scope| self.scope(scope)),
            trace_state: span.trace_state(),
            dropped: (dropped != [0; 3]).then_some(dropped),
        }
    }

    fn attributes(&mut self, attributes: &'t Attributes) -> Vec<usize> {
        attributes.iter().flat_map(|(key, value)| self.entry(key, value)).collect()
    }

    fn entry(&mut self, key: &'t Text, value: &'t Value) -> [usize; 2] {
        let key_at = *self.key_of.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        let text = shown_whole(value);
        if let Some(at) = self.value_of.get(&(key_at, text.clone())) {
            return [key_at, *at];
        }
        let written = if text.len() > VALUE_MAX {
            WrittenValue::WithCode(shown(value, VALUE_MAX), None)
        } else {
            let code = attribute_code(key, value);
            if code == text {
                WrittenValue::Plain(text.clone())
            } else {
                WrittenValue::WithCode(text.clone(), Some(code))
            }
        };
        self.values.push(written);
        self.value_of.insert((key_at, text), self.values.len() - 1);
        [key_at, self.values.len() - 1]
    }

    fn resource(&mut self, resource: &'t crate::trace::Resource) -> usize {
        let address = std::ptr::from_ref(resource).addr();
        if let Some(at) = self.resource_of.get(&address) {
            return *at;
        }
        let attributes = self.attributes(&resource.attributes);
        self.resources.push(attributes);
        self.resource_of.insert(address, self.resources.len() - 1);
        self.resources.len() - 1
    }

    fn scope(&mut self, scope: &'t Scope) -> usize {
        let address = std::ptr::from_ref(scope).addr();
        *self.scope_of.entry(address).or_insert_with(|| {
            self.scopes.push(WrittenScope { name: &scope.name, version: scope.version.as_deref().unwrap_or_default() });
            self.scopes.len() - 1
        })
    }
}

const fn kind(kind: crate::trace::SpanKind) -> &'static str {
    use crate::trace::SpanKind::{Client, Consumer, Internal, Producer, Server};
    match kind {
        Internal => "internal",
        Server => "server",
        Client => "client",
        Producer => "producer",
        Consumer => "consumer",
    }
}
