//! Callbacks, suspenders, and what is done to calls from outside: what they mean in a plan file, and what is refused.

use std::time::Duration;

use skyspan::document::DocumentName;
use skyspan::program::{CallbackFault, Item, OutsideAct, PauseAction, Program, RaisedClass, Request, Step};
use skyspan::value::Value;
use skyspan::value::yaml::Node;

use super::{refused, step_refused};

const SAMPLE: &str = "\
engine: {ignore_callback_exceptions: true}
callbacks:
  - {name: quiet}
  - {name: strict, fault: {nth: 2, message: no light}}
suspenders:
  - {name: shutter, class: SuspendFloor, signal: sig, suspend_thresh: 5, pre_plan: [{raise: dark}]}
items:
  - item_type: messages
    subs: {event: [strict, quiet], all: [quiet]}
    input: [\"yes\", \"\"]
    at:
      - {message: 3, do: pause}
      - {message: 5, after_s: 0.05, set: {bool_sig: 1, sig: [2]}}
      - {after_s: 1, do: abort, reason: late}
      - {message: 1, do: suspend, for_s: 2, justification: top-up}
    on_pause: [{set: {sig: 1}}, {sleep: 0.5}, call, deferred_pause, pause]
    messages:
      - show: {catch: [{raise: dark, class: RequestStop}]}
  - {item_type: plan, name: count, subs: [quiet]}
  - {item_type: request, do: deferred_pause}
";

#[test]
fn what_there_is_about_a_call_has_its_place_in_the_tree() {
    let file = Program::parse(SAMPLE).unwrap();
    assert!(file.engine.ignore_callback_exceptions);
    let [quiet, strict] = file.callbacks.as_slice() else { panic!("{:?}", file.callbacks) };
    assert_eq!((quiet.name.value.as_str(), &quiet.fault), ("quiet", &None));
    assert_eq!(strict.fault, Some(CallbackFault { nth: 2, message: "no light".to_owned() }));
    let shutter = &file.suspenders[0];
    assert_eq!((shutter.class.value.as_str(), shutter.signal.as_str()), ("SuspendFloor", Some("sig")));
    assert_eq!(shutter.options.len(), 1);
    assert!(matches!(shutter.pre_plan.as_deref(), Some([Step::Raise { class: RaisedClass::RuntimeError, .. }])));
    assert_eq!(shutter.post_plan, None);

    let [messages, plan, request] = file.items.as_slice() else { panic!("{:?}", file.items) };
    let call = messages.call().unwrap();
    // The order is that in which bluesky subscribes.
    let subs: Vec<_> = call.subs.iter().map(|subs| (subs.documents, subs.callbacks.len())).collect();
    assert_eq!(subs, [(DocumentName::All, 1), (DocumentName::Event, 2)]);
    assert_eq!(call.input.as_deref(), Some(&["yes".to_owned(), String::new()][..]));
    let [pause, set, abort, suspend] = call.at.as_slice() else { panic!("{:?}", call.at) };
    assert_eq!((pause.message, pause.after, &pause.act), (Some(3), None, &OutsideAct::Ask(Request::Pause)));
    let OutsideAct::Set(puts) = &set.act else { panic!("{set:?}") };
    assert_eq!((set.message, set.after), (Some(5), Some(Duration::from_millis(50))));
    assert_eq!((puts[0].signal.value.as_str(), &puts[0].value.value), ("bool_sig", &Value::from(1)));
    assert_eq!(puts[1].value.value, Value::from([2]));
    assert_eq!((abort.message, &abort.act), (None, &OutsideAct::Ask(Request::Abort { reason: "late".to_owned() })));
    let top_up = OutsideAct::Suspend { time: Duration::from_secs(2), justification: Some("top-up".to_owned()) };
    assert_eq!(suspend.act, top_up);
    let [PauseAction::Set(_), sleep, again, deferred, hard] = call.on_pause.as_slice() else { panic!("{call:?}") };
    assert_eq!((sleep, again), (&PauseAction::Sleep(Duration::from_millis(500)), &PauseAction::Call));
    assert_eq!((deferred, hard), (&PauseAction::Ask(Request::DeferredPause), &PauseAction::Ask(Request::Pause)));
    let Item::Messages { messages, .. } = messages else { panic!("messages") };
    let Step::Show { step, .. } = &messages[0] else { panic!("{messages:?}") };
    let Step::Catch { body, .. } = &**step else { panic!("{step:?}") };
    assert!(matches!(&body[0], Step::Raise { class: RaisedClass::RequestStop, .. }));

    assert_eq!(plan.call().unwrap().subs[0].callbacks.iter().filter_map(Node::as_str).collect::<Vec<_>>(), ["quiet"]);
    assert!(matches!(request, Item::Request { request: Request::DeferredPause, .. }) && request.call().is_none());
}

#[test]
fn lines_that_are_all_commented_out_are_none() {
    let file =
        Program::parse("callbacks:\nsuspenders:\nitems:\n  - {item_type: plan, name: count, subs: null}").unwrap();
    assert!(file.callbacks.is_empty() && file.suspenders.is_empty());
    assert!(file.items[0].call().unwrap().subs.is_empty());
}

#[test]
fn a_callback_that_is_not_one_is_refused() {
    let callback = |callback: &str, message: &str| refused(&format!("callbacks: [\n  {callback}]\nitems: []"), message);
    callback("quiet", "2:3: expected a map as a callback, found the string \"quiet\"");
    callback("{}", "2:3: expected the key `name` in a callback, found an empty map");
    callback(
        "{name: 5}",
        "2:10: expected the name of a callback, found the integer 5; put it in quotes to make it a string",
    );
    callback(
        "{name: a, falt: {}}",
        "2:13: expected one of the keys `name`, `fault` in a callback, found `falt`; did you mean `fault`?",
    );
    callback("{name: a, fault: 2}", "2:20: expected a map as a callback's fault, found the integer 2");
    callback("{name: a, fault: {}}", "2:20: expected `nth` or `message` in a callback's fault, found an empty map");
    callback("{name: a, fault: {nth: 0}}", "2:26: expected a whole number from 1 on as `nth`, found the integer 0");
    callback(
        "{name: a, fault: {kind: raise}}",
        "2:21: expected one of the keys `nth`, `message` in a callback's fault, found `kind`",
    );
    refused("callbacks: {}\nitems: []", "1:12: expected a list as `callbacks`, found a map");
    refused(
        "engine: {ignore_callback_exceptions: 1}\nitems: []",
        "1:38: expected true or false as `ignore_callback_exceptions`, found the integer 1",
    );
}

#[test]
fn a_suspender_that_is_not_one_is_refused() {
    let suspender = |text: &str, message: &str| refused(&format!("suspenders: [\n  {text}]\nitems: []"), message);
    suspender("shutter", "2:3: expected a map as a suspender, found the string \"shutter\"");
    suspender("{class: A, signal: b}", "2:3: expected the key `name` in a suspender, found only `class`, `signal`");
    suspender("{name: a, signal: b}", "2:3: expected the key `class` in a suspender, found only `name`, `signal`");
    suspender("{name: a, class: B}", "2:3: expected the key `signal` in a suspender, found only `name`, `class`");
    suspender(
        "{name: a, class: B, signal: c, pre_plan: null}",
        "2:44: expected a list of steps as `pre_plan`, found null",
    );
    suspender(
        "{name: a, class: B, signal: c, post_plan: [{rase: x}]}",
        "2:47: expected exactly one of the keys `command`, `plan`, `span`, `wrap`, `repeat`, `until`, `raise`, `show`, `catch` in \
         a step, found `rase`; did you mean `raise`?",
    );
    refused("suspenders: 5\nitems: []", "1:13: expected a list as `suspenders`, found the integer 5");
}

#[track_caller]
fn call_refused(key: &str, message: &str) {
    refused(&format!("items:\n- {{item_type: plan, name: a, {key}}}"), message);
}

#[test]
fn what_is_wrong_about_a_call_is_refused() {
    call_refused("subs: quiet", "2:36: expected a map or a list of callbacks as `subs`, found the string \"quiet\"");
    call_refused(
        "subs: [5]",
        "2:37: expected the name of a callback, found the integer 5; put it in quotes to make it a string",
    );
    call_refused(
        "subs: {evnt: [quiet]}",
        "2:37: expected the name of a document: `all`, `start`, `stop`, `event`, `descriptor`, found the string \
         \"evnt\"; did you mean `event`?",
    );
    call_refused("subs: {event: quiet}", "2:44: expected a list of callbacks as `event`, found the string \"quiet\"");
    call_refused("input: yes", "2:37: expected a list as `input`, found the boolean true");
    call_refused(
        "input: [yes]",
        "2:38: expected a line of input, found the boolean true; put it in quotes to make it a string",
    );
    call_refused(
        "input: [\"a\\nb\"]",
        "2:38: expected one line of input, without a line break, found the string \"a\\nb\"",
    );
    call_refused("at: {message: 1}", "2:34: expected a list as `at`, found a map");
    call_refused(
        "on_pause: [{sleep: -1}]",
        "2:49: expected a number of seconds, not negative, as `sleep`, found the integer -1",
    );
    call_refused("on_pause: [{set: 5}]", "2:47: expected a map as `set`, found the integer 5");
    call_refused(
        "on_pause: [{sleep: 1, do: abort}]",
        "2:42: expected one of the keys `do`, `reason` in an action at a pause, found `sleep`",
    );
}

#[test]
fn what_is_done_from_outside_is_checked() {
    let at = |entry: &str, message: &str| call_refused(&format!("at: [{entry}]"), message);
    const ONE_OF: &str = "exactly one of the keys `set`, `do` in an entry of `at`";
    at("pause", "2:35: expected a map as an entry of `at`, found the string \"pause\"");
    at("{message: 1}", &format!("2:35: expected {ONE_OF}, found only `message`"));
    at("{message: 1, do: pause, set: {}}", &format!("2:35: expected {ONE_OF}, found both"));
    at(
        "{message: 1, st: {}}",
        "2:48: expected one of the keys `message`, `after_s`, `set`, `do`, `reason`, `for_s`, `justification` in an \
         entry of `at`, found `st`; did you mean `set`?",
    );
    at("{message: 0, do: pause}", "2:45: expected a whole number from 1 on as `message`, found the integer 0");
    at("{message: x, do: pause}", "2:45: expected a whole number from 1 on as `message`, found the string \"x\"");
    at(
        "{message: 1, after_s: -1, do: pause}",
        "2:57: expected a number of seconds, not negative, as `after_s`, found the integer -1",
    );
    at(
        "{message: 1, do: resume}",
        "2:52: expected what is done: `pause`, `deferred_pause`, `abort`, `stop`, `halt`, `suspend`, found the string \
         \"resume\"",
    );
    at(
        "{message: 1, do: abrt}",
        "2:52: expected what is done: `pause`, `deferred_pause`, `abort`, `stop`, `halt`, `suspend`, found the string \
         \"abrt\"; did you mean `abort`?",
    );
    at(
        "{do: pause}",
        "2:35: expected one of the keys `message`, `after_s` beside `do` in an entry of `at`, found only `do`",
    );
    at(
        "{message: 1, do: stop, reason: x}",
        "2:58: expected one of the keys `message`, `after_s`, `do` in an entry of `at`, found `reason`",
    );
    at(
        "{message: 1, do: abort, reason: 5}",
        "2:67: expected the reason of an abort, found the integer 5; put it in quotes to make it a string",
    );
    at("{message: 1, do: suspend}", "2:35: expected the key `for_s` in an entry of `at`, found only `message`, `do`");
    at(
        "{message: 1, do: suspend, for_s: soon}",
        "2:68: expected a number of seconds, not negative, as `for_s`, found the string \"soon\"",
    );
    at("{set: [sig]}", "2:41: expected a map as `set`, found a list");
    at(
        "{set: {5: 1}}",
        "2:42: expected a string as the key, found the integer 5; put it in quotes to make it a string",
    );
}

#[test]
fn a_request_that_is_not_one_is_refused() {
    let request = |item: &str, message: &str| refused(&format!("items:\n- {{item_type: request{item}}}"), message);
    request("", "2:3: expected the key `do` in a request item, found only `item_type`");
    request(
        ", do: resum",
        "2:28: expected a request: `resume`, `pause`, `deferred_pause`, `abort`, `stop`, `halt`, found the string \
         \"resum\"; did you mean `resume`?",
    );
    request(", do: stop, meta: {}", "2:34: expected one of the keys `item_type`, `do` in a request item, found `meta`");
}

#[test]
fn the_new_steps_are_checked() {
    step_refused(
        "{raise: a, class: KeyError}",
        "2:21: expected the class of an error: `RequestStop`, `RequestAbort`, found the string \"KeyError\"",
    );
    step_refused("{show: [a]}", "2:10: expected a map as a step, found a list");
    step_refused("{show: {command: a}, body: []}", "2:24: expected no key but `show` in a show step, found `body`");
    step_refused("{catch: {command: a}}", "2:11: expected a list of steps as `catch`, found a map");
    step_refused("{wrap: subs, body: []}", "2:3: expected the key `subs` in a `subs` wrap, found only `wrap`, `body`");
    step_refused(
        "{wrap: subs, subs: {stp: []}, body: []}",
        "2:23: expected the name of a document: `all`, `start`, `stop`, `event`, `descriptor`, found the string \
         \"stp\"; did you mean `stop`?",
    );
    step_refused(
        "{wrap: suspend, suspenders: shutter, body: []}",
        "2:31: expected a list as `suspenders`, found the string \"shutter\"",
    );
}
