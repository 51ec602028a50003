//! How the engine and the devices are left.

use crate::engine::{ExitStatus, RunEngineState, Suspender};
use crate::hardware::{Calls, Method};
use crate::harness::{Chronicle, Outcome};
use crate::message::Command;
use crate::plan::plan;
use crate::property::{Broken, Law, OrFail as _, Trial};
use crate::value::Map;

/// The engine is idle afterwards.
#[must_use]
pub fn engine_is_idle() -> Law {
    Law::of_run("the engine is idle afterwards", |run| {
        (run.state() == RunEngineState::Idle).or_fail(format!("expected idle, found {}", run.state()))
    })
    .says("Whatever becomes of a plan, the engine is idle when all is decided.")
    .source("bluesky 1.15.1, RunEngine._run, and its state machine")
}

/// What was staged is unstaged, what was monitored is not any more, what was moved is stopped.
#[must_use]
pub fn devices_are_released() -> Law {
    Law::of_run("devices are released", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        let watching = left_installed(chronicle);
        for (device, calls) in chronicle.called_devices() {
            let name = device.name();
            let open = calls.open_subscriptions();
            let open = open.saturating_sub(watching.iter().filter(|suspender| suspender.signal() == device).count());
            if open > 0 {
                return Err(Broken::new(format!("{name} is still monitored: {open} subscriptions were not ended")));
            }
            // A fault may keep the device from what is asked of it.
            let faulty = |method: Method| device.faults().iter().any(|fault| fault.method() == method);
            let last = |methods: &[Method]| {
                let of = |call: &crate::hardware::Call| methods.contains(&call.method);
                calls.all().into_iter().rev().find(of).map(|call| call.method)
            };
            let staging = [Method::Stage, Method::Unstage];
            if last(&staging) == Some(Method::Stage)
                && !staging.into_iter().any(faulty)
                && !device.faults().iter().any(is_lost)
            {
                return Err(Broken::new(format!("{name} was staged, and is not unstaged")));
            }
            if calls.count(Method::Set) > 0 && device.as_stoppable().is_some() && !stopped(&calls) {
                return Err(Broken::new(format!("{name} was moved, and is not stopped")));
            }
        }
        Ok(())
    })
    .says(
        "In the end the engine has unstaged what was staged, ended what was monitored but by suspenders, and stopped what was moved.",
    )
    .source("bluesky 1.15.1, RunEngine._run, its finally clause")
}

/// The suspenders that a plan has installed and not removed: they go on watching after the call.
fn left_installed(chronicle: &Chronicle) -> Vec<&Suspender> {
    let mut installed: Vec<&Suspender> = Vec::new();
    for done in chronicle.executed().filter(|done| done.failure.is_none()) {
        match &done.msg.command {
            Command::InstallSuspender { suspender } => {
                let suspender = suspender.downcast_ref::<Suspender>();
                installed.extend(suspender.filter(|suspender| !installed.contains(suspender)));
            }
            Command::RemoveSuspender { suspender } => {
                let removed = suspender.downcast_ref::<Suspender>();
                installed.retain(|suspender| Some(*suspender) != removed);
            }
            _ => {}
        }
    }
    installed
}

fn is_lost(fault: &crate::hardware::Fault) -> bool {
    fault.to_string().contains("disconnects_for")
}

/// Whether the last thing that was asked of the device, of setting and stopping, is to stop.
fn stopped(calls: &Calls) -> bool {
    let moves = [Method::Set, Method::Stop];
    calls.all().iter().rev().find(|call| moves.contains(&call.method)).is_some_and(|call| call.method == Method::Stop)
}

/// A second call works, and has nothing of the first in it.
#[must_use]
pub fn a_second_call_works() -> Law {
    Law::of_trial("a second call works", |trial: &Trial<'_>| {
        let lab = trial.once_more().lab();
        for (_, device) in lab.beamline().known() {
            device.mend();
        }
        // Those who fail, and what keeps a plan waiting, are of the first call.
        lab.with_engine(|engine| {
            engine.unsubscribe_all();
            engine.clear_suspenders();
            engine.record_interruptions(false);
        });
        let second = lab.run(plan(async |p| {
            p.checkpoint().await?;
            p.open_run(Map::new()).await?;
            p.sleep(1.0).await?;
            p.close_run().await.map(drop)
        }));
        describe_second(&second)
    })
    .says("After any call the next one starts anew: it succeeds, takes its own time, and has its own spans and documents alone.")
    .source("bluesky 1.15.1, RunEngine.__call__: everything of a call is cleared")
}

fn describe_second(second: &Outcome) -> Result<(), Broken> {
    let names: Vec<&str> = second.documents().iter().map(crate::document::Document::name).collect();
    let commands: Vec<&str> = second.messages().iter().map(crate::message::Msg::command).collect();
    let runs = second.trace().named("Bluesky RunEngine run").count();
    (second.exit_status() == ExitStatus::Success).or_fail(format!("it ended with {:?}", second.result()))?;
    (names == ["start", "stop"]).or_fail(format!("its documents are {names:?}"))?;
    (commands == ["checkpoint", "open_run", "sleep", "close_run"]).or_fail(format!("its messages are {commands:?}"))?;
    (runs == 1).or_fail(format!("it has {runs} run spans"))?;
    (second.duration().as_nanos() == 1_000_000_000)
        .or_fail(format!("it took {:?} and not one second", second.duration()))
}
