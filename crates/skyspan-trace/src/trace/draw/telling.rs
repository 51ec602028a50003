//! What a drawing tells of a span beside its name and times, in a few words.

use std::borrow::Cow;

use super::lull::RUN;
use super::tree_text::{is_bluesky, kind_word};
use super::value::{name_in_repr, shown};
use super::word::{drawn_key, is_bare_word};
use super::{AttributeChoice, drawn_name};
use crate::trace::bluesky::{PAUSED, RELEASED, RESUMED, SUSPENDED};
use crate::trace::{Event, Span, Status, Trace, exact_duration, rounded_duration};
use crate::value::{Value, from_json};

/// Of the attributes of a span that is not known to be Bluesky's, so many are told.
const FEW: usize = 4;
/// So many events are told by their names.
const EVENTS_MAX: usize = 3;
/// What tells most about Bluesky's spans, in the order in which it is told.
const TELLING: [&str; 7] = ["exit_status", "device_name", "msg.obj", "msg.args", "target", "finish_pos", "group"];
/// What the start document of a run has about it, in the order in which it is told.
const OF_RUN: [&str; 2] = ["plan_name", "num_points"];

/// Why a span failed, if it did: an error as its status with its description, an exception among its events or attributes, a run of
/// bluesky that ended otherwise than well.
pub(crate) fn failure_of(span: &Span) -> Option<Cow<'_, str>> {
    if let Status::Error { description } = span.status() {
        return Some(match exception_of(span) {
            // Many describe the status by the exception.
            Some(exception) if description.is_empty() => exception,
            _ if description.is_empty() => "error".into(),
            Some(exception) if !says_the_same(description, &exception) => format!("{description} ({exception})").into(),
            _ => (&**description).into(),
        });
    }
    if is_bluesky(span) {
        if let Some(Value::Str(exception)) = span.attr("exception")
            && !exception.is_empty()
            && &**exception != "None"
        {
            return Some((&**exception).into());
        }
        let status = span.attr("exit_status").and_then(Value::as_str);
        if let Some(status @ ("fail" | "abort")) = status {
            let reason = span.attr("reason").and_then(Value::as_str).filter(|reason| !reason.is_empty());
            return Some(reason.map_or_else(|| status.into(), |reason| format!("{status}: {reason}").into()));
        }
    }
    exception_of(span)
}

/// Whether a description and an exception are two ways to say one thing.
fn says_the_same(description: &str, exception: &str) -> bool {
    let message = exception.split_once(": ").map_or(exception, |(_, message)| message);
    description.contains(message) || exception.contains(description)
}

/// `TimeoutError: no answer`, of the last exception among the events.
fn exception_of(span: &Span) -> Option<Cow<'_, str>> {
    let event = span.events().iter().rev().find(|event| is_exception(event))?;
    let text = |key: &str| event.attributes.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(match (text("exception.type"), text("exception.message")) {
        (Some(kind), Some(message)) => format!("{kind}: {message}").into(),
        (Some(text), None) | (None, Some(text)) => text.into(),
        (None, None) => "exception".into(),
    })
}

fn is_exception(event: &Event) -> bool {
    &*event.name == "exception"
}

/// The device that a span of Bluesky's is about.
pub(super) fn device_of(span: &Span) -> Option<&str> {
    if let Some(name) = span.attr("device_name").and_then(Value::as_str) {
        return Some(name);
    }
    let repr = span.attr("msg.obj")?.as_str()?;
    Some(name_in_repr(repr).unwrap_or(repr))
}

/// The service that emitted a span.
pub(super) fn service_of(span: &Span) -> Option<&str> {
    span.resource().attributes.get("service.name")?.as_str()
}

/// How a drawing tells of spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    pub(super) attributes: AttributeChoice,
    /// How wide a value may be.
    pub(super) value_width: usize,
    pub(super) is_exact: bool,
    /// Whether spans of several services are there.
    pub(super) names_services: bool,
}

impl Telling {
    pub(super) fn duration(&self, ns: i128) -> String {
        if self.is_exact { exact_duration(ns) } else { rounded_duration(ns) }
    }

    /// What is told of a span, or of several that are folded: what they have in common, and the first and the last of what is a
    /// number and differs.
    pub(super) fn details(&self, trace: &Trace, members: &[u32]) -> String {
        let Some(first) = members.first().map(|at| trace.at(*at).span()) else { return String::new() };
        let mut out = Vec::new();
        if self.names_services
            && let Some(service) = service_of(first)
        {
            out.push(format!("[{}]", drawn_name(service)));
        }
        out.extend(kind_word(first).map(str::to_owned));
        self.of_run(first, &mut out);
        let others =
            |key: &str| members[1..].iter().map(|at| trace.at(*at).span().attr(key)).collect_value(first.attr(key));
        match self.attributes {
            AttributeChoice::None => return out.join(" "),
            AttributeChoice::Key if is_bluesky(first) => {
                let has_failed = failure_of(first).is_some();
                for key in TELLING {
                    // How a run ended its failure says, and an id is none that people remember.
                    let is_said = key == "exit_status" && has_failed;
                    let is_id =
                        key == "group" && first.attr(key).and_then(Value::as_str).is_some_and(|group| group.len() > 30);
                    if is_said || is_id {
                        continue;
                    }
                    if let Some(value) = first.attr(key) {
                        self.pair(key, value, others(key), &mut out);
                    }
                }
            }
            AttributeChoice::All | AttributeChoice::Key => {
                let number = if self.attributes == AttributeChoice::All { usize::MAX } else { FEW };
                for (key, value) in first.attributes().iter().take(number) {
                    self.pair(key, value, others(key), &mut out);
                }
            }
        }
        if members.len() == 1 {
            self.events(first, &mut out);
        }
        out.join(" ")
    }

    /// The plan of a run, how many points it has, and its number.
    fn of_run(&self, span: &Span, out: &mut Vec<String>) {
        if span.name() != RUN || self.attributes != AttributeChoice::Key {
            return;
        }
        let kwargs = span.attr("msg.kwargs").and_then(Value::as_str).and_then(|json| from_json(json).ok());
        let metadata = kwargs.as_ref().and_then(Value::as_map);
        for key in OF_RUN {
            if let Some(value) = metadata.and_then(|metadata| metadata.get(key)).filter(|value| !value.is_null()) {
                out.push(format!("{key}={}", self.value(value)));
            }
        }
        if let Some(scan_id) = span.attr("run.scan_id") {
            out.push(format!("scan_id={}", self.value(scan_id)));
        }
    }

    fn pair(&self, key: &str, value: &Value, others: Others<'_>, out: &mut Vec<String>) {
        let is_empty = match value {
            Value::Array(elements) => elements.is_empty(),
            Value::Str(text) => text.is_empty(),
            _ => false,
        };
        let shown = match others {
            _ if is_empty && self.attributes == AttributeChoice::Key => return,
            Others::Same => self.value_of(key, value),
            Others::Numbers(last) => format!("{} to {}", self.value(value), self.value(last)),
            Others::Different => return,
        };
        out.push(format!("{}={shown}", drawn_key(key)));
    }

    fn value_of(&self, key: &str, value: &Value) -> String {
        match value {
            Value::Str(repr) if key == "msg.obj" => match name_in_repr(repr) {
                Some(name) if is_bare_word(name) => name.to_owned(),
                _ => self.value(value),
            },
            value => self.value(value),
        }
    }

    /// A value; a word stands without quotes.
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Str(text) if is_bare_word(text) && text.len() < self.value_width => text.to_string(),
            Value::Float(_) | Value::Array(_) if self.rounds_floats() => shown(&rounded(value), self.value_width),
            value => shown(value, self.value_width),
        }
    }

    /// Floats have the digits that a computer needs, unless all is wanted.
    fn rounds_floats(&self) -> bool {
        !self.is_exact && self.attributes == AttributeChoice::Key
    }

    fn events(&self, span: &Span, out: &mut Vec<String>) {
        // When a run was paused, a lull shows.
        let is_of_lull =
            |event: &Event| span.name() == RUN && [PAUSED, RESUMED, SUSPENDED, RELEASED].contains(&&*event.name);
        let told = || span.events().iter().filter(|event| !is_exception(event) && !is_of_lull(event));
        for event in told().take(EVENTS_MAX) {
            let at = self.duration(event.timestamp.signed_ns_since(span.start()));
            out.push(format!("({} at {at})", drawn_name(&event.name)));
        }
        match told().count().saturating_sub(EVENTS_MAX) {
            0 => {}
            1 => out.push("(1 more event)".to_owned()),
            more => out.push(format!("({more} more events)")),
        }
    }
}

/// A value whose floats have six significant digits.
fn rounded(value: &Value) -> Value {
    match value {
        // Most positions are whole, and have no more digits than that.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e6 => value.clone(),
        Value::Float(number) => format!("{number:.5e}").parse().map_or_else(|_| value.clone(), Value::Float),
        Value::Array(elements) => Value::Array(elements.iter().map(rounded).collect()),
        value => value.clone(),
    }
}

/// The values of other spans at the key of one.
enum Others<'a> {
    Same,
    /// All are numbers; the last one.
    Numbers(&'a Value),
    Different,
}

trait CollectValue<'a>: Iterator<Item = Option<&'a Value>> + Sized {
    /// Stops at the first that is neither the same nor a number.
    fn collect_value(self, first: Option<&'a Value>) -> Others<'a> {
        let number = |value: Option<&Value>| match value {
            Some(Value::Array(elements)) if elements.len() == 1 => elements[0].as_f64(),
            Some(value) => value.as_f64(),
            None => None,
        };
        let mut others = Others::Same;
        for value in self {
            match value {
                Some(last) if value != first || matches!(others, Others::Numbers(_)) => {
                    if number(value).is_none() || number(first).is_none() {
                        return Others::Different;
                    }
                    others = Others::Numbers(last);
                }
                Some(_) => {}
                None if first.is_none() => {}
                None => return Others::Different,
            }
        }
        others
    }
}

impl<'a, I: Iterator<Item = Option<&'a Value>>> CollectValue<'a> for I {}
