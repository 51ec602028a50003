//! [`Recording`]: what the engine has said, kept for those who ask.

use std::sync::{Arc, Mutex};

use super::chronicle::{Happening, Occurrence};
use super::ledger::Ledger;
use super::lulls::Lulls;
use crate::clock::{Clock, Timestamp};
use crate::document::Document;
use crate::engine::{RunEngine, Watch};
use crate::message::{Msg, PlanError};
use skyspan_trace::internal::lock;

/// Something that the engine says, for one who listens to it.
pub(crate) enum Heard<'a> {
    /// A message is about to be executed.
    Message(&'a Msg),
    /// The message before this failed.
    Failure(&'a PlanError),
    /// A document was emitted.
    Document(&'a Document),
}

/// One who listens to what the engine says, while it says it. It may ask nothing of the harness.
pub(crate) type Listener = Box<dyn FnMut(Heard<'_>) + Send>;

/// What the engine has said since the last run began. What is kept of it is shared with the outcomes of the calls.
#[derive(Default)]
pub(super) struct Recording {
    pub(super) documents: Arc<Vec<Document>>,
    pub(super) messages: Arc<Vec<Msg>>,
    /// All of it in order, with the times, where that is wanted.
    pub(super) happenings: Option<Arc<Vec<Happening>>>,
    /// Whether what is asked of devices is recorded besides.
    pub(super) records_calls: bool,
    /// What is noted in place of all this, while an estimate is made.
    pub(super) ledger: Option<Ledger>,
    pub(super) keeps_documents: bool,
    pub(super) keeps_messages: bool,
    /// What the spans do not tell, where there are any.
    pub(super) lulls: Option<Lulls>,
    pub(super) watch: Watch,
    pub(super) listener: Option<Listener>,
}

impl Recording {
    pub(super) fn note(&mut self, time: Timestamp, what: impl FnOnce() -> Occurrence) {
        if let Some(happenings) = &mut self.happenings {
            self.watch.keep(size_of::<Happening>());
            Arc::make_mut(happenings).push(Happening { time, what: what() });
        }
    }

    pub(super) fn failure(&mut self, error: &PlanError, time: Timestamp) {
        self.tell(|| Heard::Failure(error));
        self.note(time, || Occurrence::Failure(error.clone()));
    }

    fn tell<'a>(&mut self, heard: impl FnOnce() -> Heard<'a>) {
        if let Some(listener) = &mut self.listener {
            listener(heard());
        }
    }

    pub(super) fn document(&mut self, document: &Document, time: Timestamp) {
        self.tell(|| Heard::Document(document));
        if let Some(ledger) = &mut self.ledger {
            return ledger.document(document);
        }
        self.note(time, || Occurrence::Document(document.clone()));
        if self.keeps_documents {
            self.watch.keep(bytes_of(document));
            Arc::make_mut(&mut self.documents).push(document.clone());
        }
    }

    pub(super) fn message(&mut self, msg: &Msg, time: Timestamp) {
        self.tell(|| Heard::Message(msg));
        if let Some(lulls) = &mut self.lulls {
            let kept = lulls.message(msg, time);
            self.watch.keep(kept);
        }
        if let Some(ledger) = &mut self.ledger {
            return ledger.message(msg, time);
        }
        self.note(time, || Occurrence::Message(msg.clone()));
        if self.keeps_messages {
            // With what it points to, for the most part.
            self.watch.keep(2 * size_of::<Msg>());
            Arc::make_mut(&mut self.messages).push(msg.clone());
        }
    }
}

/// What a document takes, about: readings for the most part.
fn bytes_of(document: &Document) -> usize {
    const READING: usize = 250;
    match document {
        Document::Event(event) => 600 + READING * event.readings.len(),
        Document::EventPage(page) => 600 + READING * page.data.iter().map(|(_, values)| values.len()).sum::<usize>(),
        _ => 2_000,
    }
}

/// Notes every document of an engine; the engine then composes all of them.
pub(super) fn record_documents(engine: &mut RunEngine, recording: &Arc<Mutex<Recording>>, clock: &Clock) {
    let (documents, time) = (Arc::clone(recording), clock.clone());
    engine.record_documents(move |document| lock(&documents).document(document, time.now()));
}
