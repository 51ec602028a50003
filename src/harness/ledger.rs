//! [`Ledger`]: what an estimate is made of, noted as it happens.

use std::sync::Arc;
use std::time::Duration;

use super::estimate::{AssetEstimate, CommandEstimate, DeviceEstimate, DocumentEstimate, Estimate};
use crate::clock::Timestamp;
use crate::device::{Device, Status};
use crate::document::{Descriptor, Document, Event};
use crate::message::Msg;
use crate::value::{Map, Text, Value, write_json, write_json_string};
use rustc_hash::FxHashMap;

type Places<K> = FxHashMap<K, usize>;

/// What an estimate is made of, noted as it happens. It grows with the number of devices, streams and resources, and not
/// with the length of a plan.
pub(super) struct Ledger {
    began: Timestamp,
    /// Where in `commands` that of the message is that is being executed; nothing between calls and in pauses.
    executing: Option<usize>,
    /// When the message under way began, or the last one ended.
    since: Timestamp,
    apart: Duration,
    commands: Vec<CommandEstimate>,
    devices: Vec<DeviceEstimate>,
    device_at: Places<Device>,
    /// How many statuses of each device are under way, and since when there are any.
    under_way: Vec<(u64, Timestamp)>,
    documents: Vec<DocumentEstimate>,
    streams: Vec<(Text, u64)>,
    descriptors: Vec<Described>,
    descriptor_at: Places<Text>,
    /// The data key of each stream resource.
    stream_resources: FxHashMap<Text, Text>,
    runs: u64,
    assets: AssetEstimate,
    /// A document as JSON.
    line: String,
}

/// What matters of a descriptor.
struct Described {
    descriptor: Arc<Descriptor>,
    /// Where in `streams` its stream is.
    stream: usize,
    /// How long the line of an event is without what differs from event to event, once there was one.
    frame: Option<u64>,
    /// How many values each of its events has in files, and the bytes of those whose size is known.
    in_files: AssetEstimate,
}

impl Ledger {
    pub(super) fn begin(now: Timestamp) -> Self {
        Self {
            began: now,
            executing: None,
            since: now,
            apart: Duration::ZERO,
            commands: Vec::new(),
            devices: Vec::new(),
            device_at: Places::default(),
            under_way: Vec::new(),
            documents: Vec::new(),
            streams: Vec::new(),
            descriptors: Vec::new(),
            descriptor_at: Places::default(),
            stream_resources: FxHashMap::default(),
            runs: 0,
            assets: AssetEstimate::default(),
            line: String::new(),
        }
    }

    /// A message is about to be executed.
    pub(super) fn message(&mut self, msg: &Msg, now: Timestamp) {
        self.rest(now);
        let command = msg.command();
        let at = self.commands.iter().position(|known| known.command == command).unwrap_or_else(|| {
            self.commands.push(CommandEstimate { command: command.into(), messages: 0, time: Duration::ZERO });
            self.commands.len() - 1
        });
        self.commands[at].messages += 1;
        self.executing = Some(at);
    }

    /// What was executed is over, and the next message not there yet.
    pub(super) fn rest(&mut self, now: Timestamp) {
        let passed = now - self.since;
        self.since = now;
        match self.executing.take() {
            Some(at) => self.commands[at].time += passed,
            None => self.apart += passed,
        }
    }

    fn device(&mut self, device: &Device) -> usize {
        if let Some(at) = self.device_at.get(device) {
            return *at;
        }
        let at = self.devices.len();
        self.device_at.insert(device.clone(), at);
        let (busy, status_time) = (Duration::ZERO, Duration::ZERO);
        self.devices.push(DeviceEstimate {
            device: device.name().clone(),
            statuses: 0,
            unfinished: 0,
            busy,
            status_time,
        });
        self.under_way.push((0, self.began));
        at
    }

    /// The time with some status under way goes on until now.
    fn busy_until(&mut self, at: usize, now: Timestamp) {
        let (count, since) = &mut self.under_way[at];
        let passed = now - *since;
        *since = now;
        if *count > 0 {
            let device = &mut self.devices[at];
            device.busy += passed;
            device.status_time += passed * u32::try_from(*count).unwrap_or(u32::MAX);
        }
    }

    pub(super) fn status_begins(&mut self, status: &Status, now: Timestamp) {
        let at = self.device(status.device());
        self.busy_until(at, now);
        self.devices[at].statuses += 1;
        self.under_way[at].0 += 1;
    }

    pub(super) fn status_ends(&mut self, status: &Status, now: Timestamp) {
        let at = self.device(status.device());
        self.busy_until(at, now);
        self.under_way[at].0 = self.under_way[at].0.saturating_sub(1);
    }

    pub(super) fn document(&mut self, document: &Document) {
        let length = match document {
            Document::Event(event) => self.event_length(document, event),
            _ => self.line_length(document),
        };
        let name = document.name();
        let at = self.documents.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.documents.push(DocumentEstimate { name, documents: 0, bytes: 0 });
            self.documents.len() - 1
        });
        self.documents[at].documents += 1;
        self.documents[at].bytes += length;
        match document {
            Document::Start(_) => self.runs += 1,
            Document::Descriptor(descriptor) => self.describe(descriptor),
            Document::Event(event) => self.events(&event.descriptor, 1),
            Document::EventPage(page) => self.events(&page.descriptor, page.seq_num.len() as u64),
            Document::Resource(_) => self.assets.files += 1,
            Document::StreamResource(resource) => {
                self.assets.files += 1;
                self.stream_resources.insert(resource.resource.uid.clone(), resource.resource.data_key.clone());
            }
            Document::StreamDatum(datum) => {
                let described = self.descriptor_at.get(&datum.descriptor).map(|at| &self.descriptors[*at]);
                let key = self.stream_resources.get(&datum.datum.stream_resource);
                let data_key = described.zip(key).and_then(|(described, key)| {
                    described.descriptor.data_keys.iter().find(|(known, _)| known == key).map(|(_, it)| it)
                });
                self.assets.add(data_key.and_then(bytes_of), datum.datum.indices.width());
            }
            Document::Datum(_) | Document::Stop(_) => {}
        }
    }

    /// How many bytes the line of a document takes.
    fn line_length(&mut self, document: &Document) -> u64 {
        let row = Map::from_iter([("name", Value::literal(document.name())), ("doc", document.to_map().into())]);
        self.line.clear();
        write_json(&mut self.line, &row.into());
        self.line.len() as u64 + 1
    }

    /// The same for an event, of which there are many: its keys are put together once for each descriptor.
    fn event_length(&mut self, document: &Document, event: &Event) -> u64 {
        self.line.clear();
        let line = &mut self.line;
        for (_, reading) in &event.readings {
            write_json(line, &reading.value);
            write_json(line, &reading.timestamp.unix_s().into());
        }
        write_json(line, &event.time.unix_s().into());
        write_json(line, &event.seq_num.into());
        write_json_string(line, &event.uid);
        if !event.filled.is_empty() {
            write_json(line, &event.filled.clone().into());
        }
        let varying = line.len() as u64;
        let at = self.descriptor_at.get(&event.descriptor).copied();
        let frame = match at.and_then(|at| self.descriptors[at].frame) {
            Some(frame) => frame,
            None => {
                let frame = self.line_length(document).saturating_sub(varying);
                // Two events of a descriptor have the same keys.
                if let Some(at) = at {
                    self.descriptors[at].frame = Some(frame);
                }
                frame
            }
        };
        frame + varying
    }

    fn describe(&mut self, descriptor: &Arc<Descriptor>) {
        let stream = self.streams.iter().position(|(name, _)| *name == descriptor.name).unwrap_or_else(|| {
            self.streams.push((descriptor.name.clone(), 0));
            self.streams.len() - 1
        });
        let mut in_files = AssetEstimate::default();
        for (_, data_key) in &descriptor.data_keys {
            if data_key.get("external").and_then(Value::as_str).is_some_and(|external| external != "STREAM:") {
                in_files.add(bytes_of(data_key), 1);
            }
        }
        self.descriptor_at.insert(descriptor.uid.clone(), self.descriptors.len());
        self.descriptors.push(Described { descriptor: Arc::clone(descriptor), stream, frame: None, in_files });
    }

    fn events(&mut self, descriptor: &Text, number: u64) {
        let Some(at) = self.descriptor_at.get(descriptor) else { return };
        let described = &self.descriptors[*at];
        self.streams[described.stream].1 += number;
        let AssetEstimate { values, bytes, values_of_unknown_size, .. } = described.in_files;
        self.assets.values += values * number;
        self.assets.bytes += bytes * number;
        self.assets.values_of_unknown_size += values_of_unknown_size * number;
    }

    pub(super) fn finish(mut self, now: Timestamp) -> Estimate {
        self.rest(now);
        for at in 0..self.devices.len() {
            self.busy_until(at, now);
            self.devices[at].unfinished = self.under_way[at].0;
        }
        let Self { mut commands, mut devices, documents, streams, runs, assets, apart, .. } = self;
        commands.sort_by(|a, b| (b.time, b.messages, &a.command).cmp(&(a.time, a.messages, &b.command)));
        devices.sort_by(|a, b| (b.busy, b.statuses, &a.device).cmp(&(a.busy, a.statuses, &b.device)));
        let points = streams.iter().find(|(name, _)| *name == "primary").map_or(0, |(_, events)| *events);
        Estimate {
            duration: now - self.began,
            runs,
            points,
            streams,
            documents,
            assets,
            commands,
            devices,
            apart,
            failure: None,
        }
    }
}

/// How many bytes a value of a data key takes in a file, where its element type is described (`dtype_numpy`).
fn bytes_of(data_key: &Map) -> Option<u64> {
    // `<u2`: a sign for the order of bytes, one for the kind, and how many bytes.
    let mut element = data_key.get("dtype_numpy")?.as_str()?.trim_start_matches(['<', '>', '=', '|']).chars();
    let _ = element.next().filter(|kind| "biufc".contains(*kind))?;
    let bytes: u64 = element.as_str().parse().ok()?;
    let shape = data_key.get("shape")?.as_array()?;
    shape.iter().try_fold(bytes, |all, extent| all.checked_mul(u64::try_from(extent.as_i64()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Map, Value, bytes_of};

    #[test]
    fn the_size_of_a_value_is_that_of_its_elements() {
        let of = |dtype: &str, shape: &[u64]| {
            bytes_of(&Map::from_iter([("dtype_numpy", Value::from(dtype)), ("shape", shape.into())]))
        };
        assert_eq!(of("<u2", &[1, 1000, 1500]), Some(3_000_000));
        assert_eq!(of("|u1", &[10]), Some(10));
        assert_eq!(of("float64", &[]), None, "a name that numpy does not write");
        assert_eq!(of("<f8", &[]), Some(8));
        assert_eq!(of("object", &[3]), None);
        assert_eq!(of("<f8", &[u64::MAX, 2]), None, "more than there is");
        assert_eq!(bytes_of(&Map::from_iter([("shape", Value::from([2]))])), None);
    }
}
