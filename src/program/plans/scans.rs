//! The plans along lines and lists of points, with the arguments that they have in bluesky.

use std::sync::Arc;

use crate::device::Device;
use crate::message::PlanError;
use crate::plan::patterns::{Cycler, cycler};
use crate::plan::plans::{ListScan, LogScan, Pattern, Scan, StepScan};
use crate::plan::preprocessors::reset_positions_wrapper;
use crate::plan::{Plan, plan, plans};
use crate::program::call::{Call, Make, number as limit};
use crate::program::op::Body;
use crate::program::scope::Scope;
use crate::value::yaml::{Node, NodeValue, YamlError};
use crate::value::{Map, Value};

/// The same, with these steps at each point: the motors are moved as they would be, and the steps are done instead of the event
/// with all of them.
pub(super) fn stepped<P: Pattern>(scan: StepScan<P>, steps: Option<&Body>) -> StepScan<P> {
    match steps.cloned() {
        Some(steps) => scan.per_point(move || steps.plan()),
        None => scan,
    }
}

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
    per_step: Option<Body>,
    md: Map,
}

impl Line {
    fn read(call: &Call<'_>, detectors: &Node, axes: &[Node], num: &Node) -> Result<Self, YamlError> {
        let detectors = call.scope.devices(detectors)?;
        let num = num.expect_count("the number of points, a whole number from 0 on")?;
        let mut trajectories = Vec::new();
        for axis in axes.chunks(3) {
            let [motor, start, stop] = axis else {
                let name = &call.name.value;
                return Err(axis[0].unexpected(format!("a motor, a start and a stop for each axis of {name}")));
            };
            let motor = call.scope.device(motor)?;
            trajectories.push((motor, limit(start, "the number where the scan starts")?, limit(stop, STOP)?));
        }
        let (per_step, md) = (call.some_body("per_step")?, call.md()?);
        let mut trajectories = trajectories.into_iter();
        let Some(first) = trajectories.next() else {
            let expected = format!("a motor, a start and a stop for {}", call.name.value);
            return Err(YamlError::new(call.name.position, expected, "none"));
        };
        Ok(Self { detectors, first, others: trajectories.collect(), num, per_step, md })
    }

    fn make(self, make: MakeScan) -> Make {
        Arc::new(move || {
            let (motor, start, stop) = &self.first;
            let scan = make(self.detectors.clone(), self.num, motor, start.clone(), stop.clone()).md(self.md.clone());
            let with = |scan: Scan, (motor, start, stop): &Axis| scan.with(motor, start.clone(), stop.clone());
            stepped(self.others.iter().fold(scan, with), self.per_step.as_ref()).into()
        })
    }
}

const STOP: &str = "the number where the scan stops";

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
    let name = &call.name.value;
    let [detectors, axes @ ..] = call.args else {
        call.required("detectors")?;
        return Err(YamlError::new(call.name.position, format!("detectors, motors and points of {name}"), "nothing"));
    };
    match (call.given("num"), axes) {
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
    let (detectors, num) = (call.required("detectors")?, call.required("num")?);
    Line::read(call, detectors, call.rest(), num)
}

pub(super) fn x2x_scan(call: &Call<'_>) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let motor1 = call.device("motor1")?;
    let motor2 = call.device("motor2")?;
    let (start, stop) = (call.number("start")?, call.number("stop")?);
    let num = call.count("num")?;
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    Ok(Arc::new(move || {
        let scan = plans::x2x_scan(&detectors, &motor1, &motor2, start.clone(), stop.clone(), num);
        stepped(scan, per_step.as_ref()).md(md.clone()).into()
    }))
}

pub(super) fn log_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Value, Value, u64) -> LogScan,
) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let motor = call.device("motor")?;
    let (start, stop, num) = (call.number("start")?, call.number("stop")?, call.count("num")?);
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    Ok(Arc::new(move || {
        let scan = make(detectors.clone(), &motor, start.clone(), stop.clone(), num);
        stepped(scan, per_step.as_ref()).md(md.clone()).into()
    }))
}

pub(super) fn list_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Vec<Value>) -> ListScan,
) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let ((motor, points), others) = lists(call)?;
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    Ok(Arc::new(move || {
        let scan = stepped(make(detectors.clone(), &motor, points.clone()), per_step.as_ref()).md(md.clone());
        others.iter().fold(scan, |scan, (motor, points)| scan.with(motor, points.clone())).into()
    }))
}

/// A motor with its points.
pub(super) type List = (Device, Vec<Value>);

/// The lists behind the detectors: the first, and the others.
pub(super) fn lists(call: &Call<'_>) -> Result<(List, Vec<List>), YamlError> {
    let name = &call.name.value;
    let mut lists = Vec::new();
    for pair in call.rest().chunks(2) {
        let [motor, points] = pair else {
            return Err(pair[0].unexpected(format!("a motor and a list of its points, in pairs, for {name}")));
        };
        lists.push((call.scope.device(motor)?, values(points, call.scope)?));
    }
    let mut lists = lists.into_iter();
    match lists.next() {
        Some(first) => Ok((first, lists.collect())),
        None => Err(YamlError::new(call.name.position, format!("a motor and its points for {name}"), "none")),
    }
}

fn values(node: &Node, scope: &Scope) -> Result<Vec<Value>, YamlError> {
    node.expect_list("a list of points")?.iter().map(|node| scope.value(node)).collect()
}

pub(super) fn scan_nd(call: &Call<'_>) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let cycler = read_cycler(call.required("cycler")?, call.scope)?;
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    Ok(Arc::new(move || match cycler.clone() {
        Ok(cycler) => stepped(plans::scan_nd(&detectors, cycler), per_step.as_ref()).md(md.clone()).into(),
        Err(error) => plan(async move |_| Err::<(), _>(error)),
    }))
}

/// How two cyclers are put together.
type Together = fn(Cycler, Cycler) -> Result<Cycler, PlanError>;

/// A list of a motor and its points, or a map with `cycler`, a list of such, and `op`, how they are put together. What
/// does not go together is an error of the plan.
fn read_cycler(node: &Node, scope: &Scope) -> Result<Result<Cycler, PlanError>, YamlError> {
    let NodeValue::Mapping(entries) = &node.value else {
        let [motor, points] = node.expect_list("a motor and its points, or a cycler")? else {
            return Err(node.unexpected("a motor and its points, or a cycler"));
        };
        return Ok(Ok(cycler(&scope.device(motor)?, values(points, scope)?)));
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
    let mut all = read_cycler(first, scope)?;
    for part in others {
        let part = read_cycler(part, scope)?;
        all = all.and_then(|all| op(all, part?));
    }
    Ok(all)
}
