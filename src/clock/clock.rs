//! [`Clock`]: the one source of time.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use skyspan_trace::internal::lock;
use tokio::runtime::{Builder, Handle, Runtime};

use super::deadlock::{Deadlock, OrDeadlock};
use super::foreign::in_our_words;
use super::keeping::{HearsPanics, Keeper, Role};
use super::moments::Moments;
use super::outside::OutsideWork;
use super::real::RealTime;
use super::simulated::{Action, Root, SimulatedTime, TimerKey, Turn};
use super::sleep::{Elapsed, Sleep, SleepTimer};
use crate::value::Text;
use crate::value::Timestamp;

/// The one source of time: what waits or stamps asks its clock. Cloning gives another handle to the same clock.
///
/// A clock is real or simulated. It owns the tokio runtime (of one thread) in which [`block_on`](Self::block_on) runs
/// futures.
///
/// When the last handle is dropped, timers that have not gone off are forgotten. Those that devices get with a call
/// ([`Cx::clock`](crate::device::Cx::clock)) do not count: they may be held by the very callbacks.
#[derive(Clone)]
pub struct Clock(Arc<ClockParts>, Role);

struct ClockParts {
    time: Time,
    runtime: Mutex<Option<Arc<Running>>>,
}

/// The runtime of a clock.
struct Running(Option<Runtime>);

enum Time {
    Simulated(Arc<SimulatedTime>),
    Real(RealTime),
}

/// When a simulated clock starts unless one says otherwise: 2024-06-18T08:40:56Z, the day of the trace that bluesky's
/// documentation shows.
const START: Timestamp = Timestamp::from_unix_ns(1_718_700_056_000_000_000);

impl Clock {
    /// A simulated clock that starts at 2024-06-18T08:40:56Z.
    #[must_use]
    pub fn simulated() -> Self {
        Self::simulated_from(START)
    }

    /// A simulated clock that starts at `start`.
    #[must_use]
    pub fn simulated_from(start: Timestamp) -> Self {
        Self::of(Time::Simulated(Arc::new(SimulatedTime::starting_at(start))))
    }

    /// The real clock: the wall clock when it is made, from then on the monotonic one, so that it never runs back.
    #[must_use]
    pub fn real() -> Self {
        Self::of(Time::Real(RealTime::new()))
    }

    fn of(time: Time) -> Self {
        let inner = Arc::new(ClockParts { time, runtime: Mutex::default() });
        let kept = Arc::clone(&inner);
        Self(inner, Role::Keeps { _keeper: Keeper::new(move || kept.let_go()) })
    }

    /// The clock as the devices of an engine get it: their timers do not keep it, and `engine` hears of what panics in them.
    pub(crate) fn lent(&self, engine: Arc<dyn HearsPanics>) -> Self {
        Self(Arc::clone(&self.0), Role::Lent(engine))
    }

    /// Tells the engine of a panic of what its devices have called; where the clock is of no engine, it goes on.
    pub(crate) fn tell_of_panic(&self, what: Text, panic: Box<dyn Any + Send>) {
        self.1.tell(what, panic);
    }

    /// Forgets all timers and all that was spawned, and with them what they hold.
    pub(crate) fn let_go(&self) {
        self.0.let_go();
    }

    /// Whether it is simulated.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self.0.time, Time::Simulated(_))
    }

    /// From now on what is due at one moment comes in that order. A real clock has no such moments.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use std::time::Duration;
    /// use skyspan::clock::{Clock, Moments};
    ///
    /// let clock = Clock::simulated();
    /// clock.order_moments(Moments::picked([2, 0]));
    /// let order = Arc::new(Mutex::new(String::new()));
    /// for name in ["a", "b", "c"] {
    ///     let order = Arc::clone(&order);
    ///     let _ = clock.call_after(Duration::from_secs(1), move || order.lock().expect("no panic").push_str(name));
    /// }
    /// clock.block_on(clock.sleep(Duration::from_secs(2)))?;
    /// assert_eq!(*order.lock().expect("no panic"), "cab");
    /// # Ok::<(), skyspan::clock::Deadlock>(())
    /// ```
    pub fn order_moments(&self, moments: Moments) {
        if let Time::Simulated(time) = &self.0.time {
            time.order_moments(moments);
        }
    }

    /// What was picked where several timers were due at one moment, as [`Moments::picked`] takes it: without the end at which it was
    /// always the first one. Nothing where they come in order. Only the first ten thousand picks are kept.
    #[must_use]
    pub fn picks(&self) -> Vec<u8> {
        match &self.0.time {
            Time::Simulated(time) => time.picks(),
            Time::Real(_) => Vec::new(),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0.time {
            Time::Simulated(time) => time.now(),
            Time::Real(time) => time.now(),
        }
    }

    /// Done so much later; at once for no time at all.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Done at `deadline`; at once if that has been. On a simulated clock [`Timestamp::MAX`], where arithmetic stops,
    /// never comes.
    ///
    /// # Panics
    ///
    /// On a real clock, in a tokio runtime of somebody else's that has no time driver.
    pub fn sleep_until(&self, deadline: Timestamp) -> Sleep {
        self.sleep_in_turn(deadline, Turn::InOrder)
    }

    fn sleep_in_turn(&self, deadline: Timestamp, turn: Turn) -> Sleep {
        let kind = match &self.0.time {
            Time::Simulated(time) => SleepTimer::Simulated { time: Arc::clone(time), turn, key: None },
            Time::Real(time) => {
                // Outside of every runtime it is set on that of this clock, where it is awaited.
                let own = Handle::try_current().is_err().then(|| self.runtime());
                let _entered = own.as_ref().map(|own| own.enter());
                SleepTimer::Real(Box::pin(time.sleep_until(deadline)))
            }
        };
        Sleep::new(deadline, kind)
    }

    /// The output of `future`, if it comes within `duration`.
    ///
    /// On a simulated clock a future that is done exactly at the end of that time is in time, whoever does it.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if it does not.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        let deadline = self.now() + duration;
        let sleep = self.sleep_in_turn(deadline, Turn::Last);
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = sleep => Err(Elapsed { deadline }),
        }
    }

    /// Calls `callback` at `deadline`, on the thread that runs the clock. The callback must not block.
    ///
    /// Sleeps and callbacks of one deadline come in the order in which they were set, and all that one of them sets off
    /// is done before the next. A deadline that has been comes as soon as nothing else is to be done. On a simulated
    /// clock [`Timestamp::MAX`], where arithmetic stops, never comes.
    ///
    /// The timer goes off even if the returned handle is dropped; [`Timer::cancel`] stops it.
    pub fn call_at(&self, deadline: Timestamp, callback: impl FnOnce() + Send + 'static) -> Timer {
        let callback = self.1.guarded(callback);
        match &self.0.time {
            Time::Simulated(time) => {
                let key = time.set_timer(deadline, Turn::InOrder, Action::Call(callback));
                Timer(TimerKind::Simulated(Arc::clone(time), key))
            }
            Time::Real(time) => {
                let time = time.clone();
                let task = self.runtime().spawn(async move {
                    time.sleep_until(deadline).await;
                    time.call(callback);
                });
                Timer(TimerKind::Real(task.abort_handle()))
            }
        }
    }

    /// [`call_at`](Self::call_at) so much later.
    pub fn call_after(&self, delay: Duration, callback: impl FnOnce() + Send + 'static) -> Timer {
        self.call_at(self.now() + delay, callback)
    }

    /// [`call_after`](Self::call_after) for a source that goes on for ever whether anyone listens or not, as a signal that
    /// changes by itself does: the callback sets the next such timer.
    ///
    /// On a simulated clock these timers alone are no reason to go on for ever: when ten thousand of them in a row have gone
    /// off, and all the while no other timer was set, that is a [`Deadlock`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use skyspan::clock::Clock;
    ///
    /// fn tick(clock: Clock) {
    ///     let again = clock.clone();
    ///     let _ = clock.call_after_in_background(Duration::from_secs(1), move || tick(again));
    /// }
    ///
    /// let clock = Clock::simulated();
    /// tick(clock.clone());
    /// assert!(clock.block_on(std::future::pending::<()>()).is_err(), "nothing comes of it");
    /// ```
    pub fn call_after_in_background(&self, delay: Duration, callback: impl FnOnce() + Send + 'static) -> Timer {
        match &self.0.time {
            Time::Simulated(time) => {
                let callback = Action::Call(self.1.guarded(callback));
                let key = time.set_background_timer(self.now() + delay, callback);
                Timer(TimerKind::Simulated(Arc::clone(time), key))
            }
            Time::Real(_) => self.call_after(delay, callback),
        }
    }

    /// Runs a future to its end, and what it spawns meanwhile. What is spawned and not done then goes on with the next
    /// call.
    ///
    /// # Errors
    ///
    /// [`Deadlock`] if, on a simulated clock, nothing can ever wake it, and nobody within has
    /// [asked to be told](Self::or_deadlock).
    ///
    /// # Panics
    ///
    /// Inside a tokio runtime, as that of a `#[tokio::test]`, which cannot wait for another one. With the panic of a timer's
    /// callback. On a simulated clock also while another thread is in this call, as two of them would make time a matter of
    /// chance; and if something awaits tokio's timers or sockets, which it has not.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Deadlock> {
        in_our_words(|| match &self.0.time {
            Time::Simulated(time) => Self::block_on_simulated(&self.runtime(), time, future),
            Time::Real(time) => Ok(self.runtime().block_on(async {
                tokio::select! {
                    biased;
                    panic = time.panic() => std::panic::resume_unwind(panic),
                    output = future => output,
                }
            })),
        })
    }

    fn block_on_simulated<F: Future>(
        runtime: &Runtime,
        time: &SimulatedTime,
        future: F,
    ) -> Result<F::Output, Deadlock> {
        let mut future = pin!(future);
        let mut entered: Option<Entered<'_>> = None;
        runtime.block_on(std::future::poll_fn(|cx| {
            // tokio's waker is another one if this thread had to wait for the runtime.
            drop(entered.take_if(|entered| !entered.root.stands_for(cx.waker())));
            let entered = entered.get_or_insert_with(|| Entered::new(time, cx));
            if time.take_news() {
                if let Some(panic) = time.take_panic() {
                    std::panic::resume_unwind(panic);
                }
                if let Some(deadlock) = time.take_deadlock() {
                    return Poll::Ready(Err(deadlock));
                }
            }
            entered.root.about_to_poll();
            future.as_mut().poll(&mut Context::from_waker(&entered.waker)).map(Ok)
        }))
    }

    /// The output of `future`, or the [`Deadlock`] in which it would never come. `what` says what is waited for, for the
    /// report.
    ///
    /// # Errors
    ///
    /// [`Deadlock`], on a simulated clock.
    pub async fn or_deadlock<F: Future>(
        &self,
        what: impl Fn() -> Text + Send + Sync + 'static,
        future: F,
    ) -> Result<F::Output, Deadlock> {
        OrDeadlock::new(self.simulated_time().cloned(), what, pin!(future)).await
    }

    /// Says that work is under way of which the clock knows nothing; see [`OutsideWork`].
    pub fn outside_work(&self) -> OutsideWork {
        OutsideWork::new(self.simulated_time().cloned())
    }

    /// Awaits what waits for something outside: another thread, and what real I/O is done there. Until it is done,
    /// simulated time stands still.
    pub async fn outside<F: Future>(&self, future: F) -> F::Output {
        let _work = self.outside_work();
        future.await
    }

    /// Runs what blocks on a thread of its own. Until it is done, simulated time stands still; tokio's own
    /// `spawn_blocking` would not be noticed.
    ///
    /// # Panics
    ///
    /// Outside [`block_on`](Self::block_on), and with the panic of `work`.
    #[expect(clippy::disallowed_methods, reason = "this is where the clock gets to know of it")]
    pub async fn run_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        // The work goes on even if nobody waits for it any more.
        let under_way = self.outside_work();
        let work = move || {
            let _under_way = under_way;
            work()
        };
        match self.outside(tokio::task::spawn_blocking(work)).await {
            Ok(output) => output,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Has the runtime run a future besides, whenever something is [run](Self::block_on).
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        // Nobody asks what comes of it.
        drop(self.runtime().spawn(future));
    }

    /// Forgets all timers of a simulated clock, and with them what their callbacks hold.
    pub fn cancel_all_timers(&self) {
        if let Some(time) = self.simulated_time() {
            time.cancel_all_timers();
        }
    }

    fn simulated_time(&self) -> Option<&Arc<SimulatedTime>> {
        match &self.0.time {
            Time::Simulated(time) => Some(time),
            Time::Real(_) => None,
        }
    }

    #[expect(clippy::expect_used, reason = "without a runtime there is nothing to be done")]
    fn runtime(&self) -> Arc<Running> {
        let mut runtime = lock(&self.0.runtime);
        let running = runtime.get_or_insert_with(|| {
            let mut builder = Builder::new_current_thread();
            // A time driver that nobody uses would double what a simulated event costs.
            match &self.0.time {
                Time::Simulated(time) => {
                    let time = Arc::clone(time);
                    builder.on_thread_park(move || time.on_park());
                }
                Time::Real(_) => {
                    builder.enable_all();
                }
            }
            let runtime = builder.build().expect("the operating system gives a runtime of one thread");
            Arc::new(Running(Some(runtime)))
        });
        Arc::clone(running)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_simulated() { "simulated" } else { "real" };
        write!(f, "Clock({name}, {})", self.now())
    }
}

impl ClockParts {
    fn let_go(&self) {
        if let Time::Simulated(time) = &self.time {
            time.cancel_all_timers();
        }
        // What is spawned is dropped with the runtime, after the lock is given back: it may look at the clock.
        let runtime = lock(&self.runtime).take();
        drop(runtime);
    }
}

impl Deref for Running {
    type Target = Runtime;

    #[expect(clippy::expect_used, reason = "it is taken out by the drop alone")]
    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("a runtime is there until it is dropped")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A runtime that is dropped inside another one panics, unless it need not wait for its threads.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What a simulated clock must know of the future that it runs, until that future is done.
struct Entered<'a> {
    time: &'a SimulatedTime,
    root: Arc<Root>,
    waker: Waker,
}

impl<'a> Entered<'a> {
    fn new(time: &'a SimulatedTime, cx: &Context<'_>) -> Self {
        let root = Arc::new(Root::new(cx.waker().clone()));
        time.enter(&root);
        Self { time, waker: Arc::clone(&root).into(), root }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.time.leave();
    }
}

/// A timer that was set by [`Clock::call_at`].
#[must_use = "keep it to cancel the timer, or drop it with `let _ =`"]
pub struct Timer(TimerKind);

enum TimerKind {
    Simulated(Arc<SimulatedTime>, TimerKey),
    Real(tokio::task::AbortHandle),
}

impl Timer {
    /// Stops the timer, if it has not gone off.
    pub fn cancel(self) {
        match self.0 {
            TimerKind::Simulated(time, key) => time.cancel_timer(key),
            TimerKind::Real(task) => task.abort(),
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}
