//! [`Cx`]: the circumstances of a call; [`CallEnvironment`]: what all calls of an engine share.

use std::sync::Arc;

use opentelemetry::Context;

use super::{Device, Ending};
use crate::clock::{Clock, Timestamp, Tracer};
use crate::seed::Seed;

/// What all calls of one engine share: its clock, the tracer of its statuses, its source of chance.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEnvironment {
    /// What waits or stamps asks this.
    pub clock: Clock,
    /// Starts the spans of statuses; its scope is `ophyd.status`.
    pub tracer: Tracer,
    /// Where noise comes from.
    pub seed: Seed,
}

impl CallEnvironment {
    /// Those of a clock, a tracer and a source of chance.
    #[must_use]
    pub const fn new(clock: Clock, tracer: Tracer, seed: Seed) -> Self {
        Self { clock, tracer, seed }
    }
}

/// The circumstances of a call: what [`CallEnvironment`] hold, the device that is called, and the context whose span is
/// the parent of what the call starts.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'a> {
    shared: &'a Arc<CallEnvironment>,
    device: &'a Device,
    parent: &'a Context,
    ending: Option<&'a Ending>,
}

impl<'a> Cx<'a> {
    /// The circumstances of a call of `device`.
    #[must_use]
    pub const fn new(shared: &'a Arc<CallEnvironment>, device: &'a Device, parent: &'a Context) -> Self {
        Self { shared, device, parent, ending: None }
    }

    /// The clock of the call.
    #[must_use]
    pub fn clock(self) -> &'a Clock {
        &self.shared.clock
    }

    /// What time it is.
    #[must_use]
    pub fn now(self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The tracer of statuses.
    #[must_use]
    pub fn tracer(self) -> &'a Tracer {
        &self.shared.tracer
    }

    /// Where noise comes from. A device that draws from it uses a [`stream`](Seed::stream) of its own.
    #[must_use]
    pub fn seed(self) -> &'a Seed {
        &self.shared.seed
    }

    /// The device that is called.
    #[must_use]
    pub const fn device(self) -> &'a Device {
        self.device
    }

    /// The context whose span is the parent of what the call starts.
    #[must_use]
    pub const fn parent(self) -> &'a Context {
        self.parent
    }

    /// What all calls of the engine share.
    #[must_use]
    pub const fn shared(self) -> &'a Arc<CallEnvironment> {
        self.shared
    }

    /// How what this call starts ends, if a fault has it otherwise than the device.
    #[must_use]
    pub const fn ending(self) -> Option<&'a Ending> {
        self.ending
    }

    /// The same circumstances, with another end of what the call starts.
    #[must_use]
    pub const fn ending_so(self, ending: &'a Ending) -> Self {
        Self { ending: Some(ending), ..self }
    }

    /// The same circumstances for a device to which the call is handed on, in whose place it does what is asked.
    #[must_use]
    pub const fn handed_on(self, device: &'a Device) -> Self {
        Self { device, ..self }
    }

    /// The same circumstances for a call of another device, a component for example. It ends as it would.
    #[must_use]
    pub const fn of(self, device: &'a Device) -> Self {
        Self { device, ending: None, ..self }
    }
}
