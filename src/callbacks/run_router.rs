//! [`RunRouter`]: gives each run consumers of its own.

use std::fmt;

use super::run_of::RunOf;
use super::{DocumentCallback, DocumentRouter};
use crate::document::{Document, RunStart};
use crate::message::PlanError;
use crate::value::Text;

/// Gives each run consumers of its own, also where runs overlap (`event_model.RunRouter`, 1.24.0, without its subfactories
/// and fillers).
///
/// The factory looks at the first document of a run, and says who gets its documents, this one among them. They are
/// dropped when the run has ended.
///
/// ```
/// use skyspan::callbacks::{DocumentRouter, JsonLinesWriter, LiveTable, RunRouter};
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let router = RunRouter::new(|start| {
///     let is_scan = start.metadata.get("plan_name").and_then(Value::as_str) == Some("scan");
///     let fields = if is_scan { vec!["motor", "det"] } else { vec!["det"] };
///     let kept = JsonLinesWriter::to(std::io::sink());
///     vec![LiveTable::new(fields).into_callback(), kept.into_callback()]
/// });
/// lab.with_engine(|engine| engine.subscribe(router.into_callback()));
/// lab.run(plans::count(&lab.device("det"), 2)).assert_success();
/// ```
///
/// # Errors
///
/// The first error of a consumer, which those after it then do not hear of.
pub struct RunRouter<F> {
    factory: F,
    open: Vec<(Text, Vec<DocumentCallback>)>,
    run_of: RunOf,
}

impl<F: FnMut(&RunStart) -> Vec<DocumentCallback> + Send> RunRouter<F> {
    /// Asks `factory` at the beginning of each run who gets its documents.
    pub fn new(factory: F) -> Self {
        Self { factory, open: Vec::new(), run_of: RunOf::default() }
    }
}

impl<F: FnMut(&RunStart) -> Vec<DocumentCallback> + Send> DocumentRouter for RunRouter<F> {
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        if let Document::Start(start) = document {
            let callbacks = (self.factory)(start);
            self.open.push((start.uid.clone(), callbacks));
        }
        let Some(run) = self.run_of.run_of(document) else { return Ok(()) };
        let Some(at) = self.open.iter().position(|(uid, _)| *uid == run) else { return Ok(()) };
        if matches!(document, Document::Stop(_)) {
            let (_, mut callbacks) = self.open.remove(at);
            return callbacks.iter_mut().try_for_each(|callback| callback(document));
        }
        self.open[at].1.iter_mut().try_for_each(|callback| callback(document))
    }
}

impl<F> fmt::Debug for RunRouter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunRouter").field("open", &self.open.len()).finish_non_exhaustive()
    }
}
