//! Flyers: prepared, kicked off, completed, collected.

use skyspan::device::CollectedStreams;
use skyspan::expect::{Expectation, ForestExpectation};
use skyspan::hardware::{MockFlyer, PagingFlyer, TrivialFlyer};
use skyspan::message::{Collect, Command, Payload};
use skyspan::plan::CollectWhile;
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::probe::{Calls, Probe, counts, data_keys, event, page, stream_datum, stream_resource};

fn run<Fut, T>(lab: &Harness, body: impl FnOnce(Stubs) -> Fut + Send + 'static) -> Outcome
where
    Fut: Future<Output = Result<T, PlanError>> + Send + 'static,
    T: Into<Value> + Send + 'static,
{
    lab.run(preprocessors::run_wrapper(plan(body), Map::new()))
}

fn pages(run: &Outcome) -> Vec<&skyspan::document::EventPage> {
    let pages = run.documents().iter().filter_map(|document| match document {
        Document::EventPage(page) => Some(&**page),
        _ => None,
    });
    pages.collect()
}

/// A flyer of two streams, with two events for each.
fn two_streams(name: &str) -> Probe {
    Probe::new(name)
        .flies()
        .collected(|| {
            CollectedStreams::Named(vec![
                ("stream1".into(), data_keys(&["a", "b"])),
                ("stream2".into(), data_keys(&["c"])),
            ])
        })
        .events(|| Ok(vec![event(&["a", "b"], 0), event(&["c"], 0), event(&["b", "a"], 1), event(&["c"], 1)]))
}

#[test]
fn a_flyer_brings_its_streams_with_it() {
    let lab = Harness::new();
    let flyer = lab.add(two_streams("flyer"));
    let outcome = lab.run(plans::fly(&flyer).md([("sample", "A")]));
    assert_eq!(counts(&outcome), "start 1, descriptor 2, event_page 2, stop 1");
    let pages = pages(&outcome);
    assert_eq!((pages[0].get("a"), pages[0].get("b")), (Some(&[0.into(), 1.into()][..]), pages[0].get("a")));
    assert_eq!((pages[1].get("c"), &*pages[1].seq_num), (pages[0].get("a"), &[1, 2][..]));
    assert_eq!(pages[0].timestamps[0].1, [Timestamp::from_unix_s(100.0); 2]);
    let map = outcome.documents()[3].to_map();
    let keys: Vec<&str> = map.keys().map(|key| &**key).collect();
    assert_eq!(keys, ["uid", "time", "data", "timestamps", "seq_num", "filled", "descriptor"]);
    let Some(uid) = outcome.plan_result() else { panic!("a plan that ends has a result") };
    assert_eq!(uid.as_str(), outcome.documents()[0].uid().map(|uid| &**uid));
}

/// Behaviour 58 of bluesky's suite: what describes a flyer is asked once, its configuration once for each stream.
#[test]
fn a_flyer_is_asked_once_what_it_has() {
    let lab = Harness::new();
    let calls = Calls::default();
    let flyer = lab.add(two_streams("flyer").configurable().counted(&calls));
    let outcome = run(&lab, async move |p| {
        p.prepare(&flyer, 3).await?;
        p.kickoff(&flyer).await?;
        for _ in 0..3 {
            p.collect(&flyer, None).await?;
        }
        p.complete(&flyer).await?;
        p.collect(&flyer, None).await.map(drop)
    });
    outcome.assert_success();
    assert_eq!(counts(&outcome), "start 1, descriptor 2, event_page 8, stop 1");
    for (method, times) in [
        ("prepare", 1),
        ("kickoff", 1),
        ("complete", 1),
        ("collect", 4),
        ("describe_collect", 1),
        ("read_configuration", 2),
        ("describe_configuration", 2),
    ] {
        assert_eq!(calls.count(method), times, "{method}");
    }
    assert_eq!(pages(&outcome)[7].seq_num, [7, 8]);
}

/// Behaviour 58 of bluesky's suite: what was kicked off and not collected is collected at the end of the call; what goes wrong is reported.
#[test]
fn what_was_kicked_off_is_collected_in_the_end() {
    let lab = Harness::new();
    let calls = Calls::default();
    let broken = two_streams("broken").events(|| Err(DeviceError::other("OSError", "no disk"))).counted(&calls);
    let flyers = [lab.add(broken), lab.add(two_streams("flyer").counted(&calls))];
    let outcome = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        for flyer in &flyers {
            p.kickoff(flyer).await?;
        }
        Ok(())
    }));
    assert_eq!(outcome.exit_status(), Success);
    assert_eq!(calls.count("collect"), 2);
    assert_eq!(outcome.result().cleanup_errors, ["Failed to collect Probe(name='broken'): no disk"]);
    assert_eq!(counts(&outcome), "start 1, descriptor 4, event_page 2, stop 1");
    // What was collected already is not collected again.
    let flyer = lab.add(two_streams("flyer").counted(&calls));
    lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.kickoff(&flyer).await?;
        p.collect(&flyer, None).await.map(drop)
    }));
    assert_eq!(calls.count("collect"), 3);
}

#[test]
fn what_is_collected_is_the_answer_unless_it_is_not_wanted() {
    let lab = Harness::new();
    let (flyer, pager) = (lab.add(two_streams("flyer")), lab.add(PagingFlyer::new("pager", ["rows"], 2).period_s(0.0)));
    run(&lab, async move |p| {
        let Some(Payload::Events(events)) = p.collect(&flyer, None).await? else { panic!("events were collected") };
        assert_eq!(events[2], event(&["b", "a"], 1));
        let unwanted = Collect { objs: vec![flyer], stream: None, return_payload: Some(false), name: None };
        assert!(p.msg(Command::Collect(unwanted.into())).await?.into_payload().is_none());
        p.declare_stream_to_collect(&pager, "rows").await?;
        p.kickoff(&pager).await?;
        let Some(Payload::Pages(pages)) = p.collect(&pager, Some("rows".into())).await? else {
            panic!("a page was collected")
        };
        assert_eq!(pages[0].data, [("rows".into(), vec![0.into(), 1.into()])]);
        assert_eq!(p.collect(&pager, None).await?, Some(Payload::Pages(Vec::new())));
        Ok(())
    })
    .assert_success();
}

#[test]
fn what_does_not_fit_together_is_refused_when_it_is_collected() {
    let one = || CollectedStreams::One(data_keys(&["a"]));
    let plain = || Probe::new("x").collected(one).events(|| Ok(vec![event(&["a"], 1)]));
    let named = |streams: &[(&str, &[&'static str])]| {
        let streams = streams.iter().map(|(name, keys)| ((*name).into(), data_keys(keys))).collect();
        CollectedStreams::Named(streams)
    };
    check(plain(), None, None, "AssertionError: Single nested data keys should be pre-declared");
    check(
        plain(),
        None,
        Some("main"),
        "AssertionError: If a message stream name is provided declare stream needs to be called first.",
    );
    check(plain(), Some("main"), None, "");
    check(plain(), Some("main"), Some("main"), "");
    check(plain().pages(|| vec![page(&["a"], 2)]), Some("main"), None, "");
    check(
        Probe::new("x").collected(move || named(&[("s", &["a"]), ("t", &["b", "a"])])).events(|| Ok(Vec::new())),
        None,
        None,
        "RuntimeError: Can't use identical data keys in multiple streams: a is in s and t",
    );
    check(
        two_streams("x").events(|| Ok(vec![event(&["a"], 1)])),
        None,
        None,
        "KeyError: Probe(name='x') has no stream with the data keys a",
    );
    check(two_streams("x"), Some("main"), None, "RuntimeError: Expected a single stream 'main', got stream1, stream2");
    // bluesky means to take this one, and composes a descriptor that event-model refuses.
    check(
        Probe::new("x").collected(move || named(&[("main", &["a"])])).events(|| Ok(vec![event(&["a"], 1)])),
        Some("main"),
        None,
        "",
    );
    check(
        Probe::new("x").collected(|| CollectedStreams::One(data_keys(&[]))),
        Some("main"),
        None,
        "AssertionError: `declare_stream` contained `collect=True` but `describe_collect` did not return a single \
         Dict[str, DataKey] for the passed in main",
    );
    check(
        plain().events(|| Ok(vec![event(&["b"], 1)])),
        Some("main"),
        None,
        "KeyError: the data key \"b\" of an event of stream \"main\" is not in its descriptor",
    );
    check(
        plain().events(|| {
            let filled = Map::from_iter([("b", true)]);
            Ok(vec![skyspan::device::PartialEvent { filled, ..event(&["a"], 1) }])
        }),
        Some("main"),
        None,
        "EventModelValidationError: the data key \"b\" is said to be filled, or not, and has no data",
    );
    check(
        plain().pages(|| {
            let mut uneven = page(&["a"], 2);
            uneven.timestamps[0].1.pop();
            vec![uneven]
        }),
        Some("main"),
        None,
        "AssertionError: a page of stream \"main\" has 2 values for each data key, and 1 timestamps",
    );
    check(
        Probe::new("x").collected(|| CollectedStreams::One(data_keys(&["a*"]))).events(|| Ok(vec![event(&["a"], 1)])),
        Some("main"),
        None,
        "RuntimeError: Received an event containing data for external data keys.",
    );
    check(
        Probe::new("x").collected(|| CollectedStreams::One(data_keys(&["a*"]))).pages(|| vec![page(&["a"], 2)]),
        Some("main"),
        None,
        "RuntimeError: Received an event_page containing data for external data keys.",
    );
    check(
        Probe::new("x").collected(move || named(&[("s", &["a*"])])),
        None,
        None,
        "RuntimeError: A `collect` message on a device that isn't EventCollectable or EventPageCollectable requires a \
         `name=stream_name` argument",
    );
    check(
        Probe::new("x").collected(move || named(&[("s", &["a*"])])).assets(|| vec![stream_datum("r", 0, 1)]),
        None,
        None,
        "RuntimeError: a stream datum came where no stream is declared",
    );
    check(
        Probe::new("x")
            .collected(|| CollectedStreams::One(data_keys(&["a*"])))
            .assets(|| vec![stream_resource("r", "a"), stream_datum("r", 5, 9)]),
        Some("main"),
        None,
        "",
    );

    #[track_caller]
    fn check(probe: Probe, declared: Option<&'static str>, name: Option<&'static str>, error: &str) {
        let lab = Harness::new();
        let device = lab.add(probe);
        let outcome = run(&lab, async move |p| {
            if let Some(stream) = declared {
                p.declare_stream_to_collect(&device, stream).await?;
            }
            p.collect(&device, name.map(Text::from)).await.map(drop)
        });
        let found = outcome.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found.unwrap_or_default(), error);
    }
}

#[test]
fn several_devices_are_collected_together_only_if_they_write_streams() {
    let lab = Harness::new();
    let plain = |name: &str| {
        lab.add(Probe::new(name).collected(|| CollectedStreams::One(data_keys(&["a"]))).events(|| Ok(Vec::new())))
    };
    let writes = |name: &str| {
        let probe = Probe::new(name).collected(|| CollectedStreams::One(data_keys(&["a*"])));
        lab.add(probe.stream_assets(3, |_| Vec::new()))
    };
    let collect = |devices: [Device; 2]| {
        let outcome = run(&lab, async move |p| p.collect(&devices, None).await.map(drop));
        outcome.exception().map(|error| format!("{}: {error}", error.name())).unwrap_or_default()
    };
    let refused = "AssertionError: Probe(name='x') does not implement all WritesStreamAssets methods";
    assert_eq!(collect([plain("x"), plain("y")]), refused);
    assert_eq!(collect([writes("y"), plain("x")]), refused);
    assert_eq!(
        collect([writes("x"), writes("y")]),
        "IllegalMessageSequence: If collecting multiple objects you must predeclare a stream for all the objects first \
         and provide the stream name"
    );
}

#[test]
fn a_device_with_several_declared_streams_has_to_be_told_which() {
    let lab = Harness::new();
    let device = lab.add(
        Probe::new("x").collected(|| CollectedStreams::One(data_keys(&["a"]))).events(|| Ok(vec![event(&["a"], 1)])),
    );
    let outcome = run(&lab, async move |p| {
        for stream in ["one", "one", "other"] {
            p.declare_stream_to_collect(&device, stream).await?;
        }
        p.collect(&device, Some("one".into())).await?;
        p.collect(&device, None).await.map(drop)
    });
    let error = outcome.exception().map(|error| format!("{}: {error}", error.name()));
    assert_eq!(
        error.as_deref(),
        Some("AssertionError: Several streams are declared for the same devices, name one: one, one, other")
    );
}

#[test]
fn a_flyer_flies_in_a_run_only_and_collects_in_one() {
    let lab = Harness::new();
    let flyer = lab.device("trivial_flyer");
    check(&lab, Command::Kickoff(call(&flyer).into()), "A 'kickoff' message was sent but no run is open.");
    let collect = Collect { objs: vec![flyer.clone()], stream: None, return_payload: None, name: None };
    check(&lab, Command::Collect(collect.into()), "A 'collect' message was sent but no run is open.");
    // To complete and to prepare one needs no run.
    let prepared = lab.add(two_streams("x"));
    lab.run(plan(async move |p| {
        p.complete(&flyer).await?;
        p.prepare(&prepared, 3).await.map(drop)
    }))
    .assert_success();

    fn call(flyer: &Device) -> skyspan::message::DeviceCall {
        skyspan::message::DeviceCall { obj: flyer.clone(), args: skyspan::device::Args::none(), group: None }
    }

    #[track_caller]
    fn check(lab: &Harness, command: Command, error: &str) {
        let outcome = lab.run(plan(async move |p| p.msg(command).await.map(drop)));
        let found = outcome.exception().map(|error| format!("{}: {error}", error.name()));
        assert_eq!(found, Some(format!("IllegalMessageSequence: {error}")));
    }
}

/// A flight of three steps, and what its spans must be.
pub(crate) fn mock_flight() -> (Outcome, impl Expectation) {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(0.5));
    let flyer = lab.add(MockFlyer::new("flyer", &lab.device("det"), &slow, 0.0, 1.0, 3));
    // The kickoff is done at once, the flight is not.
    let expected = ForestExpectation::parse(
        r#"
        Bluesky RunEngine run       1.6 s   exit_status="success"
        Ophyd Status                0 s     device_name="flyer"
        Ophyd Status                1.6 s   device_name="flyer"
        Bluesky RunEngine wait      0 s
        Bluesky RunEngine complete  0 s
        Bluesky RunEngine wait      1.6 s
        Ophyd Status {3}            500 ms  device_name="slow"
        Ophyd Status wait {3}       500 ms  device_name="slow"
        Ophyd Status {3}            0 s     device_name="det"
        Ophyd Status wait {3}       0 s     device_name="det"
        Bluesky RunEngine collect   0 s
        "#,
    );
    let expected = expected.expect("a tree");
    (lab.run(plans::fly(&flyer)), expected)
}

#[test]
fn a_mock_flyer_starts_late_and_steps_at_the_pace_of_its_motor() {
    let (outcome, expected) = mock_flight();
    outcome.assert_success();
    assert_eq!(outcome.duration(), ms(1600));
    let pages = pages(&outcome);
    assert_eq!(pages[0].get("slow"), Some(&[0.0.into(), 0.5.into(), 1.0.into()][..]));
    let times: Vec<Duration> = pages[0].timestamps[0].1.iter().map(|time| *time - outcome.started()).collect();
    assert_eq!(times, [ms(600), ms(1100), ms(1600)]);
    outcome.assert(expected);
}

#[test]
fn a_mock_flyer_flies_once_at_a_time_and_fails_with_its_motor() {
    let lab = Harness::new();
    let flyer = lab.device("flyer2");
    let again = flyer.clone();
    let outcome = run(&lab, async move |p| {
        let error = p.complete(&again).await.unwrap_err();
        assert_eq!((&*error.name(), &*error.to_string()), ("RuntimeError", "No collection in progress"));
        p.kickoff(&again).await?;
        let error = p.kickoff(&again).await.unwrap_err();
        assert_eq!((&*error.name(), &*error.to_string()), ("RuntimeError", "Kicking off a second time?!"));
        for _ in 0..2 {
            p.complete_in(&again, "done").await?;
            p.wait("done").await?;
        }
        p.kickoff(&again).await.map(drop)
    });
    outcome.assert_success();
    let broken = lab.add(SynAxis::new("broken").fault(Fault::on_set(2).fails_after(ms(10), "stuck")));
    let flyer = lab.add(MockFlyer::new("flyer", &lab.device("det"), &broken, 0.0, 1.0, 3));
    let outcome = lab.run(plans::fly(&flyer));
    assert_eq!(outcome.exception().map(|error| error.name()).as_deref(), Some("FailedStatus"));
    // What it has gathered until then is collected by the engine.
    assert_eq!(pages(&outcome)[0].get("broken"), Some(&[0.0.into()][..]));
}

#[test]
fn flyers_are_kicked_off_and_completed_together() {
    let lab = Harness::new();
    let flyers = [lab.add(TrivialFlyer::new("a")), lab.add(TrivialFlyer::with_assets("b"))];
    let outcome = run(&lab, async move |p| {
        assert_eq!(p.kickoff_all(&flyers).await?.len(), 2);
        assert_eq!(p.complete_all(&flyers, "done").await?.len(), 2);
        p.wait("done").await
    });
    let messages: Vec<String> = outcome.messages().iter().map(|msg| msg.command().to_owned()).collect();
    assert_eq!(messages, ["open_run", "kickoff", "kickoff", "wait", "complete", "complete", "wait", "close_run"]);
    assert_eq!(outcome.messages()[1].kwargs_json(), outcome.messages()[2].kwargs_json(), "in one group");
    let det = lab.device("det");
    let outcome = run(&lab, async move |p| p.kickoff_all(&det).await.map(drop));
    assert_eq!(outcome.messages().len(), 2, "what cannot fly is found before anything is kicked off");
}

#[test]
fn rows_are_collected_while_they_are_gathered() {
    let lab = Harness::new();
    let flyer = lab.add(PagingFlyer::new("pager", ["x", "y"], 5).period_s(0.1));
    let outcome = run(&lab, async move |p| {
        p.declare_stream_to_collect(&flyer, "rows").await?;
        p.kickoff(&flyer).await?;
        let options = CollectWhile { flush_period_s: Some(0.2), ..CollectWhile::default() };
        p.collect_while_completing(&flyer, &flyer, options).await
    });
    outcome.assert_success();
    assert_eq!(outcome.duration(), ms(500));
    let numbers: Vec<&[u64]> = pages(&outcome).iter().map(|page| &*page.seq_num).collect();
    assert_eq!(numbers, [&[1, 2][..], &[3, 4], &[5]]);
    let Document::Stop(stop) = outcome.documents().last().unwrap() else { panic!("a run ends with its stop") };
    assert_eq!(stop.num_events, [("rows".into(), 5)]);
}
