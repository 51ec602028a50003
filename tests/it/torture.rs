//! Every message of a plan, and everything that can happen there.

use skyspan::device::{Args, Cx, DeviceError, Movable, OphydObject, Status, StatusKind};
use skyspan::plan::preprocessors;
use skyspan::prelude::*;
use skyspan::torture::{CaseId, Excuse, HomeAt, Hung, Leftover, Torture, TortureError, TortureMap, Trouble, Verdict};
use skyspan::value::Text;

/// A stage that goes out and back, with a camera between.
fn out_and_back(lab: &Harness) -> Plan {
    let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    plan(async move |p| {
        p.mv(&stage, 2).await?;
        p.run(plans::count(&camera, 1)).await?;
        p.mv(&stage, 0).await
    })
}

fn map_of(make: impl Fn(&Harness) -> Plan + Send + Sync, only: &[Trouble]) -> TortureMap {
    Torture::plan(make).only(only.iter().copied()).run().expect("it can be tortured")
}

/// The number of the first message of that command.
fn message(map: &TortureMap, command: &str) -> u64 {
    map.rows().iter().find(|row| row.command == command).map_or(0, |row| row.number)
}

fn verdict(map: &TortureMap, command: &str, trouble: Trouble) -> Option<Verdict> {
    map.aftermath(message(map, command), trouble).map(|aftermath| aftermath.verdict)
}

fn leftovers(map: &TortureMap, command: &str, trouble: Trouble) -> Vec<String> {
    let aftermath = map.aftermath(message(map, command), trouble).expect("it can happen there");
    aftermath.leftovers.iter().map(ToString::to_string).collect()
}

/// Why no plan could help what is left at the first message of that command, and what that is.
fn excused(map: &TortureMap, command: &str, trouble: Trouble) -> Vec<(Excuse, Option<String>)> {
    let aftermath = map.aftermath(message(map, command), trouble).expect("it can happen there");
    let told =
        |excused: &skyspan::torture::Excused| (excused.excuse, excused.leftover.as_ref().map(ToString::to_string));
    aftermath.excused.iter().map(told).collect()
}

#[test]
fn what_ends_as_if_nothing_had_happened_is_as_before() {
    let moves = |lab: &Harness| {
        let stage = lab.add(SimMotor::new("stage").velocity(1.0));
        plan(async move |p| {
            p.mv(&stage, 2).await?;
            p.mv(&stage, 0).await
        })
    };
    let map = map_of(moves, &[Trouble::Pause, Trouble::Suspend, Trouble::Late]);
    assert!(map.is_well() && map.findings().is_empty(), "{map}");
    assert_eq!(map.count(Verdict::AsBefore), map.cases().len());
    map.assert_nothing_left();
}

#[test]
fn an_end_halfway_through_a_move_leaves_the_stage_halfway() {
    let map = map_of(out_and_back, &[Trouble::Abort, Trouble::Stop, Trouble::Halt]);
    assert_eq!(map.homes().iter().map(ToString::to_string).collect::<Vec<_>>(), ["stage 0"]);
    // The move of 2 s is interrupted after one.
    for trouble in [Trouble::Abort, Trouble::Stop] {
        assert_eq!(leftovers(&map, "wait", trouble), ["stage is left at 1, not at 0"], "{trouble}");
    }
    // After a halt no plan brings it home.
    assert_eq!(leftovers(&map, "wait", Trouble::Halt), [""; 0]);
    assert_eq!(
        excused(&map, "wait", Trouble::Halt),
        [(Excuse::Halted, Some("stage is left at 1, not at 0".to_owned()))]
    );
    // Before it has moved, it is at home.
    assert_eq!(verdict(&map, "set", Trouble::Abort), Some(Verdict::AtHome));
}

#[test]
fn a_plan_that_cleans_up_is_at_home_but_after_a_halt() {
    let careful = |lab: &Harness| {
        let shutter = lab.add(SynAxis::new("shutter").delay_s(0.5));
        let camera = lab.add(SynSignal::new("camera").exposure_time_s(1.0));
        let closed = shutter.clone();
        let exposed = plan(async move |p| {
            p.mv(&shutter, 1).await?;
            p.trigger(&camera, "g").await?;
            p.wait("g").await.map(drop)
        });
        preprocessors::finalize_wrapper(exposed, plan(async move |p| p.mv(&closed, 0).await)).into()
    };
    let map = map_of(careful, &[Trouble::Fails, Trouble::Late, Trouble::Lost]);
    assert!(map.is_well(), "{map}");
    let map = map_of(careful, &[Trouble::Abort, Trouble::Stop, Trouble::Halt]);
    assert!(map.is_well() && map.findings().is_empty(), "{map}");
    for (trouble, wanted) in [(Trouble::Abort, Verdict::AtHome), (Trouble::Halt, Verdict::Excused)] {
        assert_eq!(verdict(&map, "trigger", trouble), Some(wanted), "{trouble}: {map}");
    }
    assert_eq!(map.excused()[0].mark, 'h', "{map}");
    let strict = Torture::plan(careful).strict().run().expect("it can be tortured");
    assert_eq!(verdict(&strict, "trigger", Trouble::Halt), Some(Verdict::Left), "{strict}");
    assert!(!strict.is_well() && strict.excused().is_empty());
}

#[test]
fn a_wait_without_a_timeout_hangs_and_one_with_does_not() {
    let waiting = |timeout_s: Option<f64>| {
        move |lab: &Harness| {
            let stage = lab.add(SimMotor::new("stage").velocity(1.0));
            plan(async move |p| {
                p.abs_set_in(&stage, 1, "there").await?;
                let wait = skyspan::message::Wait {
                    group: "there".into(),
                    timeout_s: Some(timeout_s),
                    ..skyspan::message::Wait::default()
                };
                p.msg(skyspan::message::Command::Wait(wait)).await.map(drop)
            })
        }
    };
    let map = Torture::plan(waiting(None)).only([Trouble::Hangs]).strict().run().expect("it can be tortured");
    let hung = map.aftermath(1, Trouble::Hangs).and_then(|aftermath| aftermath.hung.clone());
    let expected = Hung::WaitsForEver { command: "wait".into(), device: Some("stage".into()) };
    assert_eq!(hung, Some(expected));
    assert_eq!(map.findings()[0].mark, '✗');
    // No plan of bluesky gives a timeout, so that it does not count unless that is wanted.
    let map = map_of(waiting(None), &[Trouble::Hangs]);
    assert!(map.is_well() && map.findings().is_empty(), "{map}");
    assert_eq!(excused(&map, "set", Trouble::Hangs), [(Excuse::NoTimeout, None)]);
    assert!(map.to_string().contains("\nw  a device hangs, and its wait has no timeout: 1 run, --case 16\n"), "{map}");
    assert_eq!(verdict(&map_of(waiting(Some(30.0)), &[Trouble::Hangs]), "set", Trouble::Hangs), Some(Verdict::AtHome));
}

#[test]
fn a_plan_that_never_gives_up_goes_on_for_ever() {
    let stubborn = |lab: &Harness| {
        let axis = lab.add(SynAxis::new("axis"));
        plan(async move |p| {
            while p.mv(&axis, 1).await.is_err() {
                p.sleep(1.0).await?;
            }
            p.mv(&axis, 0).await
        })
    };
    let map = map_of(stubborn, &[Trouble::Lost]);
    let hung = map.aftermath(1, Trouble::Lost).and_then(|aftermath| aftermath.hung.clone());
    assert!(matches!(hung, Some(Hung::GoesOnForEver { .. })), "{map}");
}

#[test]
fn a_run_that_a_branch_does_not_close_is_left_open() {
    let careless = |lab: &Harness| {
        let det = lab.add(SynSignal::new("det").exposure_time_s(1.0));
        plan(async move |p| {
            p.open_run(Map::new()).await?;
            if p.trigger_and_read([&det], "primary").await.is_err() {
                return Ok(());
            }
            p.close_run().await.map(drop)
        })
    };
    let map = map_of(careless, &[Trouble::Fails, Trouble::Halt]);
    let left = leftovers(&map, "trigger", Trouble::Fails);
    assert_eq!(left[0], "a run is left open, for the engine to close", "{left:?}");
    // Without clean-up, nobody but the engine can close it.
    assert_eq!(verdict(&map, "trigger", Trouble::Halt), Some(Verdict::AtHome));
}

#[test]
fn what_the_plans_of_bluesky_leave_to_the_engine_is_excused() {
    let careful = |lab: &Harness| {
        let stage = lab.add(SimMotor::new("stage").velocity(1.0));
        let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
        plans::rel_scan([&camera], &stage, -1, 1, 3).into()
    };
    let map = map_of(careful, &Trouble::ALL);
    assert!(map.is_well(), "{map}");
    // It is ended at its `open_run`, before its clean-up begins.
    let opening = Some("a run is left open, for the engine to close".to_owned());
    assert_eq!(excused(&map, "open_run", Trouble::Abort), [(Excuse::OpeningRun, opening)]);
    // The first that cannot be unstaged ends the unstaging.
    let unstaging = Some("camera is left staged, for the engine to unstage".to_owned());
    for trouble in [Trouble::Abort, Trouble::Fails] {
        assert_eq!(excused(&map, "unstage", trouble), [(Excuse::Unstaging, unstaging.clone())], "{trouble}");
    }
    let lost = Some("stage is left at 1, not at 0".to_owned());
    assert_eq!(excused(&map, "unstage", Trouble::Lost), [(Excuse::Lost, lost), (Excuse::Unstaging, unstaging)]);
    // Aborted on a move, it is sent home, and the end of the move before ends that.
    assert_eq!(excused(&map, "wait", Trouble::Abort)[0].0, Excuse::OnTheWayHome);
    let letters: String = map.excused().iter().map(|finding| finding.mark).collect();
    assert_eq!(letters.chars().collect::<std::collections::BTreeSet<_>>(), "ehlouw".chars().collect(), "{map}");
}

#[test]
fn what_is_staged_and_monitored_is_left_to_the_engine() {
    let careless = |lab: &Harness| {
        let (det, beam) = (lab.device("det"), lab.device("sig"));
        plan(async move |p| {
            p.stage(&det).await?;
            p.open_run(Map::new()).await?;
            p.monitor(&beam, "beam").await?;
            p.sleep(1.0).await?;
            p.unmonitor(&beam).await?;
            p.close_run().await?;
            p.unstage(&det).await.map(drop)
        })
    };
    let map = map_of(careless, &[Trouble::Abort]);
    assert_eq!(
        leftovers(&map, "sleep", Trouble::Abort),
        [
            "a run is left open, for the engine to close",
            "sig is left monitored",
            "det is left staged, for the engine to unstage",
        ],
    );
}

#[test]
fn data_that_a_plan_loses_without_a_word_are_told() {
    let careless = |lab: &Harness| {
        let det = lab.add(SynSignal::new("det").exposure_time_s(1.0));
        let points = plan(async move |p| {
            for _ in 0..3 {
                // Whoever goes on like that has a hole in the data.
                let _ = p.trigger_and_read([&det], "primary").await;
            }
            Ok(())
        });
        preprocessors::run_wrapper(points, Map::new())
    };
    let map = map_of(careless, &[Trouble::Fails]);
    let expected = Leftover::Data { stream: "primary".into(), found: 2, expected: 3 };
    let aftermath = map.aftermath(message(&map, "trigger"), Trouble::Fails).expect("it can fail");
    assert_eq!(aftermath.leftovers, [expected]);
    assert_eq!(map.findings()[0].text, "data are lost without a word: 2 of 3 events in the stream primary", "{map}");
}

#[test]
fn a_device_that_fails_on_its_way_home_cannot_be_there() {
    let map = map_of(out_and_back, &[Trouble::Fails, Trouble::Lost]);
    let back = map.rows().iter().rfind(|row| row.command == "set").expect("it goes back").number;
    let verdict = |message, trouble| map.aftermath(message, trouble).map(|aftermath| aftermath.verdict);
    assert_eq!(verdict(back, Trouble::Fails), Some(Verdict::Excused));
    assert_eq!(verdict(back, Trouble::Lost), Some(Verdict::Excused));
    let excuses = |trouble| map.aftermath(back, trouble).map(skyspan::torture::Aftermath::excuses);
    assert_eq!(excuses(Trouble::Fails), Some(vec![Excuse::OnTheWayHome]));
    assert_eq!(excuses(Trouble::Lost), Some(vec![Excuse::Lost]));
    assert_eq!(leftovers(&map, "trigger", Trouble::Fails), ["stage is left at 2, not at 0"]);
}

#[test]
fn a_home_is_where_somebody_says_it_is() {
    let scan = |lab: &Harness| {
        let stage = lab.add(SimMotor::new("stage").velocity(1.0));
        plans::scan(&lab.device("det"), &stage, 1, 3, 3)
    };
    let torture = || Torture::plan(scan).only([Trouble::Abort]);
    let strays = |map: &TortureMap| map.findings().iter().any(|finding| finding.text.starts_with("stage is left "));
    let map = torture().run().expect("it runs");
    assert!(!strays(&map) && map.homes().is_empty(), "{map}");
    assert_eq!((&*map.no_homes()[0].device, &map.no_homes()[0].end), ("stage", &3.0.into()));

    let map = torture().home("stage", HomeAt::Start).run().expect("it runs");
    assert_eq!(map.undisturbed().leftovers.len(), 1, "the plan itself does not bring it there");
    assert!(strays(&map));

    let map = torture().home("stage", HomeAt::End).run().expect("it runs");
    assert!(map.undisturbed().leftovers.is_empty() && strays(&map));

    let map = torture().home("stage", HomeAt::Value(3.into())).run().expect("it runs");
    assert_eq!(map.homes()[0].to_string(), "stage 3");
    let error = torture().home("stge", HomeAt::Start).run().expect_err("there is none");
    assert!(matches!(error, TortureError::NoSuchDevice { .. }), "{error}");
}

#[test]
fn a_subscriber_that_fails_ends_the_plan_where_it_is_not_ignored() {
    let map = map_of(out_and_back, &[Trouble::Callback]);
    assert_eq!(leftovers(&map, "open_run", Trouble::Callback), ["stage is left at 2, not at 0"]);
    assert_eq!(map.aftermath(message(&map, "set"), Trouble::Callback), None, "it emits no document");
}

#[test]
fn a_subscriber_that_panics_leaves_what_one_that_fails_leaves() {
    let map = map_of(out_and_back, &[Trouble::Callback]);
    let failed = map.aftermath(message(&map, "open_run"), Trouble::Callback).expect("it emits a document");
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.subscribe(|document| assert!(document.name() != "start", "the disk is full"));
    });
    let plan = out_and_back(&lab);
    let run = lab.run(plan);
    assert_eq!(run.exit_status(), failed.exit_status);
    assert_eq!(lab.device("stage").position(), Some(2.0.into()), "as after one that fails: {failed:?}");
}

#[test]
fn two_troubles_find_what_one_does_not() {
    // It tries again once.
    let retrying = |lab: &Harness| {
        let stage = lab.add(SynAxis::new("stage").delay_s(1.0));
        let det = lab.add(SynSignal::new("det").exposure_time_s(1.0));
        plan(async move |p| {
            p.mv(&stage, 1).await?;
            p.trigger(&det, "g").await?;
            let taken = p.wait("g").await;
            if p.mv(&stage, 0).await.is_err() {
                p.mv(&stage, 0).await?;
            }
            taken.map(drop)
        })
    };
    let torture = || Torture::plan(retrying).only([Trouble::Fails]);
    let map = torture().run().expect("it runs");
    assert!(map.is_well(), "{map}");
    let map = torture().pairs(50).run().expect("it runs");
    let pairs = map.cases().iter().filter(|(case, _)| case.troubles().len() == 2).count();
    assert_eq!(pairs, 3, "all pairs of three, each once: {map}");
}

#[test]
fn another_order_of_one_moment_is_another_case() {
    // Both arrive after a second, and only one of them is waited for.
    let lucky = |lab: &Harness| {
        let (x, y) = (lab.add(SynAxis::new("x").delay_s(1.0)), lab.add(SynAxis::new("y").delay_s(1.0)));
        plan(async move |p| {
            p.abs_set(&x, 5).await?;
            p.abs_set_in(&y, 5, "y").await?;
            p.wait("y").await?;
            match p.rd(&x).await?.as_f64() {
                Some(5.0) => Ok(()),
                _ => Err(plan_error!("x is not there")),
            }
        })
    };
    let map = Torture::plan(lucky).only([Trouble::Pause]).orders(6).run().expect("it runs");
    let alone: Vec<Verdict> =
        map.cases().iter().filter(|(case, _)| case.troubles().len() == 0).map(|(_, it)| it.verdict).collect();
    assert_eq!(alone.len(), 6);
    assert!(alone.contains(&Verdict::AsBefore) && alone.contains(&Verdict::AtHome), "{alone:?}");
}

#[test]
fn sections_and_devices_stand_at_their_messages() {
    let map = map_of(
        |lab| {
            let motor = lab.device("motor");
            plan(async move |p| p.trace("align", async |p| p.mv(&motor, 1).await).await)
        },
        &[Trouble::Pause],
    );
    let row = &map.rows()[0];
    assert_eq!(
        (row.section.as_deref(), row.device.as_deref(), &*row.text),
        (Some("align"), Some("motor"), "set motor 1")
    );
    assert!(map.to_string().contains("align:\n"), "{map}");
}

#[test]
fn a_pause_of_the_plan_itself_is_resumed_and_one_of_ours_is_too() {
    let pausing = |lab: &Harness| {
        let stage = lab.add(SynAxis::new("stage").delay_s(1.0));
        plan(async move |p| {
            p.checkpoint().await?;
            p.mv(&stage, 1).await?;
            p.pause().await?;
            p.mv(&stage, 0).await
        })
    };
    let map = map_of(pausing, &[Trouble::Pause, Trouble::Suspend]);
    assert!(map.is_well(), "{map}");
}

#[test]
fn a_case_has_its_trace_and_what_happened_in_it() {
    let torture = Torture::plan(out_and_back);
    let tortured = torture.case(&CaseId::at(2, Trouble::Abort)).expect("it can be aborted");
    assert_eq!(tortured.happened, "the plan is aborted halfway through message 2, wait");
    assert_eq!(tortured.told().lines().nth(2), Some("  ▲ stage is left at 1, not at 0"));
    assert_eq!(tortured.trace().named("Ophyd Status").count(), 1);
    let aborted = tortured.outcomes()[0].exit_status();
    assert_eq!(aborted, Abort);
}

#[test]
fn a_plan_that_panics_is_told_and_nothing_else_is_harmed() {
    let panicky = |lab: &Harness| {
        let motor = lab.device("motor");
        plan(async move |p| {
            let moved = p.mv(&motor, 1).await;
            assert!(moved.is_ok(), "nobody thought of that");
            p.mv(&motor, 0).await
        })
    };
    let map = map_of(panicky, &[Trouble::Fails, Trouble::Pause]);
    let left = leftovers(&map, "set", Trouble::Fails);
    assert!(left.iter().any(|left| left.contains("a panic") && left.contains("nobody thought of that")), "{left:?}");
    assert_eq!(verdict(&map, "set", Trouble::Pause), Some(Verdict::AsBefore));
}

/// A device that panics when it is asked where it is.
struct Rogue(Text);

impl OphydObject for Rogue {
    fn name(&self) -> &Text {
        &self.0
    }

    fn class_name(&self) -> Text {
        "Rogue".into()
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn skyspan::device::Positioner> {
        panic!("it is nowhere")
    }
}

impl Movable for Rogue {
    fn set(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        status.set_finished().map(|()| status).map_err(|error| DeviceError::other("InvalidState", error.to_string()))
    }
}

#[test]
fn a_device_that_cannot_say_where_it_is_has_no_home() {
    let map = map_of(
        |lab| {
            let rogue = lab.add(Device::new(Rogue("rogue".into())));
            plan(async move |p| p.abs_set(&rogue, 1).await.map(drop))
        },
        &[Trouble::Abort],
    );
    assert!(map.homes().is_empty() && map.no_homes().is_empty() && map.is_well());
}

#[test]
fn names_and_numbers_of_any_kind_are_drawn_in_eighty_columns() {
    let name = "шторка-滑塊-with-a-name-that-is-far-too-long-for-any-column-of-a-map\u{1b}[31m";
    let wide = |lab: &Harness| {
        let axis = lab.add(SynAxis::new(name));
        plan(async move |p| {
            p.trace("a section\nof two lines", async |p| {
                p.mv(&axis, f64::MAX).await?;
                p.mv(&axis, 0).await
            })
            .await
        })
    };
    let map = map_of(wide, &Trouble::ALL);
    let drawn = map.to_string();
    assert!(!drawn.contains('\u{1b}'), "{drawn}");
    for line in drawn.lines() {
        assert!(skyspan_trace::internal::width_of(line) <= 80, "{line}");
    }
    let colored = map.draw().colored(true).width(120).to_string();
    assert!(colored.contains("\u{1b}[1;33m"));
}

#[test]
fn a_plan_of_no_messages_breaks_nowhere() {
    let map = map_of(|_| plan(async |_| Ok(())), &Trouble::ALL);
    assert!(map.is_well() && map.rows().is_empty() && map.cases().is_empty());
    assert!(map.to_string().starts_with("0 messages, 0 runs: "));
    let error = Torture::plan(|_| plan(async |_| Ok(()))).case(&CaseId::at(1, Trouble::Abort)).expect_err("none");
    assert_eq!(
        error.to_string(),
        "case 12: expected a message from 1 to 0, as many as the undisturbed run has, found 1",
    );
}

#[test]
fn an_undisturbed_run_that_fails_is_what_others_are_compared_with() {
    let failing = |lab: &Harness| {
        let motor = lab.device("motor");
        plan(async move |p| {
            p.mv(&motor, 1).await?;
            Err::<(), _>(plan_error!("no light"))
        })
    };
    let map = map_of(failing, &[Trouble::Pause]);
    assert_eq!(map.undisturbed().error.as_deref(), Some("RuntimeError: no light"));
    assert_eq!(map.count(Verdict::AsBefore), map.cases().len());
}

#[test]
fn json_has_every_case_and_its_version() {
    let map = map_of(out_and_back, &[Trouble::Abort]);
    let json = skyspan::serde_json::to_value(&map).expect("it can be written");
    assert_eq!((&json["version"], &json["is_well"]), (&1.into(), &false.into()));
    assert_eq!(json["cases"].as_array().map(Vec::len), Some(map.cases().len()));
    let aborted = &json["cases"][1];
    assert_eq!(
        (&aborted["case"], &aborted["verdict"], &aborted["exit_status"]),
        (&"22".into(), &"left".into(), &"abort".into())
    );
    assert_eq!(aborted["leftovers"][0]["what"], "device");
}
