//! How long the twin of a night takes, beside the statistics of its trace, and how that grows with the night.
//!
//! Nights are scans that are simulated. What counts is that a night of four times the spans takes four times as long, and the ratio of the
//! two; absolute times are those of the machine.

use std::hint::black_box;
use std::time::Duration;

use skyspan::clock::Clock;
use skyspan::hardware::{SimDetector, SimMotor};
use skyspan::harness::Harness;
use skyspan::plan::plans;
use skyspan::twin::{Night, Twin};

/// So many points a scan has, of six spans each: 10,000 spans, twice and four times that, and 100,000.
const POINTS: [u64; 4] = [1_667, 3_334, 6_667, 16_667];
/// Each is measured so often, and the least counts: others use the machine, too.
const TIMES: usize = 3;

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() {
    let mut first = None;
    for points in POINTS {
        let lab = Harness::new();
        let stage = lab.add(SimMotor::new("stage").velocity(1.0));
        let camera = lab.add(SimDetector::new("camera").exposure_s(0.1));
        let run = lab.run(plans::scan(&camera, &stage, 0, 10, points));
        let night = [Night::new(run.trace().clone()).documents(run.documents().to_vec())];
        let twin = least(|| drop(black_box(Twin::of(&night).expect("it has a RunEngine"))));
        let statistics = least(|| drop(black_box(run.trace().statistics())));
        let spans = run.trace().len();
        let (first_spans, first_twin) = *first.get_or_insert((spans, twin));
        #[expect(clippy::cast_precision_loss, reason = "a number of spans")]
        let more = spans as f64 / first_spans as f64;
        println!(
            "{spans} spans: twin {:.1} ms, {:.2} × their statistics; {more:.1} × the spans take {:.1} × as long",
            twin.as_secs_f64() * 1e3,
            twin.as_secs_f64() / statistics.as_secs_f64(),
            twin.as_secs_f64() / first_twin.as_secs_f64(),
        );
    }
}

fn least(mut work: impl FnMut()) -> Duration {
    let clock = Clock::real();
    let time = |_| {
        let start = clock.now();
        work();
        clock.now() - start
    };
    (0..TIMES).map(time).min().unwrap_or_default()
}
