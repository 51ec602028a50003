//! [`Place`]: what a thread is in the middle of, to be taken to another one. The one file that attaches contexts.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::{Arc, Weak};

use opentelemetry::{Context, ContextGuard};

use super::carry::Carried;
use super::home::{Home, WeakHome};

/// Where a thread is: OpenTelemetry's context with the span that is the parent of the next, and the capture to which its spans
/// go. A new thread is nowhere.
///
/// A place is cheap to clone, and may be entered on any thread, any number of times: in what a runtime calls when it starts a
/// thread, in the handler that a pool of threads calls, in a layer of a server.
/// [`carry`](super::carry) and [`carry_future`](super::carry_future) are short for the place where they are called.
///
/// ```
/// use opentelemetry::global;
/// use opentelemetry::trace::{Span as _, Tracer as _};
/// use skyspan_trace::trace::Capture;
///
/// let capture = Capture::new();
/// let scope = capture.scope();
/// let place = scope.place();
/// let runtime = tokio::runtime::Builder::new_multi_thread().on_thread_start(move || place.stay()).build().unwrap();
/// runtime.block_on(runtime.spawn(async { global::tracer("app").start("request").end() })).unwrap();
/// assert_eq!(capture.trace().named("request").count(), 1);
/// ```
///
/// For rayon that is `ThreadPoolBuilder::new().start_handler(move |_| place.stay())`; for a layer of axum
/// `from_fn(move |request, next: Next| place.carry_future(next.run(request)))`.
#[derive(Clone)]
pub struct Place {
    context: Context,
    home: Option<Arc<Home>>,
    #[cfg(feature = "tracing")]
    dispatch: Option<tracing::Dispatch>,
}

/// What a context has of a place, so that it is handed on with it.
struct InContext(Arc<Home>);

thread_local! {
    /// The places that this thread is in, the innermost last; none where one was entered that is nobody's.
    static ENTERED: RefCell<Vec<(u64, Option<WeakHome>)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// The home to which the place of this thread, or the context of the parent, leads.
pub(super) fn home_of(parent: &Context) -> Option<Arc<Home>> {
    let carried = |context: &Context| context.get::<InContext>().map(|home| Arc::clone(&home.0));
    carried(parent).or_else(of_thread).or_else(|| Context::map_current(carried))
}

fn of_thread() -> Option<Arc<Home>> {
    ENTERED.try_with(|entered| entered.borrow().last().and_then(|(_, home)| home.as_ref()?.upgrade())).ok().flatten()
}

impl Place {
    /// The place of this thread.
    #[must_use]
    pub fn current() -> Self {
        Self {
            context: Context::current(),
            home: of_thread(),
            #[cfg(feature = "tracing")]
            dispatch: super::tracing::of_thread(),
        }
    }

    /// A place under no span, whose spans go to a home.
    pub(super) fn at(home: Arc<Home>) -> Self {
        Self {
            context: Context::new().with_value(InContext(Arc::clone(&home))),
            home: Some(home),
            #[cfg(feature = "tracing")]
            dispatch: super::tracing::of_scope(),
        }
    }

    /// Puts this thread into the place, until the guard is dropped. The guard stays on this thread.
    #[expect(clippy::disallowed_methods, reason = "the guard is held by one thread")]
    pub fn enter(&self) -> Entered {
        Entered {
            #[cfg(feature = "tracing")]
            _dispatching: self.dispatch.as_ref().map(tracing::dispatcher::set_default),
            number: push(self.home.as_ref().map(Arc::downgrade)),
            _home: self.home.clone(),
            _attached: self.context.clone().attach(),
        }
    }

    /// Puts this thread into the place for as long as the thread lives, or the capture does: for what a runtime or a pool calls when it
    /// starts a thread. A place that is entered there later goes before. The spans of such a thread go to the capture, and no span is
    /// their parent by this.
    pub fn stay(&self) {
        #[cfg(feature = "tracing")]
        if let Some(dispatch) = &self.dispatch {
            // The thread has it until it ends.
            std::mem::forget(tracing::dispatcher::set_default(dispatch));
        }
        push(self.home.as_ref().map(Arc::downgrade));
    }

    /// The function, to be called in another thread as if it were in this place.
    pub fn carry<T, F: FnOnce() -> T>(&self, f: F) -> impl FnOnce() -> T + use<T, F> {
        let place = self.clone();
        move || {
            let _entered = place.enter();
            f()
        }
    }

    /// The future, to be polled in another task as if it were in this place.
    pub fn carry_future<F: Future>(&self, future: F) -> Carried<F> {
        Carried::new(self.clone(), future)
    }
}

fn push(home: Option<WeakHome>) -> u64 {
    // A thread that is about to end may have none of this any more.
    let number = NEXT.try_with(|next| next.replace(next.get() + 1)).unwrap_or_default();
    let _ = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        // Where a thread was told to stay, and the capture is no more, nothing is left to be known.
        entered.retain(|(_, home)| home.as_ref().is_none_or(|home| Weak::strong_count(home) > 0));
        entered.push((number, home));
    });
    number
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.home.is_some() { "Place" } else { "Place(nobody's)" })
    }
}

/// The thread is in a [`Place`], until this is dropped.
#[must_use = "the thread leaves the place when this is dropped"]
pub struct Entered {
    #[cfg(feature = "tracing")]
    _dispatching: Option<tracing::dispatcher::DefaultGuard>,
    number: u64,
    /// A place is known by its home for as long as it is entered.
    _home: Option<Arc<Home>>,
    _attached: ContextGuard,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Guards may be dropped in any order.
        let _ = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let at = entered.iter().rposition(|(number, _)| *number == self.number);
            at.map(|at| entered.remove(at))
        });
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered")
    }
}
