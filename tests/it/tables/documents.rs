//! Documents from the JSON that bluesky left of them.

use skyspan::device::{Hints, Reading};
use skyspan::document::{Descriptor, Event, EventPage, RunStart, RunStop};
use skyspan::prelude::*;
use skyspan::value::JsonReader;
use skyspan::value::Value;

/// What a map has under a key; null where it has nothing.
pub(super) fn entry(map: &Map, key: &str) -> Value {
    map.get(key).cloned().unwrap_or_default()
}

fn map(value: &Value) -> Map {
    value.as_map().cloned().unwrap_or_default()
}

fn text(map: &Map, key: &str) -> Text {
    map.get(key).and_then(Value::as_str).unwrap_or_default().into()
}

fn time(value: &Value) -> Timestamp {
    Timestamp::from_unix_s(value.as_f64().unwrap())
}

fn texts(value: &Value) -> Vec<Text> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().into()).collect()
}

fn seq_num(value: &Value) -> u64 {
    value.as_i64().unwrap().try_into().unwrap()
}

/// The documents of a recording, but those on assets.
pub(super) fn recorded(name: &str) -> Vec<Document> {
    let path = format!("{}/fixtures/recordings/{name}/documents.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Value> = JsonReader::new(&text).map(Result::unwrap).collect();
    documents_of(&rows)
}

pub(super) fn documents_of(rows: &[Value]) -> Vec<Document> {
    rows.iter().filter_map(|row| document(row.as_array().unwrap())).collect()
}

fn document(row: &[Value]) -> Option<Document> {
    let doc = map(&row[1]);
    Some(match row[0].as_str().unwrap() {
        "start" => Document::Start(start(doc).into()),
        "descriptor" => Document::Descriptor(descriptor(&doc).into()),
        "event" => Document::Event(event(&doc).into()),
        "event_page" => Document::EventPage(event_page(&doc).into()),
        "stop" => Document::Stop(stop(&doc).into()),
        _ => return None,
    })
}

fn start(mut doc: Map) -> RunStart {
    let uid = text(&doc, "uid");
    let time = time(&entry(&doc, "time"));
    doc.remove("uid");
    doc.remove("time");
    RunStart { uid, time, metadata: doc }
}

fn descriptor(doc: &Map) -> Descriptor {
    let hints = |hints: &Value| {
        let mut more = map(hints);
        let fields = more.remove("fields").map(|fields| texts(&fields));
        Hints { fields, more }
    };
    Descriptor {
        uid: text(doc, "uid"),
        time: time(&entry(doc, "time")),
        run_start: text(doc, "run_start"),
        name: text(doc, "name"),
        data_keys: map(&entry(doc, "data_keys")).iter().map(|(key, value)| (key.clone(), map(value))).collect(),
        object_keys: map(&entry(doc, "object_keys")).iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
        configuration: Vec::new(),
        hints: map(&entry(doc, "hints")).iter().map(|(key, value)| (key.clone(), hints(value))).collect(),
    }
}

fn event(doc: &Map) -> Event {
    let readings = map(&entry(doc, "data"))
        .iter()
        .map(|(key, value)| (key.clone(), Reading { value: value.clone(), timestamp: Timestamp::EPOCH }))
        .collect();
    Event {
        uid: text(doc, "uid"),
        time: time(&entry(doc, "time")),
        descriptor: text(doc, "descriptor"),
        seq_num: seq_num(&entry(doc, "seq_num")),
        readings,
        filled: map(&entry(doc, "filled")),
    }
}

fn event_page(doc: &Map) -> EventPage {
    let list = |key| entry(doc, key).as_array().unwrap().to_vec();
    let columns = |key| -> Vec<(Text, Vec<Value>)> {
        map(&entry(doc, key)).iter().map(|(key, value)| (key.clone(), value.as_array().unwrap().to_vec())).collect()
    };
    EventPage {
        uid: texts(&entry(doc, "uid")),
        time: list("time").iter().map(time).collect(),
        descriptor: text(doc, "descriptor"),
        seq_num: list("seq_num").iter().map(seq_num).collect(),
        data: columns("data"),
        timestamps: Vec::new(),
        filled: columns("filled"),
    }
}

fn stop(doc: &Map) -> RunStop {
    RunStop {
        uid: text(doc, "uid"),
        time: time(&entry(doc, "time")),
        run_start: text(doc, "run_start"),
        exit_status: ExitStatus::of_name(&text(doc, "exit_status")).unwrap(),
        reason: text(doc, "reason"),
        num_events: Vec::new(),
    }
}
