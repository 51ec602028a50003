//! What the engine answers, as a `show` step shows it.

use crate::device::{Location, Readings};
use crate::message::{Payload, Response};
use crate::value::{Map, Text, Value};

/// The keys of maps that are not shown, for they are other ones in each recording.
const TIMES: [&str; 3] = ["time", "timestamp", "timestamps"];

/// An answer as data: numbers, texts, lists and maps as they are, but for the times in them; a status or anything else as
/// `<Type>`.
pub(super) fn shown(answer: &Response) -> Value {
    match answer {
        Response::None => Value::Null,
        Response::Uid(uid) => uid.into(),
        Response::Readings(readings) => shown_readings(readings),
        Response::Status(status) => type_name(status.kind().class_name()),
        Response::Devices(devices) => devices.iter().map(|device| Value::from(device.name())).collect(),
        Response::Location(location) => shown_location(location),
        Response::Locations(locations) => locations.iter().map(shown_location).collect(),
        Response::Awaited(outcomes) => outcomes.iter().map(|_| type_name("Task")).collect(),
        Response::Configured(configured) => {
            [&configured.old, &configured.new].into_iter().map(shown_readings).collect()
        }
        Response::Descriptor(_) => type_name("ComposeDescriptorBundle"),
        Response::Payload(payload) => shown_payload(payload),
        Response::Value(value) => without_times(value),
    }
}

/// What is no data, by the name of its type.
pub(super) fn type_name(class: &str) -> Value {
    format!("<{class}>").into()
}

/// What was collected: each event, or page, with its data alone.
fn shown_payload(payload: &Payload) -> Value {
    let only_data = |data: Map| Value::from(Map::from_iter([("data", data)]));
    match payload {
        Payload::Events(events) => events
            .iter()
            .map(|event| {
                let data = event.readings.iter().map(|(key, reading)| (key.clone(), without_times(&reading.value)));
                only_data(data.collect())
            })
            .collect(),
        Payload::Pages(pages) => pages
            .iter()
            .map(|page| only_data(page.data.iter().map(|(key, values)| (key.clone(), values.as_slice())).collect()))
            .collect(),
    }
}

fn shown_readings(readings: &Readings) -> Value {
    let readings = readings.iter().filter(|(key, _)| is_shown(key));
    let readings: Map = readings
        .map(|(key, reading)| (key.clone(), Map::from_iter([("value", without_times(&reading.value))])))
        .collect();
    readings.into()
}

fn shown_location(location: &Location) -> Value {
    Map::from_iter([("setpoint", without_times(&location.setpoint)), ("readback", without_times(&location.readback))])
        .into()
}

/// A value without the times in its maps.
fn without_times(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let shown = map.iter().filter(|(key, _)| is_shown(key));
            shown.map(|(key, value)| (key.clone(), without_times(value))).collect::<Map>().into()
        }
        Value::Array(values) => values.iter().map(without_times).collect(),
        other => other.clone(),
    }
}

fn is_shown(key: &Text) -> bool {
    !TIMES.contains(&&**key)
}
