//! Taking places into threads and tasks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::place::Place;

/// The function, to be called in another thread as if it were this one: in the [`Place`] of this thread, and so with the
/// OpenTelemetry context, whose span is the parent of the next, and with the capture of its [scope](super::CaptureScope).
///
/// For `std::thread::spawn`, thread pools, `tokio::task::spawn_blocking`. What runs on the tokio runtime of a test, or under a
/// span of it, needs no carrying to reach its capture, but a thread gets to know its parent only so.
///
/// ```
/// use opentelemetry::global;
/// use opentelemetry::trace::{Span as _, Tracer as _};
/// use skyspan_trace::trace::{Capture, carry};
///
/// let capture = Capture::new();
/// let _scope = capture.scope();
/// std::thread::spawn(carry(|| global::tracer("app").start("store").end())).join().unwrap();
/// assert_eq!(capture.trace().named("store").count(), 1);
/// ```
pub fn carry<T, F: FnOnce() -> T>(f: F) -> impl FnOnce() -> T + use<T, F> {
    Place::current().carry(f)
}

/// The future, to be polled in another task as if it were this thread: see [`carry`].
///
/// It holds the place of the moment of this call, and enters it at each poll, and while it is dropped, whichever thread that is
/// on; between two polls no thread is there because of it.
///
/// ```
/// use opentelemetry::global;
/// use opentelemetry::trace::{Span as _, Tracer as _};
/// use skyspan_trace::trace::{Capture, carry_future};
///
/// let capture = Capture::new();
/// let _scope = capture.scope();
/// let task = carry_future(async { global::tracer("app").start("store").end() });
/// std::thread::spawn(|| tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(task)).join().unwrap();
/// assert_eq!(capture.trace().named("store").count(), 1);
/// ```
pub fn carry_future<F: Future>(future: F) -> Carried<F> {
    Place::current().carry_future(future)
}

/// A future that takes its place along, from [`carry_future`].
#[must_use = "a future does nothing until it is polled"]
pub struct Carried<F> {
    place: Place,
    future: Option<Pin<Box<F>>>,
}

impl<F> Carried<F> {
    pub(super) fn new(place: Place, future: F) -> Self {
        Self { place, future: Some(Box::pin(future)) }
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let _entered = this.place.enter();
        match &mut this.future {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for Carried<F> {
    fn drop(&mut self) {
        // What ends or starts spans while it is dropped does so in its place.
        let _entered = self.place.enter();
        self.future = None;
    }
}

impl<F> fmt::Debug for Carried<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried")
    }
}
