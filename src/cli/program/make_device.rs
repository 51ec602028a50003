//! Devices, made of what a plan file says of them.

use super::bench::Bench;
use super::bluesky_names::CLASSES;
use super::make_sim_devices::{SIM_CLASSES, sim_device};
use super::options::{Options, class_error};
use crate::cli::plan_file::{DeviceSpec, PlanFileError, nearest};
use crate::device::Device;
use crate::hardware::{FrameFlyer, MockFlyer, Noise, Signal, SynAxis, SynGauss, SynSignal, SynSignalWithRegistry};
use crate::value::Text;

/// The classes of device that a plan file can make.
const KNOWN_CLASSES: [&str; 12] = [
    "FlatFlyer",
    "LocatableSynAxis",
    "MockFlyer",
    "NestedFlyer",
    "PageFlyer",
    "Signal",
    "StreamFlyer",
    "SynAxis",
    "SynGauss",
    "SynSignal",
    "SynSignalWithRegistry",
    "UnreplayableSynAxis",
];

/// The device that a plan file describes, with its faults; it may name devices of the bench.
pub(super) fn make_device(spec: &DeviceSpec, bench: &Bench) -> Result<Device, PlanFileError> {
    let device = faultless(spec, bench)?;
    let of_no_class = spec.fault.iter().filter(|_| spec.class.value != "SynAxis");
    for fault in of_no_class.chain(&spec.faults) {
        device.fault(fault.clone());
    }
    Ok(device)
}

/// The same without faults, but for the one of which its class tells.
fn faultless(spec: &DeviceSpec, bench: &Bench) -> Result<Device, PlanFileError> {
    let class = &spec.class;
    let name = Text::from(&spec.name.value);
    let options = Options { bench, class, all: &spec.options };
    if let Some(device) = sim_device(&name, &options) {
        return device;
    }
    let axis = || syn_axis(SynAxis::new(name.clone()), &options);
    match class.value.as_str() {
        "SynAxis" => axis().map(|axis| match &spec.fault {
            Some(fault) => axis.fault(fault.clone()).into(),
            None => axis.into(),
        }),
        "LocatableSynAxis" => axis().map(|axis| axis.locatable().into()),
        "UnreplayableSynAxis" => axis().map(|axis| axis.unreplayable().into()),
        "SynGauss" => syn_gauss(name, &options),
        "SynSignal" => syn_signal(name, &options),
        "SynSignalWithRegistry" => syn_signal_with_registry(name, &options),
        "MockFlyer" => mock_flyer(name, &options),
        "NestedFlyer" => frame_flyer(FrameFlyer::nested(name), &options),
        "FlatFlyer" => frame_flyer(FrameFlyer::flat(name), &options),
        "PageFlyer" => frame_flyer(FrameFlyer::paged(name), &options),
        "StreamFlyer" => frame_flyer(FrameFlyer::streamed(name), &options),
        "Signal" => {
            options.only(&["value", "labels"])?;
            let value = options.value("value")?.unwrap_or_else(|| 0.0.into());
            Ok(Signal::new(name, value).labels(options.labels()?).into())
        }
        other if CLASSES.contains(&other) => {
            let expected = format!("a class that exists: `{other}` of ophyd.sim does not exist in skyspan yet");
            Err(class_error(class, &expected))
        }
        other => Err(class_error(class, "the class of a device")
            .with_suggestion(nearest(other, KNOWN_CLASSES.into_iter().chain(SIM_CLASSES)))),
    }
}

fn syn_axis(axis: SynAxis, options: &Options<'_>) -> Result<SynAxis, PlanFileError> {
    options.only(&["value", "delay", "precision", "events_per_move", "egu", "labels"])?;
    let mut axis = axis.labels(options.labels()?);
    if let Some(value) = options.value("value")? {
        axis = axis.value(value);
    }
    if let Some(delay_s) = options.seconds("delay")? {
        axis = axis.delay_s(delay_s);
    }
    if let Some(precision) = options.integer("precision")? {
        axis = axis.precision(precision);
    }
    if let Some(node) = options.get("events_per_move") {
        let events = node.expect_count("how many events a move has, at least 1")?;
        let events = u32::try_from(events).ok().filter(|events| *events > 0);
        axis = axis.events_per_move(events.ok_or_else(|| node.unexpected("how many events a move has, at least 1"))?);
    }
    if let Some(node) = options.get("egu") {
        axis = axis.egu(node.expect_str("a unit")?);
    }
    Ok(axis)
}

fn syn_gauss(name: Text, options: &Options<'_>) -> Result<Device, PlanFileError> {
    options.only(&["motor", "motor_field", "center", "Imax", "sigma", "noise", "noise_multiplier", "labels"])?;
    let motor = options.bench.device(options.required("motor")?)?;
    let motor_field = options.required("motor_field")?.expect_str("the data key of the motor")?;
    let mut gauss = SynGauss::new(name, motor, motor_field)
        .center(options.number(options.required("center")?)?)
        .imax(options.number(options.required("Imax")?)?)
        .labels(options.labels()?);
    if let Some(node) = options.get("sigma") {
        gauss = gauss.sigma(options.number(node)?);
    }
    if let Some(node) = options.get("noise").filter(|node| !node.is_null()) {
        let noise = [Noise::None, Noise::Poisson, Noise::Uniform];
        let found = noise.into_iter().find(|noise| node.as_str() == Some(noise.as_str()));
        gauss = gauss.noise(found.ok_or_else(|| node.unexpected("`none`, `poisson` or `uniform`"))?);
    }
    if let Some(node) = options.get("noise_multiplier") {
        gauss = gauss.noise_multiplier(options.number(node)?);
    }
    Ok(gauss.into())
}

fn syn_signal(name: Text, options: &Options<'_>) -> Result<Device, PlanFileError> {
    options.only(&["exposure_time", "precision", "labels"])?;
    let mut signal = SynSignal::new(name).labels(options.labels()?);
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    Ok(signal.into())
}

fn syn_signal_with_registry(name: Text, options: &Options<'_>) -> Result<Device, PlanFileError> {
    options.only(&["exposure_time", "precision", "save_path", "save_spec", "save_ext", "labels"])?;
    let mut signal = SynSignalWithRegistry::new(name).labels(options.labels()?);
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    if let Some(node) = options.get("save_path").filter(|node| !node.is_null()) {
        signal = signal.save_path(node.expect_str("a directory")?);
    }
    if let Some(node) = options.get("save_spec") {
        signal = signal.save_spec(node.expect_str("what can read the files")?);
    }
    if let Some(node) = options.get("save_ext") {
        signal = signal.save_ext(node.expect_str("how the names of the files end")?);
    }
    Ok(signal.into())
}

fn mock_flyer(name: Text, options: &Options<'_>) -> Result<Device, PlanFileError> {
    options.only(&["detector", "motor", "start", "stop", "num"])?;
    let detector = options.bench.device(options.required("detector")?)?;
    let motor = options.bench.device(options.required("motor")?)?;
    let start = options.required("start")?.expect_number("the number where the flight starts")?;
    let stop = options.required("stop")?.expect_number("the number where the flight stops")?;
    let num = options.required("num")?.expect_count("the number of points, a whole number from 0 on")?;
    Ok(MockFlyer::new(name, &detector, &motor, start, stop, num).into())
}

fn frame_flyer(mut flyer: FrameFlyer, options: &Options<'_>) -> Result<Device, PlanFileError> {
    options.only(&["num", "early"])?;
    if let Some(node) = options.get("num") {
        flyer = flyer.num(node.expect_count("the number of frames, a whole number from 0 on")?);
    }
    if let Some(node) = options.get("early") {
        let early = "the number of frames that are there at once, a whole number from 0 on";
        flyer = flyer.early(node.expect_count(early)?);
    }
    Ok(flyer.into())
}
