//! Flyers, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{FrameFlyer, MockFlyer};
use crate::program::options::Options;
use crate::value::Text;
use crate::value::yaml::YamlError;

pub(super) fn mock_flyer(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let detector = options.scope.device(options.required("detector")?)?;
    let motor = options.scope.device(options.required("motor")?)?;
    let start = options.required("start")?.expect_number("the number where the flight starts")?;
    let stop = options.required("stop")?.expect_number("the number where the flight stops")?;
    let num = options.required("num")?.expect_count("the number of points, a whole number from 0 on")?;
    Ok(MockFlyer::new(name, &detector, &motor, start, stop, num).into())
}

pub(super) fn frame_flyer(mut flyer: FrameFlyer, options: &Options<'_>) -> Result<Device, YamlError> {
    if let Some(node) = options.get("num") {
        flyer = flyer.num(node.expect_count("the number of frames, a whole number from 0 on")?);
    }
    if let Some(node) = options.get("early") {
        let early = "the number of frames that are there at once, a whole number from 0 on";
        flyer = flyer.early(node.expect_count(early)?);
    }
    Ok(flyer.into())
}
