//! [`ramp_plan`]: readings while something moves.

use std::future::Future;
use std::pin::Pin;

use crate::device::{Device, Status};
use crate::message::PlanError;
use crate::plan::preprocessors::monitor_during_wrapper;
use crate::plan::{Plan, Stubs, plan};
use crate::value::{IntoEntries, Map, Text, Value};

/// Starts the ramp; gives its status.
type Go = Box<dyn FnOnce(Stubs) -> Pin<Box<dyn Future<Output = Result<Option<Status>, PlanError>> + Send>> + Send>;

/// So many readings without any time going by are too many.
const MOST_AT_ONCE: u32 = 10_000;

/// Takes readings while something moves; made by [`ramp_plan`].
pub struct RampPlan {
    go: Go,
    monitored: Device,
    inner: Box<dyn FnMut() -> Plan + Send>,
    takes_pre_data: bool,
    timeout_s: Option<f64>,
    period_s: Option<f64>,
    md: Map,
}

/// Starts a ramp by `go`, which gives its status, and does `inner` over and over until that is done, and once before and
/// once after it; monitors a signal all the while: `bluesky.plans.ramp_plan`, 1.15.1. Its result is the uid of the run.
///
/// It fails with a `RampFail` if the time is up (see [`timeout_s`](RampPlan::timeout_s)), with an `AttributeError` if `go`
/// gives no status. If `inner` takes no time, and there is no [period](RampPlan::period_s), a simulated clock stands still;
/// after 10,000 readings at one time the plan fails with a `RuntimeError`.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let slow = lab.add(SynAxis::new("slow").delay_s(1.0));
/// let (det, sig) = (lab.device("det"), lab.device("sig"));
/// let ramp = plans::ramp_plan(
///     async move |p| p.abs_set(&slow, 5).await,
///     &sig,
///     move || {
///         let det = det.clone();
///         plan(async move |p| p.one_shot(&[det]).await)
///     },
/// );
/// let run = lab.run(ramp.period_s(0.4));
/// run.assert_success();
/// assert_eq!(run.messages().iter().filter(|msg| msg.command() == "create").count(), 5);
/// ```
#[must_use]
pub fn ramp_plan<G, Fut, S>(go: G, monitored: &Device, inner: impl FnMut() -> Plan + Send + 'static) -> RampPlan
where
    G: FnOnce(Stubs) -> Fut + Send + 'static,
    Fut: Future<Output = Result<S, PlanError>> + Send + 'static,
    S: Into<Option<Status>>,
{
    RampPlan {
        go: Box::new(move |p| {
            let status = go(p);
            Box::pin(async move { status.await.map(Into::into) })
        }),
        monitored: monitored.clone(),
        inner: Box::new(inner),
        takes_pre_data: true,
        timeout_s: None,
        period_s: None,
        md: Map::new(),
    }
}

impl RampPlan {
    /// Whether there is a reading before the ramp; there is, unless one says so.
    #[must_use]
    pub const fn take_pre_data(mut self, take_pre_data: bool) -> Self {
        self.takes_pre_data = take_pre_data;
        self
    }

    /// How long all may take from the beginning of the run on, in seconds. It is looked at after each reading.
    #[must_use]
    pub const fn timeout_s(mut self, timeout_s: f64) -> Self {
        self.timeout_s = Some(timeout_s);
        self
    }

    /// How long it is at least from the beginning of one reading to that of the next, in seconds.
    #[must_use]
    pub const fn period_s(mut self, period_s: f64) -> Self {
        self.period_s = Some(period_s);
        self
    }

    /// Metadata for the start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }

    async fn poll(self, p: &Stubs) -> Result<(), PlanError> {
        let Self { go, mut inner, takes_pre_data, timeout_s, period_s, .. } = self;
        let clock = p.env().clock.clone();
        let begun = clock.now();
        if takes_pre_data {
            p.run(inner()).await?;
        }
        let status = go(p.clone()).await?;
        let status = status.ok_or_else(|| PlanError::no_attribute("NoneType", "done"))?;
        let mut at_once = 0;
        while !status.is_done() {
            let round = clock.now();
            p.run(inner()).await?;
            if timeout_s.is_some_and(|timeout_s| (clock.now() - begun).as_secs_f64() > timeout_s) {
                return Err(PlanError::raised("RampFail", ""));
            }
            if let Some(period_s) = period_s {
                let left_s = period_s - (clock.now() - round).as_secs_f64();
                if left_s > 0.0 {
                    p.sleep(left_s).await?;
                }
            }
            at_once = if clock.now() == round { at_once + 1 } else { 0 };
            if at_once == MOST_AT_ONCE {
                return Err(PlanError::runtime(format!(
                    "ramp_plan took {MOST_AT_ONCE} readings, and no time went by: on a simulated clock the ramp never ends \
                     then; give a period, or readings that take time"
                )));
            }
        }
        p.run(inner()).await.map(drop)
    }
}

impl From<RampPlan> for Plan {
    fn from(ramp: RampPlan) -> Self {
        let mut md = Map::from_iter([("plan_name", Value::literal("ramp_plan"))]);
        md.extend(ramp.md.clone());
        let monitored = ramp.monitored.clone();
        let polling = plan(async move |p| p.in_run(md, ramp.poll(&p)).await).named(Text::literal("ramp_plan"));
        monitor_during_wrapper(polling, &monitored)
    }
}

impl std::fmt::Debug for RampPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ramp_plan(monitor {:?})", self.monitored)
    }
}
