//! Plans that look at what they read: adaptive scans, tuning, tweaking, ramps.

use skyspan::prelude::*;

use super::grids::{moves, start};

fn positions(run: &Outcome, key: &str) -> Vec<f64> {
    run.events().filter_map(|event| event.get(key)?.as_f64()).collect()
}

#[test]
fn an_adaptive_scan_goes_back_where_a_step_was_too_long() {
    let lab = Harness::new();
    let scan = || plans::adaptive_scan(&lab.device("det"), "det", &lab.device("motor"), (-3, 3), (0.1, 1), 0.2);
    let there = positions(&lab.run(scan()), "motor");
    assert!(there.is_sorted(), "{there:?}");
    let and_back = positions(&lab.run(scan().backstep(true)), "motor");
    assert!(!and_back.is_sorted(), "{and_back:?}");
}

#[test]
fn an_adaptive_scan_that_misses_its_field_goes_on_in_even_steps() {
    let lab = Harness::new();
    let scan = plans::adaptive_scan(&lab.device("det"), "nothing", &lab.device("motor"), (0, 3), (0.5, 2), 1);
    assert_eq!(positions(&lab.run(scan), "motor"), [0.0, 0.75, 1.5, 2.25]);
}

#[test]
fn a_peak_is_tuned_to_its_centre_and_nothing_is_left_as_it_is() {
    let lab = Harness::new();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(plans::tune_centroid(&det, "det", &motor, (-4, 3), 0.1).num(15).snake(true));
    run.assert_success();
    let end = motor.position().and_then(|position| position.as_f64()).unwrap_or(f64::NAN);
    assert!(end.abs() < 0.1, "{end}");
    assert_eq!(start(&run).get("plan_name"), Some(&"tune_centroid".into()));
    // Far from the peak the signal is zero, and there is no centre.
    let run = lab.run(plans::tune_centroid(&det, "det", &motor, (100, 110), 1).num(3));
    run.assert_success();
    assert_eq!(moves(&run), ["motor [100]", "motor [105.0]", "motor [110.0]"]);
}

#[test]
fn a_tweak_asks_for_each_step() {
    let lab = Harness::new();
    let mut answers = ["", "0.5", " -2.25 ", "q"].into_iter();
    lab.with_engine(|engine| engine.set_input(move |_| std::future::ready(Ok(answers.next().unwrap_or("q").into()))));
    let run = lab.run(plans::tweak(&lab.device("det"), "det", &lab.device("motor"), 1));
    run.assert_success();
    let prompts = run.messages().iter().filter(|msg| msg.command() == "input").map(Msg::kwargs_json);
    assert_eq!(
        prompts.collect::<Vec<_>>(),
        [
            r#"{"prompt": "motor, 0.0, 1.0, (1) "}"#,
            r#"{"prompt": "motor, 1.0, 0.607, (1) "}"#,
            r#"{"prompt": "motor, 1.5, 0.325, (0.5) "}"#,
            r#"{"prompt": "motor, -0.75, 0.755, (-2.25) "}"#,
        ]
    );
}

fn ramp(lab: &Harness) -> plans::RampPlan {
    let (slow, det) = (lab.add(SynAxis::new("slow").delay_s(1.0)), lab.device("det"));
    plans::ramp_plan(
        async move |p| p.abs_set(&slow, 5).await,
        &lab.device("sig"),
        move || {
            let det = det.clone();
            plan(async move |p| p.one_shot(&[det]).await)
        },
    )
}

#[test]
fn a_ramp_is_looked_at_until_it_is_done() {
    let lab = Harness::new();
    let run = lab.run(ramp(&lab).period_s(0.4).take_pre_data(false));
    run.assert_success();
    let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    assert_eq!(commands[..3], ["open_run", "monitor", "set"]);
    assert_eq!((commands.iter().filter(|command| **command == "create").count(), run.duration()), (4, ms(1200)));
}

#[test]
fn a_ramp_that_takes_too_long_fails() {
    let lab = Harness::new();
    let run = lab.run(ramp(&lab).period_s(0.4).timeout_s(0.5));
    assert_eq!(run.exception().map(PlanError::name), Some("RampFail".into()));
    assert_eq!(run.duration(), ms(800));
}

#[test]
fn a_ramp_that_cannot_end_because_time_stands_still_says_so() {
    let lab = Harness::new();
    let run = lab.run(ramp(&lab));
    let error = run.exception().map(ToString::to_string).unwrap_or_default();
    assert!(error.starts_with("ramp_plan took 10000 readings, and no time went by"), "{error}");
}

#[test]
fn a_ramp_without_a_status_has_nothing_to_look_at() {
    let lab = Harness::new();
    let nothing = plans::ramp_plan(
        async |p| p.null().await.map(|()| None::<skyspan::device::Status>),
        &lab.device("sig"),
        || plan(async |p| p.null().await),
    );
    let run = lab.run(nothing);
    assert_eq!(run.exception().map(PlanError::name), Some("AttributeError".into()));
}
