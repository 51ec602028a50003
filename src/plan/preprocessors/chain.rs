//! [`pchain`]: plans, one after another.

use crate::plan::{Plan, plan};
use crate::value::{Text, Value};

/// Plans, one after another; the result is the list of theirs (`bluesky.preprocessors.pchain`, 1.15.1).
///
/// ```
/// use skyspan::plan::preprocessors::pchain;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let nap = |duration_s| plan(async move |p| p.sleep(duration_s).await.map(|()| duration_s));
/// let run = lab.run(pchain([nap(1.0), nap(2.0)]));
/// assert_eq!((run.plan_result(), run.duration()), (Some(&[1.0, 2.0].into()), secs(3.0)));
/// ```
#[must_use]
pub fn pchain(plans: impl IntoIterator<Item = impl Into<Plan>>) -> Plan {
    let plans: Vec<Plan> = plans.into_iter().map(Into::into).collect();
    plan(async move |p| {
        let mut results = Vec::with_capacity(plans.len());
        for plan in plans {
            results.push(p.run(plan).await?);
        }
        Ok(Value::from(results))
    })
    .named(Text::literal("pchain"))
}
