//! [`Op`]: a step with all its names resolved, and [`Body`]: several, which make a plan again and again.

use std::fmt;
use std::sync::Arc;

use super::answers::{shown, type_name};
use super::call::Make;
use super::callback::ProgramCallback;
use super::data::Comparison;
use crate::device::Device;
use crate::message::{Command, GenericMsg, Msg, PlanError};
use crate::plan::preprocessors::trace_plan;
use crate::plan::{Plan, Stubs, messages_yielded, plan};
use crate::value::{Text, Value};

/// A step with all its names resolved. It can be done again and again.
pub(super) enum Op {
    Message(Box<Message>),
    /// A plan by name.
    Plan {
        name: Text,
        make: Make,
    },
    Span {
        name: Text,
        body: Body,
    },
    Wrap {
        around: Around,
        body: Body,
    },
    Repeat {
        times: u64,
        body: Body,
    },
    Until(Until),
    Raise(PlanError),
    Show(Body),
    Catch(Body),
}

/// Puts a preprocessor around a body.
pub(super) type Around = Arc<dyn Fn(&Body) -> Plan + Send + Sync>;

/// Steps with all their names resolved. Cloning gives another handle to the same ones.
#[derive(Clone, Default)]
pub(super) struct Body(Arc<[Op]>);

/// A loop on a value.
pub(super) struct Until {
    pub(super) device: Device,
    pub(super) comparison: Comparison,
    pub(super) value: f64,
    pub(super) at_most: u64,
    pub(super) body: Body,
}

/// A message, and what callbacks have to do with it.
pub(super) struct Message {
    pub(super) generic: GenericMsg,
    pub(super) run: Value,
    /// Who subscribes with it.
    pub(super) subscribes: Option<ProgramCallback>,
    /// Those in whose place stands the token of their subscription.
    pub(super) unsubscribes: Vec<ProgramCallback>,
}

impl FromIterator<Op> for Body {
    fn from_iter<I: IntoIterator<Item = Op>>(ops: I) -> Self {
        Self(ops.into_iter().collect())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.0.len())
    }
}

impl Body {
    /// A plan that does these steps. It has no result, as in bluesky.
    pub(super) fn plan(&self) -> Plan {
        let body = self.clone();
        plan(async move |p| {
            for op in &*body.0 {
                op.perform(&p).await?;
            }
            Ok(())
        })
    }

    /// A plan of each step, which gives what the step gives.
    pub(super) fn each(&self) -> impl Iterator<Item = Plan> + use<> {
        let body = self.clone();
        (0..body.0.len()).map(move |at| body.nth(at))
    }

    /// A plan of all steps, which gives what the last one gives.
    pub(super) fn giving(&self) -> Plan {
        let body = self.clone();
        plan(async move |p| {
            let mut given = Value::Null;
            for op in &*body.0 {
                given = op.perform(&p).await?;
            }
            Ok(given)
        })
    }

    fn nth(&self, at: usize) -> Plan {
        let body = self.clone();
        // A step may be in a step: each is a plan of its own.
        plan(async move |p| match body.0.get(at) {
            Some(op) => op.perform(&p).await,
            None => Ok(Value::Null),
        })
    }

    /// Whether there is nothing to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The message that the first step is, if it is one.
    pub(super) fn first_msg(&self) -> Option<Msg> {
        match self.0.first() {
            Some(Op::Message(message)) => Some(message.generic.clone().into_msg(message.run.clone())),
            _ => None,
        }
    }
}

impl Op {
    /// Does the step, as a part of a plan; gives what it gives to a plan in bluesky, as data.
    async fn perform(&self, p: &Stubs) -> Result<Value, PlanError> {
        match self {
            Self::Message(message) => message.yield_from(p).await,
            Self::Plan { name, make } => p.run(make().named(name.clone())).await,
            Self::Span { name, body } => p.run(trace_plan(name.clone(), body.plan())).await,
            Self::Wrap { around, body } => p.run(around(body)).await,
            Self::Repeat { times, body } => {
                for _ in 0..*times {
                    let before = messages_yielded();
                    p.run(body.plan()).await?;
                    if messages_yielded() == before {
                        // What yields no message hears of nothing, and will yield none the next time.
                        break;
                    }
                }
                Ok(Value::Null)
            }
            Self::Until(until) => until.perform(p).await,
            Self::Raise(error) => Err(error.clone()),
            Self::Show(step) => {
                let given = p.run(step.giving()).await?;
                p.msg(null_with(given.clone())).await?;
                Ok(given)
            }
            Self::Catch(body) => {
                let caught = match p.run(body.plan()).await {
                    Ok(_) => Value::Null,
                    Err(error) if error.is_halt() || error.control_exit_status().is_some() => return Err(error),
                    Err(error) => error.name().into(),
                };
                p.msg(null_with(caught)).await.map(|answer| shown(&answer))
            }
        }
    }
}

impl Until {
    async fn perform(&self, p: &Stubs) -> Result<Value, PlanError> {
        let Self { device, comparison, value, at_most, body } = self;
        for _ in 0..*at_most {
            p.run(body.plan()).await?;
            let read = p.rd(device).await?;
            let number = read.as_f64().or_else(|| read.as_bool().map(|truth| f64::from(u8::from(truth))));
            let Some(number) = number else {
                let found = format!("{} reads {read}, which is not a number", device.name());
                return Err(PlanError::value(found));
            };
            if comparison.holds(number, *value) {
                return Ok(Value::Null);
            }
        }
        let (name, comparison) = (device.name(), comparison.as_str());
        Err(PlanError::runtime(format!("{name} is not {comparison} {} after {at_most} rounds", Value::from(*value))))
    }
}

/// A message that does nothing, and has an argument for those who read the recording.
fn null_with(arg: Value) -> Msg {
    let command = Text::from(Command::Null.name());
    GenericMsg { command, args: vec![arg.into()], ..GenericMsg::default() }.into_msg(Value::Null)
}

impl Message {
    async fn yield_from(&self, p: &Stubs) -> Result<Value, PlanError> {
        let Self { generic, run, subscribes, unsubscribes } = self;
        let mut generic = generic.clone();
        for callback in unsubscribes {
            let args = generic.args.iter_mut().chain(generic.kwargs.iter_mut().map(|(_, arg)| arg));
            args.for_each(|arg| callback.token_in_place(arg));
        }
        let msg = generic.into_msg(run.clone());
        let asks_for_type = matches!(msg.command, Command::ReClass);
        let answer = p.msg(msg).await?;
        if let Some(callback) = subscribes {
            callback.subscribed(&answer);
        }
        // The answer is a class in bluesky; here it is the name of one.
        Ok(if asks_for_type { type_name("type") } else { shown(&answer) })
    }
}
