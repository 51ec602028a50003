//! [`Fault`]: what goes wrong with a device, and when.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Method, Occasions};
use crate::device::{Device, DeviceError, Ending};
use crate::value::{Text, Value, repr, repr_str};

/// What goes wrong with a device at some of its calls. It is a value: made, named, cloned, printed, and given to any device by
/// [`Device::fault`](crate::device::Device::fault).
///
/// Several faults of one device come together: a call that two of them make late is late by both; where one raises, and where
/// one never ends, the others are not seen. Errors are a `DeviceFault` with the message unless one says otherwise.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// lab.device("motor").fault(Fault::on_set(2).fails_after(secs(0.5), "stalled"));
/// let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 3));
/// assert_eq!(run.exit_status(), Fail);
/// assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("FailedStatus"));
/// run.assert(one(span("Ophyd Status").has_attr("exception").lasting(secs(0.5)..=secs(0.5))));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) on: Method,
    pub(super) at: Occasions,
    pub(super) what: FaultWhat,
}

/// What goes wrong in a call, or in the status that it gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FaultWhat {
    /// The call raises this error.
    Raises(DeviceError),
    /// What the call began ends otherwise.
    Ends(Ending),
    /// What the call began ends later, by one of these times.
    LateByOneOf(Arc<[Duration]>),
    /// The call gives another value, of one data key or of all.
    Reads(Option<Text>, Value),
    /// From the call on, the device cannot be reached for a while.
    Disconnects(Duration),
}

/// A fault at some calls, of a kind yet to be said.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "say what goes wrong"]
pub struct FaultAt {
    on: Method,
    at: Occasions,
}

impl Fault {
    /// The method whose calls go wrong.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.on
    }

    /// At which calls something goes wrong.
    pub(crate) const fn occasions(&self) -> Occasions {
        self.at
    }

    /// The same at other calls.
    #[cfg(feature = "property")]
    pub(crate) fn at(self, at: Occasions) -> Self {
        Self { at, ..self }
    }

    /// Whether it only makes what a call began take longer.
    #[must_use]
    pub const fn only_delays(&self) -> bool {
        matches!(&self.what, FaultWhat::Ends(Ending { never: false, fails: None, .. }))
    }

    /// What goes wrong at those calls.
    pub(crate) const fn what(&self) -> &FaultWhat {
        &self.what
    }

    /// Whether the device has that method; where it has not, the fault never comes.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let fault = Fault::on_kickoff(1).raises("no trigger");
    /// assert!(fault.can_come_to(&lab.device("flyer1")) && !fault.can_come_to(&lab.device("motor")));
    /// ```
    #[must_use]
    pub fn can_come_to(&self, device: &Device) -> bool {
        self.on.is_of(device.behind_front())
    }
}

macro_rules! on_methods {
    ($($(#[$doc:meta])* $name:ident, $method:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(at: impl Into<Occasions>) -> FaultAt {
            Self::on(Method::$method, at)
        }
    )*};
}

impl Fault {
    /// At some calls of a method: `Fault::on(Method::Collect, 2)`.
    #[track_caller]
    pub fn on(method: Method, at: impl Into<Occasions>) -> FaultAt {
        FaultAt { on: method, at: at.into() }
    }

    on_methods! {
        /// At some calls of `set`, by the nth (`2`), a range (`2..=4`, `..`) or a rate: see [`Occasions`].
        on_set, Set;
        /// At some calls of `trigger`.
        on_trigger, Trigger;
        /// At some calls of `read`.
        on_read, Read;
        /// At some calls of `stage`.
        on_stage, Stage;
        /// At some calls of `unstage`.
        on_unstage, Unstage;
        /// At some calls of `stop`.
        on_stop, Stop;
        /// At some calls of `kickoff`.
        on_kickoff, Kickoff;
        /// At some calls of `complete`.
        on_complete, Complete;
        /// At some calls of `collect`.
        on_collect, Collect;
    }
}

impl FaultAt {
    fn with(self, what: FaultWhat) -> Fault {
        Fault { on: self.on, at: self.at, what }
    }

    /// The call raises a `DeviceFault`, and nothing is begun; the plan gets the error at once.
    #[must_use]
    pub fn raises(self, message: impl Into<Text>) -> Fault {
        self.raises_error(device_fault(message))
    }

    /// The call raises this error.
    ///
    /// ```
    /// use skyspan::device::DeviceError;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.device("det").fault(Fault::on_stage(..).raises_error(DeviceError::other("PermissionError", "in use")));
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("PermissionError"));
    /// ```
    #[must_use]
    pub fn raises_error(self, error: DeviceError) -> Fault {
        self.with(FaultWhat::Raises(error))
    }

    /// What the call began fails so long after the call, whatever the device does; the device is stopped then, if it is one that
    /// stops. A simulated axis stays where it is.
    #[must_use]
    pub fn fails_after(self, delay: Duration, message: impl Into<Text>) -> Fault {
        self.fails_with(delay, device_fault(message))
    }

    /// The same with this error.
    #[must_use]
    pub fn fails_with(self, delay: Duration, error: DeviceError) -> Fault {
        self.with(FaultWhat::Ends(Ending { fails: Some((delay, error)), ..Ending::usual() }))
    }

    /// What the call began never ends. A plan that waits for it without a timeout ends with a deadlock report.
    #[must_use]
    pub fn hangs(self) -> Fault {
        self.with(FaultWhat::Ends(Ending { never: true, ..Ending::usual() }))
    }

    /// What the call began ends so much later than it would.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.device("det").fault(Fault::on_trigger(1).late_by(secs(2.0)));
    /// assert_eq!(lab.run(plans::count(&lab.device("det"), 3)).duration(), secs(2.0));
    /// ```
    #[must_use]
    pub fn late_by(self, delay: Duration) -> Fault {
        self.with(FaultWhat::Ends(Ending { late_by: delay, ..Ending::usual() }))
    }

    /// What the call began ends later than it would, each time by one of these times, drawn from the seed of the engine that calls:
    /// how late something was when it was looked at is so done again. Of no times none is late.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let seen = [secs(0.0), secs(0.1), secs(2.0)];
    /// lab.device("det").fault(Fault::on_trigger(..).late_by_one_of(seen));
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// assert!(seen.contains(&run.duration()));
    /// ```
    #[must_use]
    pub fn late_by_one_of(self, delays: impl IntoIterator<Item = Duration>) -> Fault {
        self.with(FaultWhat::LateByOneOf(delays.into_iter().collect()))
    }

    /// What the call began takes so many times as long; below 1, as long as usual. The device itself may be where it goes
    /// before its status says so.
    ///
    /// # Panics
    ///
    /// If the factor is no number.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let sticky = lab.add(SynAxis::new("sticky").delay_s(0.5));
    /// sticky.fault(Fault::on_set(2).slow_by(3.0));
    /// let run = lab.run(plans::scan(&lab.device("det"), &sticky, 0, 1, 2));
    /// assert_eq!(run.duration(), secs(0.5 + 1.5));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn slow_by(self, factor: f64) -> Fault {
        assert!(!factor.is_nan(), "slow_by wants a number, found {factor}");
        self.with(FaultWhat::Ends(Ending { slow_by: factor, ..Ending::usual() }))
    }

    /// The call gives this value for each of its data keys, of whatever type. Only what reads gives any: `read`,
    /// `read_configuration`, and `locate`, whose readback it is.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// lab.device("det").fault(Fault::on_read(2).reads("***"));
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// let read: Vec<String> = run.events().filter_map(|event| event.get("det")).map(Value::to_string).collect();
    /// assert_eq!(read, ["1.0", "\"***\"", "1.0"]);
    /// ```
    #[must_use]
    pub fn reads(self, value: impl Into<Value>) -> Fault {
        self.with(FaultWhat::Reads(None, value.into()))
    }

    /// The same for one of the data keys.
    #[must_use]
    pub fn reads_as(self, key: impl Into<Text>, value: impl Into<Value>) -> Fault {
        self.with(FaultWhat::Reads(Some(key.into()), value.into()))
    }

    /// The call gives what is no number: NaN.
    #[must_use]
    pub fn reads_nan(self) -> Fault {
        self.reads(f64::NAN)
    }

    /// The device cannot be reached for so long: the call, and every other one that comes meanwhile, raises a
    /// `DisconnectedError` (`ophyd.utils.DisconnectedError`). What is under way goes on.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// det.fault(Fault::on_trigger(2).disconnects_for(secs(5.0)));
    /// let patient = plan(async move |p| {
    ///     for _ in 0..3 {
    ///         while let Err(error) = p.trigger_and_read([&det], "primary").await {
    ///             assert_eq!(error.name(), "DisconnectedError");
    ///             p.sleep(2.0).await?;
    ///         }
    ///     }
    ///     Ok(())
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(patient, Map::new()));
    /// run.assert_success();
    /// assert_eq!(run.duration(), secs(6.0));
    /// ```
    #[must_use]
    pub fn disconnects_for(self, duration: Duration) -> Fault {
        self.with(FaultWhat::Disconnects(duration))
    }
}

fn device_fault(message: impl Into<Text>) -> DeviceError {
    DeviceError::other(Text::literal("DeviceFault"), message)
}

/// As it is written: `on_set(2).fails_after(500ms, 'stalled')`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on_{}({}).", self.on, self.at)?;
        let said = |error: &DeviceError| repr_str(&error.to_string());
        match &self.what {
            FaultWhat::Raises(error) => write!(f, "raises({})", said(error)),
            FaultWhat::Ends(Ending { never: true, .. }) => f.write_str("hangs()"),
            FaultWhat::Ends(Ending { fails: Some((after, error)), .. }) => {
                write!(f, "fails_after({after:?}, {})", said(error))
            }
            FaultWhat::Ends(ending) if !ending.late_by.is_zero() => write!(f, "late_by({:?})", ending.late_by),
            FaultWhat::Ends(ending) => write!(f, "slow_by({})", ending.slow_by),
            FaultWhat::LateByOneOf(delays) => write!(f, "late_by_one_of({delays:?})"),
            FaultWhat::Reads(None, Value::Float(number)) if number.is_nan() => f.write_str("reads_nan()"),
            FaultWhat::Reads(None, value) => write!(f, "reads({})", repr(value)),
            FaultWhat::Reads(Some(key), value) => write!(f, "reads_as({}, {})", repr_str(key), repr(value)),
            FaultWhat::Disconnects(duration) => write!(f, "disconnects_for({duration:?})"),
        }
    }
}
