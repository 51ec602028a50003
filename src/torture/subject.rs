//! [`Subject`]: what is tortured, as often as is wanted, each time in a lab of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::leftover::Hung;
use super::witness::Witness;
use crate::clock::Moments;
use crate::device::Device;
use crate::engine::{ExitStatus, Limits, RunEngineState};
use crate::harness::{Harness, HarnessBuilder, Kept, Outcome};
use crate::message::PlanError;
use crate::plan::Plan;
use crate::program::{PauseAnswer, Prepared, Program, Request};
use crate::value::Text;
use crate::value::yaml::YamlError;
use skyspan_trace::internal::lock;

type Make<'a> = dyn Fn(&Harness) -> Plan + Send + Sync + 'a;
type Build<'a> = dyn Fn(HarnessBuilder) -> HarnessBuilder + Send + Sync + 'a;

/// What is tortured.
pub(super) enum Subject<'a> {
    Program(&'a Program),
    /// What furnishes a lab, and makes a plan in it; and how the lab is built.
    Plan(Box<Make<'a>>, Option<Box<Build<'a>>>),
}

/// How a lab is made.
#[derive(Clone, Copy)]
pub(super) struct LabWish {
    pub(super) seed: u64,
    /// Those of the undisturbed run where there are none.
    pub(super) limits: Option<Limits>,
    /// What it keeps.
    pub(super) keeps: Keeps,
    pub(super) order: Option<u64>,
}

/// What a lab keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Keeps {
    /// Nothing.
    Nothing,
    /// The spans, which say what the sections of the plan are.
    Spans,
    /// All of it, for people to look at.
    All,
}

/// The undisturbed run has at most so many messages: each of them is noted.
const NOTED_MAX: u64 = 1_000_000;

/// A lab, furnished, and what is run in it.
pub(super) struct Furnished {
    pub(super) lab: Harness,
    /// The devices that were added, by their names on the beamline.
    pub(super) devices: Vec<(Text, Device)>,
    work: Work,
}

enum Work {
    Program(Box<Prepared>),
    Plan(Mutex<Option<Plan>>),
}

/// How an item ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exit {
    pub(super) status: ExitStatus,
    pub(super) error: Option<PlanError>,
}

impl Exit {
    /// Whether another item ended alike; what errors say may name a time or a random uid.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let name = |exit: &Self| exit.error.as_ref().map(PlanError::name);
        self.status == other.status && name(self) == name(other)
    }
}

/// The pauses that are somebody's doing, and how long each lasts.
#[derive(Clone, Default)]
pub(super) struct OurPauses(Arc<AtomicUsize>);

impl OurPauses {
    /// The engine is about to pause.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
    }
}

impl Subject<'_> {
    /// How much the undisturbed run may do.
    fn limits(&self) -> Limits {
        let limits = match self {
            Self::Program(program) => program.engine.limits,
            Self::Plan(..) => Limits::default(),
        };
        let messages = limits.messages.map_or(NOTED_MAX, |messages| messages.min(NOTED_MAX));
        limits.with("messages", Some(messages)).unwrap_or(limits)
    }

    /// A new lab, with devices and work.
    pub(super) fn furnish(&self, wish: LabWish) -> Result<Furnished, YamlError> {
        let builder = Harness::builder().seed(wish.seed);
        let builder = match self {
            Self::Program(program) => builder.program(program),
            Self::Plan(_, None) => builder,
            Self::Plan(_, Some(build)) => build(builder).seed(wish.seed),
        };
        let builder = builder.limits(wish.limits.unwrap_or_else(|| self.limits()));
        let builder = match wish.keeps {
            Keeps::All => builder.chronicled(),
            Keeps::Spans => builder.without(Kept::Documents).without(Kept::Messages),
            Keeps::Nothing => builder.untraced().without(Kept::Documents).without(Kept::Messages),
        };
        let lab = builder.build();
        if let Some(order) = wish.order {
            lab.clock().order_moments(Moments::Shuffled(order));
        }
        let before = lab.beamline();
        let work = match self {
            Self::Program(program) => Work::Program(Box::new(lab.prepare(program)?)),
            Self::Plan(make, _) => Work::Plan(Mutex::new(Some(make(&lab)))),
        };
        let after = lab.beamline();
        let is_new = |(name, device): &(&Text, &Device)| before.get(name).is_none_or(|known| known != **device);
        let devices = after.names().zip(after.devices()).filter(is_new);
        let devices = devices.map(|(name, device)| (name.clone(), device.clone())).collect();
        Ok(Furnished { lab, devices, work })
    }
}

impl Furnished {
    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        match &self.work {
            Work::Program(prepared) => prepared.items().len(),
            Work::Plan(_) => 1,
        }
    }

    /// Whether the items behind one that ended so are left out.
    pub(super) fn ends_with(&self, exit: &Exit) -> bool {
        let fails_fast = matches!(&self.work, Work::Program(prepared) if prepared.fail_fast());
        fails_fast && (exit.status != ExitStatus::Success || exit.error.is_some())
    }

    /// Runs an item, and resumes the pauses that are ours after a while.
    pub(super) fn run(
        &self,
        item: usize,
        ours: (&OurPauses, std::time::Duration),
        witness: &Arc<Mutex<Witness>>,
    ) -> (Exit, Option<Outcome>) {
        let (pauses, hold) = ours;
        match &self.work {
            Work::Program(prepared) => {
                let mut resumes = false;
                let outcome = prepared.items()[item].run_deciding(&self.lab, |planned| {
                    if std::mem::take(&mut resumes) {
                        return PauseAnswer::Ask(Request::Resume);
                    }
                    if pauses.take() {
                        resumes = true;
                        return PauseAnswer::Sleep(hold);
                    }
                    lock(witness).answer();
                    planned.next().cloned().unwrap_or_else(|| {
                        lock(witness).is_hung(Hung::Paused);
                        PauseAnswer::Ask(Request::Halt)
                    })
                });
                let status = outcome.call().map_or(ExitStatus::Success, Outcome::exit_status);
                (Exit { status, error: outcome.error().cloned() }, outcome.call().cloned())
            }
            Work::Plan(plan) => {
                let Some(plan) = lock(plan).take() else {
                    return (Exit { status: ExitStatus::Success, error: None }, None);
                };
                let lab = &self.lab;
                let mut outcome = lab.run(plan);
                while lab.state() == RunEngineState::Paused {
                    if pauses.take() {
                        // Where time has come to its end, there is nothing to wait for.
                        let _ = lab.clock().block_on(lab.clock().sleep(hold));
                        if lab.state() != RunEngineState::Paused {
                            outcome = lab.decision();
                            continue;
                        }
                    }
                    // A pause of the plan's own is for somebody who looks, and resumes.
                    outcome = lab.resume();
                }
                (Exit { status: outcome.exit_status(), error: outcome.exception().cloned() }, Some(outcome))
            }
        }
    }
}
