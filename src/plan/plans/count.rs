//! [`count`]: readings, one after another.

use super::metadata::{given_hints, names, reprs};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::{IntoDevices, Plan, plan};
use crate::value::{IntoEntries, Map, Text, Value};

/// What is done for each reading in place of [`Stubs::one_shot`](crate::plan::Stubs::one_shot).
type PerShot = Box<dyn FnMut(Vec<Device>) -> Plan + Send>;

/// Takes readings, one after another; made by [`count`].
pub struct Count {
    detectors: Vec<Device>,
    num: Option<u64>,
    delay: Value,
    per_shot: Option<PerShot>,
    md: Map,
}

/// Takes `num` readings from detectors: `bluesky.plans.count`. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::count(&lab.device("det"), 3).delay_s(0.5));
/// assert_eq!((run.events().count(), run.duration()), (3, secs(1.5)));
/// ```
#[must_use]
pub fn count(detectors: impl IntoDevices, num: u64) -> Count {
    Count { detectors: detectors.into_devices(), num: Some(num), delay: 0.0.into(), per_shot: None, md: Map::new() }
}

impl Count {
    /// Goes on until it is interrupted.
    #[must_use]
    pub const fn forever(mut self) -> Self {
        self.num = None;
        self
    }

    /// How long it is from the beginning of one reading to that of the next, in seconds: a number, or a list of them.
    #[must_use]
    pub fn delay_s(mut self, delay_s: impl Into<Value>) -> Self {
        self.delay = delay_s.into();
        self
    }

    /// What is done for each reading, instead of a checkpoint and an event with all detectors.
    #[must_use]
    pub fn per_shot(mut self, per_shot: impl FnMut(Vec<Device>) -> Plan + Send + 'static) -> Self {
        self.per_shot = Some(Box::new(per_shot));
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

    fn metadata(&self) -> Map {
        let mut md = Map::from_iter([
            ("detectors", names(&self.detectors)),
            ("num_points", self.num.into()),
            ("num_intervals", self.num.map(|num| i128::from(num) - 1).into()),
            (
                "plan_args",
                Map::from_iter([
                    ("detectors", reprs(&self.detectors)),
                    ("num", self.num.into()),
                    ("delay", self.delay.clone()),
                ])
                .into(),
            ),
            ("plan_name", "count".into()),
            ("hints", Map::new().into()),
        ]);
        md.extend(self.md.clone());
        let mut hints = given_hints(&md);
        let time: Value = [Value::from(["time"]), "primary".into()].into();
        hints.insert_default("dimensions", [time]);
        md.insert("hints", hints);
        md
    }
}

impl From<Count> for Plan {
    fn from(count: Count) -> Self {
        let md = count.metadata();
        let Count { detectors, num, delay, mut per_shot, .. } = count;
        plan(async move |p| {
            let predeclares = per_shot.is_none();
            let shots = p.repeat(num, &delay, || {
                let own = per_shot.as_mut().map(|per_shot| per_shot(detectors.clone()));
                let (p, detectors) = (&p, &detectors);
                async move {
                    match own {
                        Some(shot) => p.run(shot).await.map(drop),
                        None => p.one_shot(detectors).await,
                    }
                }
            });
            let counting = async {
                if predeclares {
                    p.predeclare(detectors.iter()).await?;
                }
                shots.await
            };
            let uid: Result<Text, PlanError> = p.staged(&detectors, p.in_run(md, counting)).await;
            uid
        })
        .named(Text::literal("count"))
    }
}

impl std::fmt::Debug for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "count({:?}, num={:?})", self.detectors, self.num)
    }
}
