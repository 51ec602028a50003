//! [`Mutant`]: a trace that differs from another in one thing.

use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::mutated_value::{changed, other_exit_status, retyped};
use super::mutation_kind::MutationKind;
use crate::trace::{Attributes, Span, SpanId, SpanRef, Status, Trace, exact_duration, shown};
use crate::value::Timestamp;
use crate::value::{Text, Value};

/// How many characters of a value a description shows.
const WIDTH: usize = 40;
/// The attribute that is added.
const ADDED: &str = "skyspan.mutant";
/// How long a span takes that took no time.
const STRETCHED_NS: u64 = 1_000_000;

/// A trace that differs from another in one thing. Its `Display` says in what: `"set" #2 moved to the root`, where `#2` is
/// the second span with this name in order of arrival.
#[derive(Clone, Debug)]
pub struct Mutant {
    original: Trace,
    mutation: Mutation,
}

/// A key and its value.
type Entry = (Text, Value);

/// A span, by its place, and what is done to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mutation {
    span: u32,
    change: Change,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Drop,
    DropTree,
    Duplicate,
    ToRoot,
    Under(u32),
    Rename,
    /// The attribute in a place gets the same value in another type, the one in this place.
    Retype(u32, u32),
    OtherValue(u32),
    ExitStatus(u32),
    DropAttribute(u32),
    AddAttribute,
    SwapWith(u32),
    Stretch,
    Shrink,
    LeaveOpen,
    Status,
    Description,
    DropEvent(u32),
    DropLink(u32),
}

impl Mutation {
    /// All that is done to a span. What would leave the trace as it is, ids aside, is not among it.
    pub(super) fn all_of(span: SpanRef<'_>) -> Vec<Self> {
        let mut all = vec![Change::Drop, Change::Duplicate, Change::Rename, Change::AddAttribute];
        if span.children().len() > 0 {
            all.push(Change::DropTree);
        }
        all.extend(moves(span));
        for (at, (key, value)) in (0_u32..).zip(span.span().attributes().iter()) {
            all.push(Change::DropAttribute(at));
            let is_exit_status = key == "exit_status" && value.as_str().is_some();
            all.push(if is_exit_status { Change::ExitStatus(at) } else { Change::OtherValue(at) });
            all.extend((0_u32..).zip(retyped(value)).map(|(to, _)| Change::Retype(at, to)));
        }
        let next = later_siblings(span).next();
        if let Some(next) = next.filter(|next| !is_leaf_like(span, *next)) {
            all.push(Change::SwapWith(place(next)));
        }
        match span.signed_duration_ns() {
            None => {}
            Some(ns) => {
                all.extend([Change::Stretch, Change::LeaveOpen]);
                all.extend((ns > 0).then_some(Change::Shrink));
            }
        }
        all.push(Change::Status);
        all.extend(span.span().status().description().map(|_| Change::Description));
        all.extend((0_u32..).zip(span.span().events()).map(|(at, _)| Change::DropEvent(at)));
        all.extend((0_u32..).zip(span.span().links()).map(|(at, _)| Change::DropLink(at)));
        let span = place(span);
        all.into_iter().map(|change| Self { span, change }).collect()
    }

    pub(super) fn kind(self) -> MutationKind {
        match self.change {
            Change::Drop | Change::DropTree => MutationKind::Dropped,
            Change::Duplicate => MutationKind::Duplicated,
            Change::ToRoot | Change::Under(_) => MutationKind::Moved,
            Change::Rename => MutationKind::Renamed,
            Change::Retype(..) => MutationKind::Retyped,
            Change::OtherValue(_) => MutationKind::Changed,
            Change::DropAttribute(_) => MutationKind::AttributeDropped,
            Change::AddAttribute => MutationKind::AttributeAdded,
            Change::SwapWith(_) => MutationKind::Swapped,
            Change::Stretch => MutationKind::Stretched,
            Change::Shrink => MutationKind::Shrunk,
            Change::LeaveOpen => MutationKind::LeftOpen,
            Change::Status | Change::Description | Change::ExitStatus(_) => MutationKind::StatusChanged,
            Change::DropEvent(_) => MutationKind::EventDropped,
            Change::DropLink(_) => MutationKind::LinkDropped,
        }
    }

    /// The key of the attribute that is another, or not there.
    pub(super) fn key(self, original: &Trace) -> Option<&Text> {
        let (Change::Retype(at, _) | Change::OtherValue(at) | Change::ExitStatus(at) | Change::DropAttribute(at)) =
            self.change
        else {
            return None;
        };
        original.span_ref(self.span as usize)?.span().attributes().keys().nth(at as usize)
    }

    pub(super) fn of(self, original: &Trace) -> Mutant {
        Mutant { original: original.clone(), mutation: self }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the places of a trace take 32 bits")]
fn place(span: SpanRef<'_>) -> u32 {
    span.index() as u32
}

/// To the root, under the parent of its parent, and under the sibling next to it.
fn moves(span: SpanRef<'_>) -> impl Iterator<Item = Change> {
    let parent = span.parent();
    let grandparent = parent.and_then(SpanRef::parent);
    let beside = later_siblings(span).next().or_else(|| span.siblings().last());
    let to_root = parent.map(|_| Change::ToRoot);
    let under = grandparent.into_iter().chain(beside).map(|to| Change::Under(place(to)));
    to_root.into_iter().chain(under)
}

/// The siblings that stand behind it.
fn later_siblings(span: SpanRef<'_>) -> impl Iterator<Item = SpanRef<'_>> {
    let is_behind =
        move |other: &SpanRef<'_>| (other.span().start(), other.index()) > (span.span().start(), span.index());
    span.siblings().find(is_behind).into_iter()
}

/// Whether two spans without children look the same, so that nobody could tell which comes first.
fn is_leaf_like(one: SpanRef<'_>, other: SpanRef<'_>) -> bool {
    one.children().len() + other.children().len() == 0
        && one.span().name() == other.span().name()
        && one.signed_duration_ns() == other.signed_duration_ns()
        && one.span().attributes() == other.span().attributes()
        && one.span().status() == other.span().status()
        && one.kind() == other.kind()
        && one.span().events().is_empty()
        && other.span().events().is_empty()
}

/// Its `kind`, the `place` of the span in which it differs, the `key` of the attribute if it is about one, and a `text`.
impl Serialize for Mutant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut mutant = serializer.serialize_map(None)?;
        mutant.serialize_entry("kind", &self.kind())?;
        mutant.serialize_entry("place", &self.span())?;
        if let Some(key) = self.mutation.key(&self.original) {
            mutant.serialize_entry("key", key)?;
        }
        mutant.serialize_entry("text", &self.to_string())?;
        mutant.end()
    }
}

impl Mutant {
    /// In what it differs.
    #[must_use]
    pub fn kind(&self) -> MutationKind {
        self.mutation.kind()
    }

    /// The span in which it differs, by its place in [`Trace::spans`] of the original.
    #[must_use]
    pub fn span(&self) -> usize {
        self.mutation.span as usize
    }

    /// The trace from which it differs.
    #[must_use]
    pub fn original(&self) -> &Trace {
        &self.original
    }

    /// The key of the attribute that is another, or not there; nothing if it is not about one.
    #[must_use]
    pub fn key(&self) -> Option<&Text> {
        self.mutation.key(&self.original)
    }

    /// The other span that it is about, by its place: the one that it stands under now, or has changed places with.
    #[must_use]
    pub fn other_span(&self) -> Option<usize> {
        match self.mutation.change {
            Change::Under(other) | Change::SwapWith(other) => Some(other as usize),
            _ => None,
        }
    }

    /// The mutated trace. It shares all spans that are the same.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let mut spans = self.original.shared_spans().to_vec();
        let at = self.span();
        let Some(span) = self.original.span_ref(at) else { return self.original.clone() };
        let copy = || span.span().clone();
        let attributes = |change: &dyn Fn(&mut Vec<Entry>)| {
            let mut entries: Vec<Entry> = span.span().attributes().clone().into_iter().collect();
            change(&mut entries);
            copy().with_attributes(Attributes::from_iter(entries))
        };
        let value_at = |place: u32, change: &dyn Fn(&Value) -> Value| {
            attributes(&|entries| {
                if let Some((_, value)) = entries.get_mut(place as usize) {
                    *value = change(value);
                }
            })
        };
        let changed = match self.mutation.change {
            Change::Drop => {
                for child in span.children() {
                    let moved = child.span().clone().with_parent_id(span.parent_id());
                    spans[child.index()] = Arc::new(moved);
                }
                spans.remove(at);
                return self.original.ordered_alike(spans);
            }
            Change::DropTree => {
                let mut gone: Vec<usize> = span.descendants().map(SpanRef::index).chain([at]).collect();
                gone.sort_unstable();
                let mut place = 0..;
                spans.retain(|_| place.next().is_none_or(|place| gone.binary_search(&place).is_err()));
                return self.original.ordered_alike(spans);
            }
            Change::Duplicate => {
                let is_free = |id: &SpanId| self.original.get_in(span.trace_id(), *id).is_none();
                let id = (1..=u64::MAX).rev().map(SpanId::from).find(is_free).unwrap_or(SpanId::INVALID);
                spans.insert(at + 1, Arc::new(copy().with_span_id(id)));
                return self.original.ordered_alike(spans);
            }
            Change::Under(to) => match self.original.span_ref(to as usize) {
                Some(to) => {
                    if to.trace_id() != span.trace_id() {
                        for below in span.descendants() {
                            spans[below.index()] = Arc::new(below.span().clone().with_trace_id(to.trace_id()));
                        }
                    }
                    copy().with_trace_id(to.trace_id()).with_parent_id(Some(to.span_id()))
                }
                None => copy(),
            },
            Change::SwapWith(other) => match self.original.span_ref(other as usize) {
                Some(other) => {
                    swap(&mut spans, span, other);
                    return self.original.ordered_alike(spans);
                }
                None => copy(),
            },
            Change::ToRoot => copy().with_parent_id(None),
            Change::Rename => copy().with_name(renamed(span.span())),
            Change::Retype(place, to) => {
                value_at(place, &|value| retyped(value).into_iter().nth(to as usize).unwrap_or_default())
            }
            Change::OtherValue(place) => value_at(place, &changed),
            Change::ExitStatus(place) => value_at(place, &other_exit_status),
            Change::DropAttribute(place) => attributes(&|entries| _ = entries.remove(place as usize)),
            Change::AddAttribute => attributes(&|entries| entries.push((Text::literal(ADDED), true.into()))),
            Change::Stretch | Change::Shrink => copy().with_end(self.other_end(span.span())),
            Change::LeaveOpen => copy().with_end(None),
            Change::Status | Change::Description => copy().with_status(self.other_status(span.span())),
            Change::DropEvent(at) => copy().without_event(at as usize),
            Change::DropLink(at) => copy().without_link(at as usize),
        };
        spans[at] = Arc::new(changed);
        self.original.ordered_alike(spans)
    }

    fn other_end(&self, span: &Span) -> Option<Timestamp> {
        let (start, end) = (span.start().unix_ns(), span.end()?.unix_ns());
        let ns = end.saturating_sub(start);
        Some(Timestamp::from_unix_ns(match self.mutation.change {
            Change::Shrink => start + ns / 2,
            _ if ns == 0 => start.saturating_add(STRETCHED_NS),
            _ => end.saturating_add(ns),
        }))
    }

    fn other_status(&self, span: &Span) -> Status {
        match (self.mutation.change, span.status()) {
            (Change::Description, Status::Error { description }) => Status::error(format!("{description}~")),
            (_, Status::Error { .. }) => Status::Unset,
            _ => Status::error("mutant"),
        }
    }
}

fn renamed(span: &Span) -> Text {
    format!("{}~", span.name()).into()
}

/// Lets two siblings, with all below them, come in the other order. If the one ended before the other started, they still
/// fill the same time.
fn swap(spans: &mut [Arc<Span>], one: SpanRef<'_>, other: SpanRef<'_>) {
    let between = other.span().start().signed_ns_since(one.span().start());
    let one_later = match (one.span().end(), other.span().end()) {
        (Some(end), Some(last)) if end <= other.span().start() => last.signed_ns_since(end),
        _ => between,
    };
    for (span, like, ns) in [(one, other, one_later), (other, one, -between)] {
        for below in span.descendants() {
            spans[below.index()] = Arc::new(below.span().clone().later_by_ns(ns));
        }
        spans[span.index()] = Arc::new(span.span().clone().later_by_ns(ns).started_as(like.span()));
    }
    spans.swap(one.index(), other.index());
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(span) = self.original.span_ref(self.span()) else { return Ok(()) };
        let label = |place: u32| self.original.span_ref(place as usize).map(label).unwrap_or_default();
        let attribute = |place: u32| span.span().attributes().iter().nth(place as usize);
        let changed_to = |place: u32, change: &dyn Fn(&Value) -> Value| match attribute(place) {
            Some((key, value)) => {
                format!(": {key} changed from {} to {}", shown(value, WIDTH), shown(&change(value), WIDTH))
            }
            None => String::new(),
        };
        f.write_str(&self::label(span))?;
        f.write_str(&match self.mutation.change {
            Change::Drop if span.children().len() > 0 => " dropped, what is below it kept".to_owned(),
            Change::Drop => " dropped".to_owned(),
            Change::DropTree => " dropped with all below it".to_owned(),
            Change::Duplicate => " duplicated".to_owned(),
            Change::ToRoot => " moved to the root".to_owned(),
            Change::Under(to) => format!(" moved under {}", label(to)),
            Change::Rename => format!(" renamed to {:?}", renamed(span.span())),
            Change::Retype(place, to) => {
                changed_to(place, &|value| retyped(value).into_iter().nth(to as usize).unwrap_or_default())
            }
            Change::OtherValue(place) => changed_to(place, &changed),
            Change::ExitStatus(place) => changed_to(place, &other_exit_status),
            Change::DropAttribute(place) => {
                attribute(place).map(|(key, _)| format!(": {key} dropped")).unwrap_or_default()
            }
            Change::AddAttribute => format!(": {ADDED}=true added"),
            Change::SwapWith(other) => format!(" swapped with {}", label(other)),
            Change::Stretch | Change::Shrink => {
                let found = span.signed_duration_ns().map(exact_duration).unwrap_or_default();
                let other = self.other_end(span.span()).map(|end| end.signed_ns_since(span.span().start()));
                format!(" takes {} instead of {found}", other.map(exact_duration).unwrap_or_default())
            }
            Change::LeaveOpen => " left open".to_owned(),
            Change::Status | Change::Description => {
                format!(": status changed from {} to {}", span.span().status(), self.other_status(span.span()))
            }
            Change::DropEvent(at) => {
                let name = span.span().events().get(at as usize).map(|event| event.name.clone()).unwrap_or_default();
                format!(": event {name:?} dropped")
            }
            Change::DropLink(at) => {
                let link = span.span().links().get(at as usize);
                let to = link.and_then(|link| self.original.get_in(link.trace_id, link.span_id));
                format!(
                    ": link {} dropped",
                    to.map_or_else(|| "elsewhere".to_owned(), |to| format!("to {}", self::label(to)))
                )
            }
        })
    }
}

/// The name, and which one it is if several are called so.
fn label(span: SpanRef<'_>) -> String {
    let name = span.span().name();
    let mut like_it = span.trace().named(name);
    match like_it.len() {
        1 => format!("{name:?}"),
        _ => format!("{name:?} #{}", 1 + like_it.position(|other| other == span).unwrap_or_default()),
    }
}
