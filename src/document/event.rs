//! [`Event`] and [`EventPage`]: readings that were taken together.

use crate::clock::Timestamp;
use crate::device::Reading;
use crate::value::{Map, Text, Value};

/// Readings that were taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The uid of the event.
    pub uid: Text,
    /// When it was composed.
    pub time: Timestamp,
    /// The uid of its descriptor.
    pub descriptor: Text,
    /// Its number in its stream, from 1.
    pub seq_num: u64,
    /// The readings by data key.
    pub readings: Vec<(Text, Reading)>,
    /// Which of the data keys hold not the data but where they are: those are not filled.
    pub filled: Map,
}

impl Event {
    /// The value of a data key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.readings.iter().find(|(k, _)| k == key).map(|(_, reading)| &reading.value)
    }

    pub(super) fn to_map(&self) -> Map {
        let (data, timestamps) = parallel(&self.readings);
        Map::from_iter([
            ("uid", Value::from(&self.uid)),
            ("time", self.time.unix_s().into()),
            ("data", data.into()),
            ("timestamps", timestamps.into()),
            ("seq_num", self.seq_num.into()),
            ("filled", self.filled.clone().into()),
            ("descriptor", (&self.descriptor).into()),
        ])
    }
}

/// Events of one stream, as columns. It is emitted by `collect` alone.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    /// The uid of each event.
    pub uid: Vec<Text>,
    /// When each was composed.
    pub time: Vec<Timestamp>,
    /// The uid of their descriptor.
    pub descriptor: Text,
    /// The number of each in its stream, from 1.
    pub seq_num: Vec<u64>,
    /// The values of each data key.
    pub data: Vec<(Text, Vec<Value>)>,
    /// When each of them was taken.
    pub timestamps: Vec<(Text, Vec<Timestamp>)>,
    /// For each data key that holds not the data but where they are: whether they are filled.
    pub filled: Vec<(Text, Vec<Value>)>,
}

impl EventPage {
    /// The page of these events, which are of one stream (event-model 1.24.0, `pack_event_page`); nothing for no event.
    #[must_use]
    pub fn pack(events: impl IntoIterator<Item = Event>) -> Option<Self> {
        let mut events = events.into_iter().peekable();
        let mut page = Self {
            descriptor: events.peek()?.descriptor.clone(),
            uid: Vec::new(),
            time: Vec::new(),
            seq_num: Vec::new(),
            data: Vec::new(),
            timestamps: Vec::new(),
            filled: Vec::new(),
        };
        for event in events {
            page.uid.push(event.uid);
            page.time.push(event.time);
            page.seq_num.push(event.seq_num);
            for (key, reading) in event.readings {
                add_to_column(&mut page.data, &key, reading.value);
                add_to_column(&mut page.timestamps, &key, reading.timestamp);
            }
            for (key, filled) in &event.filled {
                add_to_column(&mut page.filled, key, filled.clone());
            }
        }
        Some(page)
    }

    /// The events that it holds (event-model 1.24.0, `unpack_event_page`).
    ///
    /// ```
    /// use skyspan::document::EventPage;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// let page = EventPage::pack(run.events().cloned()).ok_or("no event")?;
    /// assert_eq!(page.unpack(), run.events().cloned().collect::<Vec<_>>());
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn unpack(&self) -> Vec<Event> {
        let event = |at: usize| {
            let timestamp = |key: &Text| self.timestamps.iter().find(|(k, _)| k == key)?.1.get(at).copied();
            let reading = |(key, values): &(Text, Vec<Value>)| {
                let timestamp = timestamp(key).unwrap_or_default();
                Some((key.clone(), Reading { value: values.get(at)?.clone(), timestamp }))
            };
            let filled = |(key, filled): &(Text, Vec<Value>)| Some((key.clone(), filled.get(at)?.clone()));
            Some(Event {
                uid: self.uid.get(at)?.clone(),
                time: *self.time.get(at)?,
                descriptor: self.descriptor.clone(),
                seq_num: *self.seq_num.get(at)?,
                readings: self.data.iter().filter_map(reading).collect(),
                filled: self.filled.iter().filter_map(filled).collect(),
            })
        };
        (0..self.len()).filter_map(event).collect()
    }

    /// How many events it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.seq_num.len()
    }

    /// Whether it holds no event.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.seq_num.is_empty()
    }

    /// The values of a data key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[Value]> {
        self.data.iter().find(|(k, _)| k == key).map(|(_, values)| &**values)
    }

    pub(super) fn to_map(&self) -> Map {
        let seconds = |times: &[Timestamp]| -> Value { times.iter().map(|time| time.unix_s()).collect() };
        let values = |columns: &[(Text, Vec<Value>)]| -> Value {
            columns.iter().map(|(key, values)| (key.clone(), values.as_slice())).collect::<Map>().into()
        };
        let timestamps: Map = self.timestamps.iter().map(|(key, times)| (key.clone(), seconds(times))).collect();
        Map::from_iter([
            ("uid", self.uid.as_slice().into()),
            ("time", seconds(&self.time)),
            ("data", values(&self.data)),
            ("timestamps", timestamps.into()),
            ("seq_num", self.seq_num.as_slice().into()),
            ("filled", values(&self.filled)),
            ("descriptor", (&self.descriptor).into()),
        ])
    }
}

fn add_to_column<T>(columns: &mut Vec<(Text, Vec<T>)>, key: &Text, value: T) {
    match columns.iter_mut().find(|(k, _)| k == key) {
        Some((_, column)) => column.push(value),
        None => columns.push((key.clone(), vec![value])),
    }
}

/// Values and times of readings, each by data key.
pub(super) fn parallel(readings: &[(Text, Reading)]) -> (Map, Map) {
    let data = readings.iter().map(|(key, reading)| (key.clone(), reading.value.clone())).collect();
    let timestamps = readings.iter().map(|(key, reading)| (key.clone(), reading.timestamp.unix_s())).collect();
    (data, timestamps)
}
