//! Plans as Rust code.

use crate::program::rust_words::{RustCall, device, rust_value, value};
use crate::value::Value;
use crate::value::yaml::{Node, NodeValue};

/// What is done at each point, where that is said, and the metadata.
fn md(of: &RustCall<'_>) -> Option<String> {
    let made = |name: &str, call: fn(&str) -> String| match of.get(name) {
        Some(node) if !node.is_null() => Some(call(of.plan(name)?)),
        _ => Some(String::new()),
    };
    let per_step = made("per_step", |plan| format!(".per_point({plan})"))?;
    let per_shot = made("per_shot", |plan| format!(".per_shot(move |_| {plan}())"))?;
    let md = match of.get("md") {
        Some(node) if !node.is_null() => format!(".md({})", value(node)?),
        _ => String::new(),
    };
    Some([per_step, per_shot, md].concat())
}

pub(super) fn count(of: &RustCall<'_>) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let num = of.value_or("num", "1")?;
    let delay = of.method("delay", "delay_s")?;
    match num.as_str() {
        "Value::Null" => Some(format!("plans::count({detectors}, 0).forever(){delay}{md}")),
        num => Some(format!("plans::count({detectors}, {num}){delay}{md}")),
    }
}

pub(super) fn fly(of: &RustCall<'_>) -> Option<String> {
    Some(format!("plans::fly({}){}", of.devices("flyers")?, md(of)?))
}

/// The first of some groups of arguments, and `.with(...)` for each of the others.
fn axes(nodes: &[Node], width: usize) -> Option<(String, String)> {
    let axis = |nodes: &[Node]| {
        let (motor, others) = nodes.split_first()?;
        let others = others.iter().map(points_or_value).collect::<Option<Vec<_>>>()?;
        Some(format!("{}, {}", device(motor)?, others.join(", ")))
    };
    let mut all = nodes.chunks(width).map(axis);
    let first = all.next()??;
    let others: String = all.map(|axis| Some(format!(".with({})", axis?))).collect::<Option<_>>()?;
    Some((first, others))
}

/// A value, or a list of them that are of one type.
fn points_or_value(node: &Node) -> Option<String> {
    let NodeValue::Sequence(points) = &node.value else { return value(node) };
    let points = points.iter().map(|point| Some(rust_value(&point.to_value().ok()?))).collect::<Option<Vec<_>>>()?;
    let has_float = points.iter().any(|point| point.contains('.'));
    let points: Vec<String> = match has_float {
        true => {
            points.into_iter().map(|point| if point.contains('.') { point } else { format!("{point}.0") }).collect()
        }
        false => points,
    };
    Some(if points.is_empty() { "Vec::<Value>::new()".to_owned() } else { format!("[{}]", points.join(", ")) })
}

pub(super) fn line(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let (nodes, num) = match (of.get("num"), of.rest()) {
        (Some(num), nodes) if !num.is_null() => (nodes, value(num)?),
        (_, [nodes @ .., num]) => (nodes, value(num)?),
        _ => return None,
    };
    let (first, others) = axes(nodes, 3)?;
    Some(format!("plans::{name}({detectors}, {first}, {num}){others}{md}"))
}

pub(super) fn num_line(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, num, md) = (of.devices("detectors")?, of.value("num")?, md(of)?);
    let (first, others) = axes(of.rest(), 3)?;
    Some(format!("plans::{name}({detectors}, {num}, {first}){others}{md}"))
}

pub(super) fn log(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, motor, md) = (of.devices("detectors")?, of.device("motor")?, md(of)?);
    let (start, stop, num) = (of.value("start")?, of.value("stop")?, of.value("num")?);
    Some(format!("plans::{name}({detectors}, {motor}, {start}, {stop}, {num}){md}"))
}

pub(super) fn lists(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let (first, others) = axes(of.rest(), 2)?;
    let snake = if name.ends_with("grid_scan") { of.method("snake_axes", "snake_axes")? } else { String::new() };
    Some(format!("plans::{name}({detectors}, {first}){others}{snake}{md}"))
}

pub(super) fn grid(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let (first, others) = axes(of.rest(), 4)?;
    let snake = of.method("snake_axes", "snake_axes")?;
    Some(format!("plans::{name}({detectors}, {first}){others}{snake}{md}"))
}

pub(super) fn x2x(of: &RustCall<'_>) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let (one, two) = (of.device("motor1")?, of.device("motor2")?);
    let (start, stop, num) = (of.value("start")?, of.value("stop")?, of.value("num")?);
    Some(format!("plans::x2x_scan({detectors}, {one}, {two}, {start}, {stop}, {num}){md}"))
}

pub(super) fn scan_nd(of: &RustCall<'_>) -> Option<String> {
    let (detectors, md) = (of.devices("detectors")?, md(of)?);
    let NodeValue::Sequence(parts) = &of.get("cycler")?.value else { return None };
    let [motor, points] = parts.as_slice() else { return None };
    let (motor, points) = (device(motor)?, points_or_value(points)?);
    Some(format!("plans::scan_nd({detectors}, skyspan::plan::patterns::cycler({motor}, {points})){md}"))
}

pub(super) fn adaptive(of: &RustCall<'_>, name: &str) -> Option<String> {
    let (detectors, motor, md) = (of.devices("detectors")?, of.device("motor")?, md(of)?);
    let number = |name| of.value(name);
    let (start, stop) = (number("start")?, number("stop")?);
    let (least, most, delta) = (number("min_step")?, number("max_step")?, number("target_delta")?);
    let (field, backstep) = (number("target_field")?, number("backstep")?);
    let threshold = of.method("threshold", "threshold")?;
    Some(format!(
        "plans::{name}({detectors}, {field}, {motor}, ({start}, {stop}), ({least}, {most}), {delta})\
         .backstep({backstep}){threshold}{md}"
    ))
}

pub(super) fn tune(of: &RustCall<'_>) -> Option<String> {
    let (detectors, motor, md) = (of.devices("detectors")?, of.device("motor")?, md(of)?);
    let (signal, start, stop) = (of.value("signal")?, of.value("start")?, of.value("stop")?);
    let least = of.value("min_step")?;
    let others = [of.method("num", "num")?, of.method("step_factor", "step_factor")?, of.method("snake", "snake")?];
    Some(format!(
        "plans::tune_centroid({detectors}, {signal}, {motor}, ({start}, {stop}), {least}){}{md}",
        others.concat()
    ))
}

fn around(of: &RustCall<'_>) -> Option<(String, String)> {
    Some((of.devices("detectors")?, format!("({}, {})", of.device("x_motor")?, of.device("y_motor")?)))
}

fn pair(of: &RustCall<'_>, x: &str, y: &str) -> Option<String> {
    Some(format!("({}, {})", of.value(x)?, of.value(y)?))
}

fn shape(of: &RustCall<'_>) -> Option<String> {
    Some([of.method("dr_y", "dr_y")?, of.method("tilt", "tilt")?, md(of)?].concat())
}

pub(super) fn spiral(of: &RustCall<'_>, name: &str, last: &str) -> Option<String> {
    let (detectors, motors) = around(of)?;
    let (start, range) = (pair(of, "x_start", "y_start")?, pair(of, "x_range", "y_range")?);
    let (dr, last, shape) = (of.value("dr")?, of.value(last)?, shape(of)?);
    Some(format!("plans::{name}({detectors}, {motors}, {start}, {range}, {dr}, {last}){shape}"))
}

pub(super) fn rel_spiral(of: &RustCall<'_>, name: &str, last: &str) -> Option<String> {
    let (detectors, motors) = around(of)?;
    let range = pair(of, "x_range", "y_range")?;
    let (dr, last, shape) = (of.value("dr")?, of.value(last)?, shape(of)?);
    Some(format!("plans::{name}({detectors}, {motors}, {range}, {dr}, {last}){shape}"))
}

pub(super) fn square(of: &RustCall<'_>) -> Option<String> {
    let (detectors, motors) = around(of)?;
    let (center, range) = (pair(of, "x_center", "y_center")?, pair(of, "x_range", "y_range")?);
    let (nums, md) = (pair(of, "x_num", "y_num")?, md(of)?);
    Some(format!("plans::spiral_square({detectors}, {motors}, {center}, {range}, {nums}){md}"))
}

pub(super) fn rel_square(of: &RustCall<'_>) -> Option<String> {
    let (detectors, motors) = around(of)?;
    let (range, nums, md) = (pair(of, "x_range", "y_range")?, pair(of, "x_num", "y_num")?, md(of)?);
    Some(format!("plans::rel_spiral_square({detectors}, {motors}, {range}, {nums}){md}"))
}

pub(super) fn ramp(of: &RustCall<'_>) -> Option<String> {
    let (go, monitored, inner) =
        (of.makes_plan("go_plan")?, of.device("monitor_sig")?, of.makes_plan("inner_plan_func")?);
    let pre = of.method("take_pre_data", "take_pre_data")?;
    let seconds = |name: &str, method: &str| match of.get(name) {
        Some(node) if !node.is_null() => {
            Some(format!(".{method}({})", rust_value(&Value::Float(node.to_value().ok()?.as_f64()?))))
        }
        _ => Some(String::new()),
    };
    let (timeout, period) = (seconds("timeout", "timeout_s")?, seconds("period", "period_s")?);
    Some(format!("plans::ramp_plan({go}, {monitored}, {inner}){pre}{timeout}{period}{}", md(of)?))
}

pub(super) fn tweak(of: &RustCall<'_>) -> Option<String> {
    let (detector, motor) = (of.device("detector")?, of.device("motor")?);
    let (field, step) = (of.value("target_field")?, of.value("step")?);
    Some(format!("plans::tweak({detector}, {field}, {motor}, {step}){}", md(of)?))
}
