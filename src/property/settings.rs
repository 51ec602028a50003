//! [`settings`]: a strategy for how long devices take.

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::op::below;
use super::shrink::ShrinkTree;
use super::source::chance_of;
use super::{Kit, Scenario, ScenarioPart};
use crate::program::DeviceSpec;
use crate::seed::Seed;

/// How long the motors and detectors of the [standard kit](Kit::standard) take: some as usual, which is no time at all, others
/// with a delay, a velocity, an exposure.
///
/// ```
/// use skyspan::prelude::*;
///
/// for_all(plans()).with((settings(), faults())).cases(20).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub fn settings() -> Settings {
    Settings { kit: Kit::standard() }
}

/// A strategy for the settings of devices: made by [`settings`].
#[derive(Clone, Debug)]
pub struct Settings {
    kit: Kit,
}

impl Settings {
    /// Of the devices of that kit.
    #[must_use]
    pub fn of(self, kit: Kit) -> Self {
        Self { kit }
    }

    fn generate(&self, chance: &Seed) -> Vec<DeviceSpec> {
        let mut all = Vec::new();
        let tenths = |chance: &Seed| f64::from(1 + below(chance, 10)) / 10.0;
        for name in self.kit.motor_names() {
            match below(chance, 4) {
                0 => all.push(DeviceSpec::new("SynAxis", &**name).with("delay", tenths(chance))),
                1 => all.push(motor_of_velocity(name, f64::from(1 + below(chance, 4)))),
                _ => {}
            }
        }
        for name in self.kit.detector_names() {
            match below(chance, 4) {
                0 => all.push(DeviceSpec::new("SynSignal", &**name).with("exposure_time", tenths(chance))),
                1 => all.push(detector_with_exposure(name, tenths(chance))),
                _ => {}
            }
        }
        all
    }
}

/// A motor that moves with this velocity, and takes a tenth of a second to get there.
fn motor_of_velocity(name: &str, velocity: f64) -> DeviceSpec {
    DeviceSpec::new("SimMotor", name).with("velocity", velocity).with("acceleration_time", 0.1)
}

/// A detector with this exposure and 10 ms of dead time after it, without noise.
fn detector_with_exposure(name: &str, exposure_s: f64) -> DeviceSpec {
    let detector = DeviceSpec::new("SimDetector", name).with("exposure_time", exposure_s);
    detector.with("dead_time", 0.01).with("noise", "none")
}

impl ScenarioPart for Settings {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        scenario.devices.extend(self.generate(chance));
    }
}

impl Strategy for Settings {
    type Tree = ShrinkTree<Vec<DeviceSpec>>;
    type Value = Vec<DeviceSpec>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(ShrinkTree::new(self.generate(&chance_of(runner))))
    }
}
