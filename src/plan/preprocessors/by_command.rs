//! [`by_command`]: plans beside the messages of some commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{msg_mutator, plan_mutator};
use crate::message::Msg;
use crate::plan::{Plan, plan};
use crate::value::Text;

/// A plan with others before, after, or in the place of the messages of some commands. Made by [`by_command`]; it becomes a [`Plan`].
#[must_use = "it does nothing until it is run as a plan"]
pub struct ByCommand {
    inner: Plan,
    before: Vec<Beside>,
    instead: Vec<Beside>,
    after: Vec<Beside>,
}

/// What is put beside the messages of a command.
type Beside = (Text, Arc<dyn Fn() -> Plan + Send + Sync>);

/// Every message of a plan, with others before it, after it, or in its place, as its command says: [`plan_mutator`] without a function
/// that looks at messages. What is put there is made anew for each message, and not looked at itself.
///
/// A message in whose place a plan comes gets the answer to the last message of that plan.
///
/// ```
/// use skyspan::plan::preprocessors::by_command;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let moves = plan(async move |p| p.mv(&motor, 1).await);
/// let nap = || plan(async |p| p.sleep(0.5).await);
/// let run = lab.run(by_command(moves).before("set", nap).after("wait", nap));
/// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["sleep", "set", "wait", "sleep"]);
/// ```
pub fn by_command(inner: impl Into<Plan>) -> ByCommand {
    ByCommand { inner: inner.into(), before: Vec::new(), instead: Vec::new(), after: Vec::new() }
}

impl ByCommand {
    /// This plan before each message of a command.
    pub fn before(mut self, command: impl Into<Text>, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.before.push((command.into(), Arc::new(make)));
        self
    }

    /// This plan in the place of each message of a command.
    pub fn instead(mut self, command: impl Into<Text>, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.instead.push((command.into(), Arc::new(make)));
        self
    }

    /// This plan after each message of a command, or after what stands in its place.
    pub fn after(mut self, command: impl Into<Text>, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.after.push((command.into(), Arc::new(make)));
        self
    }
}

impl From<ByCommand> for Plan {
    fn from(all: ByCommand) -> Self {
        let ByCommand { inner, before, instead, after } = all;
        // Whether the message that comes is one of those that were put there: they are not looked at, or they would be put beside
        // themselves for ever.
        let own: Arc<AtomicBool> = Arc::default();
        plan_mutator(inner, move |msg| {
            if own.swap(false, Ordering::Relaxed) {
                return (None, None);
            }
            let put_there = |list: &[Beside]| {
                let (_, make) = list.iter().find(|(command, _)| command == msg.command())?;
                let own = Arc::clone(&own);
                Some(msg_mutator(make(), move |msg| {
                    own.store(true, Ordering::Relaxed);
                    Some(msg)
                }))
            };
            let (before, instead) = (put_there(&before), put_there(&instead));
            let head = (before.is_some() || instead.is_some()).then(|| head(before, instead, msg.clone()));
            (head, put_there(&after))
        })
    }
}

/// What comes before a message, and then what comes in its place, or itself.
fn head(before: Option<Plan>, instead: Option<Plan>, msg: Msg) -> Plan {
    plan(async move |p| {
        if let Some(before) = before {
            p.run(before).await?;
        }
        match instead {
            Some(instead) => p.run(instead).await.map(drop),
            None => p.msg(msg).await.map(drop),
        }
    })
}
