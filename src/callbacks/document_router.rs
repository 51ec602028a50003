//! [`DocumentRouter`]: a consumer with a method for each kind of document.

use std::sync::{Arc, Mutex};

use crate::document::{
    Datum, Descriptor, Document, Event, EventPage, Resource, RunStart, RunStop, StreamDatum, StreamResource,
};
use crate::message::PlanError;
use skyspan_trace::internal::lock;

/// A function that gets documents; an error of it ends the run.
pub type DocumentCallback = Box<dyn FnMut(&Document) -> Result<(), PlanError> + Send>;

/// A consumer with a method for each kind of document (`event_model.DocumentRouter`, 1.24.0). What a consumer has no
/// method for, it does not look at.
///
/// ```
/// use skyspan::callbacks::DocumentRouter;
/// use skyspan::document::{Event, RunStop};
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// #[derive(Default)]
/// struct Brightest(f64);
///
/// impl DocumentRouter for Brightest {
///     fn event(&mut self, event: &Event) -> Result<(), PlanError> {
///         let det = event.get("det").and_then(Value::as_f64).ok_or_else(|| PlanError::key("det"))?;
///         self.0 = self.0.max(det);
///         Ok(())
///     }
///
///     fn stop(&mut self, _: &RunStop) -> Result<(), PlanError> {
///         if self.0 > 0.5 { Ok(()) } else { Err(plan_error!("no light, {} at best", self.0)) }
///     }
/// }
///
/// let lab = Harness::new();
/// lab.with_engine(|engine| engine.subscribe(Brightest::default().into_callback()));
/// lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3)).assert_success();
/// ```
///
/// # Errors
///
/// An error of any of its methods is one of the run, unless the engine
/// [ignores](crate::engine::RunEngine::ignore_callback_errors) it.
#[expect(unused_variables, reason = "the names tell what the parameters are")]
#[expect(clippy::missing_errors_doc, reason = "it stands above, for all of them")]
pub trait DocumentRouter: Send {
    /// A run begins: its start document.
    fn start(&mut self, start: &RunStart) -> Result<(), PlanError> {
        Ok(())
    }

    /// A stream is described.
    fn descriptor(&mut self, descriptor: &Descriptor) -> Result<(), PlanError> {
        Ok(())
    }

    /// Readings that were taken together.
    fn event(&mut self, event: &Event) -> Result<(), PlanError> {
        Ok(())
    }

    /// Readings that were taken together, again and again: each goes to [`event`](Self::event), unless there is a method
    /// for the page.
    fn event_page(&mut self, page: &EventPage) -> Result<(), PlanError> {
        page.unpack().iter().try_for_each(|event| self.event(event))
    }

    /// A device has begun to write somewhere.
    fn resource(&mut self, resource: &Resource) -> Result<(), PlanError> {
        Ok(())
    }

    /// A device has written one value.
    fn datum(&mut self, datum: &Datum) -> Result<(), PlanError> {
        Ok(())
    }

    /// A device has begun to write all values of a data key somewhere.
    fn stream_resource(&mut self, resource: &StreamResource) -> Result<(), PlanError> {
        Ok(())
    }

    /// A device has written some of them.
    fn stream_datum(&mut self, datum: &StreamDatum) -> Result<(), PlanError> {
        Ok(())
    }

    /// A run has ended.
    fn stop(&mut self, stop: &RunStop) -> Result<(), PlanError> {
        Ok(())
    }

    /// Gives a document to the method for its kind.
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        match document {
            Document::Start(start) => self.start(start),
            Document::Descriptor(descriptor) => self.descriptor(descriptor),
            Document::Event(event) => self.event(event),
            Document::EventPage(page) => self.event_page(page),
            Document::Resource(resource) => self.resource(resource),
            Document::Datum(datum) => self.datum(datum),
            Document::StreamResource(resource) => self.stream_resource(resource),
            Document::StreamDatum(datum) => self.stream_datum(datum),
            Document::Stop(stop) => self.stop(stop),
        }
    }

    /// The function that the engine's `subscribe` takes, and [`RunRouter`](super::RunRouter)'s factory gives.
    fn into_callback(mut self) -> DocumentCallback
    where
        Self: Sized + 'static,
    {
        Box::new(move |document| self.route(document))
    }
}

/// One that others look at, too.
impl<R: DocumentRouter> DocumentRouter for Arc<Mutex<R>> {
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        lock(self).route(document)
    }
}
