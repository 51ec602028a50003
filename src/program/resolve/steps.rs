//! From steps to [`Op`]s, with all names resolved.

use crate::clock::Clock;
use crate::hardware::Beamline;
use crate::message::{Arg, GenericMsg, PlanError};
use crate::plan::Plan;
use crate::program::awaitables::awaitables;
use crate::program::call::Call;
use crate::program::data::{RaisedClass, Step, WrapOption};
use crate::program::op::{Body, Message, Op, Until};
use crate::program::plans::named_plan;
use crate::program::read::steps;
use crate::program::scope::{ProgramNames, Scope};
use crate::program::wrappers::{Wrapping, wrapper};
use crate::value::yaml::{Node, Spanned, YamlError};
use crate::value::{Text, Value};

/// Resolves the names in steps.
pub(super) fn resolve_steps(steps: &[Step], scope: &Scope) -> Result<Body, YamlError> {
    steps.iter().map(|step| resolve(step, scope)).collect()
}

/// The same of steps that stand among the arguments of a plan.
pub(super) fn resolve_argument(node: &Node, key: &str, scope: &Scope) -> Result<Body, YamlError> {
    resolve_steps(&steps(node, key)?, scope)
}

/// The plan of steps, named `messages` as it is where the same steps are run from a plan file, with the devices of a beamline, and
/// with callbacks and suspenders.
pub(crate) fn plan_of(
    steps: &[Step],
    clock: Clock,
    beamline: Beamline,
    names: ProgramNames,
) -> Result<Plan, YamlError> {
    plan_in(&Scope::new(clock, beamline, resolve_argument).with_names(names), steps)
}

/// The same without what plans print, for a search that runs thousands of them.
#[cfg(feature = "property")]
pub(crate) fn quiet_plan_of(
    steps: &[Step],
    clock: Clock,
    beamline: Beamline,
    names: ProgramNames,
) -> Result<Plan, YamlError> {
    plan_in(&Scope::new(clock, beamline, resolve_argument).with_names(names).quiet(), steps)
}

fn plan_in(scope: &Scope, steps: &[Step]) -> Result<Plan, YamlError> {
    Ok(resolve_steps(steps, scope)?.plan().named(Text::literal("messages")))
}

fn resolve(step: &Step, scope: &Scope) -> Result<Op, YamlError> {
    Ok(match step {
        Step::Message { command, obj, args, kwargs, run, .. } => {
            let obj = obj.as_ref().filter(|node| !node.is_null()).map(|node| scope.arg(node)).transpose()?;
            let keyword = |(key, node): &(Spanned<String>, Node)| Ok((Text::from(&key.value), scope.arg(node)?));
            Op::Message(Box::new(Message {
                generic: GenericMsg {
                    command: Text::from(&command.value),
                    obj,
                    args: arguments(&command.value, args, scope)?,
                    kwargs: kwargs.iter().map(keyword).collect::<Result<Vec<(Text, Arg)>, YamlError>>()?,
                },
                run: run.as_ref().map_or(Ok(Value::Null), Node::to_value)?,
                subscribes: match args.first() {
                    Some(node) if command.value == "subscribe" => scope.callback_named(node).cloned(),
                    _ => None,
                },
                unsubscribes: if command.value == "unsubscribe" {
                    let nodes = args.iter().chain(kwargs.iter().map(|(_, node)| node));
                    nodes.filter_map(|node| scope.callback_named(node)).cloned().collect()
                } else {
                    Vec::new()
                },
            }))
        }
        Step::Plan { name, args, kwargs, .. } => {
            Op::Plan { name: Text::from(&name.value), make: named_plan(name, args, kwargs, scope)? }
        }
        Step::Span { name, body, .. } => Op::Span { name: Text::from(&name.value), body: resolve_steps(body, scope)? },
        Step::Repeat { times, body, .. } => Op::Repeat { times: *times, body: resolve_steps(body, scope)? },
        Step::Until { condition, body, .. } => Op::Until(Until {
            device: scope.device(&condition.device)?,
            comparison: condition.comparison,
            value: condition.value,
            at_most: condition.at_most,
            body: resolve_steps(body, scope)?,
        }),
        Step::Raise { text, class, .. } => Op::Raise(match class {
            RaisedClass::RuntimeError => PlanError::runtime(text.as_str()),
            RaisedClass::RequestStop => PlanError::RequestStop,
            RaisedClass::RequestAbort => PlanError::RequestAbort,
        }),
        Step::Show { step, .. } => Op::Show(std::iter::once(resolve(step, scope)?).collect()),
        Step::Catch { body, .. } => Op::Catch(resolve_steps(body, scope)?),
        Step::Wrap { name, options, body, .. } => wrap(name, options, body, scope)?,
    })
}

fn wrap(
    name: &Spanned<String>,
    options: &[(Spanned<String>, WrapOption)],
    body: &[Step],
    scope: &Scope,
) -> Result<Op, YamlError> {
    let Some(wrapper) = wrapper(&name.value) else {
        return Err(YamlError::new(name.position, "the name of a wrapper", format!("the string {:?}", name.value)));
    };
    let body = resolve_steps(body, scope)?;
    let (mut values, mut bodies, mut by_command) = (Vec::new(), Vec::new(), Vec::new());
    for (key, option) in options {
        match option {
            WrapOption::Value(node) => values.push((key.clone(), node.clone())),
            WrapOption::Steps(steps) => bodies.push((key.value.as_str(), resolve_steps(steps, scope)?)),
            WrapOption::ByCommand(entries) => {
                let entry = |(command, steps): &(Spanned<String>, Vec<Step>)| {
                    Ok((Text::from(&command.value), resolve_steps(steps, scope)?))
                };
                let entries = entries.iter().map(entry).collect::<Result<_, YamlError>>()?;
                by_command.push((key.value.as_str(), entries));
            }
        }
    }
    let call = Call { name, parameters: wrapper.options, args: &[], kwargs: &values, scope };
    let around = (wrapper.make)(&Wrapping { call, bodies, by_command })?;
    Ok(Op::Wrap { around, body })
}

/// The arguments of a message by position. The first of `wait_for` is a list of what is waited for.
fn arguments(command: &str, args: &[Node], scope: &Scope) -> Result<Vec<Arg>, YamlError> {
    let (awaited, others) = match args {
        [first, others @ ..] if command == "wait_for" => (Some(awaitables(first, scope)?), others),
        all => (None, all),
    };
    awaited.into_iter().map(Ok).chain(others.iter().map(|node| scope.arg(node))).collect()
}
