//! A plan, and what must be true of a run of it: of simulated devices and of those at the end of a cable alike.

use skyspan::prelude::*;

/// Counts at four places.
pub(crate) fn scan(counter: &Device, motor: &Device) -> Plan {
    plans::scan(counter, motor, 0, 3, 4).into()
}

/// What must be true.
///
/// # Panics
///
/// Where it is not, with a report on what is instead.
pub(crate) fn assert_scanned(run: &Outcome) {
    run.assert_success();
    let positions: Vec<Option<f64>> = run.events().map(|event| event.get("motor")?.as_f64()).collect();
    assert_eq!(positions, [0.0, 1.0, 2.0, 3.0].map(Some));
    assert!(run.events().all(|event| event.get("counter").is_some_and(|counts| counts.as_i64() > Some(0))));

    let status = |device: &str| span("Ophyd Status").attr("device_name", device).ended();
    run.assert(exactly(4, status("motor").has_attr("target")));
    run.assert(exactly(4, status("counter")));
    run.assert(none(span("*").status_error()));
    run.assert(one(span("Bluesky RunEngine run").exit_status("success")));
}

/// That a run failed, but left the engine as it was; gives why it failed.
///
/// # Panics
///
/// Where it did not.
pub(crate) fn assert_failed(lab: &Harness, run: &Outcome) -> String {
    assert_eq!(run.exit_status(), Fail);
    assert_eq!(lab.state(), RunEngineState::Idle);
    assert_eq!(lab.capture().open_spans(), [], "every span has ended");
    match run.exception() {
        // The status names what failed, the cause says why.
        Some(PlanError::FailedStatus { cause, .. }) => format!("{}: {cause}", cause.name()),
        Some(error) => format!("{}: {error}", error.name()),
        None => "nothing was raised".to_owned(),
    }
}
