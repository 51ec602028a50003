//! [`ProgramCallback`]: one who gets documents, and the token of its last subscription.

use std::sync::{Arc, Mutex};

use super::data::CallbackSpec;
use crate::device::DeviceError;
use crate::document::DocumentName;
use crate::engine::Subscriber;
use crate::message::{Arg, Object, PlanError, Response};
use crate::plan::Stubs;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// One who gets documents, does nothing with them, and may fail at one: a [`CallbackSpec`], made. It knows the token of its last
/// subscription by a plan. Cloning gives another handle to the same one.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::program::{ProgramCallback, CallbackSpec};
///
/// let disk = ProgramCallback::new(&CallbackSpec::new("disk").failing_at(1, "no space left"));
/// let run = Harness::new().run(plan(async move |p| {
///     disk.subscribe(&p, DocumentName::Start).await?;
///     disk.unsubscribe(&p).await?;
///     p.open_run(Map::new()).await?;
///     p.close_run().await
/// }));
/// run.assert_success();
/// ```
#[derive(Clone, Debug)]
pub struct ProgramCallback {
    pub(super) name: Text,
    pub(super) subscriber: Subscriber,
    /// As messages carry it.
    pub(super) object: Object,
    /// Names its last subscription by a message; null before the first.
    token: Arc<Mutex<Value>>,
}

impl ProgramCallback {
    /// The callback that a program describes.
    #[must_use]
    pub fn new(spec: &CallbackSpec) -> Self {
        let name = Text::from(&spec.name.value);
        let (fault, mut calls) = (spec.fault.clone(), 0);
        let subscriber = Subscriber::new(move |_| {
            calls += 1;
            match &fault {
                Some(fault) if calls == fault.nth => {
                    Err(DeviceError::other(Text::literal("DeviceFault"), fault.message.as_str()))
                }
                _ => Ok(()),
            }
        });
        let subscriber = subscriber.named(name.clone());
        Self { object: Object::from(&subscriber), name, subscriber, token: Arc::default() }
    }

    /// As the engine subscribes it.
    #[must_use]
    pub const fn subscriber(&self) -> &Subscriber {
        &self.subscriber
    }

    /// Subscribes it for the rest of the call, as a part of a plan; gives the token.
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub async fn subscribe(&self, p: &Stubs, documents: DocumentName) -> Result<Value, PlanError> {
        let token = p.subscribe(documents, self).await?;
        *lock(&self.token) = token.clone();
        Ok(token)
    }

    /// The token of its last subscription by a plan; null before the first.
    #[must_use]
    pub fn token(&self) -> Value {
        lock(&self.token).clone()
    }

    /// Ends its last subscription, as a part of a plan.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn unsubscribe(&self, p: &Stubs) -> Result<(), PlanError> {
        p.unsubscribe(self.token()).await
    }

    /// Keeps the token with which a `subscribe` was answered.
    pub(super) fn subscribed(&self, answer: &Response) {
        *lock(&self.token) = match answer {
            Response::Value(token) => token.clone(),
            _ => Value::Null,
        };
    }

    /// The token of its last subscription, in its place among the arguments of `unsubscribe`.
    pub(super) fn token_in_place(&self, arg: &mut Arg) {
        if matches!(arg, Arg::Object(object) if *object == self.object) {
            *arg = Arg::Value(lock(&self.token).clone());
        }
    }
}

/// As messages carry it.
impl From<&ProgramCallback> for Object {
    fn from(callback: &ProgramCallback) -> Self {
        callback.object.clone()
    }
}
