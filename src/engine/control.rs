//! [`RunEngineHandle`]: tells an engine from outside what to do.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::{RunEngineState, Suspension, TransitionError};
use crate::value::Text;
use skyspan_trace::internal::lock;

/// Tells an engine from outside what to do: from another task, another thread, a timer, a callback. Cloning gives
/// another handle to the same engine.
///
/// A request to a running engine takes effect where the engine is waiting, or before its next message. One to a paused
/// engine is a decision; whoever has the engine carries it out, by [`RunEngine::decision`](super::RunEngine::decision).
///
/// ```
/// use std::time::Duration;
/// use skyspan::clock::Clock;
/// use skyspan::engine::{ExitStatus, RunEngine};
/// use skyspan::plan::plan;
///
/// let clock = Clock::simulated();
/// let mut engine = RunEngine::builder(clock.clone()).build();
/// let handle = engine.handle();
/// clock.call_after(Duration::from_secs(3), move || handle.abort("beam lost").unwrap_or_default());
/// let start = clock.now();
/// let result = clock.block_on(engine.run(plan(async |p| p.sleep(3600.0).await)))??;
/// assert_eq!((result.exit_status, &*result.reason), (ExitStatus::Abort, "beam lost"));
/// assert_eq!(clock.now() - start, Duration::from_secs(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RunEngineHandle {
    control: Arc<Control>,
}

/// What an engine shares with those who control it.
#[derive(Default)]
pub(super) struct Control {
    /// Whether there is anything that the engine has not looked at.
    news: AtomicBool,
    inner: Mutex<Requested>,
    hook: Mutex<Option<StateHook>>,
    /// That of the harness, beside the user's.
    recorder: Mutex<Option<StateHook>>,
}

/// Called with the new state and the one before.
pub(super) type StateHook = Box<dyn FnMut(RunEngineState, RunEngineState) + Send>;

#[derive(Default)]
struct Requested {
    state: RunEngineState,
    interruption: Option<Interruption>,
    suspensions: VecDeque<Suspension>,
    deferred_pause: bool,
    /// What is done once the message under way gives way.
    acts: Vec<Act>,
    waker: Option<Waker>,
}

/// Something that is asked of the engine once the message under way gives way.
pub(super) type Act = Box<dyn FnOnce() + Send>;

/// What the engine is to do instead of going on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Interruption {
    Pause(Recorded),
    Resume,
    End(End),
    /// Leave everything and come back.
    Kill,
}

/// Whether the event of a pause is emitted, where interruptions are recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Recorded {
    Yes,
    NotYet,
}

/// How a plan is to be ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    Abort { reason: Text },
    Stop,
    Halt,
}

impl Requested {
    /// Has the engine do that instead; once it is to leave everything, nothing else counts.
    fn interrupt(&mut self, interruption: Interruption) {
        if self.interruption != Some(Interruption::Kill) {
            self.interruption = Some(interruption);
        }
    }
}

impl End {
    const fn state(&self) -> RunEngineState {
        match self {
            Self::Abort { .. } => RunEngineState::Aborting,
            Self::Stop => RunEngineState::Stopping,
            Self::Halt => RunEngineState::Halting,
        }
    }

    const fn verb(&self) -> &'static str {
        match self {
            Self::Abort { .. } => "abort",
            Self::Stop => "stop",
            Self::Halt => "halt",
        }
    }
}

impl RunEngineHandle {
    pub(super) const fn new(control: Arc<Control>) -> Self {
        Self { control }
    }

    /// What the engine is doing.
    #[must_use]
    pub fn state(&self) -> RunEngineState {
        lock(&self.control.inner).state
    }

    /// Whether a pause waits for the next checkpoint. It stays so after a call that came to none, until the next call.
    #[must_use]
    pub fn deferred_pause_requested(&self) -> bool {
        lock(&self.control.inner).deferred_pause
    }

    /// Pauses at once (`RE.request_pause()`).
    ///
    /// # Errors
    ///
    /// If the engine is not running.
    pub fn pause(&self) -> Result<(), TransitionError> {
        self.control.begin_pause(Some(Recorded::NotYet))
    }

    /// Pauses at the next checkpoint (`RE.request_pause(defer=True)`); if none comes, not at all.
    ///
    /// The engine waits half a second at that checkpoint before it pauses, as bluesky does, which leaves that time for a
    /// second Ctrl-C.
    ///
    /// # Errors
    ///
    /// If the engine is not running.
    pub fn deferred_pause(&self) -> Result<(), TransitionError> {
        self.control.defer_pause()
    }

    /// Decides that a paused engine goes on.
    ///
    /// # Errors
    ///
    /// If the engine is not paused.
    pub fn resume(&self) -> Result<(), TransitionError> {
        self.control.decide_to_resume()
    }

    /// Ends the plan as aborted, after its clean-up; the reason stands in the stop documents.
    ///
    /// # Errors
    ///
    /// If the engine is idle, or the plan is being ended already.
    pub fn abort(&self, reason: impl Into<Text>) -> Result<(), TransitionError> {
        self.control.request_end(End::Abort { reason: reason.into() })
    }

    /// Ends the plan as a success, after its clean-up.
    ///
    /// # Errors
    ///
    /// If the engine is idle, or the plan is being ended already.
    pub fn stop(&self) -> Result<(), TransitionError> {
        self.control.request_end(End::Stop)
    }

    /// Ends the plan as aborted, without its clean-up. The engine cleans up nevertheless.
    ///
    /// # Errors
    ///
    /// If the engine is idle, or the plan is being ended already.
    pub fn halt(&self) -> Result<(), TransitionError> {
        self.control.request_end(End::Halt)
    }

    /// Suspends the plan until something is there (`RE.request_suspend`). Where there is no way back to a checkpoint, the
    /// plan is aborted. An idle engine is not told: it has nothing to suspend.
    ///
    /// # Errors
    ///
    /// If the plan is being ended.
    pub fn suspend(&self, suspension: Suspension) -> Result<(), TransitionError> {
        self.control.request_suspension(suspension)
    }

    /// Does that once the message under way gives way: it waits for something, or it is executed. Bluesky does so with what
    /// is asked in the thread of its event loop.
    pub(crate) fn when_it_gives_way(&self, act: impl FnOnce() + Send + 'static) {
        let mut inner = lock(&self.control.inner);
        inner.acts.push(Box::new(act));
        self.control.tell(inner);
    }

    /// Ends the call that is under way without asking its plan, whatever the plan does: as the eleventh Ctrl-C does in bluesky. No
    /// clean-up of the plan is done; devices are stopped and runs are closed. Nothing happens where there is no call.
    pub fn kill(&self) {
        let mut inner = lock(&self.control.inner);
        if !matches!(inner.state, RunEngineState::Idle | RunEngineState::Panicked) {
            inner.interrupt(Interruption::Kill);
            self.control.tell(inner);
        }
    }

    /// Declares that the engine does not answer; gives whether it was in a call, and is panicked now.
    pub(super) fn give_up(&self) -> bool {
        !matches!(self.state(), RunEngineState::Idle | RunEngineState::Paused)
            && self.control.change_to(RunEngineState::Panicked).is_ok()
    }
}

impl Control {
    pub(super) fn state(&self) -> RunEngineState {
        lock(&self.inner).state
    }

    pub(super) fn set_hook(&self, hook: StateHook) {
        *lock(&self.hook) = Some(hook);
    }

    /// Changes the state, if the table of transitions has such a change.
    pub(super) fn change_to(&self, to: RunEngineState) -> Result<(), TransitionError> {
        let from = {
            let mut inner = lock(&self.inner);
            let from = inner.state;
            if !from.leads_to().contains(&to) {
                return Err(TransitionError::cannot_change(from, to));
            }
            inner.state = to;
            from
        };
        self.call_hook(to, from);
        Ok(())
    }

    pub(super) fn set_recorder(&self, recorder: StateHook) {
        *lock(&self.recorder) = Some(recorder);
    }

    fn call_hook(&self, to: RunEngineState, from: RunEngineState) {
        if let Some(recorder) = lock(&self.recorder).as_mut() {
            recorder(to, from);
        }
        // The hook is taken out meanwhile, so that it may ask for things itself.
        let hook = lock(&self.hook).take();
        if let Some(mut hook) = hook {
            hook(to, from);
            lock(&self.hook).get_or_insert(hook);
        }
    }

    /// Begins a call with nothing asked; the hook has still to be [told](Self::tell_of_call).
    pub(super) fn begin_call(&self) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        if inner.state != RunEngineState::Idle {
            return Err(TransitionError::cannot_call(inner.state));
        }
        inner.interruption = None;
        inner.deferred_pause = false;
        inner.state = RunEngineState::Running;
        self.news.store(false, Ordering::Release);
        let forgotten = (std::mem::take(&mut inner.suspensions), std::mem::take(&mut inner.acts));
        drop(inner);
        drop(forgotten);
        Ok(())
    }

    pub(super) fn tell_of_call(&self) {
        self.call_hook(RunEngineState::Running, RunEngineState::Idle);
    }

    /// Ends a call, whatever the state: a hook that panics may leave any.
    pub(super) fn end_call(&self) {
        let from = {
            let mut inner = lock(&self.inner);
            inner.interruption = None;
            if matches!(inner.state, RunEngineState::Idle | RunEngineState::Panicked) {
                return;
            }
            std::mem::replace(&mut inner.state, RunEngineState::Idle)
        };
        self.call_hook(RunEngineState::Idle, from);
    }

    /// Leaves the pause for the next checkpoint.
    pub(super) fn defer_pause(&self) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        if !inner.state.can_pause() {
            return Err(TransitionError::cannot_pause(inner.state));
        }
        inner.deferred_pause = true;
        Ok(())
    }

    /// Begins a pause. Where it is said whether it is recorded, the engine is told to come to rest; else it has yet to be.
    pub(super) fn begin_pause(&self, recorded: Option<Recorded>) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        if !inner.state.can_pause() {
            return Err(TransitionError::cannot_pause(inner.state));
        }
        inner.deferred_pause = false;
        let from = std::mem::replace(&mut inner.state, RunEngineState::Pausing);
        match recorded {
            Some(recorded) => {
                inner.interrupt(Interruption::Pause(recorded));
                self.tell(inner);
            }
            None => drop(inner),
        }
        self.call_hook(RunEngineState::Pausing, from);
        Ok(())
    }

    /// Tells the engine to come to rest for a pause that is recorded.
    pub(super) fn go_on_with_pause(&self) {
        let mut inner = lock(&self.inner);
        // An end that was asked for meanwhile comes first.
        if inner.state == RunEngineState::Pausing {
            inner.interrupt(Interruption::Pause(Recorded::Yes));
        }
        self.tell(inner);
    }

    /// Whether a pause was asked for that is not recorded; it counts as recorded then.
    pub(super) fn take_pause_to_record(&self) -> bool {
        let mut inner = lock(&self.inner);
        let is_to_be_recorded = inner.interruption == Some(Interruption::Pause(Recorded::NotYet));
        if is_to_be_recorded {
            inner.interruption = Some(Interruption::Pause(Recorded::Yes));
        }
        is_to_be_recorded
    }

    /// Takes the pause back that was asked for; what was asked for meanwhile in its place stays.
    pub(super) fn forget_pause(&self) {
        lock(&self.inner).interruption.take_if(|interruption| matches!(interruption, Interruption::Pause(_)));
    }

    /// What was to be done once the message under way gives way.
    pub(super) fn take_acts(&self) -> Vec<Act> {
        std::mem::take(&mut lock(&self.inner).acts)
    }

    fn decide_to_resume(&self) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        if inner.state != RunEngineState::Paused || inner.interruption.is_some() {
            return Err(TransitionError::cannot_resume(inner.state));
        }
        inner.interruption = Some(Interruption::Resume);
        self.tell(inner);
        Ok(())
    }

    fn request_end(&self, end: End) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        let (from, to) = (inner.state, end.state());
        if from == RunEngineState::Idle || !from.leads_to().contains(&to) {
            return Err(TransitionError::cannot_end(from, end.verb()));
        }
        inner.state = to;
        inner.interrupt(Interruption::End(end));
        self.tell(inner);
        self.call_hook(to, from);
        Ok(())
    }

    fn request_suspension(&self, suspension: Suspension) -> Result<(), TransitionError> {
        let mut inner = lock(&self.inner);
        match inner.state {
            RunEngineState::Idle => Ok(()),
            RunEngineState::Running | RunEngineState::Pausing | RunEngineState::Paused | RunEngineState::Suspending => {
                inner.suspensions.push_back(suspension);
                self.tell(inner);
                Ok(())
            }
            ending => Err(TransitionError::cannot_change(ending, RunEngineState::Suspending)),
        }
    }

    /// Lets the engine know that there is news.
    fn tell(&self, mut inner: std::sync::MutexGuard<'_, Requested>) {
        self.news.store(true, Ordering::Release);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Lets the engine know that there is something for it to look at besides requests.
    pub(super) fn nudge(&self) {
        self.tell(lock(&self.inner));
    }

    /// Whether there is news since this was asked last.
    #[inline]
    pub(super) fn has_news(&self) -> bool {
        self.news.load(Ordering::Acquire)
    }

    /// Takes note of the news.
    pub(super) fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::AcqRel)
    }

    /// Leaves the news for the next one who looks.
    pub(super) fn renew_news(&self) {
        self.news.store(true, Ordering::Release);
    }

    /// Wants the engine woken when there is news.
    pub(super) fn wake_on_news(&self, waker: &Waker) {
        let mut inner = lock(&self.inner);
        match &mut inner.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Whether the engine is to leave what it does.
    pub(super) fn is_interrupted(&self) -> bool {
        let inner = lock(&self.inner);
        inner.interruption.is_some() || !inner.suspensions.is_empty()
    }

    pub(super) fn take_interruption(&self) -> Option<Interruption> {
        lock(&self.inner).interruption.take()
    }

    /// Lets an abort follow that the engine itself has decided on.
    pub(super) fn follow_with_abort(&self) {
        let mut inner = lock(&self.inner);
        inner.interrupt(Interruption::End(End::Abort { reason: Text::default() }));
        self.tell(inner);
    }

    /// Whether the engine is to leave everything; asked once.
    pub(super) fn take_kill(&self) -> bool {
        lock(&self.inner).interruption.take_if(|interruption| *interruption == Interruption::Kill).is_some()
    }

    /// Forgets the suspensions that were asked for and have not begun.
    pub(super) fn forget_suspensions(&self) {
        let forgotten = std::mem::take(&mut lock(&self.inner).suspensions);
        // What they own is dropped when the lock is given back: it may be the last that keeps a handle like this one.
        drop(forgotten);
    }

    /// The next suspension that is due.
    pub(super) fn take_suspension(&self) -> Option<Suspension> {
        let suspensions = &mut lock(&self.inner).suspensions;
        let at = suspensions.iter().position(Suspension::is_due)?;
        suspensions.remove(at)
    }

    /// Lets turns go by; what is not due then is looked at before the next message.
    pub(super) fn pass_turns(&self, turns: u8) {
        let mut inner = lock(&self.inner);
        if !inner.suspensions.is_empty() {
            inner.suspensions.iter_mut().for_each(|suspension| suspension.pass_turns(turns));
            self.news.store(true, Ordering::Release);
        }
    }

    /// Makes all suspensions due that were asked for: the engine waits, or has waited.
    pub(super) fn make_suspensions_due(&self) {
        lock(&self.inner).suspensions.iter_mut().for_each(Suspension::make_due);
    }

    pub(super) fn deferred_pause_requested(&self) -> bool {
        lock(&self.inner).deferred_pause
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl fmt::Debug for RunEngineHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunEngineHandle").field("state", &self.state()).finish_non_exhaustive()
    }
}
