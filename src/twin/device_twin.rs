//! [`DeviceTwin`]: a simulated device that takes as long as the one that was seen.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::backlash::{BacklashFit, untold_directions};
use super::device_samples::{CallSeen, DeviceSamples, EXPOSURE, FRAMES, configured};
use super::estimate::{Estimated, FittedParameter, ParameterSource, rounded};
use super::exposures::{ExposureFit, TriggerTime};
use super::moves::{MoveFit, MoveTime};
use crate::hardware::{Fault, Method, Occasions};
use crate::program::{DeviceSpec, FaultSpec};
use crate::value::Text;
use crate::value::Value;
use crate::value::yaml::{Node, Spanned};

/// So many values of a distribution are kept: each twentieth of it, and both ends.
const QUANTILES: usize = 21;

/// A simulated device that takes as long as the one that was seen, with how well that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeviceTwin {
    /// Its name.
    pub name: Text,
    /// The class of plan files that it is of: `SimMotor`, `SimDetector`, ...
    pub class: &'static str,
    /// What is known of its times.
    pub parameters: Vec<FittedParameter>,
    /// What could not be told of it, a sentence each.
    pub untold: Vec<String>,
    /// How much the times of its calls are scattered about the fit, in seconds, by command: a standard deviation.
    pub scatter_s: BTreeMap<Text, f64>,
    #[serde(skip)]
    pub(super) options: Vec<(&'static str, Value)>,
    /// What goes otherwise at some of its calls, each with a word on it.
    #[serde(skip)]
    pub(super) faults: Vec<(Fault, String)>,
}

impl DeviceTwin {
    /// The parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&FittedParameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    pub(super) fn spec(&self) -> DeviceSpec {
        let options = self.options.iter();
        DeviceSpec {
            name: Spanned::from(self.name.as_str()),
            class: Spanned::from(self.class),
            options: options.map(|(key, value)| (Spanned::from(*key), Node::from(value.clone()))).collect(),
            fault: None,
            faults: Vec::new(),
        }
    }

    pub(super) fn fault_specs(&self) -> impl Iterator<Item = FaultSpec> {
        let device = Spanned::from(self.name.as_str());
        self.faults.iter().map(move |(fault, _)| FaultSpec { device: device.clone(), fault: fault.clone() })
    }

    /// Whether a device of its class does that: where it does not, the twin leaves the message out.
    pub(super) fn does(&self, command: &str) -> bool {
        let set = ["set"].as_slice();
        let does: &[&str] = match self.class {
            "SimMotor" => &["set", "trigger", "stage", "unstage", "prepare", "kickoff", "complete"],
            "SynAxis" => &["set", "trigger", "stage", "unstage"],
            "SimDetector" => &["trigger", "stage", "unstage"],
            "NestedFlyer" => &["kickoff", "complete", "collect"],
            "Signal" => &["set", "trigger"],
            _ => set,
        };
        does.contains(&command)
            || !matches!(
                command,
                "set" | "trigger" | "stage" | "unstage" | "prepare" | "kickoff" | "complete" | "collect"
            )
    }

    fn param(&mut self, name: &str, estimated: Estimated, unit: &str, source: ParameterSource, statuses: usize) {
        self.parameters.push(FittedParameter {
            name: name.to_owned(),
            value: rounded(estimated.value, estimated.error),
            error: estimated.error,
            unit: unit.to_owned(),
            source,
            statuses,
        });
    }

    fn option(&mut self, key: &'static str, value: impl Into<Value>) {
        self.options.push((key, value.into()));
    }

    /// An option that is fitted.
    fn fitted(&mut self, key: &'static str, estimated: Estimated, unit: &str, statuses: usize) {
        self.param(key, estimated, unit, ParameterSource::Fitted, statuses);
        self.option(key, rounded(estimated.value, estimated.error));
    }
}

/// Makes the twin of a device.
pub(super) struct DeviceMaker<'s> {
    pub(super) samples: &'s DeviceSamples,
    /// How well times are known.
    pub(super) resolution_s: f64,
    /// Whether there are several nights, of which the twin has the distributions.
    pub(super) several: bool,
}

impl DeviceMaker<'_> {
    pub(super) fn make(&self) -> DeviceTwin {
        let samples = self.samples;
        let flies = samples.does("kickoff") || samples.does("complete") || samples.does("collect");
        let mut twin = DeviceTwin {
            name: twin_name(&samples.name),
            class: "Signal",
            parameters: Vec::new(),
            untold: Vec::new(),
            scatter_s: BTreeMap::new(),
            options: Vec::new(),
            faults: Vec::new(),
        };
        if samples.does("set") {
            self.movable(&mut twin);
        } else if flies {
            twin.class = "NestedFlyer";
            twin.option("num", 1);
            twin.untold.push("what it collects: the twin collects one frame of its own".to_owned());
        } else if samples.does("trigger") {
            self.detector(&mut twin);
        } else if let Some((_, value)) = samples.read.first() {
            twin.option("value", value.clone());
        }
        for (command, calls) in &samples.calls {
            let is_done = matches!((command.as_str(), twin.class), ("set", _) | ("trigger", "SimDetector"));
            if !is_done {
                self.other(&mut twin, command, calls);
            }
            if !self.several {
                failures(&mut twin, command, calls);
                continue;
            }
            let failed = calls.iter().filter(|call| call.failure.is_some()).count();
            if failed > 0 {
                twin.untold.push(format!(
                    "{failed} of its {} calls of `{command}` failed, and none fails in the twin",
                    calls.len()
                ));
            }
        }
        twin
    }

    fn movable(&self, twin: &mut DeviceTwin) {
        let calls: Vec<&CallSeen> = self.samples.calls_of("set").iter().filter(|call| call.seconds.is_some()).collect();
        if calls.iter().all(|call| !call.has_status) && !calls.is_empty() {
            twin.untold.push("it leaves no statuses: its times are those of the waits for it".to_owned());
        }
        let targets: Vec<_> = self.samples.calls_of("set").iter().filter_map(|call| call.target.as_ref()).collect();
        if targets.iter().any(|target| target.as_f64().is_none()) || targets.is_empty() {
            self.switch(twin, &calls);
            return;
        }
        let far: Vec<(&CallSeen, MoveTime)> = calls
            .iter()
            .filter_map(|call| Some((*call, MoveTime { distance: call.distance()?, seconds: call.seconds? })))
            .collect();
        let from_nowhere = calls.len() - far.len();
        if far.is_empty() {
            self.axis(twin, &calls);
            return;
        }
        if from_nowhere > 0 {
            twin.untold.push(format!("{from_nowhere} of its moves began nobody knows where, and are in no fit"));
        }
        let moves: Vec<MoveTime> = far.iter().map(|(_, time)| *time).collect();
        let Some(fit) = MoveFit::of(&moves, self.resolution_s) else { return };
        let goes_up: Vec<bool> = far.iter().map(|(call, _)| call.goes_up()).collect();
        let backlash = BacklashFit::of(&moves, &goes_up, &fit, self.resolution_s);
        let fit = backlash.as_ref().map_or(fit, |backlash| backlash.moves.clone());
        let used = moves.len() - fit.outliers.len();
        let fit = self.with_configured_velocity(twin, fit, &moves);
        let Some(velocity) = fit.velocity else {
            self.axis(twin, &calls);
            return;
        };
        twin.class = "SimMotor";
        if let Some(value) = self.samples.first_position.as_ref().and_then(Value::as_f64) {
            twin.option("value", value);
        }
        let unit = self.samples.unit.clone().unwrap_or_else(|| "mm".into());
        let is_seen = fit.velocity.is_some_and(|velocity| velocity.error != Some(0.0));
        if is_seen {
            twin.fitted("velocity", velocity, &format!("{unit}/s"), used);
        } else {
            let exact = Estimated { error: None, ..velocity };
            twin.param("velocity", exact, &format!("{unit}/s"), ParameterSource::Configured, used);
            twin.option("velocity", velocity.value);
        }
        match fit.acceleration_time {
            Some(time) => twin.fitted("acceleration_time", time, "s", used),
            None => {
                twin.option("acceleration_time", 0);
                twin.untold.push(
                    "its acceleration: no move is short enough to show it, and its time is in the latency".to_owned(),
                );
            }
        }
        if fit.is_never_fast {
            twin.untold.push(
                "its velocity: no move is long enough to reach it; it is the one that the longest just reaches"
                    .to_owned(),
            );
        }
        let (shift, delays) = self.distribution(&fit.residuals, fit.latency.value);
        let latency = Estimated { value: fit.latency.value + shift, ..fit.latency };
        twin.fitted("latency", latency, "s", used);
        self.settling(twin);
        if self.samples.unit.is_some() {
            twin.option("egu", unit.clone());
        }
        match backlash {
            Some(backlash) => twin.fitted("backlash", backlash.backlash, &unit, backlash.statuses),
            None => twin.untold.extend(untold_directions(&moves, &goes_up, &fit, self.resolution_s)),
        }
        twin.scatter_s.insert("set".into(), fit.scatter_s);
        let calls: Vec<&CallSeen> = far.iter().map(|(call, _)| *call).collect();
        self.late(twin, Method::Set, &calls, &fit.residuals, &fit.outliers, delays);
    }

    /// Where all moves are equally far, only a configuration can tell of a velocity: it is one without an error.
    fn with_configured_velocity(&self, twin: &mut DeviceTwin, fit: MoveFit, moves: &[MoveTime]) -> MoveFit {
        let longest = moves.iter().map(|it| it.distance).fold(0.0, f64::max);
        let alike =
            moves.iter().filter(|it| it.distance > 0.0).all(|it| (it.distance - longest).abs() < 1e-9 * longest);
        if fit.velocity.is_some() || !alike || longest == 0.0 {
            return fit;
        }
        // That of ophyd's SynAxis is a number without a meaning.
        let is_simulated = self.samples.class_seen.as_deref().is_some_and(|class| class.contains("SynAxis"));
        let velocity =
            configured(&self.samples.configuration, &["velocity"]).filter(|velocity| *velocity > 0.0 && !is_simulated);
        let left = |velocity: f64| fit.latency.value - longest / velocity;
        match velocity.filter(|velocity| left(*velocity) >= -3.0 * self.resolution_s) {
            Some(velocity) => {
                twin.untold.push(
                    "whether it moves at the velocity that it is configured to: all its moves are equally far"
                        .to_owned(),
                );
                let latency = Estimated { value: left(velocity).max(0.0), ..fit.latency };
                let residuals = fit.residuals.clone();
                MoveFit { latency, velocity: Some(Estimated { value: velocity, error: Some(0.0) }), residuals, ..fit }
            }
            None => {
                twin.untold.push("its velocity: all its moves are equally far".to_owned());
                fit
            }
        }
    }

    /// One that takes the same time for every move.
    fn axis(&self, twin: &mut DeviceTwin, calls: &[&CallSeen]) {
        twin.class = "SynAxis";
        if let Some(value) = &self.samples.first_position {
            twin.option("value", value.clone());
        }
        let Some((mean, residuals, far)) = self.mean_of(calls) else { return };
        let settle_s = self.samples.settle_time.map_or(0.0, |time| time.as_secs_f64());
        let (shift, delays) = self.distribution(&residuals, mean.value);
        let delay = Estimated { value: mean.value + shift + settle_s, ..mean };
        twin.fitted("delay", delay, "s", calls.len() - far.len());
        if let Some(unit) = &self.samples.unit {
            twin.option("egu", unit);
        }
        twin.scatter_s.insert("set".into(), super::estimate::scatter(&super::moves::kept(&residuals, &far), 1));
        self.late(twin, Method::Set, calls, &residuals, &far, delays);
    }

    /// One that is set to words: a shutter, or a signal that is late.
    fn switch(&self, twin: &mut DeviceTwin, calls: &[&CallSeen]) {
        let is_open = |value: &Value| match value.as_str() {
            Some("Open") => Some(true),
            Some("Closed" | "Close") => Some(false),
            _ => None,
        };
        let all = self.samples.calls_of("set").iter();
        let is_shutter = all.clone().all(|call| call.target.as_ref().and_then(is_open).is_some());
        if !is_shutter {
            let first = all.clone().find_map(|call| call.target.clone());
            if let Some(value) = self.samples.read.first().map(|(_, value)| value.clone()).or(first) {
                twin.option("value", value);
            }
            let calls: Vec<CallSeen> = calls.iter().map(|call| (*call).clone()).collect();
            self.other(twin, &"set".into(), &calls);
            return;
        }
        twin.class = "SimShutter";
        let mut changes: [Vec<&CallSeen>; 2] = [Vec::new(), Vec::new()];
        let mut was = None;
        for call in self.samples.calls_of("set") {
            let open = call.target.as_ref().and_then(is_open);
            if let (Some(open), true) = (open, open != was && call.seconds.is_some()) {
                changes[usize::from(open)].push(call);
            }
            was = open;
        }
        if self.samples.calls_of("set").first().and_then(|call| is_open(call.target.as_ref()?)) == Some(false) {
            twin.option("open", true);
        }
        for (key, calls) in [("closes_in", &changes[0]), ("opens_in", &changes[1])] {
            let Some((mean, residuals, far)) = self.mean_of(calls) else { continue };
            twin.fitted(key, mean, "s", calls.len() - far.len());
            let scatter = super::estimate::scatter(&residuals, 1);
            let known = twin.scatter_s.entry("set".into()).or_default();
            *known = known.max(scatter);
            if !self.several {
                self.late(twin, Method::Set, calls, &residuals, &far, Vec::new());
            }
        }
        if self.several {
            twin.untold.push("how its times differ from night to night: it has one of each".to_owned());
        }
    }

    fn detector(&self, twin: &mut DeviceTwin) {
        twin.class = "SimDetector";
        let calls: Vec<&CallSeen> =
            self.samples.calls_of("trigger").iter().filter(|call| call.seconds.is_some()).collect();
        if calls.iter().all(|call| !call.has_status) && !calls.is_empty() {
            twin.untold.push("it leaves no statuses: its times are those of the waits for it".to_owned());
        }
        let triggers: Vec<TriggerTime> = calls
            .iter()
            .map(|call| TriggerTime {
                seconds: call.seconds.unwrap_or_default(),
                exposure_s: configured(&call.configuration, &EXPOSURE),
                frames: configured(&call.configuration, &FRAMES).filter(|frames| *frames >= 1.0).unwrap_or(1.0),
            })
            .collect();
        let Some(fit) = ExposureFit::of(&triggers, self.resolution_s) else {
            twin.option("exposure_time", 0);
            return;
        };
        let used = triggers.len() - fit.outliers.len();
        let (shift, delays) =
            self.distribution(&fit.residuals, fit.exposure.or(fit.readout).map_or(0.0, |time| time.value));
        let shifted = |time: Estimated| Estimated { value: time.value + shift, ..time };
        match (fit.exposure, triggers.first().and_then(|trigger| trigger.exposure_s)) {
            (None, Some(exposure_s)) => {
                let exact = Estimated { value: exposure_s, error: None };
                twin.param("exposure_time", exact, "s", ParameterSource::Configured, used);
                twin.option("exposure_time", exposure_s);
                if let Some(readout) = fit.readout {
                    twin.fitted("readout_time", shifted(readout), "s", used);
                }
                let frames = triggers.first().map_or(1.0, |trigger| trigger.frames);
                match fit.dead_time {
                    Some(dead_time) => twin.fitted("dead_time", dead_time, "s", used),
                    None if frames > 1.0 => twin.untold.push(
                        "its dead time and its read-out, one from the other: it always takes as many frames".to_owned(),
                    ),
                    None => {}
                }
                if (frames - 1.0).abs() > 0.5 || fit.dead_time.is_some() {
                    #[expect(clippy::cast_possible_truncation, reason = "a number of frames")]
                    twin.option("frames", frames.round() as i64);
                }
            }
            (exposure, _) => {
                if let Some(exposure) = exposure {
                    twin.fitted("exposure_time", shifted(exposure), "s", used);
                }
                let why = if fit.is_misled {
                    "it takes less than the exposure that it is configured to, and so has all of its time as exposure"
                } else {
                    "its exposure, read-out and dead time, one from the other: no configuration says them"
                };
                twin.untold.push(why.to_owned());
            }
        }
        twin.option("noise", "none");
        twin.scatter_s.insert("trigger".into(), fit.scatter_s);
        self.late(twin, Method::Trigger, &calls, &fit.residuals, &fit.outliers, delays);
    }

    /// How long a call takes that the class has no option for: so much later its status is.
    fn other(&self, twin: &mut DeviceTwin, command: &Text, calls: &[CallSeen]) {
        let calls: Vec<&CallSeen> = calls.iter().filter(|call| call.seconds.is_some()).collect();
        let Some((mean, residuals, far)) = self.mean_of(&calls) else { return };
        // What takes no longer than a message is done at once.
        if mean.value <= 3.0 * self.resolution_s.max(1e-6) {
            return;
        }
        let method = Method::ALL.iter().find(|method| *command == method.as_str()).copied();
        let Some(method) = method.filter(|_| twin.does(command)) else {
            twin.untold.push(format!("how long `{command}` takes is not in the twin, whose {} has none", twin.class));
            return;
        };
        let (shift, delays) = self.distribution(&residuals, mean.value);
        let late = Estimated { value: mean.value + shift, ..mean };
        twin.param(&format!("late by ({command})"), late, "s", ParameterSource::Fitted, calls.len() - far.len());
        twin.scatter_s.insert(command.clone(), super::estimate::scatter(&super::moves::kept(&residuals, &far), 1));
        let by = Duration::from_secs_f64(rounded(late.value, late.error).max(0.0));
        twin.faults.push((Fault::on(method, 1..).late_by(by), "so long it takes, as a rule".to_owned()));
        self.late(twin, method, &calls, &residuals, &far, delays);
    }

    /// The mean of how long calls take, what each takes more, and which are none of it.
    fn mean_of(&self, calls: &[&CallSeen]) -> Option<(Estimated, Vec<f64>, Vec<usize>)> {
        let moves: Vec<MoveTime> =
            calls.iter().map(|call| MoveTime { distance: 0.0, seconds: call.seconds.unwrap_or_default() }).collect();
        let fit = MoveFit::of(&moves, self.resolution_s)?;
        Some((fit.latency, fit.residuals, fit.outliers))
    }

    fn settling(&self, twin: &mut DeviceTwin) {
        let Some(settle_time) = self.samples.settle_time.filter(|time| !time.is_zero()) else { return };
        let exact = Estimated { value: settle_time.as_secs_f64(), error: None };
        twin.param("settle_time", exact, "s", ParameterSource::Told, self.samples.calls_of("set").len());
        twin.option("settle_time", exact.value);
        if self.samples.settle_times_differ {
            twin.untold.push("its settle time: its statuses have several, and the twin the first".to_owned());
        }
    }

    /// Of several nights: how much earlier than the fit a call is at least, and by how much calls are later than that.
    fn distribution(&self, residuals: &[f64], base: f64) -> (f64, Vec<Duration>) {
        if !self.several || residuals.len() < 2 {
            return (0.0, Vec::new());
        }
        let mut sorted = residuals.to_vec();
        sorted.sort_by(f64::total_cmp);
        let shift = sorted[0].max(-base);
        let last = sorted.len() - 1;
        let count = QUANTILES.min(sorted.len());
        let delays = (0..count).map(|nth| {
            let value = sorted[nth * last / (count - 1).max(1)] - shift;
            Duration::from_secs_f64(rounded(value.max(0.0), Some(1e-4)))
        });
        (shift, delays.collect())
    }

    /// What is not in the fit: of several nights the whole distribution, of one the calls that were far off.
    fn late(
        &self,
        twin: &mut DeviceTwin,
        method: Method,
        calls: &[&CallSeen],
        residuals: &[f64],
        far: &[usize],
        delays: Vec<Duration>,
    ) {
        if self.several {
            if delays.iter().any(|delay| !delay.is_zero()) {
                let fault = Fault::on(method, Occasions::from(1..)).late_by_one_of(delays);
                twin.faults.push((fault, format!("how much later {} calls were than the quickest", calls.len())));
            }
            return;
        }
        let mut early = 0_usize;
        for at in far {
            match (calls.get(*at), residuals[*at]) {
                (Some(call), late_s) if late_s > 0.0 => {
                    let by = Duration::from_secs_f64(rounded(late_s, Some(self.resolution_s)));
                    twin.faults.push((
                        Fault::on(method, call.nth).late_by(by),
                        "was so much later than the others".to_owned(),
                    ));
                }
                _ => early += 1,
            }
        }
        if early > 0 {
            twin.untold
                .push(format!("why {early} of its calls of `{method}` were quicker than the others: stopped, perhaps"));
        }
    }
}

/// Statuses that failed.
fn failures(twin: &mut DeviceTwin, command: &Text, calls: &[CallSeen]) {
    let Some(method) = Method::ALL.iter().find(|method| *command == method.as_str()).copied() else { return };
    if !twin.does(command) {
        return;
    }
    for call in calls {
        if let Some((why, after)) = &call.failure {
            let fault = Fault::on(method, call.nth).fails_after(*after, why.as_str());
            twin.faults.push((fault, "failed so".to_owned()));
        }
    }
}

/// What a device is called in the twin: behind a dot plan files look for a component.
pub(super) fn twin_name(name: &Text) -> Text {
    if name.contains('.') { name.replace('.', "_").into() } else { name.clone() }
}
