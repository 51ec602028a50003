//! [`SimBeam`]: the current of a storage ring, which drops and returns.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::device::{Device, OphydObject, Reading, Readings, Triggerable};
use crate::hardware::component_macros::takes_labels;
use crate::hardware::signal::{Signal, protocols_of_signal};
use crate::hardware::signal_state::{Live, Subscribers};
use crate::hardware::wanted;
use crate::value::{Map, Text, Value};

/// The current of a storage ring, which drops and returns, and decays in between: no class of `ophyd.sim`. For suspenders,
/// and for detectors that look at it.
///
/// This is the beam to be: `Device::from` makes the device. It reads `NAME`, in mA, and cannot be set. Its time begins when it
/// becomes part of a beamline (`Harness::add`); before that it is at its current.
///
/// At the times when it drops and returns, its subscribers are told; a decay is there whenever somebody reads, and has no
/// timers. A simulated clock notices a deadlock only behind the last drop.
///
/// ```
/// use skyspan::engine::Suspender;
/// use skyspan::hardware::SimBeam;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let beam = lab.add(SimBeam::new("beam").current(500.0).drops(3.0, 60.0));
/// let suspender = Suspender::floor(&beam, 100).build()?;
/// lab.with_engine(|engine| engine.install_suspender(&suspender));
/// let run = lab.run(plan(async |p| {
///     p.checkpoint().await?;
///     p.sleep(5.0).await
/// }));
/// // The sleep is slept again when the beam has returned.
/// assert_eq!(run.duration(), secs(3.0 + 60.0 + 5.0));
/// # Ok::<(), skyspan::engine::SuspenderError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimBeam {
    name: Text,
    current_ma: f64,
    lifetime_s: Option<f64>,
    refill: Option<Duration>,
    drops: Vec<(Duration, Duration)>,
    labels: Vec<Text>,
}

impl SimBeam {
    /// A beam of 500 mA.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            current_ma: 500.0,
            lifetime_s: None,
            refill: None,
            drops: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Its current when it is full, in mA; 500 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is not finite.
    #[must_use]
    #[track_caller]
    pub fn current(mut self, current_ma: f64) -> Self {
        self.current_ma = wanted::finite("current", current_ma);
        self
    }

    /// It drops to 0 so long after the beginning, and returns, full, so long after that, both in seconds. It may do so several
    /// times.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn drops(mut self, at_s: f64, for_s: f64) -> Self {
        self.drops.push((wanted::seconds("drops", at_s), wanted::seconds("drops", for_s)));
        self
    }

    /// How long it takes until it has decayed to the e-th part, in seconds; it does not unless one says so.
    ///
    /// # Panics
    ///
    /// If it is not greater than zero, or not finite.
    #[must_use]
    #[track_caller]
    pub fn lifetime_s(mut self, lifetime_s: f64) -> Self {
        self.lifetime_s = Some(wanted::above_zero("lifetime_s", lifetime_s));
        self
    }

    /// How often it is refilled, in seconds from the beginning or from its last return; never unless one says so. Nobody is
    /// told of that.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn refilled_every_s(mut self, refilled_every_s: f64) -> Self {
        self.refill = Some(wanted::seconds("refilled_every_s", refilled_every_s)).filter(|every| !every.is_zero());
        self
    }

    takes_labels!();
}

impl From<SimBeam> for Device {
    fn from(beam: SimBeam) -> Self {
        let mut signal = Signal::new(beam.name.clone(), beam.current_ma).labels(beam.labels.clone());
        (signal.class_name, signal.read_only) = ("SimBeam", true);
        signal.described = Map::from_iter([("units", "mA")]);
        signal.subscribers.changed();
        let ring = Arc::new(Ring { beam, began: OnceLock::new() });
        let own = Arc::downgrade(&ring);
        signal.state.lives_by(own);
        Self::new_cyclic(|_| BeamDevice { signal, ring })
    }
}

#[derive(Debug)]
struct BeamDevice {
    signal: Signal,
    ring: Arc<Ring>,
}

/// The ring in which the beam circulates.
#[derive(Debug)]
struct Ring {
    beam: SimBeam,
    began: OnceLock<(Clock, Timestamp)>,
}

impl Ring {
    fn current_ma(&self, after: Duration) -> f64 {
        let mut full_since = Duration::ZERO;
        for (at, lasts) in &self.beam.drops {
            let returns = at.saturating_add(*lasts);
            if (*at..returns).contains(&after) {
                return 0.0;
            }
            if returns <= after {
                full_since = full_since.max(returns);
            }
        }
        let Some(lifetime_s) = self.beam.lifetime_s else { return self.beam.current_ma };
        let decays = after - full_since;
        let decays = match self.beam.refill {
            Some(every) => {
                let since_ns = decays.as_nanos() % every.as_nanos();
                Duration::from_nanos(u64::try_from(since_ns).unwrap_or(u64::MAX))
            }
            None => decays,
        };
        self.beam.current_ma * libm::exp(-decays.as_secs_f64() / lifetime_s)
    }
}

impl Live for Ring {
    fn live(&self) -> Option<(Value, Timestamp)> {
        let (clock, began) = self.began.get()?;
        let now = clock.now();
        Some((self.current_ma(now - *began).into(), now))
    }
}

impl OphydObject for BeamDevice {
    protocols_of_signal!();

    fn added_to(&self, clock: &Clock) {
        self.added_at(clock.now());
        let began = clock.now();
        if self.ring.began.set((clock.clone(), began)).is_err() {
            // It lives on another beamline already.
            return;
        }
        for (at, lasts) in &self.ring.beam.drops {
            for time in [*at, at.saturating_add(*lasts)] {
                let told = Told {
                    signal: self.signal.name().clone(),
                    ring: Arc::downgrade(&self.ring),
                    subscribers: self.signal.subscribers.clone(),
                };
                let _ = clock.call_at(began + time, move || told.tell());
            }
        }
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.signal.as_triggerable()
    }
}

/// What a timer tells.
struct Told {
    signal: Text,
    ring: Weak<Ring>,
    subscribers: Subscribers,
}

impl Told {
    fn tell(self) {
        let Some((value, timestamp)) = self.ring.upgrade().and_then(|ring| ring.live()) else { return };
        let reading = Reading { value, timestamp };
        self.subscribers.notify(|| Readings(vec![(self.signal, reading)]));
    }
}
