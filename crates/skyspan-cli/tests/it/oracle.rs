//! Plan files do here what they do in Python's bluesky, of which `fixtures/recordings` holds recordings.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod comparison;
mod names;
mod ophyd_async;
mod recording;

use std::collections::BTreeSet;
use std::path::Path;

use comparison::compare;
use recording::{Recording, values};
use skyspan::value::{Map, Value, from_json, to_json};

fn names_in(dir: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(dir)).unwrap();
    let names = entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != "README").collect()
}

#[test]
fn every_plan_file_does_what_it_does_in_bluesky() {
    let plans = names_in("fixtures/plans");
    assert!(plans.len() > 15, "{plans:?}");
    assert_eq!(plans, names_in("fixtures/recordings"), "a plan file without a recording, or the reverse");
    let mut found = Vec::new();
    for plan in &plans {
        let differences = match Recording::of_skyspan(plan) {
            Ok(ours) => compare(&Recording::of_bluesky(plan), &ours),
            Err(refusal) => vec![refusal],
        };
        found.extend(differences.into_iter().take(20).map(|difference| format!("{plan}: {difference}")));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Wants a change in one of the files to be found, as something that begins so.
#[track_caller]
fn finds(change: impl FnOnce(&mut Recording), beginning: &str) {
    let original = Recording::of_bluesky("scan");
    let mut changed = original.clone();
    change(&mut changed);
    // That a run span of bluesky disagrees with its document is a fault of bluesky, known and not looked for here.
    let found = compare(&original, &changed);
    let found: Vec<_> = found.iter().filter(|difference| !difference.starts_with("run spans")).collect();
    assert!(!found.is_empty(), "nothing was found");
    assert!(found.iter().any(|difference| difference.starts_with(beginning)), "{found:#?}");
}

#[track_caller]
fn replace(text: &mut String, from: &str, to: &str) {
    assert!(text.contains(from), "there is no {from}");
    *text = text.replacen(from, to, 1);
}

#[test]
fn a_change_in_a_span_is_found() {
    finds(|recording| replace(&mut recording.spans, "\"target\": 2.5", "\"target\": 2.6"), "spans[");
    finds(|recording| replace(&mut recording.spans, "\"msg.command\": \"set\"", "\"msg.command\": \"sit\""), "spans[");
    finds(|recording| replace(&mut recording.spans, "\"unit\": \"mm\"", "\"egu\": \"mm\""), "spans[");
    finds(|recording| replace(&mut recording.spans, "\"Bluesky RunEngine wait\"", "\"wait\""), "spans[");
    finds(|recording| replace(&mut recording.spans, "\"UNSET\"", "\"ERROR\""), "spans[");
}

#[test]
fn a_span_that_is_missing_or_elsewhere_is_found() {
    let count = values(&Recording::of_bluesky("scan").spans).len();
    let is_run = |text: &str| text.contains("\"Bluesky RunEngine run\"");
    let mut dropped = 0;
    for at in 0..count {
        let mut texts: Vec<String> = values(&Recording::of_bluesky("scan").spans).iter().map(to_json).collect();
        if is_run(&texts.remove(at)) && !texts.iter().any(|text| is_run(text)) {
            continue;
        }
        finds(|recording| recording.spans = texts.join("\n"), "spans");
        dropped += 1;
    }
    assert_eq!(dropped, count - 1, "all but the run span");
    finds(|recording| replace(&mut recording.spans, "\"parent_id\": \"0x", "\"parent_id\": \"0x0"), "spans");
}

#[test]
fn a_run_span_that_is_missing_or_says_something_else_is_found() {
    let bluesky = Recording::of_bluesky("scan");
    let ours = Recording::of_skyspan("scan").unwrap();
    assert_eq!(compare(&bluesky, &ours), [""; 0]);
    let mut changed = ours.clone();
    replace(&mut changed.spans, "\"exit_status\": \"success\"", "\"exit_status\": \"fail\"");
    assert!(
        compare(&bluesky, &changed)[0].starts_with("run spans [\"\\\"fail\\\""),
        "{:?}",
        compare(&bluesky, &changed)
    );
    let mut changed = ours;
    replace(&mut changed.spans, "\"Bluesky RunEngine run\"", "\"Bluesky RunEngine ran\"");
    assert!(compare(&bluesky, &changed).iter().any(|found| found.starts_with("run spans []")));
}

#[test]
fn a_change_in_the_messages_is_found() {
    let swap = |a: usize, b: usize| {
        move |recording: &mut Recording| {
            let mut lines: Vec<&str> = recording.messages.lines().collect();
            lines.swap(a, b);
            recording.messages = lines.join("\n");
        }
    };
    // stage, stage, open_run, checkpoint, set, wait, trigger, ...
    finds(swap(2, 3), "messages[2].command");
    finds(swap(4, 5), "messages[4].command");
    finds(|recording| replace(&mut recording.messages, "\"args\": [2.5]", "\"args\": [2.500001]"), "messages[");
    finds(|recording| replace(&mut recording.messages, "\"obj\": \"det\"", "\"obj\": \"det1\""), "messages[");
    finds(
        |recording| recording.messages.truncate(recording.messages.trim_end().rfind('\n').unwrap()),
        "messages: 56 entries in bluesky, 55 in skyspan",
    );
    // Tokens of subscriptions, and the names of classes, are not compared; how many there are, and that they are, is.
    let with = |row: &str| {
        let mut recording = Recording::of_bluesky("scan");
        recording.messages = format!("{row}\n");
        recording
    };
    let unsubscribe = |args: &str| {
        with(&format!(
            "{{\"command\": \"unsubscribe\", \"obj\": null, \"args\": {args}, \"kwargs\": {{}}, \"run\": null}}"
        ))
    };
    let in_messages = |a: &Recording, b: &Recording| compare(a, b).iter().any(|found| found.starts_with("messages"));
    assert!(!in_messages(&unsubscribe("[1]"), &unsubscribe("[7]")));
    assert!(in_messages(&unsubscribe("[1]"), &unsubscribe("[]")));
    let null = |arg: &str| {
        with(&format!(
            "{{\"command\": \"null\", \"obj\": null, \"args\": [\"{arg}\"], \"kwargs\": {{}}, \"run\": null}}"
        ))
    };
    assert!(!in_messages(&null("<MoveStatus>"), &null("<Status>")));
    assert!(in_messages(&null("<MoveStatus>"), &null("MoveStatus")));
    // Neighbours of one command come from a set in bluesky, and may be swapped.
    let original = Recording::of_bluesky("scan");
    let mut swapped = original.clone();
    swap(0, 1)(&mut swapped);
    assert_eq!(compare(&original, &swapped), compare(&original, &original));
}

/// A document whose map at a key has its entries in the reverse order.
fn in_other_order(line: &str, key: &str) -> String {
    let row = from_json(line).unwrap();
    let [name, Value::Map(document)] = row.as_array().unwrap() else { panic!("no document: {line}") };
    let entries = document.get(key).and_then(Value::as_map).unwrap().iter();
    let mut entries: Vec<_> = entries.map(|(key, value)| (key.clone(), value.clone())).collect();
    assert!(entries.len() > 1, "{key} of {line}");
    entries.reverse();
    let mut document = Map::clone(document);
    document.insert(key, Map::from_iter(entries));
    to_json(&Value::from([name.clone(), document.into()]))
}

#[test]
fn a_change_in_the_documents_or_outcomes_is_found() {
    finds(|recording| replace(&mut recording.documents, "\"seq_num\": 3", "\"seq_num\": 4"), "documents[4]");
    finds(|recording| replace(&mut recording.documents, "\"sample\": \"A\"", "\"sample\": \"B\""), "documents[0]");
    finds(|recording| replace(&mut recording.documents, "\"precision\": 3, ", ""), "documents[1]");
    finds(|recording| replace(&mut recording.documents, "\"event\"", "\"evnt\""), "documents[2][0]");
    finds(
        |recording| {
            let mut lines: Vec<String> = recording.documents.lines().map(str::to_owned).collect();
            lines[2] = in_other_order(&lines[2], "data");
            recording.documents = lines.join("\n");
        },
        "documents[2][1].(data)",
    );
    finds(
        |recording| {
            let mut lines: Vec<String> = recording.documents.lines().map(str::to_owned).collect();
            lines[1] = in_other_order(&lines[1], "object_keys");
            recording.documents = lines.join("\n");
        },
        "documents[1][1].(objects)",
    );
    finds(|recording| replace(&mut recording.outcomes, "\"success\"", "\"fail\""), "outcomes[0].exit_status");
    finds(|recording| replace(&mut recording.outcomes, "\"exception\": null", "\"exception\": \"E\""), "outcomes[0]");
}
