//! Those who get the documents.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use crate::document::{Document, DocumentName};
use crate::message::{Object, PlanError};
use crate::sync::lock;
use crate::value::{Text, Value};

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
#[derive(Clone)]
pub struct Subscriber(Arc<Mutex<Callback>>);

impl Subscriber {
    /// Calls that with every document.
    pub fn new<R: SubscriberOutcome>(mut callback: impl FnMut(&Document) -> R + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(move |document| callback(document).into_result()))))
    }

    fn give(&self, document: &Document) -> Result<(), PlanError> {
        catch_unwind(AssertUnwindSafe(|| lock(&self.0)(document))).unwrap_or_else(|panic| {
            let what = format!("the callback of a `{}` document", document.name());
            Err(PlanError::of_panic(what.into(), &*panic))
        })
    }
}

/// As the message `subscribe` carries it.
impl From<&Subscriber> for Object {
    fn from(subscriber: &Subscriber) -> Self {
        Self::new("function", subscriber.clone())
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
    all: Vec<Subscription>,
    /// Whether a subscriber that fails keeps the run going.
    pub(super) ignore_errors: bool,
    /// What was ignored.
    pub(super) ignored: Vec<Text>,
}

struct Subscription {
    token: SubscriptionToken,
    name: DocumentName,
    subscriber: Subscriber,
}

impl Subscriptions {
    pub(super) fn add(&mut self, name: DocumentName, subscriber: Subscriber) -> SubscriptionToken {
        let token = SubscriptionToken(self.next);
        self.next += 1;
        self.all.push(Subscription { token, name, subscriber });
        token
    }

    pub(super) fn remove(&mut self, token: SubscriptionToken) {
        self.all.retain(|subscription| subscription.token != token);
    }

    /// The token that a value stands for, if there is such a subscription.
    pub(super) fn token_of(&self, value: &Value) -> Option<SubscriptionToken> {
        self.all.iter().map(|subscription| subscription.token).find(|token| Value::from(*token) == *value)
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Gives a document to all; the first that fails keeps it from those after it, unless that is ignored.
    pub(super) fn emit(&mut self, document: &Document) -> Result<(), PlanError> {
        for subscription in &self.all {
            if !subscription.name.includes(document) {
                continue;
            }
            match subscription.subscriber.give(document) {
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
