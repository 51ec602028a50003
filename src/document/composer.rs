//! [`RunComposer`]: documents of one run that are valid together.

use std::sync::Arc;

use super::{Configuration, Descriptor, Event, ExitStatus, RunStart, RunStop, start_schema};
use crate::clock::{Clock, Timestamp};
use crate::device::{Hints, Reading};
use crate::seed::Seed;
use crate::value::{Map, Text, Value, repr};

/// Composes the documents of one run so that they are valid together (event-model 1.24.0, `compose_run`).
#[derive(Debug)]
pub struct RunComposer {
    clock: Clock,
    seed: Seed,
    /// Events have a stream of their own, for they may go uncomposed.
    event_seed: Seed,
    start: Arc<RunStart>,
    streams: Vec<Stream>,
}

/// A stream: what describes it, and the number of its next event.
#[derive(Debug)]
struct Stream {
    descriptor: Arc<Descriptor>,
    next_seq_num: u64,
}

/// What describes one object of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedObject {
    /// Its name.
    pub name: Text,
    /// What describes each of its data keys, in the order of reading.
    pub data_keys: Vec<(Text, Map)>,
    /// Its configuration.
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
}

impl NextEvent {
    /// The event.
    #[must_use]
    pub fn compose(self) -> Event {
        Event {
            uid: self.seed.uid(),
            time: self.time,
            descriptor: self.descriptor.uid.clone(),
            seq_num: self.seq_num,
            readings: self.readings,
            filled: Map::new(),
        }
    }
}

/// What is to be composed does not fit to what was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ComposeError {
    /// The schema of start documents does not allow such a key.
    #[error(
        "the metadata key {key:?} is not allowed: keys of a start document are not empty, hold no dot and no slash"
    )]
    MetadataKey {
        /// The key.
        key: Text,
    },
    /// A key that every start document has, from the run itself.
    #[error("the metadata key {key:?} is not allowed: the run itself says what stands there")]
    ReservedKey {
        /// The key.
        key: &'static str,
    },
    /// The schema of start documents wants something else at that key.
    #[error("the metadata at {key:?} should be {expected}, found {}", repr(found))]
    MetadataValue {
        /// The key.
        key: Text,
        /// What it may hold.
        expected: &'static str,
        /// What it holds.
        found: Value,
    },
    /// The readings are not those that the descriptor describes.
    #[error("the data keys of an event of stream {stream:?} are {found:?}; its descriptor has {expected:?}")]
    DataKeys {
        /// The stream.
        stream: Text,
        /// What its descriptor has.
        expected: Vec<Text>,
        /// What was read.
        found: Vec<Text>,
    },
}

impl ComposeError {
    /// The class of the exception that event-model raises for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MetadataKey { .. } | Self::MetadataValue { .. } => "ValidationError",
            Self::ReservedKey { .. } => "TypeError",
            Self::DataKeys { .. } => "EventModelValidationError",
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
        Ok(Self { clock, seed, event_seed, start, streams: Vec::new() })
    }

    /// The start document.
    #[must_use]
    pub const fn start(&self) -> &Arc<RunStart> {
        &self.start
    }

    /// What describes the stream of that name, if it was described.
    #[must_use]
    pub fn descriptor(&self, name: &str) -> Option<&Arc<Descriptor>> {
        self.streams.iter().map(|stream| &stream.descriptor).find(|descriptor| descriptor.name == name)
    }

    /// Describes a stream by what describes each object in it.
    ///
    /// A stream that was described before goes on with its numbers.
    pub fn describe(&mut self, name: Text, objects: Vec<DescribedObject>) -> Arc<Descriptor> {
        let mut descriptor = Descriptor {
            uid: self.seed.uid(),
            time: self.clock.now(),
            run_start: self.start.uid.clone(),
            name,
            data_keys: Vec::new(),
            object_keys: Vec::new(),
            configuration: Vec::new(),
            hints: Vec::new(),
        };
        for DescribedObject { name: object, data_keys, configuration, hints } in objects {
            descriptor.object_keys.push((object.clone(), data_keys.iter().map(|(key, _)| key.clone()).collect()));
            descriptor.data_keys.extend(data_keys.into_iter().map(|(key, mut described)| {
                described.insert(Text::literal("object_name"), &object);
                (key, described)
            }));
            descriptor.configuration.push((object.clone(), configuration));
            descriptor.hints.extend(hints.map(|hints| (object, hints)));
        }
        let descriptor = Arc::new(descriptor);
        match self.streams.iter_mut().find(|stream| stream.descriptor.name == descriptor.name) {
            Some(stream) => stream.descriptor = Arc::clone(&descriptor),
            None => self.streams.push(Stream { descriptor: Arc::clone(&descriptor), next_seq_num: 1 }),
        }
        descriptor
    }

    /// The next event of a stream that was described. It counts, whether it is [composed](NextEvent::compose) or not.
    ///
    /// # Errors
    ///
    /// If the readings are not those that were described, or the stream was not.
    pub fn event(&mut self, name: &Text, readings: Vec<(Text, Reading)>) -> Result<NextEvent, ComposeError> {
        let stream = self.streams.iter_mut().find(|stream| stream.descriptor.name == *name);
        let described = stream.as_ref().map_or(&[][..], |stream| &stream.descriptor.data_keys);
        let fits = described.len() == readings.len()
            && (described.iter().zip(&readings).all(|((key, _), (read, _))| key == read)
                || readings.iter().all(|(read, _)| described.iter().any(|(key, _)| key == read)));
        let Some(stream) = stream.filter(|_| fits) else {
            return Err(ComposeError::DataKeys {
                stream: name.clone(),
                expected: self.expected(name),
                found: readings.into_iter().map(|(key, _)| key).collect(),
            });
        };
        let seq_num = stream.next_seq_num;
        stream.next_seq_num += 1;
        let descriptor = Arc::clone(&stream.descriptor);
        Ok(NextEvent { time: self.clock.now(), seed: self.event_seed.clone(), descriptor, seq_num, readings })
    }

    fn expected(&self, name: &str) -> Vec<Text> {
        let described = self.descriptor(name).map_or(&[][..], |descriptor| &descriptor.data_keys);
        described.iter().map(|(key, _)| key.clone()).collect()
    }

    /// Ends the run.
    #[must_use]
    pub fn stop(&self, exit_status: ExitStatus, reason: Text) -> RunStop {
        RunStop {
            uid: self.seed.uid(),
            time: self.now(),
            run_start: self.start.uid.clone(),
            exit_status,
            reason,
            num_events: self
                .streams
                .iter()
                .map(|stream| (stream.descriptor.name.clone(), stream.next_seq_num - 1))
                .collect(),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
