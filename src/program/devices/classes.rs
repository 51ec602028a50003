//! [`DeviceClass`]: the classes of devices that programs know, in one table.

use super::options_of::{
    ASYNC_AXIS, ASYNC_BLOB_DETECTOR, ASYNC_COMMAND, ASYNC_DETECTOR, ASYNC_FLYER, ASYNC_MOTOR, ASYNC_POINT_DETECTOR,
    ASYNC_READABLE, ASYNC_SIGNAL, ASYNC_STAGE, AXIS, BEAM, CAMERA, CANNED, COMPONENTS, CONTROLLER, DETECTOR, ENUM,
    FRAME_DETECTOR, FRAMES, GAUSS, GAUSS_2D, IMAGE, LABELS, MOCK, MOTOR, PAGES, PATH, PERIODIC, POSITIONER, PREFIX,
    PSEUDO, REGISTRY, SHUTTER, SIGNAL, SYN_SIGNAL, VARIABLE,
};
use super::{async_devices, axes, component_device, detectors, fake_signals, flyers, signals, simulated};
use crate::device::Device;
use crate::hardware::{FrameFlyer, PseudoPositioner, SynAxis, SynSignal, TrivialFlyer};
use crate::program::options::Options;
use crate::program::parameter::Parameter;
use crate::value::Text;
use crate::value::yaml::YamlError;

/// A class of devices that programs know.
#[non_exhaustive]
pub struct DeviceClass {
    /// Its name: where it is of `ophyd.sim`, that there.
    pub name: &'static str,
    /// What its devices are, in one line.
    pub about: &'static str,
    /// What a device of it takes besides its name.
    pub options: &'static [Parameter],
    /// Whether a file with one of it can be run by Python's bluesky too.
    pub in_python: bool,
    /// Makes a device of the class from its options.
    pub(super) make: fn(Text, &Options<'_>) -> Result<Device, YamlError>,
}

impl std::fmt::Debug for DeviceClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// One that Python has too.
const fn python(
    name: &'static str,
    options: &'static [Parameter],
    about: &'static str,
    make: fn(Text, &Options<'_>) -> Result<Device, YamlError>,
) -> DeviceClass {
    DeviceClass { name, about, options, in_python: true, make }
}

/// One that skyspan alone has.
const fn ours(
    name: &'static str,
    options: &'static [Parameter],
    about: &'static str,
    make: fn(Text, &Options<'_>) -> Result<Device, YamlError>,
) -> DeviceClass {
    DeviceClass { name, about, options, in_python: false, make }
}

/// The classes, by name.
pub(crate) const CLASSES: &[DeviceClass] = &[
    python("ABDetector", LABELS, "a detector of two values", detectors::ab_detector),
    python(
        "DetWithConf",
        LABELS,
        "a detector of two values, with a configuration of two more",
        detectors::det_with_conf,
    ),
    python("DetWithCountTime", LABELS, "a detector whose count time can be set", detectors::det_with_count_time),
    python(
        "Device",
        COMPONENTS,
        "a device of signals and devices that one names oneself",
        component_device::component_device,
    ),
    python("DirectImage", IMAGE, "a detector that gives an image within its events", detectors::direct_image),
    python("EnumSignal", ENUM, "a signal that has one of some values, given by name or number", signals::enum_signal),
    python(
        "FakeEpicsPathSignal",
        PATH,
        "a signal that stands for the path of a process variable",
        fake_signals::of_prefix,
    ),
    python("FakeEpicsSignal", VARIABLE, "a signal that stands for a process variable", fake_signals::of_variable),
    python("FakeEpicsSignalRO", VARIABLE, "the same, which cannot be set", fake_signals::of_variable),
    python(
        "FakeEpicsSignalWithRBV",
        PREFIX,
        "a signal that stands for a variable and its readback",
        fake_signals::of_prefix,
    ),
    python("FlatFlyer", FRAMES, "a flyer that gives an event for each frame", |name, options| {
        flyers::frame_flyer(FrameFlyer::flat(name), options)
    }),
    python("InvariantSignal", SYN_SIGNAL, "a signal that never changes", |name, options| {
        Ok(signals::syn_signal(SynSignal::new(name), options)?.invariant().into())
    }),
    python("LocatableSynAxis", AXIS, "a `SynAxis` that can be located and prepared", |name, options| {
        Ok(axes::syn_axis(SynAxis::new(name), options)?.locatable().into())
    }),
    python("MockFlyer", MOCK, "a flyer that moves a motor and reads a detector on its way", flyers::mock_flyer),
    python("NestedFlyer", FRAMES, "a flyer that gives the events of two streams for each frame", |name, options| {
        flyers::frame_flyer(FrameFlyer::nested(name), options)
    }),
    python("NewTrivialFlyer", &[], "a flyer that does nothing, and tells of assets", |name, _| {
        Ok(TrivialFlyer::with_assets(name).into())
    }),
    python("PageFlyer", FRAMES, "a flyer that gives all frames in one page", |name, options| {
        flyers::frame_flyer(FrameFlyer::paged(name), options)
    }),
    python("SPseudo1x3", PSEUDO, "one axis that moves three", |name, options| {
        axes::pseudo_positioner(PseudoPositioner::s1x3(name), options)
    }),
    python("SPseudo3x3", PSEUDO, "three axes that move three", |name, options| {
        axes::pseudo_positioner(PseudoPositioner::s3x3(name), options)
    }),
    python("Signal", SIGNAL, "a value that can be read and set", signals::signal),
    python("SoftPositioner", POSITIONER, "an axis without hardware, with limits", axes::soft_positioner),
    python("StreamFlyer", FRAMES, "a flyer that writes its frames into a file", |name, options| {
        flyers::frame_flyer(FrameFlyer::streamed(name), options)
    }),
    python("Syn2DGauss", GAUSS_2D, "a detector with a peak over two axes", detectors::syn_2d_gauss),
    python("SynAxis", AXIS, "an axis that takes the same time for every move", |name, options| {
        let axis = axes::syn_axis(SynAxis::new(name), options)?;
        Ok(match options.fault {
            Some(fault) => axis.fault(fault.clone()).into(),
            None => axis.into(),
        })
    }),
    python("SynAxisEmptyHints", AXIS, "a `SynAxis` whose hints are empty", |name, options| {
        Ok(axes::syn_axis(SynAxis::new(name), options)?.empty_hints().into())
    }),
    python("SynAxisNoHints", AXIS, "a `SynAxis` without hints", |name, options| {
        Ok(axes::syn_axis(SynAxis::new(name), options)?.no_hints().into())
    }),
    python("SynAxisNoPosition", AXIS, "a `SynAxis` without a position", |name, options| {
        Ok(axes::syn_axis(SynAxis::new(name), options)?.no_position().into())
    }),
    python("SynGauss", GAUSS, "a detector with a peak along an axis", detectors::syn_gauss),
    python(
        "SynPeriodicSignal",
        PERIODIC,
        "a signal that changes by itself again and again",
        signals::syn_periodic_signal,
    ),
    python("SynSignal", SYN_SIGNAL, "a signal that is computed when it is triggered", |name, options| {
        Ok(signals::syn_signal(SynSignal::new(name), options)?.into())
    }),
    python("SynSignalRO", SYN_SIGNAL, "the same, which cannot be set", |name, options| {
        Ok(signals::syn_signal(SynSignal::new(name), options)?.read_only().into())
    }),
    python(
        "SynSignalWithRegistry",
        REGISTRY,
        "a signal that writes its values into files",
        signals::syn_signal_with_registry,
    ),
    python("TrivialFlyer", &[], "a flyer that does nothing", |name, _| Ok(TrivialFlyer::new(name).into())),
    python("UnreplayableSynAxis", AXIS, "a `SynAxis` after whose pause nothing may be done again", |name, options| {
        Ok(axes::syn_axis(SynAxis::new(name), options)?.unreplayable().into())
    }),
    ours(
        "CannedReadings",
        CANNED,
        "a detector that reads what it was told to, time after time",
        simulated::canned_readings,
    ),
    ours(
        "FrameDetector",
        FRAME_DETECTOR,
        "a detector that writes frames by itself once it is kicked off",
        simulated::frame_detector,
    ),
    ours("PagingFlyer", PAGES, "a flyer that gives rows in pages", simulated::paging_flyer),
    ours("SimBeam", BEAM, "the current of a ring, which decays, drops and is refilled", simulated::sim_beam),
    ours("SimCamera", CAMERA, "a camera that writes its frames into files", simulated::sim_camera),
    ours(
        "SimDetector",
        DETECTOR,
        "a detector that counts, with exposure, dead time and noise",
        simulated::sim_detector,
    ),
    ours("SimMotor", MOTOR, "a motor that accelerates, moves and settles", simulated::sim_motor),
    ours("SimShutter", SHUTTER, "a shutter that opens and closes", simulated::sim_shutter),
    ours(
        "SimTemperatureController",
        CONTROLLER,
        "an oven that comes to its setpoint",
        simulated::sim_temperature_controller,
    ),
    ours(
        "ophyd_async.core.StandardDetector",
        ASYNC_DETECTOR,
        "a detector of ophyd-async, of files and signals",
        async_devices::standard_detector,
    ),
    ours(
        "ophyd_async.core.StandardFlyable",
        ASYNC_FLYER,
        "a flyer of ophyd-async that takes no data itself",
        async_devices::standard_flyable,
    ),
    ours(
        "ophyd_async.core.StandardMovable",
        ASYNC_AXIS,
        "an axis of ophyd-async, of a setpoint and a readback",
        async_devices::standard_movable,
    ),
    ours(
        "ophyd_async.core.StandardReadable",
        ASYNC_READABLE,
        "a device of ophyd-async that is read of its children",
        async_devices::standard_readable,
    ),
    ours(
        "ophyd_async.core.TriggerableCommand",
        ASYNC_COMMAND,
        "something that ophyd-async can have done",
        async_devices::triggerable_command,
    ),
    ours(
        "ophyd_async.core.soft_signal_r_and_setter",
        ASYNC_SIGNAL,
        "a signal of ophyd-async that plans cannot set",
        async_devices::soft_signal_r,
    ),
    ours(async_devices::SIGNAL_CLASS, ASYNC_SIGNAL, "a signal of ophyd-async", async_devices::soft_signal_rw),
    ours(
        "ophyd_async.sim.SimBlobDetector",
        ASYNC_BLOB_DETECTOR,
        "a detector of ophyd-async that writes frames",
        async_devices::sim_blob_detector,
    ),
    ours("ophyd_async.sim.SimMotor", ASYNC_MOTOR, "a motor of ophyd-async", async_devices::sim_motor),
    ours(
        "ophyd_async.sim.SimPointDetector",
        ASYNC_POINT_DETECTOR,
        "a detector of ophyd-async, of some channels",
        async_devices::sim_point_detector,
    ),
    ours("ophyd_async.sim.SimStage", ASYNC_STAGE, "a stage of ophyd-async, of two motors", async_devices::sim_stage),
];
