//! Those who get the documents.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use crate::document::{Document, DocumentName};
use crate::message::{Object, PlanError};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// Names a subscription to documents, to end it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SubscriptionToken(u64);

impl From<SubscriptionToken> for Value {
    fn from(token: SubscriptionToken) -> Self {
        token.0.into()
    }
}

/// What a subscriber gives back: nothing, or whether it could make sense of the document.
pub trait SubscriberOutcome {
    /// As a result.
    ///
    /// # Errors
    ///
    /// Where the subscriber failed.
    fn into_result(self) -> Result<(), PlanError>;
}

impl SubscriberOutcome for () {
    fn into_result(self) -> Result<(), PlanError> {
        Ok(())
    }
}

impl<E: Into<PlanError>> SubscriberOutcome for Result<(), E> {
    fn into_result(self) -> Result<(), PlanError> {
        self.map_err(Into::into)
    }
}

type Callback = Box<dyn FnMut(&Document) -> Result<(), PlanError> + Send>;

/// Somebody who gets documents. Cloning gives another handle to the same one.
///
/// Who is subscribed twice gets each document once, and one subscription that ends ends the others for its documents, as
/// in bluesky 1.15.1.
#[derive(Clone)]
pub struct Subscriber {
    callback: Arc<Mutex<Callback>>,
    name: Option<Text>,
}

impl Subscriber {
    /// Calls that with every document.
    pub fn new<R: SubscriberOutcome>(mut callback: impl FnMut(&Document) -> R + Send + 'static) -> Self {
        let callback: Callback = Box::new(move |document| callback(document).into_result());
        Self { callback: Arc::new(Mutex::new(callback)), name: None }
    }

    /// The same under a name, by which it stands in a recording of messages.
    #[must_use]
    pub fn named(self, name: impl Into<Text>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.callback, &other.callback)
    }

    pub(crate) fn give(&self, document: &Document) -> Result<(), PlanError> {
        catch_unwind(AssertUnwindSafe(|| lock(&self.callback)(document))).unwrap_or_else(|panic| {
            let what = format!("the callback of a `{}` document", document.name());
            Err(PlanError::of_panic(what.into(), &*panic))
        })
    }
}

/// As the message `subscribe` carries it.
impl From<&Subscriber> for Object {
    fn from(subscriber: &Subscriber) -> Self {
        let object = Self::new("function", subscriber.clone());
        match &subscriber.name {
            Some(name) => object.named(name),
            None => object,
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscriber")
    }
}

/// Those who get the documents, in the order in which they subscribed (`bluesky.run_engine.Dispatcher`, 1.15.1).
#[derive(Default)]
pub(super) struct Subscriptions {
    next: u64,
    /// That of the harness, before all others; it stays.
    recorder: Option<Subscriber>,
    all: Vec<Subscription>,
    /// Whether a subscriber that fails keeps the run going.
    pub(super) ignore_errors: bool,
    /// The errors of callbacks that were ignored.
    pub(super) ignored: Vec<Text>,
}

struct Subscription {
    token: SubscriptionToken,
    name: DocumentName,
    /// What it gets no more: another subscription of the same subscriber has ended.
    ended: Vec<DocumentName>,
    subscriber: Subscriber,
}

impl Subscription {
    fn includes(&self, document: &Document) -> bool {
        self.name.includes(document) && !self.ended.iter().any(|name| name.includes(document))
    }
}

impl Subscriptions {
    /// Gives everything to `recorder`, too. It takes a token, as every other; one in the place of another takes none, so that what is
    /// recorded besides does not change what plans see.
    pub(super) fn record(&mut self, recorder: Subscriber) {
        if self.recorder.replace(recorder).is_none() {
            self.next += 1;
        }
    }

    pub(super) fn add(&mut self, name: DocumentName, subscriber: Subscriber) -> SubscriptionToken {
        let token = SubscriptionToken(self.next);
        self.next += 1;
        self.all.push(Subscription { token, name, ended: Vec::new(), subscriber });
        token
    }

    pub(super) fn remove(&mut self, token: SubscriptionToken) {
        let Some(at) = self.all.iter().position(|subscription| subscription.token == token) else { return };
        let removed = self.all.remove(at);
        for other in self.all.iter_mut().filter(|other| other.subscriber.is(&removed.subscriber)) {
            other.ended.push(removed.name);
        }
    }

    /// The token that a value stands for, if there is such a subscription.
    pub(super) fn token_of(&self, value: &Value) -> Option<SubscriptionToken> {
        self.all.iter().map(|subscription| subscription.token).find(|token| Value::from(*token) == *value)
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.recorder.is_none()
    }

    /// Gives a document to all; the first that fails keeps it from those after it, unless that is ignored.
    pub(super) fn emit(&mut self, document: &Document) -> Result<(), PlanError> {
        if let Some(recorder) = &self.recorder {
            recorder.give(document)?;
        }
        for (at, subscription) in self.all.iter().enumerate() {
            let subscriber = &subscription.subscriber;
            let has_it = |earlier: &Subscription| earlier.subscriber.is(subscriber) && earlier.includes(document);
            if !subscription.includes(document) || self.all[..at].iter().any(has_it) {
                continue;
            }
            match subscriber.give(document) {
                Err(error) if self.ignore_errors => {
                    let text =
                        format!("a callback failed on a `{}` document, which is ignored: {error}", document.name());
                    self.ignored.push(text.into());
                }
                given => given?,
            }
        }
        Ok(())
    }
}
