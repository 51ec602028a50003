//! Documents that are read again.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde::Deserialize as _;
use serde_json::json;
use skyspan::device::Reading;
use skyspan::document::{Event, EventPage, RunStart, RunStop};
use skyspan::prelude::*;
use skyspan::value::{Value, from_json, to_json};

/// What bluesky has written: its lines, pairs of a name and a document.
fn recorded() -> impl Iterator<Item = (String, Map)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    let files = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path().join("documents.jsonl"));
    let texts: Vec<String> = files.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let lines = texts.into_iter().flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|line| match from_json(&line).expect("JSON").as_array() {
        Some([name, Value::Map(doc)]) => (name.as_str().expect("a name").to_owned(), Map::clone(doc)),
        _ => panic!("no pair: {line}"),
    })
}

/// A document as text, whatever the order of its keys: bluesky has another one here and there.
fn sorted(value: &Value) -> String {
    match value {
        Value::Map(map) => {
            let entry = |(key, value): (&Text, &Value)| match (key.as_str(), value.as_map(), value) {
                // A time is 0 where ophyd has none yet.
                ("timestamps", Some(times), _) => {
                    let times: Map = times.iter().map(|(key, time)| (key, time.as_f64())).collect();
                    format!("{key:?}: {}", sorted(&times.into()))
                }
                _ => format!("{key:?}: {}", sorted(value)),
            };
            let mut entries: Vec<String> = map.iter().map(entry).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(elements) => format!("[{}]", elements.iter().map(sorted).collect::<Vec<_>>().join(", ")),
        scalar => to_json(scalar),
    }
}

#[test]
fn all_documents_that_bluesky_has_recorded_are_read_and_come_back() {
    let mut count = 0;
    for (name, map) in recorded() {
        let by_itself = Value::from(map.clone());
        let row = Map::from_iter([("name", Value::from(name.as_str())), ("doc", map.clone().into())]);
        let pair = Value::from([Value::from(name.as_str()), map.clone().into()]);
        for given in [by_itself, row.into(), pair] {
            let document =
                Document::deserialize(given.clone()).unwrap_or_else(|error| panic!("{error} in {}", to_json(&given)));
            assert_eq!(document.name(), name, "{}", to_json(&given));
            let mut written = document.to_map();
            // Where bluesky has nothing to say of these, it does not have them.
            for key in ["object_classes", "hints", "filled", "reason", "num_events"] {
                let is_empty = written.get(key).is_some_and(|value| !value.is_truthy());
                if is_empty && !map.contains_key(key) {
                    written.remove(key);
                }
            }
            assert_eq!(sorted(&written.into()), sorted(&map.clone().into()));
        }
        count += 1;
    }
    assert!(count > 2_000, "{count} documents");
}

#[test]
fn documents_of_a_run_come_back_through_json() {
    let lab = Harness::new();
    let (det, motor, img) = (lab.device("det"), lab.device("motor"), lab.device("img"));
    let run = lab.run_with(plans::scan([&det, &img], &motor, 0, 1, 3), json!({"sample": "A", "limit": "NaN"}));
    let text = serde_json::to_string(run.documents()).unwrap();
    let again: Vec<Document> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let names = |all: &[Document]| all.iter().map(Document::name).collect::<Vec<_>>();
    assert_eq!(names(&again), names(run.documents()));
    let events: Vec<Event> =
        serde_json::from_value(serde_json::to_value(run.events().collect::<Vec<_>>()).unwrap()).unwrap();
    // The clock stands at whole seconds, which floats hold.
    assert_eq!(events, run.events().cloned().collect::<Vec<_>>());
}

#[test]
fn what_a_writer_has_written_is_read_again() {
    let (mut read, write) = std::io::pipe().unwrap();
    let lab = Harness::new();
    let mut writer = skyspan::callbacks::JsonLinesWriter::to(write);
    lab.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
    let run = lab.run(plans::count(&lab.device("det"), 2));
    drop(lab);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut read, &mut text).unwrap();
    let again: Vec<Document> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(run.documents()).unwrap());
}

#[test]
fn a_start_document_may_have_any_metadata() {
    let start = |md: serde_json::Value| {
        let mut start = json!({"uid": "u", "time": 5.0});
        start.as_object_mut().unwrap().extend(md.as_object().unwrap().clone());
        start
    };
    let mimics = [
        json!({}),
        json!({"name": "start", "doc": {}}),
        json!({"data_keys": {}, "run_start": "r", "scan_id": 1}),
        json!({"exit_status": "success", "run_start": "r", "scan_id": 1}),
    ];
    for md in mimics {
        let document: Document = serde_json::from_value(start(md.clone())).unwrap();
        let Document::Start(start) = &document else { panic!("{md}: {document:?}") };
        assert_eq!(serde_json::to_value(&start.metadata).unwrap(), md);
    }
    // One with the very keys of a stop document is told by its name.
    let stop_like = start(json!({"exit_status": "success", "run_start": "r"}));
    let document: Document = serde_json::from_value(stop_like.clone()).unwrap();
    assert_eq!(document.name(), "stop");
    let document: Document = serde_json::from_value(json!(["start", stop_like])).unwrap();
    assert_eq!(document.name(), "start");
}

#[test]
fn what_is_no_document_is_refused_in_words() {
    let event = |key: &str, value: serde_json::Value| {
        let mut event = json!({
            "uid": "u", "time": 1.0, "data": {"x": 1}, "timestamps": {"x": 1.0}, "seq_num": 1, "filled": {}, "descriptor": "d"
        });
        event[key] = value;
        json!({"name": "event", "doc": event})
    };
    let cases = [
        (json!({}), "expected a document of event-model, found a map with the keys none"),
        (json!({"uid": "u", "a": 1}), "found a map with the keys a, uid"),
        (json!(5), "expected a document, found an integer"),
        (json!([1, 2]), "expected the name of a document and the document, found a list"),
        (json!(["stup", {}]), r#"expected the name of a document, found "stup""#),
        (json!(["all", {}]), "in a document of name all"),
        (json!(["start", {"uid": "u"}]), "in a document of name start: missing field `time`"),
        (event("seq_num", json!(-1)), "in a document of name event: invalid value: integer `-1`"),
        (event("time", json!("now")), "expected f64"),
        (event("time", json!(-1.0)), "expected seconds since 1970, found -1"),
        (event("time", json!("NaN")), "expected seconds since 1970, found NaN"),
        (event("timestamps", json!({})), "x is in one of them alone"),
        (event("data", json!({})), "x is in one of them alone"),
        (event("more", json!(1)), "unknown field `more`"),
        (
            json!({"uid": "u", "time": 1, "run_start": "r", "exit_status": "well"}),
            r#"expected success, abort or fail, found "well""#,
        ),
    ];
    for (json, expected) in cases {
        let error = serde_json::from_value::<Document>(json.clone()).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

/// Times that floats of seconds hold.
fn times() -> impl Strategy<Value = Timestamp> {
    (0_u32..4_000_000_000).prop_map(|seconds| Timestamp::from_unix_ns(u64::from(seconds) * 1_000_000_000))
}

fn texts() -> impl Strategy<Value = Text> {
    any::<String>().prop_map(Text::from)
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("NaN is not equal to itself", |float| !float.is_nan()).prop_map(Value::from),
        texts().prop_map(Value::from),
        vec(any::<f64>().prop_filter("NaN is not equal to itself", |float| !float.is_nan()), 0..4)
            .prop_map(Value::from),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let keys = vec("[a-z]{1,4}", 0..4);
    keys.prop_flat_map(|mut keys: Vec<String>| {
        keys.sort();
        keys.dedup();
        let readings = vec((values(), times()), keys.len());
        let event = (texts(), times(), any::<u64>(), readings).prop_map(move |(uid, time, seq_num, readings)| {
            let reading = |(key, (value, timestamp)): (&String, _)| (key.into(), Reading { value, timestamp });
            let readings = keys.iter().zip(readings).map(reading).collect();
            Event { uid, time, descriptor: "d".into(), seq_num, readings, filled: Map::new() }
        });
        vec(event, 1..4)
    })
}

proptest! {
    #[test]
    fn every_event_and_page_comes_back(events in events()) {
        let text = serde_json::to_string(&events).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Event>>(&text).unwrap(), events.clone());
        let page = EventPage::pack(events).unwrap();
        let text = serde_json::to_string(&page).unwrap();
        prop_assert_eq!(serde_json::from_str::<EventPage>(&text).unwrap(), page.clone());
        let Document::EventPage(again) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        prop_assert_eq!(&*again, &page);
    }

    /// A document has times as floats of seconds, to some 240 ns today; what was read of one is written as it was.
    #[test]
    fn a_time_is_written_as_it_was_read(ns in any::<u64>()) {
        let start = RunStart { uid: "u".into(), time: Timestamp::from_unix_ns(ns), metadata: Map::new() };
        let text = serde_json::to_string(&start).unwrap();
        let again: RunStart = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), text);
        prop_assert!(again.time.signed_ns_since(start.time).abs() <= 4_096, "{:?}", again);
    }

    #[test]
    fn every_start_and_stop_comes_back(
        (uid, run_start, reason, time) in (texts(), texts(), texts(), times()),
        status in prop_oneof![Just(Success), Just(Abort), Just(Fail)],
        metadata in vec(("[a-z]{1,9}", values()), 0..4),
        counts in vec(("[a-z]{1,9}", any::<u64>()), 0..4),
    ) {
        let mut metadata: Map = metadata.into_iter().collect();
        for key in ["uid", "time"] {
            metadata.remove(key);
        }
        let start = RunStart { uid: uid.clone(), time, metadata };
        let text = serde_json::to_string(&start).unwrap();
        prop_assert_eq!(serde_json::from_str::<RunStart>(&text).unwrap(), start);
        let counts: std::collections::BTreeMap<String, u64> = counts.into_iter().collect();
        let num_events = counts.into_iter().map(|(stream, count)| (stream.into(), count)).collect();
        let stop = RunStop { uid, time, run_start, exit_status: status, reason, num_events };
        let text = serde_json::to_string(&stop).unwrap();
        prop_assert_eq!(serde_json::from_str::<RunStop>(&text).unwrap(), stop);
    }
}
