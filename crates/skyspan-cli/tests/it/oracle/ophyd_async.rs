//! Plan files with devices of ophyd-async do here what they do in Python, to the time: `fixtures/ophyd-async` has recordings of real
//! bluesky with real ophyd-async on a virtual clock.

use std::path::{Path, PathBuf};

use skyspan::value::{Map, Timestamp, Value};

use super::comparison::{compare, differences, field, sorted};
use super::recording::{Recording, values};

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ophyd-async")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(recordings()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn devices_of_ophyd_async_do_what_they_do_in_python_and_take_as_long() {
    let all = names();
    assert!(all.len() > 40, "{all:?}");
    let mut found = Vec::new();
    for name in &all {
        let folder = recordings().join(name);
        let differences = match Recording::of_plan_file(&folder.join("plan.yaml"), &Path::new("ophyd-async").join(name))
        {
            Ok(ours) => {
                let (theirs, ours) = (unordered(Recording::read(&folder)), unordered(ours));
                let mut found = compare(&theirs, &ours);
                // A run that does not come to its end by itself has a span without an end in bluesky, which nobody sees.
                let with_runs = runs_seen(&theirs) == runs_seen(&ours);
                compare_times(&times(&theirs, with_runs), &times(&ours, with_runs), "times", &mut found);
                found
            }
            Err(refusal) => vec![refusal],
        };
        found.extend(differences.into_iter().take(20).map(|difference| format!("{name}: {difference}")));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_move_that_takes_longer_is_found() {
    let recorded = Recording::read(&recordings().join("mv"));
    let mut slower = recorded.clone();
    slower.spans = slower.spans.replacen("2023-11-14T22:13:21.500000Z", "2023-11-14T22:13:21.510000Z", 1);
    assert!(slower.spans != recorded.spans);
    let mut found = Vec::new();
    compare_times(&times(&recorded, true), &times(&slower, true), "times", &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
}

/// A recording in which what ophyd-async takes from a set has an order of its own: the data keys of several children.
fn unordered(mut recording: Recording) -> Recording {
    let lines = values(&recording.documents).into_iter().map(|row| {
        let [kind, Value::Map(document)] = row.as_array().unwrap() else { panic!("no document: {row}") };
        let mut document = Map::clone(document);
        for key in ["data", "timestamps", "object_keys"] {
            if let Some(Value::Map(map)) = document.get(key).cloned() {
                let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.clone(), sorted_keys(value))).collect();
                entries.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
                document.insert(key, Map::from_iter(entries));
            }
        }
        if let Some(Value::Map(hints)) = document.get("hints").cloned().filter(|_| kind.as_str() == Some("descriptor"))
        {
            let sorted = hints.iter().map(|(object, of_object)| {
                let fields = sorted_keys(&field(of_object, "fields"));
                (object.clone(), Value::from(Map::from_iter([("fields", fields)])))
            });
            document.insert("hints", Map::from_iter(sorted));
        }
        skyspan::value::to_json(&Value::from([kind.clone(), document.into()]))
    });
    recording.documents = lines.collect::<Vec<_>>().join("\n");
    recording
}

fn sorted_keys(value: &Value) -> Value {
    match value {
        Value::Array(keys) if keys.iter().all(|key| key.as_str().is_some()) => sorted(keys).into(),
        other => other.clone(),
    }
}

/// Each time that is another by more than 5 µs: those of Python are floats.
fn compare_times(theirs: &Value, ours: &Value, path: &str, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Float(their), Value::Float(our)) if (their - our).abs() < 5e-6 => {}
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (at, (their, our)) in theirs.iter().zip(ours.iter()).enumerate() {
                compare_times(their, our, &format!("{path}[{at}]"), found);
            }
        }
        (Value::Map(theirs), Value::Map(ours)) if theirs.keys().eq(ours.keys()) => {
            for ((key, their), (_, our)) in theirs.iter().zip(ours.iter()) {
                compare_times(their, our, &format!("{path}.{key}"), found);
            }
        }
        _ => differences(theirs, ours, path, found),
    }
}

const RUN: &str = "Bluesky RunEngine run";

fn runs_seen(recording: &Recording) -> usize {
    values(&recording.spans).iter().filter(|span| field(span, "name").as_str() == Some(RUN)).count()
}

/// When spans begin and end, documents are made and values were taken, in seconds from the first of them.
fn times(recording: &Recording, with_runs: bool) -> Value {
    let seconds = |text: &Value| text.as_str().map(|text| text.parse::<Timestamp>().unwrap().unix_s());
    let mut spans: Vec<_> = values(&recording.spans)
        .iter()
        .filter(|span| with_runs || field(span, "name").as_str() != Some(RUN))
        .map(|span| (field(span, "name"), seconds(&field(span, "start_time")), seconds(&field(span, "end_time"))))
        .collect();
    spans.sort_by(|a, b| {
        (a.1, a.2).partial_cmp(&(b.1, b.2)).unwrap().then_with(|| a.0.to_string().cmp(&b.0.to_string()))
    });
    let documents: Vec<(Value, Value)> = values(&recording.documents)
        .iter()
        .map(|row| (row.as_array().unwrap()[0].clone(), row.as_array().unwrap()[1].clone()))
        .collect();
    let of_documents = documents.iter().filter_map(|(_, document)| field(document, "time").as_f64());
    let began = spans.iter().filter_map(|span| span.1).chain(of_documents).fold(f64::INFINITY, f64::min);
    let since = |seconds: f64| Value::from(seconds - began);
    let of_span = |(name, start, end): &(Value, Option<f64>, Option<f64>)| {
        Value::from([name.clone(), start.map(since).into(), end.map(since).into()])
    };
    let of_document = |(kind, document): &(Value, Value)| {
        let taken = field(document, "timestamps");
        let taken = taken.as_map().into_iter().flat_map(Map::iter);
        let taken: Map = taken.map(|(key, time)| (key.clone(), time.as_f64().map(since))).collect();
        Value::from([kind.clone(), field(document, "time").as_f64().map(since).into(), taken.into()])
    };
    Map::from_iter([
        ("spans", Value::from_iter(spans.iter().map(of_span))),
        ("documents", Value::from_iter(documents.iter().map(of_document))),
    ])
    .into()
}
