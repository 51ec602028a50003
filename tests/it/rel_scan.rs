//! Scans from where the motors are.

use skyspan::prelude::*;

fn sets(run: &Outcome) -> Vec<String> {
    let sets = run.messages().iter().filter(|msg| msg.command() == "set");
    sets.map(|msg| format!("{} {}", msg.obj().map_or_else(String::new, |obj| obj.to_string()), msg.args_value()))
        .collect()
}

#[test]
fn a_relative_scan_goes_from_where_the_motors_are_and_back() {
    let lab = Harness::new();
    let (x, y) = (lab.add(SynAxis::new("x").value(10)), lab.add(SynAxis::new("y").value(5)));
    let run = lab.run(plans::rel_scan(&lab.device("det"), &x, -1, 1, 2).with(&y, 0, 2).md([("sample", "A")]));
    run.assert_success();
    let expected = ["x [9.0]", "y [5.0]", "x [11.0]", "y [7.0]", "x [10]", "y [5]"];
    assert_eq!(sets(&run), expected);
    let Document::Start(start) = &run.documents()[0] else { panic!("a run begins with its start") };
    let said = |key: &str| start.metadata.get(key).cloned();
    assert_eq!((said("plan_name"), said("sample")), (Some("rel_scan".into()), Some("A".into())));
    assert_eq!(said("num_points"), Some(2.into()));
}

#[test]
fn a_relative_scan_that_fails_goes_back_too() {
    let lab = Harness::new();
    let x = lab.add(SynAxis::new("x").value(10));
    let scan = plans::rel_scan(&lab.device("det"), &x, 1, 2, 2);
    let run = lab.run(scan.per_step(|_, step| {
        plan(async move |p| {
            let (motor, position) = &step[0];
            p.mv(motor, position.clone()).await?;
            Err::<(), _>(PlanError::runtime("no light"))
        })
    }));
    assert_eq!(run.exception().map(PlanError::name), Some("RuntimeError".into()));
    assert_eq!(sets(&run), ["x [11.0]", "x [10]"]);
    assert_eq!(x.position(), Some(10.0.into()));
}

#[test]
fn a_relative_scan_is_called_so() {
    let lab = Harness::new();
    let scan = plans::rel_scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2);
    assert!(format!("{scan:?}").starts_with("rel_scan("), "{scan:?}");
    assert_eq!(Plan::from(scan).name(), "rel_scan");
}
