//! Devices, made of what a plan file says of them.

use super::bench::{Bench, can_come};
use super::make_sim_devices::{SIM_CLASSES, sim_device};
use super::options::{Options, class_error};
use super::{make_axes, make_detectors, make_fake_signals, make_flyers, make_signals};
use crate::device::Device;
use crate::hardware::{FrameFlyer, PseudoPositioner, SynAxis, SynSignal, TrivialFlyer};
use crate::program::plan_file::DeviceSpec;
use crate::value::Text;
use crate::value::nearest;
use crate::value::yaml::YamlError;

/// The classes of device that a plan file can make.
const KNOWN_CLASSES: [&str; 33] = [
    "ABDetector",
    "DetWithConf",
    "DetWithCountTime",
    "DirectImage",
    "EnumSignal",
    "FakeEpicsPathSignal",
    "FakeEpicsSignal",
    "FakeEpicsSignalRO",
    "FakeEpicsSignalWithRBV",
    "FlatFlyer",
    "InvariantSignal",
    "LocatableSynAxis",
    "MockFlyer",
    "NestedFlyer",
    "NewTrivialFlyer",
    "PageFlyer",
    "SPseudo1x3",
    "SPseudo3x3",
    "Signal",
    "SoftPositioner",
    "StreamFlyer",
    "Syn2DGauss",
    "SynAxis",
    "SynAxisEmptyHints",
    "SynAxisNoHints",
    "SynAxisNoPosition",
    "SynGauss",
    "SynPeriodicSignal",
    "SynSignal",
    "SynSignalRO",
    "SynSignalWithRegistry",
    "TrivialFlyer",
    "UnreplayableSynAxis",
];

/// The device that a plan file describes, with its faults; it may name devices of the bench.
pub(super) fn make_device(spec: &DeviceSpec, bench: &Bench) -> Result<Device, YamlError> {
    let device = faultless(spec, bench)?;
    let of_no_class = spec.fault.iter().filter(|_| spec.class.value != "SynAxis");
    for fault in of_no_class.chain(&spec.faults) {
        can_come(fault, &device, spec.name.position)?;
        device.fault(fault.clone());
    }
    Ok(device)
}

/// The same without faults, but for the one of which its class tells.
fn faultless(spec: &DeviceSpec, bench: &Bench) -> Result<Device, YamlError> {
    let class = &spec.class;
    let name = Text::from(&spec.name.value);
    let options = Options { bench, class, all: &spec.options };
    if let Some(device) = sim_device(&name, &options) {
        return device;
    }
    let axis = || make_axes::syn_axis(SynAxis::new(name.clone()), &options);
    let signal = || make_signals::syn_signal(SynSignal::new(name.clone()), &options);
    match class.value.as_str() {
        "SynAxis" => axis().map(|axis| match &spec.fault {
            Some(fault) => axis.fault(fault.clone()).into(),
            None => axis.into(),
        }),
        "LocatableSynAxis" => axis().map(|axis| axis.locatable().into()),
        "UnreplayableSynAxis" => axis().map(|axis| axis.unreplayable().into()),
        "SynAxisNoPosition" => axis().map(|axis| axis.no_position().into()),
        "SynAxisEmptyHints" => axis().map(|axis| axis.empty_hints().into()),
        "SynAxisNoHints" => axis().map(|axis| axis.no_hints().into()),
        "SoftPositioner" => make_axes::soft_positioner(name, &options),
        "SPseudo3x3" => make_axes::pseudo_positioner(PseudoPositioner::s3x3(name), &options),
        "SPseudo1x3" => make_axes::pseudo_positioner(PseudoPositioner::s1x3(name), &options),
        "SynGauss" => make_detectors::syn_gauss(name, &options),
        "Syn2DGauss" => make_detectors::syn_2d_gauss(name, &options),
        "ABDetector" => make_detectors::ab_detector(name, &options),
        "DetWithConf" => make_detectors::det_with_conf(name, &options),
        "DetWithCountTime" => make_detectors::det_with_count_time(name, &options),
        "DirectImage" => make_detectors::direct_image(name, &options),
        "Signal" => make_signals::signal(name, &options),
        "EnumSignal" => make_signals::enum_signal(name, &options),
        "SynSignal" => signal().map(Device::from),
        "SynSignalRO" => signal().map(|signal| signal.read_only().into()),
        "InvariantSignal" => signal().map(|signal| signal.invariant().into()),
        "SynPeriodicSignal" => make_signals::syn_periodic_signal(name, &options),
        "SynSignalWithRegistry" => make_signals::syn_signal_with_registry(name, &options),
        "FakeEpicsSignal" | "FakeEpicsSignalRO" => make_fake_signals::of_variable(name, &options),
        "FakeEpicsSignalWithRBV" | "FakeEpicsPathSignal" => make_fake_signals::of_prefix(name, &options),
        "MockFlyer" => make_flyers::mock_flyer(name, &options),
        "TrivialFlyer" => make_flyers::trivial_flyer(TrivialFlyer::new(name), &options),
        "NewTrivialFlyer" => make_flyers::trivial_flyer(TrivialFlyer::with_assets(name), &options),
        "NestedFlyer" => make_flyers::frame_flyer(FrameFlyer::nested(name), &options),
        "FlatFlyer" => make_flyers::frame_flyer(FrameFlyer::flat(name), &options),
        "PageFlyer" => make_flyers::frame_flyer(FrameFlyer::paged(name), &options),
        "StreamFlyer" => make_flyers::frame_flyer(FrameFlyer::streamed(name), &options),
        other => Err(class_error(class, "the class of a device")
            .with_suggestion(nearest(other, KNOWN_CLASSES.into_iter().chain(SIM_CLASSES)))),
    }
}
