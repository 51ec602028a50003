//! [`AsyncFlyer`]: a flyer of ophyd-async that takes no data itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::soft_signal::repr_of;
use crate::device::{Args, Cx, Device, DeviceError, Flyable, OphydObject, Preparable, Stageable, Staged, Status};
use crate::hardware::wanted;
use crate::value::Text;
use skyspan_trace::internal::lock;

/// A flyer that takes no data itself, such as one that starts others: `ophyd_async.core.StandardFlyable` 0.21.3.
///
/// This is the flyer to be: `Device::from` makes the device. It is prepared, kicked off and completed, in that order, each of which
/// takes its time. Staging it begins anew. It has no stream.
///
/// ```
/// use skyspan::hardware::AsyncFlyer;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let panda = lab.add(AsyncFlyer::new("panda").complete_s(1.0));
/// let unprepared = lab.add(AsyncFlyer::new("bare"));
/// let run = lab.run(plan(async move |p| {
///     p.open_run(Map::new()).await?;
///     p.prepare_in(&panda, 0, "ready").await?;
///     p.wait("ready").await?;
///     p.kickoff_all(&panda).await?;
///     p.complete_all(&panda, "done").await?;
///     p.wait("done").await?;
///     p.close_run().await
/// }));
/// assert_eq!(run.duration(), secs(1.0));
/// let run = lab.run(plan(async move |p| {
///     p.complete_all(&unprepared, "done").await?;
///     p.wait("done").await
/// }));
/// let error = run.exception().map(ToString::to_string).unwrap_or_default();
/// assert!(error.contains("bare: kickoff() must be called before complete()"), "{error}");
/// ```
#[derive(Clone, Debug)]
pub struct AsyncFlyer {
    name: Text,
    class_name: Text,
    prepare: Duration,
    kickoff: Duration,
    complete: Duration,
}

impl AsyncFlyer {
    /// A flyer that takes no time.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let class_name = Text::literal("StandardFlyable");
        Self {
            name: name.into(),
            class_name,
            prepare: Duration::ZERO,
            kickoff: Duration::ZERO,
            complete: Duration::ZERO,
        }
    }

    /// The name of its class, as its `repr` has it; `StandardFlyable` unless one says otherwise.
    #[must_use]
    pub fn class_name(mut self, class_name: impl Into<Text>) -> Self {
        self.class_name = class_name.into();
        self
    }

    /// How long it takes to be prepared, in seconds.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn prepare_s(mut self, prepare_s: f64) -> Self {
        self.prepare = wanted::seconds("prepare_s", prepare_s);
        self
    }

    /// How long it takes to be kicked off, in seconds.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn kickoff_s(mut self, kickoff_s: f64) -> Self {
        self.kickoff = wanted::seconds("kickoff_s", kickoff_s);
        self
    }

    /// How long it takes to come to its end from when it is asked to, in seconds.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn complete_s(mut self, complete_s: f64) -> Self {
        self.complete = wanted::seconds("complete_s", complete_s);
        self
    }
}

impl From<AsyncFlyer> for Device {
    fn from(flyer: AsyncFlyer) -> Self {
        Self::new(FlyerDevice { flyer, progress: Arc::default() })
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Progress {
    #[default]
    Idle,
    Prepared,
    KickedOff,
}

#[derive(Debug)]
struct FlyerDevice {
    flyer: AsyncFlyer,
    progress: Arc<Mutex<Progress>>,
}

impl FlyerDevice {
    /// A step that takes its time, for which it must have come so far, if that is wanted, and after which it is that far.
    fn step(&self, cx: Cx<'_>, watchable: bool, before: Option<Progress>, after: Progress, time: Duration) -> Status {
        let (name, progress, clock) = (self.flyer.name.clone(), Arc::clone(&self.progress), cx.clock().clone());
        let work = async move {
            if before.is_some_and(|before| *lock(&progress) != before) {
                let [first, second] = match after {
                    Progress::KickedOff if before == Some(Progress::Prepared) => ["prepare", "kickoff"],
                    _ => ["kickoff", "complete"],
                };
                let message = format!("{name}: {first}() must be called before {second}()");
                return Err(DeviceError::other("RuntimeError", message));
            }
            clock.sleep(time).await;
            *lock(&progress) = after;
            Ok(())
        };
        if watchable { Status::spawn_watchable(cx, |_| work) } else { Status::spawn(cx, work) }
    }
}

impl Preparable for FlyerDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.single()?;
        Ok(self.step(cx, false, None, Progress::Prepared, self.flyer.prepare))
    }
}

impl Flyable for FlyerDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        Ok(self.step(cx, false, Some(Progress::Prepared), Progress::KickedOff, self.flyer.kickoff))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        Ok(self.step(cx, true, Some(Progress::KickedOff), Progress::KickedOff, self.flyer.complete))
    }
}

impl Stageable for FlyerDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(Staged::Status(self.step(cx, false, None, Progress::Idle, Duration::ZERO)))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.stage(cx)
    }
}

impl OphydObject for FlyerDevice {
    fn name(&self) -> &Text {
        &self.flyer.name
    }

    fn class_name(&self) -> Text {
        self.flyer.class_name.clone()
    }

    fn repr(&self) -> Text {
        repr_of(&self.flyer.class_name, &self.flyer.name)
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }
}
