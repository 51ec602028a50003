//! Plan files: what they mean, and what is said of one that means nothing.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod calls;
mod faults;
mod wraps;

use std::path::{Path, PathBuf};

use skyspan::program::{Item, PauseAction, Program, Request, Step, WrapOption};
use skyspan::value::nearest;
use skyspan::value::yaml::{Node, NodeValue};
use skyspan::value::{Map, Position, Value, from_json, to_json};

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn recorded(table: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(fixture("yaml_scalars.json")).unwrap();
    let recorded = from_json(&text).unwrap();
    let rows = recorded.as_map().unwrap().get(table).unwrap().as_array().unwrap().to_vec();
    let row = |row: Value| row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap().to_owned()).collect();
    rows.into_iter().map(row).collect()
}

fn kind_and_json(text: &str) -> (&'static str, String) {
    let node = match Node::parse(&format!("- {text}\n")) {
        Ok(node) => node,
        Err(error) if error.found.starts_with("the date ") => return ("timestamp", String::new()),
        Err(_) => return ("error", String::new()),
    };
    let value = match node.value {
        NodeValue::Sequence(nodes) => match nodes.into_iter().next().map(|node| node.value) {
            Some(NodeValue::Scalar(value)) => value,
            Some(NodeValue::Sequence(_)) => return ("list", String::new()),
            Some(NodeValue::Mapping(_)) => return ("map", String::new()),
            None => return ("none", String::new()),
        },
        other => panic!("{other:?}"),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        _ => "str",
    };
    (kind, to_json(&value))
}

#[test]
fn scalars_mean_what_they_mean_to_pyyaml() {
    let rows = recorded("scalars");
    assert!(rows.len() > 500, "{}", rows.len());
    let mut differing = Vec::new();
    for row in &rows {
        let ours = kind_and_json(&row[0]);
        if ours != (row[1].as_str(), row[2].clone()) {
            differing.push(format!("{:?}: PyYAML {} {}, ours {} {}", row[0], row[1], row[2], ours.0, ours.1));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn anchors_merge_keys_and_layouts_mean_what_they_mean_to_pyyaml() {
    for row in recorded("documents") {
        let value = Node::parse(&row[0]).and_then(|node| node.to_value());
        assert_eq!(value.map(|value| to_json(&value)).as_ref(), Ok(&row[1]), "{:?}", row[0]);
    }
}

#[test]
fn the_plan_files_of_the_oracle_are_read() {
    let mut count = 0;
    for entry in std::fs::read_dir(fixture("plans")).unwrap() {
        let path = entry.unwrap().path();
        let file = Program::read(&path).unwrap_or_else(|error| panic!("{error}"));
        assert!(!file.items.is_empty(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 6, "{count}");
}

/// One of everything.
const SAMPLE: &str = "\
# A file with one of everything.
resource: {service.name: demo, rack: 7}
engine: {record_interruptions: true, md: {proposal: X1}}
devices:
  - {name: stage_x, class: SynAxis, delay: 0.5, events_per_move: 1}
  - name: bad
    class: SynAxis
    fault: {kind: fail, nth: 2, message: stalled, after: 1}
items:
  - {item_type: plan, name: scan, args: &scan [[det], motor, 0, 10, 11], kwargs: {per_step: null}, meta: {sample: A}}
  - item_type: messages
    messages:
      - {command: set, obj: motor, args: [1.5], kwargs: {group: g}, run: \"a\"}
      - {command: \"null\", obj: null}
      - plan: {name: scan, args: *scan}
      - span: outer
        body:
          - wrap: contingency
            auto_raise: off
            except: [{raise: again}]
            final: []
            body:
              - {repeat: 0x10, body: [{wrap: stage, devices: [det], body: []}]}
    on_pause: [resume, {do: abort, reason: beam lost}, stop, halt, abort]
";

#[test]
fn everything_in_a_plan_file_has_its_place_in_the_tree() {
    let file = Program::parse(SAMPLE).unwrap();
    assert_eq!(file.resource, Map::from_iter([("service.name", Value::from("demo")), ("rack", 7.into())]));
    assert!(file.engine.record_interruptions);
    assert_eq!(file.engine.md, Map::from_iter([("proposal", "X1")]));

    let [axis, bad] = file.devices.as_slice() else { panic!("{:?}", file.devices) };
    assert_eq!((axis.name.value.as_str(), axis.class.value.as_str()), ("stage_x", "SynAxis"));
    assert_eq!(axis.name.position, Position { line: 5, column: 12 });
    let options: Vec<_> =
        axis.options.iter().map(|(key, node)| (key.value.as_str(), node.to_value().unwrap())).collect();
    assert_eq!(options, [("delay", Value::Float(0.5)), ("events_per_move", Value::Int(1))]);
    assert_eq!(bad.fault.as_ref().map(ToString::to_string).as_deref(), Some("on_set(2).fails_after(1s, 'stalled')"));
    assert!(bad.options.is_empty());

    let Item::Plan { name, args, kwargs, call, position, .. } = &file.items[0] else { panic!("a plan") };
    assert_eq!((name.value.as_str(), args.len(), kwargs[0].0.value.as_str()), ("scan", 5, "per_step"));
    assert_eq!((call.meta.get("sample"), call.on_pause.len()), (Some(&"A".into()), 0));
    assert_eq!(*position, Position { line: 10, column: 5 });

    let Item::Messages { messages, call, .. } = &file.items[1] else { panic!("messages") };
    let abort = |reason: &str| Request::Abort { reason: reason.to_owned() };
    let requests = [Request::Resume, abort("beam lost"), Request::Stop, Request::Halt, abort("")];
    assert_eq!(call.on_pause.as_slice(), requests.map(PauseAction::Ask));
    let [set, null, plan, span] = messages.as_slice() else { panic!("{messages:?}") };
    let Step::Message { command, obj, args, kwargs, run, position } = set else { panic!("{set:?}") };
    assert_eq!((command.value.as_str(), obj.as_ref().and_then(Node::as_str)), ("set", Some("motor")));
    assert_eq!((args.len(), kwargs.len(), run.as_ref().and_then(Node::as_str)), (1, 1, Some("a")));
    assert_eq!(*position, Position { line: 13, column: 9 });
    assert!(matches!(null, Step::Message { command, obj: None, run: None, .. } if command.value == "null"));
    let Step::Plan { args, .. } = plan else { panic!("{plan:?}") };
    assert_eq!(args[1].position, Position { line: 10, column: 55 }, "where the anchor's node is written");

    let Step::Span { name, body, .. } = span else { panic!("{span:?}") };
    assert_eq!(name.value, "outer");
    let Step::Wrap { name, options, body: repeated, .. } = &body[0] else { panic!("{body:?}") };
    let keys: Vec<&str> = options.iter().map(|(key, _)| key.value.as_str()).collect();
    assert_eq!((name.value.as_str(), keys.as_slice()), ("contingency", &["auto_raise", "except", "final"][..]));
    assert_eq!(body[0].option("final"), Some(&WrapOption::Steps(Vec::new())));
    let Some(WrapOption::Steps(except)) = body[0].option("except") else { panic!("{body:?}") };
    assert!(matches!(except.as_slice(), [Step::Raise { text, .. }] if text == "again"));
    let body = repeated;
    let [Step::Repeat { times: 16, body, .. }] = body.as_slice() else { panic!("{body:?}") };
    assert!(matches!(&body[0], Step::Wrap { options, .. } if options[0].0.value == "devices"));
}

#[test]
fn what_is_left_out_has_its_default() {
    let file = Program::parse("devices:\nitems: []").unwrap();
    assert_eq!(file.resource, Map::from_iter([("service.name", "skyspan")]));
    assert!(!file.engine.record_interruptions && file.engine.md.is_empty());
    assert!(file.devices.is_empty() && file.items.is_empty());

    let file = Program::parse("devices: [{name: a, class: B, fault: {kind: hang}}]\nitems: []").unwrap();
    assert_eq!(file.devices[0].fault.as_ref().map(ToString::to_string).as_deref(), Some("on_set(1).hangs()"));
}

#[test]
fn brackets_braces_and_quotes_may_go_on_in_the_first_column() {
    let same = |text: &str, plain: &str| {
        let read = |text: &str| Node::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_value().unwrap();
        assert_eq!(read(text), read(plain), "{text}");
    };
    same("a: [\n1,\n2\n]\nb: 3", "{a: [1, 2], b: 3}");
    same("a: {\nb: [\n{c: 1,\nd: 2}]}", "{a: {b: [{c: 1, d: 2}]}}");
    same("a: [ # one\n\n# two\n{b: 1}\n,\n{c: 2}\n]", "{a: [{b: 1}, {c: 2}]}");
    same("a: [\"two\nwords\", 'two\nmore', plain\nwords]", "{a: ['two words', 'two more', 'plain words']}");
    same("a: \"two\nwords\"\nb: 'it''s\nmine'", "{a: 'two words', b: \"it's mine\"}");
    same("a: \"one\\\nword\"", "{a: oneword}");
    // In a block scalar they are letters.
    same("a: |\n say \"hi\nb: [\n1]", "{a: \"say \\\"hi\\n\", b: [1]}");
    same(
        "- a: >-2 # why\n    it's [\n\n  b: {\nc: 1}\n- |\n  [ {\n- [\n2]",
        "[{a: \"it's [\", b: {c: 1}}, \"[ {\\n\", [2]]",
    );
    same("- a:\n    b: [1,\n  2,\nc]\n    d: \"x\n y\"", "[{a: {b: [1, 2, c], d: 'x y'}}]");
    same("a: it''s\nb: [\n1]", "{a: \"it''s\", b: [1]}");
    // What stands elsewhere keeps its place, also for errors.
    let error = Program::parse("items: [\n{item_type: plan,\nnane: count}]").unwrap_err();
    assert!(error.to_string().starts_with("3:1: "), "{error}");
    for text in ["a: [\"\n--- b\"]", "a: \"x\n...\n\"", "a: [1\nb: 2", "a: 'x\nb: 2"] {
        assert!(Node::parse(text).is_err(), "{text}");
    }
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = Program::parse(text).expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
}

/// A file whose second line, from column 3 on, is the one step of its one item.
#[track_caller]
fn step_refused(step: &str, message: &str) {
    refused(&format!("items: [{{item_type: messages, messages: [\n  {step}]}}]"), message);
}

#[test]
fn a_text_that_is_not_yaml_is_refused_where_it_stops_being_yaml() {
    refused(
        "items: [1, 2",
        "1:13: expected well-formed YAML, found the end of the text; while parsing a flow sequence, expected ',' or ']'",
    );
    refused("items: }", "1:8: expected well-formed YAML, found `}`; misplaced bracket");
    refused(
        "items:\n\t- 1",
        "2:2: expected well-formed YAML, found `-`; tabs disallowed within this context (block indentation)",
    );
    // The parser would take it for the end of the text.
    refused(
        "items: []\n# \0\nitem: [",
        "2:3: expected characters that YAML allows, found the character `\\u{0}`; in double quotes it can be written `\\u` and \
         four hexadecimal digits",
    );
    // The parser places the value that is missing here a line below the last.
    refused("items: []\n? # ?", "2:6: expected a string as the key, found null; put it in quotes to make it a string");
    refused("items: *x", "1:8: expected well-formed YAML, found `*`; while parsing node, found unknown anchor");
    refused("items: &x [*x]", "1:12: expected an alias of an anchor that is complete, found one inside its own anchor");
    refused("items: []\n---\nitems: []", "2:1: expected one YAML document in the file, found a second one");
    refused(
        "items: []\nitems: []",
        "2:1: expected each key once, found `items` again; it stands at line 1, column 1 already",
    );
    refused("{1: a, 1.0: b}", "1:8: expected each key once, found `1.0` again; it stands at line 1, column 2 already");
    refused(
        "{<<: {a: 1}, <<: {b: 1}}",
        "1:14: expected each key once, found `<<` again; it stands at line 1, column 1 already",
    );
    refused("{<<: 1}", "1:6: expected a map or a list of maps to merge, found the integer 1");
    refused("{[a]: 1}", "1:2: expected a scalar as the key, found a list");
    refused("items: [<<]", "1:9: expected a value, found the merge key `<<`; put it in quotes to make it a string");
    refused(
        "day: 2024-01-01",
        "1:6: expected a value that JSON has, found the date 2024-01-01; put it in quotes to make it a string",
    );
    refused("{n: >a}", "1:5: expected a value, found `>` at its beginning; put it in quotes to make it a string");
    refused("n: 0x_", "1:4: expected an integer of 1 to 4300 digits, found another number of them");
    refused("n: !!int x", "1:4: expected a scalar that fits its tag `!!int`, found `x`");
    refused(
        "n: !mine x",
        "1:4: expected no tag, or that of the value's own kind: `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, \
         `!!seq`, `!!map`, found the tag `!mine`",
    );
}

#[test]
fn a_file_that_would_fill_the_memory_or_the_stack_is_refused() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..20 {
        let below = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    let error = Node::parse(&laughs).unwrap_err().to_string();
    assert!(
        error.contains("expected anchors and aliases that stand for at most 100000 nodes in all, found more"),
        "{error}"
    );

    let nested: String = (0..100).map(|level| format!("&a{level} [")).collect();
    let error = Node::parse(&format!("{nested}{}{}", "x, ".repeat(2000), "]".repeat(100))).unwrap_err().to_string();
    assert!(error.ends_with("anchors and aliases that stand for at most 100000 nodes in all, found more"), "{error}");

    let error = Node::parse(&("[".repeat(210) + &"]".repeat(210))).unwrap_err().to_string();
    assert_eq!(error, "1:202: expected lists and maps at most 200 deep, found a deeper one");
    let deep = (0..10_000).fold(String::new(), |text, level| text + &" ".repeat(level) + "-\n");
    assert!(Node::parse(&deep).is_err());
    let chained: String = (1..300).map(|level| format!("- &a{level} [*a{}]\n", level - 1)).collect();
    let error = Node::parse(&format!("- &a0 1\n{chained}")).unwrap_err().to_string();
    assert!(error.ends_with("expected lists and maps at most 200 deep, found a deeper one"), "{error}");
    let long = format!("n: {}", "9".repeat(5000));
    refused(&long, "1:4: expected an integer of 1 to 4300 digits, found another number of them");
}

#[test]
fn a_file_without_items_or_with_other_keys_is_refused() {
    refused("", "1:1: expected a plan file with the key `items`, found nothing");
    refused("- a", "1:1: expected a map as a plan file, found a list");
    refused("{}", "1:1: expected the key `items` in a plan file, found an empty map");
    refused("engine: {}", "1:1: expected the key `items` in a plan file, found only `engine`");
    refused(
        "itmes: []",
        "1:1: expected one of the keys `version`, `resource`, `engine`, `devices`, `faults`, `stage_sigs`, `callbacks`, `suspenders`, `fail_fast`, `expect`, `items` in a plan \
         file, found `itmes`; did you mean `items`?",
    );
    refused(
        "on: []",
        "1:1: expected a string as the key, found the boolean true; put it in quotes to make it a string",
    );
    refused("items: {a: 1}", "1:8: expected a list as `items`, found a map");
    refused("items: []\nresource: 5", "2:11: expected a map as `resource`, found the integer 5");
    refused(
        "items: []\nresource: {1: a}",
        "2:12: expected a string as the key, found the integer 1; put it in quotes to make it a string",
    );
    refused(
        "items: []\nengine: {mad: 5}",
        "2:10: expected one of the keys `record_interruptions`, `ignore_callback_exceptions`, `predeclare`, `md`, `limits`, \
         `moments` in `engine`, found `mad`; did you mean `md`?",
    );
    refused(
        "items: []\nengine: {record_interruptions: 1}",
        "2:32: expected true or false as `record_interruptions`, found the integer 1",
    );
    refused("items: []\nengine:", "2:7: expected a map as `engine`, found null");
}

#[test]
fn a_device_that_is_not_one_is_refused() {
    let device = |device: &str, message: &str| refused(&format!("devices: [\n  {device}]\nitems: []"), message);
    device("stage_x", "2:3: expected a map as a device, found the string \"stage_x\"");
    device("{class: SynAxis}", "2:3: expected the key `name` in a device, found only `class`");
    device("{name: a, delay: 1}", "2:3: expected the key `class` in a device, found only `name`, `delay`");
    device(
        "{name: on, class: SynAxis}",
        "2:10: expected the name of a device, found the boolean true; put it in quotes to make it a string",
    );
}

#[test]
fn an_item_that_is_not_one_is_refused() {
    let item = |item: &str, message: &str| refused(&format!("items: [\n  {item}]"), message);
    item("scan", "2:3: expected a map as an item, found the string \"scan\"");
    item("{name: scan}", "2:3: expected the key `item_type` in an item, found only `name`");
    item(
        "{item_type: message}",
        "2:15: expected an item type: `plan`, `messages`, `request`, found the string \"message\"; did you mean \
         `messages`?",
    );
    item("{item_type: plan}", "2:3: expected the key `name` in a plan item, found only `item_type`");
    item("{item_type: plan, name: a, args: 5}", "2:36: expected a list as `args`, found the integer 5");
    item("{item_type: plan, name: a, kwargs: [5]}", "2:38: expected a map as `kwargs`, found a list");
    item(
        "{item_type: plan, name: a, kwargs: {no: 5}}",
        "2:39: expected a string as the key, found the boolean false; put it in quotes to make it a string",
    );
    item("{item_type: plan, name: a, meta: x}", "2:36: expected a map as `meta`, found the string \"x\"");
    item(
        "{item_type: messages, mesages: []}",
        "2:25: expected one of the keys `item_type`, `messages`, `meta`, `subs`, `input`, `at`, `on_pause`, `expect` in a messages \
         item, found `mesages`; did you mean `messages`?",
    );
    item("{item_type: messages, messages: {command: a}}", "2:35: expected a list of steps as `messages`, found a map");
    let pause = |action: &str, message: &str| {
        item(&format!("{{item_type: plan, name: a, on_pause: {action}}}"), message);
    };
    pause("resume", "2:40: expected a list as `on_pause`, found the string \"resume\"");
    pause(
        "[resum]",
        "2:41: expected an action at a pause: `resume`, `abort`, `stop`, `halt`, `pause`, `deferred_pause`, `call`, found \
         the string \"resum\"; did you mean `resume`?",
    );
    pause(
        "[[]]",
        "2:41: expected an action at a pause: `resume`, `abort`, `stop`, `halt`, `pause`, `deferred_pause`, `call`, found \
         a list",
    );
    pause(
        "[{reason: a}]",
        "2:41: expected one of the keys `do`, `set`, `sleep` in an action at a pause, found only `reason`",
    );
    pause(
        "[{do: stop}]",
        "2:46: expected `abort`, which alone may have a reason, found the string \"stop\"; write `stop` without a map",
    );
    pause(
        "[{do: abort, why: a}]",
        "2:53: expected one of the keys `do`, `reason`, `set`, `sleep` in an action at a pause, found `why`",
    );
}

#[test]
fn a_step_that_is_not_one_is_refused() {
    const ONE_OF: &str = "exactly one of the keys `command`, `plan`, `span`, `wrap`, `repeat`, `until`, `raise`, `show`, `catch` in a step";
    step_refused("open_run", "2:3: expected a map as a step, found the string \"open_run\"");
    step_refused("{}", &format!("2:3: expected {ONE_OF}, found none"));
    step_refused("{obj: det}", &format!("2:4: expected {ONE_OF}, found `obj`"));
    step_refused(
        "{obj: det, comand: read}",
        &format!("2:14: expected {ONE_OF}, found `comand`; did you mean `command`?"),
    );
    step_refused("{command: a, plan: {name: b}}", &format!("2:16: expected {ONE_OF}, found `plan` after `command`"));
    step_refused(
        "{command: null}",
        "2:13: expected the name of a command, found null; put it in quotes to make it a string",
    );
    step_refused(
        "{command: set, object: motor}",
        "2:18: expected one of the keys `command`, `obj`, `args`, `kwargs`, `run` in a message, found `object`",
    );
    step_refused("{command: set, args: 5}", "2:24: expected a list as `args`, found the integer 5");
    step_refused("{plan: scan}", "2:10: expected a map as `plan`, found the string \"scan\"");
    step_refused("{plan: {args: []}}", "2:10: expected the key `name` in `plan`, found only `args`");
    step_refused("{plan: {name: a}, args: []}", "2:21: expected no key but `plan` in a plan step, found `args`");
    step_refused("{span: a}", "2:3: expected the key `body` in a span step, found only `span`");
    step_refused("{span: a, body: {}}", "2:19: expected a list of steps as `body`, found a map");
    step_refused(
        "{repeat: -1, body: []}",
        "2:12: expected how many times to repeat, a whole number from 0 on, found the integer -1",
    );
    step_refused("{raise: [a]}", "2:11: expected the text of an error, found a list");
    step_refused(
        "{raise: a, body: []}",
        "2:14: expected one of the keys `raise`, `class` in a raise step, found `body`",
    );
}

#[test]
fn a_wrapper_has_its_own_options_and_no_others() {
    step_refused(
        "{wrap: stge, body: []}",
        "2:10: expected a wrapper: `run`, `stage`, `lazily_stage`, `baseline`, `monitor_during`, `fly_during`, \
         `supplemental_data`, `relative_set`, `reset_positions`, `configure_count_time`, `rewindable`, `inject_md`, \
         `set_run_key`, `stub`, `subs`, `suspend`, `finalize`, `contingency`, `print_summary`, `pchain`, \
         `msg_mutator`, `plan_mutator`, found the string \"stge\"; did you mean `stage`?",
    );
    step_refused("{wrap: run}", "2:3: expected the key `body` in a `run` wrap, found only `wrap`");
    step_refused(
        "{wrap: run, devices: [], body: []}",
        "2:15: expected one of the keys `wrap`, `md`, `body` in a `run` wrap, found `devices`",
    );
    step_refused("{wrap: run, md: [], body: []}", "2:19: expected a map as `md`, found a list");
    step_refused("{wrap: inject_md, md: null, body: []}", "2:25: expected a map as `md`, found null");
    step_refused(
        "{wrap: stage, body: []}",
        "2:3: expected the key `devices` in a `stage` wrap, found only `wrap`, `body`",
    );
    step_refused(
        "{wrap: stage, devices: det, body: []}",
        "2:26: expected a list as `devices`, found the string \"det\"",
    );
    step_refused(
        "{wrap: rewindable, rewindable: nope, body: []}",
        "2:34: expected true or false as `rewindable`, found the string \"nope\"",
    );
    step_refused("{wrap: set_run_key, run: null, body: []}", "2:28: expected the key of a run as `run`, found null");
    step_refused(
        "{wrap: finalize, body: []}",
        "2:3: expected the key `final` in a `finalize` wrap, found only `wrap`, `body`",
    );
    step_refused(
        "{wrap: contingency, except: [{raise: 5}], body: []}",
        "2:40: expected the text of an error, found the integer 5; put it in quotes to make it a string",
    );
    step_refused(
        "{wrap: contingency, finally: [], body: []}",
        "2:23: expected one of the keys `wrap`, `except`, `else`, `final`, `pause_for_debug`, \
         `auto_raise`, `body` in a `contingency` \
         wrap, found `finally`; did you mean `final`?",
    );
    for step in ["{wrap: relative_set, devices: null, body: []}", "{wrap: run, md: null, body: []}"] {
        Program::parse(&format!("items: [{{item_type: messages, messages: [{step}]}}]")).unwrap();
    }
}

#[test]
fn an_error_in_a_file_names_the_file() {
    let missing = Program::read("no/such/plan.yaml").unwrap_err();
    assert_eq!(missing.to_string(), "no/such/plan.yaml: expected a plan file, found no such file");
    let directory = Program::read(fixture("plans")).unwrap_err();
    assert!(directory.to_string().ends_with("fixtures/plans: expected a plan file, found a directory"), "{directory}");

    let path = std::env::temp_dir().join(format!("skyspan-plan-file-{}.yaml", std::process::id()));
    std::fs::write(&path, b"items: []\n# \xc3\xa9\xff\n").unwrap();
    let not_text = Program::read(&path).unwrap_err();
    std::fs::write(&path, "items: 5\n").unwrap();
    let not_plan = Program::read(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    let name = path.display();
    assert_eq!(not_text.to_string(), format!("{name}:2:4: expected text in UTF-8, found the byte 0xff"));
    assert_eq!(not_plan.to_string(), format!("{name}:1:8: expected a list as `items`, found the integer 5"));
}

#[test]
fn a_name_that_is_nearly_right_is_suggested_and_no_other() {
    let names = ["det", "det1", "motor", "stage_x"];
    assert_eq!(nearest("motr", names), Some("motor"));
    assert_eq!(nearest("MOTOR", names), Some("motor"));
    assert_eq!(nearest("detl", names), Some("det"));
    assert_eq!(nearest("stagex", names), Some("stage_x"));
    for word in ["", "x", "temperature", &"motor".repeat(1000)] {
        assert_eq!(nearest(word, names), None, "{word}");
    }
    assert_eq!(nearest("x", ["a", "y"]), None);
}

#[test]
fn no_text_makes_the_reader_panic_or_hang() {
    let outcome = |bytes: &[u8]| Program::parse(&String::from_utf8_lossy(bytes)).is_ok();
    let sample = SAMPLE.as_bytes();
    let mut bytes = b"\0\t\n \"#&'*,-:<>[]{}!|%?@0a\xff".iter().cycle();
    let mut accepted = [0, 0];
    for at in 0..sample.len() {
        accepted[usize::from(outcome(&sample[..at]))] += 1;
        // Four bytes at each place: places that follow one another lie in the same syntax and take all the bytes in turn.
        for byte in bytes.by_ref().take(4) {
            let mut mutated = sample.to_vec();
            mutated[at] = *byte;
            accepted[usize::from(outcome(&mutated))] += 1;
            mutated.insert(at, *byte);
            accepted[usize::from(outcome(&mutated))] += 1;
        }
    }
    assert!(accepted[0] > 1000 && accepted[1] > 1000, "{accepted:?}");
}
