//! [`AsyncStage`]: the simulated stage of ophyd-async.

use std::sync::Mutex;

use super::assembly::{Assembly, Parts};
use super::async_motor::AsyncMotor;
use super::async_readable::ReadableFormat;
use super::async_signal::Naming;
use super::pattern::Pattern;
use super::soft_signal::SoftSignal;
use crate::device::{Device, SubscriptionId, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::value::Text;
use skyspan_trace::internal::lock;

/// A stage of two motors `x` and `y`: `ophyd_async.sim.SimStage` 0.21.3.
///
/// This is the stage to be: `Device::from` makes the device. It reads `NAME-x` and `NAME-y`, whose motors move at 1 mm/s and are
/// reached as `stage.x` and `stage.y`. While it is staged, the detectors that [look at it](super::AsyncPointDetector::looks_at)
/// see where it is.
///
/// ```
/// use skyspan::hardware::{AsyncPointDetector, AsyncStage};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(AsyncStage::new("stage"));
/// let diode = lab.add(AsyncPointDetector::new("diode").looks_at(&stage));
/// let x = stage.component("x").ok_or("a stage has an x")?;
/// let run = lab.run(plans::scan([diode, stage], &x, 0, 1, 2));
/// run.assert_success();
/// assert_eq!(run.duration(), secs(0.1 + 1.5 + 0.1));
/// let staged: Vec<_> = run.messages().iter().filter(|msg| msg.command() == "stage").collect();
/// assert_eq!(staged.len(), 2, "the motor is staged with its stage");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug)]
pub struct AsyncStage {
    name: Text,
    mock: bool,
    labels: Vec<Text>,
}

impl AsyncStage {
    /// A stage at 0, 0.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), mock: false, labels: Vec::new() }
    }

    /// It is connected in mock mode, in which it moves all the same.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    takes_labels!();

    pub(super) fn build(self, naming: &Naming) -> Device {
        let mut naming = naming.clone();
        naming.mock |= self.mock;
        Device::new_cyclic(|own: &WeakDevice| {
            let axis = |attribute| AsyncMotor::new("").velocity(1.0).build(&naming.child(attribute, own));
            let (x, y, pattern) = (axis("x"), axis("y"), Pattern::default());
            let followed = Followed::new(&[&x, &y], &pattern);
            let parts = Parts::default().with("x", ReadableFormat::Child, x).with("y", ReadableFormat::Child, y);
            Assembly::new("SimStage", &naming, parts)
                .labelled(self.labels)
                .of_pattern(pattern)
                .on_stage(move |stages| followed.follow(stages))
        })
    }
}

/// The motors of a stage, as those see them that look at it.
struct Followed {
    readbacks: Vec<SoftSignal>,
    pattern: Pattern,
    followed: Mutex<Vec<SubscriptionId>>,
}

impl Followed {
    fn new(motors: &[&Device], pattern: &Pattern) -> Self {
        let readbacks = motors.iter().filter_map(|motor| {
            let readback = motor.component("user_readback")?;
            SoftSignal::of_device(&readback).cloned()
        });
        Self { readbacks: readbacks.collect(), pattern: pattern.clone(), followed: Mutex::default() }
    }

    fn follow(&self, follows: bool) {
        let mut followed = lock(&self.followed);
        for (readback, id) in self.readbacks.iter().zip(followed.drain(..)) {
            readback.follow_no_more(id);
        }
        if !follows {
            return;
        }
        let set: [fn(&Pattern, f64); 2] = [Pattern::set_x, Pattern::set_y];
        for (readback, set) in self.readbacks.iter().zip(set) {
            let pattern = self.pattern.clone();
            followed.push(readback.follow(Box::new(move |readings| {
                if let Some(at) = readings.iter().next().and_then(|(_, reading)| reading.value.as_f64()) {
                    set(&pattern, at);
                }
            })));
        }
    }
}

impl From<AsyncStage> for Device {
    fn from(stage: AsyncStage) -> Self {
        let naming = Naming::of_top(stage.name.clone(), Text::literal("-"), stage.mock);
        stage.build(&naming)
    }
}
