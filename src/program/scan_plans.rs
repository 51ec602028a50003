//! The plans along lines and lists of points, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::bench::Bench;
use super::call::Call;
use super::named_plans::{Make, md, no_hook};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::patterns::{Cycler, cycler};
use crate::plan::plans::{ListScan, LogScan, Scan};
use crate::plan::preprocessors::reset_positions_wrapper;
use crate::plan::{Plan, plan, plans};
use crate::value::yaml::{Node, NodeValue, YamlError};
use crate::value::{Map, Value};

/// A motor with its start and its stop.
type Axis = (Device, Value, Value);

/// What makes a scan along one line: of the detectors, the number of points, the first motor, its start and its stop.
type MakeScan = fn(Vec<Device>, u64, &Device, Value, Value) -> Scan;

/// The arguments of a scan along one line.
struct Line {
    detectors: Vec<Device>,
    first: Axis,
    others: Vec<Axis>,
    num: u64,
    md: Map,
}

impl Line {
    fn read(call: &Call<'_>, detectors: &Node, axes: &[Node], num: &Node) -> Result<Self, YamlError> {
        let detectors = call.bench.devices(detectors)?;
        let num = num.expect_count("the number of points, a whole number from 0 on")?;
        let mut trajectories = Vec::new();
        for axis in axes.chunks(3) {
            let [motor, start, stop] = axis else {
                let name = &call.name.value;
                return Err(axis[0].unexpected(format!("a motor, a start and a stop for each axis of {name}")));
            };
            let motor = call.bench.device(motor)?;
            trajectories.push((motor, limit(start, "the number where the scan starts")?, limit(stop, STOP)?));
        }
        let md = md(call, None)?;
        let mut trajectories = trajectories.into_iter();
        let Some(first) = trajectories.next() else {
            let expected = format!("a motor, a start and a stop for {}", call.name.value);
            return Err(YamlError::new(call.name.position, expected, "none"));
        };
        Ok(Self { detectors, first, others: trajectories.collect(), num, md })
    }

    fn make(self, make: MakeScan) -> Make {
        Arc::new(move || {
            let (motor, start, stop) = &self.first;
            let scan = make(self.detectors.clone(), self.num, motor, start.clone(), stop.clone()).md(self.md.clone());
            let with = |scan: Scan, (motor, start, stop): &Axis| scan.with(motor, start.clone(), stop.clone());
            self.others.iter().fold(scan, with).into()
        })
    }
}

const STOP: &str = "the number where the scan stops";

fn limit(node: &Node, what: &str) -> Result<Value, YamlError> {
    node.expect_number(what)?;
    node.to_value()
}

pub(super) fn scan(call: &Call<'_>) -> Result<Make, YamlError> {
    let (line, num_by_keyword) = line_then_num(call)?;
    if num_by_keyword && line.num == 0 {
        return Ok(Arc::new(no_points_by_keyword));
    }
    Ok(line.make(|detectors, num, motor, start, stop| plans::scan(detectors, motor, start, stop, num)))
}

pub(super) fn rel_scan(call: &Call<'_>) -> Result<Make, YamlError> {
    let (line, num_by_keyword) = line_then_num(call)?;
    if num_by_keyword && line.num == 0 {
        return Ok(Arc::new(|| reset_positions_wrapper(no_points_by_keyword(), None)));
    }
    Ok(line.make(|detectors, num, motor, start, stop| plans::rel_scan(detectors, motor, start, stop, num)))
}

/// bluesky looks at a number of points only where it is given by keyword.
fn no_points_by_keyword() -> Plan {
    plan(async |_| {
        let message = "The parameter `num` is expected to be a number of steps (not step size!) It must therefore be a \
                       whole number. The given value was 0.";
        Err::<(), _>(PlanError::value(message))
    })
}

/// The arguments of `scan`, and whether the number of points was given by keyword.
fn line_then_num(call: &Call<'_>) -> Result<(Line, bool), YamlError> {
    call.expect_keywords(&["num", "per_step", "md"])?;
    no_hook(call, "per_step")?;
    let name = &call.name.value;
    let [detectors, axes @ ..] = call.args else {
        call.required(Some(0), "detectors")?;
        return Err(YamlError::new(call.name.position, format!("detectors, motors and points of {name}"), "nothing"));
    };
    match (call.get(None, "num").filter(|node| !node.is_null()), axes) {
        (Some(num), axes) => Ok((Line::read(call, detectors, axes, num)?, true)),
        (None, [axes @ .., num]) if axes.len() % 3 == 0 => Ok((Line::read(call, detectors, axes, num)?, false)),
        (None, _) => Err(YamlError::new(
            call.name.position,
            format!("the number of points of {name}, as the last argument by position or as `num`"),
            "none",
        )),
    }
}

pub(super) fn inner_product_scan(call: &Call<'_>) -> Result<Make, YamlError> {
    Ok(num_then_line(call)?.make(plans::inner_product_scan))
}

pub(super) fn relative_inner_product_scan(call: &Call<'_>) -> Result<Make, YamlError> {
    Ok(num_then_line(call)?.make(plans::relative_inner_product_scan))
}

fn num_then_line(call: &Call<'_>) -> Result<Line, YamlError> {
    call.expect_keywords(&["per_step", "md"])?;
    no_hook(call, "per_step")?;
    let (detectors, num) = (call.required(Some(0), "detectors")?, call.required(Some(1), "num")?);
    Line::read(call, detectors, call.args.get(2..).unwrap_or_default(), num)
}

pub(super) fn x2x_scan(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detectors", "motor1", "motor2", "start", "stop", "num"], &["per_step", "md"])?;
    no_hook(call, "per_step")?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let motor1 = call.bench.device(call.required(Some(1), "motor1")?)?;
    let motor2 = call.bench.device(call.required(Some(2), "motor2")?)?;
    let (start, stop) = (number(call, 3, "start")?, number(call, 4, "stop")?);
    let num = count(call, 5, "num")?;
    let md = md(call, None)?;
    Ok(Arc::new(move || {
        plans::x2x_scan(&detectors, &motor1, &motor2, start.clone(), stop.clone(), num).md(md.clone()).into()
    }))
}

pub(super) fn log_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Value, Value, u64) -> LogScan,
) -> Result<Make, YamlError> {
    call.expect(&["detectors", "motor", "start", "stop", "num"], &["per_step", "md"])?;
    no_hook(call, "per_step")?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let motor = call.bench.device(call.required(Some(1), "motor")?)?;
    let (start, stop, num) = (number(call, 2, "start")?, number(call, 3, "stop")?, count(call, 4, "num")?);
    let md = md(call, None)?;
    Ok(Arc::new(move || make(detectors.clone(), &motor, start.clone(), stop.clone(), num).md(md.clone()).into()))
}

pub(super) fn list_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Vec<Value>) -> ListScan,
) -> Result<Make, YamlError> {
    call.expect_keywords(&["per_step", "md"])?;
    no_hook(call, "per_step")?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let ((motor, points), others) = lists(call)?;
    let md = md(call, None)?;
    Ok(Arc::new(move || {
        let scan = make(detectors.clone(), &motor, points.clone()).md(md.clone());
        others.iter().fold(scan, |scan, (motor, points)| scan.with(motor, points.clone())).into()
    }))
}

/// A motor with its points.
pub(super) type List = (Device, Vec<Value>);

/// The lists behind the detectors: the first, and the others.
pub(super) fn lists(call: &Call<'_>) -> Result<(List, Vec<List>), YamlError> {
    let name = &call.name.value;
    let mut lists = Vec::new();
    for pair in call.args.get(1..).unwrap_or_default().chunks(2) {
        let [motor, points] = pair else {
            return Err(pair[0].unexpected(format!("a motor and a list of its points, in pairs, for {name}")));
        };
        lists.push((call.bench.device(motor)?, values(points, call.bench)?));
    }
    let mut lists = lists.into_iter();
    match lists.next() {
        Some(first) => Ok((first, lists.collect())),
        None => Err(YamlError::new(call.name.position, format!("a motor and its points for {name}"), "none")),
    }
}

fn values(node: &Node, bench: &Bench) -> Result<Vec<Value>, YamlError> {
    node.expect_list("a list of points")?.iter().map(|node| bench.value(node)).collect()
}

pub(super) fn scan_nd(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detectors", "cycler"], &["per_step", "md"])?;
    no_hook(call, "per_step")?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let cycler = read_cycler(call.required(Some(1), "cycler")?, call.bench)?;
    let md = md(call, None)?;
    Ok(Arc::new(move || match cycler.clone() {
        Ok(cycler) => plans::scan_nd(&detectors, cycler).md(md.clone()).into(),
        Err(error) => plan(async move |_| Err::<(), _>(error)),
    }))
}

/// How two cyclers are put together.
type Together = fn(Cycler, Cycler) -> Result<Cycler, PlanError>;

/// A list of a motor and its points, or a map with `cycler`, a list of such, and `op`, how they are put together. What
/// does not go together is an error of the plan.
fn read_cycler(node: &Node, bench: &Bench) -> Result<Result<Cycler, PlanError>, YamlError> {
    let NodeValue::Mapping(entries) = &node.value else {
        let [motor, points] = node.expect_list("a motor and its points, or a cycler")? else {
            return Err(node.unexpected("a motor and its points, or a cycler"));
        };
        return Ok(Ok(cycler(&bench.device(motor)?, values(points, bench)?)));
    };
    let (mut parts, mut op): (Option<&[Node]>, Together) = (None, Cycler::plus);
    for (key, value) in entries {
        match (key.as_str(), value.as_str()) {
            (Some("cycler"), _) => parts = Some(value.expect_list("a list of motors with their points")?),
            (Some("op"), Some("sum")) => op = Cycler::plus,
            (Some("op"), Some("product")) => op = Cycler::times,
            (Some("op"), _) => return Err(value.unexpected("`sum` or `product`")),
            _ => return Err(key.unexpected("`cycler` or `op`, of a cycler")),
        }
    }
    let Some([first, others @ ..]) = parts else {
        return Err(node.unexpected("`cycler`, a list of motors with their points, of which there is at least one"));
    };
    let mut all = read_cycler(first, bench)?;
    for part in others {
        let part = read_cycler(part, bench)?;
        all = all.and_then(|all| op(all, part?));
    }
    Ok(all)
}

/// A number, as it was written.
pub(super) fn number(call: &Call<'_>, at: usize, name: &str) -> Result<Value, YamlError> {
    limit(call.required(Some(at), name)?, &format!("a number as `{name}`"))
}

/// A whole number from 0 on.
pub(super) fn count(call: &Call<'_>, at: usize, name: &str) -> Result<u64, YamlError> {
    call.required(Some(at), name)?.expect_count(&format!("a whole number from 0 on as `{name}`"))
}
