//! Real hardware implements the traits that simulated hardware implements, and is tested by the same plan and the same
//! assertions. Run it: `cargo run --example tcp_instrument`.
//!
//! An instrument, a motor and a counter, listens at a TCP port; here it is a [`server`] on this computer. It understands
//! lines of text, which [`protocol`] says and hears. [`devices`] are what the engine sees of it: `Motor` is a `Movable`, a
//! `Readable`, a `Stoppable` and a `Positioner`, `Counter` is a `Triggerable` and a `Readable`, and that is all there is to
//! them. What is worth a look:
//!
//! * The engine is never held up. `set` and `trigger` leave a job for a thread and give a `Status`; the thread ends it. An
//!   answer that is awaited comes as a future (`SyncOrAsync::later`).
//! * Each job holds an `OutsideWork` of the clock. In real time that is nothing; on a simulated clock it is what makes the
//!   clock wait for the cable.
//! * What goes wrong on the line is an `InstrumentError`, a type of its own that says what was asked, of whom, and what was
//!   found. The plan gets it as the error of the status.
//! * After an error the line is opened anew. So the engine is idle and the next plan runs.
//!
//! The story: the plan runs on simulated devices, in no time. Then it runs in real time on the instrument, and the same
//! assertions hold. Then the instrument does not answer, hangs up, talks nonsense, refuses, and is switched off; each time
//! the plan fails with an error that says so, and the next one runs.

mod devices;
mod protocol;
mod scan;
mod server;

use std::error::Error;
use std::io::{Write as _, stdout};
use std::time::Duration;

use skyspan::callbacks::{DocumentRouter as _, LiveTable};
use skyspan::prelude::*;

use self::devices::{Counter, Motor};
use self::scan::{assert_failed, assert_scanned, scan};
use self::server::{Misdeed, Server};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout();

    // Simulated: a second for each move takes no time.
    let lab = Harness::new();
    let motor = lab.add(SynAxis::new("motor").delay_s(1.0));
    let counter = lab.add(SynSignal::new("counter").func(|| 42).exposure_time_s(0.1));
    assert_scanned(&lab.run(scan(&counter, &motor)));
    writeln!(out, "the plan does on simulated devices what it must")?;

    // The instrument: other devices, another clock, and nothing else is different.
    let server = Server::start()?;
    let lab = Harness::builder().real_time().build();
    let motor = lab.add(Device::new(Motor::connect("motor", server.address(), TIMEOUT)?));
    let counter = lab.add(Device::new(Counter::new("counter", server.address(), TIMEOUT)));
    let table = lab.with_engine(|engine| engine.subscribe(LiveTable::new(["motor", "counter"]).into_callback()));
    let run = lab.run(scan(&counter, &motor));
    assert_scanned(&run);
    lab.with_engine(|engine| engine.unsubscribe(table));
    writeln!(out, "and on the instrument at {}, in {:?}", server.address(), run.duration())?;

    // What goes wrong, in the words of the plan's error. Each time the next plan finds the engine as it was.
    for misdeed in [Misdeed::HangUp, Misdeed::Nonsense] {
        server.misbehave(misdeed);
        let run = lab.run(scan(&counter, &motor));
        writeln!(out, "{misdeed:?}: {}", assert_failed(&lab, &run))?;
        assert_scanned(&lab.run(scan(&counter, &motor)));
    }
    let hasty = lab.add(Device::new(Counter::new("hasty", server.address(), ms(100))));
    server.misbehave(Misdeed::Silence);
    let run = lab.run(scan(&hasty, &motor));
    writeln!(out, "{:?}: {}", Misdeed::Silence, assert_failed(&lab, &run))?;
    assert_scanned(&lab.run(scan(&counter, &motor)));

    let run = lab.run(plan(async move |p| p.mv(&motor, 2e6).await));
    writeln!(out, "beyond its end: {}", assert_failed(&lab, &run))?;

    drop(server);
    for _ in 0..2 {
        let run = lab.run(plans::count(&counter, 1));
        writeln!(out, "switched off: {}", assert_failed(&lab, &run))?;
    }
    Ok(())
}
