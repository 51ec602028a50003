//! Signals that change by themselves, and what comes of that on a clock that is simulated.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::Device;
use skyspan::hardware::SynPeriodicSignal;
use skyspan::prelude::*;

use crate::rig::{Rig, elapsed_ns};

/// When it changes, in nanoseconds from its first reading, over ten seconds.
fn changes(seed: u64, signal: SynPeriodicSignal) -> Vec<u64> {
    let rig = Rig::seeded(seed);
    let device = rig.add(signal);
    let times = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&times);
    let changed = move |readings: &skyspan::device::Readings| {
        heard.lock().unwrap().push(elapsed_ns(readings.0[0].1.timestamp));
    };
    device.subscribable().unwrap().subscribe(Box::new(changed));
    rig.advance(Duration::from_secs(3));
    assert!(times.lock().unwrap().is_empty(), "it begins when it is first read");
    rig.read(&device);
    rig.advance(Duration::from_millis(10_500));
    let times = times.lock().unwrap();
    times.iter().map(|time| time - 3_000_000_000).collect()
}

#[test]
fn it_changes_when_it_is_first_read_and_every_period_from_then_on() {
    let signal = || SynPeriodicSignal::new("ring").period_s(2.5).period_jitter_s(0.0);
    assert_eq!(changes(0, signal()), [0, 2_500_000_000, 5_000_000_000, 7_500_000_000, 10_000_000_000]);
    assert_eq!(changes(0, signal().func(|| 7)).len(), 5);
}

#[test]
fn its_jitter_and_its_values_are_those_of_the_seed() {
    let jittery = |seed| changes(seed, SynPeriodicSignal::new("ring").period_jitter_s(0.25));
    assert_eq!(jittery(1), jittery(1));
    assert_ne!(jittery(1), jittery(2));
    assert!((8..=14).contains(&jittery(1).len()), "{:?}", jittery(1));
    let value = |seed| {
        let rig = Rig::seeded(seed);
        rig.value(&rig.add(SynPeriodicSignal::new("ring"))).as_f64().unwrap()
    };
    assert_eq!(value(1).to_bits(), value(1).to_bits());
    assert_ne!(value(1).to_bits(), value(2).to_bits());
    assert!((0.0..1.0).contains(&value(1)));
}

#[test]
fn a_period_of_no_time_does_not_stop_the_clock() {
    let all = changes(0, SynPeriodicSignal::new("ring").period_s(0.0).period_jitter_s(0.0));
    assert_eq!(all.len(), 10_500, "at once, and each millisecond but the last");
}

#[test]
fn it_may_be_set_and_triggered_like_others() {
    let rig = Rig::new();
    let ring = rig.add(SynPeriodicSignal::new("ring").period_s(1.0).period_jitter_s(0.0).exposure_time_s(0.25));
    assert!(rig.set(&ring, 400).unwrap().is_success());
    assert_eq!(rig.value(&ring), 400.into());
    let status = rig.trigger(&ring);
    rig.advance(Duration::from_millis(250));
    assert!(status.is_success());
    assert_ne!(rig.value(&ring), 400.into());
}

/// Reads the signal, and so has it begin to change, and then waits for what never comes.
fn waits_for_ever(ring: Device, stuck: Device, monitor: bool) -> Plan {
    plan(async move |p| {
        p.open_run(Map::new()).await?;
        if monitor {
            p.monitor(&ring, "changes").await?;
        }
        p.rd(&ring).await?;
        p.mv(&stuck, 1).await
    })
}

#[test]
fn a_deadlock_is_noticed_though_it_goes_on_changing() {
    for monitor in [false, true] {
        let lab = Harness::new();
        let stuck = lab.add(SynAxis::new("stuck").fault(Fault::on_set(1).hangs()));
        let run = lab.run(waits_for_ever(lab.device("rand"), stuck, monitor));
        assert_eq!(run.exception().unwrap().name(), "Deadlock");
    }
}

#[test]
fn each_change_of_a_night_is_an_event() {
    let lab = Harness::new();
    let ring = lab.add(SynPeriodicSignal::new("ring").period_jitter_s(0.0));
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.monitor(&ring, "changes").await?;
        p.sleep(8.0 * 3600.0 + 0.5).await?;
        p.close_run().await.map(drop)
    }));
    run.assert_success();
    assert_eq!(run.documents().len(), 8 * 3600 + 4, "a start, a descriptor, an event each second and at once, a stop");
}
