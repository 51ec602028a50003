//! [`CallbackCounter`]: counts documents.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::DocumentRouter;
use crate::document::Document;
use crate::message::PlanError;

/// Counts documents (`bluesky.callbacks.core.CallbackCounter`, 1.15.1). Cloning gives another handle to the same count.
///
/// ```
/// use skyspan::callbacks::{CallbackCounter, DocumentRouter};
/// use skyspan::document::DocumentName;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let events = CallbackCounter::new();
/// lab.with_engine(|engine| engine.subscribe_to(DocumentName::Event, events.clone().into_callback()));
/// lab.run(plans::count(&lab.device("det"), 3)).assert_success();
/// assert_eq!(events.value(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct CallbackCounter(Arc<AtomicUsize>);

impl CallbackCounter {
    /// A counter that has seen no document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there were.
    #[must_use]
    pub fn value(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl DocumentRouter for CallbackCounter {
    fn route(&mut self, _: &Document) -> Result<(), PlanError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
