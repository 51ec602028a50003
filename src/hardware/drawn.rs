//! [`Drawn`]: what one device draws by chance.

use std::sync::OnceLock;

use crate::device::Cx;
use crate::seed::Seed;
use crate::value::Text;

/// A stream of the seed of whoever calls the device: what one device draws does not shift what another does.
#[derive(Debug)]
pub(super) struct Drawn {
    purpose: Text,
    first: OnceLock<(u64, Seed)>,
}

impl Drawn {
    pub(super) fn of(purpose: impl Into<Text>) -> Self {
        Self { purpose: purpose.into(), first: OnceLock::new() }
    }

    /// The stream, which goes on from call to call as long as the seed is the same.
    pub(super) fn seed(&self, cx: Cx<'_>) -> Seed {
        let stream = || cx.seed().stream(&self.purpose);
        let (of, seed) = self.first.get_or_init(|| (cx.seed().number(), stream()));
        if *of == cx.seed().number() { seed.clone() } else { stream() }
    }

    /// The stream of no seed in particular, for what is drawn when a device is made.
    pub(super) fn unseeded(&self) -> Seed {
        Seed::new(0).stream(&self.purpose)
    }
}
