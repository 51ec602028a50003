//! [`SynSignal`]: a signal that computes its value when triggered.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::components::{Kind, SignalComponent};
use super::signal::{Signal, protocols_of_signal};
use super::syn_periodic_signal::PeriodicDevice;
use super::syn_signal_with_registry::RegistryDevice;
use super::wanted;
use crate::clock::Timestamp;
use crate::device::{CallEnvironment, Cx, Device, DeviceError, Movable, OphydObject, Status, StatusKind, Triggerable};
use crate::value::{Text, Value, repr};
use skyspan_trace::internal::lock;

/// What a trigger computes.
type Func = Arc<dyn Fn(Cx<'_>) -> Result<Value, DeviceError> + Send + Sync>;

/// A signal that computes its value when triggered: `ophyd.sim.SynSignal`.
pub struct SynSignal {
    pub(super) signal: Signal,
    func: Mutex<Option<Func>>,
    exposure_time: Duration,
}

impl SynSignal {
    /// A signal whose value is 0, and stays what it is when triggered.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let mut signal = Signal::new(name, 0).kind(Kind::Normal);
        signal.class_name = "SynSignal";
        signal.precision = Some(3);
        Self { signal, func: Mutex::new(None), exposure_time: Duration::ZERO }
    }

    /// What a trigger sets the value to. The value it starts with is computed at once.
    #[must_use]
    pub fn func<V: Into<Value>>(self, func: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.signal.state.put(func().into(), Timestamp::EPOCH);
        self.set_func(Arc::new(move |_| Ok(func().into())));
        self
    }

    /// How long a trigger takes, in seconds; no time unless one says otherwise (negative,
    /// infinite, not a number).
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn exposure_time_s(mut self, exposure_time_s: f64) -> Self {
        self.exposure_time = wanted::seconds("exposure_time_s", exposure_time_s);
        self
    }

    /// How many digits behind the point matter; 3 unless one says otherwise.
    #[must_use]
    pub const fn precision(mut self, precision: i64) -> Self {
        self.signal.precision = Some(precision);
        self
    }

    /// Its lists are numpy's arrays, which are described with an extent for each of their dimensions; of a list of lists
    /// only how many lists there are is described.
    #[must_use]
    pub const fn ndarray(mut self) -> Self {
        self.signal.ndarray = AtomicBool::new(true);
        self
    }

    /// It cannot be set, and not be triggered either, for that would set it: `ophyd.sim.SynSignalRO`. Both fail with a
    /// `ReadOnlyError`; after an exposure time it is the status of the trigger that fails, where ophyd leaves it open.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let ring = lab.add(SynSignal::new("ring").func(|| 400.0).read_only());
    /// let run = lab.run(plans::count(&ring, 1));
    /// assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("ReadOnlyError"));
    /// ```
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.signal.class_name = "SynSignalRO";
        self.signal.read_only = true;
        self
    }

    /// It always reads as taken at the same time, the beginning of 1970: `ophyd.sim.InvariantSignal`.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let still = lab.add(SynSignal::new("still").func(|| 0).invariant());
    /// assert_eq!(still.repr(), "<INVARIANT REPR>");
    /// ```
    #[must_use]
    pub const fn invariant(mut self) -> Self {
        self.signal.class_name = "InvariantSignal";
        self.signal.invariant = true;
        self
    }

    /// The device that it is a component of. It is staged and unstaged in its place.
    #[must_use]
    pub fn parent(self, parent: &Device) -> Self {
        self.signal.belongs_to(parent.downgrade());
        self
    }

    /// How much it matters to people; [`Kind::Normal`] unless one says otherwise.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.signal.kind = kind;
        self
    }

    /// Labels by which people find it.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.signal.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Has a signal that computes its value when triggered compute it so from now on (`SynSignal.sim_set_func` of ophyd 1.11.2). It is
    /// a [`SynSignal`], a [`SynPeriodicSignal`](super::SynPeriodicSignal), a [`SynSignalWithRegistry`](super::SynSignalWithRegistry), or
    /// the image of a [`DirectImage`](super::DirectImage), its component `img`. Where the function fails, so does the trigger.
    ///
    /// ```
    /// use skyspan::hardware::DirectImage;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let camera = lab.add(DirectImage::new("camera"));
    /// let image = camera.component("img").ok_or("there is one")?;
    /// SynSignal::sim_set_func(&image, || Ok([[1.0, 2.0], [3.0, 4.0]]))?;
    /// lab.run(plans::count(&camera, 1)).assert_success();
    ///
    /// let motor = lab.device("motor");
    /// let wrong = SynSignal::sim_set_func(&motor, || Ok(1.0)).expect_err("it is no signal");
    /// assert!(wrong.to_string().ends_with("computes no value when it is triggered"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A `TypeError` for a device that is no such signal.
    pub fn sim_set_func<V: Into<Value>>(
        device: &Device,
        func: impl Fn() -> Result<V, DeviceError> + Send + Sync + 'static,
    ) -> Result<(), DeviceError> {
        Self::that_computes(device)?.set_func(Arc::new(move |_| func().map(Into::into)));
        Ok(())
    }

    /// Says of a signal that computes its value when triggered whether its lists are numpy's arrays from now on, as
    /// [`ndarray`](Self::ndarray) does.
    ///
    /// # Errors
    ///
    /// As [`sim_set_func`](Self::sim_set_func).
    pub fn sim_set_ndarray(device: &Device, is_ndarray: bool) -> Result<(), DeviceError> {
        Self::that_computes(device)?.signal.ndarray.store(is_ndarray, Ordering::Relaxed);
        Ok(())
    }

    /// Gives a signal that computes its value when triggered a value meanwhile, also if plans cannot set it
    /// (`FakeEpicsSignal.sim_put` of ophyd 1.11.2).
    ///
    /// # Errors
    ///
    /// As [`sim_set_func`](Self::sim_set_func).
    pub fn sim_put(device: &Device, value: impl Into<Value>, now: Timestamp) -> Result<(), DeviceError> {
        let signal = &Self::that_computes(device)?.signal;
        signal.state.put(value.into(), now);
        signal.subscribers.notify(|| signal.readings());
        Ok(())
    }

    fn that_computes(device: &Device) -> Result<&Self, DeviceError> {
        let none = || DeviceError::type_error(format!("{} computes no value when it is triggered", device.repr()));
        Self::of_device(device).ok_or_else(none)
    }

    /// What a trigger sets the value to, from the circumstances of the call.
    pub(super) fn set_func(&self, func: Func) {
        *lock(&self.func) = Some(func);
    }

    /// The signal that a device is, whatever else it does, if it is one that can be given a value.
    pub(crate) fn settable(device: &Device) -> Option<&Signal> {
        let signal = || Self::of_device(device).map(|signal| &signal.signal);
        device.downcast_ref::<Signal>().or_else(signal)
    }

    /// The signal that computes its value when triggered, of a device that is one.
    fn of_device(device: &Device) -> Option<&Self> {
        let registry = device.downcast_ref::<Self>().or_else(|| RegistryDevice::signal_of(device));
        registry.or_else(|| PeriodicDevice::signal_of(device))
    }

    /// Computes the value, and keeps it.
    pub(super) fn take(&self, cx: Cx<'_>) -> Result<(), DeviceError> {
        let func = lock(&self.func).clone();
        let value = match func {
            Some(func) => func(cx)?,
            None => self.signal.state.value(),
        };
        if self.signal.read_only {
            let put = format!("{}.put(value={}, timestamp=None, force=False)", self.signal.repr(), repr(&value));
            return Err(DeviceError::ReadOnly(put.into()));
        }
        self.signal.put(value, cx.now())
    }
}

impl Triggerable for SynSignal {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        if self.exposure_time.is_zero() {
            self.take(cx)?;
            let _ = status.set_finished();
        } else {
            let (device, shared, exposed) = (cx.device().clone(), Arc::clone(cx.shared()), status.clone());
            let _ = cx.clock().call_after(self.exposure_time, move || expose(&device, &shared, &exposed));
        }
        Ok(status)
    }
}

/// The exposure is over: the value is computed, and the status ends.
fn expose(device: &Device, shared: &Arc<CallEnvironment>, status: &Status) {
    let none = opentelemetry::Context::new();
    let taken = match SynSignal::of_device(device) {
        Some(signal) => signal.take(Cx::new(shared, device, &none)),
        None => Ok(()),
    };
    // Nobody else ends the status of an exposure.
    match taken {
        Ok(()) => drop(status.set_finished()),
        Err(error) => drop(status.set_exception(error)),
    }
}

impl SignalComponent for SynSignal {
    fn signal(&self) -> &Signal {
        &self.signal
    }
}

impl OphydObject for SynSignal {
    protocols_of_signal!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        self.signal.as_movable()
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }
}

impl From<SynSignal> for Device {
    fn from(signal: SynSignal) -> Self {
        Self::new(signal)
    }
}

impl fmt::Debug for SynSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}
