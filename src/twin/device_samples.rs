//! [`DeviceSamples`]: how long one device took for what, in all nights.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::sightings::{Mark, Sight, Sightings, StatusSeen};
use crate::value::{Map, Text, Timestamp, Value};
use skyspan_trace::internal::one_line;

/// How long one device took for what, in all nights.
#[derive(Debug, Default)]
pub(super) struct DeviceSamples {
    pub(super) name: Text,
    /// The calls of each command, in order.
    pub(super) calls: BTreeMap<Text, Vec<CallSeen>>,
    /// The unit of its position.
    pub(super) unit: Option<Text>,
    /// How long it settles, as its statuses say.
    pub(super) settle_time: Option<Duration>,
    pub(super) settle_times_differ: bool,
    /// The class that its statuses or messages name.
    pub(super) class_seen: Option<Text>,
    /// Where it was at first.
    pub(super) first_position: Option<Value>,
    /// What was read of it at last.
    pub(super) read: Vec<(Text, Value)>,
    /// The first configuration that a descriptor has of it.
    pub(super) configuration: Map,
}

/// A call of a device, and how long it took.
#[derive(Clone, Debug)]
pub(super) struct CallSeen {
    /// Which call of its command it was in its night, from 1.
    pub(super) nth: u64,
    /// How long it took, where it went well and that is known.
    pub(super) seconds: Option<f64>,
    /// With what it failed, and after how long.
    pub(super) failure: Option<(String, Duration)>,
    /// Whether a status was seen: that of a device without one is known of its wait alone.
    pub(super) has_status: bool,
    /// What it was set to, and from where.
    pub(super) target: Option<Value>,
    pub(super) from: Option<Value>,
    /// How it was configured.
    pub(super) configuration: Map,
}

impl CallSeen {
    /// Whether it went up: from where it was to a greater number.
    pub(super) fn goes_up(&self) -> bool {
        self.target.as_ref().and_then(Value::as_f64) > self.from.as_ref().and_then(Value::as_f64)
    }

    /// How far it went.
    pub(super) fn distance(&self) -> Option<f64> {
        let (to, from) = (self.target.as_ref()?.as_f64()?, self.from.as_ref()?.as_f64()?);
        Some((to - from).abs()).filter(|distance| distance.is_finite())
    }
}

/// The samples of all devices, in the order in which they are first seen.
pub(super) fn samples(nights: &[Sightings<'_>]) -> Vec<DeviceSamples> {
    let mut all: Vec<DeviceSamples> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    for seen in nights {
        let configurations = Configurations::of(seen);
        let mut counts: HashMap<(Text, Text), u64> = HashMap::new();
        let mut positions: HashMap<Text, Value> = HashMap::new();
        for mark in &seen.marks {
            let Some((command, device, status)) = called(mark) else { continue };
            let at = *places.entry(device.clone()).or_insert_with(|| {
                all.push(DeviceSamples { name: device.clone(), ..DeviceSamples::default() });
                all.len() - 1
            });
            let count = counts.entry((device.clone(), command.clone())).or_default();
            *count += 1;
            let configuration = configurations.at(device, mark.start);
            let mut call = CallSeen {
                nth: *count,
                seconds: None,
                failure: None,
                has_status: status.is_some_and(|status| status.span.is_some()),
                target: None,
                from: None,
                configuration: configuration.cloned().unwrap_or_default(),
            };
            if command == "set" {
                call.target = mark.target().cloned();
                let told = status.and_then(|status| status.number("start_pos ").or(status.number("start_pos")));
                call.from = told.map(Value::from).or_else(|| positions.get(device).cloned());
            }
            if let Some(status) = status {
                call.failure = status.failure().map(|why| (why, status.took.unwrap_or_default()));
                let is_well = call.failure.is_none();
                call.seconds = status.took.filter(|_| is_well).map(|took| took.as_secs_f64());
                all[at].note(status);
            }
            if let Some(target) = &call.target {
                let is_there = call.failure.is_none();
                let finished = status.and_then(|status| status.number("finish_pos")).map(Value::from);
                positions.insert(device.clone(), if is_there { target.clone() } else { finished.unwrap_or_default() });
            }
            all[at].add(command.clone(), call);
        }
        let mut read: Vec<_> = seen.read.iter().collect();
        read.sort_by_key(|(device, _)| device.as_str());
        for (device, values) in read {
            let at = *places.entry(device.clone()).or_insert_with(|| {
                all.push(DeviceSamples { name: device.clone(), ..DeviceSamples::default() });
                all.len() - 1
            });
            if all[at].read.is_empty() {
                all[at].read.clone_from(values);
            }
        }
        for samples in &mut all {
            if samples.configuration.is_empty() {
                samples.configuration = configurations.first(&samples.name).cloned().unwrap_or_default();
            }
        }
    }
    all
}

/// What a mark calls of a device.
pub(super) fn called<'m, 'n>(mark: &'m Mark<'n>) -> Option<(Text, &'m Text, Option<&'m StatusSeen<'n>>)> {
    match &mark.what {
        Sight::Message { command, device: Some(device), status, .. } => {
            Some(((*command).into(), device, status.as_ref()))
        }
        Sight::Begun { command, device, status, .. } => Some(((*command).into(), device, status.as_ref())),
        _ => None,
    }
}

impl DeviceSamples {
    /// What a status says of its device.
    fn note(&mut self, status: &StatusSeen<'_>) {
        let unit = status.text("unit").filter(|unit| !unit.is_empty());
        self.unit = self.unit.take().or_else(|| unit.map(|unit| one_line(unit).into()));
        self.class_seen = self.class_seen.take().or_else(|| status.text("device_type").map(Text::from));
        let Some(settle_time) = status.settle_time().filter(|_| status.span.is_some()) else { return };
        // The status of a trigger settles, too, and says nothing of moves.
        if status.number("target").is_none() && status.text("target").is_none() {
            return;
        }
        self.settle_times_differ |= self.settle_time.is_some_and(|known| known != settle_time);
        self.settle_time.get_or_insert(settle_time);
    }

    fn add(&mut self, command: Text, call: CallSeen) {
        if self.first_position.is_none() {
            self.first_position = call.from.clone().filter(|from| !from.is_null());
        }
        self.calls.entry(command).or_default().push(call);
    }

    pub(super) fn calls_of(&self, command: &str) -> &[CallSeen] {
        self.calls.get(command).map_or(&[], Vec::as_slice)
    }

    pub(super) fn does(&self, command: &str) -> bool {
        self.calls.contains_key(command)
    }
}

/// The number of a configuration that is called by one of these words, after the name of its device.
pub(super) fn configured(configuration: &Map, words: &[&str]) -> Option<f64> {
    let is_called = |key: &Text, word: &str| {
        let key = key.to_ascii_lowercase();
        key == word || key.strip_suffix(word).is_some_and(|before| before.ends_with(['_', '-', '.', ':']))
    };
    let find = |word: &&str| configuration.iter().find(|(key, _)| is_called(key, word));
    words.iter().find_map(find).and_then(|(_, value)| value.as_f64()).filter(|number| number.is_finite())
}

/// How a detector's exposure time is called in its configuration: by ophyd's area detectors and scalers, and by skyspan.
pub(super) const EXPOSURE: [&str; 4] = ["exposure_time", "acquire_time", "count_time", "preset_time"];
/// How its number of frames is called.
pub(super) const FRAMES: [&str; 4] = ["frames", "num_images", "num_exposures", "num_frames"];

/// The configurations of devices over time.
pub(super) struct Configurations<'s> {
    of: HashMap<&'s Text, Vec<(Timestamp, &'s Map)>>,
    runs: Vec<(Timestamp, Timestamp)>,
}

impl<'s> Configurations<'s> {
    pub(super) fn of(seen: &'s Sightings<'_>) -> Self {
        let mut of: HashMap<&Text, Vec<(Timestamp, &Map)>> = HashMap::new();
        for (time, device, map) in seen.configured.iter().filter(|(_, _, map)| !map.is_empty()) {
            of.entry(device).or_default().push((*time, map));
        }
        of.values_mut().for_each(|times| times.sort_by_key(|(time, _)| *time));
        let runs = seen.runs.iter().map(|run| (run.span.start(), run.span.end().unwrap_or(Timestamp::MAX))).collect();
        Self { of, runs }
    }

    /// That of a device at a time. A descriptor comes behind the first reading that it describes: before it, in its run, it holds, too.
    pub(super) fn at(&self, device: &Text, time: Timestamp) -> Option<&'s Map> {
        let known = self.of.get(device)?;
        let run = self.runs.iter().rev().find(|(start, end)| *start <= time && time <= *end);
        let in_run = |at: Timestamp| run.is_none_or(|(start, end)| *start <= at && at <= *end);
        let before = known.iter().rev().find(|(at, _)| *at <= time);
        let behind = known.iter().find(|(at, _)| *at > time && in_run(*at));
        let found = match before {
            Some(before) if in_run(before.0) => Some(before),
            before => behind.or(before).or(known.first()),
        };
        found.map(|(_, map)| *map)
    }

    pub(super) fn first(&self, device: &Text) -> Option<&'s Map> {
        self.of.get(device)?.first().map(|(_, map)| *map)
    }
}
