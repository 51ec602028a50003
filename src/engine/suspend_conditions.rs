//! When a suspender trips, and when it lets go: a type for each class of bluesky's.

use crate::device::Device;
use crate::value::{Text, Value, repr};

use super::SuspenderError;

/// When a [`Suspender`](super::Suspender) trips, and when it lets go (`bluesky.suspenders.SuspenderBase`, 1.15.1).
///
/// A value for which neither is so changes nothing.
///
/// ```
/// use skyspan::engine::{SuspendCondition, Suspender};
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// /// Suspends on an odd number, until there is an even one.
/// struct Odd;
///
/// impl SuspendCondition for Odd {
///     fn class_name(&self) -> Text {
///         "SuspendOdd".into()
///     }
///     fn should_suspend(&self, value: &Value) -> bool {
///         value.as_i64().is_some_and(|number| number % 2 != 0)
///     }
///     fn should_resume(&self, value: &Value) -> bool {
///         value.as_i64().is_some_and(|number| number % 2 == 0)
///     }
/// }
///
/// let lab = Harness::new();
/// let count = lab.add(Signal::new("count", 0));
/// let signal = count.clone();
/// lab.run(plan(async move |p| p.mv(&signal, 3).await)).assert_success();
/// let suspender = Suspender::of(&count, Odd).build()?;
/// lab.with_engine(|engine| engine.install_suspender(&suspender));
/// let why = "Suspender of type SuspendOdd stopped by signal Signal(name='count', value=3, timestamp=1718700056.0)";
/// assert_eq!(suspender.justification().as_deref(), Some(why));
/// # Ok::<(), skyspan::engine::SuspenderError>(())
/// ```
pub trait SuspendCondition: Send + Sync + 'static {
    /// The name of its class in Python, by which messages show it.
    fn class_name(&self) -> Text;

    /// Whether a plan cannot go on with this value of the signal.
    fn should_suspend(&self, value: &Value) -> bool;

    /// Whether a plan that is suspended can go on; asked where it need not be suspended.
    fn should_resume(&self, value: &Value) -> bool;

    /// Why a plan is suspended, in words; recorded where interruptions are.
    fn justification(&self, signal: &Device, value: &Value) -> Text {
        let _ = value;
        format!("Suspender of type {} stopped by signal {:?}", self.class_name(), signal).into()
    }

    /// Looks at its limits, once when the suspender is made, with the value that the signal has then; null if that cannot
    /// be read at once.
    ///
    /// # Errors
    ///
    /// If they make no sense together.
    fn prepare(&mut self, current: &Value) -> Result<(), SuspenderError> {
        let _ = current;
        Ok(())
    }
}

/// Suspends while the signal is true (`bluesky.suspenders.SuspendBoolHigh`).
#[derive(Clone, Copy, Debug)]
pub struct SuspendBoolHigh;

impl SuspendCondition for SuspendBoolHigh {
    fn class_name(&self) -> Text {
        Text::literal("SuspendBoolHigh")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        value.is_truthy()
    }

    fn should_resume(&self, value: &Value) -> bool {
        !value.is_truthy()
    }

    fn justification(&self, signal: &Device, _: &Value) -> Text {
        format!("Signal {} is high", signal.name()).into()
    }
}

/// Suspends while the signal is false (`bluesky.suspenders.SuspendBoolLow`).
#[derive(Clone, Copy, Debug)]
pub struct SuspendBoolLow;

impl SuspendCondition for SuspendBoolLow {
    fn class_name(&self) -> Text {
        Text::literal("SuspendBoolLow")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        !value.is_truthy()
    }

    fn should_resume(&self, value: &Value) -> bool {
        value.is_truthy()
    }

    fn justification(&self, signal: &Device, _: &Value) -> Text {
        format!("Signal {} is low", signal.name()).into()
    }
}

/// Suspends when the signal falls below a threshold (`bluesky.suspenders.SuspendFloor`).
#[derive(Clone, Debug)]
pub struct SuspendFloor(pub(super) Thresholds);

/// Suspends when the signal rises above a threshold (`bluesky.suspenders.SuspendCeil`).
#[derive(Clone, Debug)]
pub struct SuspendCeil(pub(super) Thresholds);

/// Where to suspend, and where to resume if that is elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Thresholds {
    pub(super) suspend: Value,
    pub(super) resume: Option<Value>,
}

impl Thresholds {
    fn resume(&self) -> &Value {
        self.resume.as_ref().unwrap_or(&self.suspend)
    }
}

impl SuspendCondition for SuspendFloor {
    fn class_name(&self) -> Text {
        Text::literal("SuspendFloor")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        compared(value, &self.0.suspend, |value, floor| value < floor)
    }

    fn should_resume(&self, value: &Value) -> bool {
        number(value).is_some() && !compared(value, self.0.resume(), |value, floor| value < floor)
    }

    fn justification(&self, signal: &Device, value: &Value) -> Text {
        let (name, value) = (signal.name(), repr(value));
        let (suspend, resume) = (repr(&self.0.suspend), repr(self.0.resume()));
        format!("Signal {name} = {value} fell below {suspend} and has not yet crossed above {resume}.").into()
    }

    fn prepare(&mut self, _: &Value) -> Result<(), SuspenderError> {
        if compared(self.0.resume(), &self.0.suspend, |resume, suspend| resume < suspend) {
            let (suspend, resume) = (repr(&self.0.suspend), repr(self.0.resume()));
            return Err(SuspenderError::ResumesBelowFloor { suspend, resume });
        }
        Ok(())
    }
}

impl SuspendCondition for SuspendCeil {
    fn class_name(&self) -> Text {
        Text::literal("SuspendCeil")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        compared(value, &self.0.suspend, |value, ceiling| value > ceiling)
    }

    fn should_resume(&self, value: &Value) -> bool {
        number(value).is_some() && !compared(value, self.0.resume(), |value, ceiling| value > ceiling)
    }

    fn justification(&self, signal: &Device, value: &Value) -> Text {
        let (name, value) = (signal.name(), repr(value));
        let (suspend, resume) = (repr(&self.0.suspend), repr(self.0.resume()));
        format!("Signal {name} = {value} went above {suspend} and has not yet crossed below {resume}.").into()
    }

    fn prepare(&mut self, _: &Value) -> Result<(), SuspenderError> {
        if compared(self.0.resume(), &self.0.suspend, |resume, suspend| resume > suspend) {
            let (suspend, resume) = (repr(&self.0.suspend), repr(self.0.resume()));
            return Err(SuspenderError::ResumesAboveCeiling { suspend, resume });
        }
        Ok(())
    }
}

/// Suspends while the signal is not strictly within a band (`bluesky.suspenders.SuspendWhenOutsideBand`).
#[derive(Clone, Debug)]
pub struct SuspendWhenOutsideBand {
    pub(super) band: Band,
    pub(super) class_name: &'static str,
}

/// Suspends while the signal is strictly within a band (`bluesky.suspenders.SuspendOutBand`).
#[derive(Clone, Debug)]
pub struct SuspendOutBand(pub(super) Band);

/// What lies strictly between two values.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) bottom: Value,
    pub(super) top: Value,
}

impl Band {
    fn is_within(&self, value: &Value, wanted: bool) -> bool {
        let Some(top) = number(&self.top) else { return false };
        compared(value, &self.bottom, |value, bottom| (bottom < value && value < top) == wanted)
    }

    fn check(&self) -> Result<(), SuspenderError> {
        if compared(&self.bottom, &self.top, |bottom, top| bottom < top) {
            return Ok(());
        }
        Err(SuspenderError::EmptyBand { bottom: repr(&self.bottom), top: repr(&self.top) })
    }

    fn justification(&self, signal: &Device, value: &Value, side: &str) -> Text {
        let (bottom, top) = (repr(&self.bottom), repr(&self.top));
        format!("Signal {} = {} is {side} of the range ({bottom}, {top})", signal.name(), repr(value)).into()
    }
}

impl SuspendCondition for SuspendWhenOutsideBand {
    fn class_name(&self) -> Text {
        Text::literal(self.class_name)
    }

    fn should_suspend(&self, value: &Value) -> bool {
        self.band.is_within(value, false)
    }

    fn should_resume(&self, value: &Value) -> bool {
        self.band.is_within(value, true)
    }

    fn justification(&self, signal: &Device, value: &Value) -> Text {
        self.band.justification(signal, value, "outside")
    }

    fn prepare(&mut self, _: &Value) -> Result<(), SuspenderError> {
        self.band.check()
    }
}

impl SuspendCondition for SuspendOutBand {
    fn class_name(&self) -> Text {
        Text::literal("SuspendOutBand")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        self.0.is_within(value, true)
    }

    fn should_resume(&self, value: &Value) -> bool {
        self.0.is_within(value, false)
    }

    fn justification(&self, signal: &Device, value: &Value) -> Text {
        self.0.justification(signal, value, "inside")
    }

    fn prepare(&mut self, _: &Value) -> Result<(), SuspenderError> {
        self.0.check()
    }
}

/// Suspends when the signal is not what is expected (`bluesky.suspenders.SuspendWhenChanged`).
#[derive(Clone, Debug)]
pub struct SuspendWhenChanged {
    pub(super) expected_value: Value,
    pub(super) allow_resume: bool,
}

impl SuspendCondition for SuspendWhenChanged {
    fn class_name(&self) -> Text {
        Text::literal("SuspendWhenChanged")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        !is_same(value, &self.expected_value)
    }

    fn should_resume(&self, value: &Value) -> bool {
        self.allow_resume && is_same(value, &self.expected_value)
    }

    fn justification(&self, signal: &Device, value: &Value) -> Text {
        let help = match self.allow_resume {
            true => "",
            false => ".  \"RE.abort()\" and then restart session to use new configuration.",
        };
        let (name, value, expected) = (signal.name(), shown(value), shown(&self.expected_value));
        format!("Signal {name}, got \"{value}\", expected \"{expected}\"{help}").into()
    }

    fn prepare(&mut self, current: &Value) -> Result<(), SuspenderError> {
        if !self.expected_value.is_truthy() {
            self.expected_value = current.clone();
        }
        if self.expected_value.is_null() {
            let message = "expected a signal that can be read at once, for that value is what it is held against; give \
                           an `expected_value` in its place";
            return Err(SuspenderError::Refused(Text::literal(message)));
        }
        Ok(())
    }
}

/// A condition from two functions.
pub(super) struct Functions<S, R> {
    pub(super) should_suspend: S,
    pub(super) should_resume: R,
}

impl<S, R> SuspendCondition for Functions<S, R>
where
    S: Fn(&Value) -> bool + Send + Sync + 'static,
    R: Fn(&Value) -> bool + Send + Sync + 'static,
{
    fn class_name(&self) -> Text {
        Text::literal("SuspenderBase")
    }

    fn should_suspend(&self, value: &Value) -> bool {
        (self.should_suspend)(value)
    }

    fn should_resume(&self, value: &Value) -> bool {
        (self.should_resume)(value)
    }
}

/// Compares what are numbers; of anything else nothing is so, as in Python, where it raises.
fn compared(left: &Value, right: &Value, is_so: impl FnOnce(f64, f64) -> bool) -> bool {
    number(left).zip(number(right)).is_some_and(|(left, right)| is_so(left, right))
}

/// A number, or a truth value as Python counts it.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|truth| f64::from(u8::from(truth))))
}

/// Whether Python holds the two for equal: `1 == 1.0 == True`.
fn is_same(left: &Value, right: &Value) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

/// As Python's `str` shows it.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}
