//! [`Callback`]: one who gets documents, and the token of its last subscription.

use std::sync::{Arc, Mutex};

use super::data::CallbackSpec;
use crate::device::DeviceError;
use crate::engine::Subscriber;
use crate::message::{Arg, Object, Response};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// One who gets documents, does nothing with them, and may fail at one. Cloning gives another handle to the same one.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    pub(super) name: Text,
    pub(super) subscriber: Subscriber,
    /// As messages carry it.
    pub(super) object: Object,
    /// Names its last subscription by a message; null before the first.
    token: Arc<Mutex<Value>>,
}

impl Callback {
    pub(super) fn new(spec: &CallbackSpec) -> Self {
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
