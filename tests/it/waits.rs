//! `wait`: how it ends, what is told of it, and what is left for the next.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{Args, Cx, DeviceError, Movable, OphydObject, Stageable, Staged, Status};
use skyspan::message::Wait;
use skyspan::prelude::*;
use skyspan::value::Text;

fn group(name: &str) -> Wait {
    Wait { group: name.into(), ..Wait::default() }
}

/// Behaviour 35 of bluesky's suite: a group whose time was up can be waited for again.
#[test]
fn a_wait_whose_time_was_up_can_be_repeated() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(1.0));
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&slow, 1, "g").await?;
        let mut timeouts = 0;
        while let Err(error) = p.wait_with(Wait { timeout_s: Some(Some(0.3)), ..group("g") }).await {
            assert_eq!(error.name(), "WaitForTimeoutError");
            timeouts += 1;
        }
        Ok(timeouts)
    }));
    assert_eq!((run.plan_result(), run.duration()), (Some(&3.into()), secs(1.0)));
}

/// Behaviour 36 of bluesky's suite: a wait that may move on says that not all is done, and the group may grow meanwhile.
#[test]
fn a_wait_that_moves_on_says_so_and_its_group_may_grow() {
    let lab = Harness::new();
    let [a, b] = [1.0, 2.0].map(|delay_s| lab.add(SynAxis::new(format!("axis{delay_s}")).delay_s(delay_s)));
    let run = lab.run(plan(async move |p| {
        let impatient = Wait { timeout_s: Some(Some(0.5)), error_on_timeout: Some(false), ..group("g") };
        p.abs_set_in(&a, 1, "g").await?;
        assert!(!p.wait_with(impatient.clone()).await?);
        p.abs_set_in(&b, 1, "g").await?;
        let mut turns = 1;
        while !p.wait_with(impatient.clone()).await? {
            turns += 1;
        }
        Ok(turns)
    }));
    // `a` is done at 1 s, `b` at 2.5 s.
    assert_eq!((run.plan_result(), run.duration()), (Some(&4.into()), secs(2.5)));
}

/// Behaviour 37 of bluesky's suite: a wait ends at the first failure.
#[test]
fn a_wait_ends_at_the_first_failure() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(0.5));
    let bad = lab.add(SynAxis::new("bad").fault(Fault::on_set(1).fails_after(ms(50), "stalled")));
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&slow, 1, "g").await?;
        p.abs_set_in(&bad, 1, "g").await?;
        p.wait("g").await
    }));
    assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("FailedStatus"));
    assert_eq!(run.duration(), ms(50));
}

/// Behaviour 38 of bluesky's suite: the failure of a watched group ends a wait, its success does not.
#[test]
fn a_watched_group_ends_a_wait_by_its_failure_alone() {
    for fails in [true, false] {
        let lab = Harness::new();
        let slow = lab.add(SynAxis::new("slow").delay_s(0.5));
        let watched = SynAxis::new("watched").delay_s(0.05);
        let fault = Fault::on_set(1).fails_after(ms(50), "stalled");
        let watched = lab.add(if fails { watched.fault(fault) } else { watched });
        let run = lab.run(plan(async move |p| {
            p.abs_set_in(&slow, 1, "g").await?;
            p.abs_set_in(&watched, 1, "w").await?;
            p.wait_with(Wait { watch: Some(["w".into()].into()), ..group("g") }).await
        }));
        let expected = if fails { (Fail, ms(50)) } else { (Success, ms(500)) };
        assert_eq!((run.exit_status(), run.duration()), expected);
    }
}

/// bluesky 1.15.1 cancels the wait, and aborts the run.
#[test]
fn a_failure_in_a_watched_group_of_which_the_plan_has_heard_ends_no_later_wait() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(0.5));
    let watched = lab.add(SynAxis::new("watched").fault(Fault::on_set(1).fails_after(ms(50), "stalled")));
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&watched, 1, "w").await?;
        assert_eq!(p.sleep(0.1).await.unwrap_err().name(), "FailedStatus");
        let watching = || Wait { watch: Some(["w".into()].into()), ..group("g") };
        p.abs_set_in(&slow, 1, "g").await?;
        p.wait_with(watching()).await
    }));
    run.assert_success();
    assert_eq!(run.duration(), ms(100) + ms(500));
}

/// Behaviour 34 of bluesky's suite: the error that a status failed with is the cause of what the plan gets.
#[test]
fn a_failed_status_has_its_cause() {
    let lab = Harness::new();
    let bad = lab.add(SynAxis::new("bad").fault(Fault::on_set(1).fails_after(ms(50), "stalled")));
    let run = lab.run(plan(async move |p| p.mv(&bad, 1).await));
    let Some(PlanError::FailedStatus { cause, .. }) = run.exception() else { panic!("{:?}", run.exception()) };
    assert_eq!(*cause, DeviceError::other("DeviceFault", "stalled"));
}

/// Behaviour 33 of bluesky's suite: what fails after the call is pardoned.
#[test]
fn a_status_that_fails_after_the_call_is_pardoned() {
    let lab = Harness::new();
    let bad = lab.add(SynAxis::new("bad").fault(Fault::on_set(1).fails_after(secs(1.0), "stalled")));
    let run = lab.run(plan(async move |p| p.abs_set_in(&bad, 1, "g").await.map(drop)));
    run.assert_success();
    assert_eq!(run.duration(), Duration::ZERO);
    lab.run(plan(async |p| p.sleep(5.0).await)).assert_success();
}

/// Behaviour 40 of bluesky's suite: the waiting hook gets the statuses, then nothing.
#[test]
fn the_waiting_hook_gets_the_statuses_and_then_nothing() {
    let lab = Harness::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&told);
    lab.with_engine(|engine| {
        engine.set_waiting_hook(move |statuses| note.lock().unwrap().push(statuses.map(<[Status]>::len)));
    });
    let [a, b] = ["a", "b"].map(|name| lab.add(SynAxis::new(name).delay_s(1.0)));
    lab.run(plan(async move |p| {
        p.mv_all([(&a, 1), (&b, 1)]).await?;
        p.abs_set_in(&a, 2, "g").await?;
        let impatient = Wait { timeout_s: Some(Some(0.4)), error_on_timeout: Some(false), ..group("g") };
        while !p.wait_with(impatient.clone()).await? {}
        Ok(())
    }))
    .assert_success();
    // It is told once of a group that is waited for again and again.
    assert_eq!(*told.lock().unwrap(), [Some(2), None, Some(1), None]);
}

/// A device whose staging takes a second; `has_both` says whether it can be unstaged too.
struct SlowlyStaged {
    name: Text,
}

impl OphydObject for SlowlyStaged {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "SlowlyStaged".into()
    }
    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }
}

impl SlowlyStaged {
    fn takes_a_second(cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let axis: Device = SynAxis::new("inner").delay_s(1.0).into();
        axis.object().added_at(cx.now());
        let axis = Box::leak(Box::new(axis));
        let Some(movable) = axis.object().as_movable() else { return Err(DeviceError::value("not movable")) };
        Ok(Staged::Status(movable.set(cx.of(axis), &Args::one(1))?))
    }
}

impl Stageable for SlowlyStaged {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Self::takes_a_second(cx)
    }
    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Self::takes_a_second(cx)
    }
}

/// Behaviour 15 of bluesky's suite: staging may give a status, and those of one group take their time together.
#[test]
fn staging_may_take_time_and_is_waited_for_together() {
    let lab = Harness::new();
    let [a, b] = ["a", "b"].map(|name| lab.add(Device::new(SlowlyStaged { name: name.into() })));
    let run = lab.run(plan(async move |p| {
        let both = [a, b];
        p.stage_all(&both).await?;
        p.unstage_all(&both).await
    }));
    run.assert_success();
    assert_eq!(run.duration(), secs(2.0));
}

/// Behaviour 14 of bluesky's suite: what cannot be staged is left out without a word.
#[test]
fn what_cannot_be_staged_is_left_out_without_a_word() {
    let lab = Harness::new();
    let signal = lab.add(Device::new(Mute { name: "mute".into() }));
    let run = lab.run(plan(async move |p| {
        p.stage(&signal).await?;
        p.unstage(&signal).await
    }));
    run.assert_success();
    assert_eq!(run.messages().len(), 2);
}

struct Mute {
    name: Text,
}

impl OphydObject for Mute {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "Mute".into()
    }
}

/// A device that breaks in every way it can be called in the end of a call.
struct Breaking {
    name: Text,
    panics: bool,
    unstaged: Arc<Mutex<Vec<Text>>>,
}

impl OphydObject for Breaking {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "Breaking".into()
    }
    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
}

impl Stageable for Breaking {
    fn stage(&self, _: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(Staged::Devices(Vec::new()))
    }
    fn unstage(&self, _: Cx<'_>) -> Result<Staged, DeviceError> {
        self.unstaged.lock().unwrap().push(self.name.clone());
        assert!(!self.panics, "it sticks");
        Err(DeviceError::value("it sticks"))
    }
}

impl Movable for Breaking {
    fn set(&self, _: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        panic!("no such axis");
    }
}

/// Behaviour 9 of bluesky's suite: all that is staged is unstaged in the end, even if one of them fails, or panics.
#[test]
fn all_that_is_staged_is_unstaged_in_the_end() {
    for panics in [false, true] {
        let lab = Harness::new();
        let unstaged = Arc::new(Mutex::new(Vec::new()));
        let breaking =
            |name: &str| lab.add(Device::new(Breaking { name: name.into(), panics, unstaged: Arc::clone(&unstaged) }));
        let (a, b) = (breaking("a"), breaking("b"));
        let run = lab.run(plan(async move |p| {
            p.stage(&a).await?;
            p.stage(&b).await
        }));
        run.assert_success();
        assert_eq!(*unstaged.lock().unwrap(), ["a", "b"]);
        let errors = &run.result().cleanup_errors;
        assert!(errors.len() == 2 && errors.iter().all(|error| error.contains("it sticks")), "{errors:?}");
    }
}

#[test]
fn a_device_that_panics_makes_its_run_fail_and_the_engine_goes_on() {
    let lab = Harness::new();
    let breaking = Breaking { name: "axis".into(), panics: true, unstaged: Arc::default() };
    let axis = lab.add(Device::new(breaking));
    let run = lab.run(preprocessors::run_wrapper(plan(async move |p| p.mv(&axis, 1).await), Map::new()));
    let error = run.exception().map(ToString::to_string).unwrap_or_default();
    assert_eq!(error, "the execution of `set` panicked: no such axis");
    assert_eq!(run.documents().last().and_then(|stop| stop.to_map().get("exit_status").cloned()), Some("fail".into()));
    run.assert(one(span("Bluesky RunEngine set").status_error()));
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}
