//! [`SimShutter`]: a shutter that takes its time to open and to close.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use crate::clock::{Clock, Timer, Timestamp};
use crate::device::{
    Args, Callback, Checkable, Cx, Device, DeviceError, Interceptable, Locatable, Location, Movable, OphydObject,
    Positioner, Status, StatusKind, Subscribable, SubscriptionId, SyncOrAsync, WeakDevice, WeakStatus,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::hardware::components::{Components, Kind, device_of_components, protocols_of_components};
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::Subscribers;
use crate::hardware::wanted;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// A shutter that takes its time to open and to close: no class of `ophyd.sim`.
///
/// This is the shutter to be: `Device::from` makes the device. It is set to `"Open"` or `"Closed"`, and takes `"Close"`, 1 and
/// 0, true and false for these, too; anything else is a `ValueError`. It reads `NAME`, which is `"Open"`, `"Opening"`,
/// `"Closed"` or `"Closing"`, and `NAME_setpoint`. Its component `open` is 1 when it is wholly open, else 0: for a suspender.
/// Its position is how far it is open, from 0 to 1, at any time.
///
/// Set otherwise while it moves, it turns back from where it is, and the earlier status fails with a `RuntimeError`. It cannot
/// be stopped half way.
///
/// ```
/// use skyspan::hardware::SimShutter;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let shutter = lab.add(SimShutter::new("shutter").opens_in_s(0.02).closes_in_s(0.05));
/// let run = lab.run(plan(async move |p| {
///     p.mv(&shutter, "Open").await?;
///     assert_eq!(p.rd(&shutter.component("readback").ok_or_else(|| plan_error!("there is one"))?).await?, "Open".into());
///     p.mv(&shutter, "Closed").await
/// }));
/// assert_eq!(run.duration(), ms(20 + 50));
/// ```
#[derive(Clone, Debug)]
pub struct SimShutter {
    name: Text,
    opens_in: Duration,
    closes_in: Duration,
    is_open: bool,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SimShutter {
    /// A shutter that is closed, and opens and closes in no time.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            opens_in: Duration::ZERO,
            closes_in: Duration::ZERO,
            is_open: false,
            labels: Vec::new(),
            parent: None,
        }
    }

    /// How long it takes to open, in seconds; no time unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn opens_in_s(mut self, opens_in_s: f64) -> Self {
        self.opens_in = wanted::seconds("opens_in_s", opens_in_s);
        self
    }

    /// How long it takes to close, in seconds; no time unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn closes_in_s(mut self, closes_in_s: f64) -> Self {
        self.closes_in = wanted::seconds("closes_in_s", closes_in_s);
        self
    }

    /// It is open at first.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.is_open = true;
        self
    }

    takes_labels!();

    takes_parent!();
}

impl From<SimShutter> for Device {
    fn from(shutter: SimShutter) -> Self {
        let name = |attribute: &str| format!("{}_{attribute}", shutter.name);
        let word = Value::literal(word(shutter.is_open));
        let read_only = |mut signal: Signal| {
            signal.read_only = true;
            signal.subscribers.changed();
            Arc::new(Interceptable::new(signal))
        };
        let readback = read_only(Signal::new(shutter.name.clone(), word.clone()));
        let setpoint = read_only(Signal::new(name("setpoint"), word).kind(Kind::Normal));
        let open = read_only(Signal::new(name("open"), i64::from(shutter.is_open)).kind(Kind::Omitted));
        let components = Components::new("SimShutter", shutter.name.clone())
            .of_parent(shutter.parent)
            .labelled(shutter.labels)
            .with("readback", Arc::clone(&readback))
            .with("setpoint", Arc::clone(&setpoint))
            .with("open", Arc::clone(&open));
        let blade = Arc::new_cyclic(|own| Blade {
            name: shutter.name,
            opens_in: shutter.opens_in,
            closes_in: shutter.closes_in,
            readback,
            setpoint,
            open,
            subscribers: Subscribers::default(),
            state: Mutex::new(BladePosition::At(shutter.is_open)),
            own: own.clone(),
        });
        blade.subscribers.changed();
        Self::new_cyclic(|device| {
            components.adopt(device);
            ShutterDevice { components, blade }
        })
    }
}

const fn word(open: bool) -> &'static str {
    if open { "Open" } else { "Closed" }
}

#[derive(Debug)]
struct ShutterDevice {
    components: Components,
    blade: Arc<Blade>,
}

/// What opens and closes; shared with its timer.
#[derive(Debug)]
struct Blade {
    name: Text,
    opens_in: Duration,
    closes_in: Duration,
    readback: Arc<Interceptable<Signal>>,
    setpoint: Arc<Interceptable<Signal>>,
    open: Arc<Interceptable<Signal>>,
    subscribers: Subscribers,
    state: Mutex<BladePosition>,
    own: Weak<Self>,
}

/// The position of the blade.
#[derive(Debug)]
enum BladePosition {
    /// Wholly open, or wholly closed.
    At(bool),
    Moving(Motion),
}

/// It opens or closes.
#[derive(Debug)]
struct Motion {
    clock: Clock,
    opens: bool,
    began: Timestamp,
    from: f64,
    took: Duration,
    /// It stalls at that time.
    stalls: Option<Timestamp>,
    /// Its timer keeps it.
    status: WeakStatus,
    timer: Option<Timer>,
}

impl BladePosition {
    /// How far it is open now.
    fn position(&self) -> f64 {
        match self {
            Self::At(open) => f64::from(*open),
            Self::Moving(motion) => {
                let now = motion.clock.now();
                let after = motion.stalls.map_or(now, |at| at.min(now)) - motion.began;
                let to = f64::from(motion.opens);
                if after >= motion.took {
                    return to;
                }
                motion.from + (to - motion.from) * (after.as_secs_f64() / motion.took.as_secs_f64())
            }
        }
    }
}

impl Blade {
    fn go(&self, cx: Cx<'_>, opens: bool, status: &Status) {
        let mut state = lock(&self.state);
        let from = state.position();
        let whole = if opens { self.opens_in } else { self.closes_in };
        let took = whole.mul_f64((f64::from(opens) - from).abs());
        let stalls = cx.ending().and_then(|ending| match &ending.fails {
            Some((after, _)) => Some(cx.now() + *after),
            None => ending.never.then(|| cx.now() + took / 2),
        });
        let (end, clock) = (cx.now() + took, cx.clock().clone());
        let mut motion =
            Motion { clock, opens, began: cx.now(), from, took, stalls, status: status.downgrade(), timer: None };
        let stalls = stalls.is_some_and(|at| at < end);
        let takes_time = !took.is_zero() && !stalls;
        if takes_time {
            let (own, status) = (self.own.clone(), status.clone());
            motion.timer = Some(cx.clock().call_at(end, move || {
                if let Some(blade) = own.upgrade() {
                    blade.arrive(opens, &status);
                }
            }));
        }
        *state = BladePosition::Moving(motion);
        drop(state);
        self.setpoint.state.put(Value::literal(word(opens)), cx.now());
        self.setpoint.subscribers.notify(|| self.setpoint.readings());
        if took.is_zero() {
            self.arrive(opens, status);
        } else {
            self.tell(if opens { "Opening" } else { "Closing" }, false, cx.now());
        }
    }

    fn arrive(&self, opens: bool, status: &Status) {
        let mut state = lock(&self.state);
        let now = match &*state {
            BladePosition::Moving(motion) if motion.status.is(status) => motion.clock.now(),
            _ => return,
        };
        *state = BladePosition::At(opens);
        drop(state);
        self.tell(word(opens), opens, now);
        // A fault may have ended it already.
        let _ = status.set_finished();
    }

    /// What is under way is given up for something else.
    fn supersede(&self, opens: bool) {
        let mut state = lock(&self.state);
        let BladePosition::Moving(motion) = &mut *state else { return };
        let status = motion.status.upgrade();
        if let Some(timer) = motion.timer.take() {
            timer.cancel();
        }
        drop(state);
        let Some(status) = status else { return };
        let message = format!("{} was told to be {} before it was {}", self.name, word(opens), word(!opens));
        // A fault may have ended it already.
        drop(status.set_exception(DeviceError::other(Text::literal("RuntimeError"), message)));
    }

    fn tell(&self, word: &'static str, open: bool, now: Timestamp) {
        self.readback.state.put(Value::literal(word), now);
        let was_open = self.open.state.value() == Value::from(1);
        if was_open != open {
            self.open.state.put(i64::from(open).into(), now);
            self.open.subscribers.notify(|| self.open.readings());
        }
        self.readback.subscribers.notify(|| self.readback.readings());
        self.subscribers.notify(|| self.readback.readings());
    }
}

/// Whether a value means open.
fn means_open(value: &Value) -> Result<bool, DeviceError> {
    let word = match value {
        Value::Str(word) => match &**word {
            "Open" => Some(true),
            "Closed" | "Close" => Some(false),
            _ => None,
        },
        other => match (other.as_bool(), other.as_i64()) {
            (Some(open), _) => Some(open),
            (None, Some(1)) => Some(true),
            (None, Some(0)) => Some(false),
            _ => None,
        },
    };
    word.ok_or_else(|| DeviceError::value(format!("expected \"Open\" or \"Closed\", found {value}")))
}

impl Movable for ShutterDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let opens = means_open(args.single()?)?;
        self.blade.supersede(opens);
        let status = Status::new(cx, StatusKind::Device);
        self.blade.go(cx, opens, &status);
        Ok(status)
    }
}

impl Checkable for ShutterDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        means_open(value).map(drop)
    }
}

impl Locatable for ShutterDevice {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        Ok(Location { setpoint: self.blade.setpoint.get(), readback: self.blade.readback.get() }).into()
    }
}

/// How far it is open.
impl Positioner for ShutterDevice {
    fn position(&self) -> Value {
        lock(&self.blade.state).position().into()
    }
}

/// Tells of what it reads.
impl Subscribable for ShutterDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.blade.subscribers.add(callback, || self.blade.readback.readings())
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.blade.subscribers.remove(id);
    }
}

device_of_components!(ShutterDevice);

impl OphydObject for ShutterDevice {
    protocols_of_components!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}
