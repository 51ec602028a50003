//! [`Shape`]: a trace as text that stays the same from run to run.

use super::canonical_order::Siblings;
use super::expected::Expected;
use super::pattern::NamePattern;
use super::regex::Regex;
use super::shape_rules::{Of, Rules, ValueType};
use crate::trace::Trace;
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
///     "answer  open  port=int(<port>) peer=\"10.0.0.7:<port>, after <time>\" load=float(<number>)\n",
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "a shape is only made when it is displayed"]
pub struct Shape<'t> {
    pub(super) trace: &'t Trace,
    pub(super) rules: Rules,
    pub(super) times: bool,
    /// What was said of the order of siblings.
    order: Option<Ordered>,
    pub(super) parts: ShapeParts,
}

#[derive(Clone, Copy, Debug)]
enum Ordered {
    Yes,
    No,
}

/// What a shape has only where it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ShapeParts {
    pub(super) scope: bool,
    pub(super) resource: bool,
    pub(super) trace_state: bool,
    pub(super) dropped: bool,
}

/// A trace as text that stays the same from run to run, made to be compared line by line: a line a span, children below their
/// parent and further in.
///
/// A line holds the name, the duration (or `open`), when the span starts, then its attributes with their types, and kind and
/// status where they say something. Nothing is padded, and what is long stands on a line of its own behind a `│`, as events and links do:
/// what changes in one place changes the line of that place.
///
/// When a span starts is told from the latest moment before it, which is the start or the end of a sibling, or the start of its
/// parent: `after 2 s`, or nothing where it starts at once. `beside 2` says that two siblings that started before it are under way. (The
/// span of a run of bluesky, beside which all of the run stands, is left out of both.) So a span that takes longer changes no line but
/// its own and those of spans that take longer by it.
///
/// What is another in each run has a steady name:
///
/// - ids are not shown; parents show by the tree, links by the name of the span they point to, with its number in the
///   drawing where several are called so;
/// - wall times are told from the start of their span, also the numbers at `start_time`, `finish_time`, `end_time`,
///   `timestamp` and `time`;
/// - a uid (a UUID of version 4), a generated name of a group such as `set-3fa9c1` and an address such as `0x7f00aa11bb22` is `<new uid>`,
///   `<new set>`, `<new address>` where it first appears. Then the newest is `<uid>`, the one before that `<uid -1>`, and so on.
///
/// Siblings stand in the order in which they started, if the trace [knows](Trace::order_is_certain) that to be the same in each run, as
/// one of the simulated clock does: also those that start at one instant. Of another trace they stand by start, then by what they
/// and their descendants look like; [without times](Shape::without_times) by looks alone, so that the shape is the same in each
/// run, also of a program with threads. [`ordered`](Shape::ordered) and [`unordered`](Shape::unordered) say otherwise.
///
/// # What a shape does not see
///
/// Ids and flags, except by the tree and links; the time at which the trace began; who came first of what starts at one instant, where the
/// trace does not know; whether what has no parent in the trace says that it is in another process. Only where it is asked for: the
/// scope, the resource, trace states, and what was dropped for a limit ([`with_scope`](Shape::with_scope) and its neighbours).
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
/// set  2 µs  group=\"<new set>\"
///   status  1.5 µs  after 500 ns
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
        Self { trace, rules: Rules::default(), times: true, order: None, parts: ShapeParts::default() }
    }

    /// Replaces values at a key, an exact one or as a [`glob`](super::glob) or [`regex`](super::regex) says.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("kwargs", r#"{"port": 40123, "wait": true}"#).build()]);
    /// let shape = Shape::of(&trace).replace_key("port", "<port>").to_string();
    /// assert_eq!(shape, "a  open  kwargs=\"{\\\"port\\\": \\\"int(<port>)\\\", \\\"wait\\\": true}\"\n");
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
    /// assert_eq!(Shape::of(&trace).replace_value(between(1e3..), "<large>").to_string(), "a  open  k=[1, int(<large>)]\n");
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

    /// Shows the attributes alone that have one of these keys.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{Shape, glob}, trace::{Span, Trace}};
    /// let span = Span::builder("a").attribute("db.rows", 3).attribute("db.host", "x").attribute("thread.id", 7).build();
    /// let trace = Trace::from_spans([span]);
    /// assert_eq!(Shape::of(&trace).only_keys(["db.rows"]).to_string(), "a  open  db.rows=3\n");
    /// assert_eq!(Shape::of(&trace).only_keys([glob("db.*")]).without_key("db.host").to_string(), "a  open  db.rows=3\n");
    /// ```
    pub fn only_keys(mut self, keys: impl IntoIterator<Item = impl Into<NamePattern>>) -> Self {
        self.rules.only.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// Leaves out starts, durations and the times of events, where the clock was a real one. In attributes a wall time, such
    /// as ophyd's `start_time`, becomes `<time>`, and so do dates with a time of day in texts, the `elapsed` of a status in its `repr`, and
    /// numbers whose key says that a clock has measured them: `elapsed`, `duration`, `busy` and `idle`, alone or with a unit behind.
    ///
    /// Siblings then stand by what they look like, unless the trace [knows](Trace::order_is_certain) the order in which they started, or
    /// they are to be [ordered](Self::ordered).
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

    /// Lets siblings stand by start, also where times are left out: for a program that does one thing after another.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::Shape, trace::{Span, Trace}};
    /// let made = |name: &str, ns| Span::builder(name).start(Timestamp::from_unix_ns(ns)).build();
    /// let (one, other) = (Trace::from_spans([made("a", 1), made("b", 2)]), Trace::from_spans([made("b", 1), made("a", 2)]));
    /// let text = |trace| Shape::of(trace).without_times().ordered().to_string();
    /// assert_ne!(text(&one), text(&other));
    /// ```
    pub fn ordered(self) -> Self {
        Self { order: Some(Ordered::Yes), ..self }
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
        Self { order: Some(Ordered::No), ..self }
    }

    /// Shows the scope, where it is another than that of the span in the line before.
    ///
    /// ```
    /// # use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// # use skyspan_trace::{expect::Shape, trace::Capture};
    /// let capture = Capture::new();
    /// capture.provider().tracer("app").start("request").end();
    /// let shape = Shape::of(&capture.trace()).without_times().with_scope().to_string();
    /// assert_eq!(shape, "request\n  │ scope \"app\"\n");
    /// ```
    pub fn with_scope(mut self) -> Self {
        self.parts.scope = true;
        self
    }

    /// Shows the resource, where it is another than that of the span in the line before.
    ///
    /// ```
    /// # use serde_json::json;
    /// # use skyspan_trace::{expect::Shape, trace::{Resource, Span, Trace}};
    /// let shop = Resource::new(json!({"service.name": "shop"}));
    /// let trace = Trace::from_spans([Span::builder("order").resource(shop).build()]);
    /// let shape = Shape::of(&trace).with_resource().to_string();
    /// assert_eq!(shape, "order  open\n  │ resource  service.name=\"shop\"\n");
    /// ```
    pub fn with_resource(mut self) -> Self {
        self.parts.resource = true;
        self
    }

    /// Shows the trace states of spans and links.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("request").trace_state("a=1").build()]);
    /// assert_eq!(Shape::of(&trace).with_trace_state().to_string(), "request  open  trace state \"a=1\"\n");
    /// ```
    pub fn with_trace_state(mut self) -> Self {
        self.parts.trace_state = true;
        self
    }

    /// Shows how many attributes, events and links of a span were dropped for a limit of its SDK.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("request").dropped(1, 3, 0).build()]);
    /// assert_eq!(Shape::of(&trace).with_dropped().to_string(), "request  open  dropped 1 attribute, 3 events\n");
    /// ```
    pub fn with_dropped(mut self) -> Self {
        self.parts.dropped = true;
        self
    }

    /// Leaves uids, addresses, generated names and wall times in attributes as they are; rules of one's own still hold.
    ///
    /// ```
    /// # use skyspan_trace::{expect::Shape, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("a").attribute("group", "set-3fa9c1").build()]);
    /// assert_eq!(Shape::of(&trace).keep_volatile().to_string(), "a  open  group=\"set-3fa9c1\"\n");
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

    /// By what siblings stand in order.
    pub(super) fn siblings(&self) -> Siblings {
        match self.order {
            Some(Ordered::No) => Siblings::ByLook,
            _ if self.trace.order_is_certain() => Siblings::AsStarted,
            Some(Ordered::Yes) => Siblings::ByStart,
            None if self.times => Siblings::ByStart,
            None => Siblings::ByLook,
        }
    }
}
