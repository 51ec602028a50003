//! [`SimulatedDevices`]: the devices of `ophyd.sim.hw()`, each made when it is first asked for.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock};

use super::{
    ABDetector, DetWithConf, DetWithCountTime, DirectImage, MockFlyer, Noise, PseudoPositioner, Signal, Syn2DGauss,
    SynAxis, SynGauss, SynPeriodicSignal, SynSignal, SynSignalWithRegistry, TrivialFlyer,
};
use crate::clock::Timestamp;
use crate::device::Device;
use crate::seed::Seed;
use crate::value::{Text, Value};
use rustc_hash::FxHashMap;
use skyspan_trace::internal::lock;

/// The label of what detects.
const DETECTORS: [&str; 1] = ["detectors"];

/// How many there are.
const COUNT: usize = 38;

/// Makes a device; those that it leads to are made before it.
type Make = fn(&SimulatedDevices) -> Device;

/// The devices of `ophyd.sim.hw()`, each made when it is first asked for: a test needs few of them, and making them is most of what a
/// harness costs. Which are made, and when, cannot be seen from outside.
pub(super) struct SimulatedDevices {
    /// Where jitter comes from.
    seed: Seed,
    made: [OnceLock<Device>; COUNT],
    /// When they became part of a beamline.
    added_at: Mutex<Option<Timestamp>>,
    /// Whether the calls of all of them are recorded.
    records_calls: AtomicBool,
}

/// Their names on the beamline, each with what makes it.
static DEVICES: [(Text, Make); COUNT] = [
    (Text::literal("motor"), |_| axis("motor").into()),
    (Text::literal("motor1"), |_| axis("motor1").into()),
    (Text::literal("motor2"), |_| axis("motor2").into()),
    (Text::literal("motor3"), |_| axis("motor3").into()),
    (Text::literal("jittery_motor1"), |all| all.jittery("jittery_motor1")),
    (Text::literal("jittery_motor2"), |all| all.jittery("jittery_motor2")),
    (Text::literal("motor_no_pos"), |_| axis("motor").no_position().into()),
    (Text::literal("motor_empty_hints1"), |_| axis("motor1").empty_hints().into()),
    (Text::literal("motor_empty_hints2"), |_| axis("motor2").empty_hints().into()),
    (Text::literal("motor_no_hints1"), |_| axis("motor1").no_hints().into()),
    (Text::literal("motor_no_hints2"), |_| axis("motor2").no_hints().into()),
    (Text::literal("pseudo3x3"), |_| PseudoPositioner::s3x3(Text::literal("pseudo3x3")).into()),
    (Text::literal("pseudo1x3"), |_| PseudoPositioner::s1x3(Text::literal("pseudo1x3")).into()),
    (Text::literal("noisy_det"), |all| {
        all.peak("noisy_det", "motor").noise(Noise::Uniform).noise_multiplier(0.1).into()
    }),
    (Text::literal("det"), |all| all.peak("det", "motor").into()),
    (Text::literal("identical_det"), |all| all.peak("det", "motor").into()),
    (Text::literal("det1"), |all| all.peak("det1", "motor1").imax(5).sigma(0.5).into()),
    (Text::literal("det2"), |all| all.peak("det2", "motor2").center(1).imax(2).sigma(2).into()),
    (Text::literal("det3"), |all| all.peak("det3", "motor3").center(-1).imax(2).into()),
    (Text::literal("det4"), |all| all.peak_above("det4", ["motor1", "motor2"]).first_seen_at(vec![0.0; 2]).into()),
    (Text::literal("det5"), |all| {
        let axes = ["jittery_motor1", "jittery_motor2"];
        all.peak_above("det5", axes).first_seen_at(axes.map(|axis| all.jitter(axis).uniform()).to_vec()).into()
    }),
    (Text::literal("flyer1"), |all| all.flyer("flyer1", 20)),
    (Text::literal("flyer2"), |all| all.flyer("flyer2", 10)),
    (Text::literal("trivial_flyer"), |_| TrivialFlyer::new(Text::literal("trivial_flyer")).into()),
    (Text::literal("new_trivial_flyer"), |_| TrivialFlyer::with_assets(Text::literal("new_trivial_flyer")).into()),
    (Text::literal("ab_det"), |_| ABDetector::new(Text::literal("det")).labels(DETECTORS).into()),
    (Text::literal("direct_img"), |_| direct_image().func(image).ndarray().img_name(Text::literal("img")).into()),
    (Text::literal("direct_img_list"), |_| {
        direct_image().func(|| [[1; 10]; 10]).img_name(Text::literal("direct_img_list")).into()
    }),
    (Text::literal("img"), |_| SynSignalWithRegistry::new(Text::literal("img")).func(image).labels(DETECTORS).into()),
    (Text::literal("det_with_conf"), |_| DetWithConf::new(Text::literal("det")).labels(DETECTORS).into()),
    (Text::literal("det_with_count_time"), |_| DetWithCountTime::new(Text::literal("det")).labels(DETECTORS).into()),
    (Text::literal("invariant1"), |_| invariant("invariant1").into()),
    (Text::literal("invariant2"), |_| invariant("invariant2").into()),
    (Text::literal("rand"), |_| SynPeriodicSignal::new(Text::literal("rand")).labels(DETECTORS).into()),
    (Text::literal("rand2"), |_| SynPeriodicSignal::new(Text::literal("rand2")).labels(DETECTORS).into()),
    (Text::literal("sig"), |_| Signal::new(Text::literal("sig"), 0).into()),
    (Text::literal("bool_sig"), |_| Signal::new(Text::literal("bool_sig"), false).labels(DETECTORS).into()),
    (Text::literal("signal"), |_| SynSignal::new(Text::literal("signal")).into()),
];

/// Where each name stands among them.
static PLACES: LazyLock<FxHashMap<&str, usize>> =
    LazyLock::new(|| DEVICES.iter().enumerate().map(|(place, (name, _))| (name.as_str(), place)).collect());

fn axis(name: &'static str) -> SynAxis {
    SynAxis::new(Text::literal(name)).labels(["motors"])
}

fn direct_image() -> DirectImage {
    DirectImage::new(Text::literal("direct")).labels(DETECTORS)
}

fn image() -> Value {
    Value::from([[1.0; 10]; 10])
}

fn invariant(name: &'static str) -> SynSignal {
    SynSignal::new(Text::literal(name)).func(|| 0).invariant().labels(DETECTORS)
}

impl SimulatedDevices {
    pub(super) fn new(seed: &Seed) -> Self {
        Self {
            seed: seed.clone(),
            made: [const { OnceLock::new() }; COUNT],
            added_at: Mutex::default(),
            records_calls: AtomicBool::new(false),
        }
    }

    /// Their names, in order.
    pub(super) fn names() -> impl Iterator<Item = &'static Text> {
        DEVICES.iter().map(|(name, _)| name)
    }

    /// Where that name stands among them.
    pub(super) fn place(name: &str) -> Option<usize> {
        PLACES.get(name).copied()
    }

    /// The device in that place.
    pub(super) fn get(&self, place: usize) -> &Device {
        if let Some(device) = self.made[place].get() {
            return device;
        }
        let device = self.made[place].get_or_init(|| (DEVICES[place].1)(self));
        // Whoever says one of these for all of them says it before looking for those that are made, and both may be said twice.
        if self.records_calls.load(Ordering::Acquire) {
            let _ = device.record_calls();
        }
        let added_at = *lock(&self.added_at);
        if let Some(now) = added_at {
            device.object().added_at(now);
        }
        device
    }

    /// The device in that place, if anyone has asked for it.
    pub(super) fn made(&self, place: usize) -> Option<&Device> {
        self.made[place].get()
    }

    /// They are part of a beamline from now on, unless they were before.
    pub(super) fn added_at(&self, now: Timestamp) {
        lock(&self.added_at).get_or_insert(now);
        self.made.iter().filter_map(OnceLock::get).for_each(|device| device.object().added_at(now));
    }

    /// The calls of each are recorded from the time when it is made.
    pub(super) fn record_calls(&self) {
        self.records_calls.store(true, Ordering::Release);
    }

    fn named(&self, name: &'static str) -> &Device {
        self.get(PLACES[name])
    }

    fn jitter(&self, axis: &str) -> Seed {
        self.seed.stream(axis)
    }

    fn jittery(&self, name: &'static str) -> Device {
        let jitter = self.jitter(name);
        axis(name).readback_func(move |position| position + jitter.uniform()).into()
    }

    /// A detector that sees a peak along an axis, which begins at 0.
    fn peak(&self, name: &'static str, axis: &'static str) -> SynGauss {
        let axis = self.named(axis);
        SynGauss::new(Text::literal(name), axis, axis.name()).first_seen_at(vec![0.0]).labels(DETECTORS)
    }

    fn peak_above(&self, name: &'static str, axes: [&'static str; 2]) -> Syn2DGauss {
        let [x, y] = axes.map(|axis| self.named(axis));
        Syn2DGauss::new(Text::literal(name), x, x.name(), y, y.name()).labels(DETECTORS)
    }

    fn flyer(&self, name: &'static str, num: u64) -> Device {
        MockFlyer::new(Text::literal(name), self.named("det"), self.named("motor"), 1.0, 5.0, num).into()
    }
}

/// The names of those that are made.
impl fmt::Debug for SimulatedDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = DEVICES.iter().zip(&self.made).filter(|(_, device)| device.get().is_some());
        f.debug_list().entries(made.map(|((name, _), _)| name)).finish()
    }
}
