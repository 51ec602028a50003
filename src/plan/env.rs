//! [`PlanEnv`]: what plans share with the engine that runs them.

use std::sync::{Arc, Mutex};

use opentelemetry::Context;

use crate::clock::Clock;
use crate::clock::{LiveSpan, Tracer};
use crate::seed::Seed;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// What plans share with the engine that runs them: its clock, its chance, and the spans that are open around the next
/// message.
#[derive(Debug)]
pub struct PlanEnv {
    /// What time it is for the plan.
    pub clock: Clock,
    /// Where the names of groups come from.
    pub seed: Seed,
    /// Starts the spans of plans.
    pub tracer: Tracer,
    /// Whether plans declare their stream before they read anything of it (`BLUESKY_PREDECLARE`).
    predeclares: bool,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// The context of the caller: the parent of what has no other.
    ambient: Context,
    next_id: u64,
    spans: Vec<Around>,
}

/// A span that is open around the messages that come.
#[derive(Debug)]
struct Around {
    id: u64,
    /// For the span of a run, the key of the run: it is around the messages of that run only.
    run: Option<Value>,
    context: Context,
}

impl PlanEnv {
    /// An environment for an engine.
    #[must_use]
    pub fn new(clock: Clock, seed: Seed, tracer: Tracer) -> Self {
        Self { clock, seed, tracer, predeclares: false, open: Mutex::default() }
    }

    /// The same where plans declare their stream before they read anything of it, or not.
    #[must_use]
    pub const fn predeclaring(mut self, predeclares: bool) -> Self {
        self.predeclares = predeclares;
        self
    }

    pub(super) const fn predeclares(&self) -> bool {
        self.predeclares
    }

    /// An environment without an engine, to step through a plan by hand.
    #[must_use]
    pub fn detached() -> Self {
        Self::new(Clock::simulated(), Seed::new(0), Tracer::off())
    }

    /// Sets the context of the caller.
    pub fn set_ambient(&self, ambient: Context) {
        lock(&self.open).ambient = ambient;
    }

    /// The parent of what the next message of that run starts: the innermost span around it.
    #[must_use]
    pub fn parent(&self, run: &Value) -> Context {
        let open = lock(&self.open);
        let around = open.spans.iter().rev().find(|around| around.run.as_ref().is_none_or(|key| key == run));
        around.map_or(&open.ambient, |around| &around.context).clone()
    }

    /// Starts a span around the messages that come, until the guard is dropped.
    pub fn start_span(self: &Arc<Self>, name: impl Into<Text>) -> SpanGuard {
        let span = self.tracer.start(name, &self.parent(&Value::Null));
        let id = span.is_recording().then(|| self.put_around(None, span.context()));
        SpanGuard { env: Arc::clone(self), id, span }
    }

    /// Puts the span of a run around the messages of that run; gives the number by which it is taken away.
    pub(crate) fn put_around(&self, run: Option<Value>, context: Context) -> u64 {
        let mut open = lock(&self.open);
        open.next_id += 1;
        let id = open.next_id;
        open.spans.push(Around { id, run, context });
        id
    }

    /// Takes a span away from around the messages that come.
    pub(crate) fn take_away(&self, id: u64) {
        lock(&self.open).spans.retain(|around| around.id != id);
    }
}

/// A span around the messages of a plan; it ends when this is dropped.
#[derive(Debug)]
#[must_use = "the span ends when this is dropped"]
pub struct SpanGuard {
    env: Arc<PlanEnv>,
    id: Option<u64>,
    span: LiveSpan,
}

impl SpanGuard {
    /// The span that the guard ends.
    pub fn span(&mut self) -> &mut LiveSpan {
        &mut self.span
    }
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.env.take_away(id);
        }
    }
}
