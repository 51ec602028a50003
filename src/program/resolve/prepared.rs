//! [`Prepared`]: a program whose names are resolved, ready to run.

use super::PreparedItem;
use super::furnish::furnish;
use crate::clock::Clock;
use crate::device::Device;
use crate::hardware::Beamline;
use crate::program::data::Program;
use crate::value::yaml::YamlError;

/// A program whose names are resolved against a beamline, ready to run.
#[derive(Debug)]
pub struct Prepared {
    items: Vec<PreparedItem>,
    fail_fast: bool,
}

impl Prepared {
    /// Makes the devices of a program, each of which `add` puts where it belongs, and resolves all that the program names against
    /// them and the beamline.
    pub(crate) fn resolve(
        program: &Program,
        clock: Clock,
        beamline: Beamline,
        add: impl FnMut(Device) -> Device,
    ) -> Result<Self, YamlError> {
        let scope = furnish(program, clock, beamline, add)?;
        let items = program.items.iter().map(|item| PreparedItem::resolve(item, &scope));
        Ok(Self { items: items.collect::<Result<_, YamlError>>()?, fail_fast: program.fail_fast })
    }

    /// The items in order.
    #[must_use]
    pub fn items(&self) -> &[PreparedItem] {
        &self.items
    }

    /// Whether the items behind one that has failed are left out.
    #[must_use]
    pub const fn fail_fast(&self) -> bool {
        self.fail_fast
    }
}
