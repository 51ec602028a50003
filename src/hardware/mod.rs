//! Simulated hardware: the devices of ophyd 1.11.2's `ophyd.sim`, and its default beamline.
//!
//! [`FrameDetector`], [`FrameFlyer`] and [`PagingFlyer`] are none of ophyd.sim: they are what detectors that write files,
//! and flyers that hand out events, pages or files, are to bluesky.
//!
//! Nor are those that take their time as real ones do, by formulas that a test can work out to the nanosecond:
//! [`SimMotor`], [`SimDetector`], [`SimCamera`], [`SimShutter`], [`SimTemperatureController`] and [`SimBeam`]; nor is
//! [`CannedReadings`], a fake.
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

mod beamline;
mod canned_readings;
mod components;
mod counting;
mod errand;
mod faults;
mod frame_detector;
mod frame_file;
mod frame_flyer;
mod mock_flyer;
mod motion;
mod paging_flyer;
mod signal;
mod signal_state;
mod surroundings;
mod syn_axis;
mod syn_gauss;
mod syn_signal;
mod syn_signal_with_registry;
mod trivial_flyer;

pub use beamline::Beamline;
pub use canned_readings::CannedReadings;
pub use components::Kind;
pub use counting::{SimCamera, SimDetector, gaussian_peak};
pub use faults::{Call, Calls, Fault, FaultAt, Method, Occasions};
pub use frame_detector::FrameDetector;
pub use frame_flyer::FrameFlyer;
pub use mock_flyer::MockFlyer;
pub use motion::{FlyMotorInfo, SimMotor};
pub use paging_flyer::PagingFlyer;
pub use signal::Signal;
pub use surroundings::{SimBeam, SimShutter, SimTemperatureController};
pub use syn_axis::SynAxis;
pub use syn_gauss::{Noise, SynGauss};
pub use syn_signal::SynSignal;
pub use syn_signal_with_registry::SynSignalWithRegistry;
pub use trivial_flyer::TrivialFlyer;
