//! What is different between two recordings of one plan file: `oracle/compare.py`, whose beginning says what is
//! normalised and what is allowed.

use std::collections::{HashMap, HashSet};

use skyspan::value::{Map, Value, from_json, to_json};

use super::names::Names;
use super::recording::{Recording, values};

const TIMES: [&str; 6] = ["time", "start_time", "finish_time", "end_time", "start_ts", "finish_ts"];
const RUN: &str = "Bluesky RunEngine run";

/// A part of a recording, normalised.
type Part = fn(&Recording) -> Value;

/// Each difference in a line of its own.
pub(super) fn compare(bluesky: &Recording, skyspan: &Recording) -> Vec<String> {
    let parts: [(&str, Part); 4] = [
        ("outcomes", outcomes),
        ("messages", |recording| messages(recording, &mut Names::default())),
        ("documents", documents),
        ("spans", span_forest),
    ];
    let mut found = Vec::new();
    for (name, part) in parts {
        differences(&part(bluesky), &part(skyspan), name, &mut found);
    }
    found.extend(run_spans_disagree(skyspan));
    found
}

fn outcomes(recording: &Recording) -> Value {
    let rows = from_json(&recording.outcomes).unwrap();
    rows.as_array().unwrap().iter().map(|row| select(row, |key| ["exit_status", "exception"].contains(&key))).collect()
}

fn messages(recording: &Recording, names: &mut Names) -> Value {
    let mut rows = Vec::new();
    for message in values(&recording.messages) {
        let mut message = message.as_map().unwrap().clone();
        // How long a plan sleeps depends on how long it took before.
        match message.get("command").and_then(Value::as_str) {
            Some("sleep") => drop(message.insert("args", Value::from_iter(Vec::<Value>::new()))),
            // The text of a failure is each implementation's own.
            Some("close_run") => {
                let mut kwargs = field(&message.clone().into(), "kwargs").as_map().cloned().unwrap_or_default();
                if !matches!(kwargs.get("exit_status").and_then(Value::as_str), None | Some("success")) {
                    kwargs.remove("reason");
                }
                message.insert("kwargs", kwargs);
            }
            // Each counts the tokens of subscriptions in its own way.
            Some("unsubscribe") => {
                let args = field(&message.clone().into(), "args").as_array().map_or(0, <[Value]>::len);
                let kwargs = field(&message.clone().into(), "kwargs");
                let keys: Vec<Value> = kwargs.as_map().into_iter().flat_map(Map::keys).map(Value::from).collect();
                message.insert("args", args);
                message.insert("kwargs", sorted(&keys));
            }
            _ => {}
        }
        rows.push(normal(&message.into(), names));
    }
    // What bluesky takes from a set has no order.
    rows.chunk_by(|a, b| field(a, "command") == field(b, "command")).flat_map(sorted).collect()
}

fn documents(recording: &Recording) -> Value {
    let (mut names, mut interruptions) = (Names::default(), HashSet::new());
    let declared = streams_of_several(recording);
    let rows = values(&recording.documents).into_iter().map(|row| {
        let [Value::Str(kind), Value::Map(document)] = row.as_array().unwrap() else { panic!("no document: {row}") };
        let mut doc = Map::clone(document);
        ["versions", "plan_type"].iter().chain(&TIMES).for_each(|key| drop(doc.remove(key)));
        names_of_timestamps(&mut doc);
        if let Some(Value::Map(configuration)) = doc.get("configuration").cloned() {
            let of_objects = configuration.iter().map(|(object, configuration)| {
                let mut configuration = configuration.as_map().unwrap().clone();
                names_of_timestamps(&mut configuration);
                (object.clone(), configuration)
            });
            doc.insert("configuration", Map::from_iter(of_objects));
        }
        // A map has no order for the comparison, and so the order of its keys is put beside it, where it counts.
        if kind.as_str() == "descriptor"
            && !declared.contains(&doc.get("name").cloned().unwrap_or_default().to_string())
        {
            let objects = keys_of(doc.get("object_keys"));
            doc.insert("(objects)", objects);
        }
        if ["event", "event_page"].contains(&kind.as_str()) {
            let data = keys_of(doc.get("data"));
            doc.insert("(data)", data);
        }
        match kind.as_str() {
            "resource" => {
                doc.insert("root", "root");
                doc.insert("resource_path", "path");
            }
            "descriptor" if doc.get("name").and_then(Value::as_str) == Some("interruptions") => {
                interruptions.insert(doc.get("uid").unwrap().to_string());
            }
            "event" if doc.get("descriptor").is_some_and(|uid| interruptions.contains(&uid.to_string())) => {
                doc.remove("seq_num");
            }
            "stop" => {
                doc.remove("uid");
                let num_events = doc.get("num_events").cloned().unwrap_or_default();
                doc.insert("num_events", select(&num_events, |stream| stream != "interruptions"));
                // bluesky loses the reason of an abort, and the text of a failure is each implementation's own.
                if doc.get("exit_status").and_then(Value::as_str) != Some("success") {
                    doc.remove("reason");
                }
            }
            _ => {}
        }
        Value::from([Value::from(kind), normal(&doc.into(), &mut names)])
    });
    rows.collect()
}

/// The streams that were declared with several objects, which bluesky puts in a set.
fn streams_of_several(recording: &Recording) -> HashSet<String> {
    let messages = values(&recording.messages).into_iter();
    let of_several = messages.filter(|message| {
        let args = field(message, "args");
        field(message, "command").as_str() == Some("declare_stream")
            && args.as_array().is_some_and(|args| args.len() > 1)
    });
    of_several.map(|message| field(&field(&message, "kwargs"), "name").to_string()).collect()
}

/// The keys of a map in their order.
fn keys_of(map: Option<&Value>) -> Value {
    map.and_then(Value::as_map).into_iter().flat_map(Map::keys).map(Value::from).collect()
}

/// Of timestamps only their names are kept.
fn names_of_timestamps(map: &mut Map) {
    if let Some(Value::Map(timestamps)) = map.get("timestamps").cloned() {
        let keys: Vec<Value> = timestamps.keys().map(Value::from).collect();
        map.insert("timestamps", sorted(&keys));
    }
}

/// Every span but the run spans, as `[name, attributes, children]`; siblings are sorted.
fn span_forest(recording: &Recording) -> Value {
    let mut names = Names::default();
    // Numbers the groups as the messages do.
    messages(recording, &mut names);
    let mut spans = values(&recording.spans);
    spans.retain(|span| field(span, "name").as_str() != Some(RUN));
    spans.sort_by(|a, b| field(a, "start_time").as_str().cmp(&field(b, "start_time").as_str()));
    let ids: HashSet<String> = spans.iter().map(span_id).collect();
    let mut children: HashMap<Option<String>, Vec<Value>> = HashMap::new();
    for span in spans {
        let parent = field(&span, "parent_id").as_str().filter(|id| ids.contains(*id)).map(str::to_owned);
        let node = [field(&span, "name"), attributes(&span, &mut names), Value::from(span_id(&span))];
        children.entry(parent).or_default().push(node.into());
    }
    subtrees(None, &mut children)
}

fn subtrees(parent: Option<String>, children: &mut HashMap<Option<String>, Vec<Value>>) -> Value {
    let nodes = children.remove(&parent).unwrap_or_default();
    let nodes = nodes.iter().map(|node| {
        let [name, attributes, id] = node.as_array().unwrap() else { unreachable!("made above") };
        let below = subtrees(id.as_str().map(str::to_owned), children);
        Value::from([name.clone(), attributes.clone(), below])
    });
    let nodes: Vec<Value> = nodes.collect();
    sorted(&nodes).into()
}

fn attributes(span: &Value, names: &mut Names) -> Value {
    let mut all = Map::new();
    for (key, value) in field(span, "attributes").as_map().into_iter().flat_map(Map::iter) {
        // ophyd writes `start_pos ` with a blank.
        let key = key.trim();
        let value = match key {
            _ if TIMES.contains(&key) => continue,
            // A flyer moves in a thread of its own, and two threads race for this.
            "finish_pos" if field(span, "parent_id").is_null() => continue,
            // Its repr is taken while another thread changes it.
            "obj" => "given".into(),
            // A list or a map in bluesky, its JSON here, as is all that is beside it.
            "msg.args" if value.as_array().is_some() => value.as_array().into_iter().flatten().map(as_json).collect(),
            "msg.kwargs" | "kwargs" => from_json(value.as_str().unwrap()).unwrap(),
            // A map in bluesky, its JSON here.
            "left" | "right" if value.as_str().is_some() => from_json(value.as_str().unwrap()).unwrap(),
            _ => value.clone(),
        };
        all.insert(key, value);
    }
    all.insert("(status)", field(&field(span, "status"), "status_code"));
    let events = field(span, "events");
    let exceptions = events.as_array().unwrap_or_default().iter().map(|event| {
        let class = field(&field(event, "attributes"), "exception.type");
        // Python writes the module before it.
        class.as_str().map(|class| class.rsplit('.').next().unwrap_or(class).to_owned())
    });
    all.insert("(exceptions)", exceptions.collect::<Value>());
    normal(&all.into(), names)
}

/// Each run span carries what its RunStop document says, and no run lacks a span.
fn run_spans_disagree(recording: &Recording) -> Option<String> {
    let ending =
        |map: &Value| format!("{} {:?}", field(map, "exit_status"), field(map, "reason").as_str().unwrap_or(""));
    let stops = values(&recording.documents).into_iter().filter_map(|row| match row.as_array() {
        Some([Value::Str(kind), stop]) if kind.as_str() == "stop" => Some(ending(stop)),
        _ => None,
    });
    let spans = values(&recording.spans).into_iter().filter(|span| field(span, "name").as_str() == Some(RUN));
    let (mut said, mut seen): (Vec<_>, Vec<_>) =
        (stops.collect(), spans.map(|span| ending(&field(&span, "attributes"))).collect());
    said.sort();
    seen.sort();
    (said != seen).then(|| format!("run spans {seen:?} do not agree with RunStop documents {said:?}"))
}

/// Names numbered, numbers to nine digits, keys in order.
fn normal(value: &Value, names: &mut Names) -> Value {
    match value {
        Value::Str(text) if is_object(text) => "<object>".into(),
        Value::Str(text) => names.normal(text).into(),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            let number: f64 = to_json(value).parse().unwrap();
            Value::Float(format!("{number:.8e}").parse().unwrap())
        }
        Value::Array(elements) => elements.iter().map(|element| normal(element, names)).collect(),
        Value::Map(map) => {
            let mut entries = Vec::new();
            for (key, value) in map.iter() {
                let value = match value.as_array().filter(|_| key.as_str() == "motors") {
                    Some(motors) => sorted(motors).into(),
                    None => value.clone(),
                };
                entries.push((names.normal(key), normal(&value, names)));
            }
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Map::from_iter(entries).into()
        }
        other => other.clone(),
    }
}

/// Whether a text stands for what is neither a device nor data, such as `<function>`: what that is called in Python is no
/// matter.
fn is_object(text: &str) -> bool {
    let class = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    class.is_some_and(|class| !class.is_empty() && class.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

pub(super) fn sorted(values: &[Value]) -> Vec<Value> {
    let mut values = values.to_vec();
    values.sort_by_cached_key(to_json);
    values
}

fn select(map: &Value, keep: impl Fn(&str) -> bool) -> Value {
    let entries = map.as_map().into_iter().flat_map(Map::iter).filter(|(key, _)| keep(key));
    Map::from_iter(entries.map(|(key, value)| (key.clone(), value.clone()))).into()
}

pub(super) fn field(map: &Value, key: &str) -> Value {
    map.as_map().and_then(|map| map.get(key)).cloned().unwrap_or_default()
}

fn span_id(span: &Value) -> String {
    field(&field(span, "context"), "span_id").as_str().unwrap().to_owned()
}

pub(super) fn differences(bluesky: &Value, skyspan: &Value, path: &str, found: &mut Vec<String>) {
    match (bluesky, skyspan) {
        (Value::Map(theirs), Value::Map(ours)) => {
            for (key, their) in theirs.iter() {
                match ours.get(key) {
                    Some(our) => differences(their, our, &format!("{path}.{key}"), found),
                    None => found.push(format!("{path}.{key}: missing (bluesky has {their:.200})")),
                }
            }
            for (key, our) in ours.iter().filter(|(key, _)| !theirs.contains_key(key)) {
                found.push(format!("{path}.{key}: extra ({our:.200})"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if theirs.len() != ours.len() {
                found.push(format!("{path}: {} entries in bluesky, {} in skyspan", theirs.len(), ours.len()));
            }
            for (at, (their, our)) in theirs.iter().zip(ours.iter()).enumerate() {
                differences(their, our, &format!("{path}[{at}]"), found);
            }
        }
        _ if bluesky == skyspan => {}
        _ => found.push(format!("{path}: bluesky {bluesky:.200}, skyspan {skyspan:.200}")),
    }
}

/// What an argument is of which OpenTelemetry may have the JSON text.
fn as_json(arg: &Value) -> Value {
    arg.as_str().and_then(|text| from_json(text).ok()).unwrap_or_else(|| arg.clone())
}
