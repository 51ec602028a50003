//! Simulated hardware: the devices of ophyd 1.11.2's `ophyd.sim`, and its default beamline.
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
mod fault;
mod signal;
mod signal_state;
mod syn_axis;
mod syn_gauss;
mod syn_signal;

pub use beamline::Beamline;
pub use components::Kind;
pub use fault::{Fault, FaultOnSet};
pub use signal::Signal;
pub use syn_axis::SynAxis;
pub use syn_gauss::{Noise, SynGauss};
pub use syn_signal::SynSignal;
