//! [`StageSigs`]: the signals that a device sets when it is staged.

use std::fmt;
use std::sync::Mutex;

use super::interceptor::Interceptor;
use crate::device::{Args, Cx, Device, DeviceError, Staged};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// A signal that a device sets when it is staged: a component of it by its path, or any other.
#[derive(Clone, Debug, PartialEq)]
pub enum StageSig {
    /// A component, by its attribute; dots reach further down.
    Component(Text),
    /// A signal of whatever device.
    Signal(Device),
}

impl From<&str> for StageSig {
    fn from(path: &str) -> Self {
        Self::Component(path.into())
    }
}

impl From<&Device> for StageSig {
    fn from(signal: &Device) -> Self {
        Self::Signal(signal.clone())
    }
}

/// The component's path, or the name of the signal.
impl fmt::Display for StageSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component(path) => f.write_str(path),
            Self::Signal(signal) => signal.fmt(f),
        }
    }
}

/// The signals that a device sets when it is staged, and what they were before (`ophyd.device.BlueskyInterface`, 1.11.2).
#[derive(Debug, Default)]
pub(super) struct StageSigs(Mutex<StagedSigs>);

#[derive(Debug, Default)]
struct StagedSigs {
    sigs: Vec<(StageSig, Value)>,
    /// What was set, in order, and what it was before.
    originals: Vec<(Device, Value)>,
    progress: Progress,
}

/// How far staging has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Progress {
    #[default]
    No,
    Partially,
    Yes,
}

impl Device {
    /// When the device is staged this signal is set to this value, and put back when it is unstaged (`ophyd.Device.stage_sigs`,
    /// 1.11.2). Given anew, a signal keeps its place.
    ///
    /// What ophyd does, any device does here, also one's own: all signals are read; then each is set, and waited for, in the order in
    /// which they were given; then the device itself is staged. What fails there is put back, last one first, before the error
    /// is raised. Unstaging puts back in the reverse order, after the device itself; where that fails the rest stays as
    /// it is, and the device is staged no more before it has been unstaged.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0));
    /// stage.stage_sig("velocity", 5.0);
    /// let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 2));
    /// assert_eq!(run.duration(), secs(10.0 / 5.0), "it moves as fast as it was staged");
    /// // The signal was set, and put back.
    /// run.assert(exactly(2, span("Ophyd Status").attr("status_type", "Status")));
    /// ```
    pub fn stage_sig(&self, signal: impl Into<StageSig>, value: impl Into<Value>) -> &Self {
        let (signal, value) = (signal.into(), value.into());
        self.in_front(|front| front.stage_sigs.add(signal, value));
        self
    }

    /// The signals that are set when the device is staged, in order.
    #[must_use]
    pub fn stage_sigs(&self) -> Vec<(StageSig, Value)> {
        self.in_front(|front| lock(&front.stage_sigs.0).sigs.clone()).unwrap_or_default()
    }

    /// No signal is set any more when the device is staged.
    pub fn clear_stage_sigs(&self) -> &Self {
        self.in_front(|front| lock(&front.stage_sigs.0).sigs.clear());
        self
    }
}

impl StageSigs {
    fn add(&self, signal: StageSig, value: Value) {
        let sigs = &mut lock(&self.0).sigs;
        match sigs.iter_mut().find(|(known, _)| *known == signal) {
            Some((_, known)) => *known = value,
            None => sigs.push((signal, value)),
        }
    }

    /// Whether there is nothing to do, neither for staging nor for unstaging.
    pub(super) fn are_none(&self) -> bool {
        let state = lock(&self.0);
        state.sigs.is_empty() && state.originals.is_empty() && state.progress == Progress::No
    }

    fn progress(&self) -> Progress {
        lock(&self.0).progress
    }

    fn come(&self, progress: Progress) {
        lock(&self.0).progress = progress;
    }

    /// Stages the device in front of which this is.
    pub(super) async fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        match self.progress() {
            Progress::No => {}
            // The device itself says so, if it is one that minds.
            Progress::Yes => return stage_behind(cx).await,
            Progress::Partially => {
                return Err(DeviceError::RedundantStaging(
                    format!(
                        "Device {:?} has been partially staged. Maybe the most recent unstaging encountered an error \
                         before finishing. Try unstaging again.",
                        cx.device()
                    )
                    .into(),
                ));
            }
        }
        self.come(Progress::Partially);
        let sigs = lock(&self.0).sigs.clone();
        let mut wanted = Vec::with_capacity(sigs.len());
        for (sig, value) in sigs {
            wanted.push((resolve(&sig, cx.device())?, value));
        }
        let mut originals = Vec::with_capacity(wanted.len());
        for (signal, _) in &wanted {
            originals.push(value_of(cx, signal).await?);
        }
        let staged = async {
            for ((signal, value), original) in wanted.into_iter().zip(originals) {
                set(cx, &signal, value).await?;
                lock(&self.0).originals.push((signal, original));
            }
            stage_behind(cx).await
        };
        match staged.await {
            Ok(staged) => {
                self.come(Progress::Yes);
                Ok(staged)
            }
            Err(error) => {
                self.unstage(cx).await?;
                Err(error)
            }
        }
    }

    /// Unstages the device in front of which this is.
    pub(super) async fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.come(Progress::Partially);
        let unstaged = unstage_behind(cx).await?;
        loop {
            let Some((signal, original)) = lock(&self.0).originals.last().cloned() else { break };
            set(cx, &signal, original).await?;
            lock(&self.0).originals.pop();
        }
        self.come(Progress::No);
        Ok(unstaged)
    }
}

async fn stage_behind(cx: Cx<'_>) -> Result<Staged, DeviceError> {
    let Some(behind) = cx.device().behind_front().as_stageable() else { return Ok(Staged::Devices(Vec::new())) };
    match behind.stage(cx)? {
        Staged::Later(later) => later.await,
        staged => Ok(staged),
    }
}

async fn unstage_behind(cx: Cx<'_>) -> Result<Staged, DeviceError> {
    let Some(behind) = cx.device().behind_front().as_stageable() else { return Ok(Staged::Devices(Vec::new())) };
    match behind.unstage(cx)? {
        Staged::Later(later) => later.await,
        unstaged => Ok(unstaged),
    }
}

fn resolve(sig: &StageSig, device: &Device) -> Result<Device, DeviceError> {
    match sig {
        StageSig::Signal(signal) => Ok(signal.clone()),
        StageSig::Component(path) => {
            device.component(path).ok_or_else(|| DeviceError::no_attribute(&device.class_name(), path))
        }
    }
}

/// What a signal is now.
async fn value_of(cx: Cx<'_>, signal: &Device) -> Result<Value, DeviceError> {
    let readable = signal.readable().map_err(|_| DeviceError::no_attribute(&signal.class_name(), "get"))?;
    let readings = readable.read(cx.of(signal)).await?;
    let own = readings.get(signal.name()).or_else(|| readings.iter().next().map(|(_, reading)| reading));
    Ok(own.map(|reading| reading.value.clone()).unwrap_or_default())
}

/// Sets a signal, and waits until it is.
async fn set(cx: Cx<'_>, signal: &Device, value: Value) -> Result<(), DeviceError> {
    let movable = signal.movable().map_err(|_| DeviceError::no_attribute(&signal.class_name(), "set"))?;
    let status = movable.set(cx.of(signal), &Args::one(value))?;
    status.wait(cx.of(signal), None).await
}

/// Does what takes time now if it takes none, and later if it does.
pub(super) fn now_or_later(
    cx: Cx<'_>,
    stages: bool,
    front: impl Fn(&Device) -> Option<&Interceptor> + Send + Sync + 'static,
) -> Result<Staged, DeviceError> {
    let (shared, device, parent) = (std::sync::Arc::clone(cx.shared()), cx.device().clone(), cx.parent().clone());
    Staged::later(async move {
        let Some(front) = front(&device) else { return Ok(Staged::Devices(Vec::new())) };
        let cx = Cx::new(&shared, &device, &parent);
        if stages { front.stage_sigs.stage(cx).await } else { front.stage_sigs.unstage(cx).await }
    })
}
