//! [`RunComposer`]: documents of one run that are valid together.

use std::sync::Arc;

use super::asset_composer::StreamResources;
use super::descriptor::is_of_a_stream;
use super::{
    AssetComposer, ComposeError, Configuration, Descriptor, Event, EventPage, ExitStatus, RunStart, RunStop,
    descriptor_schema, page, start_schema,
};
use crate::clock::{Clock, Timestamp};
use crate::device::{Hints, PartialEventPage, Reading};
use crate::seed::Seed;
use crate::value::{Map, Text, Value};

/// Composes the documents of one run so that they are valid together (event-model 1.24.0, `compose_run`).
#[derive(Debug)]
pub struct RunComposer {
    clock: Clock,
    seed: Seed,
    /// Events have a stream of their own, for they may go uncomposed.
    event_seed: Seed,
    start: Arc<RunStart>,
    streams: Vec<Stream>,
    stream_resources: StreamResources,
    stopped: bool,
    /// Whether what comes after the stop document is composed all the same.
    belated: bool,
}

/// A stream: what describes it, and the number of its next event.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) descriptor: Arc<Descriptor>,
    /// The data keys whose values stand in its events.
    in_events: Vec<Text>,
    /// The data keys whose values stand somewhere else; the events say where.
    not_filled: Map,
    pub(super) next_seq_num: u64,
    /// The number that was next at the last checkpoint; 1 where there was none.
    at_checkpoint: u64,
    /// Whether its events are taken again after a rewind.
    rewinds: bool,
}

/// What describes one object of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedObject {
    /// The name of the device.
    pub name: Text,
    /// What describes each of its data keys, in the order of reading.
    pub data_keys: Vec<(Text, Map)>,
    /// The configuration of the device when it was described.
    pub configuration: Configuration,
    /// Its hints, if it has some.
    pub hints: Option<Hints>,
}

/// The next event of a stream, numbered and found to fit, but not yet composed: where nobody wants it, it need not be.
#[derive(Debug)]
pub struct NextEvent {
    time: Timestamp,
    seed: Seed,
    descriptor: Arc<Descriptor>,
    seq_num: u64,
    readings: Vec<(Text, Reading)>,
    filled: Map,
}

impl NextEvent {
    /// The readings of one that nobody wants to see.
    #[must_use]
    pub fn into_readings(self) -> Vec<(Text, Reading)> {
        self.readings
    }

    /// Makes the event document.
    #[must_use]
    pub fn compose(self) -> Event {
        Event {
            uid: self.seed.uid(),
            time: self.time,
            descriptor: self.descriptor.uid.clone(),
            seq_num: self.seq_num,
            readings: self.readings,
            filled: self.filled,
        }
    }
}

impl RunComposer {
    /// Begins a run with that metadata.
    ///
    /// # Errors
    ///
    /// For what the schema of start documents does not allow.
    pub fn begin(clock: Clock, seed: Seed, metadata: Map) -> Result<Self, ComposeError> {
        start_schema::check(&metadata)?;
        let start = Arc::new(RunStart { uid: seed.uid(), time: clock.now(), metadata });
        let event_seed = seed.stream(&start.uid);
        let stream_resources = StreamResources::default();
        Ok(Self {
            clock,
            seed,
            event_seed,
            start,
            streams: Vec::new(),
            stream_resources,
            stopped: false,
            belated: false,
        })
    }

    /// What time it is for the run.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The start document of the run.
    #[must_use]
    pub const fn start(&self) -> &Arc<RunStart> {
        &self.start
    }

    /// What describes the stream of that name, if it was described.
    #[must_use]
    pub fn descriptor(&self, name: &str) -> Option<&Arc<Descriptor>> {
        self.stream(name).map(|stream| &stream.descriptor)
    }

    /// Describes a stream by what describes each object in it.
    ///
    /// A stream that was described before goes on with its numbers.
    ///
    /// # Errors
    ///
    /// If it was described before by other data keys, for what the schema of descriptors does not allow, and after the
    /// stop document.
    pub fn describe(&mut self, name: Text, objects: Vec<DescribedObject>) -> Result<Arc<Descriptor>, ComposeError> {
        let mut descriptor = self.empty_descriptor(name);
        for DescribedObject { name: object, data_keys, configuration, hints } in objects {
            descriptor.object_keys.push((object.clone(), data_keys.iter().map(|(key, _)| key.clone()).collect()));
            for (key, mut described) in data_keys {
                described.insert(Text::literal("object_name"), &object);
                // Of two objects that have the same data key, the later one says what it is.
                match descriptor.data_keys.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = described,
                    None => descriptor.data_keys.push((key, described)),
                }
            }
            descriptor.configuration.push((object.clone(), configuration));
            descriptor.hints.extend(hints.map(|hints| (object, hints)));
        }
        self.put(descriptor, true)
    }

    /// Describes a stream of the engine's own, which is of no object. Its numbers do not go back when the run is rewound,
    /// for its events are not taken again.
    ///
    /// # Errors
    ///
    /// As [`describe`](Self::describe).
    pub fn describe_own(&mut self, name: Text, data_keys: Vec<(Text, Map)>) -> Result<Arc<Descriptor>, ComposeError> {
        let descriptor = Descriptor { data_keys, ..self.empty_descriptor(name) };
        self.put(descriptor, false)
    }

    fn empty_descriptor(&self, name: Text) -> Descriptor {
        Descriptor {
            uid: self.seed.uid(),
            time: self.clock.now(),
            run_start: self.start.uid.clone(),
            name,
            data_keys: Vec::new(),
            object_keys: Vec::new(),
            configuration: Vec::new(),
            hints: Vec::new(),
        }
    }

    fn put(&mut self, descriptor: Descriptor, rewinds: bool) -> Result<Arc<Descriptor>, ComposeError> {
        self.not_stopped()?;
        let known = self.stream(&descriptor.name).map_or(&[][..], |stream| &stream.descriptor.data_keys);
        let is_known = |key| known.iter().any(|(other, _)| other == key);
        if self.descriptor(&descriptor.name).is_some()
            && (known.len() != descriptor.data_keys.len() || !descriptor.data_keys.iter().all(|(key, _)| is_known(key)))
        {
            return Err(ComposeError::OtherDataKeys {
                expected: keys(known),
                found: keys(&descriptor.data_keys),
                stream: descriptor.name,
            });
        }
        descriptor_schema::check(&descriptor)?;
        let in_events = descriptor.data_keys.iter().filter(|(_, described)| !is_of_a_stream(described));
        let in_events = in_events.clone().map(|(key, _)| key.clone()).collect();
        let not_filled = descriptor.data_keys.iter().filter(|(_, described)| {
            described.get("external").is_some_and(|external| external.as_str() != Some("STREAM:"))
        });
        let not_filled = not_filled.map(|(key, _)| (key.clone(), false)).collect();
        let descriptor = Arc::new(descriptor);
        match self.streams.iter_mut().find(|stream| stream.descriptor.name == descriptor.name) {
            Some(stream) => {
                stream.descriptor = Arc::clone(&descriptor);
                (stream.in_events, stream.not_filled) = (in_events, not_filled);
            }
            None => self.streams.push(Stream {
                descriptor: Arc::clone(&descriptor),
                in_events,
                not_filled,
                next_seq_num: 1,
                at_checkpoint: 1,
                rewinds,
            }),
        }
        Ok(descriptor)
    }

    fn not_stopped(&self) -> Result<(), ComposeError> {
        if self.stopped && !self.belated { Err(self.is_stopped()) } else { Ok(()) }
    }

    fn is_stopped(&self) -> ComposeError {
        ComposeError::Stopped { run: self.start.uid.clone() }
    }

    /// Composes from now on also what comes after the stop document, but no second one of those.
    pub(crate) const fn go_on_belatedly(&mut self) {
        self.belated = true;
    }

    /// The next event of a stream that was described, of now. Data keys that are external to anything but `STREAM:` are
    /// not filled. It counts, whether it is [composed](NextEvent::compose) or not.
    ///
    /// # Errors
    ///
    /// If the readings are not those that were described, or the stream was not.
    pub fn event(&mut self, name: &Text, readings: Vec<(Text, Reading)>) -> Result<NextEvent, ComposeError> {
        self.next_event(name, readings, None, self.clock.now())
    }

    /// The same of another time, and filled as it is said.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event), and if what is said to be filled or not was not read, or is said by something else than
    /// a truth value or a string.
    pub fn event_of(
        &mut self,
        name: &Text,
        readings: Vec<(Text, Reading)>,
        filled: Map,
        time: Timestamp,
    ) -> Result<NextEvent, ComposeError> {
        for (key, value) in &filled {
            if !matches!(value, Value::Bool(_) | Value::Str(_)) {
                return Err(ComposeError::FilledValue { key: key.clone(), found: value.clone() });
            }
            if !readings.iter().any(|(read, _)| read == key) {
                return Err(ComposeError::FilledKey { key: key.clone() });
            }
        }
        self.next_event(name, readings, Some(filled), time)
    }

    fn next_event(
        &mut self,
        name: &Text,
        mut readings: Vec<(Text, Reading)>,
        filled: Option<Map>,
        time: Timestamp,
    ) -> Result<NextEvent, ComposeError> {
        self.not_stopped()?;
        let stream = self.streams.iter_mut().find(|stream| stream.descriptor.name == *name);
        let stream = stream.ok_or_else(|| ComposeError::NotDescribed { stream: name.clone() })?;
        let as_described = stream.in_events.len() == readings.len()
            && stream.in_events.iter().zip(&readings).all(|(key, (read, _))| key == read);
        if !as_described {
            keep_the_last_of_each(&mut readings);
            stream.check_keys(|| readings.iter().map(|(key, _)| key))?;
        }
        let seq_num = stream.next_seq_num;
        stream.next_seq_num += 1;
        Ok(NextEvent {
            time,
            seed: self.event_seed.clone(),
            descriptor: Arc::clone(&stream.descriptor),
            seq_num,
            readings,
            filled: filled.unwrap_or_else(|| stream.not_filled.clone()),
        })
    }

    /// The next events of a stream, as a page (event-model 1.24.0, `compose_event_page`).
    ///
    /// # Errors
    ///
    /// If its columns differ in length or are none, or are not those that were described, or the stream was not.
    pub fn page(&mut self, name: &Text, page: PartialEventPage) -> Result<EventPage, ComposeError> {
        self.not_stopped()?;
        let (now, seed) = (self.clock.now(), self.event_seed.clone());
        let stream = self.stream_mut(name).ok_or_else(|| ComposeError::NotDescribed { stream: name.clone() })?;
        let length = page::length(name, &page)?;
        stream.check_keys(|| page.data.iter().map(|(key, _)| key))?;
        stream.check_keys(|| page.timestamps.iter().map(|(key, _)| key))?;
        let first = stream.next_seq_num;
        stream.next_seq_num += length as u64;
        Ok(EventPage {
            uid: (0..length).map(|_| seed.uid()).collect(),
            time: vec![now; length],
            descriptor: stream.descriptor.uid.clone(),
            seq_num: (first..stream.next_seq_num).collect(),
            data: page.data,
            timestamps: page.timestamps,
            filled: Vec::new(),
        })
    }

    /// What composes the asset documents that come together, of a stream or of none.
    ///
    /// # Errors
    ///
    /// If the stream was not described.
    pub fn assets(&mut self, name: Option<&Text>) -> Result<AssetComposer<'_>, ComposeError> {
        let stream = match name {
            None => None,
            Some(name) => {
                let stream = self.streams.iter().find(|stream| stream.descriptor.name == *name);
                Some(stream.ok_or_else(|| ComposeError::NotDescribed { stream: name.clone() })?)
            }
        };
        Ok(AssetComposer::new(&self.start, stream, &mut self.stream_resources))
    }

    /// Counts events of a stream of which nothing was emitted but stream data.
    ///
    /// # Errors
    ///
    /// If the stream was not described.
    pub fn count(&mut self, name: &Text, events: u64) -> Result<(), ComposeError> {
        let stream = self.stream_mut(name).ok_or_else(|| ComposeError::NotDescribed { stream: name.clone() })?;
        stream.next_seq_num += events;
        Ok(())
    }

    /// Remembers which numbers are next, for a rewind.
    pub fn checkpoint(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.at_checkpoint = stream.next_seq_num);
    }

    /// Forgets which numbers were next.
    pub fn clear_checkpoint(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.at_checkpoint = 1);
    }

    /// Goes back to the numbers that were next at the last checkpoint; 1 for a stream that was not described then.
    pub fn rewind(&mut self) {
        let rewound = self.streams.iter_mut().filter(|stream| stream.rewinds);
        rewound.for_each(|stream| stream.next_seq_num = stream.at_checkpoint);
    }

    /// Ends the run.
    ///
    /// # Errors
    ///
    /// If it has ended.
    pub fn stop(&mut self, exit_status: ExitStatus, reason: Text) -> Result<RunStop, ComposeError> {
        if self.stopped {
            return Err(self.is_stopped());
        }
        self.stopped = true;
        Ok(RunStop {
            uid: self.seed.uid(),
            time: self.clock.now(),
            run_start: self.start.uid.clone(),
            exit_status,
            reason,
            num_events: self
                .streams
                .iter()
                .map(|stream| (stream.descriptor.name.clone(), stream.next_seq_num - 1))
                .collect(),
        })
    }

    /// The number of the next event of a stream, if it was described.
    pub(crate) fn next_seq_num(&self, name: &str) -> Option<u64> {
        self.stream(name).map(|stream| stream.next_seq_num)
    }

    fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.descriptor.name == name)
    }

    fn stream_mut(&mut self, name: &str) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.descriptor.name == name)
    }
}

impl Stream {
    /// Wants the data keys of an event or a page to be those that were described; those of `STREAM:` may be left out.
    fn check_keys<'a, I: Iterator<Item = &'a Text>>(&self, found: impl Fn() -> I) -> Result<(), ComposeError> {
        let is_described = |key: &Text| self.descriptor.data_keys.iter().any(|(known, _)| known == key);
        if let Some(key) = found().find(|key| !is_described(key)) {
            return Err(ComposeError::UnknownDataKey { stream: self.descriptor.name.clone(), key: key.clone() });
        }
        if self.in_events.iter().all(|key| found().any(|read| read == key)) {
            return Ok(());
        }
        Err(ComposeError::DataKeys {
            stream: self.descriptor.name.clone(),
            expected: self.in_events.clone(),
            found: found().cloned().collect(),
        })
    }
}

/// As a Python dict has it: a key that comes again has its first place and its last value.
fn keep_the_last_of_each(readings: &mut Vec<(Text, Reading)>) {
    let mut at = 1;
    while at < readings.len() {
        match readings[..at].iter().position(|(key, _)| *key == readings[at].0) {
            Some(first) => readings[first].1 = readings.remove(at).1,
            None => at += 1,
        }
    }
}

fn keys(data_keys: &[(Text, Map)]) -> Vec<Text> {
    data_keys.iter().map(|(key, _)| key.clone()).collect()
}
