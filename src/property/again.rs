//! What a printed counterexample calls: the closures of a search, with what they get.
//!
//! A closure that stands alone would have to say the types of its arguments; here they are known.

use super::{Broken, Checked};
use crate::hardware::Signal;
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

/// Gives a signal of a lab a value, when it is called: what [`Interrupt::Trip`](super::Interrupt::Trip) does. Nothing where there is no
/// such signal.
pub fn put(lab: &Harness, signal: &str, value: bool) -> impl FnOnce() + Send + 'static {
    let (signal, clock) = (lab.beamline().get(signal), lab.clock().clone());
    move || {
        let _ = signal.and_then(|it| it.downcast_ref::<Signal>().map(|signal| signal.put(value, clock.now())));
    }
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
