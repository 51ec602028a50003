//! The devices that `ophyd.sim` does not have, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{
    CannedReadings, FrameDetector, PagingFlyer, SimBeam, SimCamera, SimDetector, SimMotor, SimShutter,
    SimTemperatureController, gaussian_peak,
};
use crate::program::options::Options;
use crate::value::Text;
use crate::value::yaml::{Node, YamlError};

/// A finite number, and what becomes of it.
pub(super) fn with_number<T>(
    made: T,
    options: &Options<'_>,
    key: &str,
    add: impl FnOnce(T, f64) -> T,
) -> Result<T, YamlError> {
    match options.get(key) {
        Some(node) => match node.expect_number("a finite number")? {
            number if number.is_finite() => Ok(add(made, number)),
            _ => Err(node.unexpected("a finite number")),
        },
        None => Ok(made),
    }
}

/// A finite number from zero on, and what becomes of it.
pub(super) fn with_number_from_zero<T>(
    made: T,
    options: &Options<'_>,
    key: &str,
    add: impl FnOnce(T, f64) -> T,
) -> Result<T, YamlError> {
    let what = "a finite number from zero on";
    match options.get(key) {
        Some(node) => match node.expect_number(what)? {
            number if number.is_finite() && number >= 0.0 => Ok(add(made, number)),
            _ => Err(node.unexpected(what)),
        },
        None => Ok(made),
    }
}

/// A finite number that is greater than zero, and what becomes of it.
pub(super) fn with_positive<T>(
    made: T,
    options: &Options<'_>,
    key: &str,
    add: impl FnOnce(T, f64) -> T,
) -> Result<T, YamlError> {
    let what = "a finite number greater than zero";
    match options.get(key) {
        Some(node) if node.expect_number(what)?.is_infinite() => Err(node.unexpected(what)),
        _ => with_speed(made, options, key, add),
    }
}

/// A number that is greater than zero and may be infinite, and what becomes of it.
fn with_speed<T>(made: T, options: &Options<'_>, key: &str, add: impl FnOnce(T, f64) -> T) -> Result<T, YamlError> {
    match options.get(key) {
        Some(node) => match node.expect_number("a number greater than zero")? {
            number if number > 0.0 => Ok(add(made, number)),
            _ => Err(node.unexpected("a number greater than zero")),
        },
        None => Ok(made),
    }
}

/// A number of seconds, and what becomes of it.
pub(super) fn with_seconds<T>(
    made: T,
    options: &Options<'_>,
    key: &str,
    add: impl FnOnce(T, f64) -> T,
) -> Result<T, YamlError> {
    Ok(match options.seconds(key)? {
        Some(seconds) => add(made, seconds),
        None => made,
    })
}

/// Two numbers in a list.
pub(super) fn pair(node: &Node, what: &str) -> Result<(f64, f64), YamlError> {
    match node.expect_list(what)? {
        [first, second] => match (first.expect_number(what)?, second.expect_number(what)?) {
            (first, second) if !first.is_nan() && !second.is_nan() => Ok((first, second)),
            _ => Err(node.unexpected(what)),
        },
        _ => Err(node.unexpected(what)),
    }
}

pub(super) fn sim_motor(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut motor = SimMotor::new(name).labels(options.labels()?);
    motor = with_number(motor, options, "value", SimMotor::value)?;
    motor = with_speed(motor, options, "velocity", SimMotor::velocity)?;
    motor = with_seconds(motor, options, "acceleration_time", SimMotor::acceleration_time_s)?;
    motor = with_speed(motor, options, "acceleration", SimMotor::acceleration)?;
    motor = with_seconds(motor, options, "latency", SimMotor::latency_s)?;
    motor = with_seconds(motor, options, "settle_time", SimMotor::settle_time_s)?;
    motor = with_number(motor, options, "backlash", SimMotor::backlash)?;
    motor = with_number_from_zero(motor, options, "readback_noise", SimMotor::readback_noise)?;
    motor = with_positive(motor, options, "readback_resolution", SimMotor::readback_resolution)?;
    motor = with_seconds(motor, options, "update_period", SimMotor::update_period_s)?;
    if let (Some(_), Some(rate)) = (options.get("acceleration_time"), options.get("acceleration")) {
        return Err(rate.unexpected("no acceleration beside its time"));
    }
    if let Some(node) = options.get("limits").filter(|node| !node.is_null()) {
        let (low, high) = pair(node, "a low and a high limit")?;
        motor = motor.limits(low, high);
    }
    if let Some(precision) = options.integer("precision")? {
        motor = motor.precision(precision);
    }
    if let Some(egu) = options.text("egu", "a unit")? {
        motor = motor.egu(egu);
    }
    Ok(motor.into())
}

pub(super) fn sim_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut detector = SimDetector::new(name).labels(options.labels()?);
    detector = with_seconds(detector, options, "exposure_time", SimDetector::exposure_s)?;
    detector = with_seconds(detector, options, "readout_time", SimDetector::readout_s)?;
    detector = with_seconds(detector, options, "dead_time", SimDetector::dead_time_s)?;
    detector = with_number_from_zero(detector, options, "rate", SimDetector::rate)?;
    detector = with_number_from_zero(detector, options, "dark_rate", SimDetector::dark_rate)?;
    if let Some(node) = options.get("frames") {
        let expected = "the number of frames, a whole number up to a million";
        let frames = Some(node.expect_count(expected)?).filter(|frames| *frames <= 1_000_000);
        detector = detector.frames(frames.ok_or_else(|| node.unexpected(expected))?);
    }
    if let Some(node) = options.get("saturates_at").filter(|node| !node.is_null()) {
        detector = detector.saturates_at(node.expect_count("a number of counts")?);
    }
    match options.get("noise") {
        None => {}
        Some(node) => match node.as_str() {
            Some("poisson") => {}
            Some("none") => detector = detector.without_noise(),
            _ => return Err(node.unexpected("`none` or `poisson`")),
        },
    }
    if let Some(node) = options.get("motor") {
        let motor = options.scope.device(node)?;
        let number = |key: &str, usual: f64| match options.get(key) {
            Some(node) => node.expect_number("a number"),
            None => Ok(usual),
        };
        detector = detector.looks_at(&motor, gaussian_peak(number("center", 0.0)?, number("sigma", 1.0)?));
    } else if let Some(node) = options.get("center").or_else(|| options.get("sigma")) {
        return Err(node.unexpected("the motor along which the peak is, as the option `motor`"));
    }
    Ok(detector.into())
}

pub(super) fn sim_camera(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut camera = SimCamera::new(name).labels(options.labels()?);
    camera = with_seconds(camera, options, "exposure_time", SimCamera::exposure_s)?;
    camera = with_seconds(camera, options, "readout_time", SimCamera::readout_s)?;
    camera = with_seconds(camera, options, "dead_time", SimCamera::dead_time_s)?;
    if let Some(node) = options.get("frames") {
        camera = camera.frames(node.expect_count("the number of frames, a whole number from 0 on")?);
    }
    if let Some(node) = options.get("shape") {
        let what = "the rows and columns of a frame";
        camera = match node.expect_list(what)? {
            [rows, columns] => camera.shape([rows.expect_count(what)?, columns.expect_count(what)?]),
            _ => return Err(node.unexpected(what)),
        };
    }
    if let Some(root) = options.text("root", "a directory")? {
        camera = camera.root(root);
    }
    match options.get("assets") {
        None => {}
        Some(node) => match node.as_str() {
            Some("stream") => {}
            Some("datum") => camera = camera.with_datums(),
            _ => return Err(node.unexpected("`stream` or `datum`")),
        },
    }
    Ok(camera.into())
}

pub(super) fn sim_shutter(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut shutter = SimShutter::new(name).labels(options.labels()?);
    shutter = with_seconds(shutter, options, "opens_in", SimShutter::opens_in_s)?;
    shutter = with_seconds(shutter, options, "closes_in", SimShutter::closes_in_s)?;
    if let Some(node) = options.get("open")
        && node.expect_bool("whether it is open at first")?
    {
        shutter = shutter.open();
    }
    Ok(shutter.into())
}

pub(super) fn sim_temperature_controller(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut controller = SimTemperatureController::new(name).labels(options.labels()?);
    controller = with_number(controller, options, "value", SimTemperatureController::value)?;
    controller = with_speed(controller, options, "time_constant", SimTemperatureController::time_constant_s)?;
    controller = with_speed(controller, options, "ramp_rate", SimTemperatureController::ramp_rate)?;
    controller = with_number_from_zero(controller, options, "tolerance", SimTemperatureController::tolerance)?;
    controller = with_seconds(controller, options, "hold_time", SimTemperatureController::hold_s)?;
    controller = with_seconds(controller, options, "update_period", SimTemperatureController::update_period_s)?;
    if let (Some(_), Some(ramp)) = (options.get("time_constant"), options.get("ramp_rate")) {
        return Err(ramp.unexpected("no ramp beside a time constant"));
    }
    if let Some(node) = options.get("limits").filter(|node| !node.is_null()) {
        let (low, high) = pair(node, "a low and a high limit")?;
        controller = controller.limits(low, high);
    }
    if let Some(egu) = options.text("egu", "a unit")? {
        controller = controller.egu(egu);
    }
    Ok(controller.into())
}

pub(super) fn sim_beam(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut beam = SimBeam::new(name).labels(options.labels()?);
    beam = with_number(beam, options, "current", SimBeam::current)?;
    beam = with_positive(beam, options, "lifetime", SimBeam::lifetime_s)?;
    beam = with_positive(beam, options, "refilled_every", SimBeam::refilled_every_s)?;
    if let Some(node) = options.get("drops") {
        let what = "when the beam drops and for how long, each in seconds, in pairs";
        for drop in node.expect_list(what)? {
            let (at_s, for_s) = pair(drop, what)?;
            for node in drop.expect_list(what)? {
                node.expect_seconds(what)?;
            }
            beam = beam.drops(at_s, for_s);
        }
    }
    Ok(beam.into())
}

pub(super) fn canned_readings(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut canned = CannedReadings::new(name);
    for (key, values) in options.required("keys")?.expect_map("what is read of each data key")? {
        let values = values.expect_list("what is read, time after time")?;
        let values = values.iter().map(Node::to_value).collect::<Result<Vec<_>, _>>()?;
        canned = canned.key(key.expect_str("a data key")?, values);
    }
    if let Some(node) = options.get("config") {
        for (key, value) in node.expect_map("the value of each key of the configuration")? {
            canned = canned.config(key.expect_str("a data key")?, value.to_value()?);
        }
    }
    if let Some(node) = options.get("strict")
        && node.expect_bool("whether a read fails where there are no more values")?
    {
        canned = canned.strict();
    }
    Ok(canned.into())
}

pub(super) fn frame_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut detector = with_seconds(FrameDetector::new(name), options, "period", FrameDetector::period_s)?;
    for (key, shape) in options.required("data_keys")?.expect_map("the shape of the frames of each data key")? {
        let what = "the extents of a frame";
        let shape = shape.expect_list(what)?.iter().map(|extent| extent.expect_count(what));
        detector = detector.data_key(key.expect_str("a data key")?, shape.collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(root) = options.text("root", "where the files are")? {
        detector = detector.root(root);
    }
    Ok(detector.into())
}

pub(super) fn paging_flyer(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let columns = options.required("columns")?.expect_list("the data keys")?.iter();
    let columns = columns.map(|column| column.expect_str("a data key")).collect::<Result<Vec<_>, _>>()?;
    let rows = options.required("rows")?.expect_count("the number of rows")?;
    let flyer = PagingFlyer::new(name, columns, rows);
    Ok(with_seconds(flyer, options, "period", PagingFlyer::period_s)?.into())
}
