//! [`Mutation`]: what a `msg_mutator` or a `plan_mutator` of a program does to the messages of its body.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::wrapping::ByCommand;
use crate::message::Msg;
use crate::plan::preprocessors::{msg_mutator, plan_mutator};
use crate::plan::{Plan, plan};
use crate::program::op::Body;
use crate::value::Text;

/// What a mutator does, with all its names resolved.
#[derive(Clone, Debug, Default)]
pub(super) struct Mutation {
    /// Whether it is a `msg_mutator`, which knows no other messages than those of the plan.
    pub(super) by_message: bool,
    pub(super) drop: Vec<Text>,
    /// For a `msg_mutator`, one message each.
    pub(super) instead: ByCommand,
    pub(super) before: ByCommand,
    pub(super) after: ByCommand,
}

/// The steps for a message, if there are some.
fn at<'a>(by_command: &'a ByCommand, msg: &Msg) -> Option<&'a Body> {
    by_command.iter().find(|(command, _)| command == msg.command()).map(|(_, body)| body)
}

impl Mutation {
    /// One that knows no other messages than those of the plan.
    pub(super) fn of_messages() -> Self {
        Self { by_message: true, ..Self::default() }
    }

    pub(super) fn around(self, inner: Plan) -> Plan {
        if self.by_message { self.around_messages(inner) } else { self.around_plan(inner) }
    }

    fn around_messages(self, inner: Plan) -> Plan {
        msg_mutator(inner, move |msg| {
            if self.drop.iter().any(|command| command == msg.command()) {
                return None;
            }
            let other = at(&self.instead, &msg).and_then(Body::first_msg);
            Some(other.unwrap_or(msg))
        })
    }

    fn around_plan(self, inner: Plan) -> Plan {
        // Whether the message that comes is one of those that were put there: they are not looked at, or they would be
        // put beside themselves for ever.
        let own: Arc<AtomicBool> = Arc::default();
        plan_mutator(inner, move |msg| {
            if own.swap(false, Ordering::Relaxed) {
                return (None, None);
            }
            let put_there = |body: &Body| {
                let own = Arc::clone(&own);
                msg_mutator(body.plan(), move |msg| {
                    own.store(true, Ordering::Relaxed);
                    Some(msg)
                })
            };
            let (before, instead) = (at(&self.before, msg), at(&self.instead, msg));
            let head = (before.is_some() || instead.is_some()).then(|| {
                let (before, instead, msg) = (before.map(put_there), instead.map(put_there), msg.clone());
                plan(async move |p| {
                    if let Some(before) = before {
                        p.run(before).await?;
                    }
                    match instead {
                        Some(instead) => p.run(instead).await.map(drop),
                        None => p.msg(msg).await.map(drop),
                    }
                })
            });
            (head, at(&self.after, msg).map(put_there))
        })
    }
}
