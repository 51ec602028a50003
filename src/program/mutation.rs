//! [`Mutation`]: what a `msg_mutator` or a `plan_mutator` of a plan file does to the messages of its body.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::op::{Op, body};
use crate::message::Msg;
use crate::plan::preprocessors::{msg_mutator, plan_mutator};
use crate::plan::{Plan, plan};
use crate::value::Text;

/// Steps by the command at whose messages they are done.
type ByCommand = Vec<(Text, Vec<Op>)>;

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
fn at<'a>(by_command: &'a ByCommand, msg: &Msg) -> Option<&'a [Op]> {
    by_command.iter().find(|(command, _)| command == msg.command()).map(|(_, ops)| ops.as_slice())
}

impl Mutation {
    pub(super) fn around(self, inner: Plan) -> Plan {
        if self.by_message { self.around_messages(inner) } else { self.around_plan(inner) }
    }

    fn around_messages(self, inner: Plan) -> Plan {
        msg_mutator(inner, move |msg| {
            if self.drop.iter().any(|command| command == msg.command()) {
                return None;
            }
            let other = at(&self.instead, &msg).and_then(<[Op]>::first).and_then(Op::as_msg);
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
            let put_there = |ops: &[Op]| {
                let own = Arc::clone(&own);
                msg_mutator(body(ops), move |msg| {
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
