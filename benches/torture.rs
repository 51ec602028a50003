//! How fast a plan is tortured, beside bare runs of the same plan.
//!
//! Absolute times are those of the machine; what counts is the ratio of the two, run by run, which is printed at the end, with how long
//! a plan of a thousand messages takes with all that can happen.

#[path = "measures/median.rs"]
mod median;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use skyspan::clock::Clock;
use skyspan::hardware::{SimDetector, SimMotor};
use skyspan::harness::{Harness, Kept};
use skyspan::plan::{Plan, plans};
use skyspan::torture::Torture;

use median::median_ns;

/// A scan of so many points has some nine messages a point.
const POINTS: u64 = 12;
/// So many come to a thousand messages.
const POINTS_OF_A_THOUSAND: u64 = 110;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let runs = tortured(&mut criterion);
    bare(&mut criterion, runs);
    criterion.final_summary();
    ratio(runs);
    a_thousand();
}

fn scan(lab: &Harness, points: u64) -> Plan {
    let stage = lab.add(SimMotor::new("stage").velocity(1.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.1));
    plans::rel_scan(&camera, &stage, -1, 1, points).into()
}

fn torture(points: u64) -> Torture<'static> {
    Torture::plan(move |lab| scan(lab, points))
}

/// All that can happen to a scan, on one thread and on two. Gives how many runs that is.
fn tortured(criterion: &mut Criterion) -> u64 {
    let runs = torture(POINTS).run().expect("a scan can be tortured").cases().len() as u64;
    let mut group = criterion.benchmark_group("torture");
    group.throughput(Throughput::Elements(runs)).sample_size(10);
    for (name, jobs) in [("a scan", 1), ("a scan on two threads", 2)] {
        let torture = torture(POINTS).jobs(jobs);
        group.bench_function(name, |bencher| bencher.iter(|| torture.run()));
    }
    group.finish();
    runs
}

/// As many undisturbed runs, each in a harness of its own, without spans.
fn bare(criterion: &mut Criterion, runs: u64) {
    let mut group = criterion.benchmark_group("torture");
    group.throughput(Throughput::Elements(runs)).sample_size(10);
    group.bench_function("bare runs", |bencher| {
        bencher.iter(|| {
            for _ in 0..runs {
                let lab = Harness::builder().untraced().without(Kept::Documents).without(Kept::Messages).build();
                black_box(lab.run(scan(&lab, POINTS)));
            }
        });
    });
    group.finish();
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratio(runs: u64) {
    let (Some(tortured), Some(bare)) = (median_ns("torture", "a scan"), median_ns("torture", "bare runs")) else {
        return;
    };
    println!("{runs} runs: {:.2} × as long as as many bare runs of the whole plan", tortured / bare);
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn a_thousand() {
    let torture = torture(POINTS_OF_A_THOUSAND).jobs(2);
    let clock = Clock::real();
    let start = clock.now();
    let map = torture.run().expect("a scan can be tortured");
    let (messages, runs) = (map.rows().len(), map.cases().len());
    println!("{messages} messages, {runs} runs on two threads: {:.1} s", (clock.now() - start).as_secs_f64());
}
