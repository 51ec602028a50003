//! [`NamedPlan`]: a plan or a plan stub that programs know by its name.

use super::plan_table::PLANS;
use super::stub_table::STUBS;
use crate::program::call::{Call, Make};
use crate::program::parameter::Parameter;
use crate::program::rust_words::RustCall;
use crate::program::scope::Scope;
use crate::value::nearest;
use crate::value::yaml::{Node, Spanned, YamlError};

/// A plan or a plan stub that programs know by its name, which is the one that it has in bluesky.
#[non_exhaustive]
pub struct NamedPlan {
    /// The name that plan files have for the plan.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// Makes it of a call.
    pub(super) make: fn(&Call<'_>) -> Result<Make, YamlError>,
    /// As Rust code: a call of a stub of `p`, or of one of `plans`.
    pub(in crate::program) rust: fn(&RustCall<'_>) -> Option<String>,
    /// Where a search may put it.
    #[cfg_attr(not(feature = "property"), expect(dead_code, reason = "only a search draws plans"))]
    pub(crate) drawn: Drawn,
}

/// Where a search may put a plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Drawn {
    /// Where a plan may go that opens a run of its own and stages its devices.
    Run,
    /// Anywhere outside of a bundle, for it leaves all as it was.
    Still,
    /// Where an event of the stream `primary` may be taken.
    Event,
    /// Where a message with this command may go, for it yields one.
    Message(&'static str),
    /// Among messages that may be wrong alone: it asks for what a device may not have, or for what must have come before it.
    Loose,
}

pub(super) const fn named(
    name: &'static str,
    parameters: &'static [Parameter],
    drawn: Drawn,
    about: &'static str,
    make: fn(&Call<'_>) -> Result<Make, YamlError>,
    rust: fn(&RustCall<'_>) -> Option<String>,
) -> NamedPlan {
    NamedPlan { name, about, parameters, make, rust, drawn }
}

/// All plans, then all plan stubs.
pub(crate) fn all_plans() -> impl Iterator<Item = &'static NamedPlan> {
    PLANS.iter().chain(STUBS)
}

/// The plan or the plan stub of that name.
pub(crate) fn plan_named(name: &str) -> Option<&'static NamedPlan> {
    all_plans().find(|plan| plan.name == name)
}

/// What makes the plan or plan stub of that name, called with these arguments.
pub(in crate::program) fn named_plan(
    name: &Spanned<String>,
    args: &[Node],
    kwargs: &[(Spanned<String>, Node)],
    scope: &Scope,
) -> Result<Make, YamlError> {
    let Some(plan) = plan_named(&name.value) else {
        let found = format!("the string {:?}", name.value);
        let error = YamlError::new(name.position, "the name of a plan", found);
        return Err(error.with_suggestion(nearest(&name.value, all_plans().map(|plan| plan.name))));
    };
    let call = Call { name, parameters: plan.parameters, args, kwargs, scope };
    call.check()?;
    (plan.make)(&call)
}

impl std::fmt::Debug for NamedPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
