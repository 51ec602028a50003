//! Recorded answers of a real Tempo: `fixtures/traceql/README.md` says how they came to be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use skyspan_trace::query::{Query, QueryAnswer, QueryError, QueryProblem, SpanSet, TimeRange};
use skyspan_trace::trace::Trace;
use skyspan_trace::value::Timestamp;

const SETS: [&str; 8] = ["bluesky", "broken", "deep", "nested", "shop", "times", "types", "wide"];

/// Why an answer that is marked neither suspect nor unstable is not ours; `query::reference` says more of each.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Why {
    /// Bytes are read as their base64 text.
    Bytes,
    /// Of a trace without a root Tempo counts the children of a trace that it has seen before.
    StaleChildCount,
    /// The same bugs as those of answers that are marked.
    Negated,
    UnionLost,
    UnscopedNil,
}

/// Answers that are marked neither suspect nor unstable, and are not ours.
const DIFFERENT: [(Why, &str, &[&str]); 17] = [
    (Why::Bytes, r#"{ .v != "5" }"#, &["types"]),
    (Why::Bytes, r#"{ .v < "abc" }"#, &["types"]),
    (Why::Bytes, r#"{ .v < "b" }"#, &["types"]),
    (Why::Bytes, r#"{ .v > "" }"#, &["types"]),
    (Why::Bytes, r#"{ .v !~ "a|b" }"#, &["types"]),
    (Why::Bytes, r#"{ .v !~ "a" }"#, &["types"]),
    (Why::Bytes, r#"{ .v != "a" && .v != "b" }"#, &["types"]),
    (Why::Bytes, "{ .v != nil }", &["types"]),
    (Why::Bytes, "{ .v != nil } | by(.v)", &["types"]),
    (Why::Bytes, "{ .v != nil } | select(.v)", &["types"]),
    (Why::StaleChildCount, "{ span:childCount = 0 }", &["broken"]),
    (Why::StaleChildCount, "{ span:childCount = nestedSetParent }", &["broken"]),
    (Why::Negated, "{ (.i=1)||!(.i<34) }", &["types"]),
    (Why::Negated, "{ !(kind = client) && !(status = error) }", &["shop", "types"]),
    (Why::Negated, "{ (.i = 4) != true }", &["types", "wide"]),
    (Why::UnionLost, "({ kind = server } | count() > 1) &>> ({ kind = client } | count() > 1)", &["shop"]),
    (Why::UnscopedNil, "{ .msg.args = nil && .msg.command != nil }", &["bluesky"]),
];

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/traceql").join(name);
    fs::read_to_string(path).unwrap()
}

fn traces() -> BTreeMap<&'static str, Trace> {
    SETS.map(|name| (name, Trace::from_otlp_json(&fixture(&format!("traces/{name}.json"))).unwrap())).into()
}

fn answer(text: &str, trace: &Trace, recorded: &Value) -> Result<QueryAnswer, QueryError> {
    let query: Query = text.parse()?;
    let Some(range) = recorded.get("range") else { return query.answer(trace) };
    let second = |at: usize| range[at].as_u64().unwrap();
    let at = |s: u64| Timestamp::from_unix_ns(s * 1_000_000_000);
    query.answer_over(trace, TimeRange::new(at(second(0)), at(second(1)), Duration::from_secs(second(2))))
}

/// The numbers of a text such as `0-5 7`.
fn places(ranges: &str) -> BTreeSet<usize> {
    let ranges = ranges.split(' ').map(|range| range.split_once('-').unwrap_or((range, range)));
    ranges.flat_map(|(from, to)| from.parse::<usize>().unwrap()..=to.parse().unwrap()).collect()
}

/// A set as the recording has it, sorted.
type Recorded = (BTreeSet<usize>, Vec<String>, BTreeMap<usize, Vec<String>>);

fn entries(value: Option<&Value>) -> Vec<String> {
    let mut entries: Vec<String> =
        value.and_then(Value::as_array).into_iter().flatten().map(|entry| normal(entry).to_string()).collect();
    entries.sort();
    entries
}

/// Numbers are compared as numbers: a recorded 5 is the float 5.0.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("doubleValue") {
            Some(number) => json!({"doubleValue": number.as_f64()}),
            None => Value::Object(map.iter().map(|(key, value)| (key.clone(), normal(value))).collect()),
        },
        Value::Array(values) => values.iter().map(normal).collect(),
        other => other.clone(),
    }
}

fn recorded_set(set: &Value) -> Recorded {
    if let Some(ranges) = set.as_str() {
        return (places(ranges), Vec::new(), BTreeMap::new());
    }
    let shown = set.get(2).and_then(Value::as_object).into_iter().flatten();
    // The API tells the name of a span apart from its attributes.
    let shown = shown.map(|(place, shown)| {
        let mut shown: Vec<String> = entries(Some(shown)).iter().map(|entry| entry.replace("(name)", "name")).collect();
        // Columns of Tempo's own are told also where they are empty.
        shown.retain(|entry| !entry.contains(r#"{"stringValue":"nil"}"#));
        shown.sort();
        (place.parse().unwrap(), shown)
    });
    let shown = shown.filter(|(_, shown): &(usize, Vec<String>)| !shown.is_empty());
    (places(set[0].as_str().unwrap()), entries(set.get(1)), shown.collect())
}

fn found_set(set: &SpanSet, json: &Value) -> Recorded {
    let places = || set.spans().map(|span| span.index());
    let shown = places().zip(set.spans()).filter_map(|(place, span)| {
        let mut shown = entries(json["spanAttributes"].get(span.span_id().to_string()));
        shown.retain(|entry| !entry.contains(r#"{"stringValue":"nil"}"#));
        (!shown.is_empty()).then_some((place, shown))
    });
    (places().collect(), entries(json.get("attributes")), shown.collect())
}

fn found_sets(answer: &QueryAnswer) -> Vec<Recorded> {
    let json = serde_json::to_value(answer).unwrap();
    let mut sets = Vec::new();
    for (trace, json) in answer.traces().iter().zip(json["traces"].as_array().unwrap()) {
        let found = trace.span_sets().iter().zip(json["spanSets"].as_array().unwrap());
        sets.extend(found.map(|(set, json)| found_set(set, json)));
    }
    sets.sort();
    sets
}

/// Labels, and the numbers by their times.
type Lines = BTreeMap<Vec<String>, Vec<Option<f64>>>;

fn recorded_lines(series: &Value) -> Lines {
    let line =
        |line: &Value| (entries(Some(&line[0])), line[1].as_array().unwrap().iter().map(Value::as_f64).collect());
    series.as_array().unwrap().iter().map(line).collect()
}

fn found_lines(answer: &QueryAnswer, range: &Value) -> Lines {
    let (start, end, step) = (range[0].as_u64().unwrap(), range[1].as_u64().unwrap(), range[2].as_u64().unwrap());
    let json = serde_json::to_value(answer).unwrap();
    let line = |series: &Value| {
        let samples: BTreeMap<u64, f64> = series["samples"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| (sample[0].as_u64().unwrap(), sample[1].as_f64().unwrap()))
            .collect();
        let times = (start..=end).step_by(usize::try_from(step).unwrap());
        (entries(series.get("labels")), times.map(|s| samples.get(&(s * 1000)).copied()).collect())
    };
    json["series"].as_array().unwrap().iter().map(line).collect()
}

fn lines_agree(one: &Lines, other: &Lines) -> bool {
    let near = |one: &Option<f64>, other: &Option<f64>| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * one.abs().max(other.abs()),
        (one, other) => one == other,
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|((labels, values), (other_labels, others))| {
            labels == other_labels
                && values.len() == others.len()
                && values.iter().zip(others).all(|(one, other)| near(one, other))
        })
}

/// Why an answer is not the recorded one.
fn difference(text: &str, trace: &Trace, recorded: &Value) -> Option<String> {
    let found = answer(text, trace, recorded);
    if let Some(status) = recorded.get("error") {
        return match (found, status.as_u64()) {
            (Err(error), Some(500)) if error.problem == QueryProblem::Data => None,
            (Err(error), Some(400)) if error.problem != QueryProblem::Data => None,
            (found, status) => Some(format!("expected an error, status {status:?}, found {found:?}")),
        };
    }
    let found = match found {
        Ok(found) => found,
        Err(error) => return Some(format!("expected an answer, found {error}")),
    };
    if let Some(series) = recorded.get("series") {
        let (expected, found) = (recorded_lines(series), found_lines(&found, &recorded["range"]));
        return (!lines_agree(&expected, &found)).then(|| format!("expected {expected:?}\n  found {found:?}"));
    }
    let mut expected: Vec<Recorded> = recorded.as_array().unwrap().iter().map(recorded_set).collect();
    expected.sort();
    let mut found = found_sets(&found);
    // Which of several events is shown is Tempo's affair, and where nothing is shown it was not recorded.
    if text.contains("event") || text.contains("link") || expected.iter().all(|set| set.2.is_empty()) {
        expected.iter_mut().chain(&mut found).for_each(|set| set.2.clear());
    }
    (expected != found).then(|| format!("expected {expected:?}\n  found {found:?}"))
}

#[test]
fn every_answer_of_tempo_that_is_no_bug_is_ours() {
    let traces = traces();
    let (mut compared, mut left_out, mut wrong) = (0, 0, Vec::new());
    for line in fixture("answers.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["query"].as_str().unwrap();
        for (set, recorded) in line["answers"].as_object().unwrap() {
            let is_known = DIFFERENT.iter().any(|(_, query, of)| *query == text && of.contains(&set.as_str()));
            if recorded.get("left out").is_some() {
                left_out += 1;
                continue;
            }
            compared += 1;
            match difference(text, &traces[set.as_str()], recorded) {
                Some(difference) if !is_known => wrong.push(format!("{set}: {text}\n  {difference}")),
                None if is_known => wrong.push(format!("{set}: {text}\n  is ours now")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((compared, left_out), (1464, 56));
}

#[test]
fn the_head_of_each_trace_is_tempos() {
    let traces = traces();
    let headers: Value = serde_json::from_str(&fixture("headers.json")).unwrap();
    for (set, headers) in headers.as_object().unwrap() {
        let answer = serde_json::to_value(traces[set.as_str()].query("{}").unwrap()).unwrap();
        let found: BTreeMap<&str, &Value> = answer["traces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|trace| (trace["traceID"].as_str().unwrap(), trace))
            .collect();
        for (id, header) in headers.as_object().unwrap() {
            let trace = found[id.as_str()];
            let found =
                json!([trace["startTimeUnixNano"], trace["durationMs"], trace["rootServiceName"], trace["rootName"]]);
            assert_eq!(&found, header, "{set} {id}");
        }
    }
}
