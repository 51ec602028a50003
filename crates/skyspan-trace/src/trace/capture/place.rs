//! [`Place`]: what a thread is in the middle of, to be taken to another one. The one file that attaches contexts.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, Weak};

use opentelemetry::trace::{SpanContext, TraceContextExt as _, TraceId};
use opentelemetry::{Context, ContextGuard};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::sync::lock;
use rustc_hash::FxHashSet;

/// Where the spans go that code takes from the global provider.
#[derive(Clone, Debug)]
pub(super) struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: SdkTracerProvider,
    /// The traces that began here, so that a span is known by its parent where nothing else tells where it belongs.
    traces: Mutex<FxHashSet<TraceId>>,
}

/// All scopes that anybody still has.
static SCOPES: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

thread_local! {
    /// The scopes that this thread is in, the innermost last; none where a place was entered that is in no scope.
    static ENTERED: RefCell<Vec<(u64, Option<Scope>)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

impl Scope {
    pub(super) fn new(provider: SdkTracerProvider) -> Self {
        let inner = Arc::new(Inner { provider, traces: Mutex::default() });
        let mut scopes = lock(&SCOPES);
        scopes.retain(|scope| scope.strong_count() > 0);
        scopes.push(Arc::downgrade(&inner));
        Self(inner)
    }

    /// The scope of a span that starts now on this thread, under this parent.
    pub(super) fn of(parent: &Context) -> Option<Self> {
        let carried = |context: &Context| context.get::<Self>().cloned();
        carried(parent)
            .or_else(Self::of_thread)
            .or_else(|| Context::map_current(carried))
            .or_else(|| Self::of_trace(parent.span().span_context()))
    }

    fn of_thread() -> Option<Self> {
        ENTERED.try_with(|entered| entered.borrow().last().and_then(|(_, scope)| scope.clone())).ok().flatten()
    }

    fn of_trace(parent: &SpanContext) -> Option<Self> {
        if !parent.is_valid() {
            return None;
        }
        let scopes: Vec<Self> = lock(&SCOPES).iter().filter_map(Weak::upgrade).map(Self).collect();
        scopes.into_iter().find(|scope| lock(&scope.0.traces).contains(&parent.trace_id()))
    }

    pub(super) fn provider(&self) -> &SdkTracerProvider {
        &self.0.provider
    }

    /// Notes that a trace began here.
    pub(super) fn began(&self, trace: TraceId) {
        lock(&self.0.traces).insert(trace);
    }
}

/// What a thread is in the middle of: OpenTelemetry's context with the span that is the parent of the next, the scope,
/// and the dispatcher of `tracing`.
#[derive(Clone, Debug)]
pub(super) struct Place {
    context: Context,
    scope: Option<Scope>,
    #[cfg(feature = "tracing")]
    dispatch: tracing::Dispatch,
}

impl Place {
    /// The place of this thread.
    pub(super) fn current() -> Self {
        Self {
            context: Context::current(),
            scope: Scope::of_thread(),
            #[cfg(feature = "tracing")]
            dispatch: tracing::dispatcher::get_default(Clone::clone),
        }
    }

    /// The same in a scope.
    pub(super) fn within(mut self, scope: Scope) -> Self {
        self.context = self.context.with_value(scope.clone());
        self.scope = Some(scope);
        self
    }

    /// The same with a dispatcher.
    #[cfg(feature = "tracing")]
    pub(super) fn dispatching_to(mut self, dispatch: tracing::Dispatch) -> Self {
        self.dispatch = dispatch;
        self
    }

    /// Puts this thread into that place until the guard is dropped.
    #[expect(clippy::disallowed_methods, reason = "the guard is held by one thread, and never across an .await")]
    pub(super) fn enter(&self) -> Entered {
        // A thread that is about to end may have none of this any more.
        let number = NEXT.try_with(|next| next.replace(next.get() + 1)).unwrap_or_default();
        let _ = ENTERED.try_with(|entered| entered.borrow_mut().push((number, self.scope.clone())));
        #[cfg(feature = "tracing")]
        let nobody = self.dispatch.is::<tracing::subscriber::NoSubscriber>();
        Entered {
            #[cfg(feature = "tracing")]
            _dispatching: (!nobody).then(|| tracing::dispatcher::set_default(&self.dispatch)),
            number,
            _attached: self.context.clone().attach(),
        }
    }
}

/// The thread is in a place.
#[must_use = "the thread leaves the place when this is dropped"]
pub(super) struct Entered {
    #[cfg(feature = "tracing")]
    _dispatching: Option<tracing::dispatcher::DefaultGuard>,
    number: u64,
    _attached: ContextGuard,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Guards may be dropped in any order.
        let left = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let at = entered.iter().rposition(|(number, _)| *number == self.number);
            at.map(|at| entered.remove(at))
        });
        // The scope may be the last of its provider, whose shutdown is nobody's business while the list is held.
        drop(left);
    }
}
