//! Detectors expose, compute and draw their noise.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::hardware::{Beamline, Noise, SynAxis, SynGauss, SynSignal};
use skyspan::seed::Seed;
use skyspan::value::Text;

use crate::rig::{Rig, elapsed_ns};

fn ns(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

#[test]
fn an_exposure_takes_its_time_and_computes_at_its_end() {
    let rig = Rig::new();
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let signal = SynSignal::new("x").exposure_time_s(0.25).func(move || {
        *counted.lock().unwrap() += 1;
        *counted.lock().unwrap()
    });
    let signal = rig.add(signal);
    assert_eq!(rig.value(&signal), 1.into(), "computed when it is made");
    let status = rig.trigger(&signal);
    rig.advance(ns(249_999_999));
    assert_eq!((status.is_done(), *calls.lock().unwrap()), (false, 1));
    rig.advance(ns(1));
    assert_eq!((status.is_success(), rig.value(&signal)), (true, 2.into()));
    assert_eq!(elapsed_ns(rig.read(&signal).0[0].1.timestamp), 250_000_000);
    assert_eq!(status.kind().class_name(), "DeviceStatus");
    assert!(rig.trigger(&rig.add(SynSignal::new("y"))).is_success(), "no exposure takes no time");
}

/// What a detector with noise at the top of its peak reads, time after time.
fn noise(seed: u64, name: &str, noise: Noise, imax: i64, count: usize) -> Vec<f64> {
    let rig = Rig::seeded(seed);
    let motor = rig.add(SynAxis::new("motor"));
    let det = rig.add(SynGauss::new(Text::from(name.to_owned()), &motor, "motor").imax(imax).noise(noise));
    let take = |_| {
        rig.trigger(&det);
        rig.value(&det).as_f64().unwrap()
    };
    (0..count).map(take).collect()
}

#[test]
fn noise_is_that_of_the_seed_and_of_the_name_of_the_device() {
    for kind in [Noise::Uniform, Noise::Poisson] {
        let of = |seed, name| noise(seed, name, kind, 1000, 50);
        assert_eq!(of(1, "det"), of(1, "det"));
        assert_ne!(of(1, "det"), of(2, "det"));
        assert_ne!(of(1, "det"), of(1, "det1"));
    }
    let constant = noise(1, "det", Noise::None, 1000, 5);
    assert_eq!(constant, [1000.0; 5]);
}

#[test]
fn what_one_detector_draws_does_not_shift_what_another_does() {
    let alone = noise(3, "b", Noise::Uniform, 10, 5);
    let rig = Rig::seeded(3);
    let motor = rig.add(SynAxis::new("motor"));
    let [a, b] = ["a", "b"].map(|name| rig.add(SynGauss::new(name, &motor, "motor").imax(10).noise(Noise::Uniform)));
    for expected in alone {
        rig.trigger(&a);
        rig.trigger(&b);
        rig.trigger(&a);
        assert_eq!(rig.value(&b).as_f64(), Some(expected));
    }
}

#[test]
fn uniform_noise_is_as_large_as_its_multiplier_says() {
    let rig = Rig::seeded(5);
    let motor = rig.add(SynAxis::new("motor"));
    let det = SynGauss::new("det", &motor, "motor").imax(10).noise(Noise::Uniform).noise_multiplier(0.5);
    let det = rig.add(det);
    let drawn: Vec<f64> = (0..2000)
        .map(|_| {
            rig.trigger(&det);
            rig.value(&det).as_f64().unwrap() - 10.0
        })
        .collect();
    let (low, high) = drawn.iter().fold((0.0_f64, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    assert!((-0.5..-0.49).contains(&low) && (0.49..0.5).contains(&high), "{low} {high}");
    let mean = drawn.iter().sum::<f64>() / 2000.0;
    assert!(mean.abs() < 0.02, "{mean}");
}

#[test]
fn poisson_noise_has_the_mean_and_the_variance_of_its_signal() {
    // Both means of drawing: many small factors up to 500, the normal distribution beyond.
    for imax in [1, 20, 499, 501, 100_000] {
        let count = 4000;
        let drawn = noise(11, "det", Noise::Poisson, imax, count);
        assert!(drawn.iter().all(|x| x.fract() == 0.0 && *x >= 0.0));
        let (n, signal) = (count as f64, imax as f64);
        let mean = drawn.iter().sum::<f64>() / n;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Five standard errors of each.
        assert!((mean - signal).abs() < 5.0 * (signal / n).sqrt(), "mean {mean} of {signal}");
        let spread = ((2.0 * signal * signal + signal) / n).sqrt();
        assert!((variance - signal).abs() < 5.0 * spread, "variance {variance} of {signal}");
    }
}

#[test]
fn jittery_motors_jitter_by_the_seed_of_their_beamline() {
    let positions = |seed| {
        let (rig, beamline) = (Rig::new(), Beamline::simulated(&Seed::new(seed)));
        let [a, b] = ["jittery_motor1", "jittery_motor2"].map(|name| {
            let motor = beamline.get(name).unwrap();
            rig.set(&motor, 5).unwrap();
            motor.position().unwrap().as_f64().unwrap()
        });
        assert!((5.0..6.0).contains(&a) && (5.0..6.0).contains(&b));
        assert_ne!(a.to_bits(), b.to_bits());
        [a, b].map(f64::to_bits)
    };
    assert_eq!(positions(1), positions(1));
    let different: BTreeSet<_> = (0..20).flat_map(positions).collect();
    assert_eq!(different.len(), 40);
}
