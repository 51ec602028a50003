//! [`SuspenderBuilder`]: a suspender to be, of any of bluesky's classes or of one's own.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::Context;

use super::suspend_conditions::{Band, Functions, Thresholds};
use super::suspender::{SuspenderParts, SuspenderWatch, value_of};
use super::{
    PlanMaker, SuspendBoolHigh, SuspendBoolLow, SuspendCeil, SuspendCondition, SuspendFloor, SuspendOutBand,
    SuspendWhenChanged, SuspendWhenOutsideBand, Suspender,
};
use crate::clock::Clock;
use crate::clock::Tracer;
use crate::device::{CallEnvironment, Cx, Device, SyncOrAsync};
use crate::message::PlanError;
use crate::plan::Plan;
use crate::seed::Seed;
use crate::value::{Text, Value};

/// Why there is no such suspender.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SuspenderError {
    /// Resuming below the floor would suspend again at once.
    #[error(
        "expected a threshold to resume that is not below the one to suspend, found suspend: {suspend}, resume: \
         {resume}; raise it, or leave it out to resume at {suspend}"
    )]
    ResumesBelowFloor {
        /// The threshold at which the suspender trips.
        suspend: String,
        /// Where it would resume.
        resume: String,
    },
    /// Resuming above the ceiling would suspend again at once.
    #[error(
        "expected a threshold to resume that is not above the one to suspend, found suspend: {suspend}, resume: \
         {resume}; lower it, or leave it out to resume at {suspend}"
    )]
    ResumesAboveCeiling {
        /// The threshold at which the suspender trips.
        suspend: String,
        /// Where it would resume.
        resume: String,
    },
    /// There is nothing in the band.
    #[error("expected a band whose bottom is strictly below its top, found bottom: {bottom}, top: {top}; swap them?")]
    EmptyBand {
        /// The lower end of the band that was given.
        bottom: String,
        /// The upper end of the band that was given.
        top: String,
    },
    /// A time that is none.
    #[error("expected how long to sleep in seconds, found {found}")]
    Sleep {
        /// The value that was given.
        found: String,
    },
    /// The signal does not tell of changes.
    #[error("expected a signal that tells of its changes, found {signal}, which is not Subscribable")]
    NotSubscribable {
        /// The `repr` of the signal.
        signal: Text,
    },
    /// The signal takes no suspender.
    #[error("expected a signal that a suspender can watch, found {signal}: {why}")]
    TakesNone {
        /// The `repr` of the signal.
        signal: Text,
        /// What bluesky's subscription to it fails of.
        why: Text,
    },
    /// A condition of one's own refuses its limits.
    #[error("{0}")]
    Refused(Text),
}

impl SuspenderError {
    /// The class of the exception that bluesky raises for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotSubscribable { .. } => "AttributeError",
            Self::TakesNone { .. } => "TypeError",
            _ => "ValueError",
        }
    }
}

impl From<SuspenderError> for PlanError {
    fn from(error: SuspenderError) -> Self {
        Self::raised(error.name(), error.to_string())
    }
}

/// A suspender to be, with its options; made by [`Suspender::floor`] and its like.
#[must_use = "build() makes the suspender"]
pub struct SuspenderBuilder<C> {
    signal: Device,
    condition: C,
    sleep_s: f64,
    pre_plan: Option<PlanMaker>,
    post_plan: Option<PlanMaker>,
    tripped_message: Text,
}

impl Suspender {
    /// One that suspends while the signal is true, as Python sees it: not zero, not empty.
    pub fn bool_high(signal: &Device) -> SuspenderBuilder<SuspendBoolHigh> {
        Self::of(signal, SuspendBoolHigh)
    }

    /// One that suspends while the signal is false.
    pub fn bool_low(signal: &Device) -> SuspenderBuilder<SuspendBoolLow> {
        Self::of(signal, SuspendBoolLow)
    }

    /// One that suspends when the signal falls below a threshold, until it is not below it any more.
    pub fn floor(signal: &Device, suspend_thresh: impl Into<Value>) -> SuspenderBuilder<SuspendFloor> {
        Self::of(signal, SuspendFloor(Thresholds { suspend: suspend_thresh.into(), resume: None }))
    }

    /// One that suspends when the signal rises above a threshold, until it is not above it any more.
    pub fn ceil(signal: &Device, suspend_thresh: impl Into<Value>) -> SuspenderBuilder<SuspendCeil> {
        Self::of(signal, SuspendCeil(Thresholds { suspend: suspend_thresh.into(), resume: None }))
    }

    /// One that suspends while the signal is not strictly between two values.
    pub fn when_outside_band(
        signal: &Device,
        band_bottom: impl Into<Value>,
        band_top: impl Into<Value>,
    ) -> SuspenderBuilder<SuspendWhenOutsideBand> {
        let band = Band { bottom: band_bottom.into(), top: band_top.into() };
        Self::of(signal, SuspendWhenOutsideBand { band, class_name: "SuspendWhenOutsideBand" })
    }

    /// The old name of [`when_outside_band`](Self::when_outside_band), which says the opposite of what it does.
    #[deprecated = "it is called `when_outside_band` now, for that is what it does"]
    pub fn in_band(
        signal: &Device,
        band_bottom: impl Into<Value>,
        band_top: impl Into<Value>,
    ) -> SuspenderBuilder<SuspendWhenOutsideBand> {
        let band = Band { bottom: band_bottom.into(), top: band_top.into() };
        Self::of(signal, SuspendWhenOutsideBand { band, class_name: "SuspendInBand" })
    }

    /// One that suspends while the signal is strictly between two values.
    #[deprecated = "bluesky has deprecated SuspendOutBand, without a successor; `Suspender::when` does the same"]
    pub fn out_band(
        signal: &Device,
        band_bottom: impl Into<Value>,
        band_top: impl Into<Value>,
    ) -> SuspenderBuilder<SuspendOutBand> {
        Self::of(signal, SuspendOutBand(Band { bottom: band_bottom.into(), top: band_top.into() }))
    }

    /// One that suspends when the signal is not what it is when this is built. It does not let go unless
    /// [`allow_resume`](SuspenderBuilder::allow_resume) says so: then nothing but an abort leads out.
    pub fn when_changed(signal: &Device) -> SuspenderBuilder<SuspendWhenChanged> {
        Self::of(signal, SuspendWhenChanged { expected_value: Value::Null, allow_resume: false })
    }

    /// One with a condition from two functions: what says of a value that the plan cannot go on, and what says that it
    /// can; the second is asked where the first says no.
    ///
    /// ```
    /// use skyspan::engine::Suspender;
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let door = lab.add(Signal::new("door", "closed"));
    /// let is_open = |value: &Value| value.as_str() == Some("open");
    /// let is_closed = |value: &Value| value.as_str() == Some("closed");
    /// let suspender = Suspender::when(&door, is_open, is_closed).tripped_message("the hutch is open").build()?;
    /// assert!(!suspender.tripped());
    /// # Ok::<(), skyspan::engine::SuspenderError>(())
    /// ```
    pub fn when<S, R>(
        signal: &Device,
        should_suspend: S,
        should_resume: R,
    ) -> SuspenderBuilder<impl SuspendCondition + use<S, R>>
    where
        S: Fn(&Value) -> bool + Send + Sync + 'static,
        R: Fn(&Value) -> bool + Send + Sync + 'static,
    {
        Self::of(signal, Functions { should_suspend, should_resume })
    }

    /// One with a condition of one's own.
    pub fn of<C: SuspendCondition>(signal: &Device, condition: C) -> SuspenderBuilder<C> {
        SuspenderBuilder {
            signal: signal.clone(),
            condition,
            sleep_s: 0.0,
            pre_plan: None,
            post_plan: None,
            tripped_message: Text::default(),
        }
    }
}

impl<C: SuspendCondition> SuspenderBuilder<C> {
    /// How long it holds on after the condition says that the plan can go on, in seconds; 0 unless one says otherwise,
    /// and less than nothing is nothing.
    pub fn sleep_s(mut self, sleep_s: f64) -> Self {
        self.sleep_s = sleep_s;
        self
    }

    /// A plan to be executed before the plan waits, made anew for each suspension. Not before the first message of a
    /// call that begins while the suspender is tripped, as in bluesky.
    pub fn pre_plan(mut self, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.pre_plan = Some(PlanMaker::new(make));
        self
    }

    /// A plan to be executed after the wait, before the messages since the last checkpoint are executed again.
    pub fn post_plan(mut self, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.post_plan = Some(PlanMaker::new(make));
        self
    }

    /// What is said besides where it trips.
    pub fn tripped_message(mut self, message: impl Into<Text>) -> Self {
        self.tripped_message = message.into();
        self
    }

    /// Makes the suspender.
    ///
    /// # Errors
    ///
    /// If its limits make no sense together, or the signal does not tell of its changes.
    pub fn build(self) -> Result<Suspender, SuspenderError> {
        let Some(subscribable) = self.signal.as_subscribable() else {
            return Err(SuspenderError::NotSubscribable { signal: self.signal.repr() });
        };
        if let Err(error) = subscribable.takes_suspender() {
            return Err(SuspenderError::TakesNone { signal: self.signal.repr(), why: error.to_string().into() });
        }
        if self.sleep_s.is_nan() {
            return Err(SuspenderError::Sleep { found: self.sleep_s.to_string() });
        }
        let sleep = Duration::try_from_secs_f64(self.sleep_s.max(0.0)).unwrap_or(Duration::MAX);
        let mut inner = SuspenderParts {
            signal: self.signal,
            condition: Box::new(self.condition),
            sleep,
            pre_plan: self.pre_plan,
            post_plan: self.post_plan,
            tripped_message: self.tripped_message,
            state: Mutex::new(SuspenderWatch::default()),
        };
        let current = current_value(&inner.signal).unwrap_or_default();
        inner.condition.prepare(&current)?;
        Ok(Suspender::new(inner))
    }
}

impl SuspenderBuilder<SuspendFloor> {
    /// Where it lets go, if not where it trips: when the signal is not below this any more.
    pub fn resume_thresh(mut self, resume_thresh: impl Into<Value>) -> Self {
        self.condition.0.resume = Some(resume_thresh.into());
        self
    }
}

impl SuspenderBuilder<SuspendCeil> {
    /// Where it lets go, if not where it trips: when the signal is not above this any more.
    pub fn resume_thresh(mut self, resume_thresh: impl Into<Value>) -> Self {
        self.condition.0.resume = Some(resume_thresh.into());
        self
    }
}

impl SuspenderBuilder<SuspendWhenChanged> {
    /// What is expected of the signal, if not what it is when this is built. As in bluesky 1.15.1, a value that Python holds for false
    /// (0, an empty string) counts as none, and stands for what the signal is.
    pub fn expected_value(mut self, expected_value: impl Into<Value>) -> Self {
        self.condition.expected_value = expected_value.into();
        self
    }

    /// Whether it lets go when the signal is as expected again; it does not unless one says so.
    pub fn allow_resume(mut self, allow_resume: bool) -> Self {
        self.condition.allow_resume = allow_resume;
        self
    }
}

/// What the signal is now, if it can be read without waiting.
fn current_value(signal: &Device) -> Option<Value> {
    // Nothing but the value counts, so any clock will do.
    let environment = CallEnvironment { clock: Clock::simulated(), tracer: Tracer::off(), seed: Seed::new(0) };
    let (shared, none) = (Arc::new(environment), Context::new());
    match signal.readable().ok()?.read(Cx::new(&shared, signal, &none)) {
        SyncOrAsync::Now(Some(Ok(readings))) => value_of(signal, &readings).cloned(),
        _ => None,
    }
}

impl<C> fmt::Debug for SuspenderBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuspenderBuilder").field("signal", &self.signal).finish_non_exhaustive()
    }
}
