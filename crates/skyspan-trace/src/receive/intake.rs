//! [`Intake`]: what has come to a receiver, what has not been taken of it, and whose it is.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use opentelemetry::trace::{SpanId, TraceId};
use tokio::sync::Semaphore;

use super::body::pieces;
use super::options::ReceiverOptions;
use super::refusal::Refusal;
use super::test_spans::OfTest;
use crate::sync::lock;
use crate::trace::capture::ingest::{Incoming, Ingest as _};
use crate::trace::{Capture, OtlpRequest, RefusedSpans, Span, Trace};

/// So many bytes the bodies have together that are read at a time, whatever clients there are.
const BODIES_MAX: usize = 256 << 20;

/// The attribute of a resource that says to which test its spans belong.
pub(super) const TEST_ATTRIBUTE: &str = "skyspan.test";

/// What has come to a receiver.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) options: ReceiverOptions,
    pub(super) capture: Capture,
    /// The memory for bodies that are read, in pieces.
    pub(super) memory: Semaphore,
    under_way: AtomicUsize,
    state: Mutex<IntakeTally>,
}

#[derive(Debug, Default)]
struct IntakeTally {
    spans: u64,
    bytes: u64,
    refused_spans: RefusedSpans,
    refused_requests: u64,
    first_refusal: Option<Refusal>,
    passed_over: Vec<(&'static str, u64)>,
    tests: Tests,
}

/// The tests that want spans of their own.
#[derive(Debug, Default)]
struct Tests {
    by_id: HashMap<String, Weak<OfTest>>,
    by_trace: HashMap<TraceId, Weak<OfTest>>,
    /// The spans of traces of which it is not known, so far, that they belong to a test.
    unclaimed: HashMap<TraceId, Vec<Arc<Span>>>,
}

/// What a client hears of a request that was taken.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Taken {
    pub(super) refused_spans: u64,
    /// Why they are refused; empty where none is.
    pub(super) message: String,
}

/// A request that is being answered.
pub(super) struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Intake {
    pub(super) fn new(options: ReceiverOptions) -> Self {
        let capture = Capture::new();
        capture.has_source();
        // One body has room in any case.
        let one = usize::try_from(options.body_max).unwrap_or(usize::MAX);
        let memory = pieces(BODIES_MAX.max(one)).min(Semaphore::MAX_PERMITS);
        Self {
            options,
            capture,
            memory: Semaphore::new(memory),
            under_way: AtomicUsize::new(0),
            state: Mutex::default(),
        }
    }

    /// A request begins, and ends when what this gives is dropped.
    pub(super) fn begins(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(&self.under_way)
    }

    /// Takes the spans of a request that has so many bytes, as far as they are right and there is room for them.
    pub(super) fn take(&self, request: OtlpRequest, bytes: u64) -> Taken {
        let OtlpRequest { mut spans, mut refused } = request;
        let homes: Vec<Option<Arc<OfTest>>> = {
            let mut state = lock(&self.state);
            let has_room = state.bytes.saturating_add(bytes) <= self.options.total_max;
            let room = if has_room { self.options.spans_max - state.spans } else { 0 };
            let taken = usize::try_from(room).unwrap_or(usize::MAX).min(spans.len());
            for _ in spans.drain(taken..) {
                refused.add(|| match has_room {
                    true => format!("the receiver takes {} spans, and has them", self.options.spans_max),
                    false => format!("the receiver takes {} bytes, and has them", self.options.total_max),
                });
            }
            if !spans.is_empty() {
                state.bytes += bytes;
            }
            state.spans += spans.len() as u64;
            if refused.count > 0 {
                state.refused_spans.add(|| refused.first.clone());
                state.refused_spans.count += refused.count - 1;
            }
            spans.iter().map(|span| state.tests.of(span)).collect()
        };
        for (span, home) in spans.into_iter().zip(homes) {
            if let Some(home) = home {
                home.capture.ended(Incoming::from(Arc::clone(&span)));
            }
            self.capture.ended(Incoming::from(span));
        }
        let RefusedSpans { count, first } = refused;
        let message = match count {
            0 => String::new(),
            1 => first,
            _ => format!("{first}; and {} more", count - 1),
        };
        Taken { refused_spans: count, message }
    }

    /// A request of something else than spans was answered.
    pub(super) fn passes_over(&self, what: &'static str) {
        let passed_over = &mut lock(&self.state).passed_over;
        match passed_over.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += 1,
            None => passed_over.push((what, 1)),
        }
    }

    /// A request was refused.
    pub(super) fn refuses(&self, refusal: &Refusal) {
        let mut state = lock(&self.state);
        state.refused_requests += 1;
        state.first_refusal.get_or_insert_with(|| refusal.clone());
    }

    /// All that somebody should hear who takes the spans for all that was sent.
    pub(super) fn warnings(&self) -> Vec<String> {
        let state = lock(&self.state);
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let mut warnings: Vec<String> = state
            .passed_over
            .iter()
            .map(|(what, count)| format!("passed over {count} request{} of {what}", plural(*count)))
            .collect();
        let RefusedSpans { count, first } = &state.refused_spans;
        if *count > 0 {
            let the_first = if *count == 1 { "" } else { "the first: " };
            warnings.push(format!("refused {count} span{}: {the_first}{first}", plural(*count)));
        }
        if let Some(Refusal { because, message }) = &state.first_refusal {
            let (count, code) = (state.refused_requests, because.http().as_u16());
            let the_first = if count == 1 { "" } else { "the first: " };
            warnings.push(format!("refused {count} request{}: {the_first}{code}, {message}", plural(count)));
        }
        warnings
    }

    /// Begins a test, whose spans go to it as well.
    pub(super) fn begin_test(&self, test: &Arc<OfTest>) {
        let tests = &mut lock(&self.state).tests;
        tests.forget_the_gone();
        tests.by_id.insert(test.id.clone(), Arc::downgrade(test));
        tests.by_trace.insert(test.trace_id, Arc::downgrade(test));
    }

    /// Whether no request is under way, and all spans of a trace have their parents, or one of those that a test made up.
    pub(super) fn is_whole(&self, trace: &Trace) -> bool {
        if self.under_way.load(Ordering::SeqCst) > 0 {
            return false;
        }
        let made_up = lock(&self.state).tests.made_up();
        trace.orphans().all(|span| span.parent_id().is_some_and(|parent| made_up.contains(&parent)))
    }
}

impl Tests {
    /// The test to which a span belongs: by its trace, or by its resource, and then all of its trace does.
    fn of(&mut self, span: &Arc<Span>) -> Option<Arc<OfTest>> {
        if self.by_id.is_empty() {
            return None;
        }
        let trace = span.trace_id();
        if let Some(test) = self.by_trace.get(&trace).and_then(Weak::upgrade) {
            return Some(test);
        }
        let id = span.resource().attributes.get(TEST_ATTRIBUTE).and_then(|id| id.as_str());
        let Some(test) = id.and_then(|id| self.by_id.get(id)?.upgrade()) else {
            self.unclaimed.entry(trace).or_default().push(Arc::clone(span));
            return None;
        };
        self.by_trace.insert(trace, Arc::downgrade(&test));
        for earlier in self.unclaimed.remove(&trace).unwrap_or_default() {
            test.capture.ended(Incoming::from(earlier));
        }
        Some(test)
    }

    fn forget_the_gone(&mut self) {
        self.by_id.retain(|_, test| test.strong_count() > 0);
        self.by_trace.retain(|_, test| test.strong_count() > 0);
        if self.by_id.is_empty() {
            self.unclaimed.clear();
        }
    }

    /// The ids of the parents that tests have made up.
    fn made_up(&self) -> HashSet<SpanId> {
        self.by_id.values().filter_map(|test| Some(test.upgrade()?.span_id)).collect()
    }
}
