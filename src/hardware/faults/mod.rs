//! [`Fault`]: what goes wrong with a device, and when; and [`Calls`], the record of what was asked of it.
//!
//! Any device takes faults, real or simulated, also after it was handed out: [`Device::fault`](crate::device::Device::fault)
//! puts something in front of it that gets all of its calls, counts them, and hands them on, or does not.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let (det, motor) = (lab.device("det"), lab.device("motor"));
//! motor.fault(Fault::on_set(2).late_by(secs(3.0)));
//! det.fault(Fault::on_read(3).reads_nan());
//! det.fault(Fault::on_trigger(4..).slow_by(2.0));
//!
//! let run = lab.run(plans::scan(&det, &motor, 0, 10, 3));
//! run.assert_success();
//! assert_eq!(run.duration(), secs(3.0));
//! assert!(motor.repr().ends_with("faults=[on_set(2).late_by(3s)])"));
//! ```

mod attached;
mod call;
mod fault;
mod interceptor;
mod interceptor_protocols;
mod method;
mod occasions;
mod stage_sigs;

pub use call::{Call, Calls};
pub(crate) use fault::FaultWhat;
pub use fault::{Fault, FaultAt};
pub use method::Method;
pub use occasions::Occasions;
pub use stage_sigs::StageSig;
