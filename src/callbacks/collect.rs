//! [`CollectThenCompute`]: keeps the documents of a run, to compute something when it has ended.

use std::fmt;
use std::sync::Arc;

use super::DocumentRouter;
use crate::document::{Descriptor, Document, Event, RunStart, RunStop};
use crate::message::PlanError;

/// The documents of a run that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CollectedRun {
    /// The start document of the run.
    pub start: Arc<RunStart>,
    /// What describes its streams, in the order in which they came.
    pub descriptors: Vec<Arc<Descriptor>>,
    /// Its events, those of pages, too.
    pub events: Vec<Arc<Event>>,
    /// The stop document of the run.
    pub stop: Arc<RunStop>,
}

impl CollectedRun {
    /// The events of a stream.
    pub fn events_of<'a>(&'a self, stream: &'a str) -> impl Iterator<Item = &'a Event> {
        let is_of = move |event: &Event| {
            self.descriptors.iter().any(|described| described.uid == event.descriptor && described.name == stream)
        };
        self.events.iter().map(|event| &**event).filter(move |event| is_of(event))
    }
}

/// Keeps the documents of a run, and calls a function with them when it has ended
/// (`bluesky.callbacks.core.CollectThenCompute`, 1.15.1, whose `compute` a subclass defines).
///
/// Each run begins anew; bluesky's keeps the documents until its `reset`. For runs that overlap give each its own, by a
/// [`RunRouter`](super::RunRouter).
///
/// ```
/// use std::sync::mpsc::channel;
/// use skyspan::callbacks::{CollectThenCompute, DocumentRouter};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (tell, told) = channel();
/// let mean = CollectThenCompute::new(move |run| {
///     let readings: Vec<f64> = run.events.iter().filter_map(|event| event.get("det")?.as_f64()).collect();
///     let mean = readings.iter().sum::<f64>() / readings.len() as f64;
///     tell.send(mean).map_err(|_| plan_error!("nobody wants to know"))
/// });
/// lab.with_engine(|engine| engine.subscribe(mean.into_callback()));
/// lab.run(plans::count(&lab.device("det"), 3)).assert_success();
/// assert_eq!(told.recv(), Ok(1.0));
/// ```
///
/// # Errors
///
/// What the function returns is an error of the run.
pub struct CollectThenCompute<F> {
    compute: F,
    start: Option<Arc<RunStart>>,
    descriptors: Vec<Arc<Descriptor>>,
    events: Vec<Arc<Event>>,
}

impl<F: FnMut(&CollectedRun) -> Result<(), PlanError> + Send> CollectThenCompute<F> {
    /// Calls that with each run that has ended.
    pub const fn new(compute: F) -> Self {
        Self { compute, start: None, descriptors: Vec::new(), events: Vec::new() }
    }
}

impl<F: FnMut(&CollectedRun) -> Result<(), PlanError> + Send> DocumentRouter for CollectThenCompute<F> {
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        match document {
            Document::Start(start) => {
                self.descriptors.clear();
                self.events.clear();
                self.start = Some(Arc::clone(start));
            }
            Document::Descriptor(descriptor) => self.descriptors.push(Arc::clone(descriptor)),
            Document::Event(event) => self.events.push(Arc::clone(event)),
            Document::EventPage(page) => self.events.extend(page.unpack().into_iter().map(Arc::new)),
            Document::Stop(stop) => {
                if let Some(start) = self.start.take() {
                    return (self.compute)(&CollectedRun {
                        start,
                        descriptors: std::mem::take(&mut self.descriptors),
                        events: std::mem::take(&mut self.events),
                        stop: Arc::clone(stop),
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl<F> fmt::Debug for CollectThenCompute<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectThenCompute").field("events", &self.events.len()).finish_non_exhaustive()
    }
}
