//! Spans that reached no capture: [`Unseen`], and how they are counted.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::sync::lock;
use crate::value::Text;

/// How many of the last lost spans are known by name.
const NAMES_MAX: usize = 8;

/// Where the guide says what to do about lost spans.
const GUIDE: &str = "skyspan::guide::service";

/// The spans of this process that reached no capture, from the first scope on.
static LOST: Mutex<Lost> = Mutex::new(Lost { outside: 0, late: 0, sampled_out: 0, last: VecDeque::new() });

#[derive(Debug)]
struct Lost {
    outside: u64,
    late: u64,
    sampled_out: u64,
    /// The names of the last, and how many were lost before each.
    last: VecDeque<(u64, Text)>,
}

/// How much was lost by some moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct LostBy {
    outside: u64,
    late: u64,
    sampled_out: u64,
}

impl Lost {
    fn note(&mut self, name: &Text) {
        let number = self.outside + self.late;
        if self.last.len() == NAMES_MAX {
            self.last.pop_front();
        }
        self.last.push_back((number, name.clone()));
    }
}

/// Counts a span that started outside of every scope.
pub(super) fn count(name: &Text) {
    let late = super::homes::is_after_its_scope();
    let mut lost = lock(&LOST);
    lost.note(name);
    if late {
        lost.late += 1;
    } else {
        lost.outside += 1;
    }
}

/// Counts a span that belongs to a capture, and that a sampler dropped.
pub(super) fn count_sampled_out() {
    lock(&LOST).sampled_out += 1;
}

pub(super) fn lost_by_now() -> LostBy {
    let lost = lock(&LOST);
    LostBy { outside: lost.outside, late: lost.late, sampled_out: lost.sampled_out }
}

/// What a capture has not seen, as far as that is known: why a trace may be shorter than the program is long.
///
/// The report of an expectation that misses spans ends with it. Spans outside of every scope are those of the whole process,
/// since the capture's first scope: where tests run in parallel, those of a test without a scope are among them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unseen {
    /// How many spans were started outside of every scope.
    pub outside: u64,
    /// How many were started on a tokio runtime after the scope on it had ended.
    pub late: u64,
    /// How many belonged to a capture, and were dropped by a sampler: that of the program's own provider, or of the scope's.
    pub sampled_out: u64,
    /// What the last of those outside and of the late ones are called, each name once.
    pub names: Vec<Text>,
    /// What stands between the program and its captures.
    pub obstacles: Vec<Obstacle>,
}

/// What keeps spans from their captures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The capture has no scope and no provider, and no source has told it anything.
    NoSource,
    /// The program has set a global provider after the scope began.
    ProviderReplaced,
    /// The program has a global subscriber of `tracing` without skyspan's layer, so that only the scope's own thread is heard.
    OtherSubscriber,
    /// A span of `tracing` was closed on a thread whose subscriber is not its own, which may leave its parent open.
    ClosedElsewhere,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSource => {
                "nothing feeds this capture: it has no scope and no provider; begin with `let _scope = capture.scope();`"
            }
            Self::ProviderReplaced => {
                "the global tracer provider was set after the scope began, and its spans are not seen; give that provider \
                 `.with_span_processor(capture::processor())`"
            }
            Self::OtherSubscriber => {
                "the program has a global subscriber of `tracing` of its own, and what other threads record goes there; give it \
                 `.with(capture::tracing_layer())`"
            }
            Self::ClosedElsewhere => {
                "a span of `tracing` was closed on a thread that has another subscriber, which may leave its parent open; \
                 have one subscriber for the whole process"
            }
        })
    }
}

impl Unseen {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.outside + self.late + self.sampled_out == 0 && self.obstacles.is_empty()
    }

    fn since(by: LostBy) -> Self {
        let lost = lock(&LOST);
        let before = by.outside + by.late;
        let mut names: Vec<Text> = Vec::new();
        for (number, name) in &lost.last {
            if *number >= before && !names.contains(name) {
                names.push(name.clone());
            }
        }
        Self {
            outside: lost.outside - by.outside,
            late: lost.late - by.late,
            sampled_out: lost.sampled_out - by.sampled_out,
            names,
            obstacles: Vec::new(),
        }
    }
}

/// One sentence a line; nothing if there is nothing to tell.
impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> = Vec::new();
        let spans = |number: u64| if number == 1 { "1 span was".to_owned() } else { format!("{number} spans were") };
        let names: Vec<String> = self.names.iter().map(|name| format!("{name:?}")).collect();
        let mut named = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        if self.outside > 0 {
            let named = std::mem::take(&mut named);
            lines.push(format!("{} started outside of every scope{named}: see {GUIDE}", spans(self.outside)));
        }
        if self.late > 0 {
            lines.push(format!("{} started after the scope of its runtime had ended{named}", spans(self.late)));
        }
        if self.sampled_out > 0 {
            lines.push(format!("{} dropped by a sampler", spans(self.sampled_out)));
        }
        lines.extend(self.obstacles.iter().map(ToString::to_string));
        f.write_str(&lines.join("\n"))
    }
}

/// Knows what a capture has not seen.
#[derive(Debug, Default)]
pub(in crate::trace) struct Watch {
    state: Mutex<WatchState>,
}

#[derive(Debug, Default)]
struct WatchState {
    /// What was lost when its first scope began; nothing as long as it has none.
    scoped: Option<LostBy>,
    /// Whether it has a provider, or was told anything.
    has_source: bool,
    /// What was asserted of its traces in vain.
    #[cfg(feature = "page")]
    failed: Vec<super::FailedAssertion>,
}

impl Watch {
    /// Something was asserted of a trace of its capture in vain.
    #[cfg(feature = "page")]
    pub(in crate::trace) fn note_failed(&self, failed: super::FailedAssertion) {
        lock(&self.state).failed.push(failed);
    }

    #[cfg(feature = "page")]
    pub(super) fn failed(&self) -> Vec<super::FailedAssertion> {
        lock(&self.state).failed.clone()
    }

    /// A scope of its capture begins.
    pub(super) fn scope_begins(&self) {
        let mut state = lock(&self.state);
        state.scoped.get_or_insert_with(lost_by_now);
        state.has_source = true;
    }

    pub(super) fn has_source(&self) {
        lock(&self.state).has_source = true;
    }

    /// What the capture has not seen by now.
    pub(in crate::trace) fn unseen(&self) -> Unseen {
        let (scoped, has_source) = {
            let state = lock(&self.state);
            (state.scoped, state.has_source)
        };
        let mut unseen = scoped.map(Unseen::since).unwrap_or_default();
        if !has_source {
            unseen.obstacles.push(Obstacle::NoSource);
        }
        if scoped.is_some() {
            unseen.obstacles.extend(super::scope::obstacles());
        }
        unseen
    }
}

pub(in crate::trace) type SharedWatch = Arc<Watch>;
