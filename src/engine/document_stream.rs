//! [`DocumentStream`]: documents for a consumer that takes its time.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use super::{RunEngine, Subscriber, SubscriptionToken};
use crate::document::{Document, DocumentName};
use crate::message::PlanError;
use skyspan_trace::internal::lock;

/// The documents of an engine, for a consumer that takes its time; made by [`RunEngine::documents`].
///
/// What has not been taken is kept, so many documents and no more: where that is full the oldest is dropped, and
/// [counted](Self::lost). So a slow consumer never holds the engine, nor fills the memory.
///
/// It ends when its subscription does, or the engine is dropped, after what is kept has been taken. Dropped, it keeps
/// nothing any more.
///
/// ```
/// use skyspan::clock::Clock;
/// use skyspan::engine::RunEngine;
/// use skyspan::prelude::*;
///
/// let clock = Clock::simulated();
/// let mut engine = RunEngine::builder(clock.clone()).build();
/// let mut documents = engine.documents(100);
/// let det: Device = SynSignal::new("det").into();
/// let names = clock.block_on(async {
///     engine.run(plans::count(&det, 1)).await.unwrap();
///     drop(engine);
///     let mut names = Vec::new();
///     while let Some(document) = documents.next().await {
///         names.push(document.name());
///     }
///     names
/// })?;
/// assert_eq!((names, documents.lost()), (vec!["start", "descriptor", "event", "stop"], 0));
/// # Ok::<(), skyspan::clock::Deadlock>(())
/// ```
pub struct DocumentStream {
    shared: Arc<SharedQueue>,
    token: SubscriptionToken,
}

/// What a consumer shares with the one who feeds it.
#[derive(Default)]
pub(super) struct SharedQueue(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    documents: VecDeque<Document>,
    capacity: usize,
    lost: u64,
    /// Nothing comes any more.
    is_closed: bool,
    /// Nobody takes anything any more.
    is_abandoned: bool,
    /// Whether a document was taken by someone who has not dealt with it yet.
    is_busy: bool,
    /// What the consumer failed of, to be told with the next document.
    failure: Option<PlanError>,
    consumer: Option<Waker>,
    /// Those who wait until all is dealt with.
    patient: Vec<Waker>,
}

/// Feeds a consumer; when it is dropped there comes nothing any more.
pub(super) struct Feed(pub(super) Arc<SharedQueue>);

impl SharedQueue {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Queue { capacity: capacity.max(1), ..Queue::default() })))
    }

    pub(super) fn lost(&self) -> u64 {
        lock(&self.0).lost
    }

    pub(super) fn try_next(&self) -> Option<Document> {
        lock(&self.0).documents.pop_front()
    }

    /// The next document, which the consumer begins to deal with; nothing when there will be none.
    pub(super) async fn next(&self) -> Option<Document> {
        poll_fn(|cx| {
            let mut queue = lock(&self.0);
            match queue.documents.pop_front() {
                Some(document) => {
                    queue.is_busy = true;
                    Poll::Ready(Some(document))
                }
                None if queue.is_closed => Poll::Ready(None),
                None => {
                    queue.consumer = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The consumer has dealt with a document.
    pub(super) fn finish(&self) {
        let patient = {
            let mut queue = lock(&self.0);
            queue.is_busy = false;
            if queue.documents.is_empty() { std::mem::take(&mut queue.patient) } else { Vec::new() }
        };
        patient.into_iter().for_each(Waker::wake);
    }

    /// The consumer takes nothing any more.
    pub(super) fn abandon(&self, failure: Option<PlanError>) {
        let (patient, left) = {
            let mut queue = lock(&self.0);
            queue.is_abandoned = true;
            queue.is_busy = false;
            queue.failure = failure;
            (std::mem::take(&mut queue.patient), std::mem::take(&mut queue.documents))
        };
        drop(left);
        patient.into_iter().for_each(Waker::wake);
    }

    pub(super) fn failure(&self) -> Option<PlanError> {
        lock(&self.0).failure.clone()
    }

    /// Done when all that was given so far is dealt with.
    pub(super) async fn caught_up(&self) {
        poll_fn(|cx| {
            let mut queue = lock(&self.0);
            if queue.is_abandoned || queue.documents.is_empty() && !queue.is_busy {
                return Poll::Ready(());
            }
            queue.patient.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Feed {
    /// Gives a document to the consumer, in place of the oldest where there is no room.
    pub(super) fn give(&self, document: &Document) -> Result<(), PlanError> {
        let (waker, oldest) = {
            let mut queue = lock(&self.0.0);
            if queue.is_abandoned {
                return queue.failure.take().map_or(Ok(()), Err);
            }
            let is_full = queue.documents.len() == queue.capacity;
            let oldest = is_full.then(|| queue.documents.pop_front());
            queue.lost += u64::from(is_full);
            queue.documents.push_back(document.clone());
            (queue.consumer.take(), oldest)
        };
        drop(oldest);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let waker = {
            let mut queue = lock(&self.0.0);
            queue.is_closed = true;
            queue.consumer.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl DocumentStream {
    /// The next document, as soon as there is one; nothing when there will be none.
    pub async fn next(&mut self) -> Option<Document> {
        self.shared.next().await
    }

    /// The next document, if there is one now.
    pub fn try_next(&mut self) -> Option<Document> {
        self.shared.try_next()
    }

    /// How many documents were dropped because nobody took them in time.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost()
    }

    /// By what the engine [unsubscribes](RunEngine::unsubscribe) it.
    #[must_use]
    pub const fn token(&self) -> SubscriptionToken {
        self.token
    }
}

impl Drop for DocumentStream {
    fn drop(&mut self) {
        self.shared.abandon(None);
    }
}

impl RunEngine {
    /// The documents from now on, for a consumer that takes its time: `capacity` of them are kept until they are taken, at
    /// least 1, and the oldest are dropped and counted where there are more.
    pub fn documents(&mut self, capacity: usize) -> DocumentStream {
        let shared = SharedQueue::new(capacity);
        let feed = Feed(Arc::clone(&shared));
        let token = self.add_subscriber(DocumentName::All, &Subscriber::new(move |document| feed.give(document)));
        DocumentStream { shared, token }
    }
}

impl fmt::Debug for DocumentStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentStream").field("lost", &self.lost()).finish_non_exhaustive()
    }
}
