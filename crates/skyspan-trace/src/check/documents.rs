//! What a check file says of the documents of a call: how many there are, and what is in them.

use std::fmt::Write as _;

use super::patterns::attribute;
use super::ranges::numbers;
use super::spans::patterns;
use crate::expect::{AttributeExpectation, Expected, NumberRange};
use crate::value::yaml::{Fields, Node, NodeValue, YamlError};
use crate::value::{Map, Text, Value};

/// The documents of which the number can be said, besides those of streams.
pub(super) const DOCUMENT_NAMES: [&str; 9] =
    ["start", "descriptor", "event", "stop", "resource", "datum", "stream_resource", "stream_datum", "event_page"];

/// So many things that are wrong are told.
const TOLD_MAX: usize = 10;

/// What the documents of a call must be.
#[derive(Debug)]
pub(super) struct DocumentsSaid {
    by_name: Vec<(&'static str, OfName)>,
    streams: Vec<(Text, OfStream)>,
    no_other_streams: bool,
}

/// What is said of all documents of a name.
#[derive(Debug)]
struct OfName {
    count: Option<NumberRange>,
    has: Vec<(Text, AttributeExpectation)>,
}

/// What is said of the events of a stream.
#[derive(Debug, Default)]
struct OfStream {
    events: Option<NumberRange>,
    keys: Vec<Text>,
    values: Vec<(Text, Expected)>,
    first: Vec<(Text, Expected)>,
    last: Vec<(Text, Expected)>,
}

/// The readings of the events of a stream, in order.
#[derive(Default)]
struct Stream<'d> {
    uids: Vec<&'d str>,
    keys: Vec<&'d str>,
    events: Vec<Vec<(&'d str, &'d Value)>>,
}

impl DocumentsSaid {
    pub(super) fn read(node: &Node) -> Result<Self, YamlError> {
        const KEYS: [&str; 2] = ["streams", "no_other_streams"];
        let fields = Fields::of(node, "`documents`", &[&KEYS[..], &DOCUMENT_NAMES].concat())?;
        let names = DOCUMENT_NAMES.into_iter().filter_map(|name| Some((name, fields.get(name)?)));
        let by_name = names.map(|(name, node)| Ok((name, OfName::read(node, name)?))).collect::<Result<_, _>>()?;
        let streams = fields.named("streams")?.into_iter();
        let streams: Vec<_> = streams
            .map(|(name, node)| Ok((Text::from(name.value), OfStream::read(&node)?)))
            .collect::<Result<_, YamlError>>()?;
        if fields.keys().next().is_none() {
            return Err(fields.lacks("at least one key"));
        }
        Ok(Self { by_name, streams, no_other_streams: fields.flag("no_other_streams")? })
    }

    /// All that is wrong about documents, each a pair of its name and its fields; nothing if all is as it should be.
    pub(super) fn wrong(&self, documents: &[Value]) -> Option<String> {
        let all: Vec<(&str, &Map)> = documents.iter().filter_map(named).collect();
        let mut wrong = Vec::new();
        for (name, said) in &self.by_name {
            let found: Vec<&Map> = all.iter().filter(|(other, _)| other == name).map(|(_, map)| *map).collect();
            said.wrong(name, &found, &mut wrong);
        }
        let streams = streams(&all);
        for (name, said) in &self.streams {
            match streams.iter().find(|(other, _)| other == name) {
                Some((_, stream)) => said.wrong(name, stream, &mut wrong),
                None if said.events.is_some_and(|range| range.contains(0)) => {}
                None => {
                    let names: Vec<String> = streams.iter().map(|(name, _)| format!("{name:?}")).collect();
                    let found = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                    wrong.push(format!("expected a stream {name:?}, found {found}"));
                }
            }
        }
        if self.no_other_streams {
            let others = streams.iter().filter(|(name, _)| !self.streams.iter().any(|(said, _)| said == name));
            wrong.extend(others.map(|(name, _)| format!("expected no other stream, found {name:?}")));
        }
        let mut told = String::new();
        for line in wrong.iter().take(TOLD_MAX) {
            // Writing to a String cannot fail.
            let _ = writeln!(told, "{line}");
        }
        if wrong.len() > TOLD_MAX {
            let _ = writeln!(told, "⋯ {} more", wrong.len() - TOLD_MAX);
        }
        (!wrong.is_empty()).then(|| told.trim_end().to_owned())
    }
}

impl OfName {
    fn read(node: &Node, name: &str) -> Result<Self, YamlError> {
        let NodeValue::Mapping(_) = node.value else {
            return Ok(Self { count: Some(numbers(node)?), has: Vec::new() });
        };
        let what = format!("what is said of `{name}` documents");
        let fields = Fields::of(node, &what, &["count", "has"])?;
        let has = fields.named("has")?.into_iter();
        let has = has.map(|(key, node)| Ok((Text::from(key.value), attribute(&node)?)));
        Ok(Self { count: fields.get("count").map(numbers).transpose()?, has: has.collect::<Result<_, YamlError>>()? })
    }

    fn wrong(&self, name: &str, found: &[&Map], wrong: &mut Vec<String>) {
        if let Some(range) = self.count.filter(|range| !range.contains(found.len())) {
            wrong.push(format!("expected {range} `{name}` documents, found {}", found.len()));
        }
        if !self.has.is_empty() && found.is_empty() {
            wrong.push(format!("expected a `{name}` document, found none"));
        }
        for (nth, document) in found.iter().enumerate() {
            for (path, said) in &self.has {
                let value = at_path(document, path);
                let holds = match (said, value) {
                    (AttributeExpectation::Is(expected), Some(value)) => expected.matches(value),
                    (AttributeExpectation::Present, value) => value.is_some(),
                    (_, value) => value.is_none() && matches!(said, AttributeExpectation::Absent),
                };
                if !holds {
                    let found = value.map_or_else(|| "none".to_owned(), |value| crate::trace::shown(value, 60));
                    wrong.push(format!("`{name}` document {}: {path}: expected {said}, found {found}", nth + 1));
                }
            }
        }
    }
}

/// What is at a path of keys with dots between them; a key may have some of its own.
fn at_path<'d>(map: &'d Map, path: &str) -> Option<&'d Value> {
    map.get(path).or_else(|| {
        path.match_indices('.').find_map(|(at, _)| match map.get(&path[..at])? {
            Value::Map(inner) => at_path(inner, &path[at + 1..]),
            _ => None,
        })
    })
}

impl OfStream {
    fn read(node: &Node) -> Result<Self, YamlError> {
        let NodeValue::Mapping(_) = node.value else {
            return Ok(Self { events: Some(numbers(node)?), ..Self::default() });
        };
        let fields = Fields::of(node, "a stream", &["events", "keys", "values", "first", "last"])?;
        let said = |key: &str| fields.get(key).map_or_else(|| Ok(Vec::new()), |node| patterns(node, key));
        let keys = fields.list("keys")?.iter();
        Ok(Self {
            events: fields.get("events").map(numbers).transpose()?,
            keys: keys.map(|key| key.expect_str("the key of a reading").map(Text::from)).collect::<Result<_, _>>()?,
            values: said("values")?,
            first: said("first")?,
            last: said("last")?,
        })
    }

    fn wrong(&self, name: &str, stream: &Stream<'_>, wrong: &mut Vec<String>) {
        if let Some(range) = self.events.filter(|range| !range.contains(stream.events.len())) {
            wrong.push(format!("stream {name:?}: expected {range} events, found {}", stream.events.len()));
        }
        for key in self.keys.iter().filter(|key| !stream.keys.contains(&key.as_str())) {
            wrong.push(format!("stream {name:?}: expected the key {key:?}, found {}", stream.keys.join(", ")));
        }
        let mut hold = |which: &str, said: &[(Text, Expected)], events: &[Vec<(&str, &Value)>], from: usize| {
            if !said.is_empty() && events.is_empty() {
                wrong.push(format!("stream {name:?}: expected {which}, found no event"));
            }
            for (nth, event) in events.iter().enumerate() {
                for (key, expected) in said {
                    let value = event.iter().find(|(other, _)| key == other).map(|(_, value)| *value);
                    if !value.is_some_and(|value| expected.matches(value)) {
                        let found = value.map_or_else(|| "none".to_owned(), |value| crate::trace::shown(value, 60));
                        let at = from + nth + 1;
                        wrong.push(format!("stream {name:?}, event {at}: {key}: expected {expected}, found {found}"));
                    }
                }
            }
        };
        let number = stream.events.len();
        hold("values", &self.values, &stream.events, 0);
        hold("a first event", &self.first, &stream.events[..number.min(1)], 0);
        hold("a last event", &self.last, &stream.events[number.saturating_sub(1)..], number.saturating_sub(1));
    }
}

/// The name and the fields of a document.
fn named(document: &Value) -> Option<(&str, &Map)> {
    let Value::Array(pair) = document else { return None };
    match pair.as_ref() {
        [Value::Str(name), Value::Map(map)] => Some((name, map)),
        _ => None,
    }
}

/// The streams of all runs by name, in the order in which they were described.
fn streams<'d>(documents: &[(&str, &'d Map)]) -> Vec<(Text, Stream<'d>)> {
    let mut streams: Vec<(Text, Stream<'d>)> = Vec::new();
    for (name, map) in documents {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default();
        if *name == "descriptor" {
            let known = streams.iter_mut().find(|(name, _)| name == text("name"));
            let stream = match known {
                Some((_, stream)) => stream,
                None => {
                    streams.push((text("name").into(), Stream::default()));
                    let Some((_, stream)) = streams.last_mut() else { continue };
                    stream
                }
            };
            stream.uids.push(text("uid"));
            if let Some(Value::Map(keys)) = map.get("data_keys") {
                stream.keys.extend(keys.iter().map(|(key, _)| key.as_str()));
            }
            continue;
        }
        let of_events = matches!(*name, "event" | "event_page");
        let stream = streams.iter_mut().find(|(_, stream)| of_events && stream.uids.contains(&text("descriptor")));
        let (Some((_, stream)), Some(Value::Map(data))) = (stream, map.get("data")) else { continue };
        if *name == "event" {
            stream.events.push(data.iter().map(|(key, value)| (key.as_str(), value)).collect());
            continue;
        }
        // A page has the readings of many events, key by key.
        let Some(Value::Array(numbers)) = map.get("seq_num") else { continue };
        for row in 0..numbers.len() {
            let reading = |(key, values): (&'d Text, &'d Value)| match values {
                Value::Array(values) => Some((key.as_str(), values.get(row)?)),
                _ => None,
            };
            stream.events.push(data.iter().filter_map(reading).collect());
        }
    }
    streams
}

/// How many documents of each name there are, events and their descriptors aside, which are told by stream.
pub(super) fn counts_of_names(documents: &[Value]) -> Vec<(&'static str, usize)> {
    let all: Vec<&str> = documents.iter().filter_map(named).map(|(name, _)| name).collect();
    let told = DOCUMENT_NAMES.into_iter().filter(|name| !matches!(*name, "event" | "event_page" | "descriptor"));
    let counts = told.map(|name| (name, all.iter().filter(|other| **other == name).count()));
    counts.filter(|(_, number)| *number > 0).collect()
}

/// How many events each stream has.
pub(super) fn counts_of_streams(documents: &[Value]) -> Vec<(Text, usize)> {
    let all: Vec<(&str, &Map)> = documents.iter().filter_map(named).collect();
    streams(&all).into_iter().map(|(name, stream)| (name, stream.events.len())).collect()
}
