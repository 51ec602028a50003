//! [`Caught`]: what a capture has.

use std::sync::Arc;

use super::capture::{Mark, OpenSpan};
use super::ingest::Record;
use super::lost::SharedWatch;
use super::open_spans::{OpenRecord, OpenSpans, Started};
use super::waiters::Waiters;
use crate::trace::convert::Converter;
use crate::trace::{Span, Trace};

/// How many fresh spans a block holds. Blocks are never moved, and freed one by one while they are converted.
const BLOCK: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Caught {
    /// Ended spans as their source handed them over, in blocks, not yet converted: whoever ends a span is not kept waiting.
    fresh: Vec<Vec<Fresh>>,
    /// Ended spans before those, converted.
    ended: Vec<Arc<Span>>,
    pub(super) open: OpenSpans,
    /// How many spans ended before the last [`Capture::clear`](super::Capture::clear).
    cleared: u64,
    started: u64,
    pub(super) order: StartOrder,
    /// How many times a span started or ended.
    pub(super) changes: u64,
    pub(super) waiters: Waiters,
    converter: Converter,
    /// The trace of all, for as long as nothing new comes.
    trace: Option<Trace>,
}

/// Whether the order in which spans start is the same in each run.
#[derive(Debug, Default)]
pub(super) enum StartOrder {
    /// Nobody has said so.
    #[default]
    Unknown,
    /// It is, as long as all start on one thread: on this one, once there is any.
    Certain { thread: Option<usize> },
}

impl StartOrder {
    /// A span starts on this thread.
    fn note(&mut self) {
        let Self::Certain { thread } = self else { return };
        let here = this_thread();
        if *thread.get_or_insert(here) != here {
            *self = Self::Unknown;
        }
    }
}

/// A number that no other thread has at the same time.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

/// An ended span, not yet converted.
#[derive(Debug)]
struct Fresh {
    record: Record,
    /// How many spans had started before it.
    started: u64,
}

/// What is forgotten by [`Caught::forget_all`].
#[expect(dead_code, reason = "it is there to be dropped")]
pub(super) struct Forgotten(Vec<Vec<Fresh>>, Vec<Arc<Span>>, Option<Trace>);

impl Caught {
    pub(super) fn start(&mut self, record: OpenRecord) {
        let order = self.started;
        self.started += 1;
        self.order.note();
        self.trace = None;
        self.open.insert(Started { order, record });
    }

    /// A span has ended that was started here, and that its maker has, too.
    pub(super) fn end_span(&mut self, mut span: Arc<Span>, fill: impl FnOnce(&mut Span)) {
        let started = self.open.remove((span.trace_id(), span.span_id()), span.start()).unwrap_or_default();
        self.trace = None;
        // Nobody else has it any more: a trace of open spans has copies.
        let own = Arc::make_mut(&mut span);
        own.started = started;
        fill(own);
        if self.fresh.is_empty() {
            self.ended.push(span);
        } else {
            self.put_down(Fresh { record: Record::Own(span), started });
        }
    }

    /// What an open span has by now.
    pub(super) fn still_open(&mut self, record: Record) {
        if self.open.replace(record) {
            self.trace = None;
        }
    }

    pub(super) fn end(&mut self, record: Record) {
        let started = self.open.remove(record.id(), record.start()).unwrap_or_default();
        self.trace = None;
        self.put_down(Fresh { record, started });
    }

    fn put_down(&mut self, fresh: Fresh) {
        match self.fresh.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(fresh),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(fresh);
                self.fresh.push(block);
            }
        }
    }

    fn ended_count(&self) -> usize {
        // All blocks but the last are full.
        let last = self.fresh.last().map_or(0, Vec::len);
        self.ended.len() + self.fresh.len().saturating_sub(1) * BLOCK + last
    }

    pub(super) fn len(&self) -> usize {
        self.ended_count() + self.open.len()
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { ended: self.cleared + self.ended_count() as u64, started: self.started }
    }

    pub(super) fn open_spans(&mut self) -> Vec<OpenSpan> {
        let Self { open, converter, .. } = self;
        let in_short =
            |started: &Started| OpenSpan { name: started.record.name(converter), start: started.record.start() };
        open.in_order().into_iter().map(in_short).collect()
    }

    /// The trace of all spans.
    pub(super) fn trace(&mut self, watch: &SharedWatch) -> Trace {
        let trace = match &self.trace {
            Some(trace) => trace.clone(),
            None => self.trace_since(Mark { ended: 0, started: 0 }, watch),
        };
        self.trace = Some(trace.clone());
        trace
    }

    pub(super) fn trace_since(&mut self, mark: Mark, watch: &SharedWatch) -> Trace {
        let Self { fresh, ended, open, cleared, converter, order, .. } = self;
        ended.reserve(fresh.len() * BLOCK);
        for block in fresh.drain(..) {
            ended.extend(block.into_iter().map(|Fresh { record, started }| record.into_span(converter, true, started)));
        }
        let from = usize::try_from(mark.ended.saturating_sub(*cleared)).unwrap_or(usize::MAX);
        let mut spans = ended.get(from..).unwrap_or_default().to_vec();
        let open = open.in_order().into_iter().filter(|started| started.order >= mark.started);
        let is_certain = matches!(order, StartOrder::Certain { .. });
        spans.extend(open.map(|Started { record, order }| record.to_span(converter, *order)));
        Trace::from_capture(spans, Arc::clone(watch), is_certain)
    }

    pub(super) fn forget_all(&mut self) -> Forgotten {
        self.cleared += self.ended_count() as u64;
        self.open.clear();
        Forgotten(std::mem::take(&mut self.fresh), std::mem::take(&mut self.ended), self.trace.take())
    }
}
