//! How many heap blocks a point of a scan takes. They do not hang on the machine, and are what makes most of its time.
//!
//! The counter stands for the allocator of the whole binary, so that these tests have one of their own. What they allow is a fifth
//! more than what was found; whoever needs less writes that down.

use skyspan::clock::Clock;
use skyspan::device::Device;
use skyspan::engine::{RunEngine, RunEngineBuilder};
use skyspan::hardware::{SimDetector, SimMotor, SynAxis, SynGauss};
use skyspan::plan::plans;
use skyspan::trace::Capture;

/// The blocks that a point takes, the same at each.
fn blocks_a_point(
    devices: impl Fn() -> (Device, Device),
    traced: impl Fn(RunEngineBuilder) -> RunEngineBuilder,
) -> f64 {
    let blocks = |points: u64| {
        let (motor, det) = devices();
        let clock = Clock::simulated();
        let mut engine = traced(RunEngine::builder(clock.clone())).build();
        let scan = plans::scan(&det, &motor, 0, 10, points);
        let counted = allocation_counter::measure(|| {
            let ended = clock.block_on(engine.run(scan));
            assert!(ended.is_ok_and(|ended| ended.is_ok()), "the scan goes well");
        });
        counted.count_total as f64
    };
    let (few, many) = (100, 1_100);
    (blocks(many) - blocks(few)) / (many - few) as f64
}

fn axis_and_detector() -> (Device, Device) {
    let motor: Device = SynAxis::new("motor").into();
    let det = SynGauss::new("det", &motor, "motor").into();
    (motor, det)
}

fn motor_and_counter() -> (Device, Device) {
    let motor = SimMotor::new("motor").velocity(2.0).acceleration_time_s(0.1);
    (motor.into(), SimDetector::new("diode").exposure_s(0.04).into())
}

/// Fails where it is more than a fifth above what was found, or so far below that this should be written down.
#[track_caller]
fn assert_about(blocks: f64, found: f64) {
    assert!(
        blocks <= found * 1.2,
        "a point takes {blocks:.2} heap blocks, where {found} were found: a fifth more is too much"
    );
    assert!(blocks >= found * 0.8, "a point takes {blocks:.2} heap blocks, no longer {found}: write that down");
}

#[test]
fn a_point_without_spans_takes_few_heap_blocks() {
    assert_about(blocks_a_point(axis_and_detector, |builder| builder), 8.0);
}

#[test]
fn a_point_with_moves_that_take_time_takes_few_heap_blocks() {
    assert_about(blocks_a_point(motor_and_counter, |builder| builder), 15.0);
}

#[test]
fn a_traced_point_takes_few_heap_blocks() {
    let traced = |builder: RunEngineBuilder| builder.provider(&Capture::new().direct_provider());
    assert_about(blocks_a_point(axis_and_detector, traced), 26.0);
}

#[test]
fn a_point_that_is_traced_through_the_sdk_takes_some_more() {
    let traced = |builder: RunEngineBuilder| builder.provider(&Capture::new().provider());
    assert_about(blocks_a_point(axis_and_detector, traced), 41.0);
}
