//! [`Shape`]: a trace as text that stays the same from run to run.

use std::collections::HashMap;
use std::fmt;

use super::canonical_order::{Look, Order};
use super::expected::Expected;
use super::pattern::NamePattern;
use super::regex::Regex;
use super::shape_rules::{Of, Rules, ValueType};
use super::volatile::Names;
use crate::pad::{column_width, to_left, to_right, width_of};
use crate::trace::{Attributes, Span, SpanKind, SpanRef, Status, Trace, drawn_key, drawn_name, exact_duration, guides};
use crate::value::{Text, Timestamp};

/// A trace as text that stays the same from run to run, with rules of one's own for what does not. Its `Display` is that
/// of [`shape`], where it says what stays the same by default; [`to_console_json`](Self::to_console_json) is the other form.
///
/// Of several rules for a value the first holds; rules for keys, values and types come before those for parts of texts.
/// They reach into lists and maps, and those for keys also into JSON in a string. What is replaced keeps its type: a string
/// stands in quotes, and of other values it is said, such as `int(<port>)`.
///
/// ```
/// use skyspan_trace::expect::{Shape, ValueType, glob, regex};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let answer = Span::builder("answer")
///     .attribute("port", 40_123)
///     .attribute("peer", "10.0.0.7:40123, after 3 ms")
///     .attribute("load", 0.25)
///     .attribute("thread.id", 3)
///     .build();
/// let trace = Trace::from_spans([answer]);
/// let shape = Shape::of(&trace)
///     .replace_key("port", "<port>")
///     .replace_matching(regex(r"\d+ ms"), "<time>")
///     .replace_matching(regex(r":\d+"), ":<port>")
///     .replace_type(ValueType::Float, "<number>")
///     .without_key(glob("thread.*"));
/// assert_eq!(
///     shape.to_string(),
///     "answer  0 s  open  port=int(<port>) peer=\"10.0.0.7:<port>, after <time>\" load=float(<number>)\n",
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "a shape is only made when it is displayed"]
pub struct Shape<'t> {
    pub(super) trace: &'t Trace,
    pub(super) rules: Rules,
    pub(super) times: bool,
    by_start: bool,
}

/// A trace as text that stays the same from run to run: one line a span, children under their parent.
///
/// A line holds the name, the start after that of the trace, the duration (or `open`), then all attributes with their
/// types, and kind, status, events and links where there are any. What is another in each run has a steady name:
///
/// - ids are not shown; parents show by the tree, links by the name of the span they point to, with its number in the
///   drawing where several are called so;
/// - wall times are told from the start of the trace, also the numbers at `start_time`, `finish_time`, `end_time`,
///   `timestamp` and `time`;
/// - uids (UUIDs of version 4) stand as `<uid 1>`, generated names of groups such as `set-3fa9c1` as `<set 1>`, addresses
///   such as `0x7f00aa11bb22` as `<address 1>`, numbered as they first appear.
///
/// Spans stand by start, then by what they and their descendants look like: never by arrival. A span whose parent is
/// not in the trace says so. A [`Shape`] can be told more, and be handed in, too.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::shape;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let trace = Trace::from_spans([
///     Span::builder("status").trace_id(1).span_id(2).parent_id(1).start(at(7_500)).end(at(9_000)).build(),
///     Span::builder("set").trace_id(1).span_id(1).start(at(7_000)).end(at(9_000)).attribute("group", "set-3fa9c1").build(),
/// ]);
/// assert_eq!(shape(&trace), "\
/// set          0 s    2 µs  group=\"<set 1>\"
/// └ status  500 ns  1.5 µs
/// ");
/// ```
#[must_use]
pub fn shape<'t>(of: impl Into<Shape<'t>>) -> String {
    of.into().to_string()
}

impl<'t> From<&'t Trace> for Shape<'t> {
    fn from(trace: &'t Trace) -> Self {
        Self::of(trace)
    }
}

impl<'t> From<&&'t Trace> for Shape<'t> {
    fn from(trace: &&'t Trace) -> Self {
        Self::of(trace)
    }
}

impl From<&Self> for Shape<'_> {
    fn from(shape: &Self) -> Self {
        shape.clone()
    }
}

impl<'t> Shape<'t> {
    /// That of a trace, with no rules but those by default ([`shape`]).
    pub fn of(trace: &'t Trace) -> Self {
        Self { trace, rules: Rules::default(), times: true, by_start: true }
    }

    /// Replaces values at a key, an exact one or as a [`glob`](super::glob) or [`regex`](super::regex) says.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("kwargs", r#"{"port": 40123, "wait": true}"#).build()]);
    /// let shape = Shape::of(&trace).replace_key("port", "<port>").to_string();
    /// assert_eq!(shape, "a  0 s  open  kwargs=\"{\\\"port\\\": \\\"int(<port>)\\\", \\\"wait\\\": true}\"\n");
    /// ```
    pub fn replace_key(self, key: impl Into<NamePattern>, by: impl Into<Text>) -> Self {
        self.replace(Of::Key(key.into()), by)
    }

    /// Replaces each part of a text in which a regular expression is found: in names, strings, descriptions. It takes what
    /// replaces it as it is; `$1` means nothing there.
    pub fn replace_matching(mut self, pattern: Regex, by: impl Into<Text>) -> Self {
        self.rules.matching.push((pattern, by.into()));
        self
    }

    /// Replaces values that are as expected: equal ones, or as a pattern says, such as [`between`](super::between).
    ///
    /// ```
    /// # use skyspan_trace::{expect::{Shape, between}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("k", [1, 5_000]).build()]);
    /// assert_eq!(Shape::of(&trace).replace_value(between(1e3..), "<large>").to_string(), "a  0 s  open  k=[1, int(<large>)]\n");
    /// ```
    pub fn replace_value(self, value: impl Into<Expected>, by: impl Into<Text>) -> Self {
        self.replace(Of::Value(value.into()), by)
    }

    /// Replaces all values of a type.
    pub fn replace_type(self, of_type: ValueType, by: impl Into<Text>) -> Self {
        self.replace(Of::Type(of_type), by)
    }

    /// Leaves out attributes with this key.
    pub fn without_key(mut self, key: impl Into<NamePattern>) -> Self {
        self.rules.omitted.push(key.into());
        self
    }

    /// Leaves out starts, durations and the times of events, where the clock was a real one; a wall time in an attribute, such
    /// as ophyd's `start_time`, becomes `<time>`. Spans still stand by start; those that may start in any order want
    /// [`unordered`](Self::unordered) besides.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").end(Timestamp::from_unix_ns(123)).build(), Span::builder("b").build()]);
    /// assert_eq!(Shape::of(&trace).without_times().to_string(), "a\nb  open\n");
    /// ```
    pub fn without_times(mut self) -> Self {
        self.rules.without_times = true;
        Self { times: false, ..self }
    }

    /// Lets siblings stand by what they look like, not by start.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::Shape, trace::{Span, Trace}};
    /// let made = |name: &str, ns| Span::builder(name).start(Timestamp::from_unix_ns(ns)).build();
    /// let (one, other) = (Trace::from_spans([made("a", 1), made("b", 2)]), Trace::from_spans([made("b", 1), made("a", 2)]));
    /// let text = |trace| Shape::of(trace).without_times().unordered().to_string();
    /// assert_eq!(text(&one), text(&other));
    /// ```
    pub fn unordered(self) -> Self {
        Self { by_start: false, ..self }
    }

    /// Leaves uids, addresses, generated names and wall times in attributes as they are; rules of one's own still hold.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("group", "set-3fa9c1").build()]);
    /// assert_eq!(Shape::of(&trace).keep_volatile().to_string(), "a  0 s  open  group=\"set-3fa9c1\"\n");
    /// ```
    pub fn keep_volatile(mut self) -> Self {
        self.rules.keep_volatile = true;
        self
    }

    fn replace(mut self, of: Of, by: impl Into<Text>) -> Self {
        self.rules.values.push((of, by.into()));
        self
    }

    pub(super) fn start(&self) -> Timestamp {
        self.trace.first_start().unwrap_or_default()
    }

    pub(super) fn order(&self) -> Order<'t> {
        let mut alike = Names::alike(self.start(), &self.rules);
        Order::of(self.trace, self.by_start, |span| {
            let duration = self.duration(&span);
            let name = alike.text(span.name());
            let text = format!("{name} {duration} {}", self.details(span, &mut alike, &Labels::default()));
            Look { text, volatile: alike.take_seen() }
        })
    }

    fn duration(&self, span: &Span) -> String {
        match span.signed_duration_ns() {
            None => "open".to_owned(),
            Some(ns) if self.times => exact_duration(ns),
            Some(_) => String::new(),
        }
    }

    /// All that a line says after the times.
    fn details(&self, span: SpanRef<'_>, names: &mut Names<'_>, labels: &Labels) -> String {
        let mut parts: Vec<String> = self.attributes(span.span().attributes(), names);
        if span.kind() != SpanKind::Internal {
            parts.push(format!("kind {:?}", span.kind()));
        }
        match span.span().status() {
            Status::Unset => {}
            Status::Ok => parts.push("status OK".to_owned()),
            Status::Error { description } => parts.push(format!("status ERROR {:?}", names.text(description))),
        }
        for event in span.span().events() {
            let after = match self.times {
                true => format!(" at {}", exact_duration(event.timestamp.signed_ns_since(self.start()))),
                false => String::new(),
            };
            let attributes = self.attributes(&event.attributes, names).join(" ");
            parts.push(format!("event {:?}{after} ({attributes})", names.text(&event.name)));
        }
        for link in span.span().links() {
            let to = match span.trace().get_in(link.trace_id, link.span_id) {
                Some(to) => format!("{:?}{}", names.text(to.name()), labels.number(to)),
                None => "elsewhere".to_owned(),
            };
            parts.push(format!("link to {to} ({})", self.attributes(&link.attributes, names).join(" ")));
        }
        if span.parent_id().is_some() && span.parent().is_none() {
            let missing = span.parent_id().and_then(|id| span.trace().get_in(span.trace_id(), id)).is_none();
            parts.push(if missing { "its parent is not in the trace" } else { "it is its own ancestor" }.to_owned());
        }
        parts.join(" ")
    }

    fn attributes(&self, attributes: &Attributes, names: &mut Names<'_>) -> Vec<String> {
        let shown = attributes.iter().filter(|(key, _)| !self.rules.omit(key));
        shown.map(|(key, value)| format!("{}={}", drawn_key(key), names.value(key, value))).collect()
    }
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.order();
        let labels = Labels::of(&order);
        let mut names = Names::numbered(self.start(), &self.rules);
        let mut rows: Vec<[String; 4]> = Vec::with_capacity(self.trace.len());
        let mut levels: Vec<bool> = Vec::new();
        order.preorder(&order.roots, |span, depth, more_follow| {
            levels.truncate(usize::saturating_sub(depth, 1));
            if depth > 0 {
                levels.push(more_follow);
            }
            let span = order.spans[span];
            let label = guides(&levels) + &drawn_name(&names.text(span.name()));
            let start = match self.times {
                true => exact_duration(span.span().start().signed_ns_since(self.start())),
                false => String::new(),
            };
            rows.push([label, start, self.duration(&span), self.details(span, &mut names, &labels)]);
            None
        });
        let width = |column: usize| column_width(rows.iter().map(|row| width_of(&row[column])));
        let (label_width, start_width, duration_width) = (width(0), width(1), width(2));
        for [label, start, duration, details] in &rows {
            let mut line = to_left(label, label_width);
            for (text, width) in [(start, start_width), (duration, duration_width)] {
                if width > 0 {
                    line += "  ";
                    line += &to_right(text, width);
                }
            }
            line += "  ";
            line += details;
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Which of several spans with one name each is, as they are drawn.
#[derive(Default)]
pub(super) struct Labels(HashMap<usize, usize>);

impl Labels {
    pub(super) fn of(order: &Order<'_>) -> Self {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut numbers = HashMap::new();
        order.preorder(&order.roots, |span, _, _| {
            let name = order.spans[span].span().name();
            let number = seen.entry(name).or_default();
            *number += 1;
            numbers.insert(span, *number);
            None
        });
        let is_one_of_many = |span: &usize| seen.get(order.spans[*span].span().name()).is_some_and(|many| *many > 1);
        numbers.retain(|span, _| is_one_of_many(span));
        Self(numbers)
    }

    /// ` #2`, or nothing if no other is called so.
    pub(super) fn number(&self, span: SpanRef<'_>) -> String {
        self.0.get(&span.index()).map(|number| format!(" #{number}")).unwrap_or_default()
    }
}
