//! [`Deadlock`]: everything waits, and nothing can ever go on.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::simulated::SimulatedTime;
use crate::value::Text;
use crate::value::Timestamp;
use rustc_hash::FxHashMap;
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
type DescribeWait = Arc<dyn Fn() -> Text + Send + Sync>;

/// Those who want to be told of a deadlock.
#[derive(Default)]
pub(super) struct Waits(Mutex<WaitList>);

#[derive(Default)]
struct WaitList {
    next_id: u64,
    /// By number, which is the order in which they began.
    waiting: FxHashMap<u64, Wait>,
    /// A deadlock of which nobody listens to be told.
    unclaimed: Option<Deadlock>,
}

struct Wait {
    what: DescribeWait,
    waker: Waker,
    told: Option<Deadlock>,
}

impl Waits {
    fn register(&self, what: DescribeWait, waker: &Waker) -> u64 {
        let mut state = lock(&self.0);
        state.next_id += 1;
        let id = state.next_id;
        state.waiting.insert(id, Wait { what, waker: waker.clone(), told: None });
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
        let mut whats: Vec<(u64, DescribeWait)> =
            lock(&self.0).waiting.iter().map(|(id, wait)| (*id, Arc::clone(&wait.what))).collect();
        whats.sort_unstable_by_key(|(id, _)| *id);
        // It may panic, here on the thread that runs the clock.
        let told = |what: &DescribeWait| catch_unwind(AssertUnwindSafe(|| what())).unwrap_or(UNTOLD);
        let deadlock = Deadlock { at, waiting: whats.iter().map(|(_, what)| told(what)).collect(), never };
        let mut state = lock(&self.0);
        if state.waiting.values().all(|wait| wait.told.is_some()) {
            state.unclaimed = Some(deadlock);
            return;
        }
        let mut wakers = Vec::with_capacity(state.waiting.len());
        for (id, wait) in &mut state.waiting {
            wait.told = Some(deadlock.clone());
            wakers.push((*id, wait.waker.clone()));
        }
        drop(state);
        wakers.sort_unstable_by_key(|(id, _)| *id);
        wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }

    pub(super) fn take_unclaimed(&self) -> Option<Deadlock> {
        lock(&self.0).unclaimed.take()
    }
}

/// Stands for what panics when it is asked what is waited for.
const UNTOLD: Text = Text::literal("something that panics when it is asked what it is");

/// A future that ends with a [`Deadlock`] where the inner one could never end.
pub(super) struct OrDeadlock<F, W> {
    inner: F,
    time: Option<Arc<SimulatedTime>>,
    /// Says what is waited for; nothing once it is registered.
    what: Option<W>,
    id: Option<u64>,
}

impl<F: Future + Unpin, W: Fn() -> Text + Send + Sync + 'static> OrDeadlock<F, W> {
    /// `time` is that of a simulated clock; on a real one there is no telling.
    pub(super) fn new(time: Option<Arc<SimulatedTime>>, what: W, inner: F) -> Self {
        Self { inner, time, what: Some(what), id: None }
    }
}

impl<F: Unpin, W> Unpin for OrDeadlock<F, W> {}

impl<F: Future + Unpin, W: Fn() -> Text + Send + Sync + 'static> Future for OrDeadlock<F, W> {
    type Output = Result<F::Output, Deadlock>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(output) = Pin::new(&mut this.inner).poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let Some(time) = &this.time else { return Poll::Pending };
        match this.id {
            None => {
                // What is there at once needs no word for it.
                this.id = this.what.take().map(|what| time.waits.register(Arc::new(what), cx.waker()));
                Poll::Pending
            }
            Some(id) => match time.waits.poll(id, cx.waker()) {
                Some(deadlock) => Poll::Ready(Err(deadlock)),
                None => Poll::Pending,
            },
        }
    }
}

impl<F, W> Drop for OrDeadlock<F, W> {
    fn drop(&mut self) {
        if let (Some(time), Some(id)) = (&self.time, self.id) {
            time.waits.withdraw(id);
        }
    }
}
