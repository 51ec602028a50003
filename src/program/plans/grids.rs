//! The plans over meshes, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::scans::{lists, stepped};
use crate::device::Device;
use crate::plan::patterns::SnakeAxes;
use crate::plan::plans::{GridScan, ListGridScan};
use crate::program::call::{Call, Make};
use crate::value::Value;
use crate::value::yaml::{Node, YamlError};

/// A motor with its start, its stop and the number of its points, and what is said of whether it snakes.
struct Axis<'a> {
    motor: Device,
    start: Value,
    stop: Value,
    num: u64,
    snake: Option<&'a Node>,
}

impl<'a> Axis<'a> {
    fn read(call: &Call<'_>, nodes: [&Node; 4], snake: Option<&'a Node>) -> Result<Self, YamlError> {
        let [motor, start, stop, num] = nodes;
        start.expect_number("the number where the axis starts")?;
        stop.expect_number("the number where the axis stops")?;
        Ok(Self {
            motor: call.scope.device(motor)?,
            start: start.to_value()?,
            stop: stop.to_value()?,
            num: num.expect_count("the number of points of the axis, a whole number from 0 on")?,
            snake,
        })
    }
}

/// The axes of a grid: of four arguments each, or with a fifth for each but the first, whether it snakes
/// (`bluesky.plan_patterns.classify_outer_product_args_pattern`). Where both go, it counts where the devices are.
fn axes<'a>(call: &Call<'_>, args: &'a [Node]) -> Result<Vec<Axis<'a>>, YamlError> {
    let is_device = |at: usize| args.get(at).is_some_and(|node| call.scope.device(node).is_ok());
    let in_fours = !args.is_empty() && args.len().is_multiple_of(4);
    let in_fives = args.len() > 4 && (args.len() - 4).is_multiple_of(5);
    if in_fours && (!in_fives || (0..args.len()).step_by(4).all(is_device)) {
        let of = |nodes: &'a [Node]| Axis::read(call, [&nodes[0], &nodes[1], &nodes[2], &nodes[3]], None);
        return args.chunks_exact(4).map(of).collect();
    }
    if in_fives {
        let (first, others) = args.split_at(4);
        let mut axes = vec![Axis::read(call, [&first[0], &first[1], &first[2], &first[3]], None)?];
        for nodes in others.chunks_exact(5) {
            axes.push(Axis::read(call, [&nodes[0], &nodes[1], &nodes[2], &nodes[3]], Some(&nodes[4]))?);
        }
        return Ok(axes);
    }
    let expected = format!("a motor, a start, a stop and a number of points for each axis of {}", call.name.value);
    let found = format!("{} arguments behind the detectors", args.len());
    Err(YamlError::new(call.name.position, expected, found))
}

/// True, false, or a list of motors.
fn snake_axes(call: &Call<'_>, node: &Node) -> Result<SnakeAxes, YamlError> {
    match node.expect_list("") {
        Ok(_) => Ok(call.scope.devices(node)?.into()),
        Err(_) => Ok(node.expect_bool("true, false or a list of the motors that snake, as `snake_axes`")?.into()),
    }
}

pub(super) fn grid_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Value, Value, u64) -> GridScan,
) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let axes = axes(call, call.rest())?;
    let given = call.given("snake_axes");
    let snake_axes = match given {
        Some(node) if axes.iter().any(|axis| axis.snake.is_some()) => {
            return Err(node.unexpected("no `snake_axes`, for it is said of each axis whether it snakes"));
        }
        Some(node) => snake_axes(call, node)?,
        None => {
            let mut snaking = Vec::new();
            for axis in &axes {
                if axis.snake.map_or(Ok(false), |node| node.expect_bool("true or false: whether the axis snakes"))? {
                    snaking.push(axis.motor.clone());
                }
            }
            snaking.into()
        }
    };
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    let axes: Vec<_> = axes.into_iter().map(|axis| (axis.motor, axis.start, axis.stop, axis.num)).collect();
    Ok(Arc::new(move || {
        let (motor, start, stop, num) = &axes[0];
        let scan = make(detectors.clone(), motor, start.clone(), stop.clone(), *num);
        let scan = stepped(scan, per_step.as_ref()).snake_axes(snake_axes.clone()).md(md.clone());
        let others = axes[1..].iter();
        others.fold(scan, |scan, (motor, start, stop, num)| scan.with(motor, start.clone(), stop.clone(), *num)).into()
    }))
}

pub(super) fn list_grid_scan(
    call: &Call<'_>,
    make: fn(Vec<Device>, &Device, Vec<Value>) -> ListGridScan,
) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let ((motor, points), others) = lists(call)?;
    let snake_axes = call.get("snake_axes").map_or(Ok(SnakeAxes::None), |node| snake_axes(call, node))?;
    let (per_step, md) = (call.some_body("per_step")?, call.md()?);
    Ok(Arc::new(move || {
        let scan = stepped(make(detectors.clone(), &motor, points.clone()), per_step.as_ref());
        let scan = scan.snake_axes(snake_axes.clone()).md(md.clone());
        others.iter().fold(scan, |scan, (motor, points)| scan.with(motor, points.clone())).into()
    }))
}
