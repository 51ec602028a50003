//! What a printed counterexample calls: the closures of a search, with what they get.
//!
//! A closure that stands alone would have to say the types of its arguments; here they are known.

use super::{Broken, Checked};
use crate::harness::{Harness, HarnessBuilder};
use crate::plan::Plan;

/// A harness that is built as the labs of a search are: what [`ForAll::harness`](super::ForAll::harness) has.
pub fn built(builder: HarnessBuilder, build: impl FnOnce(HarnessBuilder) -> HarnessBuilder) -> HarnessBuilder {
    build(builder)
}

/// Furnishes a lab as the labs of a search are: what [`ForAll::lab`](super::ForAll::lab) has.
pub fn furnish(lab: &Harness, furnish: impl FnOnce(&Harness)) {
    furnish(lab);
}

/// The plan of a case: what [`ForAll::plan`](super::ForAll::plan) has.
#[must_use]
pub fn plan_of_case<V, P: Into<Plan>>(lab: &Harness, case: &V, plan: impl FnOnce(&Harness, &V) -> P) -> Plan {
    plan(lab, case).into()
}

/// Checks a case: what [`ForAll::check`](super::ForAll::check) has.
///
/// # Errors
///
/// Why the check fails.
pub fn check_case<V, C: Checked>(lab: &Harness, case: &V, check: impl FnOnce(&Harness, &V) -> C) -> Result<(), Broken> {
    check(lab, case).into_result()
}
