//! [`Side`]: one of two traces, with what its spans are known by.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::DiffOptions;
use crate::expect::{Names, Rules, is_wall_time_at};
use crate::trace::bluesky::{RUN, device_of};
use crate::trace::{SpanLabel, SpanRef, Status, Trace};
use crate::value::{Text, Timestamp, Value};

/// What a span is known by, from what is all of it to its name alone. All of it is steady from run to run: no ids, no times,
/// and what is generated looks alike.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    /// With all that is below it, in whatever order.
    pub(super) subtree: u64,
    /// Its name, status, attributes and events.
    pub(super) own: u64,
    /// Its name and device.
    pub(super) key: u64,
    pub(super) name: u64,
    /// Its attributes and what is below it, without its name; nothing where there is neither.
    pub(super) nameless: Option<u64>,
}

/// One of two traces.
pub(super) struct Side {
    /// The tree of runs.
    pub(super) tree: Trace,
    /// The trace as it came.
    original: Trace,
    pub(super) known: Vec<Known>,
    rules: Rules,
    start: Timestamp,
}

impl Side {
    pub(super) fn of(trace: &Trace, options: &DiffOptions) -> Self {
        let tree = if trace.named(RUN).next().is_some() { trace.grouped_by_run().trace } else { trace.clone() };
        let start = tree.first_start().unwrap_or_default();
        let mut side = Self {
            known: vec![Known::default(); tree.len()],
            tree,
            original: trace.clone(),
            rules: Rules::default(),
            start,
        };
        let order: Vec<usize> = side
            .tree
            .roots()
            .flat_map(|root| std::iter::once(root).chain(root.descendants()))
            .map(SpanRef::index)
            .collect();
        // What is below comes later.
        for place in order.into_iter().rev() {
            let Some(span) = side.tree.span_ref(place) else { continue };
            side.known[place] = side.known_of(span, options);
        }
        side
    }

    pub(super) fn span(&self, place: u32) -> SpanRef<'_> {
        self.tree.at(place)
    }

    /// A span as the trace calls it that came.
    pub(super) fn label(&self, place: u32) -> SpanLabel {
        SpanLabel::from(self.original.at(place).span())
    }

    fn known_of(&self, span: SpanRef<'_>, options: &DiffOptions) -> Known {
        let device = device_of(span.span());
        let name = hash(&span.name());
        let key = hash(&(name, device));
        let attributes = self.attributes(span, options).map(|(key, value)| hash(&(key.as_str(), value)));
        let attributes = attributes.fold((0_u64, 0_u32), |(sum, count), hash| (sum.wrapping_add(hash), count + 1));
        let status = match span.status() {
            Status::Error { description } => (1, self.steady_text(description)),
            _ => (0, String::new()),
        };
        let events: Vec<&str> = span.events().iter().map(|event| event.name.as_str()).collect();
        let own = hash(&(key, attributes.0, status, events, span.end().is_none()));
        let below =
            span.children().fold(0_u64, |sum, child| sum.wrapping_add(hash(&self.known[child.index()].subtree)));
        let is_told_apart = attributes.1 > 0 || span.children().len() > 0;
        let nameless = is_told_apart.then(|| hash(&(attributes.0, below)));
        Known { subtree: hash(&(own, below)), own, key, name, nameless }
    }

    /// The attributes that are compared, each as a text that is steady from run to run.
    pub(super) fn attributes<'a>(
        &'a self,
        span: SpanRef<'a>,
        options: &'a DiffOptions,
    ) -> impl Iterator<Item = (&'a Text, String)> {
        let mut names = Names::alike(self.start, &self.rules);
        let compared = move |key: &Text, value: &Value| {
            options.attributes
                && !is_wall_time_at(key, value)
                && !options.ignored.iter().any(|ignored| ignored.matches(key))
        };
        let attributes = span.span().attributes().iter().filter(move |(key, value)| compared(key, value));
        attributes.map(move |(key, value)| {
            let text = names.value(key, value);
            names.take_seen();
            (key, without_wall_times(text))
        })
    }

    fn steady_text(&self, text: &str) -> String {
        Names::alike(self.start, &self.rules).text(text)
    }
}

/// A text in which seconds since 1970 with a fraction all look alike: Python prints some in what it says of devices.
fn without_wall_times(text: String) -> String {
    const DIGITS: usize = 10;
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let is_wall_time = |number: &str| {
        number.split_once('.').is_some_and(|(whole, fraction)| {
            whole.len() == DIGITS
                && whole.starts_with(['1', '2', '3'])
                && !fraction.is_empty()
                && !fraction.contains('.')
        })
    };
    if !text.contains('.') || !text.split(|c| !is_number(c)).any(is_wall_time) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        out.push_str(if is_wall_time(&rest[..end]) { "<time>" } else { &rest[..end] });
        let next = rest[end..].find(is_number).map_or(rest.len(), |at| end + at);
        out.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    out
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
