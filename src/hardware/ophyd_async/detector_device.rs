//! [`DetectorDevice`]: a detector of ophyd-async.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::async_detector::AsyncDetector;
use super::async_signal::{AsyncSignal, Naming};
use super::detector_docs::StreamFile;
use super::detector_frames::Frames;
use super::pattern::Pattern;
use super::soft_signal::{SoftSignal, repr_of};
use super::timeouts::within;
use super::trigger_info::{DetectorTrigger, TriggerInfo};
use crate::clock::{Clock, Timestamp};
use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Configurable, Cx, DataKeys, Device, DeviceError, DeviceTask,
    Flyable, HasHints, Hints, OphydObject, Preparable, Readable, Readings, Stageable, Staged, Status, SyncOrAsync,
    Triggerable, WeakDevice, WritesStreamAssets,
};
use crate::seed::Seed;
use crate::value::{Text, Value, repr};
use skyspan_trace::internal::lock;

#[derive(Debug)]
pub(super) struct DetectorDevice(Arc<Core>);

#[derive(Debug)]
struct Core {
    detector: AsyncDetector,
    parts: Vec<(Text, Device)>,
    signals: Vec<SoftSignal>,
    config: Vec<Device>,
    events_to_kickoff: SoftSignal,
    frames: Arc<Frames>,
    state: Mutex<DetectorPhase>,
}

#[derive(Debug, Default)]
struct DetectorPhase {
    prepared: Option<Prepared>,
    kicked_off: Option<KickedOff>,
}

/// What it was prepared for.
#[derive(Clone, Debug)]
struct Prepared {
    info: TriggerInfo,
    /// How many collections there were then.
    written: u64,
    file: StreamFile,
}

/// What it was kicked off for.
#[derive(Clone, Copy, Debug)]
struct KickedOff {
    info: TriggerInfo,
    /// How many collections there were then.
    written: u64,
    requested: u64,
    /// Whether nothing is left of what it was prepared for.
    is_last: bool,
}

/// How far a status waits for collections.
#[derive(Clone, Copy)]
struct Awaited {
    info: TriggerInfo,
    initial: u64,
    requested: u64,
    until_idle: bool,
    /// How many collections count as one.
    divisor: u64,
}

fn runtime_error(message: impl Into<Text>) -> DeviceError {
    DeviceError::other("RuntimeError", message)
}

impl DetectorDevice {
    pub(super) fn new(mut detector: AsyncDetector, own: &WeakDevice) -> Self {
        let naming = Naming::of_top(detector.name.clone(), Text::literal("-"), detector.mock);
        let mut parts = Vec::new();
        let mut build = |signals: Vec<(Text, AsyncSignal)>| -> Vec<SoftSignal> {
            let built = signals.into_iter().map(|(attribute, signal)| {
                let signal = signal.build(&naming.child(&attribute, own));
                parts.push((attribute, Device::new(signal.clone())));
                signal
            });
            built.collect()
        };
        let signals = build(std::mem::take(&mut detector.signals));
        let config = build(std::mem::take(&mut detector.config));
        let events = build(vec![(Text::literal("events_to_kickoff"), AsyncSignal::new("", 0))]);
        let config_signals = std::mem::take(&mut detector.config_signals);
        let config = config_signals.into_iter().chain(config.into_iter().map(Device::new)).collect();
        let events_to_kickoff = events.into_iter().next();
        let events_to_kickoff =
            events_to_kickoff.unwrap_or_else(|| AsyncSignal::new("", 0).build(&naming.child("events_to_kickoff", own)));
        let frames = Arc::new(Frames::new(detector.period));
        Self(Arc::new(Core { detector, parts, signals, config, events_to_kickoff, frames, state: Mutex::default() }))
    }

    /// What it looks at.
    pub(super) fn pattern(&self) -> Option<&Pattern> {
        self.0.detector.pattern.as_ref()
    }
}

impl Core {
    /// Whether it writes files.
    fn is_streamable(&self) -> bool {
        !self.detector.data.is_empty()
    }

    fn prepared(&self, otherwise: &'static str) -> Result<Prepared, DeviceError> {
        lock(&self.state).prepared.clone().ok_or_else(|| runtime_error(Text::literal(otherwise)))
    }

    fn repr(&self) -> Text {
        repr_of(&self.detector.class_name, &self.detector.name)
    }

    /// Nothing is acquired or written any more.
    fn stop(&self) {
        self.frames.close();
        self.frames.stop();
    }

    fn prepare(&self, info: TriggerInfo, now: Timestamp) -> Result<(), DeviceError> {
        let AsyncDetector { name, triggers, takes_exposures, .. } = &self.detector;
        if info.exposures_per_collection != 1 && !takes_exposures {
            let message = format!("Multiple exposures per collection not supported by {}", self.repr());
            return Err(DeviceError::value(message));
        }
        if !triggers.contains(&info.trigger) {
            let supported: Vec<&str> = triggers.iter().map(|trigger| DetectorTrigger::as_str(*trigger)).collect();
            let (wanted, supported) = (info.trigger.as_str(), supported.join(", "));
            return Err(DeviceError::value(format!(
                "Trigger type DetectorTrigger.{wanted} not supported by '{name}', supported types are: [{supported}]"
            )));
        }
        for (what, seconds) in [("livetime", info.livetime_s), ("deadtime", info.deadtime_s)] {
            if Duration::try_from_secs_f64(seconds).is_err() {
                let message = format!("{what} of a TriggerInfo is a time from 0 on, found {seconds}");
                return Err(DeviceError::value(message));
            }
        }
        let period_s = info.livetime_s + info.deadtime_s;
        if self.is_streamable() {
            self.frames.set_period(Duration::try_from_secs_f64(period_s).unwrap_or(Duration::MAX));
        } else if period_s != 0.0 {
            return Err(DeviceError::value(format!(
                "Detector {name} has no trigger logic, so cannot set livetime or deadtime"
            )));
        }
        self.update_prepared(info);
        let events = i64::try_from(info.number_of_events).unwrap_or(i64::MAX);
        self.events_to_kickoff.store_setpoint(events.into(), now);
        Ok(())
    }

    /// Opens a file, unless one is open that will do.
    fn update_prepared(&self, info: TriggerInfo) {
        let mut state = lock(&self.state);
        let same = |prepared: &Prepared| prepared.file.collections_per_event == info.collections_per_event;
        let file = match state.prepared.take() {
            Some(prepared) if same(&prepared) => prepared.file,
            _ => {
                self.frames.open();
                let AsyncDetector { name, root, filename, data, .. } = &self.detector;
                let uri = format!("{root}{}.h5", filename.as_ref().unwrap_or(name)).into();
                StreamFile::new(name, uri, data, info.collections_per_event)
            }
        };
        state.prepared = Some(Prepared { info, written: self.frames.written(), file });
    }

    /// Begins to acquire what it was prepared for.
    fn start(&self, clock: &Clock, info: TriggerInfo) {
        if self.is_streamable() && self.detector.writes {
            let acquisition = self.frames.acquire(clock, info.collections(), info.exposures_per_collection);
            self.frames.began(DeviceTask::run(clock, acquisition));
        }
    }

    /// Done when so much more is written.
    async fn wait_for(&self, clock: &Clock, status: &Status, awaited: Awaited) -> Result<(), DeviceError> {
        let Awaited { info, initial, requested, until_idle, divisor } = awaited;
        if !self.is_streamable() {
            return Ok(());
        }
        let (target, timeout_s) = (initial + requested, info.timeout_s());
        let mut written = self.frames.written.subscribe();
        loop {
            let now = *written.borrow_and_update();
            let mut progress = status.progress_now();
            let count = |collections: u64| Some(Value::from(collections / divisor));
            (progress.current, progress.initial, progress.target) = (count(now), count(initial), count(target));
            (progress.unit, progress.precision) = (Some(Text::literal("")), Some(0));
            status.report(progress);
            if now >= target {
                break;
            }
            let timeout = Duration::try_from_secs_f64(timeout_s).unwrap_or(Duration::MAX);
            if within(clock, Some(timeout), written.changed()).await.is_err() {
                let timeout_s = repr(&timeout_s.into());
                let source = if self.detector.mock { "mock+soft://" } else { "soft://" };
                let message = format!(
                    "Timeout Error while waiting {timeout_s}s to update ['{source}']. Last observed signal and value \
                     were (SignalR(name=\"\"), {now})"
                );
                return Err(DeviceError::other("TimeoutError", message));
            }
        }
        if until_idle && self.detector.writes {
            self.frames.idle().await;
        }
        Ok(())
    }

    fn kick_off(&self, clock: &Clock) -> Result<(), DeviceError> {
        let Prepared { info, written: before, .. } = self.prepared("Prepare not called")?;
        if !self.is_streamable() {
            let message = format!("Detector {} is not streamable, so cannot kickoff", self.detector.name);
            return Err(DeviceError::value(message));
        }
        let events = u64::try_from(self.events_to_kickoff.value().as_i64().unwrap_or_default()).unwrap_or_default();
        let (written, requested) = (self.frames.written(), events.saturating_mul(info.collections_per_event));
        let (last, prepared) = (written.saturating_add(requested), before.saturating_add(info.collections()));
        if last > prepared {
            return Err(runtime_error(format!(
                "Kickoff requested {written}:{last}, but detector was only prepared up to {prepared}"
            )));
        }
        let is_last = last == prepared;
        lock(&self.state).kicked_off = Some(KickedOff { info, written, requested, is_last });
        self.start(clock, info);
        Ok(())
    }

    /// How many events there are.
    fn index(&self) -> Result<u64, DeviceError> {
        let prepared = self.prepared("Prepare not called")?;
        Ok(self.frames.written() / prepared.file.collections_per_event)
    }

    /// The signals that stand in its events, if it is prepared for what they can tell.
    fn read_signals(&self, prepared: &Prepared) -> &[SoftSignal] {
        if prepared.info.collections() == 1 { &self.signals } else { &[] }
    }
}

impl Stageable for DetectorDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        Ok(Staged::Status(Status::spawn(cx, async move {
            core.stop();
            *lock(&core.state) = DetectorPhase::default();
            core.events_to_kickoff.store_setpoint(0.into(), clock.now());
            Ok(())
        })))
    }

    /// What it was prepared for stays.
    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let core = Arc::clone(&self.0);
        Ok(Staged::Status(Status::spawn(cx, async move {
            core.stop();
            Ok(())
        })))
    }
}

impl Preparable for DetectorDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let info = TriggerInfo::of(args.single()?)?;
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        Ok(Status::spawn(cx, async move { core.prepare(info, clock.now()) }))
    }
}

impl Triggerable for DetectorDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        Ok(Status::spawn_watchable(cx, |status| async move {
            let prepared = lock(&core.state).prepared.as_ref().map(|prepared| prepared.info);
            match prepared {
                None => core.prepare(TriggerInfo::new(), clock.now())?,
                Some(info) if info.number_of_events != 1 => {
                    return Err(DeviceError::value(format!(
                        "trigger() is not supported for multiple events, the detector was prepared with \
                         number_of_events={}.",
                        info.number_of_events
                    )));
                }
                Some(info) => core.update_prepared(info),
            }
            let Prepared { info, written, .. } = core.prepared("Prepare should have been run")?;
            core.start(&clock, info);
            let requested = info.collections_per_event;
            let awaited = Awaited { info, initial: written, requested, until_idle: true, divisor: 1 };
            core.wait_for(&clock, &status, awaited).await
        }))
    }
}

impl Flyable for DetectorDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        Ok(Status::spawn(cx, async move { core.kick_off(&clock) }))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let (core, clock) = (Arc::clone(&self.0), cx.clock().clone());
        Ok(Status::spawn_watchable(cx, |status| async move {
            let kicked_off = lock(&core.state).kicked_off;
            let KickedOff { info, written, requested, is_last } =
                kicked_off.ok_or_else(|| runtime_error(Text::literal("Kickoff not called")))?;
            let divisor = info.collections_per_event;
            let awaited = Awaited { info, initial: written, requested, until_idle: is_last, divisor };
            core.wait_for(&clock, &status, awaited).await
        }))
    }
}

impl Readable for DetectorDevice {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        let prepared = self.0.prepared("Prepare not called");
        prepared
            .map(|prepared| self.0.read_signals(&prepared).iter().flat_map(|signal| signal.readings().0).collect())
            .into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let described = self.0.prepared("Prepare not run").map(|prepared| {
            let of_signals = self.0.read_signals(&prepared).iter().flat_map(|signal| signal.data_keys().0);
            DataKeys(of_signals.chain(prepared.file.data_keys().0).collect())
        });
        described.into()
    }
}

impl Configurable for DetectorDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        SyncOrAsync::later(async move {
            let mut all = Readings::default();
            for signal in &self.0.config {
                if let Some(readable) = signal.as_readable() {
                    all.0.extend(readable.read(cx.of(signal)).await?.0);
                }
            }
            Ok(all)
        })
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        SyncOrAsync::later(async move {
            let mut all = DataKeys::default();
            for signal in &self.0.config {
                if let Some(readable) = signal.as_readable() {
                    all.0.extend(readable.describe(cx.of(signal)).await?.0);
                }
            }
            Ok(all)
        })
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(&self.0.detector.class_name, "configure")).into()
    }
}

impl Collectable for DetectorDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        let prepared = self.0.prepared("Prepare not run");
        prepared.map(|prepared| CollectedStreams::One(prepared.file.data_keys())).into()
    }
}

impl WritesStreamAssets for DetectorDevice {
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        let collected = self.0.index().map(|written| {
            let events = index.unwrap_or(written);
            let mut state = lock(&self.0.state);
            let seed: Seed = cx.seed().stream(&format!("assets of {}", self.0.detector.name));
            state.prepared.as_mut().map(|prepared| prepared.file.documents(&seed, events)).unwrap_or_default()
        });
        collected.into()
    }

    fn get_index<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>> {
        self.0.index().into()
    }
}

impl HasHints for DetectorDevice {
    fn hints(&self) -> Hints {
        let AsyncDetector { name, data, .. } = &self.0.detector;
        let of_data = data.iter().filter(|data| data.hinted).map(|data| format!("{name}{}", data.suffix).into());
        let of_signals = self.0.signals.iter().map(|signal| signal.name().clone());
        Hints::fields(of_signals.chain(of_data).collect())
    }
}

impl OphydObject for DetectorDevice {
    fn name(&self) -> &Text {
        &self.0.detector.name
    }

    fn class_name(&self) -> Text {
        self.0.detector.class_name.clone()
    }

    fn repr(&self) -> Text {
        self.0.repr()
    }

    fn added_at(&self, now: Timestamp) {
        self.0.parts.iter().for_each(|(_, device)| device.object().added_at(now));
    }

    fn labels(&self) -> &[Text] {
        &self.0.detector.labels
    }

    fn component(&self, attribute: &str) -> Option<Device> {
        self.0.parts.iter().find(|(name, _)| **name == *attribute).map(|(_, device)| device.clone())
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        Some(self)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        Some(self)
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        Some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}
