//! The messages that operations stand for, legal or not.

use super::op::{Op, OpKind};
use super::site::{GROUPS, KEYS, STREAMS};
use super::step::{Step, Wrapper};
use super::{Kit, Line};
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
        let [a, ..] = op.numbers();
        let wrapper = match op.kind() {
            OpKind::End => return steps,
            OpKind::Span => Wrapper::Span(span_name(a)),
            OpKind::Catch => Wrapper::Catch,
            OpKind::Finalize => Wrapper::Finalize(vec![Step::Message(Line::new("null"))]),
            OpKind::Repeat => {
                let body = body(ops, at, kit);
                steps.push(Step::Repeat(2, body));
                continue;
            }
            _ => {
                steps.extend(lines(*op, kit).into_iter().map(Step::Message));
                continue;
            }
        };
        let body = body(ops, at, kit);
        steps.push(Step::Wrap(wrapper, body));
    }
    steps
}

pub(super) const fn span_name(number: u8) -> &'static str {
    ["outer", "inner", "innermost"][number as usize % 3]
}

/// The messages that an operation stands for, with any device of the kit.
pub(super) fn lines(op: Op, kit: &Kit) -> Vec<Line> {
    let [a, b, c, _] = op.numbers();
    let key = |number: u8| KEYS[usize::from(number) % KEYS.len()];
    let stream = |number: u8| STREAMS[usize::from(number) % STREAMS.len()];
    let about = |command: &'static str, device: Option<&Text>| {
        device.map(|device| Line::new(command).of(device)).into_iter().collect::<Vec<_>>()
    };
    let in_group = |lines: Vec<Line>, group: u8| lines.into_iter().map(|line| grouped(line, group)).collect();
    let in_run = |lines: Vec<Line>| lines.into_iter().map(|line| line.in_run(key(a))).collect();
    match op.kind() {
        OpKind::Null => vec![Line::new("null")],
        OpKind::Checkpoint => vec![Line::new("checkpoint")],
        OpKind::Sleep => vec![sleep(a)],
        OpKind::OpenRun => vec![open_run(key(a))],
        OpKind::CloseRun => vec![close_run().in_run(key(a))],
        OpKind::FailRun => vec![fail_run().in_run(key(a))],
        OpKind::Event => {
            let mut all = vec![create("primary").in_run(key(a))];
            for nth in 0..=c {
                all.extend(in_run(about("read", kit.readable(b.wrapping_add(nth)))) as Vec<Line>);
            }
            all.push(Line::new("save").in_run(key(a)));
            all
        }
        OpKind::Create => vec![create(stream(b)).in_run(key(a))],
        OpKind::Read => in_run(about("read", kit.any(b))),
        OpKind::Save => vec![Line::new("save").in_run(key(a))],
        OpKind::Drop => vec![Line::new("drop").in_run(key(a))],
        OpKind::Set => in_group(about("set", kit.any(a)).into_iter().map(|line| line.arg(i64::from(b))).collect(), c),
        OpKind::Trigger => in_group(about("trigger", kit.any(a)), b),
        OpKind::Wait => vec![wait(a)],
        OpKind::WaitAtMost => vec![wait_at_most(a, b)],
        OpKind::Stage => about("stage", kit.any(a)),
        OpKind::Unstage => about("unstage", kit.any(a)),
        OpKind::Monitor => in_run(about("monitor", kit.any(b)).into_iter().map(monitored).collect()),
        OpKind::Unmonitor => in_run(about("unmonitor", kit.any(b))),
        OpKind::Declare => {
            kit.readable(c).map(|device| declare(stream(b), vec![device.clone()]).in_run(key(a))).into_iter().collect()
        }
        OpKind::Kickoff => in_group(in_run(about("kickoff", kit.flyer(b))), c),
        OpKind::Complete => in_group(in_run(about("complete", kit.flyer(b))), c),
        OpKind::Collect => in_run(about("collect", kit.flyer(b))),
        OpKind::Configure => about("configure", kit.any(a)).into_iter().map(|line| line.arg(Map::new())).collect(),
        OpKind::Stop => about("stop", kit.any(a)),
        OpKind::ClearCheckpoint => vec![Line::new("clear_checkpoint")],
        OpKind::Rewindable => vec![Line::new("rewindable").arg(a % 2 == 0)],
        OpKind::Pause => vec![Line::new("pause").kwarg("defer", a % 2 == 1)],
        OpKind::Seldom => match a % 4 {
            0 => about("locate", kit.any(b)),
            1 => about("prepare", kit.any(b)).into_iter().map(|line| line.arg(1)).collect(),
            2 => vec![Line::new("RE_class")],
            _ => vec![Line::new("shrug")],
        },
        _ => Vec::new(),
    }
}

pub(super) fn sleep(tenths: u8) -> Line {
    Line::new("sleep").arg(f64::from(tenths) / 10.0)
}

/// A run with a key says so in its metadata too: so its span can be told from that of another.
fn open_run(key: Option<&'static str>) -> Line {
    let line = Line::new("open_run").in_run(key);
    match key {
        Some(key) => line.kwarg("purpose", key),
        None => line,
    }
}

pub(super) fn close_run() -> Line {
    Line::new("close_run").kwarg("exit_status", Value::Null).kwarg("reason", Value::Null)
}

fn fail_run() -> Line {
    Line::new("close_run").kwarg("exit_status", "fail").kwarg("reason", "no light")
}

pub(super) fn create(stream: &'static str) -> Line {
    Line::new("create").kwarg("name", stream)
}

pub(super) fn declare(stream: &'static str, devices: Vec<Text>) -> Line {
    Line { objs: devices, ..Line::new("declare_stream").kwarg("name", stream).kwarg("collect", false) }
}

pub(super) fn monitored(line: Line) -> Line {
    let name = line.obj.as_ref().map(|device| format!("{device}_seen")).unwrap_or_default();
    line.kwarg("name", name)
}

pub(super) fn grouped(line: Line, group: u8) -> Line {
    match GROUPS[usize::from(group) % GROUPS.len()] {
        None => line.kwarg("group", Value::Null),
        Some(name) => line.kwarg("group", name),
    }
}

pub(super) fn wait(group: u8) -> Line {
    grouped(Line::new("wait"), group)
        .kwarg("error_on_timeout", true)
        .kwarg("timeout", Value::Null)
        .kwarg("watch", Value::from(Vec::<Value>::new()))
}

pub(super) fn wait_at_most(group: u8, twentieths: u8) -> Line {
    grouped(Line::new("wait"), group).kwarg("error_on_timeout", false).kwarg("timeout", f64::from(twentieths) / 20.0)
}
