//! [`settings`]: a strategy for how long devices take.

use std::time::Duration;

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::op::below;
use super::shrink::ShrinkTree;
use super::source::chance_of;
use super::{DeviceSpec, Kit, Scenario, ScenarioPart};
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
        let tenths = |chance: &Seed| Duration::from_millis(100 * u64::from(1 + below(chance, 10)));
        for name in self.kit.motor_names().iter().cloned() {
            match below(chance, 4) {
                0 => all.push(DeviceSpec::Axis { name, delay: tenths(chance) }),
                1 => all.push(DeviceSpec::Motor { name, velocity: u32::from(1 + below(chance, 4)) }),
                _ => {}
            }
        }
        for name in self.kit.detector_names().iter().cloned() {
            match below(chance, 4) {
                0 => all.push(DeviceSpec::Signal { name, exposure: tenths(chance) }),
                1 => all.push(DeviceSpec::Detector { name, exposure: tenths(chance) }),
                _ => {}
            }
        }
        all
    }
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
