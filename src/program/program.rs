//! [`Program`]: the items of a plan file, ready to run.

use super::ProgramItem;
use super::bench::Bench;
use crate::clock::Clock;
use crate::device::Device;
use crate::hardware::Beamline;
use crate::program::plan_file::PlanFile;
use crate::value::yaml::YamlError;

/// The items of a plan file, ready to run.
#[derive(Debug)]
pub struct Program {
    items: Vec<ProgramItem>,
}

impl Program {
    /// Makes the devices of a file, each of which `add` puts where it belongs, and resolves all that the file names against
    /// them and the beamline.
    pub(crate) fn resolve(
        file: &PlanFile,
        clock: Clock,
        beamline: Beamline,
        add: impl FnMut(Device) -> Device,
    ) -> Result<Self, YamlError> {
        let bench = Bench::furnish(file, clock, beamline, add)?;
        let items = file.items.iter().map(|item| ProgramItem::compile(item, &bench));
        Ok(Self { items: items.collect::<Result<_, YamlError>>()? })
    }

    /// The items in order.
    #[must_use]
    pub fn items(&self) -> &[ProgramItem] {
        &self.items
    }
}
