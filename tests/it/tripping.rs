//! Signals that are set at exact times, and suspenders that they trip.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::engine::Suspender;
use skyspan::message::Command;
use skyspan::prelude::*;
use skyspan::value::Value;

/// A harness whose devices `a` and `b` are signals that were set to 0.
pub(crate) fn lab() -> Harness {
    let lab = Harness::new();
    for name in ["a", "b"] {
        let signal = lab.add(Signal::new(name, 0));
        put(&lab, &signal, 0)();
    }
    lab
}

/// What sets a signal, when it is called.
pub(crate) fn put(lab: &Harness, signal: &Device, value: impl Into<Value>) -> Box<dyn FnOnce() + Send> {
    let (signal, clock, value) = (signal.clone(), lab.clock().clone(), value.into());
    Box::new(move || signal.downcast_ref::<Signal>().unwrap().put(value, clock.now()).unwrap())
}

/// Sets signals at times of the next call.
pub(crate) fn schedule(lab: &Harness, puts: &[(f64, &str, i64)]) {
    for (time_s, signal, value) in puts {
        lab.at(secs(*time_s)).call(put(lab, &lab.device(signal), *value));
    }
}

pub(crate) fn install(lab: &Harness, suspender: &Suspender) {
    lab.with_engine(|engine| engine.install_suspender(suspender));
}

/// Installs a suspender for each of the signals, that suspends while it is high.
pub(crate) fn install_high(lab: &Harness, signals: &[&str]) {
    for signal in signals {
        install(lab, &Suspender::bool_high(&lab.device(signal)).build().unwrap());
    }
}

/// A checkpoint, and half a second.
pub(crate) fn checkpoint_and_sleep() -> Plan {
    plan(async |p| {
        p.checkpoint().await?;
        p.sleep(0.5).await
    })
}

pub(crate) fn commands(run: &Outcome) -> String {
    run.messages().iter().map(Msg::command).collect::<Vec<_>>().join(" ")
}

/// Why the plan was suspended, each time.
pub(crate) fn justifications(run: &Outcome) -> Vec<Text> {
    let of = |msg: &Msg| match &msg.command {
        Command::StartSuspender(start) => start.justification.clone(),
        _ => None,
    };
    run.messages().iter().filter_map(of).collect()
}
