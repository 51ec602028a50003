//! Devices at the end of a cable: the code of `examples/tcp_instrument`, in real time and by TCP on this computer.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

#[path = "../../examples/tcp_instrument/devices.rs"]
mod devices;
#[path = "../../examples/tcp_instrument/protocol.rs"]
mod protocol;
#[path = "../../examples/tcp_instrument/scan.rs"]
mod scan;
#[path = "../../examples/tcp_instrument/server.rs"]
mod server;

use skyspan::prelude::*;

use self::devices::{Counter, Motor};
use self::scan::{assert_failed, assert_scanned, scan};
use self::server::{Misdeed, Server};

/// An instrument that is switched on, and a harness with its devices.
struct Bench {
    server: Server,
    lab: Harness,
    motor: Device,
    counter: Device,
}

impl Bench {
    fn new(lab: Harness) -> Self {
        let server = Server::start().unwrap();
        // Far more than any machine needs.
        let timeout = secs(30.0);
        let motor = lab.add(Device::new(Motor::connect("motor", server.address(), timeout).unwrap()));
        let counter = lab.add(Device::new(Counter::new("counter", server.address(), timeout)));
        Self { server, lab, motor, counter }
    }

    fn in_real_time() -> Self {
        Self::new(Harness::builder().real_time().build())
    }

    fn scan(&self) -> Outcome {
        self.lab.run(scan(&self.counter, &self.motor))
    }

    /// Why a plan failed, with `ADDRESS` in the place of the address.
    #[track_caller]
    fn failure(&self, run: &Outcome) -> String {
        assert_failed(&self.lab, run).replace(&self.server.address().to_string(), "ADDRESS")
    }
}

#[test]
fn the_same_plan_and_the_same_assertions_hold_for_simulated_and_for_real_devices() {
    let lab = Harness::new();
    let motor = lab.add(SynAxis::new("motor").delay_s(1.0));
    let counter = lab.add(SynSignal::new("counter").func(|| 42).exposure_time_s(0.1));
    assert_scanned(&lab.run(scan(&counter, &motor)));

    let bench = Bench::in_real_time();
    assert_scanned(&bench.scan());
    // On a simulated clock, too: it waits for the cable.
    assert_scanned(&Bench::new(Harness::new()).scan());
}

#[test]
fn a_connection_that_is_dropped_and_a_malformed_answer_fail_the_plan_and_the_next_one_runs() {
    let bench = Bench::in_real_time();
    let cases = [
        (Misdeed::HangUp, "ConnectionError", "closed the connection in place of an answer to `count`"),
        (Misdeed::Nonsense, "ValueError", "answered `count` with \"counts many\"; expected `counts NUMBER`"),
    ];
    for (misdeed, name, said) in cases {
        bench.server.misbehave(misdeed);
        let run = bench.scan();
        assert_eq!(bench.failure(&run), format!("{name}: the instrument at ADDRESS {said}"));
        assert_scanned(&bench.scan());
    }
}

#[test]
fn an_instrument_that_does_not_answer_fails_the_plan_after_the_timeout() {
    let bench = Bench::in_real_time();
    let hasty = bench.lab.add(Device::new(Counter::new("hasty", bench.server.address(), ms(100))));
    bench.server.misbehave(Misdeed::Silence);
    let run = bench.lab.run(scan(&hasty, &bench.motor));
    let expected = "TimeoutError: the instrument at ADDRESS did not answer `count` within 100ms";
    assert_eq!(bench.failure(&run), expected);
    assert_scanned(&bench.scan());
}

#[test]
fn what_the_instrument_refuses_and_an_instrument_that_is_off_fail_the_plan() {
    let mut bench = Bench::in_real_time();
    let motor = bench.motor.clone();
    let run = bench.lab.run(plan(async move |p| p.mv(&motor, 2e6).await));
    let expected = "RuntimeError: the instrument at ADDRESS refused `move 2000000`: \
        2000000 is beyond the end switch at 1000000";
    assert_eq!(bench.failure(&run), expected);
    assert_scanned(&bench.scan());

    let address = bench.server.address().to_string();
    // Another one takes its place, at another port.
    bench.server = Server::start().unwrap();
    for said in ["closed the connection in place of an answer to `count`", "cannot connect to the instrument at"] {
        let run = bench.lab.run(plans::count(&bench.counter, 1));
        let failure = bench.failure(&run);
        let is_told = failure.starts_with("ConnectionError: ") && failure.contains(said) && failure.contains(&address);
        assert!(is_told, "{failure}");
    }
}

#[test]
fn a_motor_that_is_stopped_on_its_way_ends_its_move_where_it_is() {
    let bench = Bench::in_real_time();
    let motor = bench.motor.clone();
    let run = bench.lab.run(plan(async move |p| {
        p.abs_set_in(&motor, 1e6, "far").await?;
        p.stop(&motor).await?;
        p.wait("far").await
    }));
    let failure = bench.failure(&run);
    assert!(failure.starts_with("RuntimeError: the motor was stopped at "), "{failure}");
    assert!(failure.ends_with(" on its way to 1000000"), "{failure}");
    assert_scanned(&bench.scan());
}
