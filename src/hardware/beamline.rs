//! [`Beamline`]: devices by name.

use std::sync::Arc;

use super::{
    ABDetector, DetWithConf, DetWithCountTime, DirectImage, MockFlyer, Noise, PseudoPositioner, Signal, Syn2DGauss,
    SynAxis, SynGauss, SynPeriodicSignal, SynSignal, SynSignalWithRegistry, TrivialFlyer,
};
use crate::clock::{Clock, Timestamp};
use crate::device::Device;
use crate::seed::Seed;
use crate::value::{Text, Value};
use rustc_hash::FxHashMap;

/// The label of what detects.
const DETECTORS: [&str; 1] = ["detectors"];

/// Devices by name, in the order in which they were added.
#[derive(Clone, Debug)]
pub struct Beamline {
    /// Shared by clones until one of them changes.
    devices: Arc<Vec<(Text, Device)>>,
    /// Where each name stands among them: there may be many.
    places: Arc<FxHashMap<Text, usize>>,
}

impl Beamline {
    /// A beamline without devices.
    #[must_use]
    pub fn empty() -> Self {
        Self { devices: Arc::default(), places: Arc::default() }
    }

    /// The devices of `ophyd.sim.hw()`, under the same names. Jitter comes from `seed`, the noise of a detector and what
    /// changes by chance from the seed of the engine that calls it.
    ///
    /// As there, `identical_det`, `ab_det`, `det_with_conf` and `det_with_count_time` are other devices whose name is `det`,
    /// `motor_no_pos` is one whose name is `motor`, and so on.
    #[must_use]
    pub fn simulated(seed: &Seed) -> Self {
        let mut beamline = Self::empty();
        beamline.insert_axes(seed);
        let [motor, motor1, motor2, motor3] = [0, 1, 2, 3].map(|at| beamline.devices[at].1.clone());
        let [jittery_motor1, jittery_motor2] = [4, 5].map(|at| beamline.devices[at].1.clone());
        let steps = motor.clone();
        let det = |name: &'static str, motor: &Device| {
            SynGauss::new(Text::literal(name), motor, motor.name()).labels(DETECTORS)
        };
        let plane = |name: &'static str, x: &Device, y: &Device| {
            Syn2DGauss::new(Text::literal(name), x, x.name(), y, y.name()).labels(DETECTORS)
        };
        beamline.insert("noisy_det", det("noisy_det", &motor).noise(Noise::Uniform).noise_multiplier(0.1));
        let seen = beamline.insert("det", det("det", &motor));
        beamline.insert("identical_det", det("det", &motor));
        beamline.insert("det1", det("det1", &motor1).imax(5).sigma(0.5));
        beamline.insert("det2", det("det2", &motor2).center(1).imax(2).sigma(2));
        beamline.insert("det3", det("det3", &motor3).center(-1).imax(2));
        beamline.insert("det4", plane("det4", &motor1, &motor2));
        beamline.insert("det5", plane("det5", &jittery_motor1, &jittery_motor2));
        for (name, num) in [("flyer1", 20), ("flyer2", 10)] {
            beamline.insert(name, MockFlyer::new(Text::literal(name), &seen, &steps, 1.0, 5.0, num));
        }
        beamline.insert("trivial_flyer", TrivialFlyer::new(Text::literal("trivial_flyer")));
        beamline.insert("new_trivial_flyer", TrivialFlyer::with_assets(Text::literal("new_trivial_flyer")));
        beamline.insert_detectors();
        beamline.insert_signals();
        beamline
    }

    fn insert_axes(&mut self, seed: &Seed) {
        let axis = |name: &'static str| SynAxis::new(Text::literal(name)).labels(["motors"]);
        for name in ["motor", "motor1", "motor2", "motor3"] {
            self.insert(name, axis(name));
        }
        for name in ["jittery_motor1", "jittery_motor2"] {
            let jitter = seed.stream(name);
            self.insert(name, axis(name).readback_func(move |position| position + jitter.uniform()));
        }
        self.insert("motor_no_pos", axis("motor").no_position());
        for (name, of) in [("motor_empty_hints1", "motor1"), ("motor_empty_hints2", "motor2")] {
            self.insert(name, axis(of).empty_hints());
        }
        for (name, of) in [("motor_no_hints1", "motor1"), ("motor_no_hints2", "motor2")] {
            self.insert(name, axis(of).no_hints());
        }
        self.insert("pseudo3x3", PseudoPositioner::s3x3(Text::literal("pseudo3x3")));
        self.insert("pseudo1x3", PseudoPositioner::s1x3(Text::literal("pseudo1x3")));
    }

    fn insert_detectors(&mut self) {
        let image = || Value::from([[1.0; 10]; 10]);
        let direct = || DirectImage::new(Text::literal("direct")).labels(DETECTORS);
        self.insert("ab_det", ABDetector::new(Text::literal("det")).labels(DETECTORS));
        self.insert("direct_img", direct().func(image).ndarray().img_name(Text::literal("img")));
        let list = direct().func(|| [[1; 10]; 10]).img_name(Text::literal("direct_img_list"));
        self.insert("direct_img_list", list);
        self.insert("img", SynSignalWithRegistry::new(Text::literal("img")).func(image).labels(DETECTORS));
        self.insert("det_with_conf", DetWithConf::new(Text::literal("det")).labels(DETECTORS));
        self.insert("det_with_count_time", DetWithCountTime::new(Text::literal("det")).labels(DETECTORS));
    }

    fn insert_signals(&mut self) {
        for name in ["invariant1", "invariant2"] {
            self.insert(name, SynSignal::new(Text::literal(name)).func(|| 0).invariant().labels(DETECTORS));
        }
        for name in ["rand", "rand2"] {
            self.insert(name, SynPeriodicSignal::new(Text::literal(name)).labels(DETECTORS));
        }
        self.insert("sig", Signal::new(Text::literal("sig"), 0));
        self.insert("bool_sig", Signal::new(Text::literal("bool_sig"), false).labels(DETECTORS));
        self.insert("signal", SynSignal::new(Text::literal("signal")));
    }

    /// Adds a device under its own name, and gives it back. One that has the name already is replaced.
    pub fn add(&mut self, device: impl Into<Device>) -> Device {
        let device = device.into();
        self.insert(device.name().clone(), device)
    }

    /// Adds a device under a name, and gives it back. One that has the name already is replaced.
    pub fn insert(&mut self, name: impl Into<Text>, device: impl Into<Device>) -> Device {
        let (name, device) = (name.into(), device.into());
        let devices = Arc::make_mut(&mut self.devices);
        match self.places.get(&name) {
            Some(place) => devices[*place].1 = device.clone(),
            None => {
                Arc::make_mut(&mut self.places).insert(name.clone(), devices.len());
                devices.push((name, device.clone()));
            }
        }
        device
    }

    /// The device of that name; dots reach its components: `det.Imax`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Device> {
        let (name, component) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let (_, device) = self.devices.get(*self.places.get(name)?)?;
        component.map_or_else(|| Some(device.clone()), |path| device.component(path))
    }

    /// The names of all devices, in the order in which they were added.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.devices.iter().map(|(name, _)| name)
    }

    /// All devices, in the order in which they were added.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = &Device> {
        self.devices.iter().map(|(_, device)| device)
    }

    /// Tells all devices that they are part of a beamline with that clock, and that their first values were taken now.
    pub fn added_to(&self, clock: &Clock) {
        self.devices().for_each(|device| device.object().added_to(clock));
    }

    /// Tells all devices that their first values were taken now.
    pub fn added_at(&self, now: Timestamp) {
        self.devices().for_each(|device| device.object().added_at(now));
    }
}
