//! The plans along spirals, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::scans::stepped;
use crate::device::Device;
use crate::plan::plans::{Pattern, SpiralScan, StepScan};
use crate::plan::{Plan, plans};
use crate::program::call::{Call, Make};
use crate::program::op::Body;
use crate::value::yaml::YamlError;
use crate::value::{Map, Value};

/// What all spirals have: detectors and two motors, numbers, metadata.
struct Spiral {
    detectors: Vec<Device>,
    x: Device,
    y: Device,
    numbers: Vec<Value>,
    per_step: Option<Body>,
    md: Map,
}

impl Spiral {
    /// Wants these numbers, the last of which may be whole ones, behind the motors.
    fn read(call: &Call<'_>, numbers: &[&str]) -> Result<Self, YamlError> {
        let detectors = call.devices("detectors")?;
        let (x, y) = (call.device("x_motor")?, call.device("y_motor")?);
        let numbers = numbers.iter().map(|name| call.number(name)).collect::<Result<_, _>>()?;
        Ok(Self { detectors, x, y, numbers, per_step: call.some_body("per_step")?, md: call.md()? })
    }

    /// The scan, with what is said of all of them.
    fn finish<P: Pattern>(&self, scan: StepScan<P>) -> Plan
    where
        StepScan<P>: Into<Plan>,
    {
        stepped(scan, self.per_step.as_ref()).md(self.md.clone()).into()
    }

    fn number(&self, at: usize) -> Value {
        self.numbers[at].clone()
    }

    fn pair(&self, at: usize) -> (Value, Value) {
        (self.number(at), self.number(at + 1))
    }
}

/// How far the rings are apart along y, and the tilt.
fn shape(call: &Call<'_>) -> Result<impl Fn(SpiralScan) -> SpiralScan + Send + Sync + use<>, YamlError> {
    let given = |name| {
        let node = call.given(name);
        node.map(|node| node.expect_number("a number").and_then(|_| node.to_value())).transpose()
    };
    let (dr_y, tilt) = (given("dr_y")?, given("tilt")?);
    Ok(move |scan: SpiralScan| {
        let scan = dr_y.iter().fold(scan, |scan, dr_y| scan.dr_y(dr_y.clone()));
        tilt.iter().fold(scan, |scan, tilt| scan.tilt(tilt.clone()))
    })
}

/// `spiral` or `spiral_fermat`, by their last argument.
pub(super) fn spiral(call: &Call<'_>, last: &'static str) -> Result<Make, YamlError> {
    let numbers = ["x_start", "y_start", "x_range", "y_range", "dr", last];
    let (of, shape) = (Spiral::read(call, &numbers)?, shape(call)?);
    Ok(Arc::new(move || {
        let (motors, start, range) = ((&of.x, &of.y), of.pair(0), of.pair(2));
        let make = if last == "nth" { plans::spiral } else { plans::spiral_fermat };
        of.finish(shape(make(&of.detectors, motors, start, range, of.number(4), of.number(5))))
    }))
}

/// `rel_spiral` or `rel_spiral_fermat`, by their last argument.
pub(super) fn rel_spiral(call: &Call<'_>, last: &'static str) -> Result<Make, YamlError> {
    let numbers = ["x_range", "y_range", "dr", last];
    let (of, shape) = (Spiral::read(call, &numbers)?, shape(call)?);
    Ok(Arc::new(move || {
        let make = if last == "nth" { plans::rel_spiral } else { plans::rel_spiral_fermat };
        let scan = make(&of.detectors, (&of.x, &of.y), of.pair(0), of.number(2), of.number(3));
        of.finish(shape(scan))
    }))
}

pub(super) fn spiral_square(call: &Call<'_>) -> Result<Make, YamlError> {
    let of = Spiral::read(call, &["x_center", "y_center", "x_range", "y_range", "x_num", "y_num"])?;
    let nums = (call.count("x_num")?, call.count("y_num")?);
    Ok(Arc::new(move || of.finish(plans::spiral_square(&of.detectors, (&of.x, &of.y), of.pair(0), of.pair(2), nums))))
}

pub(super) fn rel_spiral_square(call: &Call<'_>) -> Result<Make, YamlError> {
    let of = Spiral::read(call, &["x_range", "y_range", "x_num", "y_num"])?;
    let nums = (call.count("x_num")?, call.count("y_num")?);
    Ok(Arc::new(move || of.finish(plans::rel_spiral_square(&of.detectors, (&of.x, &of.y), of.pair(0), nums))))
}
