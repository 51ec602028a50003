//! Twins of nights that are simulated, so that the truth is known to the nanosecond.

use skyspan::prelude::*;
use skyspan::trace::{Span, Trace};
use skyspan::twin::{Night, Twin, TwinError};

fn night(run: &Outcome) -> Night {
    Night::new(run.trace().clone()).documents(run.documents().to_vec())
}

fn twin(night: Night) -> Twin {
    Twin::of(&[night]).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn parameter(twin: &Twin, device: &str, name: &str) -> f64 {
    let found = twin.device(device).and_then(|device| device.parameter(name));
    found.unwrap_or_else(|| panic!("{device} has no {name}:\n{twin}")).value
}

#[test]
fn nothing_to_make_a_twin_of_is_refused() {
    assert!(matches!(Twin::of(&[]), Err(TwinError::NoNight)));
    let error = Twin::of(&[Night::new(Trace::from_spans([Span::builder("order").build()])).name("shop.json")]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "shop.json: expected spans of bluesky's RunEngine, such as `Bluesky RunEngine set`, found none among 1 spans",
    );
}

#[test]
fn moves_of_one_length_do_not_tell_a_velocity() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let run = lab.run(plan(async move |p| {
        for position in [1, 2, 3, 2] {
            p.mv(&stage, position).await?;
        }
        Ok(())
    }));
    let twin = twin(Night::new(run.trace().clone()));
    let stage = twin.device("stage").expect("it moves");
    assert_eq!(stage.class, "SynAxis");
    assert_eq!(parameter(&twin, "stage", "delay"), 0.5);
    assert!(stage.untold.iter().any(|untold| untold.starts_with("its velocity")), "{:?}", stage.untold);
}

#[test]
fn moves_that_are_all_short_tell_the_ratio_alone() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(10.0).acceleration_time_s(2.0));
    let run = lab.run(plan(async move |p| {
        for position in [1, 3, 7, 2, 4, 4, 10, 9] {
            p.mv(&stage, position).await?;
        }
        Ok(())
    }));
    let twin = twin(Night::new(run.trace().clone()));
    let (velocity, time) = (parameter(&twin, "stage", "velocity"), parameter(&twin, "stage", "acceleration_time"));
    assert!((velocity / time - 5.0).abs() < 1e-3, "{velocity} {time}");
    let untold = &twin.device("stage").expect("it moves").untold;
    assert!(untold.iter().any(|untold| untold.contains("no move is long enough")), "{untold:?}");
}

/// The twin of a motor that goes to these positions.
fn twin_of_moves(motor: SimMotor, positions: &'static [f64]) -> Twin {
    let lab = Harness::new();
    let stage = lab.add(motor);
    let run = lab.run(plan(async move |p| {
        for position in positions {
            p.mv(&stage, *position).await?;
        }
        Ok(())
    }));
    let twin = twin(Night::new(run.trace().clone()));
    let again = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{error}"));
    let apart = run.duration().as_secs_f64() - again.trace().statistics().duration.as_secs_f64();
    assert!(apart.abs() < 0.01 * run.duration().as_secs_f64(), "{apart} s\n{twin}");
    twin
}

#[test]
fn a_backlash_is_told_by_the_direction_that_goes_beyond() {
    const POSITIONS: &[f64] = &[1.0, 3.0, 2.0, 6.0, 5.0, 1.0, 4.0, 2.0];
    for (backlash, acceleration_time_s) in [(0.5, 0.0), (-0.25, 0.0), (0.5, 0.1), (-1.5, 0.2)] {
        let motor = SimMotor::new("stage").velocity(2.0).acceleration_time_s(acceleration_time_s).backlash(backlash);
        let twin = twin_of_moves(motor, POSITIONS);
        assert!((parameter(&twin, "stage", "velocity") - 2.0).abs() < 1e-3, "{backlash}: {twin}");
        let found = twin.device("stage").and_then(|stage| stage.parameter("backlash")).expect("it has one");
        // Where no move is short enough to show the acceleration, it is in the error.
        let error = found.error.unwrap_or_default() + 1e-6;
        assert!((found.value - backlash).abs() <= error, "{backlash}: {twin}");
        assert!(error < if acceleration_time_s > 0.0 { 0.25 } else { 1e-3 }, "{backlash}: {twin}");
    }
    let twin = twin_of_moves(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0), POSITIONS);
    assert!(twin.device("stage").is_some_and(|stage| stage.parameter("backlash").is_none()), "{twin}");
}

#[test]
fn a_difference_of_directions_that_is_no_backlash_is_told() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    // Down it goes at half the speed.
    let run = lab.run(plan(async move |p| {
        let mut at = 0.0;
        for position in [1.0, 3.0, 2.0, 6.0, 5.0, 1.0, 4.0, 2.0, 8.0, 1.0] {
            let velocity = if position < at { 1.0 } else { 2.0 };
            p.mv(&stage.component("velocity").expect("it has one"), velocity).await?;
            p.mv(&stage, position).await?;
            at = position;
        }
        Ok(())
    }));
    run.assert_success();
    let twin = twin(Night::new(run.trace().clone()));
    let stage = twin.device("stage").expect("it moves");
    assert!(stage.parameter("backlash").is_none(), "{twin}");
    assert!(stage.untold.iter().any(|untold| untold.starts_with("its backlash: its moves down take ")), "{twin}");
}

/// A scan that is paused at a message, halfway through it, for ten seconds.
fn paused_scan(message: usize) -> Outcome {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    lab.at_message(message).later(secs(0.25)).pause();
    lab.run(plans::list_scan(&camera, &stage, [0.0, 1.0, 3.0, 3.5, 6.0]));
    assert_eq!(lab.state(), RunEngineState::Paused);
    lab.clock().block_on(lab.clock().sleep(secs(10.0))).expect("it is simulated");
    let run = lab.resume();
    run.assert_success();
    run
}

#[test]
fn a_night_with_a_pause_has_it_in_its_twin() {
    let run = paused_scan(16);
    let night = night(&run);
    let twin = twin(night.clone());
    let yaml = twin.to_yaml();
    assert!(yaml.contains("do: pause"), "{yaml}");
    assert!(yaml.contains("on_pause: [{sleep: 10.0}, resume]  # inferred: a wait that was cut short"), "{yaml}");
    assert!(yaml.contains("- {command: checkpoint}  # inferred: a wait that was cut short"), "{yaml}");
    let again = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{error}"));
    again.assert_success();
    // The same messages, also those that came again.
    let names = |trace: &Trace| trace.spans().map(|span| span.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(again.trace()), names(run.trace()), "{yaml}\n{}", run.trace().draw());
    let compared = twin.compare(&night, 0).unwrap_or_else(|error| panic!("{error}"));
    assert!(compared.is_success && compared.total.is_within(), "{compared}");
    assert!(!twin.untold.iter().any(|untold| untold.contains("cut short")), "{twin}");
}

#[test]
fn nights_without_a_run_engine_are_left_out_and_told() {
    let shop = || Night::new(Trace::from_spans([Span::builder("order").build()])).name("shop.json");
    let night = night(&paused_scan(16)).name("monday");
    let twin = Twin::of(&[shop(), night]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((twin.nights.clone(), twin.left_out.len()), (vec!["monday".to_owned()], 1));
    let yaml = twin.to_yaml();
    assert!(
        yaml.starts_with("# The twin of monday.\n# Of 2 recordings, 1 is left out:\n#   shop.json: expected spans"),
        "{yaml}"
    );
    assert!(twin.to_string().starts_with("the twin of monday (without 1 that is left out): "), "{twin}");
    assert!(Twin::of(&[shop(), shop()]).is_err());
}

#[test]
fn strings_that_are_names_of_devices_stay_strings() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let run =
        lab.run_with(plans::scan(&lab.device("det"), &motor, 0, 1, 2), [("sample", "motor"), ("operator", "det.A")]);
    let twin = twin(night(&run));
    let again = Harness::new().run_program(twin.program()).expect("a program");
    let start = again.last_call().map(Outcome::documents).and_then(|documents| documents.first()).map(Document::to_map);
    let start = start.expect("it opens a run");
    assert_eq!(start.get("sample"), Some(&"motor".into()));
    assert_eq!(start.get("operator"), Some(&"det.A".into()));
}

#[test]
fn runs_in_one_another_have_keys() {
    let lab = Harness::new();
    let det = lab.device("det");
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.sleep(1.0).await?;
        p.run(preprocessors::set_run_key_wrapper(plans::count(&det, 2), "inner")).await?;
        p.sleep(1.0).await?;
        p.close_run().await
    }));
    run.assert_success();
    let twin = twin(night(&run));
    let again = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{error}"));
    again.assert_success();
    assert_eq!(again.trace().statistics().duration, run.trace().statistics().duration);
}

/// A plan file's night.
#[cfg(feature = "plan-files")]
fn night_of(program: &str) -> Night {
    let program = skyspan::program::Program::parse(program).unwrap_or_else(|error| panic!("{error}"));
    let outcome = Harness::new().run_program(&program).unwrap_or_else(|error| panic!("{error}"));
    outcome.assert_success();
    let documents = outcome.items().iter().filter_map(|item| item.call()).flat_map(Outcome::documents).cloned();
    Night::new(outcome.trace().clone()).documents(documents.collect())
}

#[cfg(feature = "plan-files")]
#[test]
fn devices_without_statuses_are_known_by_their_waits() {
    let night = night_of(
        "
devices:
  - {name: m, class: ophyd_async.sim.SimMotor, instant: false, velocity: 2, acceleration_time: 0.5}
  - {name: blob, class: ophyd_async.sim.SimBlobDetector, period: 0.25}
items:
  - item_type: plan
    name: list_scan
    args: [[blob], m, [0, 1, 5, 2.5, 2.2, 2.4, 2.9, 9, 8, 3, 7, 7.1]]
",
    );
    let twin = twin(night.clone());
    assert!((parameter(&twin, "m", "velocity") - 2.0).abs() < 1e-3, "{twin}");
    assert!((parameter(&twin, "m", "acceleration_time") - 0.5).abs() < 1e-3, "{twin}");
    let untold = &twin.device("m").expect("it moves").untold;
    assert!(untold.iter().any(|untold| untold.contains("it leaves no statuses")), "{untold:?}");
    let compared = twin.compare(&night, 0).expect("it runs");
    assert!(compared.total.apart_s().abs() < 0.01 * compared.total.night.as_secs_f64(), "{twin}{compared}");
}

#[cfg(feature = "plan-files")]
#[test]
fn a_nested_convention_of_spans_tells_its_naps_and_stages_itself() {
    let lab = Harness::builder().convention(skyspan::engine::SpanConvention::Nested).build();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.stage(&camera).await?;
            for position in [1.0, 5.0, 2.0] {
                p.mv(&stage, position).await?;
                p.trigger_and_read(&camera, "primary").await?;
                p.sleep(2.0).await?;
            }
            p.unstage(&camera).await
        }),
        Map::new(),
    ));
    run.assert_success();
    let twin = twin(night(&run));
    let again = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{error}"));
    again.assert_success();
    assert_eq!(again.trace().statistics().duration, run.trace().statistics().duration, "{}", twin.to_yaml());
    let text = twin.to_yaml();
    assert_eq!((text.matches("command: sleep").count(), text.matches("command: stage").count()), (3, 1), "{text}");
}

#[cfg(feature = "property")]
mod of_any {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// The twin of a simulated night is that night: as long to a microsecond, and each wait as long as it was.
        #[test]
        fn the_twin_of_a_simulated_night_is_that_night(
            velocity in 0.1_f64..20.0,
            acceleration_s in prop_oneof![Just(0.0), 0.01_f64..2.0],
            latency_s in prop_oneof![Just(0.0), 0.001_f64..0.5],
            settle_s in prop_oneof![Just(0.0), 0.001_f64..0.5],
            exposure_s in 0.001_f64..2.0,
            readout_s in prop_oneof![Just(0.0), 0.001_f64..0.5],
            positions in proptest::collection::vec(-50.0_f64..50.0, 8..24),
            nap_s in prop_oneof![Just(0.0), 0.03_f64..3.0],
        ) {
            let lab = Harness::new();
            let stage = SimMotor::new("stage")
                .velocity(velocity)
                .acceleration_time_s(acceleration_s)
                .latency_s(latency_s)
                .settle_time_s(settle_s);
            let stage = lab.add(stage);
            let camera = lab.add(SimDetector::new("camera").exposure_s(exposure_s).readout_s(readout_s));
            let run = lab.run(preprocessors::run_wrapper(plan(async move |p| {
                for position in &positions {
                    p.mv(&stage, *position).await?;
                    p.trigger_and_read([&camera, &stage], "primary").await?;
                    if nap_s > 0.0 {
                        p.sleep(nap_s).await?;
                    }
                }
                Ok(())
            }), Map::new()));
            run.assert_success();
            let night = night(&run);
            let twin = Twin::of(std::slice::from_ref(&night)).expect("it has spans");
            let compared = twin.compare(&night, 0).expect("it runs");
            let told = || format!("{twin}\n{compared}");
            prop_assert!(compared.is_success, "{}", told());
            prop_assert!(compared.total.apart_s().abs() < 1e-4, "{}", told());
            for wait in &compared.waits {
                prop_assert!(wait.apart_s().abs() < 1e-4, "{}", told());
            }
        }
    }
}
