//! Preprocessors, stepped through by hand: the messages of bluesky, whatever is answered or thrown.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod devices;

use std::sync::{Arc, Mutex};

use devices::Devices;
use skyspan::device::{Location, Reading, Readings, Status};
use skyspan::message::{Arg, GenericMsg, Object, Response};
use skyspan::plan::preprocessors::{
    SupplementalData, baseline_wrapper, configure_count_time_wrapper, fly_during_wrapper, lazily_stage_wrapper,
    monitor_during_wrapper, msg_mutator, pchain, plan_mutator, relative_set_wrapper, reset_positions_wrapper,
    rewindable_wrapper, run_wrapper, set_run_key_wrapper, stub_wrapper, subs_wrapper, suspend_wrapper,
};
use skyspan::plan::{PlanEnv, Resumed};
use skyspan::prelude::*;
use skyspan::value::Value;
use skyspan::value::to_json;

use super::rig::Rig;

const RECORDED: &str = include_str!("../../fixtures/bluesky/preprocessors.txt");

// What is compared with every line of a file would be so with every line of an empty one.
const _: () = {
    assert!(RECORDED.len() > 30_000);
};

impl Devices {
    fn plan_of(&self, texts: &[&str]) -> Plan {
        plan_of(texts.iter().map(|text| self.msg(text)).collect())
    }

    fn moves(&self) -> Plan {
        let mut msgs: Vec<Msg> =
            ["set axis1 1", "set axis2 0.5", "set axis1 2", "read axis1"].map(|text| self.msg(text)).into();
        let group = vec![("group".into(), Arg::from("g"))];
        let args = vec![0.5.into()];
        msgs[1] = GenericMsg { command: "set".into(), obj: msgs[1].obj(), args, kwargs: group }.into_msg(Value::Null);
        plan_of(msgs)
    }

    fn uses(&self) -> Plan {
        self.plan_of(&[
            "read det",
            "set motor 1",
            "trigger det",
            "kickoff loc",
            "set motor.velocity 2",
            "read det.val",
            "read det",
        ])
    }
}

/// A plan of messages that are all there.
fn plan_of(msgs: Vec<Msg>) -> Plan {
    plan(async move |p| {
        for msg in msgs {
            p.msg(msg).await?;
        }
        Ok("result")
    })
}

fn command(name: &str) -> Msg {
    GenericMsg { command: name.into(), ..GenericMsg::default() }.into_msg(Value::Null)
}

fn of_commands(names: &[&str]) -> Plan {
    let msgs: Vec<Msg> = names.iter().map(|name| command(name)).collect();
    plan_of(msgs)
}

fn a_run(key: Option<&str>, md: &[(&str, i64)]) -> Vec<Msg> {
    let md: Map = md.iter().map(|(key, value)| (Text::from(*key), Value::from(*value))).collect();
    let keyed = |msg: Msg| msg.with_run(key.map(Text::from));
    let mut msgs: Vec<Msg> = ["null", "close_run"].map(command).into_iter().map(keyed).collect();
    msgs.insert(0, keyed(Msg::open_run(md)));
    msgs
}

/// A plan that gives the answers to its messages.
fn host(catches: bool) -> Plan {
    plan(async move |p| {
        let mut answers: Vec<Value> = Vec::new();
        for name in ["a", "b", "c"] {
            answers.push(match p.msg(command(name)).await {
                Ok(Response::Value(answer)) => answer,
                Ok(_) => Value::Null,
                Err(error) if catches && error.name() == "RuntimeError" => error.reason().into(),
                Err(error) => return Err(error),
            });
        }
        Ok(Value::from(answers))
    })
}

fn around(msg: &Msg) -> Plan {
    plan_of(vec![command("h"), msg.clone()])
}

/// A message whose failure is caught, and perhaps followed by another message.
fn catching(msg: &Msg, goes_on: bool) -> Plan {
    let msg = msg.clone();
    plan(async move |p| match p.msg(msg).await {
        Err(error) if error.name() != "RuntimeError" => Err(error),
        Err(_) if goes_on => p.msg(command("x")).await.map(drop),
        _ => Ok(()),
    })
}

fn failing(msg: &Msg) -> Plan {
    let msg = msg.clone();
    plan(async move |p| {
        p.msg(msg).await?;
        Err::<(), _>(plan_error!("its own"))
    })
}

/// What stands for the message `b` in a mutated plan.
fn in_place_of_b(name: &str, msg: &Msg) -> (Option<Plan>, Option<Plan>) {
    let tail = |names: &[&str]| Some(of_commands(names));
    if msg.command() != "b" {
        return (None, None);
    }
    match name {
        "head and tail" | "fragile" | "twice" => (Some(around(msg)), tail(&["t", "u"])),
        "tail" => (None, tail(&["t"])),
        "head" => (Some(around(msg)), None),
        "head without messages" => (tail(&[]), None),
        "head and tail without messages" => (tail(&[]), tail(&[])),
        "head without the message" => (tail(&["h", "i"]), tail(&["t"])),
        "head that catches" => (Some(catching(msg, false)), tail(&["t"])),
        "head that catches and goes on" => (Some(catching(msg, true)), tail(&["t"])),
        "tail that catches" => (None, Some(catching(&command("t"), false))),
        "tail that catches and goes on" => (None, Some(catching(&command("t"), true))),
        "head that fails" => (Some(failing(msg)), tail(&["t"])),
        "tail that fails" => (None, Some(failing(&command("t")))),
        other => panic!("{other} is not written down here"),
    }
}

/// A plan of a mutator, whose messages are answered by their numbers; nothing if there is none of that name.
fn mutated(name: &'static str) -> Option<Plan> {
    let of_b = move |msg: &Msg| in_place_of_b(name, msg);
    Some(match name {
        "nothing" => plan_mutator(host(true), |_| (None, None)),
        "heads in heads" => plan_mutator(host(true), |msg| match msg.command() {
            "b" => (Some(around(msg)), Some(of_commands(&["t"]))),
            "t" => (Some(around(msg)), None),
            "h" => (Some(catching(msg, true)), None),
            _ => (None, None),
        }),
        "fragile" => plan_mutator(host(false), of_b),
        "twice" => plan_mutator(plan_mutator(host(true), of_b), of_b),
        "msg_mutator changed" => msg_mutator(host(true), |_| Some(command("B"))),
        "msg_mutator left out" => msg_mutator(host(true), |msg| (msg.command() != "b").then_some(msg)),
        "pchain" => pchain([host(true), host(false)]),
        _ if name.starts_with("head") || name.starts_with("tail") => plan_mutator(host(true), of_b),
        _ => return None,
    })
}

/// A plan of a preprocessor, whose messages are answered as an engine would answer them.
fn wrapped(name: &str, devices: &Devices) -> Plan {
    let run = |key| plan_of(a_run(key, &[]));
    let nulls = || of_commands(&["null"]);
    let callbacks = |names: &[DocumentName]| -> Vec<(DocumentName, Object)> {
        names.iter().map(|name| (*name, Object::new("function", ()))).collect()
    };
    let [axis1, axis2, loc, sig, motor] = ["axis1", "axis2", "loc", "sig", "motor"].map(|name| devices.of(name));
    match name {
        "baseline" => baseline_wrapper(run(None), devices.all(["det", "motor.velocity", "motor"]), "baseline"),
        "baseline keyed" => baseline_wrapper(run(Some("k")), &devices.of("det"), "before"),
        "baseline of nothing" => baseline_wrapper(run(None), Vec::new(), "baseline"),
        "baseline in a run" => baseline_wrapper(run_wrapper(nulls(), Map::new()), &devices.of("det"), "baseline"),
        "monitor_during" => monitor_during_wrapper(run(None), devices.all(["sig", "det"])),
        "monitor_during keyed" => monitor_during_wrapper(run(Some("k")), &sig),
        "monitor_during of nothing" => monitor_during_wrapper(run(None), Vec::new()),
        "fly_during" => fly_during_wrapper(run(None), devices.all(["motor", "det"])),
        "fly_during twice" => fly_during_wrapper(pchain([run(None), run(None)]), &motor),
        "fly_during of nothing" => fly_during_wrapper(run(None), Vec::new()),
        "supplemental" => {
            let baseline = devices.all(["det"]);
            SupplementalData { baseline, monitors: vec![sig], flyers: vec![motor] }.around(run(None))
        }
        "lazily_stage" | "lazily_stage unanswered" | "lazily_stage status" => lazily_stage_wrapper(devices.uses()),
        "lazily_stage of nothing" => lazily_stage_wrapper(nulls()),
        "relative_set" => relative_set_wrapper(devices.moves(), None),
        "relative_set some" => relative_set_wrapper(devices.moves(), Some(devices.all(["axis1", "det"]))),
        "relative_set none" => relative_set_wrapper(devices.moves(), Some(Vec::new())),
        "relative_set loc" => relative_set_wrapper(devices.plan_of(&["set loc 1", "set loc 1"]), None),
        "relative_set loc unanswered" => relative_set_wrapper(devices.plan_of(&["set loc 1"]), None),
        "relative_set unanswered" => relative_set_wrapper(devices.plan_of(&["set bare 1.5"]), None),
        "relative_set text" => relative_set_wrapper(devices.plan_of(&["set sig \"x\""]), None),
        "relative_set no value" => relative_set_wrapper(devices.plan_of(&["set axis1"]), None),
        "relative_set values" => relative_set_wrapper(devices.plan_of(&["set axis1 1 2"]), None),
        "reset_positions" => reset_positions_wrapper(devices.moves(), None),
        "reset_positions some" => reset_positions_wrapper(devices.moves(), Some(vec![axis2])),
        "reset_positions none" => reset_positions_wrapper(devices.moves(), Some(Vec::new())),
        "reset_positions loc" => reset_positions_wrapper(devices.plan_of(&["set sig 1", "set loc 1"]), None),
        "relative and reset" => reset_positions_wrapper(relative_set_wrapper(devices.moves(), None), None),
        "reset and relative" => relative_set_wrapper(reset_positions_wrapper(devices.moves(), None), None),
        "subs" => {
            use DocumentName::{All, Descriptor, Event, Start, Stop};
            subs_wrapper(nulls(), callbacks(&[Stop, Stop, All, All, All, Event, Start, Descriptor]))
        }
        "subs few" => subs_wrapper(nulls(), callbacks(&[DocumentName::All; 3])),
        "subs none" => subs_wrapper(nulls(), callbacks(&[])),
        "subs unanswered" => subs_wrapper(nulls(), callbacks(&[DocumentName::All; 2])),
        "suspend" => suspend_wrapper(nulls(), [(); 2].map(|()| Object::new("SuspendFloor", ()))),
        "stub" => {
            let mut msgs = vec![devices.msg("stage det")];
            msgs.extend(a_run(None, &[("a", 1), ("b", 2)]));
            msgs.extend(a_run(None, &[("b", 3)]));
            msgs.push(devices.msg("unstage det"));
            stub_wrapper(plan_of(msgs))
        }
        "count_time" => {
            configure_count_time_wrapper(devices.plan_of(&["read det", "read counter", "read counter"]), 0.5)
        }
        "count_time none" => configure_count_time_wrapper(devices.plan_of(&["read counter"]), Value::Null),
        "rewindable" | "rewindable unanswered" => rewindable_wrapper(nulls(), false),
        "set_run_key" => {
            let mut msgs = a_run(None, &[]);
            msgs.extend(a_run(Some("inner"), &[]));
            set_run_key_wrapper(plan_of(msgs), "outer")
        }
        "set_run_key none" => set_run_key_wrapper(nulls(), Value::Null),
        "rel_set" => plan(async move |p| p.rel_set(&axis1, 2).await.map(drop)),
        "rel_set in" => plan(async move |p| p.rel_set_in(&axis1, 2, "g").await.map(drop)),
        "rel_set and wait" => plan(async move |p| p.rel_set_and_wait(&loc, 2, Value::Null).await.map(drop)),
        "rel_set and wait in" => plan(async move |p| p.rel_set_and_wait(&sig, 2.5, "g").await.map(drop)),
        "mvr" => plan(async move |p| p.mvr(&loc, 2).await),
        "mvr all" => {
            plan(async move |p| p.mvr_all([(&axis1, Value::from(1)), (&loc, 1.5.into()), (&axis2, 2.into())]).await)
        }
        "mvr twice" => plan(async move |p| p.mvr_all([(&axis1, 1), (&axis1, 2)]).await),
        "repeater" => plan(async |p| p.repeater(Some(3), || p.null()).await),
        "rd unanswered" => plan(async move |p| p.rd(&sig).await),
        other => match other.split_whitespace().collect::<Vec<_>>()[..] {
            ["relative_set", device] => relative_set_wrapper(devices.plan_of(&[&format!("set {device} 1")]), None),
            ["rd", device] | ["rd", device, "unanswered"] => {
                let device = devices.of(device);
                plan(async move |p| p.rd(&device).await)
            }
            _ => panic!("{other} is not written down here"),
        },
    }
}

/// The answer of the engine of the recording.
fn answer(msg: &Msg, devices: &Devices, tokens: &mut i64) -> Response {
    let Some(Arg::Device(obj)) = msg.obj() else {
        return match msg.command() {
            "open_run" | "close_run" => Response::Uid("uid".into()),
            "rewindable" => Response::Value(true.into()),
            "subscribe" => {
                *tokens += 1;
                Response::Value((*tokens - 1).into())
            }
            _ => Response::None,
        };
    };
    match msg.command() {
        "read" if obj.name() == "empty" => Response::Readings(Readings::default()),
        "read" => {
            let reading = Reading { value: 3.into(), timestamp: Timestamp::EPOCH };
            Response::Readings(Readings(vec![(obj.name().clone(), reading)]))
        }
        "locate" => Response::Location(Location { setpoint: 2.into(), readback: 2.5.into() }.into()),
        "stage" if obj.name() == "motor" => Response::Devices(devices.all(["motor", "motor.velocity"])),
        "stage" => Response::Devices(vec![obj]),
        _ => Response::None,
    }
}

/// The messages of a case, and how it ends, with an error thrown at one of them.
fn stepped(
    name: &'static str,
    devices: &Devices,
    status: &Status,
    throw: Option<(usize, &PlanError)>,
) -> (Vec<Msg>, String) {
    let mutated = mutated(name);
    let numbered = mutated.is_some();
    let mut plan = mutated.unwrap_or_else(|| wrapped(name, devices));
    let (env, mut msgs, mut tokens) = (Arc::new(PlanEnv::detached()), Vec::new(), 6);
    let mut next = Ok(Response::None);
    loop {
        match plan.resume(&env, next) {
            Resumed::Yield(msg) => {
                next = match throw {
                    Some((at, error)) if at == msgs.len() => Err(error.clone()),
                    _ if numbered => Ok(Response::Value(msgs.len().into())),
                    _ if name.ends_with("unanswered") => Ok(Response::None),
                    _ if name.ends_with("status") && msg.command() == "stage" => Ok(Response::Status(status.clone())),
                    _ => Ok(answer(&msg, devices, &mut tokens)),
                };
                msgs.push(msg);
            }
            Resumed::Done(Ok(result)) => return (msgs, format!("done {}", to_json(&result))),
            Resumed::Done(Err(error)) => return (msgs, format!("raised {}", error.name())),
        }
    }
}

/// The messages as the recording has them: random groups numbered, no metadata.
fn lines(msgs: &[Msg]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    msgs.iter()
        .map(|msg| {
            let recorded = msg.to_recorded();
            let of = |key| recorded.get(key).unwrap().clone();
            let mut kwargs = of("kwargs").as_map().unwrap().clone();
            let group = kwargs.get("group").and_then(Value::as_str).unwrap_or_default().to_owned();
            let label = group.rsplit_once('-').filter(|(_, random)| random.len() == 6).map(|(label, _)| label);
            if group.len() == 36 || label.is_some() {
                let number = groups.iter().position(|other| *other == group).unwrap_or_else(|| {
                    groups.push(group.clone());
                    groups.len() - 1
                });
                kwargs.insert("group", format!("{}#{}", label.unwrap_or_default(), number + 1));
            }
            if msg.command() == "open_run" {
                kwargs = Map::new();
            }
            let line = to_json(&[of("command"), of("obj"), of("args"), kwargs.into()].into());
            if msg.run.is_null() { line } else { format!("{line} {}", to_json(&msg.run)) }
        })
        .collect()
}

/// A message after one that failed.
fn short(msg: &Msg) -> String {
    match msg.obj() {
        Some(obj) => format!("{}:{obj}", msg.command()),
        None => msg.command().to_owned(),
    }
}

#[test]
fn every_preprocessor_yields_the_messages_of_bluesky_whatever_is_thrown_at_whichever_of_them() {
    let (devices, rig) = (Devices::new(), Rig::new());
    let status = rig.set(&rig.add(SynAxis::new("axis")), 1).unwrap();
    let errors = [plan_error!("boom"), PlanError::RequestStop, PlanError::RequestAbort, PlanError::PlanHalt];
    let (mut cases, mut thrown) = (0, 0);
    for block in RECORDED.split("## ").skip(1) {
        let name = block.lines().next().unwrap();
        let clean: Vec<&str> = block.lines().skip(1).filter(|line| !line.starts_with('!')).collect();
        let (msgs, end) = stepped(name, &devices, &status, None);
        let mut all = lines(&msgs);
        all.push(end);
        assert_eq!(all, clean, "{name}");
        for line in block.lines().filter(|line| line.starts_with('!')) {
            let mut words = line.split_whitespace().skip(1);
            let at = words.next().unwrap().parse().unwrap();
            let error = words.next().unwrap();
            let error = errors.iter().find(|known| known.name() == error).unwrap();
            let (msgs, end) = stepped(name, &devices, &status, Some((at, error)));
            let after: String = msgs[at + 1..].iter().map(|msg| short(msg) + " ").collect();
            assert_eq!(format!("! {at} {} {after}| {end}", error.name()), line, "{name}");
            thrown += 1;
        }
        cases += 1;
    }
    assert_eq!((cases, thrown), (82, 1520));
}

#[test]
fn a_mutator_is_asked_once_for_each_message_and_not_for_a_clone_of_one() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let mutated = plan_mutator(of_commands(&["a", "a"]), move |msg| {
        log.lock().unwrap().push(msg.command().to_owned());
        let again = vec![msg.clone(), command("n"), msg.clone().with_run("k")];
        ((msg.command() == "a").then(|| plan_of(again)), None)
    });
    let outer_asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&outer_asked);
    let mut outer = plan_mutator(mutated, move |_| {
        *count.lock().unwrap() += 1;
        (None, None)
    });
    let (env, mut commands) = (Arc::new(PlanEnv::detached()), Vec::new());
    while let Resumed::Yield(msg) = outer.resume(&env, Ok(Response::None)) {
        commands.push(msg.to_string());
    }
    assert_eq!(commands, ["a()", "n()", "a(run='k')"].repeat(2));
    assert_eq!(*asked.lock().unwrap(), ["a", "n"].repeat(2), "two messages of one kind are two");
    assert_eq!(*outer_asked.lock().unwrap(), 6, "one outside has seen none of them");
}

#[test]
fn a_plan_that_is_preprocessed_keeps_its_name() {
    let devices = Devices::new();
    let all = || Harness::new().device("motor");
    let inner = || of_commands(&["null"]).named("mine");
    for preprocessed in [
        plan_mutator(inner(), |_| (None, None)),
        msg_mutator(inner(), Some),
        lazily_stage_wrapper(inner()),
        baseline_wrapper(inner(), &all(), "baseline"),
        monitor_during_wrapper(inner(), &all()),
        fly_during_wrapper(inner(), &all()),
        relative_set_wrapper(inner(), None),
        reset_positions_wrapper(inner(), Some(devices.all(["axis1"]))),
        subs_wrapper(inner(), [(DocumentName::All, Object::new("function", ()))]),
        suspend_wrapper(inner(), [Object::new("SuspendFloor", ())]),
        stub_wrapper(inner()),
        configure_count_time_wrapper(inner(), 0.5),
        set_run_key_wrapper(inner(), "key"),
        set_run_key_wrapper(inner(), Value::Null),
        SupplementalData::default().around(inner()),
    ] {
        assert_eq!(preprocessed.name(), "mine");
    }
    assert_eq!(pchain([inner()]).name(), "pchain");
}

#[test]
fn subscriptions_to_other_documents_than_those_of_bluesky_are_refused() {
    let run = Harness::new()
        .run(subs_wrapper(of_commands(&["null"]), [(DocumentName::EventPage, Object::new("function", ()))]));
    assert_eq!((run.exception().map(|error| error.name()), run.messages().len()), (Some("KeyError".into()), 0));
}

#[test]
fn what_cannot_be_set_is_moved_by_so_much_all_the_same_until_it_is_refused() {
    let lab = Harness::new();
    let set = GenericMsg {
        command: "set".into(),
        obj: Some((&lab.device("det")).into()),
        args: vec![1.into()],
        kwargs: Vec::new(),
    };
    let run =
        lab.run(relative_set_wrapper(plan(async move |p| p.msg(set.into_msg(Value::Null)).await.map(drop)), None));
    assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["read", "set"]);
    assert_eq!(run.messages()[1].args_value().as_array().unwrap()[0].as_f64().map(|to| to > 1.0), Some(true));
    assert_eq!(run.exception().map(|error| error.name()), Some("AssertionError".into()));
}

#[test]
fn devices_go_back_and_are_unstaged_when_a_plan_is_aborted_and_not_when_it_is_halted() {
    type Ending = fn(&Harness) -> Outcome;
    for (end, position, last) in [((|lab| lab.abort("")) as Ending, 1.0, "unstage"), (|lab| lab.halt(), 5.0, "pause")] {
        let lab = Harness::new();
        let axis = lab.add(SynAxis::new("axis").value(1.0));
        let moved = axis.clone();
        let moves = plan(async move |p| {
            p.mvr(&moved, 4).await?;
            p.pause().await
        });
        lab.run(lazily_stage_wrapper(reset_positions_wrapper(moves, None)));
        let run = end(&lab);
        assert_eq!(axis.position(), Some(position.into()), "{last}");
        assert_eq!(run.messages().last().map(Msg::command), Some(last));
    }
}
