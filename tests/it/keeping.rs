//! Nothing keeps a device that nobody has any more: not a timer that never goes off, nor a clock that only timers hold.

use skyspan::clock::Clock;
use skyspan::engine::RunEngine;
use skyspan::hardware::{AsyncMotor, FlyMotorInfo};
use skyspan::prelude::*;

/// What is left of a device whose move was halted, when all who had it have gone.
fn is_left_after_halted_move(clock: Clock) -> bool {
    let mut engine = RunEngine::builder(clock.clone()).build();
    let stage: Device = SimMotor::new("stage").velocity(1.0).into();
    let left = stage.downgrade();
    let handle = engine.handle();
    let _ = clock.call_after(ms(20), move || handle.halt().unwrap_or_default());
    let moves = plan(async move |p| p.mv(&stage, 1000).await);
    let result = clock.block_on(engine.run(moves)).expect("no deadlock").expect("the engine is idle");
    assert_eq!(result.exit_status, Abort);
    drop((engine, clock));
    left.upgrade().is_some()
}

#[test]
fn a_halted_move_keeps_no_device_when_its_engine_and_clock_are_gone() {
    assert!(!is_left_after_halted_move(Clock::simulated()));
    assert!(!is_left_after_halted_move(Clock::real()));
}

#[test]
fn an_axis_that_was_under_way_is_not_kept_either() {
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).build();
    let axis: Device = SynAxis::new("axis").delay_s(100.0).into();
    let left = axis.downgrade();
    let moves = plan(async move |p| p.abs_set(&axis, 1).await.map(drop));
    clock.block_on(engine.run(moves)).expect("no deadlock").expect("the engine is idle");
    assert!(left.upgrade().is_some(), "it is on its way");
    drop(engine);
    assert!(left.upgrade().is_some(), "the clock could still let it arrive");
    drop(clock);
    assert!(left.upgrade().is_none());
}

#[test]
fn a_motor_of_ophyd_async_is_not_kept_by_a_move_or_a_flight() {
    for flies in [false, true] {
        let clock = Clock::simulated();
        let mut engine = RunEngine::builder(clock.clone()).build();
        let motor: Device = AsyncMotor::new("motor").velocity(1.0).into();
        let left = motor.downgrade();
        let moves = plan(async move |p| {
            if flies {
                p.open_run(Map::new()).await?;
                let flight = FlyMotorInfo { start_position: 0.0, end_position: 100.0, time_for_move_s: 100.0 };
                p.prepare_in(&motor, flight, "ready").await?;
                p.wait("ready").await?;
                p.kickoff_all(&motor).await?;
                return p.close_run().await.map(drop);
            }
            p.abs_set(&motor, 100).await?;
            p.sleep(1.0).await
        });
        clock.block_on(engine.run(moves)).expect("no deadlock").expect("the engine is idle");
        drop(engine);
        assert!(left.upgrade().is_some(), "the clock could still let it arrive");
        drop(clock);
        assert!(left.upgrade().is_none(), "{flies}");
    }
}

#[test]
fn a_harness_in_real_time_keeps_nothing_of_what_it_was_to_do() {
    let lab = Harness::builder().real_time().build();
    let axis = lab.add(SynAxis::new("axis").delay_s(100.0));
    let left = axis.downgrade();
    lab.at(secs(100.0)).suspend_for(secs(1.0));
    lab.run(plan(async move |p| p.abs_set(&axis, 1).await.map(drop))).assert_success();
    drop(lab);
    assert!(left.upgrade().is_none());
}
