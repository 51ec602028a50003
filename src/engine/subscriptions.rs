//! Those who get the documents.

use crate::document::Document;

/// Names a subscription to documents, to end it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SubscriptionToken(u64);

type Subscriber = Box<dyn FnMut(&Document) + Send>;

/// Those who get the documents, in the order in which they subscribed.
#[derive(Default)]
pub(super) struct Subscriptions {
    next: u64,
    all: Vec<(SubscriptionToken, Subscriber)>,
}

impl Subscriptions {
    pub(super) fn add(&mut self, subscriber: Subscriber) -> SubscriptionToken {
        self.next += 1;
        let token = SubscriptionToken(self.next);
        self.all.push((token, subscriber));
        token
    }

    pub(super) fn remove(&mut self, token: SubscriptionToken) {
        self.all.retain(|(other, _)| *other != token);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn emit(&mut self, document: &Document) {
        self.all.iter_mut().for_each(|(_, subscriber)| subscriber(document));
    }
}
