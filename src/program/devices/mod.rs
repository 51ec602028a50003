//! The classes of devices and suspenders that programs know, and how they are made of what a program says of them.

mod async_devices;
mod axes;
mod borrowed;
mod classes;
mod component_device;
mod detectors;
mod fake_signals;
mod flyers;
mod make_device;
mod options_of;
mod pace;
mod signals;
mod simulated;
mod suspender_classes;
mod suspenders;

pub(crate) use classes::CLASSES;
pub use classes::DeviceClass;
pub(in crate::program) use make_device::make_device;
pub use pace::OptionChange;
pub(crate) use suspender_classes::SUSPENDERS;
pub use suspender_classes::SuspenderClass;
pub(in crate::program) use suspenders::{SuspenderPlan, make_suspender};
