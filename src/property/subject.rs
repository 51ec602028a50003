//! [`Subject`]: what makes the plan that is tried.

use super::source_text::Written;
use super::{GeneratedPlan, Kit};
use crate::harness::Harness;
use crate::plan::Plan;
use crate::program::Step;

/// What makes the plan that is tried, new for each lab.
pub(super) trait Subject {
    /// The plan, with the devices of that lab.
    fn plan(&self, lab: &Harness) -> Plan;

    /// The devices that a lab must have.
    fn kit(&self) -> Option<&Kit> {
        None
    }

    /// What it comes to, where that is known.
    fn steps(&self) -> Option<Vec<Step>> {
        None
    }

    /// Where the test makes the plan of its arguments, with these as Rust code.
    fn own(&self) -> Option<(Written, String)> {
        None
    }

    /// For people: the arguments that were generated.
    fn shown(&self) -> String;
}

impl Subject for GeneratedPlan {
    fn plan(&self, lab: &Harness) -> Plan {
        Self::plan(self, lab)
    }

    fn kit(&self) -> Option<&Kit> {
        Some(Self::kit(self))
    }

    fn steps(&self) -> Option<Vec<Step>> {
        Some(Self::steps(self))
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}
