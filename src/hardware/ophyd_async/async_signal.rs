//! [`AsyncSignal`]: a signal of ophyd-async to be; [`Naming`]: what a device is called, and whose it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::datatype::SignalDatatype;
use super::soft_signal::SoftSignal;
use crate::device::{Device, DeviceError, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::hardware::wanted;
use crate::value::{Text, Value};

/// What a device is called, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) name: Text,
    /// What stands between the name of a device and that of a child.
    pub(super) separator: Text,
    pub(super) parent: Option<WeakDevice>,
    /// Whether its signals are those of mock mode.
    pub(super) mock: bool,
}

impl Naming {
    /// That of a device that is nobody's.
    pub(super) const fn of_top(name: Text, separator: Text, mock: bool) -> Self {
        Self { name, separator, parent: None, mock }
    }

    /// That of a child, by its attribute.
    pub(super) fn child(&self, attribute: &str, parent: &WeakDevice) -> Self {
        let name = format!("{}{}{attribute}", self.name, self.separator).into();
        Self { name, separator: self.separator.clone(), parent: Some(parent.clone()), mock: self.mock }
    }
}

/// What becomes of a value before it is put.
type Put = dyn Fn(&Value) -> Result<Option<Value>, DeviceError> + Send + Sync;

/// What a put does in mock mode.
#[derive(Clone)]
pub(super) struct OnPut(pub(super) Arc<Put>);

impl fmt::Debug for OnPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnPut")
    }
}

/// Who may read and set a signal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    ReadWrite,
    Read,
    Write,
}

/// A signal of ophyd-async 0.21.3 that lives in memory alone: `ophyd_async.core.soft_signal_rw`.
///
/// This is the signal to be: `Device::from` makes the device. It reads `NAME`. A set is done as soon as the value is there, in no
/// time; what the value is made of is its [datatype](SignalDatatype)'s. It leaves no `Ophyd Status` span.
///
/// ```
/// use skyspan::hardware::AsyncSignal;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let gain = lab.add(AsyncSignal::new("gain", 2.5).units("dB"));
/// let run = lab.run(plan(async move |p| {
///     p.mv(&gain, 3).await?;
///     p.rd(&gain).await
/// }));
/// assert_eq!(run.plan_result(), Some(&3.0.into()));
/// assert_eq!(run.trace().named("Ophyd Status").count(), 0);
/// let commands: Vec<_> = run.messages().iter().map(|msg| msg.command()).collect();
/// assert_eq!(commands, ["set", "wait", "locate"]);
/// ```
#[derive(Clone, Debug)]
pub struct AsyncSignal {
    pub(super) name: Text,
    pub(super) datatype: SignalDatatype,
    pub(super) value: Option<Value>,
    pub(super) units: Option<Text>,
    pub(super) precision: Option<i64>,
    pub(super) timeout: Option<Duration>,
    pub(super) access: Access,
    pub(super) mock: bool,
    pub(super) on_put: Option<OnPut>,
    pub(super) put_proceeds: bool,
    pub(super) labels: Vec<Text>,
}

impl AsyncSignal {
    /// A signal with that name and value, whose [datatype](Self::datatype) is that of the value unless one says otherwise. As a
    /// child of a device it gets its name from there.
    #[must_use]
    pub fn new(name: impl Into<Text>, value: impl Into<Value>) -> Self {
        let value = value.into();
        let mut signal = Self::of_type(name, SignalDatatype::of(&value));
        signal.value = Some(value);
        signal
    }

    /// A signal that holds what is empty of its type: 0, `""`, `False`, the first choice.
    #[must_use]
    pub fn of_type(name: impl Into<Text>, datatype: SignalDatatype) -> Self {
        Self {
            name: name.into(),
            datatype,
            value: None,
            units: None,
            precision: None,
            timeout: Some(Duration::from_secs(10)),
            access: Access::ReadWrite,
            mock: false,
            on_put: None,
            put_proceeds: true,
            labels: Vec::new(),
        }
    }

    /// What it holds, in place of what its value is.
    #[must_use]
    pub fn datatype(mut self, datatype: SignalDatatype) -> Self {
        self.datatype = datatype;
        self
    }

    /// The unit of its value.
    #[must_use]
    pub fn units(mut self, units: impl Into<Text>) -> Self {
        self.units = Some(units.into());
        self
    }

    /// How many digits behind the point of its value matter.
    #[must_use]
    pub const fn precision(mut self, precision: i64) -> Self {
        self.precision = Some(precision);
        self
    }

    /// How long a set may take that says nothing of it, in seconds; 10 unless one says otherwise. A set that takes longer fails
    /// with a `TimeoutError`.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn timeout_s(mut self, timeout_s: f64) -> Self {
        self.timeout = Some(wanted::seconds("timeout_s", timeout_s));
        self
    }

    /// It cannot be set by a plan: `soft_signal_r_and_setter`, `SignalR`. [`SoftSignal::put`] is the setter.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.access = Access::Read;
        self
    }

    /// It cannot be read: `SignalW`.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.access = Access::Write;
        self
    }

    /// It is connected in mock mode: its source begins with `mock+`.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    /// What is done with a value before it is put (`callback_on_mock_put`): what it gives is put in its place, and what it fails of
    /// is what the set fails of.
    #[must_use]
    pub fn on_put(
        mut self,
        on_put: impl Fn(&Value) -> Result<Option<Value>, DeviceError> + Send + Sync + 'static,
    ) -> Self {
        self.on_put = Some(OnPut(Arc::new(on_put)));
        self
    }

    /// A set puts its value, and is not done until somebody [says](SoftSignal::set_put_proceeds) that puts proceed
    /// (`set_mock_put_proceeds(signal, False)`).
    #[must_use]
    pub const fn puts_wait(mut self) -> Self {
        self.put_proceeds = false;
        self
    }

    takes_labels!();

    pub(super) fn build(mut self, naming: &Naming) -> SoftSignal {
        self.name = naming.name.clone();
        self.mock |= naming.mock;
        SoftSignal::new(self, naming.parent.clone())
    }
}

impl From<AsyncSignal> for Device {
    fn from(signal: AsyncSignal) -> Self {
        Self::new(SoftSignal::new(signal, None))
    }
}
