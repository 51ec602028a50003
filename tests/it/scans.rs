//! Scans along lines, lists and powers of ten: where the motors go, and what the start document says.

use std::sync::{Arc, Mutex};

use skyspan::plan::patterns::cycler;
use skyspan::prelude::*;
use skyspan::value::Value;

use super::grids::{moves, start};

#[test]
fn lists_are_gone_through_together_and_a_motor_that_is_there_is_not_moved() {
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    let points: [Value; 4] = [1.into(), 1.0.into(), true.into(), 2.into()];
    let run = lab.run(plans::list_scan(&lab.device("det"), &x, points).with(&y, [0, 0, 3, 3]).md([("sample", "A")]));
    run.assert_success();
    assert_eq!(moves(&run), ["motor1 [1]", "motor2 [0]", "motor2 [3]", "motor1 [2]"], "1, 1.0 and true are one place");
    let md = start(&run);
    assert_eq!(md.get("plan_pattern"), Some(&"inner_list_product".into()));
    assert_eq!(md.get("num_intervals"), Some(&3.into()));
    assert_eq!(md.get("sample"), Some(&"A".into()));
}

#[test]
fn what_is_wrong_with_the_points_is_said_before_anything_is_staged() {
    #[track_caller]
    fn refused(plan: impl Into<Plan>, name: &str, beginning: &str) {
        let run = Harness::new().run(plan);
        let error = run.exception().map(|error| (error.name().to_string(), error.to_string()));
        let (found, message) = error.unwrap_or_default();
        assert_eq!((found.as_str(), message.get(..beginning.len())), (name, Some(beginning)), "{message}");
        assert!(!run.messages().iter().any(|msg| msg.command() != "wait"), "{:?}", run.messages());
    }
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    let det = lab.device("det");
    refused(
        plans::list_scan(&det, &x, [1, 2]).with(&y, [1]),
        "ValueError",
        "The lengths of all lists in *args must be",
    );
    refused(plans::list_scan(&det, &x, [1, 2]).with(&x, [1, 2]), "ValueError", "Can not compose overlapping cycles");
    let nowhere: [Value; 0] = [];
    refused(plans::list_scan(&det, &x, nowhere.clone()).with(&y, nowhere), "RuntimeError", "generator raised");
    refused(plans::scan(&det, &x, 0, 1, 0).with(&y, 0, 1), "RuntimeError", "generator raised StopIteration");
    refused(plans::scan(&det, &x, "0", 1, 2), "TypeError", "a start or stop of a scan is a number, found a string");
    refused(plans::rel_scan(&det, &x, 0, 1, 2).with(&x, 0, 1), "ValueError", "Can not compose");
    refused(plans::log_scan(&det, &x, Value::Null, 1, 2), "TypeError", "a start or stop of a scan");
    refused(plans::grid_scan(&det, &x, 0, 1, 2).with(&x, 0, 1, 2), "ValueError", "Some motors are listed multiple");
    let grid = || plans::grid_scan(&det, &x, 0, 1, 2).with(&y, 0, 1, 2);
    refused(grid().snake_axes(&x), "ValueError", "The list of axes 'snake_axes' contains the slowest motor");
    refused(grid().snake_axes([&y, &y]), "ValueError", "The list of axes 'snake_axes' contains repeated");
    refused(grid().snake_axes(&det), "ValueError", "The list of axes 'snake_axes' contains motors that are not");
    let mixed = [Value::from(1), "in".into()];
    refused(plans::list_grid_scan(&det, &x, mixed), "TypeError", "points of a mesh have an order");
    refused(plans::spiral(&det, (&x, &y), (0, 0), (1, 1), 0.3, 0), "ZeroDivisionError", "division by zero");
    refused(plans::spiral(&det, (&x, &y), (0, 0), (1, 1), 1e-9, 5), "ValueError", "a spiral has at most");
    refused(plans::spiral_square(&det, (&x, &y), (0, 0), (1, 1), (1, 3)), "ZeroDivisionError", "division by zero");
    refused(plans::spiral_square(&det, (&x, &y), (0, 0), (1, 1), (u64::MAX, 3)), "ValueError", "a spiral has at most");
    let adaptive = |steps| plans::adaptive_scan(&det, "det", &x, (0, 1), steps, 0.1);
    refused(adaptive((0.5, 0.5)), "ValueError", "min_step and max_step must meet");
    refused(plans::tune_centroid(&det, "det", &x, (0, 1), 0), "ValueError", "min_step must be positive");
    refused(plans::tune_centroid(&det, "det", &x, (0, 1), 1).step_factor(1), "ValueError", "step_factor must be");
}

#[test]
fn powers_of_ten_are_set_each_time() {
    let lab = Harness::new();
    let run = lab.run(plans::log_scan(&lab.device("det"), &lab.device("motor"), 1, 1, 3));
    assert_eq!(moves(&run), ["motor [10.0]", "motor [10.0]", "motor [10.0]"]);
    assert_eq!(start(&run).get("plan_pattern"), Some(&"logspace".into()));
}

#[test]
fn whole_powers_of_ten_are_exact() {
    let lab = Harness::new();
    let run = lab.run(plans::log_scan(&lab.device("det"), &lab.device("motor"), -5, 15, 21));
    let positions: Vec<String> = moves(&run);
    let expected =
        (-5..=15).map(|exponent| format!("motor [{}]", Value::from(format!("1e{exponent}").parse::<f64>().ok())));
    assert_eq!(positions, expected.collect::<Vec<_>>());
}

#[test]
fn a_cycler_is_gone_through_and_written_down() -> Result<(), PlanError> {
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    let mesh = cycler(&x, [1, 2]).times(cycler(&y, ["in", "out"]))?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let scan = plans::scan_nd(&lab.device("det"), mesh).per_step(move |_, step| {
        if let Ok(mut seen) = into.lock() {
            seen.push(step.iter().map(|(_, position)| position.to_string()).collect::<Vec<_>>().join(" "));
        }
        plan(async |p| p.null().await)
    });
    let run = lab.run(scan);
    run.assert_success();
    assert_eq!(*seen.lock().map_err(|_| plan_error!("poisoned"))?, ["1 \"in\"", "1 \"out\"", "2 \"in\"", "2 \"out\""]);
    let md = start(&run);
    let args = md.get("plan_args").and_then(Value::as_map);
    let written = args.and_then(|args| args.get("cycler")).and_then(Value::as_str).unwrap_or_default();
    assert!(written.starts_with("(cycler(SynAxis(prefix='', name='motor1'"), "{written}");
    assert!(written.ends_with(", ['in', 'out']))") && written.contains(" * "), "{written}");
    Ok(())
}

#[test]
fn other_names_lead_to_the_same_plans() {
    let lab = Harness::new();
    let (det, x) = (lab.device("det"), lab.device("motor"));
    for (plan, name) in [
        (Plan::from(plans::relative_list_scan(&det, &x, [1])), "rel_list_scan"),
        (plans::relative_log_scan(&det, &x, 0, 1, 2).into(), "rel_log_scan"),
        (plans::outer_product_scan(&det, &x, 0, 1, 2).into(), "grid_scan"),
        (plans::inner_product_scan(&det, 2, &x, 0, 1).into(), "inner_product_scan"),
        (plans::relative_inner_product_scan(&det, 2, &x, 0, 1).into(), "relative_inner_product_scan"),
        (plans::x2x_scan(&det, &x, &lab.device("motor1"), 0, 1, 2).into(), "x2x_scan"),
    ] {
        assert_eq!(plan.name(), name);
        let run = lab.run(plan);
        run.assert_success();
        assert_eq!(start(&run).get("plan_name"), Some(&name.into()));
    }
}
