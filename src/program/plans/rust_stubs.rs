//! Plan stubs as Rust code.

use crate::program::rust_words::{self, RustCall, device, devices, rust_value, subscribed, value, variable};
use crate::value::Value;
use crate::value::yaml::{Node, NodeValue};

/// A stub without arguments.
pub(super) fn bare(_: &RustCall<'_>, stub: &str) -> Option<String> {
    Some(format!("p.{stub}()"))
}

/// A stub of one device.
pub(super) fn of_device(of: &RustCall<'_>, stub: &str) -> Option<String> {
    Some(format!("p.{stub}({})", of.device("obj")?))
}

/// A stub of devices by reference in a slice.
pub(super) fn all_devices(of: &RustCall<'_>, stub: &str) -> Option<String> {
    Some(format!("p.{stub}(&{})", handles(of.rest())?))
}

/// Devices as handles of their own.
fn handles(nodes: &[Node]) -> Option<String> {
    let handle = |node: &Node| Some(format!("{}.clone()", device(node)?.trim_start_matches('&')));
    Some(format!("[{}]", nodes.iter().map(handle).collect::<Option<Vec<_>>>()?.join(", ")))
}

fn listed(of: &RustCall<'_>, name: &str) -> Option<String> {
    match &of.get(name)?.value {
        NodeValue::Sequence(nodes) => handles(nodes),
        _ => None,
    }
}

/// Where motors go, by motor.
fn positions(of: &RustCall<'_>, name: &str) -> Option<String> {
    let NodeValue::Mapping(entries) = &of.get(name)?.value else { return None };
    let position = |(motor, position): &(Node, Node)| {
        Some(format!("({}.clone(), {}.into())", device(motor)?.trim_start_matches('&'), value(position)?))
    };
    Some(entries.iter().map(position).collect::<Option<Vec<_>>>()?.join(", "))
}

pub(super) fn abs_set(of: &RustCall<'_>) -> Option<String> {
    let (obj, [to]) = (of.device("obj")?, of.rest()) else { return None };
    let to = value(to)?;
    match of.get("group") {
        Some(group) if !group.is_null() => Some(format!("p.abs_set_in({obj}, {to}, {})", value(group)?)),
        _ => Some(format!("p.abs_set({obj}, {to})")),
    }
}

pub(super) fn broadcast(of: &RustCall<'_>) -> Option<String> {
    let (command, objs) = (of.value("command")?, listed(of, "objs")?);
    of.rest().is_empty().then(|| format!("p.broadcast_msg({command}, &{objs}, &[], &[])"))
}

pub(super) fn close_run(of: &RustCall<'_>) -> Option<String> {
    let of_keyword = |name| of.value_or(name, "Value::Null");
    match (of_keyword("exit_status")?, of_keyword("reason")?) {
        (status, reason) if status == "Value::Null" && reason == "Value::Null" => Some("p.close_run()".to_owned()),
        (status, reason) => Some(format!("p.close_run_as({status}, {reason})")),
    }
}

pub(super) fn collect(of: &RustCall<'_>) -> Option<String> {
    let all: Vec<Node> = of.get("obj").into_iter().chain(of.rest()).cloned().collect();
    Some(format!("p.collect({}, None)", devices(&all)?))
}

pub(super) fn configure(of: &RustCall<'_>) -> Option<String> {
    let (obj, [values]) = (of.device("obj")?, of.rest()) else { return None };
    Some(format!("p.configure({obj}, {})", value(values)?))
}

pub(super) fn create(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.create({})", of.value_or("name", "\"primary\"")?))
}

pub(super) fn declare_stream(of: &RustCall<'_>) -> Option<String> {
    let (objs, name) = (devices(of.rest())?, of.value("name")?);
    match of.value_or("collect", "false")?.as_str() {
        "true" => Some(format!("p.declare_stream_to_collect({objs}, {name})")),
        _ => Some(format!("p.declare_stream({objs}, {name})")),
    }
}

pub(super) fn in_group(of: &RustCall<'_>, stub: &str) -> Option<String> {
    Some(format!("p.{stub}({}, {})", of.device("obj")?, of.value_or("group", "Value::Null")?))
}

pub(super) fn monitor(of: &RustCall<'_>) -> Option<String> {
    let obj = of.device("obj")?;
    Some(match of.get("name") {
        Some(name) => format!("p.monitor({obj}, {})", value(name)?),
        None => format!("p.msg(GenericMsg::new(\"monitor\").about({obj}).kwarg(\"name\", Value::Null))"),
    })
}

/// Devices that are begun or ended together, and a wait for them where there is one unless one says otherwise, or where one says so.
fn all_in_group(of: &RustCall<'_>, stub: &str, waits: bool) -> Option<String> {
    let (flyers, group) = (devices(of.rest())?, of.value_or("group", "Value::Null")?);
    let wait = of.get("wait").map_or(Ok(waits), |node| node.expect_bool("")).ok()?;
    match (wait, group.as_str()) {
        (false, _) => Some(format!("p.{stub}({flyers}, {group})")),
        // Nobody else knows a group of its own.
        (true, "Value::Null") => None,
        (true, _) => Some(format!("p.{stub}({flyers}, {group}).await?; p.wait({group})")),
    }
}

pub(super) fn kickoff_all(of: &RustCall<'_>) -> Option<String> {
    if of.get("group").is_none_or(Node::is_null) && of.get("wait").is_none_or(|node| node.expect_bool("") == Ok(true)) {
        return Some(format!("p.kickoff_all({})", devices(of.rest())?));
    }
    all_in_group(of, "kickoff_all_in", true)
}

pub(super) fn complete_all(of: &RustCall<'_>) -> Option<String> {
    all_in_group(of, "complete_all", false)
}

pub(super) fn collect_while_completing(of: &RustCall<'_>) -> Option<String> {
    let (flyers, dets) = (of.devices("flyers")?, of.devices("dets")?);
    let with_period = match of.get("flush_period") {
        Some(node) if !node.is_null() => format!("flush_period_s: Some({}), ", seconds(node)?),
        _ => String::new(),
    };
    let with_stream = match of.get("stream_name") {
        Some(node) if !node.is_null() => format!("stream_name: Some({:?}.into()), ", node.as_str()?),
        _ => String::new(),
    };
    let options = format!("skyspan::plan::CollectWhile {{ {with_period}{with_stream}..Default::default() }}");
    Some(format!("p.collect_while_completing({flyers}, {dets}, {options})"))
}

/// A number of seconds as one that Rust takes for a float.
fn seconds(node: &Node) -> Option<String> {
    Some(rust_value(&Value::Float(node.to_value().ok()?.as_f64()?)))
}

pub(super) fn input_plan(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.input({})", of.value_or("prompt", "\"\"")?))
}

pub(super) fn locate(of: &RustCall<'_>) -> Option<String> {
    let squeeze = of.get("squeeze").map_or(Ok(true), |node| node.expect_bool("")).ok()?;
    match (of.rest(), squeeze) {
        ([obj], true) => Some(format!("p.locate({})", device(obj)?)),
        (objs, false) => Some(format!("p.locate_all(&{})", handles(objs)?)),
        _ => None,
    }
}

pub(super) fn prepare(of: &RustCall<'_>) -> Option<String> {
    let (obj, [to]) = (of.device("obj")?, of.rest()) else { return None };
    Some(format!("p.prepare_in({obj}, {}, {})", value(to)?, of.value_or("group", "Value::Null")?))
}

pub(super) fn rel_set(of: &RustCall<'_>) -> Option<String> {
    let (obj, [by]) = (of.device("obj")?, of.rest()) else { return None };
    let by = value(by)?;
    let waits = of.get("wait").map_or(Ok(false), |node| node.expect_bool("")).ok()?;
    let (stub, group) = (if waits { "rel_set_and_wait" } else { "rel_set_in" }, of.value_or("group", "Value::Null")?);
    Some(format!("p.{stub}({obj}, {by}, {group})"))
}

/// How often: `Some(3)`, or `None` for ever.
fn times(of: &RustCall<'_>, name: &str, otherwise: &str) -> Option<String> {
    match of.get(name) {
        None => Some(otherwise.to_owned()),
        Some(node) if node.is_null() => Some("None".to_owned()),
        Some(node) => Some(format!("Some({})", node.expect_count("").ok()?)),
    }
}

pub(super) fn repeat(of: &RustCall<'_>) -> Option<String> {
    let (num, delay) = (times(of, "num", "Some(1)")?, of.value_or("delay", "0.0")?);
    let inner = of.makes_plan("plan")?;
    Some(format!("p.repeat({num}, &Value::from({delay}), || async {{ p.run({inner}()).await.map(drop) }})"))
}

pub(super) fn repeater(of: &RustCall<'_>) -> Option<String> {
    let (num, inner) = (times(of, "n", "None")?, of.makes_plan("gen_func")?);
    Some(format!("p.repeater({num}, || async {{ p.run({inner}()).await.map(drop) }})"))
}

pub(super) fn caching_repeater(of: &RustCall<'_>) -> Option<String> {
    let (num, inner) = (times(of, "n", "None")?, of.makes_plan("plan")?);
    Some(format!("p.caching_repeater({num}, {inner}())"))
}

pub(super) fn wait_for(of: &RustCall<'_>) -> Option<String> {
    let NodeValue::Sequence(nodes) = &of.get("futures")?.value else { return None };
    let awaited = |node: &Node| {
        let NodeValue::Mapping(entries) = &node.value else { return None };
        match &**entries {
            [(key, time)] if key.as_str() == Some("sleep") => {
                Some(format!("skyspan::message::Awaitable::after(&p.env().clock, secs({}))", seconds(time)?))
            }
            _ => None,
        }
    };
    let all = nodes.iter().map(awaited).collect::<Option<Vec<_>>>()?.join(", ");
    Some(format!("p.wait_for([{all}])"))
}

pub(super) fn moved(of: &RustCall<'_>, stub: &str) -> Option<String> {
    match of.rest() {
        [obj, to] => Some(format!("p.{stub}({}, {})", device(obj)?, value(to)?)),
        pairs => {
            let pair = |pair: &[Node]| match pair {
                [obj, to] => Some(format!("({}, Value::from({}))", device(obj)?, value(to)?)),
                _ => None,
            };
            Some(format!("p.{stub}_all([{}])", pairs.chunks(2).map(pair).collect::<Option<Vec<_>>>()?.join(", ")))
        }
    }
}

pub(super) fn move_per_step(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.move_per_step(&[{}], &mut vec![{}])", positions(of, "step")?, positions(of, "pos_cache")?))
}

pub(super) fn one_1d_step(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.one_1d_step(&{}, {}, {})", listed(of, "detectors")?, of.device("motor")?, of.value("step")?))
}

pub(super) fn one_nd_step(of: &RustCall<'_>) -> Option<String> {
    let (step, positions) = (positions(of, "step")?, positions(of, "pos_cache")?);
    Some(format!("p.one_nd_step(&{}, &[{step}], &mut vec![{positions}])", listed(of, "detectors")?))
}

pub(super) fn one_shot(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.one_shot(&{})", listed(of, "detectors")?))
}

pub(super) fn open_run(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.open_run({})", of.map("md")?))
}

pub(super) fn rd(of: &RustCall<'_>) -> Option<String> {
    of_device(of, "rd")
}

pub(super) fn sleep(of: &RustCall<'_>) -> Option<String> {
    let time = of.get("time")?.to_value().ok()?.as_f64()?;
    Some(format!("p.sleep({})", rust_value(&Value::Float(time))))
}

pub(super) fn subscribe(of: &RustCall<'_>) -> Option<String> {
    let (documents, callback) = (of.get("name")?, of.get("func")?);
    subscribed(callback, documents)
}

pub(super) fn unsubscribe(of: &RustCall<'_>) -> Option<String> {
    // The stub of bluesky has the token by its name.
    let token = format!("{}.token()", variable(of.get("token")?.as_str()?));
    Some(format!("p.msg(GenericMsg::new(\"unsubscribe\").kwarg(\"token\", {token}))"))
}

pub(super) fn suspender(of: &RustCall<'_>, stub: &str) -> Option<String> {
    rust_words::suspender(stub, of.get("suspender")?)
}

pub(super) fn trigger(of: &RustCall<'_>) -> Option<String> {
    in_group(of, "trigger")
}

pub(super) fn trigger_and_read(of: &RustCall<'_>) -> Option<String> {
    Some(format!("p.trigger_and_read({}, {})", of.devices("devices")?, of.value_or("name", "\"primary\"")?))
}

pub(super) fn wait(of: &RustCall<'_>) -> Option<String> {
    let usual = |name, usual: &Value| match of.get(name) {
        None => true,
        Some(node) => node.to_value().as_ref() == Ok(usual),
    };
    let group = of.value_or("group", "Value::Null")?;
    let is_usual = usual("timeout", &Value::Null)
        && usual("error_on_timeout", &Value::Bool(true))
        && usual("watch", &Value::from(Vec::<Value>::new()));
    is_usual.then(|| format!("p.wait({group})"))
}
