//! Plan stubs as Rust code.

use crate::program::rust_words::{RustCall, device, devices, rust_value, value};
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
