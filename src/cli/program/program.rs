//! [`Program`]: the items of a plan file, ready to run.

use super::ProgramItem;
use super::bench::Bench;
use crate::cli::plan_file::{PlanFile, PlanFileError};
use crate::harness::Harness;

/// The items of a plan file, ready to run.
#[derive(Debug)]
pub struct Program {
    items: Vec<ProgramItem>,
}

impl Program {
    /// Adds the devices of a file to a harness, and resolves all that the file names.
    ///
    /// # Errors
    ///
    /// [`PlanFileError`], with its place in the file, for what does not exist or does not fit.
    pub fn compile(file: &PlanFile, lab: &Harness) -> Result<Self, PlanFileError> {
        let bench = Bench::furnish(lab, file)?;
        let items = file.items.iter().map(|item| ProgramItem::compile(item, &bench));
        Ok(Self { items: items.collect::<Result<_, PlanFileError>>()? })
    }

    /// The items in order.
    #[must_use]
    pub fn items(&self) -> &[ProgramItem] {
        &self.items
    }
}
