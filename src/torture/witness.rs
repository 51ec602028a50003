//! [`Witness`]: sees what a plan does, and does to it what is to happen at a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::home::Stay;
use super::leftover::Hung;
use super::message_row::MessageRow;
use super::rest::Rest;
use crate::clock::Timestamp;
use crate::device::{CallEnvironment, Device, Status};
use crate::document::Document;
use crate::hardware::{Calls, Fault, Method};
use crate::harness::Heard;
use crate::message::{Command, Msg, PlanError};
use crate::trace::Capture;
use crate::value::{Text, Value};

/// Sees what a plan does, message by message, and keeps no more of it than what says what is left.
pub(super) struct Witness {
    shared: Arc<CallEnvironment>,
    /// What goes wrong with a device, or with a subscriber, at a message of an item.
    to_happen: Vec<ToHappen>,
    fails_at_next_document: Arc<AtomicBool>,
    item: usize,
    message: usize,
    pending: Option<Pending>,
    /// What is open now: runs, what is monitored in them, what is staged.
    runs: Vec<Value>,
    monitors: Vec<(Value, Text)>,
    staged: Vec<Device>,
    /// The device in trouble.
    in_trouble: Option<Text>,
    seen: Seen,
    /// What is noted of each message, where that is wanted.
    noted: Option<Noted>,
}

/// Something that happens at a message.
pub(super) struct ToHappen {
    pub(super) item: usize,
    pub(super) message: usize,
    /// What goes wrong with the device of the message; nothing where a subscriber fails.
    pub(super) fault: Option<Fault>,
}

/// What a message begins, if it does not fail.
enum Pending {
    Run(Value),
    Monitor(Value, Text),
    Stage(Device),
}

/// What there is to be said of a plan after it.
#[derive(Default)]
pub(super) struct Seen {
    /// How many runs the plans left open, and what they left monitored and staged.
    pub(super) runs_left: usize,
    pub(super) monitors_left: Vec<Text>,
    pub(super) staged_left: Vec<Text>,
    described: Vec<Described>,
    pub(super) documents: u64,
    pub(super) messages: u64,
    pub(super) hung: Option<Hung>,
    watched: Vec<Watched>,
    /// The command that is being executed, as it waits for ever if nothing can happen any more.
    last_command: String,
}

/// A stream of a run, and its data.
struct Described {
    run: Text,
    stream: Text,
    /// The uids of its descriptors: there is another one after each configuration.
    descriptors: Vec<Text>,
    /// The greatest number of an event: those that are taken again after a pause have the same number.
    events: u64,
    /// What is written elsewhere, by the resource.
    frames: Vec<(Text, u64)>,
}

/// A device that is to come home.
struct Watched {
    name: Text,
    device: Device,
    start: Rest,
    range: Option<(f64, f64)>,
    target: Option<Value>,
}

/// What is noted of each message of the undisturbed run.
pub(super) struct Noted {
    pub(super) rows: Vec<MessageRow>,
    /// The statuses that messages gave, with the place of the message among the rows.
    statuses: Vec<(usize, Status)>,
    began: Timestamp,
    /// How many answers to pauses were given in the item.
    answers: usize,
    /// Which spans are open.
    capture: Capture,
    /// The calls of one device, and how many there were of one method before a message.
    pub(super) counted: Option<Counted>,
}

/// How often a method of a device was called before a message.
pub(super) struct Counted {
    /// The place of the message among the rows.
    pub(super) row: usize,
    pub(super) method: Option<Method>,
    /// The calls of all devices.
    pub(super) calls: Vec<(Device, Calls)>,
    pub(super) before: usize,
}

impl Witness {
    /// One who knows these devices from the beginning.
    pub(super) fn new(shared: Arc<CallEnvironment>, devices: impl IntoIterator<Item = (Text, Device)>) -> Self {
        let mut seen = Seen::default();
        for (name, device) in devices {
            seen.watch(name, &device, &shared);
        }
        Self {
            shared,
            to_happen: Vec::new(),
            fails_at_next_document: Arc::default(),
            item: 0,
            message: 0,
            pending: None,
            runs: Vec::new(),
            monitors: Vec::new(),
            staged: Vec::new(),
            in_trouble: None,
            seen,
            noted: None,
        }
    }

    /// Whether a subscriber fails at the next document; it is told no more after that.
    pub(super) fn fails_at_next_document(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.fails_at_next_document)
    }

    pub(super) fn sees_to(&mut self, to_happen: ToHappen) {
        self.to_happen.push(to_happen);
    }

    /// Notes each message, with the spans that are open then.
    pub(super) fn notes(&mut self, capture: Capture, counted: Option<Counted>) {
        let began = self.shared.clock.now();
        self.noted = Some(Noted { rows: Vec::new(), statuses: Vec::new(), began, answers: 0, capture, counted });
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.seen.watched.iter().any(|watched| watched.name == name)
    }

    pub(super) fn begin_item(&mut self, item: usize) {
        (self.item, self.message) = (item, 0);
        self.noted.iter_mut().for_each(|noted| noted.answers = 0);
    }

    /// The plan is over, and the engine has cleaned up.
    pub(super) fn end_item(&mut self) {
        self.succeed();
        self.note_end();
        self.seen.runs_left += self.runs.len();
        self.runs.clear();
        self.seen.monitors_left.extend(self.monitors.drain(..).map(|(_, device)| device));
        self.seen.staged_left.extend(self.staged.drain(..).map(|device| device.name().clone()));
    }

    /// A pause was answered as the item says.
    pub(super) fn answer(&mut self) {
        self.noted.iter_mut().for_each(|noted| noted.answers += 1);
    }

    pub(super) fn is_hung(&mut self, hung: Hung) {
        self.seen.hung.get_or_insert(hung);
    }

    /// What it has seen, and what it has noted.
    pub(super) fn finish(mut self) -> (Seen, Option<Noted>) {
        if let Some(noted) = &mut self.noted {
            for (row, status) in std::mem::take(&mut noted.statuses).iter().filter(|(_, status)| status.is_done()) {
                if let Some(took) = noted.rows.get_mut(*row).and_then(|row| row.status.as_mut()) {
                    *took = Some(status.elapsed());
                }
            }
        }
        (self.seen, self.noted)
    }

    /// The message before gave a status.
    pub(super) fn gave(&mut self, status: &Status) {
        if let Some(noted) = &mut self.noted
            && let Some(row) = noted.rows.len().checked_sub(1)
        {
            noted.statuses.push((row, status.clone()));
        }
    }

    pub(super) fn hear(&mut self, heard: Heard<'_>) {
        match heard {
            Heard::Message(msg) => self.message(msg),
            Heard::Failure(error) => {
                self.pending = None;
                if matches!(error, PlanError::Deadlock(_)) {
                    self.deadlock();
                }
            }
            Heard::Document(document) => self.seen.document(document),
        }
    }

    /// Notes that nothing can happen any more.
    pub(super) fn deadlock(&mut self) {
        let command = Text::from(&self.seen.last_command);
        let device = self.in_trouble.clone();
        self.is_hung(Hung::WaitsForEver { command, device });
    }

    fn message(&mut self, msg: &Msg) {
        self.succeed();
        self.seen.messages += 1;
        self.seen.last_command.clear();
        self.seen.last_command += msg.command();
        self.message += 1;
        self.note(msg);
        self.let_happen(msg);
        match &msg.command {
            Command::Set(call) => {
                self.seen.set(&call.obj, call.args.positional.first(), &self.shared);
            }
            Command::OpenRun { .. } => self.pending = Some(Pending::Run(msg.run.clone())),
            Command::CloseRun(_) => {
                self.runs.retain(|run| *run != msg.run);
                self.monitors.retain(|(run, _)| *run != msg.run);
            }
            Command::Monitor(monitor) => {
                self.pending = Some(Pending::Monitor(msg.run.clone(), monitor.obj.name().clone()));
            }
            Command::Unmonitor { obj } => {
                self.monitors.retain(|(run, device)| *run != msg.run || device != obj.name());
            }
            Command::Stage { obj, .. } => self.pending = Some(Pending::Stage(obj.clone())),
            // Whoever tries to unstage has done what can be done.
            Command::Unstage { obj, .. } => self.staged.retain(|device| device != obj),
            _ => {}
        }
    }

    /// The message before has done what it begins.
    fn succeed(&mut self) {
        match self.pending.take() {
            None => {}
            Some(Pending::Run(run)) => self.runs.push(run),
            Some(Pending::Monitor(run, device)) => self.monitors.push((run, device)),
            Some(Pending::Stage(device)) if self.staged.contains(&device) => {}
            Some(Pending::Stage(device)) => self.staged.push(device),
        }
    }

    fn let_happen(&mut self, msg: &Msg) {
        let (item, message) = (self.item, self.message);
        let due = self.to_happen.extract_if(.., |it| (it.item, it.message) == (item, message)).collect::<Vec<_>>();
        for ToHappen { fault, .. } in due {
            match (fault, msg.command.device()) {
                (None, _) => self.fails_at_next_document.store(true, Ordering::Relaxed),
                (Some(fault), Some(device)) => {
                    self.in_trouble = Some(device.name().clone());
                    device.fault(fault);
                }
                (Some(_), None) => {}
            }
        }
    }

    /// Notes a message, and how long the one before took.
    fn note(&mut self, msg: &Msg) {
        self.note_end();
        let Some(noted) = &mut self.noted else { return };
        if let Some(counted) = &mut noted.counted
            && counted.row == noted.rows.len()
        {
            let of_device = counted.calls.iter().find(|(device, _)| Some(device) == msg.command.device());
            let count = |method| of_device.map_or(0, |(_, calls)| calls.count(method));
            counted.before = counted.method.map_or(0, count);
        }
        let spans = noted.capture.open_spans();
        let section = spans.into_iter().rev().find(|span| !is_of_engine(&span.name)).map(|span| span.name);
        let number = noted.rows.len() as u64 + 1;
        let place = (number, self.item, self.message);
        let row = MessageRow::of(msg, place, section);
        noted.rows.push(MessageRow { documents_before: self.seen.documents, answers_before: noted.answers, ..row });
        noted.began = self.shared.clock.now();
    }

    fn note_end(&mut self) {
        let Some(noted) = &mut self.noted else { return };
        if let Some(row) = noted.rows.last_mut().filter(|row| row.item == self.item && !row.has_ended) {
            row.duration = self.shared.clock.now() - noted.began;
            row.emits = self.seen.documents > row.documents_before;
            row.has_ended = true;
        }
    }
}

/// Whether a span is one of the engine or a status, and no section of a plan.
fn is_of_engine(name: &str) -> bool {
    name.starts_with("Bluesky RunEngine") || name == "Ophyd Status"
}

impl Seen {
    fn watch(&mut self, name: Text, device: &Device, shared: &Arc<CallEnvironment>) {
        let Some(start) = Rest::of(device, shared) else { return };
        let number = start.readback.as_f64();
        let range = number.map(|number| (number, number));
        self.watched.push(Watched { name, device: device.clone(), start, range, target: None });
    }

    /// A device is about to be set.
    fn set(&mut self, device: &Device, target: Option<&Value>, shared: &Arc<CallEnvironment>) {
        if !self.watched.iter().any(|watched| watched.device == *device) {
            self.watch(device.name().clone(), device, shared);
        }
        let Some(watched) = self.watched.iter_mut().find(|watched| watched.device == *device) else { return };
        watched.target = target.cloned();
        if let Some(target) = target.and_then(Value::as_f64) {
            let (least, greatest) = watched.range.unwrap_or((target, target));
            watched.range = Some((least.min(target), greatest.max(target)));
        }
    }

    fn document(&mut self, document: &Document) {
        self.documents += 1;
        match document {
            Document::Descriptor(descriptor) => {
                let (run, stream, uid) = (&descriptor.run_start, &descriptor.name, descriptor.uid.clone());
                match self.described.iter_mut().rev().find(|it| it.run == *run && it.stream == *stream) {
                    Some(known) => known.descriptors.push(uid),
                    None => self.described.push(Described {
                        run: run.clone(),
                        stream: stream.clone(),
                        descriptors: vec![uid],
                        events: 0,
                        frames: Vec::new(),
                    }),
                }
            }
            Document::Event(event) => {
                let known = self.described(&event.descriptor).into_iter();
                known.for_each(|known| known.events = known.events.max(event.seq_num));
            }
            Document::EventPage(page) => {
                let last = page.seq_num.iter().copied().max().unwrap_or_default();
                self.described(&page.descriptor).into_iter().for_each(|known| known.events = known.events.max(last));
            }
            Document::StreamDatum(datum) => {
                let Some(known) = self.described(&datum.descriptor) else { return };
                let (resource, count) = (&datum.datum.stream_resource, datum.datum.indices.width());
                match known.frames.iter_mut().find(|(of, _)| of == resource) {
                    Some((_, frames)) => *frames += count,
                    None => known.frames.push((resource.clone(), count)),
                }
            }
            _ => {}
        }
    }

    fn described(&mut self, descriptor: &Text) -> Option<&mut Described> {
        self.described.iter_mut().rev().find(|known| known.descriptors.contains(descriptor))
    }

    /// The streams, and how many events each has over all runs, in the order of their first descriptors.
    pub(super) fn streams(&self) -> Vec<(Text, u64)> {
        let mut streams: Vec<(Text, u64)> = Vec::new();
        for Described { stream, events, frames, .. } in &self.described {
            // What is written elsewhere is told of once more by an event, or by each of several resources.
            let count = frames.iter().map(|(_, frames)| *frames).chain([*events]).max().unwrap_or_default();
            match streams.iter_mut().find(|(name, _)| name == stream) {
                Some((_, all)) => *all += count,
                None => streams.push((stream.clone(), count)),
            }
        }
        streams
    }

    /// How the devices stand, each by its name; of two of one name the first.
    pub(super) fn stays(&self, shared: &Arc<CallEnvironment>) -> Vec<Stay> {
        let stay = |watched: &Watched| {
            let end = Rest::of(&watched.device, shared)?;
            let Watched { name, start, range, target, .. } = watched;
            let (device, start, target) = (name.clone(), start.clone(), target.clone());
            Some(Stay { device, start, end, moving_to: None, range: *range, target })
        };
        let mut stays: Vec<Stay> = Vec::with_capacity(self.watched.len());
        for stay in self.watched.iter().filter_map(stay) {
            if !stays.iter().any(|known| known.device == stay.device) {
                stays.push(stay);
            }
        }
        stays
    }
}
