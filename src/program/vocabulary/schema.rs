//! The JSON Schema of plan files, for editors: completion, and a first look at what is wrong.

use super::Vocabulary;
use crate::engine::Limits;
use crate::hardware::Method;
use crate::program::data::Comparison;
use crate::program::fault_kinds::FAULTS;
use crate::program::parameter::{By, Parameter, Takes};
use crate::program::plans::{NamedPlan, all_plans};
use crate::value::{Map, Value};

/// What is said of a place in a file.
type Schema = Map;

fn schema<const N: usize>(entries: [(&'static str, Value); N]) -> Schema {
    Map::from_iter(entries)
}

fn typed(name: &'static str) -> Schema {
    schema([("type", name.into())])
}

/// What is defined under `$defs`.
fn defined(name: &str) -> Schema {
    schema([("$ref", format!("#/$defs/{name}").into())])
}

fn list_of(items: Schema) -> Schema {
    schema([("type", "array".into()), ("items", items.into())])
}

fn pair_of(items: Schema) -> Schema {
    let mut pair = list_of(items);
    pair.extend([("minItems", 2), ("maxItems", 2)]);
    pair
}

fn map_of(values: Schema) -> Schema {
    schema([("type", "object".into()), ("additionalProperties", values.into())])
}

fn any_of<const N: usize>(schemas: [Schema; N]) -> Schema {
    schema([("anyOf", schemas.into_iter().map(Value::from).collect())])
}

fn or_null(of: Schema) -> Schema {
    any_of([of, typed("null")])
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Schema {
    schema([("enum", words.into_iter().map(Value::from).collect())])
}

fn at_least(type_name: &'static str, least: i64) -> Schema {
    schema([("type", type_name.into()), ("minimum", least.into())])
}

fn about(mut of: Schema, text: impl Into<Value>) -> Schema {
    of.insert("description", text);
    of
}

/// A map with these keys, of which some must be there, and no others.
fn object(properties: Vec<(&str, Schema)>, required: &[&str]) -> Schema {
    let properties: Map = properties.into_iter().map(|(key, of)| (key, Value::from(of))).collect();
    let mut object =
        schema([("type", "object".into()), ("properties", properties.into()), ("additionalProperties", false.into())]);
    if !required.is_empty() {
        object.insert("required", required.iter().map(|key| Value::from(*key)).collect::<Value>());
    }
    object
}

impl Takes {
    /// What may stand there, as JSON Schema says it. Names of devices are strings, for who has a schema has no beamline.
    fn schema(self) -> Schema {
        match self {
            Self::Device
            | Self::Motor
            | Self::Flyer
            | Self::Callback
            | Self::Suspender
            | Self::Text
            | Self::Command => typed("string"),
            Self::Key | Self::Stream => any_of([typed("string"), defined("text")]),
            Self::TextOrNull => any_of([typed("string"), typed("null"), defined("text")]),
            Self::Detectors | Self::Devices | Self::Flyers | Self::Suspenders | Self::Texts | Self::Commands => {
                list_of(typed("string"))
            }
            Self::DevicesOrNull => or_null(list_of(typed("string"))),
            Self::Subscribers => defined("subs"),
            Self::Number => typed("number"),
            Self::NumberOrNull => or_null(typed("number")),
            Self::Positive => schema([("type", "number".into()), ("exclusiveMinimum", 0.into())]),
            Self::Integer => typed("integer"),
            Self::Count => at_least("integer", 0),
            Self::CountOrNull => or_null(at_least("integer", 0)),
            Self::Seconds => at_least("number", 0),
            Self::BoolOrNull => or_null(typed("boolean")),
            Self::SecondsOrNull => or_null(typed("number")),
            Self::Bool => typed("boolean"),
            Self::OneOf(of) => words(of.iter().copied()),
            Self::Map => typed("object"),
            Self::MapOrNull => or_null(typed("object")),
            Self::LimitsOrNull => or_null(pair_of(typed("number"))),
            Self::NumberOrPair => any_of([typed("number"), pair_of(typed("number"))]),
            Self::Pairs => list_of(pair_of(typed("number"))),
            Self::Counts => list_of(at_least("integer", 0)),
            Self::ListsByKey => map_of(typed("array")),
            Self::CountsByKey => map_of(list_of(at_least("integer", 0))),
            Self::Steps => list_of(defined("step")),
            Self::StepsOrNull => or_null(list_of(defined("step"))),
            Self::StepOrSteps => any_of([defined("step"), list_of(defined("step"))]),
            Self::StepsByCommand => map_of(list_of(defined("step"))),
            Self::MessageByCommand => map_of(defined("message")),
            Self::Groups => or_null(typed("array")),
            Self::Awaitables => {
                list_of(object(vec![("sleep", at_least("number", 0)), ("raise", typed("string"))], &["sleep"]))
            }
            Self::Positions => typed("object"),
            Self::Snake => any_of([typed("boolean"), typed("null"), list_of(typed("string"))]),
            Self::Cycler => any_of([typed("array"), typed("object")]),
            Self::Function => typed("null"),
            Self::CallbackOrToken
            | Self::Delay
            | Self::Group
            | Self::RunKey
            | Self::Value
            | Self::Moves
            | Self::Lines
            | Self::LinesThenCount
            | Self::Lists
            | Self::Grid => Map::new(),
        }
    }
}

fn of_parameter(parameter: &Parameter) -> Schema {
    let Parameter { takes, default, about: text, .. } = parameter;
    let unit = takes.unit().map(|unit| format!(", in {unit}")).unwrap_or_default();
    let default = default.map(|default| format!("; {default} unless given")).unwrap_or_default();
    about(takes.schema(), format!("{text}{unit}{default}"))
}

fn of_options(parameters: &'static [Parameter]) -> impl Iterator<Item = (&'static str, Schema)> {
    parameters.iter().map(|parameter| (parameter.name, of_parameter(parameter)))
}

fn required(parameters: &[Parameter]) -> impl Iterator<Item = &'static str> {
    parameters.iter().filter(|parameter| parameter.is_required()).map(|parameter| parameter.name)
}

/// Where a key has this word, the rest is so.
fn where_it_is(key: &str, word: &str, then: Schema) -> Value {
    let properties = Map::from_iter([(key, schema([("const", word.into())]))]);
    let condition = schema([("properties", properties.into()), ("required", [Value::from(key)].into())]);
    schema([("if", condition.into()), ("then", then.into())]).into()
}

/// The arguments of a plan.
fn arguments(plan: &NamedPlan) -> Schema {
    let NamedPlan { parameters, .. } = plan;
    let by_position = parameters.iter().filter(|parameter| matches!(parameter.by, By::Either | By::Position));
    let prefix: Value = by_position.map(|parameter| Value::from(of_parameter(parameter))).collect();
    let has = |by: By| parameters.iter().any(|parameter| parameter.by == by);
    let mut args = schema([("type", "array".into())]);
    if let Some(count) = prefix.as_array().map(<[Value]>::len).filter(|count| *count > 0) {
        args.insert("prefixItems", prefix);
        if !has(By::Rest) {
            args.insert("maxItems", Value::from(count as u64));
        }
    } else if !has(By::Rest) {
        args.insert("maxItems", 0);
    }
    let by_name = parameters.iter().filter(|parameter| matches!(parameter.by, By::Either | By::Keyword));
    let mut kwargs = object(by_name.map(|parameter| (parameter.name, of_parameter(parameter))).collect(), &[]);
    if has(By::Others) {
        kwargs.remove("additionalProperties");
    }
    let properties = Map::from_iter([("args", args), ("kwargs", kwargs)]);
    schema([("properties", properties.into())])
}

/// A plan by its name, with its arguments; and what else there is in the map.
fn plan_call(others: Vec<(&'static str, Schema)>) -> Schema {
    let names = about(words(all_plans().map(|plan| plan.name)), "a plan or a plan stub of bluesky");
    let mut properties = vec![("name", names), ("args", typed("array")), ("kwargs", typed("object"))];
    let mut needed = vec!["name"];
    if !others.is_empty() {
        needed.push("item_type");
    }
    properties.extend(others);
    let mut of = object(properties, &needed);
    let each: Value =
        all_plans().map(|plan| where_it_is("name", plan.name, about(arguments(plan), plan.about))).collect();
    of.insert("allOf", each);
    of
}

fn step() -> Schema {
    let body = || ("body", list_of(defined("step")));
    let until = object(
        vec![
            ("device", about(typed("string"), "whose value, as `rd` gives it")),
            ("comparison", words(Comparison::ALL.map(Comparison::as_str))),
            ("value", typed("number")),
            ("at_most", about(at_least("integer", 1), "after how many rounds the plan fails")),
        ],
        &["device", "comparison", "value", "at_most"],
    );
    let raise = vec![("raise", typed("string")), ("class", words(["RequestStop", "RequestAbort"]))];
    let kinds = [
        ("command", defined("message")),
        ("plan", object(vec![("plan", defined("plan"))], &["plan"])),
        ("span", object(vec![("span", typed("string")), body()], &["span", "body"])),
        ("wrap", defined("wrap")),
        ("repeat", object(vec![("repeat", at_least("integer", 0)), body()], &["repeat", "body"])),
        ("until", object(vec![("until", until), body()], &["until", "body"])),
        ("raise", object(raise, &["raise"])),
        ("show", object(vec![("show", defined("step"))], &["show"])),
        ("catch", object(vec![("catch", list_of(defined("step")))], &["catch"])),
    ];
    // By the one key that says what a step is, so that what is wrong is told of that kind alone.
    let each = kinds.map(|(key, of)| {
        let condition = schema([("required", [Value::from(key)].into())]);
        Value::from(schema([("if", condition.into()), ("then", of.into())]))
    });
    let one = kinds_of_step().map(|key| Value::from(schema([("required", [Value::from(key)].into())])));
    schema([("type", "object".into()), ("oneOf", one.into_iter().collect()), ("allOf", each.into_iter().collect())])
}

const fn kinds_of_step() -> [&'static str; 9] {
    crate::program::read::KINDS
}

fn wrap() -> Schema {
    let each: Value = Vocabulary::wrappers()
        .iter()
        .map(|wrapper| {
            let keys = [("wrap", Map::new()), ("body", list_of(defined("step")))];
            let needed: Vec<&str> = ["wrap", "body"].into_iter().chain(required(wrapper.options)).collect();
            let then = object(keys.into_iter().chain(of_options(wrapper.options)).collect(), &needed);
            where_it_is("wrap", wrapper.name, about(then, wrapper.about))
        })
        .collect();
    let names = words(Vocabulary::wrappers().iter().map(|wrapper| wrapper.name));
    let properties = Map::from_iter([("wrap", Value::from(names))]);
    schema([("type", "object".into()), ("properties", properties.into()), ("allOf", each)])
}

/// A device, or a suspender: by its class.
fn by_class<'a>(
    classes: impl Iterator<Item = (&'a str, &'a str, &'static [Parameter])> + Clone,
    others: fn() -> Vec<(&'static str, Schema)>,
    needed: &[&'static str],
) -> Schema {
    let each: Value = classes
        .clone()
        .map(|(name, text, options)| {
            let keys = [("name", typed("string")), ("class", Map::new())].into_iter().chain(others());
            let needed: Vec<&str> = needed.iter().copied().chain(required(options)).collect();
            where_it_is("class", name, about(object(keys.chain(of_options(options)).collect(), &needed), text))
        })
        .collect();
    let names = words(classes.map(|(name, ..)| name));
    let properties = Map::from_iter([("class", Value::from(names))]);
    let needed: Value = needed.iter().map(|key| Value::from(*key)).collect();
    schema([("type", "object".into()), ("properties", properties.into()), ("required", needed), ("allOf", each)])
}

fn fault(others: Vec<(&'static str, Schema)>) -> Schema {
    let (number, nth) = (|| at_least("number", 0), || at_least("integer", 1));
    let mut properties = vec![
        ("kind", words(FAULTS.iter().map(|kind| kind.name))),
        ("method", words(Method::ALL.iter().map(|method| method.as_str()))),
        ("nth", nth()),
        ("from", nth()),
        ("to", nth()),
        ("rate", schema([("type", "number".into()), ("minimum", 0.into()), ("maximum", 1.into())])),
        ("message", typed("string")),
        ("after", number()),
        ("by", number()),
        ("factor", at_least("number", 1)),
        ("value", Map::new()),
        ("key", typed("string")),
        ("for", number()),
    ];
    let needed: Vec<&str> = ["kind"].into_iter().chain(others.iter().map(|(key, _)| *key)).collect();
    properties.extend(others);
    object(properties, &needed)
}

fn call_keys() -> Vec<(&'static str, Schema)> {
    let request = ["resume", "pause", "deferred_pause", "abort", "stop", "halt", "call"];
    let action = object(
        vec![
            ("do", words(["abort"])),
            ("reason", typed("string")),
            ("set", typed("object")),
            ("sleep", at_least("number", 0)),
        ],
        &[],
    );
    let outside = object(
        vec![
            ("message", at_least("integer", 1)),
            ("after_s", at_least("number", 0)),
            ("set", typed("object")),
            ("do", words(["pause", "deferred_pause", "abort", "stop", "halt", "suspend"])),
            ("reason", typed("string")),
            ("for_s", at_least("number", 0)),
            ("justification", typed("string")),
        ],
        &[],
    );
    vec![
        ("meta", typed("object")),
        ("subs", or_null(defined("subs"))),
        ("input", list_of(typed("string"))),
        ("at", list_of(outside)),
        ("on_pause", list_of(any_of([words(request), action]))),
        ("expect", expected()),
    ]
}

/// What a program or a call must leave: what check files hold, where those are read.
fn expected() -> Schema {
    if cfg!(feature = "plan-files") { or_null(defined("expectations")) } else { Map::new() }
}

fn item() -> Schema {
    let item_type = || ("item_type", Map::new());
    let kept = crate::program::read::KEPT_KEYS.into_iter().map(|key| (key, Map::new()));
    let plan = plan_call([item_type()].into_iter().chain(call_keys()).chain(kept).collect());
    let messages = [item_type(), ("messages", list_of(defined("step")))].into_iter().chain(call_keys()).collect();
    let asked = words(["resume", "pause", "deferred_pause", "abort", "stop", "halt"]);
    let each = [
        where_it_is("item_type", "plan", plan),
        where_it_is("item_type", "messages", object(messages, &["item_type", "messages"])),
        where_it_is("item_type", "request", object(vec![item_type(), ("do", asked)], &["item_type", "do"])),
    ];
    let properties = Map::from_iter([("item_type", words(["plan", "messages", "request"]))]);
    schema([
        ("type", "object".into()),
        ("properties", properties.into()),
        ("required", [Value::from("item_type")].into()),
        ("allOf", each.into_iter().collect()),
    ])
}

fn limits() -> Schema {
    object(Limits::NAMES.map(|name| (name, or_null(at_least("integer", 0)))).into(), &[])
}

impl Vocabulary {
    /// The JSON Schema of plan files (draft 2020-12), made of the same tables by which they are read: for editors, and for who checks
    /// many files without a beamline. What it lets pass may still be refused where names are resolved.
    #[must_use]
    pub fn schema() -> Value {
        let bools = || typed("boolean");
        let engine = object(
            vec![
                ("record_interruptions", bools()),
                ("predeclare", bools()),
                ("ignore_callback_exceptions", bools()),
                ("md", typed("object")),
                ("limits", limits()),
                ("moments", any_of([words(["in_order", "shuffled"]), list_of(at_least("integer", 0))])),
            ],
            &[],
        );
        let callback_fault = object(vec![("nth", at_least("integer", 1)), ("message", typed("string"))], &[]);
        let callback = object(vec![("name", typed("string")), ("fault", or_null(callback_fault))], &["name"]);
        let of_device = || vec![("fault", defined("fault")), ("faults", list_of(defined("fault")))];
        let of_suspender = || {
            vec![
                ("signal", typed("string")),
                ("pre_plan", list_of(defined("step"))),
                ("post_plan", list_of(defined("step"))),
            ]
        };
        let devices = Self::devices().iter().map(|class| (class.name, class.about, class.options));
        let suspenders = Self::suspenders().iter().map(|class| (class.name, class.about, class.options));
        let names = || list_of(typed("string"));
        let documents = ["all", "start", "stop", "event", "descriptor"].map(|name| (name, names()));
        let message = object(
            vec![
                ("command", about(typed("string"), "what the engine is told to do")),
                ("obj", Map::new()),
                ("args", typed("array")),
                ("kwargs", typed("object")),
                ("run", Map::new()),
            ],
            &["command"],
        );
        #[cfg_attr(not(feature = "plan-files"), expect(unused_mut, reason = "check files are read with plan files"))]
        let mut definitions = Map::from_iter([
            ("text", object(vec![("str", typed("string"))], &["str"])),
            ("subs", any_of([names(), object(documents.into(), &[])])),
            ("message", message),
            ("plan", plan_call(Vec::new())),
            ("step", step()),
            ("wrap", wrap()),
            ("fault", fault(Vec::new())),
            ("item", item()),
        ]);
        #[cfg(feature = "plan-files")]
        definitions.extend(skyspan_trace::check::definitions());
        let all = |of: Schema| or_null(list_of(of));
        let properties = vec![
            ("version", schema([("const", 1.into())])),
            ("resource", typed("object")),
            ("engine", engine),
            ("devices", all(by_class(devices, of_device, &["name", "class"]))),
            ("faults", all(fault(vec![("device", typed("string"))]))),
            (
                "stage_sigs",
                or_null(schema([("type", "object".into()), ("additionalProperties", typed("object").into())])),
            ),
            ("callbacks", all(callback)),
            ("suspenders", all(by_class(suspenders, of_suspender, &["name", "class", "signal"]))),
            ("fail_fast", bools()),
            ("expect", about(expected(), "what all of it must leave")),
            ("items", list_of(defined("item"))),
        ];
        let mut of_file = object(properties, &["items"]);
        of_file.insert("$schema", "https://json-schema.org/draft/2020-12/schema");
        of_file.insert("title", "a plan file of skyspan");
        of_file.insert("$defs", definitions);
        of_file.into()
    }
}
