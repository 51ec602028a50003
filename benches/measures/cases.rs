//! The cases of a campaign, and the same plans on a bare engine.

use std::hint::black_box;

use proptest::strategy::ValueTree as _;
use skyspan::engine::{RunEngine, RunEngineState};
use skyspan::harness::Harness;
use skyspan::program::Program;
use skyspan::property::{GeneratedPlan, Plans, Source as _, messages, plans};

pub(crate) const SEED: u64 = 0;
/// Plans of up to so many operations come to about twenty messages a case.
pub(crate) const LENGTH: usize = 56;
/// A plan that goes on pausing is halted after so many times.
pub(crate) const RESUMED_AT_MOST: usize = 100;

/// An engine without spans, and a lab with all devices that the plans need.
pub(crate) struct BareEngine {
    lab: Harness,
    engine: RunEngine,
}

impl BareEngine {
    pub(crate) fn of(programs: &[GeneratedPlan]) -> Self {
        let lab = Harness::builder().untraced().build();
        programs.iter().for_each(|program| furnish(&lab, program));
        let mut engine = RunEngine::builder(lab.clock().clone()).build();
        engine.set_input(async |_| Ok("q".into()));
        Self { lab, engine }
    }

    /// Runs the plan. What comes of it is all the same: some are meant to fail.
    pub(crate) fn run(&mut self, program: &GeneratedPlan) {
        let Self { lab, engine } = self;
        drop(black_box(lab.clock().block_on(engine.run(program.plan(lab)))));
        for _ in 0..RESUMED_AT_MOST {
            if engine.state() != RunEngineState::Paused {
                return;
            }
            drop(black_box(lab.clock().block_on(engine.resume())));
        }
        drop(black_box(lab.clock().block_on(engine.halt())));
    }
}

/// The plans of so many cases: of each four cases one is of raw messages.
pub(crate) fn programs(cases: u64) -> Vec<GeneratedPlan> {
    let (plans, messages): (Plans, Plans) = (plans().up_to(LENGTH), messages().up_to(LENGTH));
    let source = |number: u64| if number % 4 == 3 { &messages } else { &plans };
    (0..cases).filter_map(|number| source(number).case(SEED, number)).map(|tree| tree.current()).collect()
}

/// Adds the devices that a generated plan brings with it.
pub(crate) fn furnish(lab: &Harness, program: &GeneratedPlan) {
    let mut devices = Program::default();
    devices.devices.extend_from_slice(program.kit().added());
    lab.furnish(&devices).expect("the devices of a generated plan can be made");
}
