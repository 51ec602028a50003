//! [`AsyncPointDetector`]: the simulated point detector of ophyd-async.

use std::time::Duration;

use super::assembly::{Assembly, Parts};
use super::async_readable::{AsyncChild, AsyncReadable, ReadableFormat};
use super::async_signal::{AsyncSignal, Naming};
use super::datatype::SignalDatatype;
use super::pattern::Pattern;
use super::soft_signal::SoftSignal;
use crate::device::{Cx, Device, DeviceError, Status, Triggerable, WeakDevice};
use crate::hardware::component_macros::takes_labels;
use crate::value::{Text, Value};

/// A detector of some channels: `ophyd_async.sim.SimPointDetector` 0.21.3.
///
/// This is the detector to be: `Device::from` makes the device. It reads `NAME-channel-1-value` and so on; its configuration is
/// `NAME-channel-1-mode` and so on, `Low Energy` or `High Energy`. It exposes for `detector.acquire_time`, 0.1 s at first, and
/// its values grow meanwhile. They depend on where the stage is that it [looks at](Self::looks_at).
///
/// ```
/// use skyspan::hardware::AsyncPointDetector;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let diode = lab.add(AsyncPointDetector::new("diode").channels(2));
/// let run = lab.run(plan(async move |p| {
///     let acquire_time = diode.component("acquire_time").ok_or_else(|| plan_error!("it has one"))?;
///     p.mv(&acquire_time, 0.25).await?;
///     p.run(plans::count(&diode, 2)).await
/// }));
/// assert_eq!(run.duration(), secs(0.5));
/// let event = run.events().next().ok_or("there is one")?;
/// assert_eq!(event.get("diode-channel-1-value"), Some(&725.into()));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug)]
pub struct AsyncPointDetector {
    name: Text,
    channels: u32,
    pattern: Option<Pattern>,
    mock: bool,
    labels: Vec<Text>,
}

impl AsyncPointDetector {
    /// A detector of three channels that looks at nothing that moves.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), channels: 3, pattern: None, mock: false, labels: Vec::new() }
    }

    /// How many channels it has; 3 unless one says otherwise.
    #[must_use]
    pub const fn channels(mut self, channels: u32) -> Self {
        self.channels = channels;
        self
    }

    /// It sees where that stage is, while that is staged: the two share a `PatternGenerator`. A detector in its place stands for
    /// what that looks at.
    ///
    /// # Panics
    ///
    /// If the device is neither a stage nor a detector of ophyd-async's.
    #[must_use]
    #[track_caller]
    pub fn looks_at(mut self, stage: &Device) -> Self {
        self.pattern = Some(Pattern::wanted_of(stage));
        self
    }

    /// Whether a device is one that it [can look at](Self::looks_at).
    pub(crate) fn can_look_at(device: &Device) -> bool {
        Pattern::of_device(device).is_some()
    }

    /// It is connected in mock mode, in which it counts all the same.
    #[must_use]
    pub const fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    takes_labels!();
}

fn channel() -> AsyncReadable {
    let modes = ["Low Energy", "High Energy"].map(Text::literal).to_vec();
    AsyncReadable::new("")
        .class_name(Text::literal("SimPointDetectorChannel"))
        .child("value", ReadableFormat::HintedSignal, AsyncSignal::of_type("", SignalDatatype::Int).read_only())
        .child("mode", ReadableFormat::ConfigSignal, AsyncSignal::of_type("", SignalDatatype::Choice(modes)))
}

impl From<AsyncPointDetector> for Device {
    fn from(detector: AsyncPointDetector) -> Self {
        let AsyncPointDetector { name, channels, pattern, mock, labels } = detector;
        let (naming, pattern) = (Naming::of_top(name, Text::literal("-"), mock), pattern.unwrap_or_default());
        Self::new_cyclic(|own: &WeakDevice| {
            let all = (1..=channels).map(|nth| (Text::from(nth.to_string()), AsyncChild::Readable(channel())));
            let children = [
                ("channel", ReadableFormat::Child, AsyncChild::Vector(all.collect())),
                ("acquire_time", ReadableFormat::NotRead, AsyncSignal::new("", 0.1).into()),
                ("acquiring", ReadableFormat::NotRead, AsyncSignal::new("", false).read_only().into()),
            ];
            let children = children.map(|(attribute, format, child)| (Text::literal(attribute), format, child));
            let parts = Parts::build(children, &naming, own);
            let signal = |path: String| {
                let (first, rest) = path.split_once('.').unwrap_or((&path, ""));
                let device = parts.get(first)?;
                let device = if rest.is_empty() { device } else { device.component(rest)? };
                SoftSignal::of_device(&device).cloned()
            };
            let channels = (1..=channels).filter_map(|nth| {
                Some(Channel {
                    number: i32::try_from(nth).ok()?,
                    value: signal(format!("channel.{nth}.value"))?,
                    mode: signal(format!("channel.{nth}.mode"))?,
                })
            });
            let exposing = Exposing {
                channels: channels.collect(),
                acquire_time: signal("acquire_time".to_owned()),
                pattern: pattern.clone(),
            };
            Assembly::new("SimPointDetector", &naming, parts).labelled(labels).of_pattern(pattern).triggered(exposing)
        })
    }
}

/// What is exposed of a detector.
#[derive(Clone)]
struct Exposing {
    channels: Vec<Channel>,
    acquire_time: Option<SoftSignal>,
    pattern: Pattern,
}

#[derive(Clone)]
struct Channel {
    number: i32,
    value: SoftSignal,
    mode: SoftSignal,
}

/// How often the values grow, in seconds.
const PERIOD_S: f64 = 0.1;

impl Triggerable for Exposing {
    #[expect(clippy::cast_possible_truncation, reason = "a count is whole, and within ten thousand a second")]
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let (exposing, clock) = (self.clone(), cx.clock().clone());
        Ok(Status::spawn(cx, async move {
            for channel in &exposing.channels {
                channel.value.store(0.into(), clock.now());
            }
            let acquire_time_s = exposing.acquire_time.as_ref().map_or(0.0, SoftSignal::number);
            let is_high = |channel: &Channel| channel.mode.value() == Value::literal("High Energy");
            let modes: Vec<bool> = exposing.channels.iter().map(is_high).collect();
            let tenths = (0_u64..).map(|nth| PERIOD_S + nth as f64 * PERIOD_S);
            let times = tenths.take_while(|time_s| *time_s < acquire_time_s).chain([acquire_time_s]);
            let began = clock.now();
            for time_s in times {
                clock.sleep_until(began + Duration::try_from_secs_f64(time_s).unwrap_or_default()).await;
                for (channel, high_energy) in exposing.channels.iter().zip(&modes) {
                    let counts = exposing.pattern.point(channel.number, *high_energy) * 10_000.0 * time_s;
                    channel.value.store((counts as i64).into(), clock.now());
                }
            }
            Ok(())
        }))
    }
}
