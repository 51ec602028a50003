//! [`Twin`]: a program whose simulated devices take as long as those of a recording.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::comparison::TwinComparison;
use super::device_samples::samples;
use super::device_twin::{DeviceMaker, DeviceTwin};
use super::estimate::ParameterSource;
use super::gaps::{EngineTime, Gaps, gaps};
use super::night::Night;
use super::plan_lines::{ItemLines, PlanLine};
use super::retelling::Retelling;
use super::sightings::Sightings;
use crate::program::{Program, device_text, fault_text, map_text};
use crate::trace::{exact_duration, rounded_duration};
use crate::value::yaml::YamlError;
use crate::value::{FormatVersion, Map, Text, Value};
use skyspan_trace::internal::{cut_to, grouped, one_line, table, width_of};

/// How wide what is told gets.
const WIDTH: usize = 78;

/// A program whose simulated devices take as long as those of a recording, with how well that is known. Its `Display` says what is
/// known of each device, and what could not be told; [`to_yaml`](Self::to_yaml) is its plan file.
///
/// It is the plan of the first night. The devices are those of all nights: of several each call is late by a time drawn from what
/// they were late by, so that the same program with other seeds takes other times.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Twin {
    version: FormatVersion,
    /// The names of the nights.
    pub nights: Vec<String>,
    /// Nights that are left out: there was nothing in them to make a twin of.
    pub left_out: Vec<NightLeftOut>,
    /// The devices, in the order in which they were first used.
    pub devices: Vec<DeviceTwin>,
    /// What the first night took between what its spans tell of.
    pub engine: EngineTime,
    /// How many messages the plan has.
    pub messages: u64,
    /// How many of them left no span, and are inferred.
    pub inferred: u64,
    /// What could not be told of the night itself, a sentence each.
    pub untold: Vec<String>,
    #[serde(skip)]
    program: Program,
    #[serde(skip)]
    items: Vec<ItemLines>,
}

/// A night that is left out of a twin of several. Its `Display` says which, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NightLeftOut {
    /// The name of the night.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for NightLeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.reason))
    }
}

/// Why there is no twin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// There is nothing to make one of.
    #[error("expected at least one recording to make a twin of, found none")]
    NoNight,
    /// A trace has no span of a RunEngine.
    #[error(
        "{name}: expected spans of bluesky's RunEngine, such as `Bluesky RunEngine set`, found none among {spans} spans"
    )]
    NoRunEngine {
        /// The name of the night.
        name: String,
        /// How many spans there are.
        spans: usize,
    },
}

impl Twin {
    /// The twin of a night, or of several of one thing. Of several, those without a span of a RunEngine are [left out](Self::left_out).
    ///
    /// # Errors
    ///
    /// [`TwinError`] where there is no night, or none with a span of a RunEngine.
    pub fn of(nights: &[Night]) -> Result<Self, TwinError> {
        let (mut seen, mut left_out, mut without): (Vec<Sightings<'_>>, _, _) = (Vec::new(), Vec::new(), None);
        for night in nights {
            let Some(of_night) = Sightings::of(night) else {
                let error = TwinError::NoRunEngine { name: night.name.clone(), spans: night.trace.len() };
                left_out.push(NightLeftOut { name: night.name.clone(), reason: error.to_string() });
                without.get_or_insert(error);
                continue;
            };
            seen.push(of_night);
        }
        if let (true, Some(error)) = (seen.is_empty(), without) {
            return Err(error);
        }
        let times: Vec<Gaps> = seen.iter().map(gaps).collect();
        let (Some(first), Some(gaps)) = (seen.first(), times.first()) else { return Err(TwinError::NoNight) };
        let resolution = times.iter().map(|gaps| gaps.time.resolution).max().unwrap_or_default();
        let engine = EngineTime { resolution, ..gaps.time.clone() };
        let samples = samples(&seen);
        let several = seen.len() > 1;
        let make = |samples| DeviceMaker { samples, resolution_s: resolution.as_secs_f64(), several }.make();
        let mut devices: Vec<DeviceTwin> = Vec::new();
        for device in samples.iter().map(make) {
            // Two names may be one without their dots.
            if devices.iter().all(|known| known.name != device.name) {
                devices.push(device);
            }
        }
        let (items, not_told) = Retelling { seen: first, gaps: &gaps.before, devices: &devices }.tell();
        let mut untold: Vec<String> = seen.iter().flat_map(|seen| seen.untold.iter().cloned()).collect();
        if first.night.documents.is_empty() {
            untold.push("there are no documents: the twin reads nothing, and its runs have no events".to_owned());
        }
        if several {
            untold.push(format!(
                "the plan is that of {}; the devices are those of all {} nights, each as quick as at its quickest, and late by what it was late by",
                first.night.name,
                seen.len()
            ));
        }
        untold.extend(not_told);
        let program = Program {
            resource: resource(first.night),
            devices: devices.iter().map(DeviceTwin::spec).collect(),
            faults: devices.iter().flat_map(DeviceTwin::fault_specs).collect(),
            items: items.iter().map(ItemLines::item).collect(),
            ..Program::default()
        };
        let lines = || items.iter().flat_map(|item| &item.lines);
        Ok(Self {
            version: FormatVersion,
            nights: seen.iter().map(|seen| seen.night.name.clone()).collect(),
            left_out,
            messages: lines().map(PlanLine::messages).sum(),
            inferred: lines().map(PlanLine::inferred).sum(),
            devices,
            engine,
            untold,
            program,
            items,
        })
    }

    /// The program: it runs, with faults, what-ifs and other seeds.
    #[must_use]
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The device of that name.
    #[must_use]
    pub fn device(&self, name: &str) -> Option<&DeviceTwin> {
        self.devices.iter().find(|device| device.name == name)
    }

    /// Runs the twin, and holds it against a night.
    ///
    /// # Errors
    ///
    /// [`YamlError`] where its program is none, which is a fault of this room.
    pub fn compare(&self, night: &Night, seed: u64) -> Result<TwinComparison, YamlError> {
        TwinComparison::of(self, night, seed)
    }

    /// Its plan file. What is known of each device, and what is not, stands above it; behind each message that left no span stands of
    /// what it is inferred.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        let of = self.nights.join(", ");
        let _ = writeln!(text, "# The twin of {}.", one_line(&of));
        if !self.left_out.is_empty() {
            let all = self.nights.len() + self.left_out.len();
            let is = if self.left_out.len() == 1 { "1 is".to_owned() } else { format!("{} are", self.left_out.len()) };
            let _ = writeln!(text, "# Of {all} recordings, {is} left out:");
        }
        self.left_out.iter().for_each(|left_out| {
            let _ = writeln!(text, "#   {left_out}");
        });
        let _ = writeln!(
            text,
            "# {} messages; {} left no span, and say of what they are inferred.",
            grouped(self.messages),
            grouped(self.inferred),
        );
        text.push_str("# With 95 % a value is within the ± behind it.\n");
        for untold in &self.untold {
            let _ = writeln!(text, "# Not told: {}.", one_line(untold));
        }
        let _ = writeln!(text, "resource: {}", map_text(&self.program.resource));
        if !self.devices.is_empty() {
            text.push_str("devices:\n");
        }
        for (device, spec) in self.devices.iter().zip(&self.program.devices) {
            for parameter in &device.parameters {
                let source = source_of(parameter.source, parameter.statuses);
                let _ = writeln!(text, "  # {}: {parameter}, {source}", parameter.name);
            }
            for untold in &device.untold {
                let _ = writeln!(text, "  # not told: {}", one_line(untold));
            }
            let _ = writeln!(text, "  - {}", device_text(spec));
        }
        if !self.program.faults.is_empty() {
            text.push_str("faults:\n");
        }
        let notes = self.devices.iter().flat_map(|device| device.faults.iter().map(|(_, note)| note));
        for (spec, note) in self.program.faults.iter().zip(notes) {
            let _ = writeln!(text, "  - {}  # {note}", fault_text(spec));
        }
        text.push_str("items:\n");
        self.items.iter().for_each(|item| item.write(&mut text));
        text
    }
}

fn source_of(source: ParameterSource, statuses: usize) -> String {
    match source {
        ParameterSource::Fitted => format!("fitted to {}", grouped(statuses as u64)),
        ParameterSource::Configured => "configured".to_owned(),
        ParameterSource::Told => "said by its statuses".to_owned(),
    }
}

/// What the spans of a night are of.
fn resource(night: &Night) -> Map {
    let first = night.trace.spans().next();
    let name = first.and_then(|span| span.span().resource().attributes.get("service.name").cloned());
    Map::from_iter([("service.name", name.unwrap_or_else(|| Value::literal("skyspan")))])
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nights = match &*self.nights {
            [night] => one_line(&cut_to(night, 40)),
            nights => format!("{} nights", nights.len()),
        };
        let (messages, inferred) = (grouped(self.messages), grouped(self.inferred));
        let without = match self.left_out.len() {
            0 => String::new(),
            1 => " (without 1 that is left out)".to_owned(),
            count => format!(" (without {count} that are left out)"),
        };
        writeln!(f, "the twin of {nights}{without}: {messages} messages, {inferred} of them inferred")?;
        let rows = self.devices.iter().flat_map(|device| {
            device.parameters.iter().enumerate().map(|(at, parameter)| {
                let name = if at == 0 { device.name.clone() } else { Text::default() };
                let class = if at == 0 { device.class } else { "" };
                let source = source_of(parameter.source, parameter.statuses);
                [
                    cut_to(&name, 20).into_owned(),
                    class.to_owned(),
                    parameter.name.clone(),
                    parameter.to_string(),
                    source,
                ]
            })
        });
        let rows: Vec<[String; 5]> = rows.collect();
        table(f, Some(["device", "is", "parameter", "value", ""]), &rows, [0; 5])?;
        let time = |time: Duration| rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX));
        let EngineTime { resolution, short_gaps, short_time, naps, nap_time } = &self.engine;
        writeln!(
            f,
            "\nbetween the spans: {} in short gaps ({}), {} in longer ones ({})",
            time(*short_time),
            grouped(*short_gaps),
            time(*nap_time),
            grouped(*naps)
        )?;
        let resolution = exact_duration(i128::try_from(resolution.as_micros() * 1000).unwrap_or(i128::MAX));
        writeln!(f, "no time is known better than {resolution}, which a message takes")?;
        let of_devices = self
            .devices
            .iter()
            .flat_map(|device| device.untold.iter().map(move |untold| format!("{}: {untold}", device.name)));
        let all: Vec<String> = of_devices.chain(self.untold.iter().cloned()).collect();
        if !all.is_empty() {
            writeln!(f, "\nnot told")?;
        }
        all.iter().try_for_each(|untold| writeln!(f, "{}", wrapped(&one_line(untold))))
    }
}

/// A sentence in lines of its own, below the first a little farther in.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::from(" "));
    for word in text.split(' ') {
        if width_of(&line) + 1 + width_of(word) > WIDTH && line.trim() != "" {
            lines.push(std::mem::replace(&mut line, String::from("   ")));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}
