//! [`Sightings`]: what a night shows, in order of time.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::gaps::SMALL;
use super::night::Night;
use super::pauses::PauseSeen;
use super::runs::{RunSeen, runs};
use crate::compare::{Statistics, WaitEnd};
use crate::document::{Descriptor, Document, Event};
use crate::trace::{SpanId, SpanRef, TraceId};
use crate::value::{Map, Text, Timestamp, Value, to_json};
use skyspan_trace::internal::{RUN, STATUS, STATUS_WAIT, command_of, device_of, group_of};

/// Documents have their times as floats, which are as good as this.
const DOCUMENT_TIME: Duration = Duration::from_micros(1);

/// What a night shows, in order of time.
#[derive(Debug)]
pub(super) struct Sightings<'n> {
    pub(super) night: &'n Night,
    pub(super) marks: Vec<Mark<'n>>,
    pub(super) runs: Vec<RunSeen<'n>>,
    /// The configuration of devices by what descriptors say, in order of time: of each change all of it.
    pub(super) configured: Vec<(Timestamp, Text, Map)>,
    /// What was read of each data key at last, by the device that it is of.
    pub(super) read: HashMap<Text, Vec<(Text, Value)>>,
    /// When the engine was paused or suspended, and went back.
    pub(super) pauses: Vec<PauseSeen>,
    /// What could not be told.
    pub(super) untold: Vec<String>,
}

/// Something at its time.
#[derive(Clone, Debug)]
pub(super) struct Mark<'n> {
    pub(super) what: Sight<'n>,
    pub(super) start: Timestamp,
    /// Until when what it tells of is done in the twin, too: from there on a gap is one.
    pub(super) told_until: Timestamp,
}

/// What is seen.
#[derive(Clone, Debug)]
pub(super) enum Sight<'n> {
    OpenRun(usize),
    CloseRun(usize),
    /// A message with a span of its own, and the status that it gave.
    Message {
        command: &'n str,
        device: Option<Text>,
        span: SpanRef<'n>,
        status: Option<StatusSeen<'n>>,
    },
    /// A status without the span of a message: of a trigger, or a kickoff.
    Begun {
        command: &'static str,
        device: Text,
        group: Option<Value>,
        status: Option<StatusSeen<'n>>,
    },
    /// An event: `create`, the devices that are read, `save`.
    Event {
        run: usize,
        stream: Text,
        devices: Vec<Text>,
    },
    /// A device is monitored from here on.
    Monitored {
        run: usize,
        device: Text,
        stream: Text,
    },
    /// The span of a plan begins or ends.
    Enter(Text),
    Leave,
}

/// A status, or what stands for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatusSeen<'n> {
    pub(super) began: Timestamp,
    /// How long it took, without settling; nothing where that is not known.
    pub(super) took: Option<Duration>,
    /// The span of the status; nothing for devices that leave none, whose time is that of their wait.
    pub(super) span: Option<SpanRef<'n>>,
}

impl StatusSeen<'_> {
    fn attr(&self, key: &str) -> Option<&Value> {
        self.span.and_then(|span| span.span().attr(key))
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.attr(key).and_then(Value::as_f64)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.attr(key).and_then(Value::as_str)
    }

    pub(super) fn settle_time(&self) -> Option<Duration> {
        self.number("settle_time").and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// What it failed with; it failed, too, where there is no text.
    pub(super) fn failure(&self) -> Option<String> {
        let value = self.attr("exception")?;
        Some(value.as_str().map_or_else(|| to_json(value), str::to_owned))
    }
}

pub(super) type Id = (TraceId, SpanId);

impl<'n> Sightings<'n> {
    /// Of a trace that has at least one span of a RunEngine.
    pub(super) fn of(night: &'n Night) -> Option<Self> {
        let is_seen = |span: SpanRef<'_>| span.name() == RUN || command_of(span.span()).is_some();
        if !night.trace.spans().any(is_seen) {
            return None;
        }
        let statistics = night.trace.statistics();
        let mut untold = Vec::new();
        let runs = runs(night, &mut untold);
        let mut seen = Self {
            night,
            marks: Vec::new(),
            runs,
            configured: Vec::new(),
            read: HashMap::new(),
            pauses: Vec::new(),
            untold,
        };
        let mut keyed: Vec<(Key, Mark<'n>)> = Vec::new();
        seen.add_runs(&mut keyed);
        seen.add_messages(&statistics, &mut keyed);
        seen.add_loose(&mut keyed);
        seen.add_documents(&mut keyed);
        keyed.sort_by_key(|(key, _)| *key);
        seen.marks = keyed.into_iter().map(|(_, mark)| mark).collect();
        seen.add_untold_statuses(&statistics);
        seen.groups_of_begun();
        seen.pauses = seen.pauses_of(&statistics);
        seen.tell_cut_waits(&statistics);
        Some(seen)
    }

    /// Waits that were cut short, but by a pause that the twin has, too.
    fn tell_cut_waits(&mut self, statistics: &Statistics) {
        let is_cut = |wait: &&crate::compare::HeldWait| {
            matches!(wait.end, WaitEnd::Interrupted { .. } | WaitEnd::TimedOut { .. } | WaitEnd::Never)
        };
        let cut = statistics
            .waits
            .iter()
            .filter(is_cut)
            .count()
            .saturating_sub(self.pauses.iter().filter(|pause| pause.is_cut).count());
        if cut > 0 {
            self.untold.push(format!(
                "{cut} waits were cut short, by a suspension, a time-out or the end of a plan: in the twin they may last longer"
            ));
        }
    }

    fn add_runs(&self, keyed: &mut Vec<(Key, Mark<'n>)>) {
        for (at, run) in self.runs.iter().enumerate() {
            let (start, end) = (run.span.start(), run.span.end());
            keyed.push((Key::first(start), Mark { what: Sight::OpenRun(at), start, told_until: start }));
            if let Some(end) = end {
                keyed.push((Key::last(end), Mark { what: Sight::CloseRun(at), start: end, told_until: end }));
            }
        }
    }

    /// Messages with a span, and the spans of plans.
    fn add_messages(&mut self, statistics: &Statistics, keyed: &mut Vec<(Key, Mark<'n>)>) {
        let waits: HashMap<Id, (Timestamp, &WaitEnd)> = statistics
            .waits
            .iter()
            .map(|wait| {
                let began = statistics.start.unwrap_or_default() + wait.at;
                let end = match &wait.end {
                    WaitEnd::Status { behind, .. } => began + wait.duration.saturating_sub(*behind),
                    // What took longer was for something that is not seen.
                    WaitEnd::AllHadEnded if wait.duration <= SMALL => began,
                    _ => began + wait.duration,
                };
                ((wait.span.trace_id, wait.span.span_id), (end, &wait.end))
            })
            .collect();
        for span in self.night.trace.spans() {
            let start = span.start();
            let key = Key::of(span);
            match command_of(span.span()) {
                Some(command) if !is_of_reading(command) => {
                    let status = own_status(span);
                    let id = (span.span().trace_id(), span.span().span_id());
                    let told_until = match (command, status) {
                        ("wait", _) => waits.get(&id).map_or(start, |(end, _)| *end),
                        // It sleeps in the twin, too.
                        ("sleep", _) => span.end().unwrap_or(start),
                        (_, Some(status)) => status.began,
                        _ => start,
                    };
                    let device = device_of(span.span()).map(Text::from);
                    let what = Sight::Message { command, device, span, status };
                    keyed.push((key, Mark { what, start, told_until }));
                }
                Some(_) => {}
                None if is_of_plan(span) => {
                    let what = Sight::Enter(span.name().into());
                    keyed.push((Key::first(start), Mark { what, start, told_until: start }));
                    if let Some(end) = span.end() {
                        keyed.push((Key::last(end), Mark { what: Sight::Leave, start: end, told_until: end }));
                    }
                }
                None => {}
            }
        }
    }

    /// Statuses that no message's span is above: those of triggers and kickoffs.
    fn add_loose(&mut self, keyed: &mut Vec<(Key, Mark<'n>)>) {
        let trace = &self.night.trace;
        let flyers: HashSet<&str> =
            trace.named("Bluesky RunEngine complete").filter_map(|span| device_of(span.span())).collect();
        let mut loose: Vec<SpanRef<'n>> = trace.named(STATUS).filter(|span| !is_below_message(*span)).collect();
        loose.sort_by_key(|span| (span.start(), span.index()));
        let mut busy: HashMap<&str, (Timestamp, Timestamp)> = HashMap::new();
        let mut nameless = 0_usize;
        for span in loose {
            let Some(device) = device_of(span.span()) else {
                nameless += 1;
                continue;
            };
            // A part of what the device does already, such as the status of one of its plugins. Python may end a span late, when the next
            // has begun: what begins in the second half is no part.
            let (start, end) = (span.start(), span.end().unwrap_or(Timestamp::MAX));
            let (began, until) = busy.entry(device).or_insert((start, start));
            let is_part = start < *began + until.since(*began) / 2;
            if is_part {
                *until = (*until).max(end);
                continue;
            }
            (*began, *until) = (start, end);
            let status = Some(status_of(span));
            let command = if flyers.contains(device) { "kickoff" } else { "trigger" };
            let what = Sight::Begun { command, device: device.into(), group: None, status };
            keyed.push((Key::of(span), Mark { what, start, told_until: start }));
        }
        if nameless > 0 {
            self.untold.push(format!("{nameless} statuses say no device, and are left out"));
        }
    }

    /// Events, and what is configured and read.
    fn add_documents(&mut self, keyed: &mut Vec<(Key, Mark<'n>)>) {
        let night = self.night;
        let mut collected: Vec<(Timestamp, Timestamp)> = night
            .trace
            .named("Bluesky RunEngine collect")
            .filter_map(|span| Some((span.start() - DOCUMENT_TIME, span.end()? + DOCUMENT_TIME)))
            .collect();
        collected.sort_unstable();
        // One comes after another.
        let is_collected = |time: Timestamp| {
            let before = collected.partition_point(|(start, _)| *start <= time);
            before.checked_sub(1).is_some_and(|last| time <= collected[last].1)
        };
        let mut descriptors: HashMap<&str, (&'n Descriptor, Option<usize>)> = HashMap::new();
        let mut collected_events = 0_usize;
        for document in &night.documents {
            match document {
                Document::Descriptor(descriptor) => {
                    let run = self.run_of(&descriptor.run_start);
                    descriptors.insert(&descriptor.uid, (descriptor, run));
                    for (device, configuration) in &descriptor.configuration {
                        let readings = configuration.readings.iter();
                        let map = readings.map(|(key, reading)| (key.clone(), reading.value.clone())).collect();
                        self.configured.push((descriptor.time, device.clone(), map));
                    }
                    if let (Some(run), Some(device)) = (run, monitored(descriptor)) {
                        let what = Sight::Monitored { run, device, stream: descriptor.name.clone() };
                        let start = descriptor.time;
                        let opened = self.runs[run].span.start();
                        keyed.push((Key::after(opened, start), Mark { what, start, told_until: start }));
                    }
                }
                Document::Event(event) => {
                    let Some((descriptor, run)) = descriptors.get(event.descriptor.as_str()) else { continue };
                    self.note_read(descriptor, event);
                    if descriptor.name == "interruptions" || monitored(descriptor).is_some() {
                        continue;
                    }
                    if is_collected(event.time) {
                        collected_events += 1;
                        continue;
                    }
                    let Some(run) = *run else { continue };
                    let devices = descriptor.object_keys.iter().map(|(device, _)| device.clone()).collect();
                    let what = Sight::Event { run, stream: descriptor.name.clone(), devices };
                    let opened = self.runs[run].span.start();
                    keyed.push((
                        Key::after(opened, event.time),
                        Mark { what, start: event.time, told_until: event.time },
                    ));
                }
                _ => {}
            }
        }
        if collected_events > 0 {
            self.untold.push(format!("{collected_events} events came of flyers, whose data the twin has none of"));
        }
    }

    fn note_read(&mut self, descriptor: &Descriptor, event: &Event) {
        for (device, keys) in &descriptor.object_keys {
            let values: Vec<(Text, Value)> =
                keys.iter().filter_map(|key| Some((key.clone(), event.get(key)?.clone()))).collect();
            self.read.insert(device.clone(), values);
        }
    }

    fn run_of(&self, uid: &str) -> Option<usize> {
        self.runs.iter().position(|run| run.start.is_some_and(|start| start.uid == uid))
    }
}

impl<'n> Mark<'n> {
    /// The device that a `set` goes to.
    pub(super) fn set_device(&self) -> Option<&Text> {
        match &self.what {
            Sight::Message { command: "set", device, .. } => device.as_ref(),
            _ => None,
        }
    }

    /// What a message is told, where that is one value.
    pub(super) fn target(&self) -> Option<&'n Value> {
        match &self.what {
            Sight::Message { span, .. } => match span.span().attr("msg.args")?.as_array()? {
                [target] => Some(target),
                _ => None,
            },
            _ => None,
        }
    }

    /// The device of a message.
    pub(super) fn device(&self) -> Option<Text> {
        match &self.what {
            Sight::Message { device, .. } => device.clone(),
            _ => None,
        }
    }

    /// The devices of an event.
    pub(super) fn devices_read(&self) -> Vec<Text> {
        match &self.what {
            Sight::Event { devices, .. } => devices.clone(),
            _ => Vec::new(),
        }
    }

    /// The group of a message that gives a status, of which nothing is seen.
    pub(super) fn group_of_untold(&self) -> Option<Option<String>> {
        match &self.what {
            Sight::Message { command, span, status: None, .. } if gives_status(command) => {
                Some(group_of(span.span()).map(|group| to_json(&group)))
            }
            _ => None,
        }
    }

    /// The group of a message with a span, but of a wait.
    pub(super) fn group_told(&self) -> Option<String> {
        match &self.what {
            Sight::Message { command, span, .. } if *command != "wait" => {
                group_of(span.span()).map(|group| to_json(&group))
            }
            _ => None,
        }
    }
}

/// By what marks are in order. Messages come one after another, so that of those that begin at once the one that ends first, and came
/// first, is the first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Key(Timestamp, u8, Timestamp, usize);

impl Key {
    fn of(span: SpanRef<'_>) -> Self {
        Self(span.start(), 2, span.end().unwrap_or(Timestamp::MAX), span.index())
    }

    /// Before all that begins at that time.
    const fn first(at: Timestamp) -> Self {
        Self(at, 1, at, 0)
    }

    /// Behind all that begins at that time.
    const fn last(at: Timestamp) -> Self {
        Self(at, 4, at, 0)
    }

    /// What a document tells of, whose time is not quite exact: before what begins then, but not before its run.
    fn after(opened: Timestamp, at: Timestamp) -> Self {
        let before = at - DOCUMENT_TIME;
        if before <= opened { Self(opened, 3, opened, 0) } else { Self(before, 0, at, 0) }
    }
}

/// What the twin does itself where it reads, and a nested convention of spans shows.
fn is_of_reading(command: &str) -> bool {
    matches!(command, "create" | "read" | "save" | "drop" | "open_run" | "close_run" | "null")
}

/// Whether a message gives a status.
pub(super) fn gives_status(command: &str) -> bool {
    matches!(command, "set" | "trigger" | "kickoff" | "complete" | "stage" | "unstage" | "prepare")
}

/// Whether a span is that of a plan: of nothing that bluesky or ophyd have spans for.
fn is_of_plan(span: SpanRef<'_>) -> bool {
    span.name() != RUN && span.name() != STATUS && span.name() != STATUS_WAIT && !is_below_message(span)
}

fn is_below_message(span: SpanRef<'_>) -> bool {
    span.ancestors().any(|above| command_of(above.span()).is_some())
}

/// The status of a message: of several, as of a pseudo positioner and the axes that it moves, that of the device itself, or the last.
fn own_status(message: SpanRef<'_>) -> Option<StatusSeen<'_>> {
    let device = device_of(message.span());
    let statuses = message.descendants().filter(|span| span.name() == STATUS);
    let own = |span: &SpanRef<'_>| device_of(span.span()) == device;
    let last = statuses.max_by_key(|span| (own(span), span.end(), span.index()))?;
    Some(status_of(last))
}

fn status_of(span: SpanRef<'_>) -> StatusSeen<'_> {
    let began = span.start();
    StatusSeen { began, took: span.end().map(|end| end.since(began)), span: Some(span) }
}

/// The one device of a stream of changes.
fn monitored(descriptor: &Descriptor) -> Option<Text> {
    match &*descriptor.object_keys {
        [(device, _)] if descriptor.name.ends_with("_monitor") => Some(device.clone()),
        _ => None,
    }
}
