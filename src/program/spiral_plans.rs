//! The plans along spirals, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::call::Call;
use super::named_plans::{Make, md, no_hook};
use super::scan_plans::{count, number};
use crate::device::Device;
use crate::plan::plans;
use crate::plan::plans::SpiralScan;
use crate::value::yaml::YamlError;
use crate::value::{Map, Value};

/// What all spirals have: detectors and two motors, numbers, metadata.
struct Spiral {
    detectors: Vec<Device>,
    x: Device,
    y: Device,
    numbers: Vec<Value>,
    md: Map,
}

impl Spiral {
    /// Wants these numbers, the last of which may be whole ones, behind the motors.
    fn read(call: &Call<'_>, numbers: &[&str], by_keyword: &[&str]) -> Result<Self, YamlError> {
        let by_position = [&["detectors", "x_motor", "y_motor"], numbers].concat();
        call.expect(&by_position, &[by_keyword, &["per_step", "md"]].concat())?;
        no_hook(call, "per_step")?;
        let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
        let x = call.bench.device(call.required(Some(1), "x_motor")?)?;
        let y = call.bench.device(call.required(Some(2), "y_motor")?)?;
        let numbers = numbers.iter().enumerate().map(|(at, name)| number(call, at + 3, name));
        Ok(Self { detectors, x, y, numbers: numbers.collect::<Result<_, _>>()?, md: md(call, None)? })
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
        let node = call.get(None, name).filter(|node| !node.is_null());
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
    let (of, shape) = (Spiral::read(call, &numbers, &["dr_y", "tilt"])?, shape(call)?);
    Ok(Arc::new(move || {
        let (motors, start, range) = ((&of.x, &of.y), of.pair(0), of.pair(2));
        let make = if last == "nth" { plans::spiral } else { plans::spiral_fermat };
        shape(make(&of.detectors, motors, start, range, of.number(4), of.number(5))).md(of.md.clone()).into()
    }))
}

/// `rel_spiral` or `rel_spiral_fermat`, by their last argument.
pub(super) fn rel_spiral(call: &Call<'_>, last: &'static str) -> Result<Make, YamlError> {
    let numbers = ["x_range", "y_range", "dr", last];
    let (of, shape) = (Spiral::read(call, &numbers, &["dr_y", "tilt"])?, shape(call)?);
    Ok(Arc::new(move || {
        let make = if last == "nth" { plans::rel_spiral } else { plans::rel_spiral_fermat };
        let scan = make(&of.detectors, (&of.x, &of.y), of.pair(0), of.number(2), of.number(3));
        shape(scan).md(of.md.clone()).into()
    }))
}

pub(super) fn spiral_square(call: &Call<'_>) -> Result<Make, YamlError> {
    let of = Spiral::read(call, &["x_center", "y_center", "x_range", "y_range", "x_num", "y_num"], &[])?;
    let nums = (count(call, 7, "x_num")?, count(call, 8, "y_num")?);
    Ok(Arc::new(move || {
        plans::spiral_square(&of.detectors, (&of.x, &of.y), of.pair(0), of.pair(2), nums).md(of.md.clone()).into()
    }))
}

pub(super) fn rel_spiral_square(call: &Call<'_>) -> Result<Make, YamlError> {
    let of = Spiral::read(call, &["x_range", "y_range", "x_num", "y_num"], &[])?;
    let nums = (count(call, 5, "x_num")?, count(call, 6, "y_num")?);
    Ok(Arc::new(move || {
        plans::rel_spiral_square(&of.detectors, (&of.x, &of.y), of.pair(0), nums).md(of.md.clone()).into()
    }))
}
