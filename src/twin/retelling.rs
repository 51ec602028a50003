//! [`Retelling`]: the plan of the twin, of what a night shows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::device_samples::{Configurations, EXPOSURE, FRAMES, configured};
use super::device_twin::{DeviceTwin, twin_name};
use super::pauses::{OF_PAUSE, PauseSeen};
use super::plan_lines::{ItemLines, PlanLine};
use super::runs::{RunSeen, metadata_of};
use super::sightings::{Mark, Sight, Sightings};
use crate::document::ExitStatus;
use crate::hardware::Beamline;
use crate::program::{OutsideAct, OutsideSpec, PauseAction, PutSpec, RaisedClass, Request, Step};
use crate::seed::Seed;
use crate::trace::SpanRef;
use crate::value::yaml::{Node, NodeValue, Spanned};
use crate::value::{Position, Text, Timestamp, Value};
use skyspan_trace::internal::kwargs_of;

/// Metadata that an engine makes itself.
const OF_ENGINE: [&str; 6] = ["uid", "time", "scan_id", "versions", "plan_type", "plan_name"];

const OF_DOCUMENTS: &str = "the documents";
const OF_METADATA: &str = "the metadata of the run";
const OF_STATUS: &str = "its status";
const OF_WAIT: &str = "the wait for it";
const OF_GAP: &str = "time without a span";
const OF_RUN: &str = "the end of the run";
const OF_MOVES: &str = "where a plan would have one";

/// Makes the plan of the twin.
pub(super) struct Retelling<'r> {
    pub(super) seen: &'r Sightings<'r>,
    /// How long the twin sleeps before each mark.
    pub(super) gaps: &'r [Duration],
    pub(super) devices: &'r [DeviceTwin],
}

/// What is being told.
struct Telling<'r> {
    retelling: &'r Retelling<'r>,
    by_name: HashMap<&'r str, &'r DeviceTwin>,
    /// What a string in a plan file may stand for: these devices, and those of the default beamline.
    names: HashSet<Text>,
    configurations: Configurations<'r>,
    items: Vec<ItemLines>,
    item: ItemLines,
    /// How many messages it has, with those that come again after a pause.
    messages: u64,
    /// How many it had at the last checkpoint before a pause.
    checkpoint: u64,
    /// The spans of plans that are open, with what is in them.
    open_spans: Vec<(Text, Timestamp, Vec<PlanLine>)>,
    open_runs: Vec<usize>,
    /// Devices that are unstaged behind the run that they were staged for.
    staged: HashMap<usize, Vec<Text>>,
    has_had_run: bool,
    wants_checkpoint: bool,
    /// What each detector is configured to, as far as the twin knows.
    exposures: HashMap<Text, (Option<f64>, Option<f64>)>,
    untold: BTreeMap<String, u64>,
}

impl<'r> Retelling<'r> {
    /// The calls of the engine, and what of the night is in none.
    pub(super) fn tell(&self) -> (Vec<ItemLines>, Vec<String>) {
        let default = Beamline::simulated(&Seed::new(0));
        let mut telling = Telling {
            retelling: self,
            names: self.devices.iter().map(|device| device.name.clone()).chain(default.names().cloned()).collect(),
            by_name: self.devices.iter().map(|device| (device.name.as_str(), device)).collect(),
            configurations: Configurations::of(self.seen),
            items: Vec::new(),
            item: ItemLines::default(),
            messages: 0,
            checkpoint: 0,
            open_spans: Vec::new(),
            open_runs: Vec::new(),
            staged: HashMap::new(),
            has_had_run: false,
            wants_checkpoint: false,
            exposures: self.first_exposures(),
            untold: BTreeMap::new(),
        };
        let mut pauses = self.seen.pauses.iter().peekable();
        for (at, (mark, gap)) in self.seen.marks.iter().zip(self.gaps).enumerate() {
            while pauses.next_if(|pause| pause.until < at).is_some() {}
            match pauses.peek() {
                // The engine does that itself.
                Some(pause) if pause.has_again(at) => continue,
                Some(pause) if pause.from <= at => telling.tell_paused(mark, *gap, at, pause),
                _ => telling.tell(mark, *gap),
            }
        }
        while !telling.open_spans.is_empty() {
            telling.leave();
        }
        telling.close_item();
        let many = |(what, count): (String, u64)| if count == 1 { what } else { format!("{what} ({count} times)") };
        (telling.items, telling.untold.into_iter().map(many).collect())
    }

    fn first_exposures(&self) -> HashMap<Text, (Option<f64>, Option<f64>)> {
        let number = |device: &DeviceTwin, key: &str| {
            device.options.iter().find(|(known, _)| *known == key).and_then(|(_, value)| value.as_f64())
        };
        let detectors = self.devices.iter().filter(|device| device.class == "SimDetector");
        let fitted_alone = |device: &&DeviceTwin| device.parameter("readout_time").is_some();
        detectors
            .filter(fitted_alone)
            .map(|device| (device.name.clone(), (number(device, "exposure_time"), number(device, "frames"))))
            .collect()
    }
}

impl<'r> Telling<'r> {
    /// A mark that comes again after a pause.
    fn tell_paused(&mut self, mark: &Mark<'r>, gap: Duration, at: usize, pause: &PauseSeen) {
        let gap = if at == pause.from {
            // Before the checkpoint, so that it does not come again.
            self.sleep(gap, mark.start);
            self.push(Step::message("checkpoint"), Some(OF_PAUSE), mark.start);
            self.checkpoint = self.messages;
            Duration::ZERO
        } else {
            gap
        };
        self.wants_checkpoint = false;
        self.tell(mark, gap);
        if at == pause.wait {
            let message = Some(self.messages);
            let (after, act) = (Some(pause.after), OutsideAct::Ask(Request::Pause));
            self.item.call.at.push(OutsideSpec { message, after, act, position: Position::NOWHERE });
            self.item.call.on_pause.extend([PauseAction::Sleep(pause.held), PauseAction::Ask(Request::Resume)]);
            // What comes again counts again.
            self.messages += self.messages - self.checkpoint;
        }
    }

    fn tell(&mut self, mark: &Mark<'r>, gap: Duration) {
        let at = mark.start;
        if let Sight::Leave = mark.what {
            self.sleep(gap, at);
            self.leave();
            return;
        }
        self.sleep(gap, at);
        if mark.begins_something() && self.wants_checkpoint && !self.open_runs.is_empty() {
            self.push(Step::message("checkpoint"), Some(OF_MOVES), at);
            self.wants_checkpoint = false;
        }
        match &mark.what {
            Sight::OpenRun(run) => self.open_run(*run, at),
            Sight::CloseRun(run) => self.close_run(*run, at),
            Sight::Message { command, device, span, .. } => self.message(command, device.as_ref(), *span, at),
            Sight::Begun { command, device, group, status } => {
                let inferred = if status.is_some_and(|it| it.span.is_some()) { OF_STATUS } else { OF_WAIT };
                let Some(device) = self.doing(command, device) else { return };
                let step = Step::message(*command).of(device.as_str());
                let step = match group {
                    Some(group) => step.kwarg("group", self.node(group)),
                    None => step,
                };
                self.push(step, Some(inferred), at);
            }
            Sight::Event { run, stream, devices } => self.event(*run, stream, devices, at),
            Sight::Monitored { run, device, stream } => {
                let step = Step::message("monitor").of(twin_name(device).as_str());
                let step = step.kwarg("name", self.node(&Value::from(stream)));
                self.push(self.in_run(step, *run), Some(OF_DOCUMENTS), at);
            }
            Sight::Enter(name) => self.open_spans.push((name.clone(), at, Vec::new())),
            Sight::Leave => {}
        }
        // Without documents nothing shows where a point ends but what is triggered.
        let is_trigger_wait = mark.is_wait()
            && matches!(&mark.what, Sight::Message { span, .. } if span.span().attr("group").and_then(Value::as_str).is_some_and(|group| group.starts_with("trigger")));
        self.wants_checkpoint |= is_trigger_wait && self.seen().night.documents.is_empty();
    }

    const fn seen(&self) -> &'r Sightings<'r> {
        self.retelling.seen
    }

    fn push(&mut self, step: Step, inferred: Option<&'static str>, at: Timestamp) {
        self.messages += 1;
        self.lines().push(PlanLine::Step { step, inferred, at });
    }

    fn lines(&mut self) -> &mut Vec<PlanLine> {
        match self.open_spans.last_mut() {
            Some((_, _, lines)) => lines,
            None => &mut self.item.lines,
        }
    }

    fn tell_not(&mut self, what: String) {
        *self.untold.entry(what).or_default() += 1;
    }

    fn sleep(&mut self, gap: Duration, at: Timestamp) {
        if gap.is_zero() {
            return;
        }
        // To a microsecond; what is shorter is kept to the nanosecond.
        let seconds = if gap > Duration::from_micros(10) { gap.as_micros() as f64 / 1e6 } else { gap.as_secs_f64() };
        self.push(Step::message("sleep").arg(seconds), Some(OF_GAP), at);
    }

    fn leave(&mut self) {
        if let Some((name, at, body)) = self.open_spans.pop() {
            self.lines().push(PlanLine::Span { name, at, body });
        }
        if self.has_had_run {
            self.close_item_if_over();
        }
    }

    fn close_item_if_over(&mut self) {
        if self.open_spans.is_empty() && self.open_runs.is_empty() {
            self.close_item();
        }
    }

    fn close_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        self.messages = 0;
        self.has_had_run = false;
        if !item.lines.is_empty() {
            self.items.push(item);
        }
    }

    fn run(&self, run: usize) -> &'r RunSeen<'r> {
        &self.seen().runs[run]
    }

    /// The message in its run, where there are others.
    fn in_run(&self, step: Step, run: usize) -> Step {
        if self.run(run).overlaps { step.in_run(format!("run {}", run + 1)) } else { step }
    }

    fn open_run(&mut self, run: usize, at: Timestamp) {
        let seen = self.run(run);
        let metadata = metadata_of(seen);
        let name = metadata.get("plan_name").or(seen.start.and_then(|start| start.metadata.get("plan_name")));
        let name = name.and_then(Value::as_str).unwrap_or_default();
        let title = format!("run {}{}{name}", run + 1, if name.is_empty() { "" } else { ": " });
        let item_title = &mut self.item.title;
        *item_title = if item_title.is_empty() { title } else { format!("{item_title}; {title}") };
        // A nested convention of spans tells of them itself.
        let is_told = self.seen().night.trace.named("Bluesky RunEngine stage").next().is_some();
        let named = |key: &str| metadata.get(key).and_then(Value::as_array).unwrap_or_default().iter();
        let staged: Vec<Text> = named("detectors")
            .chain(named("motors"))
            .filter_map(Value::as_str)
            .map(|name| twin_name(&name.into()))
            .filter(|_| !is_told)
            .filter(|name| self.by_name.get(name.as_str()).is_some_and(|device| device.is_staged()))
            .collect();
        for device in &staged {
            self.push(Step::message("stage").of(device.as_str()), Some(OF_METADATA), at);
        }
        self.staged.insert(run, staged);
        self.configure(run);
        // What was given to the call, and what the engine always has, is in the document alone.
        for (key, value) in seen.start.iter().flat_map(|start| start.metadata.iter()) {
            if !metadata.contains_key(key) && !OF_ENGINE.contains(&key.as_str()) {
                self.item.call.meta.insert_default(key, value.clone());
            }
        }
        let step = Step::message("open_run");
        let step = metadata.iter().fold(step, |step, (key, value)| step.kwarg(key.as_str(), self.node(value)));
        self.push(self.in_run(step, run), None, at);
        self.open_runs.push(run);
        (self.has_had_run, self.wants_checkpoint) = (true, true);
    }

    /// What detectors are configured to in a run, where it is another than before.
    fn configure(&mut self, run: usize) {
        let (start, end) = (self.run(run).span.start(), self.run(run).span.end());
        let mut puts = Vec::new();
        let mut names: Vec<Text> = self.exposures.keys().cloned().collect();
        names.sort();
        for name in names {
            let Some(map) = self.configurations.at(&name, start).filter(|_| end.is_some()) else { continue };
            let now = (configured(map, &EXPOSURE), configured(map, &FRAMES));
            let Some(known) = self.exposures.get_mut(&name) else { continue };
            let mut put = |option: &str, known: &mut Option<f64>, now: Option<f64>, is_count: bool| {
                let Some(number) = now.filter(|now| *now != known.unwrap_or(1.0)) else { return };
                if known.is_none() && !is_count {
                    return;
                }
                *known = now;
                #[expect(clippy::cast_possible_truncation, reason = "a number of frames")]
                let value = if is_count { Value::from(number.round() as i64) } else { Value::from(number) };
                puts.push(PutSpec { signal: Spanned::from(format!("{name}.{option}")), value: Spanned::from(value) });
            };
            put("exposure_time", &mut known.0, now.0, false);
            put("frames", &mut known.1, now.1, true);
        }
        if !puts.is_empty() {
            self.item.call.at.push(OutsideSpec {
                message: Some(self.messages + 1),
                after: None,
                act: OutsideAct::Set(puts),
                position: Position::NOWHERE,
            });
        }
    }

    fn close_run(&mut self, run: usize, at: Timestamp) {
        self.open_runs.retain(|open| *open != run);
        let seen = self.run(run);
        let staged = self.staged.remove(&run).unwrap_or_default();
        let ends_well = seen.exit_status == ExitStatus::Success;
        match seen.exit_status {
            ExitStatus::Success => {
                let step = self.in_run(Step::message("close_run"), run);
                self.push(step, Some(OF_RUN), at);
            }
            ExitStatus::Fail => self.fail(run, at),
            ExitStatus::Abort => {
                let class = RaisedClass::RequestAbort;
                let step = Step::Raise { text: seen.reason.clone(), class, position: Position::NOWHERE };
                self.push(step, Some(OF_RUN), at);
            }
        }
        if ends_well {
            for device in staged.into_iter().rev() {
                self.push(Step::message("unstage").of(device.as_str()), Some(OF_METADATA), at);
            }
        }
        self.close_item_if_over();
    }

    /// A run that failed: by a status, which fails in the twin, too, or by something else.
    fn fail(&mut self, run: usize, at: Timestamp) {
        let seen = self.run(run);
        let start = seen.span.start();
        let failed_at = self.seen().marks.iter().filter_map(|mark| match &mark.what {
            Sight::Message { status: Some(status), .. } | Sight::Begun { status: Some(status), .. } => {
                status.failure()?;
                Some(status.began + status.took?)
            }
            _ => None,
        });
        let failed_at = failed_at.filter(|failed| *failed >= start && *failed <= at).min();
        let Some(failed_at) = failed_at else {
            let text = if seen.reason.is_empty() { "the run failed".to_owned() } else { seen.reason.clone() };
            self.push(Step::raise(text), Some(OF_RUN), at);
            return;
        };
        // What came behind it is what the plan cleans up.
        if !self.open_spans.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.item.lines);
        let split = lines.iter().position(|line| line.at().is_some_and(|at| at > failed_at)).unwrap_or(lines.len());
        let mut body = lines;
        let last = body.split_off(split);
        let is_nap = |line: &PlanLine| matches!(line, PlanLine::Step { inferred: Some(OF_GAP), .. });
        self.item.lines = if last.iter().all(is_nap) { body } else { vec![PlanLine::Finalize { body, last }] };
    }

    fn event(&mut self, run: usize, stream: &Text, devices: &[Text], at: Timestamp) {
        let create = Step::message("create").kwarg("name", self.node(&Value::from(stream)));
        self.push(self.in_run(create, run), Some(OF_DOCUMENTS), at);
        for device in devices {
            let step = Step::message("read").of(twin_name(device).as_str());
            self.push(self.in_run(step, run), Some(OF_DOCUMENTS), at);
        }
        self.push(self.in_run(Step::message("save"), run), Some(OF_DOCUMENTS), at);
        self.wants_checkpoint = true;
    }

    fn message(&mut self, command: &str, device: Option<&Text>, span: SpanRef<'_>, at: Timestamp) {
        let mut step = Step::message(command);
        if let Some(device) = device {
            let Some(name) = self.doing(command, device) else { return };
            step = step.of(name.as_str());
        }
        let args = span.span().attr("msg.args").and_then(Value::as_array).unwrap_or_default();
        step = args.iter().fold(step, |step, arg| step.arg(self.node(arg)));
        let kwargs = kwargs_of(span.span()).unwrap_or_default();
        for (key, value) in kwargs.iter() {
            // What a device takes besides is a matter of its class.
            let is_named = command == "collect" && key == "name" && !value.is_null();
            if is_named || matches!(command, "set" | "prepare" | "complete") && key != "group" {
                self.tell_not(format!("the argument `{key}` of `{command}` is not in the twin"));
                continue;
            }
            step = step.kwarg(key.as_str(), self.node(value));
        }
        self.push(step, None, at);
    }

    /// The name of a device in the twin, if it does that there; what it does not is told.
    fn doing(&mut self, command: &str, device: &Text) -> Option<Text> {
        let name = twin_name(device);
        match self.by_name.get(name.as_str()) {
            Some(twin) if twin.does(command) => Some(name),
            _ => {
                self.tell_not(format!("`{command}` of {name} is left out: the class of its twin does not do that"));
                None
            }
        }
    }

    /// A value, in which no string names a device.
    fn node(&self, value: &Value) -> Node {
        node_without_names(value, &self.names)
    }
}

fn node_without_names(value: &Value, names: &HashSet<Text>) -> Node {
    match value {
        Value::Str(text) => {
            let head = text.split('.').next().unwrap_or_default();
            let node = Node::from(value.clone());
            if !names.contains(head) {
                return node;
            }
            NodeValue::Mapping(vec![(Node::from("str"), node)]).into()
        }
        Value::Array(values) => {
            NodeValue::Sequence(values.iter().map(|value| node_without_names(value, names)).collect()).into()
        }
        Value::Map(map) => {
            let entry =
                |(key, value): (&Text, &Value)| (Node::from(Value::from(key)), node_without_names(value, names));
            NodeValue::Mapping(map.iter().map(entry).collect()).into()
        }
        other => Node::from(other.clone()),
    }
}

impl DeviceTwin {
    /// Whether it is staged, as far as its class can be.
    fn is_staged(&self) -> bool {
        matches!(self.class, "SimMotor" | "SimDetector" | "SynAxis")
    }
}
