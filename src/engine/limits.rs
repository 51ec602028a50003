//! [`Limits`]: how much a call of the engine may do, and keep, before it is ended.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::value::Text;
use skyspan_trace::internal::grouped;

/// How much a plan may do, and how much of it is kept, before it is ended. What has no end, such as bluesky's
/// `count([det], num=None)`, ends here.
///
/// | limit | of | unless said otherwise |
/// |---|---|---|
/// | `messages` | the messages of a call, from its begin until the engine is idle again | 10,000,000 |
/// | `simulated_seconds` | the time that a call takes on a simulated clock | 315,360,000, ten years |
/// | `spans` | the spans that a harness keeps | 5,000,000 |
/// | `kept_bytes` | the memory of what a harness keeps: messages, documents, spans; an estimate | 2,147,483,648, 2 GiB |
///
/// At a limit the plan is aborted: its clean-ups are done, and its runs end with the exit status `abort` and a reason that names
/// the limit. A plan that goes on for [`GRACE_MESSAGES`](Self::GRACE_MESSAGES) more messages is
/// ended without being asked.
///
/// They are raised by `Harness::builder().limits(...)` in Rust, by `engine: {limits: {messages: 1000}}` in a plan file, where
/// `null` is no limit, and by `skyspan run --limit messages=1000` or `--limit messages=none`, which goes before the plan file.
///
/// ```
/// use skyspan::engine::Limits;
/// use skyspan::prelude::*;
///
/// let lab = Harness::builder().limits(Limits::default().with("messages", Some(100)).unwrap()).build();
/// let det = lab.device("det");
/// let run = lab.run(plans::count(&det, 1).forever());
/// assert_eq!(run.exit_status(), ExitStatus::Abort);
/// assert!(run.result().reason.contains("the limit of messages, 100, is reached"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The messages of a call.
    pub messages: Option<u64>,
    /// The time that a call takes on a simulated clock, in seconds.
    pub simulated_seconds: Option<u64>,
    /// The spans that a harness keeps.
    pub spans: Option<u64>,
    /// The memory of what a harness keeps, in bytes, as it is estimated.
    pub kept_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: Some(10_000_000),
            simulated_seconds: Some(10 * 365 * 24 * 3600),
            spans: Some(5_000_000),
            kept_bytes: Some(2 << 30),
        }
    }
}

impl Limits {
    /// The names of all limits.
    pub const NAMES: [&'static str; 4] = ["messages", "simulated_seconds", "spans", "kept_bytes"];
    /// A plan that was aborted at a limit may send so many messages more, to clean up.
    pub const GRACE_MESSAGES: u64 = 10_000;

    /// No limit at all.
    #[must_use]
    pub const fn none() -> Self {
        Self { messages: None, simulated_seconds: None, spans: None, kept_bytes: None }
    }

    /// The same with another limit of this name; with nothing, none. Nothing comes back if no limit is called so.
    ///
    /// ```
    /// use skyspan::engine::Limits;
    ///
    /// assert_eq!(Limits::default().with("spans", None).unwrap().spans, None);
    /// assert_eq!(Limits::default().with("span", Some(3)), None);
    /// ```
    #[must_use]
    pub fn with(mut self, name: &str, limit: Option<u64>) -> Option<Self> {
        let place = match name {
            "messages" => &mut self.messages,
            "simulated_seconds" => &mut self.simulated_seconds,
            "spans" => &mut self.spans,
            "kept_bytes" => &mut self.kept_bytes,
            _ => return None,
        };
        *place = limit;
        Some(self)
    }
}

/// A limit that a call has reached: its `Display` says which, and how to raise it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LimitReached {
    /// The name of the limit: one of [`Limits::NAMES`].
    pub name: &'static str,
    /// How much there may be.
    pub limit: u64,
}

/// `the limit of messages, 100, is reached; ...`.
impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, limit } = self;
        write!(
            f,
            "the limit of {name}, {}, is reached; it is raised by `--limit {name}=N` (or `none`), ",
            grouped(*limit)
        )?;
        write!(
            f,
            "by `engine: {{limits: {{{name}: N}}}}` in the plan file, or by `.limits(...)` of the harness's builder"
        )
    }
}

/// What a call has done so far, beside its limits.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    limits: Limits,
    began: Timestamp,
    messages: u64,
    kept_bytes: u64,
    reached: Option<LimitReached>,
    /// How many messages there were when it was reached.
    reached_at: u64,
}

/// What must become of a call that has reached a limit.
#[derive(Debug)]
pub(crate) enum AtLimit {
    Abort(Text),
    Kill,
}

impl Watch {
    /// How often spans are counted: once in so many messages.
    const SPANS_COUNTED_EVERY: u64 = 64;
    /// What a span of a plan takes, about.
    const SPAN_BYTES: u64 = 900;

    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Counts from here: a call of the engine begins.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        *self = Self { began: now, ..Self::new(self.limits) };
    }

    pub(crate) fn reached(&self) -> Option<LimitReached> {
        self.reached
    }

    /// Something is kept that takes so many bytes.
    pub(crate) fn keep(&mut self, bytes: usize) {
        self.kept_bytes = self.kept_bytes.saturating_add(bytes as u64);
    }

    /// A message comes. `simulated_now` is the time if it is simulated; `spans` counts those that are kept.
    pub(crate) fn message(
        &mut self,
        simulated_now: Option<Timestamp>,
        spans: impl FnOnce() -> usize,
    ) -> Option<AtLimit> {
        self.messages += 1;
        if self.reached.is_some() {
            let is_over = (self.messages - self.reached_at).is_multiple_of(Limits::GRACE_MESSAGES);
            return is_over.then_some(AtLimit::Kill);
        }
        let over = |name: &'static str, limit: Option<u64>, number: u64| {
            limit.filter(|limit| number > *limit).map(|limit| LimitReached { name, limit })
        };
        let Limits { messages, simulated_seconds, spans: most_spans, kept_bytes } = self.limits;
        let elapsed = simulated_now.map_or(Duration::ZERO, |now| now.since(self.began));
        let mut reached = over("messages", messages, self.messages)
            .or_else(|| over("simulated_seconds", simulated_seconds, elapsed.as_secs()));
        if reached.is_none() && self.messages.is_multiple_of(Self::SPANS_COUNTED_EVERY) {
            let spans = spans() as u64;
            let bytes = self.kept_bytes.saturating_add(spans.saturating_mul(Self::SPAN_BYTES));
            reached = over("spans", most_spans, spans).or_else(|| over("kept_bytes", kept_bytes, bytes));
        }
        self.reached = reached;
        self.reached_at = self.messages;
        reached.map(|reached| AtLimit::Abort(reached.to_string().into()))
    }
}
