//! The simulated devices of ophyd-async 0.21.3, and those that its building blocks make.
//!
//! A [`SoftSignal`] holds a value. An [`Assembly`](assembly::Assembly) is made of signals and other assemblies, which it reads, stages and
//! hints at as [`ReadableFormat`] says; it may have an [`Axis`](axis::Axis) that moves, and be triggered. A detector of files is a device of its own.
//! What these do takes place in statuses of [work](crate::device::Status::spawn), which leave no span.

mod assembly;
mod async_axis;
mod async_command;
mod async_detector;
mod async_flyer;
mod async_motor;
mod async_readable;
mod async_signal;
mod axis;
mod axis_flight;
mod datatype;
mod detector_device;
mod detector_docs;
mod detector_frames;
mod parts;
mod pattern;
mod point_detector;
mod profile;
mod soft_signal;
mod stage;
mod timeouts;
mod trigger_info;

pub use async_axis::{Arrives, AsyncAxis};
pub use async_command::AsyncCommand;
pub use async_detector::{AsyncDetector, DetectorData};
pub use async_flyer::AsyncFlyer;
pub use async_motor::AsyncMotor;
pub use async_readable::{AsyncChild, AsyncReadable, ReadableFormat};
pub use async_signal::AsyncSignal;
pub use datatype::SignalDatatype;
pub use point_detector::AsyncPointDetector;
pub use soft_signal::SoftSignal;
pub use stage::AsyncStage;
pub use trigger_info::{DetectorTrigger, TriggerInfo};
