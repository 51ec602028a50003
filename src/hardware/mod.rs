//! Simulated hardware: the devices of ophyd 1.11.2's `ophyd.sim`, and its default beamline.
//!
//! | `ophyd.sim` | here |
//! |---|---|
//! | `EnumSignal` | [`Signal::with_choices`] |
//! | `SynSignalRO`, `InvariantSignal` | [`SynSignal::read_only`], [`SynSignal::invariant`] |
//! | `SynAxisNoPosition`, `SynAxisEmptyHints`, `SynAxisNoHints` | [`SynAxis::no_position`], [`empty_hints`](SynAxis::empty_hints), [`no_hints`](SynAxis::no_hints) |
//! | `NewTrivialFlyer` | [`TrivialFlyer::with_assets`] |
//! | `SPseudo3x3`, `SPseudo1x3` | [`PseudoPositioner::s3x3`], [`PseudoPositioner::s1x3`] |
//! | `FakeEpicsSignalRO`, `FakeEpicsSignalWithRBV`, `FakeEpicsPathSignal` | [`FakeEpicsSignal::read_only`], [`with_rbv`](FakeEpicsSignal::with_rbv), [`path`](FakeEpicsSignal::path) |
//! | `NullStatus` | [`Status::null`](crate::device::Status::null) |
//! | `hw()` | [`Beamline::simulated`] |
//! | the others | the same name |
//!
//! What it has for classes of devices with real process variables (`make_fake_device`, `instantiate_fake_device`,
//! `clear_fake_device`) has no meaning here, where there are none. `NumpySeqHandler` reads the files that
//! [`SynSignalWithRegistry`] has written; here none is written unless one says how, and who wrote it reads it.
//!
//! [`FrameDetector`], [`FrameFlyer`] and [`PagingFlyer`] are none of ophyd.sim: they are what detectors that write files,
//! and flyers that hand out events, pages or files, are to bluesky.
//!
//! Nor are those that take their time as real ones do, by formulas that a test can work out to the nanosecond:
//! [`SimMotor`], [`SimDetector`], [`SimCamera`], [`SimShutter`], [`SimTemperatureController`] and [`SimBeam`]; nor is
//! [`CannedReadings`], a fake.
//!
//! [`OphydDevice`] is `ophyd.Device`: a device of components that one names oneself.
//!
//! The devices of ophyd-async 0.21.3, which leave no `Ophyd Status` span and give plans other messages, have names that begin so:
//! [`AsyncMotor`], [`AsyncStage`], [`AsyncPointDetector`] and [`AsyncDetector::blob`] are those of `ophyd_async.sim`; [`AsyncSignal`],
//! [`AsyncReadable`], [`AsyncAxis`], [`AsyncDetector`], [`AsyncFlyer`] and [`AsyncCommand`] are what drivers are made of.
//!
//! Each device is built by its name and the options that `ophyd.sim` has for it, and is found to implement the same
//! protocols, prints the same `repr`, and reads and describes itself the same. Times are the clock's: an axis with a
//! delay arrives at its exact nanosecond.
//!
//! ```
//! use skyspan::device::Device;
//! use skyspan::hardware::SynAxis;
//!
//! let motor: Device = SynAxis::new("motor").delay_s(0.5).into();
//! assert_eq!(
//!     motor.repr(),
//!     "SynAxis(prefix='', name='motor', read_attrs=['readback', 'setpoint'], \
//!      configuration_attrs=['velocity', 'acceleration'])",
//! );
//! ```

mod ab_detector;
mod attribute_signal;
mod beamline;
mod canned_readings;
mod component_macros;
mod components;
mod counting;
mod det_with_conf;
mod det_with_count_time;
mod detector_device;
mod direct_image;
mod drawn;
mod fake_epics_device;
mod fake_epics_signal;
mod faults;
mod frame_detector;
mod frame_file;
mod frame_flyer;
mod mock_flyer;
mod motion;
mod numpy_repr;
mod ophyd_async;
mod ophyd_device;
mod paging_flyer;
mod peak;
mod positioner;
mod pseudo_core;
mod pseudo_positioner;
mod pseudo_single;
mod setpoint_signal;
mod signal;
mod signal_state;
mod simulated_devices;
mod soft_positioner;
mod spacing;
mod surroundings;
mod syn_2d_gauss;
mod syn_axis;
mod syn_gauss;
mod syn_periodic_signal;
mod syn_signal;
mod syn_signal_with_registry;
mod trivial_flyer;
mod wanted;

pub use ab_detector::ABDetector;
pub use beamline::Beamline;
pub use canned_readings::CannedReadings;
pub use components::Kind;
pub use counting::{SimCamera, SimDetector, gaussian_peak};
pub use det_with_conf::DetWithConf;
pub use det_with_count_time::DetWithCountTime;
pub use direct_image::DirectImage;
pub use fake_epics_signal::{FakeEpicsSignal, FakeEpicsSignalBuilder};
pub(crate) use faults::FaultWhat;
pub use faults::{Call, Calls, Fault, FaultAt, Method, Occasions, StageSig};
pub use frame_detector::FrameDetector;
pub use frame_flyer::FrameFlyer;
pub use mock_flyer::MockFlyer;
pub use motion::{FlyMotorInfo, SimMotor};
pub use ophyd_async::{
    Arrives, AsyncAxis, AsyncChild, AsyncCommand, AsyncDetector, AsyncFlyer, AsyncMotor, AsyncPointDetector,
    AsyncReadable, AsyncSignal, AsyncStage, DetectorData, DetectorTrigger, ReadableFormat, SignalDatatype, SoftSignal,
    TriggerInfo,
};
pub use ophyd_device::OphydDevice;
pub use paging_flyer::PagingFlyer;
pub use peak::Noise;
pub use pseudo_positioner::PseudoPositioner;
pub use signal::Signal;
pub use soft_positioner::SoftPositioner;
pub(crate) use spacing::{LinSpace, linspace};
pub use surroundings::{SimBeam, SimShutter, SimTemperatureController};
pub use syn_2d_gauss::Syn2DGauss;
pub use syn_axis::SynAxis;
pub use syn_gauss::SynGauss;
pub use syn_periodic_signal::SynPeriodicSignal;
pub use syn_signal::SynSignal;
pub use syn_signal_with_registry::SynSignalWithRegistry;
pub use trivial_flyer::TrivialFlyer;
