//! From the steps of a plan file to [`Op`]s, with all names resolved.

use super::awaitables::awaitables;
use super::bench::Bench;
use super::call::Call;
use super::mutation::Mutation;
use super::named_plans::named_plan;
use super::op::{Contingency, Message, Op};
use crate::message::{Arg, GenericMsg, Object, PlanError};
use crate::plan::preprocessors::SupplementalData;
use crate::program::plan_file::{MutationPart, RaisedClass, Step, read_subs};
use crate::value::yaml::{Node, Spanned, YamlError};
use crate::value::{Map, Text, Value};

/// Resolves the names in steps.
pub(super) fn compile_steps(steps: &[Step], bench: &Bench) -> Result<Vec<Op>, YamlError> {
    steps.iter().map(|step| compile(step, bench)).collect()
}

fn compile(step: &Step, bench: &Bench) -> Result<Op, YamlError> {
    let compile_body = |body: &[Step]| compile_steps(body, bench);
    Ok(match step {
        Step::Message { command, obj, args, kwargs, run, .. } => Op::Message(Box::new(Message {
            generic: GenericMsg {
                command: Text::from(&command.value),
                obj: obj.as_ref().filter(|node| !node.is_null()).map(|node| bench.arg(node)).transpose()?,
                args: arguments(&command.value, args, bench)?,
                kwargs: kwargs
                    .iter()
                    .map(|(key, node)| Ok((Text::from(&key.value), bench.arg(node)?)))
                    .collect::<Result<Vec<(Text, Arg)>, YamlError>>()?,
            },
            run: run.as_ref().map_or(Ok(Value::Null), Node::to_value)?,
            subscribes: match args.first() {
                Some(node) if command.value == "subscribe" => bench.callback_named(node).cloned(),
                _ => None,
            },
            unsubscribes: if command.value == "unsubscribe" {
                let nodes = args.iter().chain(kwargs.iter().map(|(_, node)| node));
                nodes.filter_map(|node| bench.callback_named(node)).cloned().collect()
            } else {
                Vec::new()
            },
        })),
        Step::Plan { name, args, kwargs, .. } => Op::Plan(named_plan(name, args, kwargs, bench)?),
        Step::Span { name, body, .. } => Op::Span { name: Text::from(&name.value), body: compile_body(body)? },
        Step::Repeat { times, body, .. } => Op::Repeat { times: *times, body: compile_body(body)? },
        Step::Raise { text, class, .. } => Op::Raise(match class {
            RaisedClass::RuntimeError => PlanError::runtime(text.as_str()),
            RaisedClass::RequestStop => PlanError::RequestStop,
            RaisedClass::RequestAbort => PlanError::RequestAbort,
        }),
        Step::Show { step, .. } => Op::Show(Box::new(compile(step, bench)?)),
        Step::Catch { body, .. } => Op::Catch { body: compile_body(body)? },
        Step::Wrap { name, options, body, final_body, except_body, else_body, parts, .. } => {
            let options = Call { name, args: &[], kwargs: options, bench };
            let body = compile_body(body)?;
            let some_devices = || {
                let given = options.get(None, "devices").filter(|node| !node.is_null());
                given.map(|node| bench.devices(node)).transpose()
            };
            let listed = |key| options.get(None, key).map_or_else(|| Ok(Vec::new()), |node| bench.devices(node));
            let flag =
                |key, otherwise| options.get(None, key).map_or(Ok(otherwise), |node| node.expect_bool("true or false"));
            let part = |steps: &Option<Vec<Step>>| steps.as_ref().map(|steps| compile_steps(steps, bench)).transpose();
            match name.value.as_str() {
                "run" => {
                    let md = options.get(None, "md").filter(|node| !node.is_null());
                    Op::Run { md: md.map_or_else(|| Ok(Map::new()), |node| node.to_map("a map as metadata"))?, body }
                }
                "stage" => Op::Stage { devices: bench.devices(options.required(None, "devices")?)?, body },
                "lazily_stage" => Op::LazilyStage { body },
                "baseline" => Op::Baseline { devices: bench.devices(options.required(None, "devices")?)?, body },
                "monitor_during" => {
                    Op::MonitorDuring { devices: bench.devices(options.required(None, "devices")?)?, body }
                }
                "fly_during" => Op::FlyDuring { devices: bench.devices(options.required(None, "devices")?)?, body },
                "relative_set" => Op::RelativeSet { devices: some_devices()?, body },
                "reset_positions" => Op::ResetPositions { devices: some_devices()?, body },
                "rewindable" => {
                    let rewindable = options.required(None, "rewindable")?.expect_bool("true or false")?;
                    Op::Rewindable { rewindable, body }
                }
                "inject_md" => Op::InjectMd { md: options.required(None, "md")?.to_map("a map as metadata")?, body },
                "set_run_key" => Op::SetRunKey { run: options.required(None, "run")?.to_value()?, body },
                "configure_count_time" => {
                    Op::ConfigureCountTime { time: bench.value(options.required(None, "time")?)?, body }
                }
                "stub" => Op::Stub { body },
                "print_summary" => Op::PrintSummary { body },
                "pchain" => Op::Chain { body },
                "supplemental_data" => {
                    let (baseline, monitors, flyers) = (listed("baseline")?, listed("monitors")?, listed("flyers")?);
                    Op::SupplementalData { data: SupplementalData { baseline, monitors, flyers }, body }
                }
                "msg_mutator" | "plan_mutator" => Op::Mutate { mutation: mutation(&options, parts, bench)?, body },
                "finalize" => {
                    let pause_for_debug = flag("pause_for_debug", false)?;
                    Op::Finalize { cleanup: part(final_body)?.unwrap_or_default(), pause_for_debug, body }
                }
                "contingency" => Op::Contingency(Box::new(Contingency {
                    body,
                    except: part(except_body)?,
                    otherwise: part(else_body)?,
                    cleanup: part(final_body)?,
                    pause_for_debug: flag("pause_for_debug", false)?,
                    auto_raise: flag("auto_raise", true)?,
                })),
                "subs" => {
                    let subscribers = bench.subscribers(&read_subs(options.required(None, "subs")?)?)?;
                    let subs = subscribers.iter().map(|(name, subscriber)| (*name, Object::from(subscriber)));
                    Op::Subs { subs: subs.collect(), body }
                }
                "suspend" => {
                    let suspenders = options.required(None, "suspenders")?.expect_list("a list of suspenders")?;
                    let suspenders = suspenders.iter().map(|node| bench.suspender(node));
                    Op::Suspend { suspenders: suspenders.collect::<Result<_, _>>()?, body }
                }
                _ => return Err(no_such_wrapper(name)),
            }
        }
    })
}

/// What a mutator does, with all names resolved.
fn mutation(options: &Call<'_>, parts: &[MutationPart], bench: &Bench) -> Result<Mutation, YamlError> {
    let dropped = options.get(None, "drop").map_or(Ok(&[][..]), |node| node.expect_list("a list of commands"))?;
    let mut mutation = Mutation {
        by_message: options.name.value == "msg_mutator",
        drop: dropped.iter().filter_map(|node| Some(Text::from(node.as_str()?))).collect(),
        ..Mutation::default()
    };
    for part in parts {
        let entry = (Text::from(&part.command.value), compile_steps(&part.steps, bench)?);
        match part.option {
            "before" => mutation.before.push(entry),
            "after" => mutation.after.push(entry),
            _ => mutation.instead.push(entry),
        }
    }
    Ok(mutation)
}

/// The error that a wrapper can be read, and not made.
fn no_such_wrapper(name: &Spanned<String>) -> YamlError {
    let expected = "a wrapper that can be put around a plan";
    YamlError::new(name.position, expected, format!("the string {:?}", name.value))
}

/// The arguments of a message by position. The first of `wait_for` is a list of what is waited for.
fn arguments(command: &str, args: &[Node], bench: &Bench) -> Result<Vec<Arg>, YamlError> {
    let (awaited, others) = match args {
        [first, others @ ..] if command == "wait_for" => (Some(awaitables(first, bench)?), others),
        all => (None, all),
    };
    awaited.into_iter().map(Ok).chain(others.iter().map(|node| bench.arg(node))).collect()
}
