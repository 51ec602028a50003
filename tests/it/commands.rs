//! The commands that an engine knows, and who may call it when.

use std::sync::Arc;

use skyspan::clock::Clock;
use skyspan::engine::{RunEngine, RunEngineState};
use skyspan::message::{BLUESKY_COMMANDS, Command, GenericMsg, Response};
use skyspan::prelude::*;
use skyspan::value::Value;

fn custom(command: &str) -> Msg {
    GenericMsg { command: command.into(), ..GenericMsg::default() }.into_msg(Value::Null)
}

fn one_message(lab: &Harness, msg: Msg) -> Outcome {
    lab.run(plan(async move |p| p.msg(msg).await.map(drop)))
}

fn error_name(run: &Outcome) -> Option<String> {
    run.exception().map(|error| error.name().to_string())
}

/// Behaviour 7 of bluesky's suite: a command that is not registered is refused, and commands come and go.
#[test]
fn commands_come_and_go() {
    let lab = Harness::new();
    assert_eq!(error_name(&one_message(&lab, custom("greet"))).as_deref(), Some("InvalidCommand"));
    lab.with_engine(|engine| engine.register_command("greet", async |_| Ok(Response::None)));
    one_message(&lab, custom("greet")).assert_success();
    lab.with_engine(|engine| engine.unregister_command("greet")).unwrap();
    assert_eq!(error_name(&one_message(&lab, custom("greet"))).as_deref(), Some("InvalidCommand"));
    let error = lab.with_engine(|engine| engine.unregister_command("greet")).unwrap_err();
    assert_eq!((&*error.name(), &*error.to_string()), ("KeyError", "'greet'"));
}

#[test]
fn a_command_of_bluesky_can_be_executed_otherwise_and_be_forgotten() {
    let lab = Harness::new();
    let clock = lab.clock().clone();
    lab.with_engine(|engine| {
        engine.register_command("sleep", move |msg| {
            let clock = clock.clone();
            async move {
                clock.sleep(secs(2.0 * msg.args()[0].as_value().and_then(Value::as_f64).unwrap_or(0.0))).await;
                Ok(Response::None)
            }
        });
    });
    let nap = || Msg::from(Command::Sleep { duration_s: 1.0 });
    assert_eq!(one_message(&lab, nap()).duration(), secs(2.0));
    lab.with_engine(|engine| engine.unregister_command("sleep")).unwrap();
    assert_eq!(error_name(&one_message(&lab, nap())).as_deref(), Some("InvalidCommand"));
    assert!(lab.with_engine(|engine| engine.commands()).iter().all(|command| &**command != "sleep"));
}

#[test]
fn a_registered_command_is_interrupted_and_replayed_like_any_other() {
    let lab = Harness::new();
    let clock = lab.clock().clone();
    lab.with_engine(|engine| {
        engine.register_command("ponder", move |_| {
            let clock = clock.clone();
            async move {
                clock.sleep(secs(10.0)).await;
                Ok(Response::None)
            }
        });
        engine.register_command("break", async |_| panic!("it broke"));
    });
    lab.at(secs(4.0)).pause();
    assert!(one_message(&lab, custom("ponder")).is_paused());
    assert_eq!(lab.resume().duration(), secs(14.0));
    let run = one_message(&lab, custom("break"));
    assert_eq!(
        run.exception().map(ToString::to_string).as_deref(),
        Some("the registered command `break` panicked: it broke")
    );
}

#[test]
fn the_registry_lists_all_commands_with_what_they_do() {
    let lab = Harness::new();
    lab.with_engine(|engine| engine.register_command("greet", async |_| Ok(Response::None)));
    let (commands, short, long) =
        lab.with_engine(|engine| (engine.commands(), engine.command_registry(false), engine.command_registry(true)));
    assert_eq!(commands.len(), BLUESKY_COMMANDS.len() + 1);
    assert!(commands.is_sorted());
    assert_eq!(short.lines().count(), commands.len() + 1);
    assert!(long.contains("\ngreet  (registered)\n") && long.contains("\nnull  does nothing\n"), "{long}");
    assert!(long.lines().skip(1).all(|line| line.split_once("  ").is_some_and(|(_, what)| !what.is_empty())), "{long}");
}

/// Behaviours 10 and 11 of bluesky's suite: a second run of one key, a `save` or `drop` without a bundle, a `create`
/// without a run and a `checkpoint` in a bundle make no sense.
#[test]
fn messages_that_make_no_sense_after_those_before_them_are_refused() {
    let create = || Msg::from(Command::Create { name: "primary".into() });
    let open = || Msg::open_run(Map::new());
    let rows: [&dyn Fn() -> Vec<Msg>; 5] = [
        &|| vec![open(), open()],
        &|| vec![open(), Command::Save.into()],
        &|| vec![open(), Command::Drop.into()],
        &|| vec![create()],
        &|| vec![open(), create(), Command::Checkpoint.into()],
    ];
    for messages in rows {
        let lab = Harness::new();
        let messages = messages();
        let run = lab.run(plan(async move |p| {
            for message in messages {
                p.msg(message).await?;
            }
            Ok(())
        }));
        assert_eq!(error_name(&run).as_deref(), Some("IllegalMessageSequence"), "{:?}", run.messages());
    }
}

/// Behaviour 32 of bluesky's suite: of two preprocessors the last is the outermost.
#[test]
fn of_two_preprocessors_the_last_is_the_outermost() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        for name in ["first", "last"] {
            engine.add_preprocessor(move |inner| {
                plan(async move |p| {
                    p.msg(custom_null(name)).await?;
                    p.run(inner).await
                })
            });
        }
    });
    let run = one_message(&lab, custom_null("plan"));
    let order: Vec<_> = run.messages().iter().map(|msg| msg.run.to_string()).collect();
    assert_eq!(order, [r#""last""#, r#""first""#, r#""plan""#]);
    lab.with_engine(RunEngine::clear_preprocessors);
    assert_eq!(one_message(&lab, custom_null("plan")).messages().len(), 1);
}

/// A `null` with a name, in place of its run key.
fn custom_null(name: &'static str) -> Msg {
    Msg::from(Command::Null).with_run(name)
}

/// Behaviour 31 of bluesky's suite, as far as there is such a thing here: an engine is not called by what it calls.
#[test]
fn an_engine_is_not_called_by_what_it_calls_itself() {
    let lab = Arc::new(Harness::new());
    let inner = Arc::clone(&lab);
    let run = lab.run(plan(async move |_| {
        let nested = inner.run(plan(async |p| p.null().await));
        assert_eq!(error_name(&nested).as_deref(), Some("RuntimeError"));
        Ok(nested.exception().map(ToString::to_string))
    }));
    run.assert_success();
    let text = run.plan_result().and_then(Value::as_str).unwrap_or_default();
    assert!(text.starts_with("The RunEngine is in a running state: it cannot be called by what it calls"), "{text}");
}

/// Behaviour 5 of bluesky's suite: a paused engine refuses a call, goes on when it is resumed, and can be called then.
#[test]
fn a_paused_engine_refuses_a_call_and_goes_on_when_it_is_resumed() {
    let lab = Harness::new();
    assert!(lab.run(plan(async |p| p.pause().await)).is_paused());
    let refused = lab.run(plan(async |p| p.null().await));
    assert_eq!(error_name(&refused).as_deref(), Some("RuntimeError"));
    assert!(refused.is_paused());
    lab.resume().assert_success();
    lab.run(plan(async |p| p.null().await)).assert_success();
}

/// Behaviour 25 of bluesky's suite: a plan that goes on when it is closed is reported, and no more.
#[test]
fn a_plan_that_goes_on_when_it_is_halted_is_reported() {
    let lab = Harness::new();
    let stubborn = plan(async |p| {
        let _ = p.pause().await;
        p.sleep(3600.0).await
    });
    assert!(lab.run(stubborn.named("stubborn")).is_paused());
    let run = lab.halt();
    assert_eq!((run.duration(), run.exit_status()), (Duration::ZERO, Abort));
    assert_eq!(
        run.result().cleanup_errors,
        ["the plan stubborn tried to go on after it was halted; its message was not executed"]
    );
}

#[test]
fn an_engine_that_is_dropped_while_it_is_paused_leaves_no_run_open() {
    let clock = Clock::simulated();
    let capture = Capture::new();
    let mut engine = RunEngine::builder(clock.clone()).provider(&capture.provider()).build();
    let plan = plan(async |p| p.in_run(Map::new(), p.pause()).await);
    let result = clock.block_on(engine.run(plan)).unwrap().unwrap();
    assert!(result.interrupted);
    assert_eq!(engine.state(), RunEngineState::Paused);
    assert_eq!(capture.open_spans().len(), 1);
    drop(engine);
    assert!(capture.open_spans().is_empty());
    capture.trace().assert(one(span("Bluesky RunEngine run").exit_status(Fail)));
}
