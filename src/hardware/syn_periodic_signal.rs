//! [`SynPeriodicSignal`]: a signal that changes by itself.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::components::Kind;
use super::drawn::Drawn;
use super::syn_signal::SynSignal;
use super::wanted;
use crate::clock::Timestamp;
use crate::device::{
    Args, CallEnvironment, Checkable, Configurable, Cx, DataKeys, Device, DeviceError, HasHints, Movable, OphydObject,
    Readable, Readings, Status, Subscribable, SyncOrAsync, Triggerable, WeakDevice,
};
use crate::value::{Text, Value};

/// Without this a signal whose period is 0 would have a simulated clock stand still.
const SHORTEST_PERIOD: Duration = Duration::from_millis(1);

/// A signal that changes by itself, every period and whenever it is triggered: `ophyd.sim.SynPeriodicSignal`.
///
/// This is the signal to be: `Device::from` makes the device. As in ophyd it begins to change when it is first read, set or
/// triggered; that it should have been started before, as ophyd warns, makes no difference here. From then on it changes at
/// times of the clock of whoever called it, as long as that engine and the device are there; each change is told to those who
/// subscribe. Its jitter, and what it draws if there is no function, come from the seed of that engine, in streams that
/// belong to its name.
///
/// Its changes do not keep a simulated clock going: where everything waits for something else, that is a deadlock still (see
/// [`Clock::call_after_in_background`](crate::clock::Clock::call_after_in_background)).
///
/// ```
/// use skyspan::hardware::SynPeriodicSignal;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let ring = lab.add(SynPeriodicSignal::new("ring").period_s(1.0).period_jitter_s(0.0));
/// let run = lab.run(plan(async move |p| {
///     p.open_run(Map::new()).await?;
///     p.monitor(&ring, "changes").await?;
///     p.sleep(3.5).await?;
///     p.close_run().await.map(drop)
/// }));
/// let events = run.documents().iter().filter(|document| document.name() == "event").count();
/// assert_eq!(events, 4, "one at once, and one after each second");
/// ```
pub struct SynPeriodicSignal {
    signal: SynSignal,
    func: bool,
    period_s: f64,
    period_jitter_s: f64,
}

impl SynPeriodicSignal {
    /// A signal that is drawn from between 0 and 1, about every second.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let mut signal = SynSignal::new(name);
        signal.signal.class_name = "SynPeriodicSignal";
        Self { signal, func: false, period_s: 1.0, period_jitter_s: 1.0 }
    }

    /// What it becomes at each change. The value it starts with is computed at once.
    #[must_use]
    pub fn func<V: Into<Value>>(mut self, func: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.signal = self.signal.func(func);
        self.func = true;
        self
    }

    /// How long it is from one change to the next, in seconds; 1 s unless one says otherwise, and 1 ms at least.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn period_s(mut self, period_s: f64) -> Self {
        self.period_s = wanted::from_zero("period_s", period_s);
        self
    }

    /// How far the period is off, in seconds: the standard deviation of a normal distribution; 1 s unless one says
    /// otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn period_jitter_s(mut self, period_jitter_s: f64) -> Self {
        self.period_jitter_s = wanted::from_zero("period_jitter_s", period_jitter_s);
        self
    }

    /// How long a trigger takes, in seconds; no time unless one says otherwise.
    #[must_use]
    pub fn exposure_time_s(mut self, exposure_time_s: f64) -> Self {
        self.signal = self.signal.exposure_time_s(exposure_time_s);
        self
    }

    /// How many digits behind the point matter; 3 unless one says otherwise.
    #[must_use]
    pub fn precision(mut self, precision: i64) -> Self {
        self.signal = self.signal.precision(precision);
        self
    }

    /// The device that it is a component of. It is staged and unstaged in its place.
    #[must_use]
    pub fn parent(mut self, parent: &Device) -> Self {
        self.signal = self.signal.parent(parent);
        self
    }

    /// How much it matters to people; [`Kind::Normal`] unless one says otherwise.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.signal = self.signal.kind(kind);
        self
    }

    /// Labels by which people find it.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.signal = self.signal.labels(labels);
        self
    }
}

impl fmt::Debug for SynPeriodicSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SynPeriodicSignal").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl From<SynPeriodicSignal> for Device {
    fn from(options: SynPeriodicSignal) -> Self {
        let SynPeriodicSignal { signal, func, period_s, period_jitter_s } = options;
        if !func {
            let drawn = Drawn::of(format!("values of {}", signal.signal.name));
            signal.signal.state.put(drawn.unseeded().uniform().into(), Timestamp::EPOCH);
            signal.set_func(Arc::new(move |cx| Ok(drawn.seed(cx).uniform().into())));
        }
        let jitter = Drawn::of(format!("jitter of {}", signal.signal.name));
        Self::new_cyclic(|own| PeriodicDevice {
            signal,
            period_s,
            period_jitter_s,
            jitter,
            own: own.clone(),
            started: AtomicBool::new(false),
        })
    }
}

#[derive(Debug)]
pub(super) struct PeriodicDevice {
    signal: SynSignal,
    period_s: f64,
    period_jitter_s: f64,
    jitter: Drawn,
    own: WeakDevice,
    started: AtomicBool,
}

impl PeriodicDevice {
    /// The signal of a device that is one of these.
    pub(super) fn signal_of(device: &Device) -> Option<&SynSignal> {
        device.downcast_ref::<Self>().map(|periodic| &periodic.signal)
    }

    /// Begins to change, if it does not yet.
    fn start(&self, cx: Cx<'_>) {
        if !self.started.swap(true, Ordering::AcqRel) {
            self.change(cx);
        }
    }

    /// Changes, and sees to the next change.
    fn change(&self, cx: Cx<'_>) {
        // Where its function fails it stays what it is, and goes on; in ophyd it would never change again.
        let _ = self.signal.take(cx);
        let period_s = self.period_s + self.period_jitter_s * self.jitter.seed(cx).normal();
        let period = Duration::try_from_secs_f64(period_s).unwrap_or_default().max(SHORTEST_PERIOD);
        let (own, shared) = (self.own.clone(), Arc::downgrade(cx.shared()));
        let _ = cx.clock().call_after_in_background(period, move || changed(&own, &shared));
    }
}

/// The next change, if the device and the engine are there still.
fn changed(own: &WeakDevice, shared: &Weak<CallEnvironment>) {
    let (Some(device), Some(shared)) = (own.upgrade(), shared.upgrade()) else { return };
    if let Some(periodic) = device.downcast_ref::<PeriodicDevice>() {
        periodic.change(Cx::new(&shared, &device, &opentelemetry::Context::new()));
    }
}

impl Readable for PeriodicDevice {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.start(cx);
        Ok(self.signal.signal.readings()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.signal.signal.data_keys().into()
    }
}

/// Like any signal it is its own configuration.
impl Configurable for PeriodicDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.read(cx)
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.describe(cx)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("SynPeriodicSignal", "configure")).into()
    }
}

impl Movable for PeriodicDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.start(cx);
        self.signal.signal.set(cx, args)
    }
}

impl Triggerable for PeriodicDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        self.start(cx);
        self.signal.trigger(cx)
    }
}

impl OphydObject for PeriodicDevice {
    fn name(&self) -> &Text {
        self.signal.name()
    }

    fn class_name(&self) -> Text {
        self.signal.class_name()
    }

    fn repr(&self) -> Text {
        self.signal.repr()
    }

    fn added_at(&self, now: Timestamp) {
        self.signal.added_at(now);
    }

    fn labels(&self) -> &[Text] {
        OphydObject::labels(&self.signal)
    }

    fn parent(&self) -> Option<Device> {
        OphydObject::parent(&self.signal)
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        self.signal.as_checkable()
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.signal.as_subscribable()
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.signal.as_has_hints()
    }
}
