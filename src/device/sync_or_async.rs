//! [`SyncOrAsync`]: there at once, or later.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a device gives at once, or after some real work: `bluesky.protocols.SyncOrAsync`.
///
/// Awaiting one that is there at once costs no allocation.
pub enum SyncOrAsync<'a, T> {
    /// There already. It is taken out when awaited.
    Now(Option<T>),
    /// The value comes later.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> SyncOrAsync<'a, T> {
    /// A value that is there already.
    pub const fn now(value: T) -> Self {
        Self::Now(Some(value))
    }

    /// On its way: an async block. It waits by the clock of its call, `cx.clock().sleep(..).await`, never by tokio's.
    pub fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Later(Box::pin(future))
    }
}

impl<T> From<T> for SyncOrAsync<'_, T> {
    fn from(value: T) -> Self {
        Self::now(value)
    }
}

impl<T: Unpin> Future for SyncOrAsync<'_, T> {
    type Output = T;

    /// # Panics
    ///
    /// If polled again after it was ready, as futures may.
    #[expect(clippy::expect_used, reason = "polling a future after its end is a bug of the caller")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::Now(value) => Poll::Ready(value.take().expect("a future is not polled after its end")),
            Self::Later(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for SyncOrAsync<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}
