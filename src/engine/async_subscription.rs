//! [`AsyncSubscription`]: documents for an async function.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;

use super::attending::without_panic;
use super::document_stream::{Feed, SharedQueue};
use super::{RunEngine, Subscriber, SubscriberOutcome, SubscriptionToken};
use crate::document::{Document, DocumentName};
use crate::message::PlanError;
use crate::value::Text;
use skyspan_trace::internal::lock;

/// A subscription of an async function to the documents of an engine; made by [`RunEngine::subscribe_async`].
///
/// The function goes on after the subscription has ended, or the engine is dropped, as long as this lives.
pub struct AsyncSubscription {
    shared: Arc<SharedQueue>,
    token: SubscriptionToken,
    _consumer: Arc<Consumer>,
}

/// What the function is doing; owned by the engine and by the subscription, and not by the task that polls it, for the
/// function may own the clock in whose runtime that task is.
struct Consumer(Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl RunEngine {
    /// Gives every document from now on to an async function, one after another, in the runtime of the engine's clock:
    /// whenever the clock [runs](crate::clock::Clock::block_on) something.
    ///
    /// The engine does not wait for it. Of the documents that it has not begun with, `capacity` are kept, at least 1; where
    /// there are more the oldest are dropped and [counted](AsyncSubscription::lost). When it fails or panics it gets no
    /// more, and the run fails with its error at the next document, unless that is
    /// [ignored](Self::ignore_callback_errors).
    ///
    /// ```
    /// use skyspan::clock::Clock;
    /// use skyspan::engine::RunEngine;
    /// use skyspan::prelude::*;
    ///
    /// let clock = Clock::simulated();
    /// let start = clock.now();
    /// let mut engine = RunEngine::builder(clock.clone()).build();
    /// let slow = clock.clone();
    /// let archive = engine.subscribe_async(100, move |_| {
    ///     let clock = slow.clone();
    ///     async move { clock.sleep(secs(60.0)).await }
    /// });
    /// let det: Device = SynSignal::new("det").into();
    /// clock.block_on(async {
    ///     engine.run(plans::count(&det, 1)).await.unwrap();
    ///     assert_eq!(clock.now(), start);
    ///     archive.caught_up().await;
    ///     assert_eq!(clock.now() - start, secs(4.0 * 60.0));
    /// })?;
    /// # Ok::<(), skyspan::clock::Deadlock>(())
    /// ```
    pub fn subscribe_async<F, Fut, R>(&mut self, capacity: usize, mut consume: F) -> AsyncSubscription
    where
        F: FnMut(Document) -> Fut + Send + 'static,
        Fut: Future<Output = R> + Send,
        R: SubscriberOutcome,
    {
        let shared = SharedQueue::new(capacity);
        let queue = Arc::clone(&shared);
        let consumer = Arc::new(Consumer(Mutex::new(Box::pin(async move {
            let all = pin!(async {
                while let Some(document) = queue.next().await {
                    consume(document).await.into_result()?;
                    queue.finish();
                }
                Ok::<(), PlanError>(())
            });
            let consumed = without_panic(|| Text::literal("an async callback"), all).await;
            queue.abandon(consumed.err());
        }))));
        let polled = Arc::downgrade(&consumer);
        self.shared.clock.spawn(poll_fn(move |cx| match Weak::upgrade(&polled) {
            Some(consumer) => lock(&consumer.0).as_mut().poll(cx),
            None => Poll::Ready(()),
        }));
        let (feed, kept) = (Feed(Arc::clone(&shared)), Arc::clone(&consumer));
        let subscriber = Subscriber::new(move |document| {
            let _ = &kept;
            feed.give(document)
        });
        let token = self.add_subscriber(DocumentName::All, &subscriber);
        AsyncSubscription { shared, token, _consumer: consumer }
    }
}

impl AsyncSubscription {
    /// Done when the function has dealt with all that was emitted so far, or has failed.
    pub async fn caught_up(&self) {
        self.shared.caught_up().await;
    }

    /// How many documents were dropped because the function was too slow.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost()
    }

    /// What the function failed of, as long as the engine has not been told.
    #[must_use]
    pub fn failure(&self) -> Option<PlanError> {
        self.shared.failure()
    }

    /// By what the engine [unsubscribes](RunEngine::unsubscribe) it.
    #[must_use]
    pub const fn token(&self) -> SubscriptionToken {
        self.token
    }
}

impl fmt::Debug for AsyncSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSubscription").field("lost", &self.lost()).finish_non_exhaustive()
    }
}
