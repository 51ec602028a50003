//! What a device can do, and how it says that something takes time.
//!
//! A [`Device`] is a handle to anything that implements [`OphydObject`]: a name, Python's `repr`, and the protocols of
//! bluesky that it supports, each a trait ([`Readable`], [`Movable`], [`Triggerable`], ...). The engine asks for a
//! protocol and gets it, or an error that says which object lacks which protocol.
//!
//! Every call gets a [`Cx`], its circumstances: the clock, the tracer and the parent span. What takes time returns a
//! [`Status`], which leaves an `Ophyd Status` span under that parent, or a future ([`SyncOrAsync`]).
//!
//! ```
//! use skyspan::device::{Cx, Device, DeviceError, Args, Movable, OphydObject, Status, StatusKind};
//! use skyspan::value::Text;
//!
//! struct Shutter(Text);
//!
//! impl OphydObject for Shutter {
//!     fn name(&self) -> &Text { &self.0 }
//!     fn class_name(&self) -> Text { Text::literal("Shutter") }
//!     fn as_movable(&self) -> Option<&dyn Movable> { Some(self) }
//! }
//!
//! impl Movable for Shutter {
//!     fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
//!         args.single()?.as_bool().ok_or_else(|| DeviceError::value("a shutter is opened by true, closed by false"))?;
//!         let status = Status::new(cx, StatusKind::Device);
//!         let finish = status.clone();
//!         let _ = cx.clock().call_after(std::time::Duration::from_millis(20), move || drop(finish.set_finished()));
//!         Ok(status)
//!     }
//! }
//!
//! let shutter = Device::new(Shutter("shutter".into()));
//! assert!(shutter.movable().is_ok());
//! assert_eq!(
//!     shutter.readable().err().map(|error| error.to_string()).as_deref(),
//!     Some("Shutter(name='shutter') does not implement all Readable methods"),
//! );
//! ```
//!
//! A device whose work is done by a thread ends its status there, and holds an
//! [`OutsideWork`](crate::clock::OutsideWork) until it has; without one the simulated clock would not wait for it. What
//! takes time to read gives a future, which waits by the clock:
//!
//! ```
//! use skyspan::device::*;
//! use skyspan::prelude::*;
//!
//! struct Camera(Text);
//!
//! impl OphydObject for Camera {
//!     fn name(&self) -> &Text { &self.0 }
//!     fn class_name(&self) -> Text { "Camera".into() }
//!     fn as_triggerable(&self) -> Option<&dyn Triggerable> { Some(self) }
//!     fn as_readable(&self) -> Option<&dyn Readable> { Some(self) }
//! }
//!
//! impl Triggerable for Camera {
//!     fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
//!         let status = Status::new(cx, StatusKind::Device);
//!         let (exposed, work) = (status.clone(), cx.clock().outside_work());
//!         std::thread::spawn(move || {
//!             // ... what talks to the camera ...
//!             let _ = exposed.set_finished();
//!             drop(work);
//!         });
//!         Ok(status)
//!     }
//! }
//!
//! impl Readable for Camera {
//!     fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
//!         SyncOrAsync::later(async move {
//!             cx.clock().sleep(ms(10)).await;
//!             let reading = Reading { value: 42.into(), timestamp: cx.now() };
//!             Ok(Readings(vec![(self.0.clone(), reading)]))
//!         })
//!     }
//!
//!     fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
//!         let key = DataKey { source: "SIM:camera".into(), dtype: Dtype::Integer, shape: vec![], more: Map::new() };
//!         Ok(DataKeys(vec![(self.0.clone(), key)])).into()
//!     }
//! }
//!
//! let lab = Harness::new();
//! let camera = lab.add(Device::new(Camera("camera".into())));
//! let run = lab.run(plans::count(&camera, 3));
//! run.assert_success();
//! assert_eq!(run.duration(), ms(30));
//! ```

mod args;
mod assets;
mod coupled_axes;
mod cx;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod device;
mod device_panic;
mod device_task;
mod each_protocol;
mod ending;
mod error;
mod flying_protocols;
mod foreign;
mod interceptable;
mod protocols;
mod reading;
mod status;
mod status_attributes;
mod status_classes;
mod status_end;
mod status_progress;
mod status_work;
mod sync_or_async;
mod written;

pub use args::Args;
pub use assets::{
    AssetDoc, Datum, PartialEvent, PartialEventPage, PartialResource, PartialStreamDatum, PartialStreamResource,
    StreamRange,
};
pub use coupled_axes::CoupledAxes;
pub use cx::{CallEnvironment, Cx};
pub use device::{Device, OphydObject};
pub(crate) use device_panic::{DevicePanic, said};
pub(crate) use device_task::DeviceTask;
pub(crate) use each_protocol::each_protocol;
pub use ending::Ending;
pub use error::{DeviceError, InvalidState, NotSupported};
pub use flying_protocols::{
    Collectable, CollectedStreams, EventCollectable, EventPageCollectable, WritesExternalAssets, WritesStreamAssets,
};
pub use foreign::ForeignError;
pub(crate) use interceptable::Interceptable;
pub use interceptable::WeakDevice;
pub use protocols::{
    Callback, Checkable, Configurable, Flyable, HasHints, Locatable, Movable, Pausable, Positioner, Preparable,
    Readable, Stageable, Staged, Stoppable, Subscribable, SubscriptionId, Triggerable,
};
pub use reading::{DataKey, DataKeys, Dtype, Hints, Location, Reading, Readings};
pub use status::Status;
pub(crate) use status::{HearsOfEnd, WeakStatus};
pub use status_classes::{StatusBuilder, StatusKind};
pub use status_progress::Progress;
pub use sync_or_async::SyncOrAsync;
