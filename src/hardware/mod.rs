//! Simulated hardware: the devices of ophyd 1.11.2's `ophyd.sim`, and its default beamline.
//!
//! [`FrameDetector`], [`FrameFlyer`] and [`PagingFlyer`] are none of ophyd.sim: they are what detectors that write files,
//! and flyers that hand out events, pages or files, are to bluesky.
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
mod components;
mod errand;
mod faults;
mod frame_detector;
mod frame_flyer;
mod mock_flyer;
mod paging_flyer;
mod signal;
mod signal_state;
mod syn_axis;
mod syn_gauss;
mod syn_signal;
mod syn_signal_with_registry;
mod trivial_flyer;

pub use beamline::Beamline;
pub use components::Kind;
pub use faults::{Call, Calls, Fault, FaultAt, Method, Occasions};
pub use frame_detector::FrameDetector;
pub use frame_flyer::FrameFlyer;
pub use mock_flyer::MockFlyer;
pub use paging_flyer::PagingFlyer;
pub use signal::Signal;
pub use syn_axis::SynAxis;
pub use syn_gauss::{Noise, SynGauss};
pub use syn_signal::SynSignal;
pub use syn_signal_with_registry::SynSignalWithRegistry;
pub use trivial_flyer::TrivialFlyer;
