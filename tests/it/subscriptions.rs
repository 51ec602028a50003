//! Who gets which documents, in which order, and what becomes of a run whose subscriber fails.
//!
//! The order of calls is that of bluesky 1.15.1, where the same functions were subscribed.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::engine::{RunEngine, Subscriber};
use skyspan::prelude::*;

/// Notes what it is given, under its name.
fn noting(log: &Arc<Mutex<Vec<String>>>, name: &'static str) -> Subscriber {
    let log = Arc::clone(log);
    Subscriber::new(move |document| log.lock().unwrap().push(format!("{name} {}", document.name())))
}

fn taken(log: &Mutex<Vec<String>>) -> String {
    std::mem::take(&mut *log.lock().unwrap()).join(", ")
}

/// An empty run.
fn empty_run() -> Plan {
    plan(async |p| {
        p.open_run(Map::new()).await?;
        p.close_run().await
    })
}

#[test]
fn who_is_subscribed_twice_gets_a_document_once_and_one_end_ends_the_other() {
    let lab = Harness::new();
    let log = Arc::default();
    let (f, g) = (noting(&log, "f"), noting(&log, "g"));
    let [start, _, all] = lab.with_engine(|engine| {
        [
            engine.add_subscriber(DocumentName::Start, &f),
            engine.add_subscriber(DocumentName::All, &g),
            engine.add_subscriber(DocumentName::All, &f),
        ]
    });
    lab.run(empty_run());
    assert_eq!(taken(&log), "f start, g start, g stop, f stop");
    lab.with_engine(|engine| engine.unsubscribe(start));
    lab.run(empty_run());
    assert_eq!(taken(&log), "g start, g stop, f stop");
    lab.with_engine(|engine| engine.unsubscribe(all));
    lab.run(empty_run());
    assert_eq!(taken(&log), "g start, g stop");
    // One that has ended already ends again without a word.
    lab.with_engine(|engine| engine.unsubscribe(start));
    lab.with_engine(|engine| engine.add_subscriber(DocumentName::Start, &f));
    lab.run(empty_run());
    assert_eq!(taken(&log), "g start, f start, g stop");
}

#[test]
fn each_gets_the_documents_of_its_name_in_the_order_of_subscription() {
    let lab = Harness::new();
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    for name in [DocumentName::Stop, DocumentName::Event, DocumentName::Descriptor, DocumentName::Start] {
        let log = Arc::clone(&log);
        lab.with_engine(|engine| {
            engine.subscribe_to(name, move |document| log.lock().unwrap().push(format!("{name} {}", document.name())))
        });
    }
    lab.run(plans::count(&lab.device("det"), 2)).assert_success();
    assert_eq!(taken(&log), "start start, descriptor descriptor, event event, event event, stop stop");
}

#[test]
fn subscriptions_of_a_call_and_of_a_message_end_with_the_call() {
    let lab = Harness::new();
    let log = Arc::default();
    lab.with_engine(|engine| engine.add_subscriber(DocumentName::Stop, &noting(&log, "engine's")));
    let options = CallOptions {
        subscribers: vec![(DocumentName::Stop, noting(&log, "call's")), (DocumentName::Start, noting(&log, "call's"))],
        ..CallOptions::default()
    };
    let of_message = noting(&log, "message's");
    let run = lab.run_with(
        plan(async move |p| {
            p.open_run(Map::new()).await?;
            let token = p.subscribe(DocumentName::All, &of_message).await?;
            p.close_run().await?;
            p.unsubscribe(token.clone()).await?;
            let error = p.unsubscribe(token).await.unwrap_err();
            assert_eq!(&*error.name(), "KeyError");
            p.subscribe(DocumentName::All, &of_message).await?;
            p.open_run(Map::new()).await
        }),
        options,
    );
    run.assert_success();
    let first = "call's start, engine's stop, call's stop, message's stop";
    let second = "call's start, message's start, engine's stop, call's stop, message's stop";
    assert_eq!(taken(&log), format!("{first}, {second}"));
    lab.run(empty_run());
    assert_eq!(taken(&log), "engine's stop");
}

#[test]
fn a_subscription_is_a_checkpoint() {
    let lab = Harness::new();
    let log = Arc::default();
    let subscriber = noting(&log, "s");
    let run = lab.run(plan(async move |p| {
        p.null().await?;
        let token = p.subscribe(DocumentName::All, &subscriber).await?;
        p.sleep(1.0).await?;
        p.unsubscribe(token).await?;
        p.checkpoint().await?;
        p.pause().await
    }));
    assert!(run.is_paused());
    let run = lab.resume();
    let commands: Vec<&str> = run.messages().iter().map(Msg::command).collect();
    assert_eq!(commands, ["null", "subscribe", "sleep", "unsubscribe", "checkpoint", "pause"]);
}

#[test]
fn a_subscriber_that_fails_or_panics_ends_the_run_and_keeps_the_document_from_those_after_it() {
    for panics in [false, true] {
        let lab = Harness::new();
        let log = Arc::default();
        lab.with_engine(|engine| {
            engine.add_subscriber(DocumentName::All, &noting(&log, "first"));
            engine.subscribe_to(DocumentName::Start, move |_| {
                assert!(!panics, "the disk is on fire");
                Err::<(), _>(plan_error!("the disk is full"))
            });
            engine.add_subscriber(DocumentName::All, &noting(&log, "last"));
        });
        let run = lab.run(empty_run());
        let error = run.exception().unwrap();
        let expected = if panics {
            ("Panic", "the callback of a `start` document panicked: the disk is on fire")
        } else {
            ("RuntimeError", "the disk is full")
        };
        assert_eq!((&*error.name(), &*error.to_string()), expected);
        assert_eq!(taken(&log), "first start, first stop, last stop");

        lab.with_engine(|engine| engine.ignore_callback_errors(true));
        lab.run(empty_run()).assert_success();
        assert_eq!(taken(&log), "first start, last start, first stop, last stop");
        let ignored = lab.with_engine(|engine| engine.ignored_callback_errors().to_vec());
        assert_eq!(ignored.len(), 1);
        assert!(ignored[0].contains("`start`") && ignored[0].ends_with(expected.1), "{ignored:?}");
    }
}

#[test]
fn an_engine_without_subscribers_composes_no_events_and_a_plan_sees_no_difference() {
    let clock = skyspan::clock::Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let det: Device = SynSignal::new("det").into();
    let result = clock.block_on(engine.run(plans::count(&det, 3))).unwrap().unwrap();
    assert_eq!((result.exit_status, result.run_start_uids.len()), (Success, 1));
}
