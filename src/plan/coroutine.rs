//! The coroutine under a plan: an async block, polled by hand.
//!
//! The block puts its message where the one who polls it looks, and is pending; the answer is put there before the next
//! poll. Nothing wakes a plan, so a block that is pending without a message awaits something foreign.

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use super::{PlanEnv, Resumed, Stubs};
use crate::device::DevicePanic;
use crate::message::{Msg, PlanError, Response};
use crate::value::{Text, Value};

thread_local! {
    /// Where a plan and the one who resumes it meet, for as long as it is polled. Both are on one thread then, so no lock
    /// is needed; a plan within a plan is polled while the outer one has nothing here.
    static EXCHANGE: RefCell<Exchange> = const { RefCell::new(Exchange { message: None, answer: None, yielded: 0, depth: 0 }) };
}

struct Exchange {
    message: Option<Msg>,
    answer: Option<Result<Response, PlanError>>,
    /// How many messages were left here so far.
    yielded: u64,
    /// How many plans are in each other that are polled just now.
    depth: usize,
}

/// Plans may be in each other so deep. Each takes a part of the thread's stack.
pub(super) const DEPTH_MAX: usize = 128;

/// How many messages the plans of this thread have yielded: what does not change it has yielded none.
pub(crate) fn messages_yielded() -> u64 {
    EXCHANGE.with(|exchange| exchange.borrow().yielded)
}

/// What the handles to a plan share: its environment, which is there as soon as the plan runs.
#[derive(Debug, Default)]
pub(super) struct Slot(OnceLock<Arc<PlanEnv>>);

impl Slot {
    pub(super) fn env(&self) -> &Arc<PlanEnv> {
        self.0.get_or_init(|| Arc::new(PlanEnv::detached()))
    }
}

pub(super) struct Coroutine {
    slot: Arc<Slot>,
    state: Progress,
}

type Body = Pin<Box<dyn Future<Output = Result<Value, PlanError>> + Send>>;

enum Progress {
    NotBegun(Body),
    Yielded(Body),
    Done,
}

impl Coroutine {
    pub(super) fn new<F, Fut, T>(body: F) -> Self
    where
        F: FnOnce(Stubs) -> Fut,
        Fut: Future<Output = Result<T, PlanError>> + Send + 'static,
        T: Into<Value> + 'static,
    {
        let slot = Arc::new(Slot::default());
        let body = body(Stubs::new(Arc::clone(&slot)));
        Self { slot, state: Progress::NotBegun(Box::pin(async move { body.await.map(Into::into) })) }
    }

    #[inline]
    pub(super) fn resume(&mut self, env: &Arc<PlanEnv>, answer: Result<Response, PlanError>) -> Resumed {
        let answer = match &self.state {
            Progress::NotBegun(_) => {
                if let Err(error) = answer {
                    self.state = Progress::Done;
                    return Resumed::Done(Err(error));
                }
                // A handle that was asked for it before has made one of its own.
                let _ = self.slot.0.set(Arc::clone(env));
                None
            }
            Progress::Yielded(_) => Some(answer),
            Progress::Done => return Resumed::Done(Err(PlanError::runtime("the plan is done and cannot be resumed"))),
        };
        let (polled, message) = EXCHANGE.with(|exchange| {
            {
                let mut exchange = exchange.borrow_mut();
                if exchange.depth == DEPTH_MAX {
                    return (Poll::Ready(Err(too_deep())), None);
                }
                exchange.depth += 1;
                // Nothing can be here but what a handle left that was awaited outside of its plan.
                exchange.message = None;
                exchange.answer = answer;
            }
            let _deeper = Deeper;
            (self.poll(), exchange.borrow_mut().message.take())
        });
        match (polled, message) {
            (Poll::Pending, Some(message)) => Resumed::Yield(message),
            (Poll::Pending, None) => {
                self.state = Progress::Done;
                Resumed::Done(Err(PlanError::ForeignAwait))
            }
            (Poll::Ready(result), _) => {
                self.state = Progress::Done;
                Resumed::Done(result)
            }
        }
    }

    #[inline]
    fn poll(&mut self) -> Poll<Result<Value, PlanError>> {
        let mut context = Context::from_waker(Waker::noop());
        // It is taken out meanwhile: one that panics is done, and is not resumed.
        match std::mem::replace(&mut self.state, Progress::Done) {
            Progress::NotBegun(mut body) | Progress::Yielded(mut body) => {
                let polled = match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(&mut context))) {
                    Ok(polled) => polled,
                    // It is not the plan's own.
                    Err(panic) if panic.is::<DevicePanic>() => {
                        Poll::Ready(Err(PlanError::of_panic(Text::default(), &*panic)))
                    }
                    Err(panic) => resume_unwind(panic),
                };
                if polled.is_pending() {
                    self.state = Progress::Yielded(body);
                }
                polled
            }
            Progress::Done => Poll::Pending,
        }
    }
}

impl fmt::Debug for Coroutine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            Progress::NotBegun(_) => "not begun",
            Progress::Yielded(_) => "yielded",
            Progress::Done => "done",
        })
    }
}

/// Yields one message, and gives the answer.
/// As Python's, whose limit is 1,000 frames.
fn too_deep() -> PlanError {
    let message = format!(
        "plans are more than {DEPTH_MAX} deep in each other; a plan that calls itself may go on in a loop, or yield the messages \
         of the next one in place of its own"
    );
    PlanError::raised("RecursionError", message)
}

/// A plan that is polled, in others perhaps. It is over also where it panics.
struct Deeper;

impl Drop for Deeper {
    fn drop(&mut self) {
        EXCHANGE.with(|exchange| exchange.borrow_mut().depth -= 1);
    }
}

#[must_use = "a message is yielded when this is awaited"]
pub(super) struct Yield {
    message: Option<Msg>,
}

impl Yield {
    pub(super) const fn new(message: Msg) -> Self {
        Self { message: Some(message) }
    }
}

impl Future for Yield {
    type Output = Result<Response, PlanError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        EXCHANGE.with(|exchange| {
            let mut exchange = exchange.borrow_mut();
            match self.message.take() {
                Some(message) if exchange.message.is_some() => {
                    Poll::Ready(Err(PlanError::ConcurrentYield(message.to_string().into())))
                }
                Some(message) => {
                    exchange.message = Some(message);
                    exchange.yielded += 1;
                    Poll::Pending
                }
                None => exchange.answer.take().map_or(Poll::Pending, Poll::Ready),
            }
        })
    }
}
