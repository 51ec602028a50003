//! How long a plan takes on its clock, where the time goes, and how much it writes.

use std::io::Read as _;

use skyspan::callbacks::JsonLinesWriter;
use skyspan::hardware::{FrameDetector, SynSignalWithRegistry};
use skyspan::harness::Estimate;
use skyspan::prelude::*;

fn lab() -> Harness {
    Harness::builder().untraced().build()
}

/// Wants each moment to be counted once.
#[track_caller]
fn assert_whole(estimate: &Estimate) {
    let of_commands: Duration = estimate.commands.iter().map(|command| command.time).sum();
    assert_eq!(of_commands + estimate.apart, estimate.duration);
}

#[test]
fn the_time_is_that_of_the_clock_and_stands_where_it_passed() {
    let lab = lab();
    let (slow, fast) = (lab.add(SynAxis::new("slow").delay_s(3.0)), lab.add(SynAxis::new("fast").delay_s(1.0)));
    let estimate = lab.estimate(plan(async move |p| {
        p.mv_all([(&slow, 1), (&fast, 1)]).await?;
        p.sleep(0.5).await?;
        p.mv(&fast, 2).await?;
        // Nobody waits for this one.
        p.abs_set(&slow, 2).await?;
        p.sleep(1.0).await
    }));
    assert_eq!(estimate.duration, secs(3.0 + 0.5 + 1.0 + 1.0));
    assert_whole(&estimate);
    let of = |command: &str| estimate.command(command).map(|it| (it.messages, it.time));
    assert_eq!(of("wait"), Some((2, secs(4.0))));
    assert_eq!(of("sleep"), Some((2, secs(1.5))));
    assert_eq!(of("set"), Some((4, secs(0.0))));
    assert_eq!(of("read"), None);
    let fast = estimate.device("fast").map(|it| (it.statuses, it.unfinished, it.busy, it.status_time));
    assert_eq!(fast, Some((2, 0, secs(2.0), secs(2.0))));
    let slow = estimate.device("slow").map(|it| (it.statuses, it.unfinished, it.busy, it.status_time));
    assert_eq!(slow, Some((2, 1, secs(4.0), secs(4.0))));
    assert_eq!(estimate.devices[0].device, "slow", "the busiest first");
    assert_eq!(estimate.messages(), 8);
}

#[test]
fn statuses_that_overlap_are_busy_once() {
    let lab = lab();
    let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    let estimate = lab.estimate(plan(async move |p| {
        p.abs_set_in(&axis, 1, "g").await?;
        p.sleep(1.0).await?;
        p.abs_set_in(&axis, 2, "g").await?;
        p.wait("g").await
    }));
    let axis = estimate.device("axis").map(|it| (it.busy, it.status_time));
    assert_eq!(axis, Some((secs(3.0), secs(4.0))));
}

#[test]
fn documents_are_counted_and_as_long_as_they_are_written() {
    let plan_of = |lab: &Harness| -> Plan {
        let scan = plans::scan([&lab.device("det"), &lab.device("noisy_det")], &lab.device("motor"), -1.5, 2, 37);
        preprocessors::baseline_wrapper(scan, &lab.device("motor1"), "baseline")
    };
    let lab = lab();
    let estimate = lab.estimate(plan_of(&lab));
    assert_eq!((estimate.runs, estimate.points, estimate.events("baseline")), (1, 37, 2));
    let numbers: Vec<(&str, u64)> = estimate.documents.iter().map(|it| (it.name, it.documents)).collect();
    assert_eq!(numbers, [("start", 1), ("descriptor", 2), ("event", 39), ("stop", 1)]);
    let streams: Vec<(&str, u64)> = estimate.streams.iter().map(|(name, events)| (&**name, *events)).collect();
    assert_eq!(streams, [("baseline", 2), ("primary", 37)]);

    let other = Harness::builder().untraced().build();
    let (mut read, write) = std::io::pipe().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        read.read_to_string(&mut text).map(|_| text)
    });
    let mut writer = JsonLinesWriter::to(write);
    other.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
    other.run(plan_of(&other)).assert_success();
    drop(other);
    let written = reader.join().expect("a reader").expect("a text");
    assert_eq!(estimate.document_bytes(), written.len() as u64);
}

#[test]
fn what_devices_write_is_counted() {
    let lab = lab();
    let camera = lab.add(FrameDetector::new("camera").data_key("image", [10, 20]));
    let estimate = lab.estimate(plans::count(&camera, 5));
    assert_eq!(estimate.failure, None);
    assert_eq!((estimate.assets.files, estimate.assets.values), (1, 5));
    let image = lab.add(SynSignalWithRegistry::new("image"));
    let estimate = lab.estimate(plans::count(&image, 4));
    assert_eq!((estimate.assets.files, estimate.assets.values), (1, 4));
    assert_eq!(estimate.assets.values_of_unknown_size, 4, "nobody says of what its elements are");
}

#[test]
fn pauses_and_suspensions_take_their_time() {
    let lab = lab();
    lab.at(secs(1.0)).suspend_for(secs(60.0));
    lab.at(secs(70.0)).pause();
    lab.at(secs(100.0)).resume();
    let estimate = lab.estimate(plan(async |p| {
        p.checkpoint().await?;
        p.sleep(50.0).await
    }));
    assert_whole(&estimate);
    assert_eq!(estimate.apart, secs(30.0));
    assert_eq!(estimate.duration, secs(100.0 + 50.0));
    assert!(estimate.failure.is_none());
}

#[test]
fn a_plan_that_fails_is_estimated_up_to_there() {
    let lab = lab();
    let axis = lab.add(SynAxis::new("axis").delay_s(1.0).fault(Fault::on_set(3).raises("end switch")));
    let estimate = lab.estimate(plans::scan(&lab.device("det"), &axis, 0, 10, 11));
    assert_eq!((estimate.duration, estimate.points), (secs(2.0), 2));
    assert!(estimate.failure.as_ref().is_some_and(|error| error.to_string().contains("end switch")));
    assert!(estimate.to_string().ends_with("up to where it failed: DeviceFault: end switch\n"), "{estimate}");
}

#[test]
fn a_harness_is_as_it_was_after_an_estimate() {
    let lab = Harness::new();
    let count = || plans::count(&lab.device("det"), 2);
    let (outcomes, estimate) = lab.estimate_while(|lab| [lab.run(count()), lab.run(count())]);
    assert!(outcomes.iter().all(|run| run.documents().is_empty() && run.messages().is_empty()));
    assert_eq!((estimate.runs, estimate.points), (2, 4));
    let run = lab.run(count());
    assert_eq!((run.documents().len(), run.messages().is_empty()), (5, false));
    assert_eq!(Estimate::default(), lab.estimate_while(|_| ()).1);
}

#[test]
fn a_plan_that_panics_ends_its_estimate() {
    let lab = Harness::new();
    let panics = plan(async |p| {
        p.null().await?;
        if p.env().clock.is_simulated() { panic!("on purpose") } else { Ok(()) }
    });
    let estimated = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lab.estimate(panics)));
    assert!(estimated.is_err());
    assert_eq!(lab.run(plan(async |p| p.null().await)).messages().len(), 1);
}
