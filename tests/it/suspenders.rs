//! Suspenders: the rules of each class, what they say, and how they are installed and removed.
//!
//! The expected messages, times and texts are those of bluesky 1.15.1, where the same was done with its own suspenders.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex, OnceLock};

use skyspan::device::OphydObject;
use skyspan::engine::{SuspendCondition, Suspender, SuspenderBuilder, SuspenderError};
use skyspan::message::{Arg, GenericMsg, Object};
use skyspan::prelude::*;

use crate::tripping::{checkpoint_and_sleep, commands, install, install_high, justifications, lab, put, schedule};

/// Installs a suspender on `a`, which leaves what is good at 0.1 s and comes back at 0.5 s, and expects the plan to be
/// suspended in between, and 0.2 s more.
#[track_caller]
fn suspends<C>(make: impl FnOnce(&Device) -> SuspenderBuilder<C>, [good, bad]: [i64; 2], justification: &str)
where
    C: SuspendCondition,
{
    let lab = lab();
    put(&lab, &lab.device("a"), good)();
    let suspender = make(&lab.device("a")).sleep_s(0.2).tripped_message("mind").build().unwrap();
    install(&lab, &suspender);
    let short = || {
        plan(async |p| {
            p.checkpoint().await?;
            p.sleep(0.2).await
        })
    };
    assert_eq!(lab.run(short()).duration(), secs(0.2));

    schedule(&lab, &[(0.1, "a", bad), (0.5, "a", good)]);
    let run = lab.run(short());
    run.assert_success();
    assert!(!run.interrupted() && !suspender.tripped());
    assert_eq!(run.duration(), secs(0.5 + 0.2 + 0.2));
    assert_eq!(justifications(&run), [Text::from(format!("{justification}: mind"))]);
    let class = suspender.class_name();
    assert_eq!(Object::from(&suspender).to_string(), format!("<{class}>"));
}

#[test]
#[expect(deprecated, reason = "they are there")]
fn each_class_suspends_and_resumes_by_its_own_rule_and_says_why() {
    suspends(Suspender::bool_high, [0, 1], "Signal a is high");
    suspends(Suspender::bool_low, [1, 0], "Signal a is low");
    let floor = |signal: &Device| Suspender::floor(signal, 0.5);
    suspends(floor, [1, 0], "Signal a = 0 fell below 0.5 and has not yet crossed above 0.5.");
    let floor = |signal: &Device| Suspender::floor(signal, 2).resume_thresh(5);
    suspends(floor, [5, 1], "Signal a = 1 fell below 2 and has not yet crossed above 5.");
    let ceiling = |signal: &Device| Suspender::ceil(signal, 0.5).resume_thresh(0);
    suspends(ceiling, [0, 1], "Signal a = 1 went above 0.5 and has not yet crossed below 0.");
    let band = |signal: &Device| Suspender::when_outside_band(signal, 0.5, 1.5);
    suspends(band, [1, 0], "Signal a = 0 is outside of the range (0.5, 1.5)");
    let band = |signal: &Device| Suspender::in_band(signal, 0.5, 1.5);
    suspends(band, [1, 2], "Signal a = 2 is outside of the range (0.5, 1.5)");
    let band = |signal: &Device| Suspender::out_band(signal, 0.5, 1.5);
    suspends(band, [0, 1], "Signal a = 1 is inside of the range (0.5, 1.5)");
    let changed = |signal: &Device| Suspender::when_changed(signal).allow_resume(true);
    suspends(changed, [7, 1], r#"Signal a, got "1", expected "7""#);
    let own =
        |signal: &Device| Suspender::when(signal, |value| value.as_i64() > Some(3), |value| value.as_i64() < Some(2));
    suspends(
        own,
        [1, 4],
        "Suspender of type SuspenderBase stopped by signal Signal(name='a', value=4, \
                           timestamp=1718700056.3)",
    );
}

#[test]
fn between_its_thresholds_a_suspender_stays_as_it_is() {
    let lab = lab();
    install(&lab, &Suspender::ceil(&lab.device("a"), 10).resume_thresh(5).build().unwrap());
    schedule(&lab, &[(0.1, "a", 8), (0.2, "a", 11), (0.3, "a", 8), (1.0, "a", 5)]);
    assert_eq!(lab.run(checkpoint_and_sleep()).duration(), secs(1.5));
}

#[test]
fn what_is_not_expected_leads_to_nothing_but_an_abort_unless_it_may_come_back() {
    let lab = lab();
    let suspender = Suspender::when_changed(&lab.device("a")).expected_value("ours").build().unwrap();
    install(&lab, &suspender);
    let why =
        "Signal a, got \"0\", expected \"ours\".  \"RE.abort()\" and then restart session to use new configuration.";
    assert_eq!(suspender.justification().as_deref(), Some(why));
    lab.at(secs(5.0)).call(put(&lab, &lab.device("a"), "ours"));
    lab.at(secs(9.0)).abort("not ours");
    let run = lab.run(checkpoint_and_sleep());
    assert_eq!((run.exit_status(), run.duration(), &*commands(&run)), (Abort, secs(9.0), "wait_for"));
}

/// As in bluesky, whose `or` takes 0 and an empty string for nothing.
#[test]
fn an_expected_value_that_is_false_stands_for_what_the_signal_is() {
    let lab = lab();
    put(&lab, &lab.device("a"), 4)();
    let suspender = Suspender::when_changed(&lab.device("a")).expected_value(0).build().unwrap();
    install(&lab, &suspender);
    assert!(!suspender.tripped());
    put(&lab, &lab.device("a"), 0)();
    assert!(suspender.tripped());
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let lab = lab();
    let a = lab.device("a");
    let of = |result: Result<Suspender, SuspenderError>| {
        let error = result.unwrap_err();
        format!("{}: {error}", error.name())
    };
    assert_eq!(
        of(Suspender::floor(&a, 2).resume_thresh(1).build()),
        "ValueError: expected a threshold to resume that is not below the one to suspend, found suspend: 2, resume: 1; \
         raise it, or leave it out to resume at 2"
    );
    assert_eq!(
        of(Suspender::ceil(&a, 2).resume_thresh(3.5).build()),
        "ValueError: expected a threshold to resume that is not above the one to suspend, found suspend: 2, resume: \
         3.5; lower it, or leave it out to resume at 2"
    );
    for (bottom, top) in [(2.0, 2.0), (3.0, 2.0), (f64::NAN, 1.0)] {
        let error = of(Suspender::when_outside_band(&a, bottom, top).build());
        assert!(error.starts_with("ValueError: expected a band whose bottom is strictly below its top"), "{error}");
    }
    assert_eq!(
        of(Suspender::bool_high(&a).sleep_s(f64::NAN).build()),
        "ValueError: expected how long to sleep in seconds, found NaN"
    );
    let mute = Device::new(Mute);
    assert_eq!(
        of(Suspender::bool_high(&mute).build()),
        "AttributeError: expected a signal that tells of its changes, found <Mute mute>, which is not Subscribable"
    );
}

/// A device that can do nothing.
struct Mute;

impl OphydObject for Mute {
    fn name(&self) -> &Text {
        const { &Text::literal("mute") }
    }
    fn class_name(&self) -> Text {
        "Mute".into()
    }
    fn repr(&self) -> Text {
        "<Mute mute>".into()
    }
}

/// Behaviour 53 of bluesky's suite: a suspender that is tripped when a call begins puts a `wait_for` before the plan.
#[test]
fn a_suspender_that_is_tripped_when_a_call_begins_keeps_the_plan_waiting() {
    let lab = lab();
    let null = || plan(async |p| p.null().await.map(drop));
    let suspender = |signal| {
        let builder = Suspender::bool_high(&lab.device(signal)).sleep_s(0.5);
        builder.pre_plan(null).post_plan(null).build().unwrap()
    };
    let [first, second] = [suspender("a"), suspender("b")];
    install(&lab, &first);
    install(&lab, &second);
    put(&lab, &lab.device("a"), 1)();
    put(&lab, &lab.device("b"), 1)();
    assert!(first.tripped() && second.tripped());
    schedule(&lab, &[(1.0, "a", 0), (2.0, "b", 0)]);
    let run = lab.run(checkpoint_and_sleep());
    run.assert_success();
    assert_eq!(commands(&run), "wait_for checkpoint sleep");
    assert_eq!(run.messages()[0].args()[0].to_string(), "[<method>, <method>]", "one wait for both");
    assert_eq!(run.duration(), secs(2.0 + 0.5 + 0.5));
    // One that has come back is not waited for.
    assert_eq!(commands(&lab.run(checkpoint_and_sleep())), "checkpoint sleep");
}

#[test]
fn a_suspender_that_was_removed_suspends_nothing() {
    let lab = lab();
    let suspender = Suspender::bool_high(&lab.device("a")).build().unwrap();
    let removed: [&dyn Fn(); 2] = [&|| lab.with_engine(|engine| engine.remove_suspender(&suspender)), &|| {
        lab.with_engine(skyspan::engine::RunEngine::clear_suspenders)
    }];
    for remove in removed {
        install(&lab, &suspender);
        install(&lab, &suspender);
        assert!(lab.with_engine(|engine| engine.suspenders() == std::slice::from_ref(&suspender)));
        remove();
        assert!(lab.with_engine(|engine| engine.suspenders().is_empty()));
        schedule(&lab, &[(0.1, "a", 1)]);
        let run = lab.run(checkpoint_and_sleep());
        assert_eq!((commands(&run), run.duration()), ("checkpoint sleep".to_owned(), secs(0.5)));
        assert!(!suspender.tripped());
        put(&lab, &lab.device("a"), 0)();
    }
}

#[test]
fn a_plan_goes_on_some_time_after_the_suspender_that_holds_it_was_removed() {
    let lab = lab();
    let itself: Arc<OnceLock<Suspender>> = Arc::default();
    let removed = Arc::clone(&itself);
    // Its own plan removes it, before the plan that it has suspended begins to wait.
    let pre_plan = move || {
        let suspender = removed.get().cloned();
        plan(async move |p| match suspender {
            Some(suspender) => p.remove_suspender(&suspender).await,
            None => Ok(()),
        })
    };
    let suspender = Suspender::bool_high(&lab.device("a")).sleep_s(0.3).pre_plan(pre_plan).build().unwrap();
    itself.set(suspender.clone()).unwrap();
    install(&lab, &suspender);
    schedule(&lab, &[(0.2, "a", 1)]);
    let run = lab.run(checkpoint_and_sleep());
    run.assert_success();
    let suspended = "_start_suspender rewindable remove_suspender wait_for _resume_from_suspender rewindable";
    assert_eq!(commands(&run), format!("checkpoint sleep {suspended} sleep"));
    assert_eq!(run.duration(), secs(0.2 + 0.3 + 0.5));
    assert!(!suspender.tripped());
}

#[test]
fn suspenders_are_installed_and_removed_by_messages_too() {
    let lab = lab();
    let suspender = Suspender::bool_high(&lab.device("a")).sleep_s(0.2).build().unwrap();
    let (installed, removed) = (suspender.clone(), suspender.clone());
    lab.run(plan(async move |p| p.install_suspender(&installed).await)).assert_success();
    assert!(lab.with_engine(|engine| engine.suspenders() == std::slice::from_ref(&suspender)));
    lab.run(plan(async move |p| p.remove_suspender(&removed).await)).assert_success();
    assert!(lab.with_engine(|engine| engine.suspenders().is_empty()));

    let within = suspender.clone();
    schedule(&lab, &[(0.1, "a", 1), (0.5, "a", 0)]);
    let run = lab.run(plan(async move |p| {
        p.install_suspender(&within).await?;
        p.checkpoint().await?;
        p.sleep(0.2).await?;
        p.remove_suspender(&within).await
    }));
    run.assert_success();
    assert_eq!(run.duration(), secs(0.9));
    assert_eq!(run.messages()[0].to_string(), "install_suspender(<SuspendBoolHigh>)");
}

/// As in bluesky, whose event loop takes two turns to hear of it.
#[test]
fn a_suspender_that_trips_as_it_is_installed_suspends_at_the_next_wait_or_two_messages_later() {
    let lab = lab();
    let suspender = Suspender::bool_high(&lab.device("a")).build().unwrap();
    let suspended = "_start_suspender rewindable wait_for _resume_from_suspender rewindable";
    let installed = suspender.clone();
    put(&lab, &lab.device("a"), 1)();
    schedule(&lab, &[(1.0, "a", 0)]);
    let run = lab.run(plan(async move |p| {
        p.install_suspender(&installed).await?;
        p.sleep(0.5).await?;
        p.remove_suspender(&installed).await
    }));
    run.assert_success();
    assert_eq!(commands(&run), format!("install_suspender sleep {suspended} sleep remove_suspender"));
    assert_eq!(run.duration(), secs(1.5));

    put(&lab, &lab.device("a"), 1)();
    let run = lab.run(plan(async move |p| {
        p.checkpoint().await?;
        p.sleep(0.4).await?;
        p.install_suspender(&suspender).await?;
        p.null().await?;
        p.remove_suspender(&suspender).await?;
        p.null().await
    }));
    run.assert_success();
    let expected = format!("checkpoint sleep install_suspender null remove_suspender {suspended} sleep null null");
    assert_eq!((commands(&run), run.duration()), (expected, secs(0.8)));
}

/// As in bluesky, where a suspender is heard two turns of the event loop later, and some messages take more than one: the plan file
/// `suspenders_heard` has all of them, recorded.
#[test]
fn a_wait_for_what_is_done_and_a_sleep_of_no_time_let_a_suspender_be_heard_sooner() {
    let after = |message: fn() -> Plan| {
        let lab = lab();
        install_high(&lab, &["a"]);
        lab.at_message(3).call(put(&lab, &lab.device("a"), 1));
        schedule(&lab, &[(1.0, "a", 0)]);
        let axis = lab.device("motor");
        let run = lab.run(plan(async move |p| {
            p.checkpoint().await?;
            p.abs_set_in(&axis, 1, "g").await?;
            p.run(message()).await?;
            for _ in 0..4 {
                p.null().await?;
            }
            Ok(())
        }));
        run.assert_success();
        run.messages().iter().position(|msg| msg.command() == "_start_suspender").unwrap() - 3
    };
    assert_eq!(after(|| plan(async |p| p.null().await.map(drop))), 2);
    assert_eq!(after(|| plan(async |p| p.sleep(0.0).await)), 1);
    assert_eq!(after(|| plan(async |p| p.wait("g").await.map(drop))), 0);
    assert_eq!(after(|| plan(async |p| p.wait("nothing").await.map(drop))), 2);
}

#[test]
fn what_is_no_suspender_cannot_be_installed() {
    let error = |command: &str| {
        let other = Object::new("function", 5);
        let message = GenericMsg { command: command.into(), args: vec![Arg::Object(other)], ..GenericMsg::default() };
        let run = lab().run(plan(async move |p| p.msg(message.into_msg(skyspan::value::Value::Null)).await.map(drop)));
        run.exception().map(|error| format!("{}: {error}", error.name()))
    };
    let attribute = "AttributeError: 'function' object has no attribute 'install'";
    assert_eq!(error("install_suspender").as_deref(), Some(attribute));
    assert_eq!(error("remove_suspender"), None);
}

#[test]
fn a_suspender_and_its_signal_do_not_keep_each_other_alive() {
    let lab = lab();
    let signal = Arc::new(Mutex::new(()));
    let alive = Arc::downgrade(&signal);
    let a = lab.device("a");
    let suspender = Suspender::when(&a, move |_| signal.lock().is_err(), |_| true).build().unwrap();
    install(&lab, &suspender);
    drop(suspender);
    assert!(alive.upgrade().is_some(), "the engine keeps it");
    drop(lab);
    assert!(alive.upgrade().is_none(), "and nothing else");
}
