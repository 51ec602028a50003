//! [`Scenario`]: the circumstances in which a plan is run.

use super::kit::furnish;
use super::{Interruption, Kit, Moment};
use crate::document::DocumentName;
use crate::harness::{Decision, Harness};
use crate::program::{CallbackSpec, DeviceSpec, FaultSpec, Program};

/// The circumstances in which a plan is run: the seed of all chance, settings of devices, faults, what happens from outside, and in
/// which order happens what happens at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// The seed of the harness.
    pub seed: u64,
    /// Devices that are other than usual.
    pub devices: Vec<DeviceSpec>,
    /// What goes wrong with devices.
    pub faults: Vec<FaultSpec>,
    /// Who gets all documents of the call, and at which of them it fails.
    pub callbacks: Vec<CallbackSpec>,
    /// Whether interruptions become events of the runs.
    pub record_interruptions: bool,
    /// What happens from outside.
    pub interruptions: Vec<Interruption>,
    /// Which of those comes that are due at one moment, each time that there is a choice; after these numbers, and where there are none, the
    /// one that was set first: see [`Moments::Picked`](crate::clock::Moments::Picked).
    pub moments: Vec<u8>,
}

/// How often a plan is resumed for which nothing else was decided. A plan that pauses itself for ever is halted in the end.
const RESUMED_AT_MOST: usize = 100;

/// How many messages sooner it is tried to happen at most: about as many as a plan of bluesky has.
const SOONER_BY: u32 = 12;

impl Scenario {
    /// Makes a lab what the scenario says, for the next call: it has the devices and the faults, the interruptions are to come, and
    /// each pause is decided upon.
    pub(super) fn prepare(&self, lab: &Harness, kit: Option<&Kit>) {
        // The callbacks come first: one of the kit has the same name, and what it does.
        let (devices, callbacks) = (self.devices.clone(), self.callbacks.clone());
        furnish(lab, &Program { callbacks, ..Program::default() });
        if let Some(kit) = kit {
            kit.add_to(lab);
        }
        furnish(lab, &Program { devices, ..Program::default() });
        let names = lab.names();
        lab.with_engine(|engine| {
            for subscriber in self.callbacks.iter().filter_map(|callback| names.subscriber(&callback.name.value)) {
                engine.add_subscriber(DocumentName::All, subscriber);
            }
            if self.record_interruptions {
                engine.record_interruptions(true);
            }
        });
        let beamline = lab.beamline();
        for FaultSpec { device, fault } in &self.faults {
            // One that can never come is none.
            if let Some(device) = beamline.get(&device.value).filter(|device| fault.can_come_to(device)) {
                device.fault(fault.clone());
            }
        }
        self.interruptions.iter().for_each(|interruption| interruption.schedule(lab));
        lab.on_pause(self.decisions());
    }

    /// What becomes of the pauses, one after another.
    pub(super) fn decisions(&self) -> impl Iterator<Item = Decision> + use<> {
        let decided: Vec<Decision> = self.interruptions.iter().filter_map(Interruption::decision).cloned().collect();
        let others = std::iter::repeat_n(Decision::resume(), RESUMED_AT_MOST).chain([Decision::halt()]);
        decided.into_iter().chain(others)
    }

    /// The same without what happens from outside.
    #[must_use]
    pub fn undisturbed(&self) -> Self {
        Self { interruptions: Vec::new(), ..self.clone() }
    }

    /// The same with what happens at a message happening some messages sooner: all of it, or the latest alone.
    pub(super) fn sooner(&self) -> Vec<Self> {
        let number = |interruption: &Interruption| match interruption.when {
            Moment::Message(number, _) => number,
            Moment::After(_) => 0,
        };
        let latest = self.interruptions.iter().map(number).max().unwrap_or_default();
        let is_one = self.interruptions.iter().filter(|it| number(it) > 1).count() == 1;
        let from = |least: u32, by: u32| {
            let sooner = |interruption: &Interruption| match interruption.when {
                Moment::Message(number, later) if number >= least && number > by => {
                    Interruption { when: Moment::Message(number - by, later), ..interruption.clone() }
                }
                _ => interruption.clone(),
            };
            Self { interruptions: self.interruptions.iter().map(sooner).collect(), ..self.clone() }
        };
        let bys = 1..=SOONER_BY.min(latest.saturating_sub(1));
        bys.flat_map(|by| if is_one { vec![from(1, by)] } else { vec![from(1, by), from(latest, by)] }).collect()
    }
}
