//! From a program to the tree that its text would have.

use std::time::Duration;

use crate::clock::Moments;
use crate::device::{DeviceError, Ending};
use crate::document::DocumentName;
use crate::engine::Limits;
use crate::hardware::{Fault, FaultWhat, Method};
use crate::program::data::{
    CallSpec, CallbackSpec, DeviceSpec, FaultSpec, Item, OutsideAct, OutsideSpec, PauseAction, Program, PutSpec,
    RaisedClass, Request, StageSigsSpec, Step, SubsSpec, SuspenderSpec, WrapOption,
};
use crate::program::parameter::Takes;
use crate::program::wrappers::wrapper;
use crate::value::yaml::{Node, NodeValue, Spanned};
use crate::value::{Map, Value};

/// A map that is being put together, in order.
#[derive(Default)]
struct Entries(Vec<(Node, Node)>);

impl Entries {
    fn with(mut self, key: &str, node: impl Into<Node>) -> Self {
        self.0.push((Node::from(key), node.into()));
        self
    }

    fn with_some(self, key: &str, node: Option<impl Into<Node>>) -> Self {
        match node {
            Some(node) => self.with(key, node),
            None => self,
        }
    }

    /// Unless the list is empty.
    fn with_list(self, key: &str, nodes: Vec<Node>) -> Self {
        if nodes.is_empty() { self } else { self.with(key, list(nodes)) }
    }

    fn with_all(mut self, entries: &[(Spanned<String>, Node)]) -> Self {
        self.0.extend(entries.iter().map(|(key, node)| (Node::from(key.value.as_str()), node.clone())));
        self
    }

    fn with_named(self, key: &str, entries: &[(Spanned<String>, Node)]) -> Self {
        if entries.is_empty() { self } else { self.with(key, Self::default().with_all(entries)) }
    }

    fn with_map(self, key: &str, map: &Map) -> Self {
        if map.is_empty() { self } else { self.with(key, Value::from(map.clone())) }
    }

    fn with_flag(self, key: &str, flag: bool) -> Self {
        if flag { self.with(key, Value::from(true)) } else { self }
    }
}

impl From<Entries> for Node {
    fn from(entries: Entries) -> Self {
        NodeValue::Mapping(entries.0).into()
    }
}

fn list(nodes: Vec<Node>) -> Node {
    NodeValue::Sequence(nodes).into()
}

fn map() -> Entries {
    Entries::default()
}

fn text(text: &Spanned<String>) -> Node {
    Node::from(text.value.as_str())
}

fn seconds(time: Duration) -> Value {
    time.as_secs_f64().into()
}

impl Program {
    /// The tree of the program.
    #[must_use]
    pub fn to_node(&self) -> Node {
        let Self { resource, engine, devices, faults, stage_sigs, callbacks, suspenders, fail_fast, expect, items } =
            self;
        let of_engine = map()
            .with_flag("record_interruptions", engine.record_interruptions)
            .with_flag("predeclare", engine.predeclare)
            .with_flag("ignore_callback_exceptions", engine.ignore_callback_exceptions)
            .with_map("md", &engine.md)
            .with_some("limits", limits(engine.limits))
            .with_some("moments", moments(&engine.moments));
        let is_usual = *resource == Map::from_iter([("service.name", Value::literal("skyspan"))]);
        let resource = (!is_usual).then(|| Value::from(resource.clone()));
        map()
            .with_some("resource", resource)
            .with_some("engine", (!of_engine.0.is_empty()).then_some(of_engine))
            .with_list("devices", devices.iter().map(device).collect())
            .with_list("faults", faults.iter().map(fault_of_device).collect())
            .with_some("stage_sigs", (!stage_sigs.is_empty()).then(|| of_stages(stage_sigs)))
            .with_list("callbacks", callbacks.iter().map(callback).collect())
            .with_list("suspenders", suspenders.iter().map(suspender).collect())
            .with_flag("fail_fast", *fail_fast)
            .with_some("expect", expect.clone())
            .with("items", list(items.iter().map(item).collect()))
            .into()
    }
}

/// A fault that names its device, as a node.
pub(super) fn fault_of_device(spec: &FaultSpec) -> Node {
    fault_entries(map().with("device", text(&spec.device)), &spec.fault)
}

fn of_stages(stage_sigs: &[StageSigsSpec]) -> Node {
    let all = stage_sigs.iter().map(|spec| {
        let sigs = map().with_all(&spec.sigs);
        (text(&spec.device), Node::from(sigs))
    });
    NodeValue::Mapping(all.collect()).into()
}

/// The order of moments, if it is another than usual.
fn moments(moments: &Moments) -> Option<Node> {
    match moments {
        Moments::InOrder => None,
        Moments::Shuffled(_) => Some("shuffled".into()),
        Moments::Picked(picks) => Some(list(picks.iter().map(|pick| i32::from(*pick).into()).collect())),
    }
}

/// The limits that are other than usual.
fn limits(limits: Limits) -> Option<Node> {
    let by_name = |limits: Limits| [limits.messages, limits.simulated_seconds, limits.spans, limits.kept_bytes];
    let others = Limits::NAMES.into_iter().zip(by_name(limits)).zip(by_name(Limits::default()));
    let entries = others
        .filter(|((_, limit), usual)| limit != usual)
        .fold(map(), |entries, ((name, limit), _)| entries.with(name, limit.map_or(Value::Null, Value::from)));
    (!entries.0.is_empty()).then(|| entries.into())
}

pub(super) fn device(spec: &DeviceSpec) -> Node {
    let fault = |fault| fault_entries(map(), fault);
    map()
        .with("name", text(&spec.name))
        .with("class", text(&spec.class))
        .with_all(&spec.options)
        .with_some("fault", spec.fault.as_ref().map(fault))
        .with_list("faults", spec.faults.iter().map(fault).collect())
        .into()
}

fn fault_entries(entries: Entries, fault: &Fault) -> Node {
    let entries = if fault.method() == Method::Set { entries } else { entries.with("method", fault.method().as_str()) };
    let entries = match fault.occasions().calls() {
        Ok((1, 1)) => entries,
        Ok((first, last)) if first == last => entries.with("nth", Value::from(first)),
        Ok((first, u64::MAX)) => entries.with("from", Value::from(first)),
        Ok((first, last)) => entries.with("from", Value::from(first)).with("to", Value::from(last)),
        Err(rate) => entries.with("rate", Value::from(rate)),
    };
    let kind = |kind: &str| entries.with("kind", kind);
    match fault.what() {
        FaultWhat::Raises(error) => {
            kind("raise").with("message", error.to_string().as_str()).with_some("class", class_of(error))
        }
        FaultWhat::Ends(Ending { never: true, .. }) => kind("hang"),
        FaultWhat::Ends(Ending { fails: Some((after, error)), .. }) => {
            let failing = kind("fail").with("message", error.to_string().as_str());
            failing.with_some("class", class_of(error)).with("after", seconds(*after))
        }
        FaultWhat::Ends(ending) if !ending.late_by.is_zero() => kind("late").with("by", seconds(ending.late_by)),
        FaultWhat::LateByOneOf(delays) => {
            let delays: Vec<Node> = delays.iter().map(|delay| Node::from(seconds(*delay))).collect();
            kind("late").with("by", list(delays))
        }
        FaultWhat::Ends(ending) => kind("slow").with("factor", Value::from(ending.slow_by)),
        FaultWhat::Reads(key, value) => kind("read").with_some("key", key.as_deref()).with("value", value.clone()),
        FaultWhat::Disconnects(time) => kind("disconnect").with("for", seconds(*time)),
    }
    .into()
}

/// The class of an error, where it is another than usual.
fn class_of(error: &DeviceError) -> Option<Node> {
    Some(error.name()).filter(|class| class != "DeviceFault").map(|class| Node::from(&*class))
}

fn callback(spec: &CallbackSpec) -> Node {
    let fault = spec.fault.as_ref();
    let fault = fault.map(|fault| map().with("nth", Value::from(fault.nth)).with("message", fault.message.as_str()));
    map().with("name", text(&spec.name)).with_some("fault", fault).into()
}

fn suspender(spec: &SuspenderSpec) -> Node {
    map()
        .with("name", text(&spec.name))
        .with("class", text(&spec.class))
        .with("signal", spec.signal.clone())
        .with_all(&spec.options)
        .with_some("pre_plan", spec.pre_plan.as_deref().map(steps))
        .with_some("post_plan", spec.post_plan.as_deref().map(steps))
        .into()
}

fn item(item: &Item) -> Node {
    match item {
        Item::Plan { name, args, kwargs, kept, call, .. } => {
            let entries = map()
                .with("item_type", "plan")
                .with("name", text(name))
                .with_list("args", args.clone())
                .with_named("kwargs", kwargs)
                .with_all(kept);
            call_entries(entries, call)
        }
        Item::Messages { messages, call, .. } => {
            call_entries(map().with("item_type", "messages").with("messages", steps(messages)), call)
        }
        Item::Request { request, .. } => map().with("item_type", "request").with("do", word(request)),
    }
    .into()
}

fn call_entries(entries: Entries, call: &CallSpec) -> Entries {
    let lines = call.input.as_ref().map(|lines| list(lines.iter().map(|line| Node::from(line.as_str())).collect()));
    entries
        .with_map("meta", &call.meta)
        .with_some("subs", subs(&call.subs))
        .with_some("input", lines)
        .with_list("at", call.at.iter().map(outside).collect())
        .with_list("on_pause", call.on_pause.iter().map(pause_action).collect())
        .with_some("expect", call.expect.clone())
}

fn subs(subs: &[SubsSpec]) -> Option<Node> {
    match subs {
        [] => None,
        [all] if all.documents == DocumentName::All => Some(list(all.callbacks.clone())),
        each => {
            let entries = each
                .iter()
                .fold(map(), |entries, subs| entries.with(subs.documents.as_str(), list(subs.callbacks.clone())));
            Some(entries.into())
        }
    }
}

/// What is done from outside, as a node.
pub(super) fn outside(spec: &OutsideSpec) -> Node {
    let entries =
        map().with_some("message", spec.message.map(Value::from)).with_some("after_s", spec.after.map(seconds));
    match &spec.act {
        OutsideAct::Set(put) => entries.with("set", puts(put)),
        OutsideAct::Ask(Request::Abort { reason }) if !reason.is_empty() => {
            entries.with("do", "abort").with("reason", reason.as_str())
        }
        OutsideAct::Ask(request) => entries.with("do", word(request)),
        OutsideAct::Suspend { time, justification } => entries
            .with("do", "suspend")
            .with("for_s", seconds(*time))
            .with_some("justification", justification.as_deref()),
    }
    .into()
}

fn puts(puts: &[PutSpec]) -> Entries {
    puts.iter().fold(map(), |entries, put| entries.with(&put.signal.value, put.value.value.clone()))
}

const fn word(request: &Request) -> &'static str {
    match request {
        Request::Pause => "pause",
        Request::DeferredPause => "deferred_pause",
        Request::Resume => "resume",
        Request::Abort { .. } => "abort",
        Request::Stop => "stop",
        Request::Halt => "halt",
    }
}

pub(super) fn pause_action(action: &PauseAction) -> Node {
    match action {
        PauseAction::Ask(Request::Abort { reason }) if !reason.is_empty() => {
            map().with("do", "abort").with("reason", reason.as_str()).into()
        }
        PauseAction::Ask(request) => word(request).into(),
        PauseAction::Call => "call".into(),
        PauseAction::Set(put) => map().with("set", puts(put)).into(),
        PauseAction::Sleep(time) => map().with("sleep", seconds(*time)).into(),
    }
}

/// The list of steps, as a node.
pub(crate) fn steps(steps: &[Step]) -> Node {
    list(steps.iter().map(step).collect())
}

/// A step, as a node.
pub(crate) fn step(step: &Step) -> Node {
    match step {
        Step::Message { command, obj, args, kwargs, run, .. } => map()
            .with("command", text(command))
            .with_some("obj", obj.clone())
            .with_list("args", args.clone())
            .with_named("kwargs", kwargs)
            .with_some("run", run.clone()),
        Step::Plan { name, args, kwargs, .. } => {
            let plan = map().with("name", text(name)).with_list("args", args.clone()).with_named("kwargs", kwargs);
            map().with("plan", plan)
        }
        Step::Span { name, body, .. } => map().with("span", text(name)).with("body", steps(body)),
        Step::Wrap { name, options, body, .. } => {
            let with = |entries: Entries, (key, option): &(Spanned<String>, WrapOption)| {
                entries.with(&key.value, wrap_option(option, takes(&name.value, &key.value)))
            };
            options.iter().fold(map().with("wrap", text(name)), with).with("body", steps(body))
        }
        Step::Repeat { times, body, .. } => map().with("repeat", Value::from(*times)).with("body", steps(body)),
        Step::Until { condition, body, .. } => {
            let condition = map()
                .with("device", condition.device.clone())
                .with("comparison", condition.comparison.as_str())
                .with("value", Value::from(condition.value))
                .with("at_most", Value::from(condition.at_most));
            map().with("until", condition).with("body", steps(body))
        }
        Step::Raise { text, class, .. } => {
            let class = match class {
                RaisedClass::RuntimeError => None,
                RaisedClass::RequestStop => Some("RequestStop"),
                RaisedClass::RequestAbort => Some("RequestAbort"),
            };
            map().with("raise", text.as_str()).with_some("class", class)
        }
        Step::Show { step: shown, .. } => map().with("show", self::step(shown)),
        Step::Catch { body, .. } => map().with("catch", steps(body)),
    }
    .into()
}

/// What an option of a preprocessor takes.
fn takes(name: &str, option: &str) -> Option<Takes> {
    let options = wrapper(name)?.options;
    options.iter().find(|known| known.name == option).map(|known| known.takes)
}

fn wrap_option(option: &WrapOption, takes: Option<Takes>) -> Node {
    match option {
        WrapOption::Value(node) => node.clone(),
        WrapOption::Steps(of_option) => steps(of_option),
        WrapOption::ByCommand(entries) => {
            let with = |map: Entries, (command, of_command): &(Spanned<String>, Vec<Step>)| match of_command.as_slice()
            {
                [message] if takes == Some(Takes::MessageByCommand) => map.with(&command.value, step(message)),
                several => map.with(&command.value, steps(several)),
            };
            entries.iter().fold(map(), with).into()
        }
    }
}
