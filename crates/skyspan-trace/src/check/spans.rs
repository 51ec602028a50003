//! What a check file says of one span: by a query, by a tree, or condition by condition.

use std::sync::Arc;

use super::patterns::{attribute, expected, name};
use super::ranges::{durations, numbers};
use super::selector::{Maker, Selector, place_in, query};
use super::several::{read_children, read_events, read_links};
use crate::expect::{
    AttributeExpectation, DurationRange, Expected, ForestExpectation, NamePattern, NumberRange, SpanExpectation,
    StatusExpectation, TreeError, any, any_span, event,
};
use crate::query::QueryError;
use crate::trace::{SpanId, SpanKind, Status};
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, not_one_of};
use crate::value::{Text, Timestamp};

/// What is said of spans nests no deeper than this, trees that are written out included.
const DEPTH_MAX: usize = 150;
/// Of these so many are maps in one another, each of which is read within the one above it.
const MAPS_MAX: usize = 30;

/// What is said of one span, made ready for any trace.
#[derive(Clone)]
pub(super) struct SpanSaid {
    pub(super) make: Maker<SpanExpectation>,
    /// How deep it nests.
    pub(super) depth: usize,
}

/// Says one thing more of a span.
type Adding = dyn Fn(SpanExpectation, &Selector<'_>) -> Result<SpanExpectation, QueryError> + Send + Sync;

/// One thing more that is said of a span.
#[derive(Clone)]
pub(super) struct Condition {
    pub(super) add: Arc<Adding>,
    pub(super) depth: usize,
}

impl Condition {
    /// One that asks no query and holds no other span.
    pub(super) fn plain(add: impl Fn(SpanExpectation) -> SpanExpectation + Send + Sync + 'static) -> Self {
        Self { add: Arc::new(move |span, _| Ok(add(span))), depth: 0 }
    }

    /// One that holds other spans.
    fn of(inner: SpanSaid, add: fn(SpanExpectation, SpanExpectation) -> SpanExpectation) -> Self {
        let depth = inner.depth + 1;
        Self { add: Arc::new(move |span, selector| Ok(add(span, (inner.make)(selector)?))), depth }
    }
}

/// A key of what is said of a span.
pub(super) struct SpanWord {
    pub(super) key: &'static str,
    pub(super) about: &'static str,
    pub(super) takes: Takes,
}

/// What a key takes, and what is made of it.
pub(super) enum Takes {
    Name(fn(SpanExpectation, NamePattern) -> SpanExpectation),
    Pattern(fn(SpanExpectation, Expected) -> SpanExpectation),
    Attributes,
    Resource,
    Keys,
    Status,
    Kind,
    Flag { yes: fn(SpanExpectation) -> SpanExpectation, no: fn(SpanExpectation) -> SpanExpectation },
    Durations(fn(SpanExpectation, DurationRange) -> SpanExpectation),
    Moment(fn(SpanExpectation, Timestamp) -> SpanExpectation),
    SpanId(fn(SpanExpectation, SpanId) -> SpanExpectation),
    Span(fn(SpanExpectation, SpanExpectation) -> SpanExpectation),
    NthChild(fn(SpanExpectation, usize, SpanExpectation) -> SpanExpectation),
    Times,
    Children,
    Event { is_there: bool },
    Events,
    Exception,
    Link { is_there: bool },
    Links,
}

macro_rules! words {
    ($($key:literal: $takes:expr, $about:literal;)*) => {
        &[$(SpanWord { key: $key, about: $about, takes: $takes }),*]
    };
}

/// All that can be said of a span, by key.
pub(super) const SPAN_WORDS: &[SpanWord] = words! {
    "name": Takes::Name(named), "its name";
    "attributes": Takes::Attributes, "what its attributes are; `present: false` for one that it does not have";
    "only_attributes": Takes::Keys, "the keys of its attributes: it has no others";
    "exit_status": Takes::Pattern(|span, said| span.bluesky_exit_status(said)), "how its run ended, as bluesky writes it too";
    "reason": Takes::Pattern(|span, said| span.bluesky_reason(said)), "why its run ended, as bluesky writes it too";
    "status": Takes::Status, "`error`, `ok` or `unset`; `error: ...` for an error with such a description";
    "kind": Takes::Kind, "its role in a conversation between processes";
    "ended": Takes::Flag { yes: |span| span.ended(), no: |span| span.open() }, "whether it has ended";
    "root": Takes::Flag { yes: |span| span.is_root(), no: |span| span.has_parent() }, "whether it has no parent";
    "remote_child": Takes::Flag { yes: |span| span.is_remote_child(), no: |span| span.but(any_span().is_remote_child()) },
        "whether its parent is in another process";
    "remote_parent": Takes::SpanId(|span, id| span.remote_parent(id)), "its parent is in another process, and has this id";
    "on_critical_path": Takes::Flag {
        yes: |span| span.on_critical_path(), no: |span| span.but(any_span().on_critical_path())
    }, "whether its trace would be over earlier if it were";
    "nothing_dropped": Takes::Flag {
        yes: |span| span.nothing_dropped(), no: |span| span.but(any_span().nothing_dropped())
    }, "whether its program dropped none of its attributes, events and links";
    "duration": Takes::Durations(|span, range| span.lasting(range)), "how long it takes";
    "self_time": Takes::Durations(|span, range| span.self_time(range)), "how long it spends in none of its children";
    "starting": Takes::Durations(|span, range| span.starting(range)), "how long after the first span of the trace it starts";
    "ending": Takes::Durations(|span, range| span.ending(range)), "how long after the start of the first span it ends";
    "starting_at": Takes::Moment(|span, at| span.starting_at(at)), "when it starts: '2026-11-29T19:30:00Z'";
    "ending_at": Takes::Moment(|span, at| span.ending_at(at)), "when it ends";
    "child": Takes::Span(|span, other| span.child(other)), "it has such a child";
    "no_child": Takes::Span(|span, other| span.no_child(other)), "it has no such child";
    "nth_child": Takes::NthChild(|span, nth, other| span.nth_child(nth, other)), "the child in this place, counted from 1, is so";
    "no_nth_child": Takes::NthChild(|span, nth, other| span.no_nth_child(nth, other)), "the child in this place is not so";
    "children": Takes::Children, "all its children: a list in any order, or a tree";
    "descendant": Takes::Span(|span, other| span.descendant(other)), "such a span is below it";
    "no_descendant": Takes::Span(|span, other| span.no_descendant(other)), "no such span is below it";
    "parent": Takes::Span(|span, other| span.parent(other)), "it is a child of such a span";
    "no_parent": Takes::Span(|span, other| span.no_parent(other)), "it is no child of such a span";
    "ancestor": Takes::Span(|span, other| span.ancestor(other)), "such a span is above it";
    "no_ancestor": Takes::Span(|span, other| span.no_ancestor(other)), "no such span is above it";
    "sibling": Takes::Span(|span, other| span.sibling(other)), "such a span has the same parent";
    "no_sibling": Takes::Span(|span, other| span.no_sibling(other)), "no such span has the same parent";
    "previous_sibling": Takes::Span(|span, other| span.previous_sibling(other)), "such a span is right before it, with the same parent";
    "no_previous_sibling": Takes::Span(|span, other| span.no_previous_sibling(other)), "no such span is right before it";
    "next_sibling": Takes::Span(|span, other| span.next_sibling(other)), "such a span is right behind it, with the same parent";
    "no_next_sibling": Takes::Span(|span, other| span.no_next_sibling(other)), "no such span is right behind it";
    "but": Takes::Span(|span, other| span.but(other)), "it is no such span";
    "times": Takes::Times, "how many such spans there are among those that it is said of";
    "event": Takes::Event { is_there: true }, "it has such an event";
    "no_event": Takes::Event { is_there: false }, "it has no such event";
    "events": Takes::Events, "all its events, in order";
    "exception": Takes::Exception, "it recorded such an exception";
    "link": Takes::Link { is_there: true }, "it has such a link";
    "no_link": Takes::Link { is_there: false }, "it has no such link";
    "links": Takes::Links, "all its links, in order";
    "resource": Takes::Resource, "what the attributes of its resource are";
    "scope": Takes::Name(|span, name| span.scope(name)), "the name of its instrumentation scope";
    "scope_version": Takes::Pattern(|span, said| span.scope_version(said)), "the version of its instrumentation scope";
    "trace_state": Takes::Pattern(|span, said| span.trace_state(said)), "its W3C trace state";
};

/// The kinds of spans, by the words of TraceQL.
pub(super) const KINDS: [(&str, SpanKind); 5] = [
    ("internal", SpanKind::Internal),
    ("server", SpanKind::Server),
    ("client", SpanKind::Client),
    ("producer", SpanKind::Producer),
    ("consumer", SpanKind::Consumer),
];

fn named(span: SpanExpectation, name: NamePattern) -> SpanExpectation {
    span.renamed(name)
}

/// What is said of a span: a query in braces, a tree with one root, or a map of conditions.
pub(super) fn span(node: &Node) -> Result<SpanSaid, YamlError> {
    span_in(node, 0)
}

/// The same so many maps deep.
pub(super) fn span_in(node: &Node, maps: usize) -> Result<SpanSaid, YamlError> {
    if maps > MAPS_MAX {
        let expected = format!("spans that are said in at most {MAPS_MAX} maps in one another");
        return Err(YamlError::new(node.position, expected, "deeper ones"));
    }
    let said = match node.as_str() {
        Some(text) if is_query(text) => {
            let query = query(node)?;
            SpanSaid { make: Arc::new(move |selector| selector.spans(&query)), depth: 0 }
        }
        Some(_) => {
            let forest = tree(node)?;
            let depth = forest.depth();
            let one = forest.into_only_tree().ok_or_else(|| node.unexpected("one span, or a query in braces"))?;
            SpanSaid { make: Arc::new(move |_| Ok(one.clone())), depth }
        }
        None => {
            let conditions = conditions_in(node, "a span", maps)?;
            let depth = conditions.iter().map(|condition| condition.depth).max().unwrap_or(0);
            SpanSaid { make: Arc::new(move |selector| with_all(any_span(), &conditions, selector)), depth }
        }
    };
    if said.depth >= DEPTH_MAX {
        let expected = format!("spans that nest at most {DEPTH_MAX} deep");
        return Err(YamlError::new(node.position, expected, "deeper ones"));
    }
    Ok(said)
}

/// Whether a text is a query: one begins with a brace or a bracket, and as the name of a span such a text stands in quotes.
fn is_query(text: &str) -> bool {
    text.trim_start().starts_with(['{', '('])
}

pub(super) fn with_all(
    span: SpanExpectation,
    conditions: &[Condition],
    selector: &Selector<'_>,
) -> Result<SpanExpectation, QueryError> {
    conditions.iter().try_fold(span, |span, condition| (condition.add)(span, selector))
}

/// A tree as it is drawn.
pub(super) fn tree(node: &Node) -> Result<ForestExpectation, YamlError> {
    let text = node.expect_str("a tree, as `skyspan tree` draws it")?;
    let forest = ForestExpectation::parse(text).map_err(|error: TreeError| {
        YamlError::new(place_in(node, error.position), format!("{} in the tree", error.expected), &*error.found)
    })?;
    if forest.depth() >= DEPTH_MAX {
        let expected = format!("a tree of at most {DEPTH_MAX} levels");
        return Err(YamlError::new(node.position, expected, "a deeper one"));
    }
    Ok(forest)
}

/// The conditions of a map.
pub(super) fn conditions(node: &Node, what: &str) -> Result<Vec<Condition>, YamlError> {
    conditions_in(node, what, 0)
}

fn conditions_in(node: &Node, what: &str, maps: usize) -> Result<Vec<Condition>, YamlError> {
    let keys: Vec<&str> = SPAN_WORDS.iter().map(|word| word.key).collect();
    let fields = Fields::any(node, what)?;
    if let Some((position, key)) = fields.keys().find(|(_, key)| !keys.contains(key)) {
        // All of them are more than a line takes.
        let expected = format!("a key that is known in {what}");
        let error = YamlError::new(position, expected, format!("`{}`", key.escape_debug()));
        return Err(match crate::value::nearest(key, keys.iter().copied()) {
            Some(meant) => error.with_suggestion(Some(meant)),
            None => error.with_help(format!("such as {}", crate::value::yaml::listed(&keys[..8]))),
        });
    }
    if fields.keys().next().is_none() {
        return Err(fields.lacks("at least one condition"));
    }
    let words = SPAN_WORDS.iter().filter_map(|word| Some((word, fields.get(word.key)?)));
    words.map(|(word, node)| word.takes.read(word.key, node, maps + 1)).collect()
}

impl Takes {
    /// Reads what stands behind a key, so many maps deep.
    fn read(&self, key: &str, node: &Node, maps: usize) -> Result<Condition, YamlError> {
        Ok(match *self {
            Self::Name(add) => {
                let name = name(node)?;
                Condition::plain(move |span| add(span, name.clone()))
            }
            Self::Pattern(add) => {
                let expected = expected(node)?;
                Condition::plain(move |span| add(span, expected.clone()))
            }
            Self::Attributes => attributes(node, key)?,
            Self::Resource => {
                let all = patterns(node, key)?;
                Condition::plain(move |span| {
                    all.iter().cloned().fold(span, |span, (key, said)| span.resource(key, said))
                })
            }
            Self::Keys => {
                let keys = node.expect_list("a list of keys")?.iter();
                let keys: Vec<Text> =
                    keys.map(|key| key.expect_str("a key").map(Text::from)).collect::<Result<_, _>>()?;
                Condition::plain(move |span| span.only_attrs(keys.iter().cloned()))
            }
            Self::Status => status(node)?,
            Self::Kind => kind(node)?,
            Self::Flag { yes, no } => {
                let is_so = node.expect_bool(&format!("true or false as `{key}`"))?;
                Condition::plain(if is_so { yes } else { no })
            }
            Self::Durations(add) => {
                let range = durations(node)?;
                Condition::plain(move |span| add(span, range))
            }
            Self::Moment(add) => {
                const WHAT: &str = "a time with its zone, in quotes: '2026-11-29T19:30:00Z'";
                let at = node.expect_str(WHAT)?.parse::<Timestamp>().map_err(|_| node.unexpected(WHAT))?;
                Condition::plain(move |span| add(span, at))
            }
            Self::SpanId(add) => {
                const WHAT: &str = "the id of a span, 16 hexadecimal digits in quotes";
                let id = SpanId::from_hex(node.expect_str(WHAT)?).map_err(|_| node.unexpected(WHAT))?;
                Condition::plain(move |span| add(span, id))
            }
            Self::Span(add) => Condition::of(span_in(node, maps)?, add),
            Self::NthChild(add) => {
                let what = format!("`{key}`");
                let fields = Fields::of(node, &what, &["nth", "is"])?;
                let nth = fields.ordinal("nth")?.ok_or_else(|| fields.lacks("the key `nth`"))?;
                let (nth, inner) = (usize::try_from(nth).unwrap_or(usize::MAX), span_in(fields.need("is")?, maps)?);
                let depth = inner.depth + 1;
                Condition { add: Arc::new(move |span, selector| Ok(add(span, nth, (inner.make)(selector)?))), depth }
            }
            Self::Times => {
                let range: NumberRange = numbers(node)?;
                Condition::plain(move |span| span.times(range))
            }
            Self::Children => read_children(node, maps)?,
            Self::Event { .. } | Self::Events => read_events(node, self)?,
            Self::Exception => {
                let fields = Fields::of(node, "an exception", &["type", "message"])?;
                let said = |key: &str| fields.get(key).map_or_else(|| Ok(any().into()), expected);
                let (of_type, message) = (said("type")?, said("message")?);
                Condition::plain(move |span| {
                    let exception = event("exception").attr("exception.type", of_type.clone());
                    span.event(exception.attr("exception.message", message.clone()))
                })
            }
            Self::Link { .. } | Self::Links => read_links(node, self, maps)?,
        })
    }
}

fn attributes(node: &Node, key: &str) -> Result<Condition, YamlError> {
    let all = Fields::any(node, &format!("`{key}`"))?.all_but(&[]);
    let all: Vec<(Text, AttributeExpectation)> = all
        .into_iter()
        .map(|(key, said)| Ok((Text::from(key.value), attribute(&said)?)))
        .collect::<Result<_, YamlError>>()?;
    Ok(Condition::plain(move |span| {
        all.iter().cloned().fold(span, |span, (key, said)| match said {
            AttributeExpectation::Is(expected) => span.attr(key, expected),
            AttributeExpectation::Present => span.has_attr(key),
            AttributeExpectation::Absent => span.no_attr(key),
        })
    }))
}

/// Patterns by key, where none can be absent.
pub(super) fn patterns(node: &Node, key: &str) -> Result<Vec<(Text, Expected)>, YamlError> {
    let all = Fields::any(node, &format!("`{key}`"))?.all_but(&[]);
    all.into_iter().map(|(key, said)| Ok((Text::from(key.value), expected(&said)?))).collect()
}

fn status(node: &Node) -> Result<Condition, YamlError> {
    const WORDS: [&str; 3] = ["unset", "ok", "error"];
    if let NodeValue::Mapping(_) = node.value {
        let description = expected(Fields::of(node, "a status", &["error"])?.need("error")?)?;
        return Ok(Condition::plain(move |span| span.status_description(description.clone())));
    }
    let status = match node.as_str() {
        Some("unset") => StatusExpectation::Is(Status::Unset),
        Some("ok") => StatusExpectation::Is(Status::Ok),
        Some("error") => StatusExpectation::Error,
        _ => return Err(not_one_of(node, "a status", &WORDS)),
    };
    Ok(Condition::plain(move |span| span.status(status.clone())))
}

fn kind(node: &Node) -> Result<Condition, YamlError> {
    let found = KINDS.iter().find(|(word, _)| node.as_str() == Some(word));
    let Some((_, kind)) = found else { return Err(not_one_of(node, "a kind of span", &KINDS.map(|(word, _)| word))) };
    Ok(Condition::plain(move |span| span.kind(kind.clone())))
}
