//! The JSON Schema of check files, for editors: completion, and a first look at what is wrong.

use super::documents::DOCUMENT_NAMES;
use super::entry::EXIT_STATUSES;
use super::lint::{Rule, Severity};
use super::selected::ORDER_KEYS;
use super::spans::{KINDS, SPAN_WORDS, SpanWord, Takes};
use crate::expect::ValueType;
use crate::value::{Map, Value};

type Schema = Map;

fn typed(name: &'static str) -> Schema {
    Map::from_iter([("type", Value::literal(name))])
}

fn defined(name: &str) -> Schema {
    Map::from_iter([("$ref", Value::from(format!("#/$defs/{name}")))])
}

fn about(mut schema: Schema, text: &'static str) -> Schema {
    schema.insert("description", text);
    schema
}

fn list_of(items: Schema) -> Schema {
    Map::from_iter([("type", Value::literal("array")), ("items", items.into())])
}

fn map_of(values: Schema) -> Schema {
    Map::from_iter([("type", Value::literal("object")), ("additionalProperties", values.into())])
}

fn any_of<const N: usize>(schemas: [Schema; N]) -> Schema {
    Map::from_iter([("anyOf", schemas.into_iter().map(Value::from).collect::<Value>())])
}

fn one_of_words<'w>(words: impl IntoIterator<Item = &'w str>) -> Schema {
    Map::from_iter([("enum", words.into_iter().map(Value::from).collect::<Value>())])
}

/// A map with these keys alone.
fn object(properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let properties: Map = properties.into_iter().map(|(key, schema)| (key, Value::from(schema))).collect();
    let mut schema = typed("object");
    schema.insert("properties", properties);
    schema.insert("additionalProperties", false);
    if !required.is_empty() {
        schema.insert("required", required.iter().map(|key| Value::from(*key)).collect::<Value>());
    }
    schema
}

/// What a key takes that is said of a span.
fn of_span_word(word: &SpanWord) -> Schema {
    let these = |of: &str| {
        let with = vec![("these", list_of(defined(of))), ("in_order", typed("boolean")), ("or_more", typed("boolean"))];
        any_of([list_of(defined(of)), object(with, &["these"])])
    };
    let schema = match &word.takes {
        Takes::Name(_) => defined("name"),
        Takes::Pattern(_) => defined("pattern"),
        Takes::Attributes | Takes::Resource => map_of(defined("pattern")),
        Takes::Keys => list_of(typed("string")),
        Takes::Status => {
            any_of([one_of_words(["unset", "ok", "error"]), object(vec![("error", defined("pattern"))], &["error"])])
        }
        Takes::Kind => one_of_words(KINDS.map(|(word, _)| word)),
        Takes::Flag { .. } => typed("boolean"),
        Takes::Durations(_) => defined("duration"),
        Takes::Moment(_) | Takes::SpanId(_) => typed("string"),
        Takes::Span(_) => defined("span"),
        Takes::NthChild(_) => object(vec![("nth", defined("ordinal")), ("is", defined("span"))], &["nth", "is"]),
        Takes::Times => defined("number"),
        Takes::Children => any_of([typed("string"), these("span")]),
        Takes::Event { .. } => defined("event"),
        Takes::Events => these("event"),
        Takes::Exception => object(vec![("type", defined("pattern")), ("message", defined("pattern"))], &[]),
        Takes::Link { .. } => defined("link"),
        Takes::Links => these("link"),
    };
    about(schema, word.about)
}

fn documents() -> Schema {
    let of_name = any_of([
        defined("number"),
        object(vec![("count", defined("number")), ("has", map_of(defined("pattern")))], &[]),
    ]);
    let readings = || map_of(defined("pattern"));
    let stream = any_of([
        defined("number"),
        object(
            vec![
                ("events", defined("number")),
                ("keys", list_of(typed("string"))),
                ("values", readings()),
                ("first", readings()),
                ("last", readings()),
            ],
            &[],
        ),
    ]);
    let mut properties = vec![("streams", map_of(stream)), ("no_other_streams", typed("boolean"))];
    properties.extend(DOCUMENT_NAMES.map(|name| (name, of_name.clone())));
    object(properties, &[])
}

fn order(key: &str) -> Schema {
    let query = || defined("query");
    if key == "gap" {
        return object(vec![("to", query()), ("duration", defined("duration"))], &["to", "duration"]);
    }
    let mut properties = vec![("every", query()), ("some", query())];
    if matches!(key, "before" | "starts_before" | "ends_before") {
        properties.push(("by", defined("duration")));
    }
    any_of([query(), object(properties, &[])])
}

/// What an entry may be about, with the keys beside it.
fn entries() -> Vec<Schema> {
    let words = |subject: &'static str, said: Schema, beside: Vec<(&'static str, Schema)>, required: &[&str]| {
        let mut properties = vec![(subject, said), ("name", typed("string")), ("because", typed("string"))];
        properties.extend(beside);
        object(properties, &[&[subject], required].concat())
    };
    let alone = |subject, said| words(subject, said, Vec::new(), &[]);
    let mut asks = vec![
        ("or_none", about(typed("boolean"), "whether it is all right if there are no such spans")),
        ("count", about(defined("number"), "how many spans there are")),
        ("each", about(defined("span"), "what each of them is")),
        ("any", about(defined("conditions"), "what one of them is at least")),
        (
            "total",
            any_of([
                defined("duration"),
                object(vec![("duration", defined("duration")), ("self_time", defined("duration"))], &[]),
            ]),
        ),
        ("share", object(vec![("of", defined("query")), ("is", defined("part"))], &["of", "is"])),
        ("at_once", about(defined("number"), "how many are under way together when most of them are")),
        ("median", defined("duration")),
        ("percentiles", about(map_of(defined("duration")), "{95: ..=1 s}")),
        ("some", object(ORDER_KEYS.map(|key| (key, order(key))).into(), &[])),
    ];
    asks.extend(ORDER_KEYS.map(|key| (key, order(key))));
    let exit_status = any_of([one_of_words(EXIT_STATUSES), defined("pattern_map")]);
    let then = any_of([defined("expectation"), list_of(defined("expectation"))]);
    let shape = vec![
        ("file", typed("string")),
        ("times", typed("boolean")),
        ("ordered", typed("boolean")),
        ("without", list_of(typed("string"))),
        ("only", list_of(typed("string"))),
    ];
    let rules = one_of_words(Rule::all().iter().map(|rule| rule.name));
    let lint = vec![("without", list_of(rules)), ("deny", one_of_words(Severity::ALL.map(Severity::name)))];
    vec![
        alone("exit_status", about(exit_status, "how every run ended; there is one at least")),
        alone("reason", about(defined("pattern"), "why every run ended")),
        alone("duration", about(defined("duration"), "from the first start to the last end")),
        alone("run_duration", about(defined("duration"), "how long every run takes")),
        alone("documents", about(documents(), "the documents of the call")),
        alone("tree", about(typed("string"), "the whole trace, as `skyspan tree` draws it")),
        words("spans", defined("query"), asks, &[]),
        words("if", defined("query"), vec![("then", then)], &["then"]),
        alone("shape", any_of([typed("string"), object(shape, &["file"])])),
        alone("lint", any_of([one_of_words(["standard"]), object(lint, &[])])),
    ]
}

/// What is defined under `$defs`, for check files, and for plan files, which hold the same list.
#[must_use]
pub fn definitions() -> Map {
    let text = |what: &'static str| about(typed("string"), what);
    let value = ["string", "number", "boolean", "null", "array"].map(Value::literal);
    let value: Schema = Map::from_iter([("type", value.into_iter().collect::<Value>())]);
    let mut pattern_map = object(
        vec![
            ("glob", text("`*` stands for any characters")),
            ("regex", typed("string")),
            ("between", about(any_of([typed("string"), typed("number")]), "a range of numbers: `0..=5`")),
            ("one_of", list_of(defined("pattern"))),
            ("not", defined("pattern")),
            ("json", about(map_of(defined("pattern")), "what is in the JSON of a string, by path")),
            ("equal", Map::new()),
            ("present", typed("boolean")),
            ("type", about(one_of_words(ValueType::ALL.map(ValueType::name)), "alone, or beside one of the others")),
        ],
        &[],
    );
    // One key, or `type` and another.
    let alone = Map::from_iter([("maxProperties", 1)]);
    let beside_type = Map::from_iter([("required", Value::from_iter(["type"])), ("maxProperties", 2.into())]);
    pattern_map.insert("minProperties", 1);
    pattern_map.extend(any_of([alone, beside_type]));
    let name = any_of([
        typed("string"),
        object(vec![("glob", typed("string"))], &["glob"]),
        object(vec![("regex", typed("string"))], &["regex"]),
    ]);
    let number = any_of([
        Map::from_iter([("type", Value::literal("integer")), ("minimum", 0.into())]),
        text("`2..`, `..=4`, `2..=5`"),
    ]);
    let mut conditions = object(SPAN_WORDS.iter().map(|word| (word.key, of_span_word(word))).collect(), &[]);
    conditions.insert("minProperties", 1);
    let event =
        vec![("name", defined("name")), ("attributes", map_of(defined("pattern"))), ("after", defined("duration"))];
    let link = vec![("to", defined("span")), ("attributes", map_of(defined("pattern")))];
    Map::from_iter([
        ("duration", text("with its unit: `8 s`, `..=8 s`, `1 s..=2 s`, `8 s ± 20 %`")),
        ("number", number),
        ("ordinal", Map::from_iter([("type", Value::literal("integer")), ("minimum", 1.into())])),
        ("part", about(any_of([typed("string"), typed("number")]), "`..=50 %`, `0.1..=0.2`")),
        ("query", text("TraceQL, in quotes: '{ name = \"Bluesky RunEngine wait\" }'")),
        ("name", name),
        ("pattern", any_of([value, defined("pattern_map")])),
        ("pattern_map", pattern_map),
        ("conditions", conditions),
        ("span", any_of([text("a query in braces, or a line of a tree"), defined("conditions")])),
        ("event", any_of([typed("string"), object(event, &[])])),
        ("link", object(link, &[])),
        ("expectation", Map::from_iter([("oneOf", entries().into_iter().map(Value::from).collect::<Value>())])),
        ("expectations", {
            let mut list = list_of(defined("expectation"));
            list.insert("minItems", 1);
            list
        }),
    ])
}

/// The JSON Schema of check files (draft 2020-12), made of the same tables by which they are read. What it lets pass may still be
/// refused: queries, trees and ranges are texts to it.
///
/// ```
/// let schema = skyspan_trace::check::schema();
/// assert!(serde_json::to_string(&schema)?.contains("on_critical_path"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn schema() -> Value {
    let version = Map::from_iter([("const", 1)]);
    let with_version = object(vec![("version", version), ("expect", defined("expectations"))], &["expect"]);
    let mut of_file = any_of([defined("expectations"), with_version]);
    of_file.insert("$schema", "https://json-schema.org/draft/2020-12/schema");
    of_file.insert("title", "a check file of skyspan");
    of_file.insert("$defs", definitions());
    of_file.into()
}
