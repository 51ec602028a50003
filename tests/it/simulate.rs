//! Plans without an engine: their messages, the answers that one makes up, and what is said where messages are otherwise.

mod checks;
mod messages;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use skyspan::device::{Reading, Readings};
use skyspan::document::RunStart;
use skyspan::engine::Subscriber;
use skyspan::expect::any;
use skyspan::message::{Arg, GenericMsg, Response};
use skyspan::prelude::*;
use skyspan::simulate::{RunEngineSimulator, msg, summarize_plan};
use skyspan::value::Value;

/// Messages as a plan.
fn plan_of(msgs: impl IntoIterator<Item = Msg>) -> Plan {
    let msgs: Vec<Msg> = msgs.into_iter().collect();
    plan(async move |p| {
        for msg in msgs {
            p.msg(msg).await?;
        }
        Ok(())
    })
}

/// A message by its command.
fn bare(command: &str, obj: Option<&Device>, args: Vec<Value>, kwargs: Vec<(&str, Value)>) -> Msg {
    let kwargs = kwargs.into_iter().map(|(key, value)| (key.into(), Arg::Value(value))).collect();
    let args = args.into_iter().map(Arg::Value).collect();
    GenericMsg { command: command.into(), obj: obj.map(Arg::from), args, kwargs }.into_msg(Value::Null)
}

#[test]
fn a_summary_is_that_of_bluesky_byte_for_byte() {
    let lab = Harness::new();
    let [det, motor, motor1] = ["det", "motor", "motor1"].map(|name| lab.device(name));
    let text: Device = Signal::new("it's", "x").into();
    let set = |value: Value| bare("set", Some(&text), vec![value], vec![]);
    let values: [Value; 12] = [
        5.into(),
        (-0.0).into(),
        1e-5.into(),
        1e22.into(),
        true.into(),
        Value::Null,
        "text".into(),
        "it's".into(),
        Value::from([Value::from(1), 2.5.into(), "a".into()]),
        Map::from_iter([("a", 1)]).into(),
        f64::NAN.into(),
        skyspan::value::from_json("1180591620717411303424").unwrap(),
    ];
    let command = |name: &str, obj: Option<&Device>| bare(name, obj, vec![], vec![]);
    let create = || bare("create", None, vec![], vec![("name", "primary".into())]);
    let plans: BTreeMap<&str, Plan> = BTreeMap::from([
        ("count", plans::count([&det, &motor], 2).into()),
        ("rel_scan", plans::rel_scan(&det, &motor, -1, 1, 2).into()),
        ("scan", plans::scan(&det, &motor, -1, 1, 3).with(&motor1, 10, 20).into()),
        ("values", plan_of(values.map(set))),
        (
            "more arguments",
            plan_of([
                bare("set", Some(&motor), vec![1.into(), 2.into()], vec![("group", "g".into())]),
                bare("set", Some(&motor), vec![3.into()], vec![("wait", true.into())]),
            ]),
        ),
        (
            "bundles",
            plan_of([
                command("read", Some(&det)),
                create(),
                command("read", Some(&det)),
                command("read", Some(&text)),
                command("save", None),
                command("save", None),
                create(),
                command("read", Some(&motor)),
                command("drop", None),
                command("save", None),
                create(),
                command("save", None),
                command("close_run", None),
                bare("open_run", None, vec![], vec![("purpose", "x".into())]),
            ]),
        ),
        ("no value", plan_of([command("open_run", None), command("set", Some(&motor))])),
        ("no object", plan_of([bare("set", None, vec![1.into()], vec![])])),
        ("nothing read", plan_of([create(), command("read", None)])),
        ("nothing", plan_of([])),
    ]);
    let recorded = include_str!("../../fixtures/bluesky/summaries.txt");
    let mut ours: BTreeMap<&str, String> = BTreeMap::new();
    for (name, plan) in plans {
        let mut lines = Vec::new();
        let result = summarize_plan(plan, &mut lines);
        let mut text = String::from_utf8(lines).unwrap();
        if let Err(error) = result {
            text.push_str(&format!("!! {}: {error}\n", error.name()));
        }
        ours.insert(name, text);
    }
    let sections = recorded.split("## ").skip(1).map(|section| section.split_once('\n').unwrap());
    let theirs: BTreeMap<&str, String> = sections.map(|(name, text)| (name, text.to_owned())).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_summary_that_cannot_be_written_fails_the_plan() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lab = Harness::new();
    let count = || plans::count(&lab.device("det"), 1);
    let error = summarize_plan(count(), &mut Full).unwrap_err();
    assert_eq!((&*error.name(), error.to_string().as_str()), ("OSError", "the disk is full"));
    let run = lab.run(preprocessors::print_summary_wrapper(count(), Full));
    assert_eq!(run.exception(), Some(&error));
    assert_eq!(run.messages().last().map(Msg::command), Some("unstage"));
}

fn rd(device: &Device) -> Plan {
    let device = device.clone();
    plan(async move |p| p.rd(&device).await)
}

#[test]
fn the_newest_handler_answers() {
    let det: Device = SynSignal::new("det").into();
    let simulator = RunEngineSimulator::new();
    simulator.add_read_handler_for(&det, 1);
    simulator.add_read_handler_for(&det, 2);
    assert_eq!(simulator.simulate_plan(rd(&det)).value(), Some(&2.into()));
    let answer = |value: i32| move |_: &Msg| RunEngineSimulator::reading("det", value);
    simulator.insert_handler(RunEngineSimulator::END, msg("read"), answer(3));
    assert_eq!(simulator.simulate_plan(rd(&det)).value(), Some(&2.into()), "the last one answers what is left");
    simulator.insert_handler(1, msg("read"), answer(4));
    simulator.insert_handler(0, msg("read").obj("other"), answer(5));
    assert_eq!(simulator.simulate_plan(rd(&det)).value(), Some(&2.into()), "others are not asked");
    simulator.insert_handler(0, msg(glob("re*")).obj(glob("d*")), answer(6));
    assert_eq!(simulator.simulate_plan(rd(&det)).value(), Some(&6.into()));
}

#[test]
fn falsy_answers_are_answers() {
    for falsy in [Value::from(false), 0.into(), 0.0.into(), "".into(), Value::Null] {
        let simulator = RunEngineSimulator::new();
        let answer = falsy.clone();
        simulator.add_handler(msg("wait"), move |_| answer.clone());
        let asked: Arc<Mutex<Option<Response>>> = Arc::default();
        let given = Arc::clone(&asked);
        let waits = plan(async move |p| {
            *given.lock().unwrap() = Some(p.msg(Msg::wait("g")).await?);
            Ok(())
        });
        simulator.simulate_plan(waits).assert_success();
        let Some(Response::Value(value)) = asked.lock().unwrap().take() else { panic!("no value for {falsy}") };
        assert_eq!(value, falsy);
    }
}

#[test]
fn several_keys_are_read_and_a_reading_of_ones_own() {
    let det: Device = SynSignal::new("det").into();
    let simulator = RunEngineSimulator::new();
    simulator.add_read_handler_for_multiple(&det, [("a", 11), ("b", 12)]);
    let read = |det: &Device| {
        let det = det.clone();
        plan(async move |p| {
            let readings = p.read(&det).await?;
            Ok(readings.iter().map(|(_, reading)| reading.value.clone()).collect::<Value>())
        })
    };
    assert_eq!(simulator.simulate_plan(read(&det)).value(), Some(&[11, 12].into()));
    let timestamp = Timestamp::from_unix_s(1.0);
    simulator.add_handler(msg("read").obj(&det), move |_| {
        Readings(vec![("a".into(), Reading { value: 7.into(), timestamp })])
    });
    assert_eq!(simulator.simulate_plan(read(&det)).value(), Some(&[7].into()));
}

#[test]
fn a_wait_for_a_group_changes_what_is_read() {
    let det: Device = SynSignal::new("det").into();
    let simulator = RunEngineSimulator::new();
    let seen = det.clone();
    simulator.add_wait_handler(glob("open*"), move |simulator| simulator.add_read_handler_for(&seen, "open"));
    let device = det.clone();
    let waits = move |group: &'static str| {
        let device = device.clone();
        plan(async move |p| {
            p.wait(group).await?;
            p.rd(&device).await
        })
    };
    assert_eq!(simulator.simulate_plan(waits("closing")).value(), Some(&0.into()), "nobody answers");
    assert_eq!(simulator.simulate_plan(waits("opening")).value(), Some(&"open".into()));
    simulator.add_wait_handler(any(), |_| {});
    assert_eq!(simulator.simulate_plan(waits("any group")).value(), Some(&"open".into()), "it stays");
}

#[test]
fn errors_are_thrown_where_one_says() {
    let motor: Device = SynAxis::new("motor").into();
    let moves = || {
        let motor = motor.clone();
        plan(async move |p| {
            let mut failed = Vec::new();
            for step in 1..=4 {
                if let Err(error) = p.mv(&motor, step).await {
                    failed.push(Value::from([Value::from(step), error.to_string().into()]));
                }
            }
            Ok(Value::from(failed))
        })
    };
    let simulator = RunEngineSimulator::new();
    simulator.throws_at(2, msg("set").obj("motor"), plan_error!("end switch"));
    simulator.throws_at(3, msg("wait"), PlanError::WaitForTimeout("mv".into()));
    let simulated = simulator.simulate_plan(moves());
    let failed = simulated.value().unwrap().as_array().unwrap();
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0], Value::from([Value::from(2), "end switch".into()]));
    assert_eq!(failed[1].as_array().unwrap()[0], 4.into(), "the wait for the second was not reached");
    // Counted over all that it simulates, as the answers are.
    let simulated = simulator.simulate_plan(moves());
    assert_eq!(simulated.value(), Some(&Value::from(Vec::<Value>::new())));
    let simulator = RunEngineSimulator::new();
    simulator.throws(msg("checkpoint"), PlanError::RequestStop);
    let ended = simulator.simulate_plan(plans::count(&motor, 1));
    assert_eq!(ended.exception(), Some(&PlanError::RequestStop));
    assert_eq!(ended.messages().matching(&msg("close_run").kwarg("exit_status", "success")).count(), 1);
    assert_eq!(ended.commands().last(), Some(&"unstage"), "the clean-up is simulated, too");
}

#[test]
fn a_halt_ends_a_plan() {
    let det: Device = SynSignal::new("det").into();
    let simulator = RunEngineSimulator::new();
    simulator.throws(msg("trigger"), PlanError::PlanHalt);
    let simulated = simulator.simulate_plan(plans::count(&det, 1));
    assert_eq!((simulated.exception(), simulated.commands().last()), (Some(&PlanError::PlanHalt), Some(&"trigger")));
}

#[test]
fn documents_are_given_to_those_who_have_subscribed() {
    let start = |uid: &str| {
        Document::Start(RunStart { uid: uid.into(), time: Timestamp::from_unix_s(1.0), metadata: Map::new() }.into())
    };
    let got: Arc<Mutex<Vec<Text>>> = Arc::default();
    let subscriber = |prefix: &'static str| {
        let got = Arc::clone(&got);
        Subscriber::new(move |document: &Document| {
            got.lock().unwrap().push(format!("{prefix} {}", document.uid().unwrap()).into());
        })
    };
    let (all, stops) = (subscriber("all"), subscriber("stop"));
    let simulator = RunEngineSimulator::new();
    simulator.add_callback_handler_for(msg("null"), start("each"));
    simulator
        .add_callback_handler_for_multiple(msg("sleep"), [vec![start("first")], vec![start("second"), start("third")]]);
    let told = plan(async move |p| {
        let token = p.subscribe(DocumentName::All, &all).await?;
        p.subscribe(DocumentName::Stop, &stops).await?;
        for _ in 0..3 {
            p.sleep(1.0).await?;
        }
        p.null().await?;
        p.unsubscribe(token).await?;
        p.null().await
    });
    simulator.simulate_plan(told).assert_success();
    assert_eq!(*got.lock().unwrap(), ["all first", "all second", "all third", "all each"]);
}

#[test]
fn a_callback_that_fails_fails_the_message() {
    let start = RunStart { uid: "a".into(), time: Timestamp::from_unix_s(1.0), metadata: Map::new() };
    let simulator = RunEngineSimulator::new();
    simulator.add_callback_handler_for(msg("null"), Document::Start(start.into()));
    let full = Subscriber::new(|_: &Document| Err::<(), _>(plan_error!("the disk is full")));
    let told = plan(async move |p| {
        p.subscribe(DocumentName::Start, &full).await?;
        p.null().await
    });
    assert_eq!(simulator.simulate_plan(told).exception(), Some(&plan_error!("the disk is full")));
}

#[test]
fn a_plan_that_never_ends_is_ended() {
    let forever = || plan(async |p| p.repeater(None, || p.sleep(1.0)).await);
    let simulated = RunEngineSimulator::new().message_limit(10).simulate_plan(forever());
    assert_eq!(simulated.messages().len(), 10);
    assert!(simulated.exception().unwrap().to_string().contains("more than 10 messages"));
    assert!(RunEngineSimulator::new().message_limit(10).check_limits(forever()).is_err());
    assert!(RunEngineSimulator::new().message_limit(10).summarize_plan(forever(), &mut Vec::new()).is_err());
    // One of exactly so many messages has an end.
    let ten = plan(async |p| p.repeater(Some(10), || p.null()).await);
    RunEngineSimulator::new().message_limit(10).simulate_plan(ten).assert_success();
}

#[test]
fn a_handler_may_simulate_a_plan_itself() {
    let det: Device = SynSignal::new("det").into();
    let simulator = RunEngineSimulator::new();
    let (again, inner) = (simulator.clone(), det.clone());
    simulator.add_handler(msg("read"), move |_| {
        let depth = again.simulate_plan(rd(&inner)).messages().len();
        RunEngineSimulator::reading("det", u64::try_from(depth).unwrap())
    });
    assert_eq!(simulator.simulate_plan(rd(&det)).value(), Some(&1.into()));
}

#[test]
fn stock_plans_run_through_with_no_answers() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let simulator = RunEngineSimulator::new();
    let all: [Plan; 4] = [
        plans::count(&det, 3).into(),
        plans::scan(&det, &motor, 0, 1, 3).into(),
        plans::rel_scan(&det, &motor, 0, 1, 3).into(),
        plans::fly([&lab.device("flyer1")]).into(),
    ];
    for plan in all {
        let (name, simulated) = (plan.name().clone(), simulator.simulate_plan(plan));
        assert!(simulated.exception().is_none(), "{name}: {:?}", simulated.exception());
    }
}
