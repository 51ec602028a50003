//! Messages, scans, grids, sleeps, and the whole process.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use opentelemetry_sdk::trace::{InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::clock::{Clock, SpanProvider};
use skyspan::device::Device;
use skyspan::engine::RunEngine;
use skyspan::hardware::{SimCamera, SimDetector, SimMotor, gaussian_peak};
use skyspan::harness::Harness;
use skyspan::message::Response;
use skyspan::plan::{Plan, PlanEnv, Resumed, plan, plans};
use skyspan::trace::Capture;

use super::spans::{Keep, axis_and_detector, make_again, the_same_spans};

pub(crate) const NULLS: u64 = 10_000;
pub(crate) const POINTS: u64 = 1_000;
pub(crate) const GRID_SIDE: u64 = 100;
pub(crate) const SLEEPS: u64 = 10_000;

/// `null` messages through the engine, beside the plan alone.
pub(crate) fn null_messages(criterion: &mut Criterion) {
    let nulls = || {
        plan(async |p| {
            for _ in 0..NULLS {
                p.null().await?;
            }
            Ok(())
        })
    };
    let mut group = criterion.benchmark_group("null messages");
    group.throughput(Throughput::Elements(NULLS));
    group.bench_function("engine", |bencher| {
        let clock = Clock::simulated();
        let mut engine = RunEngine::builder(clock.clone()).build();
        bencher.iter(|| clock.block_on(engine.run(nulls())));
    });
    group.bench_function("plan alone", |bencher| bencher.iter(|| step_through(nulls())));
    group.finish();
}

/// Answers every message of a plan with nothing.
fn step_through(mut plan: Plan) -> u64 {
    let env = Arc::new(PlanEnv::detached());
    let mut messages = 0;
    while let Resumed::Yield(msg) = plan.resume(&env, Ok(Response::None)) {
        black_box(&msg);
        messages += 1;
    }
    messages
}

/// A scan with one motor and one detector: with its spans caught, directly and through the SDK, beside the same spans made through the SDK alone, which
/// keeps them by its in-memory exporter, or by the least that keeps them; and without a provider, beside the plan alone.
pub(crate) fn scans(criterion: &mut Criterion) {
    let (motor, det) = axis_and_detector();
    let scan = || plans::scan(&det, &motor, 0, 10, POINTS);

    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(POINTS));
    let traced = |provider: fn(&Capture) -> SpanProvider| {
        let clock = Clock::simulated();
        let capture = Capture::new();
        let mut engine = RunEngine::builder(clock.clone()).provider(provider(&capture)).build();
        drop(black_box(clock.block_on(engine.run(scan()))));
        capture
    };
    group.bench_function("traced", |bencher| {
        bencher.iter(|| traced(|capture| (&capture.direct_provider()).into()));
    });
    group.bench_function("traced through the SDK", |bencher| {
        bencher.iter(|| traced(|capture| (&capture.provider()).into()));
    });
    let spans = the_same_spans(&motor, &det, POINTS);
    group.bench_function("the same spans through the SDK alone", |bencher| {
        bencher.iter(|| {
            let exporter = InMemorySpanExporterBuilder::new().build();
            let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
            make_again(&spans, &provider);
            (exporter, provider)
        });
    });
    group.bench_function("the same spans pushed on a list", |bencher| {
        bencher.iter(|| {
            let keep = Keep::default();
            make_again(&spans, &SdkTracerProvider::builder().with_span_processor(keep.clone()).build());
            keep
        });
    });
    group.bench_function("untraced", |bencher| {
        let clock = Clock::simulated();
        let mut engine = RunEngine::builder(clock.clone()).build();
        bencher.iter(|| clock.block_on(engine.run(scan())));
    });
    group.bench_function("plan alone", |bencher| bencher.iter(|| step_through(scan().into())));
    group.finish();
}

/// Sleeps on the simulated clock, beside giving way to the runtime as often.
pub(crate) fn sleeps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulated sleeps");
    group.throughput(Throughput::Elements(SLEEPS));
    let clock = Clock::simulated();
    group.bench_function("sleep", |bencher| {
        bencher.iter(|| {
            clock.block_on(async {
                for _ in 0..SLEEPS {
                    clock.sleep(Duration::from_nanos(333)).await;
                }
            })
        });
    });
    group.bench_function("yield to the runtime", |bencher| {
        bencher.iter(|| {
            clock.block_on(async {
                for _ in 0..SLEEPS {
                    tokio::task::yield_now().await;
                }
            })
        });
    });
    let tasks = 100_u64;
    group.bench_function(BenchmarkId::new("sleep in tasks", tasks), |bencher| {
        bencher.iter(|| {
            clock.block_on(async {
                let sleepers = (0..tasks).map(|task| {
                    let clock = clock.clone();
                    tokio::spawn(async move {
                        for _ in 0..SLEEPS / tasks {
                            clock.sleep(Duration::from_nanos(333 + task)).await;
                        }
                    })
                });
                for sleeper in sleepers.collect::<Vec<_>>() {
                    drop(sleeper.await);
                }
            })
        });
    });
    group.finish();
}

/// A grid of 10,000 points, traced: with motors that accelerate, a counter and a camera, beside one with the axes and the
/// detector of ophyd.sim; and the estimate of the first.
pub(crate) fn grids(criterion: &mut Criterion) {
    let grid = |detectors: &[Device], slow: &Device, fast: &Device| {
        plans::grid_scan(detectors, slow, 0.0, 9.9, GRID_SIDE).with(fast, 0.0, 4.95, GRID_SIDE)
    };
    let realistic = || {
        let lab = Harness::new();
        let slow = lab.add(SimMotor::new("slow").velocity(5.0).acceleration_time_s(0.1).backlash(0.01));
        let fast = lab.add(SimMotor::new("fast").velocity(2.0).acceleration_time_s(0.1));
        let diode = SimDetector::new("diode").exposure_s(0.04).rate(1e5).looks_at(&fast, gaussian_peak(2.5, 0.5));
        let detectors = [lab.add(diode), lab.add(SimCamera::new("camera").exposure_s(0.02).frames(2))];
        let plan = grid(&detectors, &slow, &fast);
        (lab, plan)
    };
    let mut group = criterion.benchmark_group("grid");
    group.throughput(Throughput::Elements(GRID_SIDE * GRID_SIDE)).sample_size(10);
    group.bench_function("motors that accelerate, a camera", |bencher| {
        bencher.iter(|| {
            let (lab, plan) = realistic();
            lab.run(plan)
        });
    });
    group.bench_function("estimated", |bencher| {
        bencher.iter(|| {
            let (lab, plan) = realistic();
            lab.estimate(plan)
        });
    });
    group.bench_function("axes that are there at once", |bencher| {
        bencher.iter(|| {
            let lab = Harness::new();
            let [slow, fast] = ["motor1", "motor2"].map(|name| lab.device(name));
            lab.run(grid(&[lab.device("det4")], &slow, &fast))
        });
    });
    group.finish();
}
