//! Plans, stepped through by hand: what they yield, and what they make of the answers.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use skyspan::clock::Clock;
use skyspan::clock::Tracer;
use skyspan::device::Readings;
use skyspan::expect::Expectation as _;
use skyspan::expect::any;
use skyspan::message::{Command, PlanError, Response, Wait};
use skyspan::plan::preprocessors::{contingency_wrapper, finalize_wrapper, run_wrapper, stage_wrapper, trace_plan};
use skyspan::plan::{PlanEnv, Resumed, separate_devices};
use skyspan::prelude::*;
use skyspan::seed::Seed;
use skyspan::trace::Status;
use skyspan::value::Value;
use skyspan::value::{from_json, to_json};

const PLANS: &str = include_str!("../../fixtures/bluesky/plans.txt");
const METADATA: &str = include_str!("../../fixtures/bluesky/metadata.jsonl");
const LINSPACE: &str = include_str!("../../fixtures/bluesky/linspace.tsv");

// What is compared with every line of a file would be so with every line of an empty one.
const _: () = {
    assert!(PLANS.len() > 10_000);
    assert!(METADATA.len() > 4_000);
    assert!(LINSPACE.len() > 20_000);
};

fn env() -> Arc<PlanEnv> {
    Arc::new(PlanEnv::detached())
}

/// The answer that an engine gives, without doing anything.
fn answer(msg: &Msg) -> Response {
    match msg.command() {
        "open_run" | "close_run" => Response::Uid("uid".into()),
        "read" => Response::Readings(Readings::default()),
        "stage" | "unstage" => Response::Devices(Vec::new()),
        _ => Response::None,
    }
}

/// Takes a plan to its end; throws an error at one of its messages.
fn step_through(plan: impl Into<Plan>, throw: Option<(usize, PlanError)>) -> (Vec<Msg>, Result<Value, PlanError>) {
    let (mut plan, env, mut msgs) = (plan.into(), env(), Vec::new());
    let mut next = Ok(Response::None);
    loop {
        match plan.resume(&env, next) {
            Resumed::Yield(msg) => {
                next = match &throw {
                    Some((at, error)) if *at == msgs.len() => Err(error.clone()),
                    _ => Ok(answer(&msg)),
                };
                msgs.push(msg);
            }
            Resumed::Done(result) => return (msgs, result),
        }
    }
}

fn commands(msgs: &[Msg]) -> String {
    msgs.iter().map(Msg::command).collect::<Vec<_>>().join(" ")
}

/// The messages as the fixture has them: random groups numbered, no metadata.
fn lines(msgs: &[Msg]) -> String {
    let mut groups: Vec<Value> = Vec::new();
    let mut all = String::new();
    for msg in msgs {
        let mut columns = msg.to_recorded();
        let mut kwargs = columns.remove("kwargs").unwrap().as_map().unwrap().clone();
        let group = kwargs.get("group").cloned().unwrap_or_default();
        if let Some(name) = group.as_str() {
            let label = name.rsplit_once('-').filter(|(_, random)| random.len() == 6).map(|(label, _)| label);
            if name.len() == 36 || label.is_some() {
                let number = groups.iter().position(|other| *other == group).unwrap_or_else(|| {
                    groups.push(group.clone());
                    groups.len() - 1
                });
                kwargs.insert("group", format!("{}#{}", label.unwrap_or_default(), number + 1));
            }
        }
        if msg.command() == "open_run" {
            kwargs = Map::new();
        }
        let of = |key| columns.get(key).unwrap().clone();
        all += &to_json(&[of("command"), of("obj"), of("args"), kwargs.into()].into());
        all += "\n";
    }
    all
}

fn nulls(n: usize) -> Plan {
    plan(async move |p| {
        for _ in 0..n {
            p.null().await?;
        }
        Ok::<_, PlanError>(())
    })
}

fn sleeps(duration_s: f64) -> Plan {
    plan(async move |p| p.sleep(duration_s).await)
}

/// The plan that the fixture knows by that name.
fn named(lab: &Harness, name: &str) -> Plan {
    let [motor, motor1, det] = ["motor", "motor1", "det"].map(|name| lab.device(name));
    let (value, setpoint) = (lab.device("det.val"), lab.device("motor.velocity"));
    let md = Map::new();
    let repeat = |num, delays: Value| plan(async move |p| p.repeat(Some(num), &delays, || p.null()).await);
    match name {
        "open_run" => plan(async |p| p.open_run(md).await),
        "close_run" => plan(async |p| p.close_run().await),
        "close_run_as" => plan(async |p| p.close_run_as("fail", "why").await),
        "create" => plan(async |p| p.create("s").await),
        "save" => plan(async |p| p.save().await),
        "drop" => plan(async |p| p.drop().await),
        "read" => plan(async move |p| p.read(&det).await.map(drop)),
        "null" => plan(async |p| p.null().await),
        "abs_set" => plan(async move |p| p.abs_set(&motor, 5).await.map(drop)),
        "abs_set_in" => plan(async move |p| p.abs_set_in(&motor, 5, "g").await.map(drop)),
        "mv" => plan(async move |p| p.mv(&motor, 5).await),
        "mv_all" => plan(async move |p| p.mv_all([(&motor, Value::from(5)), (&motor1, 2.5.into())]).await),
        "trigger" => plan(async move |p| p.trigger(&det, "g").await.map(drop)),
        "sleep" => sleeps(2.0),
        "wait" => plan(async |p| p.wait("g").await),
        "wait_for" => plan(async |p| {
            let watch = Some(["a".into(), "b".into()].into());
            let timeout_s = Some(Some(3.0));
            p.wait_with(Wait { group: "g".into(), error_on_timeout: Some(false), timeout_s, watch }).await
        }),
        "checkpoint" => plan(async |p| p.checkpoint().await),
        "stage" => plan(async move |p| p.stage(&det).await),
        "unstage" => plan(async move |p| p.unstage(&det).await),
        "stage_all" => plan(async move |p| p.stage_all(&[det, motor]).await),
        "unstage_all" => plan(async move |p| p.unstage_all(&[motor, det]).await),
        "trigger_and_read" => plan(async move |p| p.trigger_and_read(&[det, motor], "primary").await.map(drop)),
        "trigger_and_read nothing" => plan(async |p| p.trigger_and_read(&[], "primary").await.map(drop)),
        "trigger_and_read components" => {
            plan(async move |p| p.trigger_and_read(&[setpoint, value, det], "primary").await.map(drop))
        }
        "one_shot" => plan(async move |p| p.one_shot(&[det]).await),
        "move_per_step" => plan(async move |p| {
            let mut there = vec![(motor.clone(), 1.into())];
            p.move_per_step(&[(motor.clone(), 1.into()), (motor1.clone(), 2.into())], &mut there).await?;
            assert_eq!(there, [(motor, 1.into()), (motor1, 2.into())]);
            Ok(())
        }),
        "one_nd_step" => plan(async move |p| p.one_nd_step(&[det], &[(motor, 1.into())], &mut Vec::new()).await),
        "repeat delay" => repeat(2, 0.5.into()),
        "repeat delays" => repeat(2, [0.5].into()),
        "repeat more delays" => repeat(2, [0.5, 0.2, 0.1].into()),
        "repeat too few delays" => repeat(3, [0.5].into()),
        "count" => plans::count(&det, 2).into(),
        "count none" => plans::count(&det, 0).into(),
        "count delays" => plans::count(&det, 2).delay_s([1.0]).into(),
        "count too few delays" => plans::count(&det, 3).delay_s([1.0]).into(),
        "count components" => plans::count([value, setpoint], 1).into(),
        "count twice" => plans::count([&det, &det], 1).into(),
        "scan" => plans::scan(&det, &motor, 0, 1, 2).into(),
        "scan none" => plans::scan(&det, &motor, 0, 1, 0).into(),
        "scan in place" => plans::scan(&det, &motor, 1, 1, 2).into(),
        "scan overlapping" => plans::scan(&det, &motor, 0, 1, 2).with(&motor, 0, 2).into(),
        "run_wrapper" => run_wrapper(nulls(2), md),
        "stage_wrapper" => stage_wrapper(nulls(2), [det, setpoint, motor]),
        "finalize_wrapper" => finalize_wrapper(nulls(2), sleeps(9.0)).into(),
        "contingency_wrapper" | "contingency_wrapper caught" => contingency_wrapper(nulls(2))
            .except(|_| sleeps(7.0))
            .otherwise(sleeps(8.0))
            .finally(sleeps(9.0))
            .auto_raise(name == "contingency_wrapper")
            .into(),
        other => panic!("{other} is not written down here"),
    }
}

#[test]
fn every_stub_plan_and_wrapper_yields_the_messages_that_bluesky_yields_whatever_is_thrown() {
    let lab = Harness::new();
    let mut blocks = 0;
    for block in PLANS.split("## ").skip(1) {
        let (title, expected) = block.split_once('\n').unwrap();
        let mut parts = title.split(" | ");
        let name = parts.next().unwrap();
        let throw = parts.next().map(|error| {
            let error = match error {
                "RuntimeError" => PlanError::runtime("boom"),
                "RequestStop" => PlanError::RequestStop,
                "RequestAbort" => PlanError::RequestAbort,
                other => panic!("{other}"),
            };
            (parts.next().unwrap().parse().unwrap(), error)
        });
        let (msgs, result) = step_through(named(&lab, name), throw);
        let end = match result {
            Ok(_) => "done\n".to_owned(),
            Err(error) => format!("raised {} {}\n", error.name(), error.reason()),
        };
        assert_eq!(lines(&msgs) + &end, expected, "{title}");
        blocks += 1;
    }
    assert_eq!(blocks, 109);
}

#[test]
fn several_motors_of_a_scan_move_together() {
    let lab = Harness::new();
    let [motor, motor1, det] = ["motor", "motor1", "det"].map(|name| lab.device(name));
    let (msgs, _) = step_through(plans::scan(&det, &motor, 0, 1, 2).with(&motor1, 10, 10), None);
    let of = |command: &str| {
        let shown = |msg: &Msg| format!("{}{}", msg.command.device().unwrap(), msg.args_value());
        msgs.iter().filter(|msg| msg.command() == command).map(shown).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("stage"), "det[] motor[] motor1[]");
    assert_eq!(of("set"), "motor[0.0] motor1[10.0] motor[1.0]", "what is there already is not moved");
    assert_eq!(of("read"), "det[] motor[] motor1[] det[] motor[] motor1[]");
    assert_eq!(of("unstage"), "motor1[] motor[] det[]");
}

#[test]
fn plans_and_runs_give_their_results() {
    let lab = Harness::new();
    let result = |name| step_through(named(&lab, name), None).1.unwrap();
    for name in ["open_run", "close_run", "run_wrapper", "count", "scan"] {
        assert_eq!(result(name), "uid".into(), "{name}");
    }
    assert_eq!(result("finalize_wrapper"), Value::Null);
    let given = |plan: Plan| step_through(plan, None).1.unwrap();
    assert_eq!(given(finalize_wrapper(plan(async |_| Ok::<_, PlanError>(7)), nulls(1)).into()), 7.into());
    assert_eq!(given(stage_wrapper(plan(async |_| Ok::<_, PlanError>("x")), &lab.device("det"))), "x".into());
    let fails = || plan(async |_| Err::<(), _>(plan_error!("boom")));
    let five = |_| plan(async |_| Ok::<_, PlanError>(5));
    assert_eq!(given(contingency_wrapper(fails()).except(five).auto_raise(false).into()), 5.into());
}

#[test]
fn the_metadata_of_a_run_is_that_of_bluesky() {
    let lab = Harness::builder().start_time(Timestamp::from_unix_s(1000.0)).build();
    let [motor, motor1, det, det1] = ["motor", "motor1", "det", "det1"].map(|name| lab.device(name));
    let hints = |hints: &str| [("hints", from_json(hints).unwrap())];
    let scan = |num| plans::scan(&det, &motor, 0, 1, num);
    let mut rows = 0;
    for line in METADATA.lines() {
        let row = from_json(line).unwrap();
        let [name, expected] = row.as_array().unwrap() else { panic!("two columns: {line}") };
        let plan: Plan = match name.as_str().unwrap() {
            "count" => plans::count(&det, 1).into(),
            "count delay" => plans::count([&det, &motor], 3).delay_s(0.5).into(),
            "count delays" => plans::count(&det, 3).delay_s([Value::from(0.5), 1.into()]).into(),
            "count forever" => plans::count(&det, 3).forever().into(),
            "count hints" => {
                plans::count(&det, 1).md(hints(r#"{"gridding": "rectilinear"}"#)).md([("sample", "A")]).into()
            }
            "count dimensions" => {
                plans::count(&det, 1).md(hints(r#"{"dimensions": []}"#)).md([("plan_name", "mine")]).into()
            }
            "count md" => plans::count(&det, 1).md([("z", 1), ("num_points", 9)]).into(),
            "scan" => plans::scan(&det, &motor, -1, 1, 5).into(),
            "scan floats" => plans::scan(&det, &motor, -1.5, 1e-5, 5).into(),
            "scan one" => scan(1).into(),
            "scan two" => plans::scan([&det, &det1], &motor, 0, 1, 3).with(&motor1, 10, 20).into(),
            "scan md" => scan(2).md([("sample", "A"), ("plan_name", "x")]).md(hints(r#"{"gridding": "g"}"#)).into(),
            "scan dimensions" => scan(2).md(hints(r#"{"dimensions": [[["a"], "s"]]}"#)).into(),
            "scan no fields" => scan(2).with(&lab.device("motor1.unused"), 0, 1).md([("num_points", 7)]).into(),
            other => panic!("{other} is not written down here"),
        };
        let mut plan = plan;
        let mut next = Ok(Response::None);
        let opened = loop {
            match plan.resume(&env(), next) {
                Resumed::Yield(msg) if msg.command() == "open_run" => break msg,
                Resumed::Yield(msg) => next = Ok(answer(&msg)),
                Resumed::Done(result) => panic!("{name}: {result:?}"),
            }
        };
        assert_eq!(opened.kwargs_json(), expected.as_str().unwrap(), "{name}");
        rows += 1;
    }
    assert_eq!(rows, 14);
}

#[test]
fn a_scan_goes_to_the_very_bits_that_numpy_computes() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let number = |bits: &str| f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
    let mut rows = 0;
    for line in LINSPACE.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (start, stop, num) = (number(columns[0]), number(columns[1]), columns[2].parse().unwrap());
        let expected: Vec<u64> =
            columns[3].split(',').filter(|bits| !bits.is_empty()).map(|bits| number(bits).to_bits()).collect();
        // Each step is seen, also one that does not move the motor.
        let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
        let steps = Arc::clone(&seen);
        let scan = plans::scan(Vec::new(), &motor, start, stop, num).per_step(move |_, step| {
            steps.lock().unwrap().push(step[0].1.as_f64().unwrap().to_bits());
            nulls(1)
        });
        step_through(scan, None).1.unwrap();
        let seen = seen.lock().unwrap();
        let same = |(a, b): (&u64, &u64)| a == b || (f64::from_bits(*a).is_nan() && f64::from_bits(*b).is_nan());
        assert!(
            seen.len() == expected.len() && seen.iter().zip(&expected).all(same),
            "linspace({start}, {stop}, {num})"
        );
        rows += 1;
    }
    assert_eq!(rows, 80);
}

#[test]
fn what_is_thrown_arrives_at_the_await_and_may_be_caught() {
    let (msgs, result) = step_through(
        plan(async |p| {
            p.null().await?;
            let caught = p.sleep(1.0).await;
            p.checkpoint().await?;
            Ok::<_, PlanError>(caught.unwrap_err().to_string())
        }),
        Some((1, plan_error!("boom"))),
    );
    assert_eq!((commands(&msgs).as_str(), result), ("null sleep checkpoint", Ok("boom".into())));

    // Not caught, it comes out; and it passes through a plan within a plan.
    let outer = plan(async |p| {
        let inner = p.run(nulls(3)).await;
        p.checkpoint().await?;
        inner
    });
    let (msgs, result) = step_through(outer, Some((1, PlanError::RequestAbort)));
    assert_eq!((commands(&msgs).as_str(), result), ("null null checkpoint", Err(PlanError::RequestAbort)));
}

#[test]
fn answers_come_back_from_the_await() {
    let lab = Harness::new();
    let det = lab.device("det");
    let mut plan = plan(async move |p| {
        let uid = p.open_run(Map::new()).await?;
        let nothing = p.read(&det).await?;
        assert!(nothing.0.is_empty());
        assert_eq!(p.abs_set(&det, 1).await?, None);
        assert!(!p.wait("g").await?);
        assert!(p.wait("g").await?);
        Ok::<_, PlanError>(uid)
    });
    let env = env();
    let mut next = |response| plan.resume(&env, Ok(response));
    for (response, command) in [
        (Response::None, "open_run"),
        (Response::Uid("u-1".into()), "read"),
        (Response::None, "set"),
        (Response::None, "wait"),
        (Response::Value(false.into()), "wait"),
    ] {
        let Resumed::Yield(msg) = next(response) else { panic!("it ended before {command}") };
        assert_eq!(msg.command(), command);
    }
    let Resumed::Done(result) = next(Response::Value(true.into())) else { panic!("it went on") };
    assert_eq!(result, Ok("u-1".into()));
}

#[test]
fn an_error_before_the_beginning_ends_a_plan_that_has_not_begun() {
    let begun = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&begun);
    let cleanup = plan(async |p| p.null().await);
    let inner = plan(async move |p| {
        flag.store(true, Ordering::Relaxed);
        p.null().await
    });
    let mut plan = Plan::from(finalize_wrapper(inner, cleanup));
    let Resumed::Done(result) = plan.resume(&env(), Err(plan_error!("early"))) else { panic!("it yields") };
    assert_eq!(result, Err(plan_error!("early")));
    assert!(!begun.load(Ordering::Relaxed));
    let Resumed::Done(Err(again)) = plan.resume(&env(), Ok(Response::None)) else { panic!("it yields") };
    assert_eq!(again.name(), "RuntimeError");
}

#[test]
fn a_plan_that_is_done_cannot_be_resumed() {
    for mut plan in [nulls(0), plan(async |_| Err::<(), _>(plan_error!("boom")))] {
        let Resumed::Done(_) = plan.resume(&env(), Ok(Response::None)) else { panic!("it yields") };
        for answer in [Ok(Response::None), Err(plan_error!("late"))] {
            let Resumed::Done(Err(error)) = plan.resume(&env(), answer) else { panic!("it is not done") };
            assert_eq!(error.to_string(), "the plan is done and cannot be resumed");
        }
    }
}

#[test]
fn a_plan_that_awaits_something_foreign_is_told_at_once() {
    let clock = Clock::simulated();
    let foreign = |clock: Clock| {
        plan(async move |p| {
            p.null().await?;
            clock.sleep(Duration::from_secs(1)).await;
            p.null().await
        })
    };
    let (msgs, result) = step_through(foreign(clock.clone()), None);
    assert_eq!((commands(&msgs).as_str(), result), ("null", Err(PlanError::ForeignAwait)));
    // It is told so through any plan around it, and clean-up goes on.
    let (msgs, result) = step_through(finalize_wrapper(foreign(clock), sleeps(1.0)), None);
    assert_eq!((commands(&msgs).as_str(), result), ("null sleep", Err(PlanError::ForeignAwait)));
    let (_, result) = step_through(plan(async |_| std::future::pending::<Result<(), _>>().await), None);
    assert_eq!(result, Err(PlanError::ForeignAwait));
    let lab = Harness::new();
    let run = lab.run(plan(async |_| std::future::pending::<Result<(), _>>().await));
    assert_eq!((run.exception(), run.exit_status()), (Some(&PlanError::ForeignAwait), Fail));
}

#[test]
fn two_messages_at_once_are_refused() {
    let (msgs, result) = step_through(
        plan(async |p| {
            let (first, second) = tokio::join!(p.null(), p.sleep(1.0));
            assert_eq!(second, Err(PlanError::ConcurrentYield("sleep(1.0)".into())));
            first?;
            p.checkpoint().await
        }),
        None,
    );
    assert_eq!((commands(&msgs).as_str(), result), ("null checkpoint", Ok(Value::Null)));
}

#[test]
fn a_plan_that_gives_a_message_up_is_told_at_its_next() {
    // As a select does with the message that is slower.
    let (msgs, result) = step_through(
        plan(async |p| {
            let mut first = Box::pin(p.null());
            let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(first.as_mut().poll(cx))).await;
            assert!(polled.is_pending());
            drop(first);
            p.sleep(1.0).await
        }),
        None,
    );
    assert_eq!((msgs.len(), result), (0, Err(PlanError::ConcurrentYield("sleep(1.0)".into()))));
}

#[test]
fn a_plan_that_is_dropped_ends_its_spans_and_cleans_nothing_up() {
    let (capture, clock) = (Capture::new(), Clock::simulated());
    let tracer = Tracer::of_provider(&capture.provider(), "bluesky.tracing", clock.clone());
    let env = Arc::new(PlanEnv::new(clock.clone(), Seed::new(0), tracer));
    let cleaned = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&cleaned);
    let cleanup = plan(async move |p| {
        count.fetch_add(1, Ordering::Relaxed);
        p.null().await
    });
    let inner = trace_plan("inner", nulls(3));
    let mut plan = trace_plan("outer", finalize_wrapper(inner, cleanup));
    for _ in 0..2 {
        let Resumed::Yield(_) = plan.resume(&env, Ok(Response::None)) else { panic!("it ended") };
    }
    assert_eq!(capture.open_count(), 2);
    clock.block_on(clock.sleep(Duration::from_secs(2))).unwrap();
    drop(plan);
    assert_eq!((capture.open_count(), cleaned.load(Ordering::Relaxed)), (0, 0));
    let closed = |name: &'static str| span(name).lasting(secs(2.0)..=secs(2.0)).status(Status::Unset).events([]);
    let tree = forest([closed("outer").children([closed("inner")])]);
    capture.trace().assert(tree.because("neither was at fault"));
    let next = env.start_span("next");
    drop(next);
    capture.trace().assert(one(span("next").is_root()).because("nothing is left around what comes"));
}

#[test]
fn the_span_of_a_plan_fails_with_it() {
    let lab = Harness::new();
    for (error, name) in [(plan_error!("boom"), "RuntimeError"), (PlanError::RequestStop, "RequestStop")] {
        let run = lab.run(trace_plan("part", plan(async move |_| Err::<(), _>(error))));
        run.assert(one(span("part").status_error().exception(name, any())));
    }
}

#[test]
fn plans_are_named_after_their_functions() {
    fn outer() -> Plan {
        plan(async |p| p.null().await)
    }
    let lab = Harness::new();
    assert_eq!(outer().name(), "outer");
    assert_eq!(run_wrapper(outer(), Map::new()).name(), "outer");
    assert_eq!(trace_plan("span", stage_wrapper(outer(), &lab.device("det"))).name(), "outer");
    assert_eq!(Plan::from(contingency_wrapper(finalize_wrapper(outer(), nulls(1)))).name(), "outer");
    assert_eq!(outer().named("other").name(), "other");
    assert_eq!(Plan::from(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2)).name(), "scan");
    assert_eq!(Plan::from(plans::count(&lab.device("det"), 2)).name(), "count");
}

#[test]
fn groups_come_from_the_seed_of_the_environment() {
    let lab = Harness::new();
    let groups = |seed| {
        let env = Arc::new(PlanEnv::new(Clock::simulated(), Seed::new(seed), Tracer::off()));
        let mut plan = named(&lab, "mv_all");
        let mut names = Vec::new();
        while let Resumed::Yield(msg) = plan.resume(&env, Ok(Response::None)) {
            names.push(msg.kwargs()[0].1.to_string());
        }
        assert!(names.len() == 3 && names.iter().all(|name| *name == names[0]), "{names:?}");
        names.remove(0)
    };
    assert_eq!(groups(1), groups(1));
    assert_ne!(groups(1), groups(2));
}

#[test]
fn no_device_stands_twice_among_those_that_are_told_apart() {
    let lab = Harness::new();
    check(&lab, "motor motor det", "motor det");
    check(&lab, "motor.velocity motor", "motor");
    check(&lab, "motor motor.velocity det", "motor det");
    check(&lab, "motor.velocity motor.setpoint det", "motor.velocity motor.setpoint det");
    check(&lab, "motor.velocity det motor.setpoint motor", "det motor");
    check(&lab, "", "");

    #[track_caller]
    fn check(lab: &Harness, given: &str, expected: &str) {
        let of = |paths: &str| paths.split_whitespace().map(|path| lab.device(path)).collect::<Vec<_>>();
        assert_eq!(separate_devices(of(given)), of(expected));
    }
}

#[test]
fn a_repetition_sleeps_for_what_is_left_of_its_delay() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| p.repeat(Some(3), &0.5.into(), || p.sleep(0.2)).await));
    run.assert_success();
    let slept: Vec<String> =
        run.messages().iter().filter(|msg| msg.command() == "sleep").map(ToString::to_string).collect();
    assert_eq!(slept, ["sleep(0.2)", "sleep(0.3)"].repeat(3));
    assert_eq!(run.duration(), Duration::from_millis(1500));
    let run = lab.run(plan(async |p| p.repeat(Some(2), &0.1.into(), || p.sleep(0.2)).await));
    assert_eq!(run.duration(), Duration::from_millis(400), "nothing is left");
    let run = lab.run(plan(async |p| p.repeat(Some(2), &"x".into(), || p.null()).await));
    assert_eq!(run.exception().map(|error| error.name()), Some("TypeError".into()));
}

#[test]
fn plans_are_resumed_on_another_thread() {
    let mut plan = nulls(2);
    let env = env();
    let Resumed::Yield(_) = plan.resume(&env, Ok(Response::None)) else { panic!("it ended") };
    let result = std::thread::spawn(move || match plan.resume(&env, Ok(Response::None)) {
        Resumed::Yield(msg) => matches!(msg.command, Command::Null),
        Resumed::Done(_) => false,
    });
    assert!(result.join().unwrap());
}
