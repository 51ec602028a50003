//! [`Interruption`]: what happens to a plan from outside.

use std::time::Duration;

use super::again::put;
use crate::harness::{Decision, Harness, Verdict};
use crate::program::{OutsideAct, OutsideSpec, PauseAction, PutSpec, Request, duration_to_rust};
use crate::value::yaml::Spanned;
use crate::value::{Position, Text, Value};

/// What happens to a plan from outside, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interruption {
    /// The moment at which it comes.
    pub when: Moment,
    /// The interruption that comes.
    pub what: Interrupt,
}

/// A moment of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// When the message of that number, from 1, is about to be executed, and perhaps some time after that.
    Message(u32, Duration),
    /// So long after the call has begun.
    After(Duration),
}

/// What can be done to a plan from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Interrupt {
    /// The engine is paused; the plan goes on, or is ended, as decided.
    Pause(Decision),
    /// The engine is paused at the next checkpoint.
    DeferredPause(Decision),
    /// The plan is suspended for so long.
    Suspend(Duration),
    /// A signal is true for so long, which trips the suspenders that watch it.
    Trip(Text, Duration),
    /// The plan is stopped.
    Stop,
    /// The plan is aborted, because the beam is lost.
    Abort,
    /// The plan is halted.
    Halt,
}

/// At how many messages it is tried whether something could happen at one instead of at a time.
const FIRST_MESSAGES: u32 = 8;

/// Why generated aborts are.
pub(super) const REASON: &str = "beam lost";

impl Interruption {
    /// Sees to it that it happens in the next call of a harness. What becomes of pauses is said elsewhere.
    pub(super) fn schedule(&self, lab: &Harness) {
        let when = || match self.when {
            Moment::Message(number, later) if later.is_zero() => lab.at_message(number as usize),
            Moment::Message(number, later) => lab.at_message(number as usize).later(later),
            Moment::After(time) => lab.at(time),
        };
        if let Interrupt::Trip(signal, time) = &self.what {
            when().call(put(lab, signal, true));
            when().later(*time).call(put(lab, signal, false));
            return;
        }
        let when = when();
        match self.what {
            Interrupt::Trip(..) => {}
            Interrupt::Pause(_) => when.pause(),
            Interrupt::DeferredPause(_) => when.deferred_pause(),
            Interrupt::Suspend(time) => when.suspend_for(time),
            Interrupt::Stop => when.stop(),
            Interrupt::Abort => when.abort(REASON),
            Interrupt::Halt => when.halt(),
        }
    }

    /// What becomes of its pause, if it is one.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        match &self.what {
            Interrupt::Pause(decision) | Interrupt::DeferredPause(decision) => Some(decision),
            _ => None,
        }
    }

    /// Whether the plan goes on after it.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        match &self.what {
            Interrupt::Suspend(_) | Interrupt::Trip(..) => true,
            _ => self.decision().is_some_and(|decision| *decision.verdict() == Verdict::Resume),
        }
    }

    /// As Rust code: `lab.at_message(3).pause();`
    #[must_use]
    pub fn to_rust(&self) -> String {
        let when = match self.when {
            Moment::Message(number, later) if later.is_zero() => format!("at_message({number})"),
            Moment::Message(number, later) => format!("at_message({number}).later({})", duration_to_rust(later)),
            Moment::After(time) => format!("at({})", duration_to_rust(time)),
        };
        let what = match &self.what {
            Interrupt::Trip(signal, time) => {
                let put = |value: bool| format!("call(skyspan::property::again::put(&lab, {signal:?}, {value}))");
                let later = match self.when {
                    Moment::After(since) => format!("at({})", duration_to_rust(since + *time)),
                    Moment::Message(number, since) => {
                        format!("at_message({number}).later({})", duration_to_rust(since + *time))
                    }
                };
                return format!("lab.{when}.{};\nlab.{later}.{};", put(true), put(false));
            }
            Interrupt::Pause(_) => "pause()".to_owned(),
            Interrupt::DeferredPause(_) => "deferred_pause()".to_owned(),
            Interrupt::Suspend(time) => format!("suspend_for({})", duration_to_rust(*time)),
            Interrupt::Stop => "stop()".to_owned(),
            Interrupt::Abort => format!("abort({REASON:?})"),
            Interrupt::Halt => "halt()".to_owned(),
        };
        format!("lab.{when}.{what};")
    }

    /// As an item of a program has it.
    #[must_use]
    pub fn to_data(&self) -> Vec<OutsideSpec> {
        let (message, after) = match self.when {
            Moment::Message(number, later) => (Some(u64::from(number)), Some(later).filter(|later| !later.is_zero())),
            Moment::After(time) => (None, Some(time)),
        };
        let at = |message, after, act| OutsideSpec { message, after, act, position: Position::NOWHERE };
        let act = match &self.what {
            Interrupt::Trip(signal, time) => {
                let put = |value: bool| {
                    let signal = signal.to_string().into();
                    OutsideAct::Set(vec![PutSpec { signal, value: Spanned::from(Value::from(value)) }])
                };
                let ends = Some(after.unwrap_or_default() + *time);
                return vec![at(message, after, put(true)), at(message, ends, put(false))];
            }
            Interrupt::Pause(_) => OutsideAct::Ask(Request::Pause),
            Interrupt::DeferredPause(_) => OutsideAct::Ask(Request::DeferredPause),
            Interrupt::Suspend(time) => OutsideAct::Suspend { time: *time, justification: None },
            Interrupt::Stop => OutsideAct::Ask(Request::Stop),
            Interrupt::Abort => OutsideAct::Ask(Request::Abort { reason: REASON.to_owned() }),
            Interrupt::Halt => OutsideAct::Ask(Request::Halt),
        };
        vec![at(message, after, act)]
    }

    /// The same with less to it, simplest first.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut at = |when: Moment| all.push(Self { when, what: self.what.clone() });
        match self.when {
            Moment::Message(number, later) => {
                if !later.is_zero() {
                    at(Moment::Message(number, Duration::ZERO));
                    (number + 1..=number + FIRST_MESSAGES)
                        .for_each(|number| at(Moment::Message(number, Duration::ZERO)));
                }
                if number > 1 {
                    at(Moment::Message(1, later));
                    at(Moment::Message(number / 2, later));
                    at(Moment::Message(number - 1, later));
                }
            }
            Moment::After(time) => {
                (1..=FIRST_MESSAGES).for_each(|number| at(Moment::Message(number, Duration::ZERO)));
                let tenths = |time: Duration| Duration::from_millis(time.as_millis() as u64 / 100 * 100);
                [Duration::ZERO, tenths(time / 2), tenths(time)]
                    .into_iter()
                    .filter(|less| *less < time)
                    .for_each(|less| at(Moment::After(less)));
            }
        }
        let resumed = Interrupt::Pause(Decision::resume());
        let simpler = match &self.what {
            Interrupt::Pause(decision) if *decision == Decision::resume() => Vec::new(),
            Interrupt::Pause(decision) if decision.pause().is_zero() => match decision.verdict() {
                Verdict::Resume => Vec::new(),
                Verdict::Abort(_) => vec![resumed, Interrupt::Abort],
                Verdict::Stop => vec![resumed, Interrupt::Stop],
                Verdict::Halt => vec![resumed, Interrupt::Halt],
            },
            Interrupt::Pause(decision) => vec![Interrupt::Pause(decision.clone().after(Duration::ZERO))],
            Interrupt::DeferredPause(decision) => vec![Interrupt::Pause(decision.clone())],
            Interrupt::Suspend(_) | Interrupt::Trip(..) => vec![resumed],
            _ => Vec::new(),
        };
        all.extend(simpler.into_iter().map(|what| Self { when: self.when, what }));
        all
    }
}

/// A decision as Rust code: `Decision::resume().after(secs(1.0))`.
pub(super) fn decision_to_rust(decision: &Decision) -> String {
    let verdict = match decision.verdict() {
        Verdict::Resume => "Decision::resume()".to_owned(),
        Verdict::Abort(reason) => format!("Decision::abort({reason:?})"),
        Verdict::Stop => "Decision::stop()".to_owned(),
        Verdict::Halt => "Decision::halt()".to_owned(),
    };
    match decision.pause() {
        time if time.is_zero() => verdict,
        time => format!("{verdict}.after({})", duration_to_rust(time)),
    }
}

/// A decision as what is done at a pause in a program.
pub(super) fn pause_actions(decision: &Decision) -> Vec<PauseAction> {
    let verdict = PauseAction::Ask(match decision.verdict() {
        Verdict::Resume => Request::Resume,
        Verdict::Abort(reason) => Request::Abort { reason: reason.to_string() },
        Verdict::Stop => Request::Stop,
        Verdict::Halt => Request::Halt,
    });
    match decision.pause() {
        time if time.is_zero() => vec![verdict],
        time => vec![PauseAction::Sleep(time), verdict],
    }
}
