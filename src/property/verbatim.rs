//! The messages that operations stand for, legal or not.

use super::Kit;
use super::drawn::{self, Numbers};
use super::op::{Op, OpKind};
use super::open_ends::{GROUPS, KEYS, STREAMS};
use crate::program::Step;
use crate::value::yaml::Node;
use crate::value::{Map, Text, Value};

/// The messages of the operations one after another, legal or not.
pub(super) fn verbatim(ops: &[Op], kit: &Kit) -> Vec<Step> {
    let mut at = 0;
    let mut steps = Vec::new();
    while at < ops.len() {
        steps.extend(body(ops, &mut at, kit));
    }
    steps
}

fn body(ops: &[Op], at: &mut usize, kit: &Kit) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(op) = ops.get(*at) {
        *at += 1;
        let [a, b, c, d] = op.numbers();
        match op.kind() {
            OpKind::End => return steps,
            OpKind::Span => steps.push(Step::span(span_name(a), body(ops, at, kit))),
            OpKind::Catch => steps.push(catch(body(ops, at, kit))),
            OpKind::Finalize => {
                let inner = body(ops, at, kit);
                steps.push(Step::wrap("finalize", inner).with_steps("final", [Step::message("null")]));
            }
            OpKind::Repeat => steps.push(Step::repeat(2, body(ops, at, kit))),
            OpKind::Wrap => {
                let inner = body(ops, at, kit);
                let drawn = drawn::any_wrapper(a).and_then(|wrapper| drawn::wrap(wrapper, kit, Numbers([b, c, 0])));
                match drawn {
                    Some(wrap) => steps.push(wrap(inner)),
                    None => steps.extend(inner),
                }
            }
            OpKind::Plan => {
                let drawn = drawn::any_plan(a).and_then(|plan| drawn::plan(plan, kit, Numbers([b, c, d])));
                steps.extend(drawn);
            }
            OpKind::ByStub => {
                let next = ops.get(*at).copied().map(|op| lines(op, kit)).filter(|lines| !lines.is_empty());
                if let Some(lines) = next {
                    *at += 1;
                    steps.extend(lines.into_iter().map(|step| drawn::by_stub(step, a)));
                }
            }
            _ => steps.extend(lines(*op, kit)),
        }
    }
    steps
}

/// Steps whose errors are caught.
pub(super) fn catch(body: Vec<Step>) -> Step {
    Step::wrap("contingency", body).with("auto_raise", false).with_steps("except", [])
}

/// The names of devices, in a list.
pub(super) fn names<'a>(devices: impl IntoIterator<Item = &'a Text>) -> Node {
    devices.into_iter().collect::<Vec<_>>().into()
}

/// A message about the run of that key; without one, about the run that has none.
pub(super) fn in_run(message: Step, key: Option<&str>) -> Step {
    match key {
        Some(key) => message.in_run(key),
        None => message,
    }
}

pub(super) const fn span_name(number: u8) -> &'static str {
    ["outer", "inner", "innermost"][number as usize % 3]
}

/// The messages that an operation stands for, with any device of the kit.
pub(super) fn lines(op: Op, kit: &Kit) -> Vec<Step> {
    let [a, b, c, _] = op.numbers();
    let key = |number: u8| KEYS[usize::from(number) % KEYS.len()];
    let stream = |number: u8| STREAMS[usize::from(number) % STREAMS.len()];
    let about = |command: &'static str, device: Option<&Text>| {
        device.map(|device| Step::message(command).of(device)).into_iter().collect::<Vec<_>>()
    };
    let in_group = |lines: Vec<Step>, group: u8| lines.into_iter().map(|line| grouped(line, group)).collect();
    let in_runs = |lines: Vec<Step>| lines.into_iter().map(|line| in_run(line, key(a))).collect();
    match op.kind() {
        OpKind::Null => vec![Step::message("null")],
        OpKind::Checkpoint => vec![Step::message("checkpoint")],
        OpKind::Sleep => vec![sleep(a)],
        OpKind::OpenRun => vec![open_run(key(a))],
        OpKind::CloseRun => vec![in_run(close_run(), key(a))],
        OpKind::FailRun => vec![in_run(fail_run(), key(a))],
        OpKind::Event => {
            let mut all = vec![in_run(create("primary"), key(a))];
            for nth in 0..=c {
                all.extend(in_runs(about("read", kit.readable(b.wrapping_add(nth)))) as Vec<Step>);
            }
            all.push(in_run(Step::message("save"), key(a)));
            all
        }
        OpKind::Create => vec![in_run(create(stream(b)), key(a))],
        OpKind::Read => in_runs(about("read", kit.any(b))),
        OpKind::Save => vec![in_run(Step::message("save"), key(a))],
        OpKind::Drop => vec![in_run(Step::message("drop"), key(a))],
        OpKind::Set => in_group(about("set", kit.any(a)).into_iter().map(|line| line.arg(i64::from(b))).collect(), c),
        OpKind::Trigger => in_group(about("trigger", kit.any(a)), b),
        OpKind::Wait => vec![wait(a)],
        OpKind::WaitAtMost => vec![wait_at_most(a, b)],
        OpKind::Stage => about("stage", kit.any(a)),
        OpKind::Unstage => about("unstage", kit.any(a)),
        OpKind::Monitor => in_runs(about("monitor", kit.any(b)).into_iter().map(monitored).collect()),
        OpKind::Unmonitor => in_runs(about("unmonitor", kit.any(b))),
        OpKind::Declare => {
            kit.readable(c).map(|device| in_run(declare(stream(b), vec![device.clone()]), key(a))).into_iter().collect()
        }
        OpKind::Kickoff => in_group(in_runs(about("kickoff", kit.flyer(b))), c),
        OpKind::Complete => in_group(in_runs(about("complete", kit.flyer(b))), c),
        OpKind::Collect => in_runs(about("collect", kit.flyer(b))),
        OpKind::Configure => about("configure", kit.any(a)).into_iter().map(|line| line.arg(Map::new())).collect(),
        OpKind::Stop => about("stop", kit.any(a)),
        OpKind::ClearCheckpoint => vec![Step::message("clear_checkpoint")],
        OpKind::Rewindable => vec![Step::message("rewindable").arg(a % 2 == 0)],
        OpKind::Pause => vec![Step::message("pause").kwarg("defer", a % 2 == 1)],
        OpKind::Subscribe => {
            let callback = kit.nth_callback(a).map(str::to_owned);
            callback.map(|callback| subscribe(&callback, b)).into_iter().collect()
        }
        OpKind::Unsubscribe => {
            kit.nth_callback(a).map(|callback| Step::message("unsubscribe").arg(callback)).into_iter().collect()
        }
        OpKind::InstallSuspender | OpKind::RemoveSuspender => {
            let install = op.kind() == OpKind::InstallSuspender;
            let command = if install { "install_suspender" } else { "remove_suspender" };
            kit.nth_suspender(a).map(|suspender| Step::message(command).arg(suspender)).into_iter().collect()
        }
        OpKind::Input => vec![Step::message("input").kwarg("prompt", "more?")],
        OpKind::Seldom => match a % 4 {
            0 => about("locate", kit.any(b)),
            1 => about("prepare", kit.any(b)).into_iter().map(|line| line.arg(1)).collect(),
            2 => vec![Step::message("RE_class")],
            _ => vec![Step::message("shrug")],
        },
        _ => Vec::new(),
    }
}

/// The documents to which a callback subscribes, by number.
const DOCUMENTS: [&str; 5] = ["all", "start", "stop", "event", "descriptor"];

fn subscribe(callback: &str, documents: u8) -> Step {
    let documents = DOCUMENTS[usize::from(documents) % DOCUMENTS.len()];
    Step::message("subscribe").arg(callback).arg(documents)
}

pub(super) fn sleep(tenths: u8) -> Step {
    Step::message("sleep").arg(f64::from(tenths) / 10.0)
}

/// A run with a key says so in its metadata too: so its span can be told from that of another.
fn open_run(key: Option<&'static str>) -> Step {
    let line = in_run(Step::message("open_run"), key);
    match key {
        Some(key) => line.kwarg("purpose", key),
        None => line,
    }
}

pub(super) fn close_run() -> Step {
    Step::message("close_run").kwarg("exit_status", Value::Null).kwarg("reason", Value::Null)
}

fn fail_run() -> Step {
    Step::message("close_run").kwarg("exit_status", "fail").kwarg("reason", "no light")
}

pub(super) fn create(stream: &'static str) -> Step {
    Step::message("create").kwarg("name", stream)
}

pub(super) fn declare(stream: &'static str, devices: Vec<Text>) -> Step {
    let message = devices.into_iter().fold(Step::message("declare_stream"), Step::arg);
    message.kwarg("name", stream).kwarg("collect", false)
}

pub(super) fn monitored(line: Step) -> Step {
    let name = match &line {
        Step::Message { obj: Some(obj), .. } => format!("{}_seen", obj.as_str().unwrap_or_default()),
        _ => String::new(),
    };
    line.kwarg("name", name)
}

pub(super) fn grouped(line: Step, group: u8) -> Step {
    match GROUPS[usize::from(group) % GROUPS.len()] {
        None => line.kwarg("group", Value::Null),
        Some(name) => line.kwarg("group", name),
    }
}

pub(super) fn wait(group: u8) -> Step {
    grouped(Step::message("wait"), group)
        .kwarg("error_on_timeout", true)
        .kwarg("timeout", Value::Null)
        .kwarg("watch", Value::from(Vec::<Value>::new()))
}

pub(super) fn wait_at_most(group: u8, twentieths: u8) -> Step {
    grouped(Step::message("wait"), group)
        .kwarg("error_on_timeout", false)
        .kwarg("timeout", f64::from(twentieths) / 20.0)
}
