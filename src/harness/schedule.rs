//! [`Scheduled`]: what happens to a plan from outside, at a time or at a message, as exactly as the rest.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Decision, Harness};
use crate::clock::{Clock, Timer};
use crate::engine::{RunEngineHandle, Suspension, TransitionError};
use crate::message::Awaitable;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// When something happens, in the next call: made by [`Harness::at`] and [`Harness::at_message`].
#[must_use = "nothing happens unless one says what"]
#[derive(Debug)]
pub struct Scheduled<'a> {
    lab: &'a Harness,
    when: When,
}

#[derive(Clone, Copy, Debug)]
struct When {
    /// The message that is waited for; the beginning of the call where there is none.
    message: Option<usize>,
    /// How long after that; in the same moment where there is none.
    after: Option<Duration>,
}

type Act = Box<dyn FnOnce(&RunEngineHandle) -> Result<(), TransitionError> + Send>;

struct Entry {
    when: When,
    asks: Asks,
    act: Act,
}

/// What something that happens has to do with the engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asks {
    /// Nothing is asked of it.
    Nothing,
    /// Something is, which a running engine does when the message under way gives way.
    Running,
    /// Something is for which a paused engine is left waiting, too.
    Paused,
}

/// What is to happen in the next call, and what of it has in this one.
#[derive(Clone, Default)]
pub(super) struct Schedule(Arc<Mutex<Agenda>>);

type Decisions = Option<Box<dyn Iterator<Item = Decision> + Send>>;

#[derive(Default)]
struct Agenda {
    next_call: Vec<Entry>,
    at_messages: Vec<(usize, Entry)>,
    timers: Vec<Timer>,
    decisions_to_come: usize,
    /// What becomes of the pauses of the next call, and of this one.
    next_decisions: Decisions,
    decisions: Decisions,
    messages: usize,
    refused: Vec<TransitionError>,
    unreached: Vec<usize>,
}

impl<'a> Scheduled<'a> {
    pub(super) const fn after(lab: &'a Harness, time: Duration) -> Self {
        Self { lab, when: When { message: None, after: Some(time) } }
    }

    #[track_caller]
    pub(super) fn at_message(lab: &'a Harness, number: usize) -> Self {
        assert!(number > 0, "messages are counted from 1");
        Self { lab, when: When { message: Some(number), after: None } }
    }

    /// So much later: in the middle of a message that takes time.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at_message(2).later(secs(1.0)).abort("beam lost");
    /// let run = lab.run(plan(async |p| {
    ///     p.sleep(5.0).await?;
    ///     p.sleep(3600.0).await
    /// }));
    /// assert_eq!((run.exit_status(), run.duration()), (ExitStatus::Abort, secs(6.0)));
    /// ```
    pub fn later(mut self, time: Duration) -> Self {
        self.when.after = Some(self.when.after.unwrap_or_default().saturating_add(time));
        self
    }

    /// The engine is paused.
    pub fn pause(self) {
        self.act(Asks::Running, RunEngineHandle::pause);
    }

    /// The engine is told to pause at the next checkpoint.
    pub fn deferred_pause(self) {
        self.act(Asks::Running, RunEngineHandle::deferred_pause);
    }

    /// The paused engine goes on.
    pub fn resume(self) {
        self.act(Asks::Paused, RunEngineHandle::resume);
    }

    /// The plan is aborted, for that reason.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at(secs(3.0)).abort("beam lost");
    /// let run = lab.run(plan(async |p| p.sleep(3600.0).await));
    /// assert_eq!((run.exit_status(), run.duration()), (ExitStatus::Abort, secs(3.0)));
    /// ```
    pub fn abort(self, reason: impl Into<Text>) {
        let reason = reason.into();
        self.act(Asks::Paused, move |engine| engine.abort(reason));
    }

    /// The plan is stopped, as a success.
    pub fn stop(self) {
        self.act(Asks::Paused, RunEngineHandle::stop);
    }

    /// The plan is halted.
    pub fn halt(self) {
        self.act(Asks::Paused, RunEngineHandle::halt);
    }

    /// The plan is suspended for so long.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at(secs(1.0)).suspend_for(secs(60.0));
    /// let run = lab.run(plan(async |p| p.sleep(2.0).await));
    /// run.assert_success();
    /// assert_eq!(run.duration(), secs(1.0 + 60.0 + 2.0));
    /// ```
    pub fn suspend_for(self, time: Duration) {
        let clock = self.lab.clock().clone();
        self.act(Asks::Running, move |engine| {
            // It begins when it is waited for, as in bluesky: behind what is stopped first.
            let release = Awaitable::new(move || {
                let sleep = clock.sleep(time);
                async move {
                    sleep.await;
                    Ok(Value::Null)
                }
            });
            engine.suspend(Suspension::until(release))
        });
    }

    /// The plan is suspended.
    pub fn suspend(self, suspension: Suspension) {
        self.act(Asks::Running, move |engine| engine.suspend(suspension));
    }

    /// Anything happens: a device is set, a fault begins.
    pub fn call(self, act: impl FnOnce() + Send + 'static) {
        self.act(Asks::Nothing, move |_| {
            act();
            Ok(())
        });
    }

    /// Something is asked of the engine, for which a paused one is not left waiting.
    pub(crate) fn ask(self, ask: impl FnOnce(&RunEngineHandle) -> Result<(), TransitionError> + Send + 'static) {
        self.act(Asks::Running, ask);
    }

    fn act(self, asks: Asks, act: impl FnOnce(&RunEngineHandle) -> Result<(), TransitionError> + Send + 'static) {
        lock(&self.lab.schedule.0).next_call.push(Entry { when: self.when, asks, act: Box::new(act) });
    }
}

impl Schedule {
    /// Sets what is scheduled going, with the call that begins now.
    pub(super) fn begin(&self, clock: &Clock, engine: &RunEngineHandle) {
        // A call that panicked has not ended what was scheduled for it.
        self.end();
        let entries = {
            let mut inner = lock(&self.0);
            let next_call = std::mem::take(&mut inner.next_call);
            *inner = Agenda { decisions: inner.next_decisions.take(), ..Agenda::default() };
            next_call
        };
        for entry in entries {
            match entry.when.message {
                Some(number) => lock(&self.0).at_messages.push((number, entry)),
                None => self.act_on(entry, clock, engine),
            }
        }
    }

    /// Notes a message that is about to be executed, and does what is scheduled for it.
    pub(super) fn message(&self, clock: &Clock, engine: &RunEngineHandle) {
        let due = {
            let mut inner = lock(&self.0);
            inner.messages += 1;
            let number = inner.messages;
            if inner.at_messages.is_empty() {
                return;
            }
            inner.at_messages.extract_if(.., |(at, _)| *at == number).collect::<Vec<_>>()
        };
        for (_, entry) in due {
            if entry.asks == Asks::Nothing || entry.when.after.is_some() {
                self.act_on(entry, clock, engine);
            } else {
                let (schedule, clock, told) = (self.clone(), clock.clone(), engine.clone());
                engine.when_it_gives_way(move || schedule.act_on(entry, &clock, &told));
            }
        }
    }

    /// Does what its moment has come for, or sets the timer for it.
    fn act_on(&self, entry: Entry, clock: &Clock, engine: &RunEngineHandle) {
        let Entry { when, asks, act } = entry;
        let decides = asks == Asks::Paused;
        let Some(time) = when.after else { return self.act(act, engine) };
        lock(&self.0).decisions_to_come += usize::from(decides);
        let (schedule, engine) = (self.clone(), engine.clone());
        let timer = clock.call_after(time, move || {
            lock(&schedule.0).decisions_to_come -= usize::from(decides);
            schedule.act(act, &engine);
        });
        lock(&self.0).timers.push(timer);
    }

    fn act(&self, act: Act, engine: &RunEngineHandle) {
        if let Err(refused) = act(engine) {
            lock(&self.0).refused.push(refused);
        }
    }

    /// Says what becomes of the pauses of the next call.
    pub(super) fn decide(&self, decisions: impl Iterator<Item = Decision> + Send + 'static) {
        lock(&self.0).next_decisions = Some(Box::new(decisions));
    }

    /// Whether something that is scheduled will yet decide what becomes of an engine that is paused now.
    pub(super) fn will_decide(&self) -> bool {
        lock(&self.0).decisions_to_come > 0
    }

    /// What becomes of an engine that is paused now, where that was said.
    pub(super) fn next_decision(&self) -> Option<Decision> {
        lock(&self.0).decisions.as_mut().and_then(Iterator::next)
    }

    /// What was asked and refused since the call began.
    pub(super) fn refused(&self) -> Vec<TransitionError> {
        lock(&self.0).refused.clone()
    }

    /// The messages that have never come, in order, of those for which something was scheduled.
    pub(super) fn unreached(&self) -> Vec<usize> {
        lock(&self.0).unreached.clone()
    }

    /// Forgets what has not happened.
    pub(super) fn end(&self) {
        let (timers, left) = {
            let mut inner = lock(&self.0);
            let left = std::mem::take(&mut inner.at_messages);
            inner.unreached = left.iter().map(|(number, _)| *number).collect();
            inner.unreached.sort_unstable();
            inner.unreached.dedup();
            (std::mem::take(&mut inner.timers), left)
        };
        timers.into_iter().for_each(Timer::cancel);
        drop(left);
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schedule")
    }
}
