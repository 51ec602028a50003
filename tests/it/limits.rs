//! What a plan may do, and what a harness keeps of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use skyspan::engine::Limits;
use skyspan::harness::Kept;
use skyspan::prelude::*;

fn limited(name: &str, limit: u64) -> Limits {
    Limits::default().with(name, Some(limit)).expect("a limit of that name")
}

#[test]
fn a_plan_that_catches_its_abort_and_goes_on_is_ended_without_being_asked() {
    let lab = Harness::builder().limits(limited("messages", 10)).build();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let run = lab.run(plan(async move |p| {
        loop {
            // Whatever it is told.
            let _ = p.null().await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
        #[expect(unreachable_code, reason = "it gives the type")]
        Ok(())
    }));
    assert_eq!(run.limit_reached().map(|reached| (reached.name, reached.limit)), Some(("messages", 10)));
    assert!(sent.load(Ordering::Relaxed) <= 10 + 2 * Limits::GRACE_MESSAGES as usize, "{sent:?}");
}

#[test]
fn the_clean_up_of_a_plan_at_a_limit_is_done() {
    let lab = Harness::builder().limits(limited("messages", 10)).build();
    let (motor, home) = (lab.device("motor"), lab.device("motor"));
    let forever = plan(async move |p| {
        loop {
            p.mv(&motor, 5).await?;
        }
        #[expect(unreachable_code, reason = "it gives the type")]
        Ok(())
    });
    let back = move || plan(async move |p| p.mv(&home, 1).await);
    let run = lab.run(preprocessors::finalize_wrapper(forever, back()));
    assert_eq!(lab.device("motor").position(), Some(1.0.into()));
    assert_eq!(run.exit_status(), ExitStatus::Abort);
    let failure = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.assert_success())).unwrap_err();
    let said = failure.downcast_ref::<String>().unwrap();
    assert!(said.starts_with("the plan did not succeed: the limit of messages, 10, is reached;"), "{said}");
}

#[test]
fn each_call_has_its_own_messages() {
    let lab = Harness::builder().limits(limited("messages", 12)).build();
    let det = lab.device("det");
    for _ in 0..5 {
        lab.run(plans::count(&det, 1)).assert_success();
    }
    assert!(lab.run(plans::count(&det, 9)).limit_reached().is_some());
}

#[test]
fn what_is_left_out_is_neither_made_nor_kept() {
    for (what, documents, messages, spans) in
        [(Kept::Documents, false, true, true), (Kept::Messages, true, false, true), (Kept::Spans, true, true, false)]
    {
        let lab = Harness::builder().without(what).build();
        let run = lab.run(plans::count(&lab.device("det"), 3));
        run.assert_success();
        let found = (!run.documents().is_empty(), !run.messages().is_empty(), !run.trace().is_empty());
        assert_eq!(found, (documents, messages, spans), "without {what:?}");
        // An estimate sees all of them for its time.
        let estimate = lab.estimate(plans::count(&lab.device("det"), 3));
        assert!(estimate.to_string().contains("event"), "{estimate}");
    }
}

#[test]
fn plans_may_be_in_each_other_so_deep() {
    fn nested(depth: usize) -> Plan {
        plan(async move |p| {
            if depth == 0 {
                return p.null().await;
            }
            p.run(nested(depth - 1)).await.map(drop)
        })
    }
    let lab = Harness::new();
    lab.run(nested(120)).assert_success();
    let deep = lab.run(nested(100_000));
    let error = deep.exception().expect("an error");
    assert_eq!(error.name(), "RecursionError");
    assert!(error.to_string().contains("plans are more than 128 deep in each other"), "{error}");
    lab.run(nested(120)).assert_success();
}
