//! [`Deadlock`]: everything waits, and nothing can ever go on.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::simulated::SimulatedTime;
use crate::value::Text;
use crate::value::Timestamp;
use skyspan_trace::internal::lock;

/// Everything waits, no timer is left, and no outside work is under way: nothing can ever go on.
///
/// Where a thread would have gone on, it did not say so: see [`OutsideWork`](super::OutsideWork).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deadlock {
    /// The simulated time at which it came to that.
    pub at: Timestamp,
    /// What waited, in the order in which it began to.
    pub waiting: Vec<Text>,
    /// How many timers are set for the end of the clock's time, [`Timestamp::MAX`], or after it, and so never go off.
    pub never: usize,
}

/// The end of the clock's time, for a message.
pub(crate) fn the_end_of_time() -> String {
    format!("the end of the clock's time, {}", Timestamp::MAX)
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deadlock at {}: nothing is left that could end the wait", self.at)?;
        for what in &self.waiting {
            write!(f, "\n  waiting: {what}")?;
        }
        match self.never {
            0 => Ok(()),
            1 => write!(f, "\n  1 timer is set for {}, or after it: that never comes", the_end_of_time()),
            never => write!(f, "\n  {never} timers are set for {}, or after it: that never comes", the_end_of_time()),
        }
    }
}

impl std::error::Error for Deadlock {}

/// Says what is waited for.
type What = Arc<dyn Fn() -> Text + Send + Sync>;

/// Those who want to be told of a deadlock.
#[derive(Default)]
pub(super) struct Waits(Mutex<State>);

#[derive(Default)]
struct State {
    next_id: u64,
    /// By number, which is the order in which they began.
    waiting: BTreeMap<u64, Wait>,
    /// A deadlock of which nobody listens to be told.
    unclaimed: Option<Deadlock>,
}

struct Wait {
    what: What,
    waker: Waker,
    told: Option<Deadlock>,
}

impl Waits {
    fn register(&self, what: &What, waker: &Waker) -> u64 {
        let mut state = lock(&self.0);
        state.next_id += 1;
        let id = state.next_id;
        state.waiting.insert(id, Wait { what: Arc::clone(what), waker: waker.clone(), told: None });
        id
    }

    fn withdraw(&self, id: u64) {
        // Dropped after the lock is given back: a waker may be the last that keeps a task with waits of its own.
        let withdrawn = lock(&self.0).waiting.remove(&id);
        drop(withdrawn);
    }

    /// Whether a deadlock was declared for that wait; if not, keeps its waker fresh.
    fn poll(&self, id: u64, waker: &Waker) -> Option<Deadlock> {
        let mut state = lock(&self.0);
        let wait = state.waiting.get_mut(&id)?;
        let told = wait.told.take();
        if !wait.waker.will_wake(waker) {
            let old = std::mem::replace(&mut wait.waker, waker.clone());
            drop(state);
            drop(old);
        }
        told
    }

    /// Tells everyone who waits; if nobody does, or all were told before and did nothing about it, keeps it for the one
    /// who started the clock.
    pub(super) fn declare_deadlock(&self, at: Timestamp, never: usize) {
        // What is waited for is asked without the lock: it is the waiter's code, which may wait itself.
        let whats: Vec<What> = lock(&self.0).waiting.values().map(|wait| Arc::clone(&wait.what)).collect();
        let deadlock = Deadlock { at, waiting: whats.iter().map(|what| what()).collect(), never };
        let mut state = lock(&self.0);
        if state.waiting.values().all(|wait| wait.told.is_some()) {
            state.unclaimed = Some(deadlock);
            return;
        }
        let mut wakers = Vec::with_capacity(state.waiting.len());
        for wait in state.waiting.values_mut() {
            wait.told = Some(deadlock.clone());
            wakers.push(wait.waker.clone());
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(super) fn take_unclaimed(&self) -> Option<Deadlock> {
        lock(&self.0).unclaimed.take()
    }
}

/// A future that ends with a [`Deadlock`] where the inner one could never end.
pub(super) struct OrDeadlock<F> {
    inner: Pin<Box<F>>,
    time: Option<Arc<SimulatedTime>>,
    what: What,
    id: Option<u64>,
}

impl<F: Future> OrDeadlock<F> {
    /// `time` is that of a simulated clock; on a real one there is no telling.
    pub(super) fn new(time: Option<Arc<SimulatedTime>>, what: What, inner: F) -> Self {
        Self { inner: Box::pin(inner), time, what, id: None }
    }
}

impl<F: Future> Future for OrDeadlock<F> {
    type Output = Result<F::Output, Deadlock>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.inner.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let this = &mut *self;
        let Some(time) = &this.time else { return Poll::Pending };
        match this.id {
            None => {
                this.id = Some(time.waits.register(&this.what, cx.waker()));
                Poll::Pending
            }
            Some(id) => match time.waits.poll(id, cx.waker()) {
                Some(deadlock) => Poll::Ready(Err(deadlock)),
                None => Poll::Pending,
            },
        }
    }
}

impl<F> Drop for OrDeadlock<F> {
    fn drop(&mut self) {
        if let (Some(time), Some(id)) = (&self.time, self.id) {
            time.waits.withdraw(id);
        }
    }
}
