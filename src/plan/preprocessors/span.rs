//! [`trace_plan`]: a span around a plan.

use crate::plan::{Plan, plan};
use crate::value::Text;

/// A span around the messages of a plan: `bluesky.tracing.trace_plan`.
///
/// ```
/// use skyspan::plan::preprocessors::trace_plan;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let run = lab.run(trace_plan("align", plan(async move |p| p.mv(&motor, 1).await)));
/// let trace = run.trace();
/// let align = trace.named("align").next().ok_or("no span")?;
/// assert_eq!(align.children().count(), 2);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn trace_plan(name: impl Into<Text>, inner: impl Into<Plan>) -> Plan {
    let inner = inner.into();
    let (span, name) = (name.into(), inner.name().clone());
    plan(async move |p| p.trace(span, async move |p| p.run(inner).await).await).named(name)
}
