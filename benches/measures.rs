//! The design's measures, each beside its counterpart, and the ratios of the two.
//!
//! Absolute times are those of the machine; what counts is the ratio of two benchmarks of one run, which is printed at
//! the end.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    InMemorySpanExporterBuilder, SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor,
};
use skyspan::clock::Clock;
use skyspan::device::Device;
use skyspan::engine::RunEngine;
use skyspan::expect::{Expectation as _, ForestExpectation, forest, span};
use skyspan::hardware::{SimCamera, SimDetector, SimMotor, SynAxis, SynGauss, gaussian_peak};
use skyspan::harness::Harness;
use skyspan::message::Response;
use skyspan::plan::{Plan, PlanEnv, Step, plan, plans};
use skyspan::trace::{Capture, Trace};
use skyspan::value::{Value, from_json};

const NULLS: u64 = 10_000;
const POINTS: u64 = 1_000;
const GRID_SIDE: u64 = 100;
const SLEEPS: u64 = 10_000;
const MEMORY_ROUNDS: u64 = 20;
/// Of so many moves, each with its status, is the trace that a pattern is checked against.
const MOVES: u64 = 5_000;

fn main() {
    // First, for later there would be memory to take that others have given back.
    memory();
    let mut criterion = Criterion::default().configure_from_args();
    null_messages(&mut criterion);
    scans(&mut criterion);
    grids(&mut criterion);
    sleeps(&mut criterion);
    tree_pattern(&mut criterion);
    whole_process(&mut criterion);
    criterion.final_summary();
    ratios();
}

/// `null` messages through the engine, beside the plan alone.
fn null_messages(criterion: &mut Criterion) {
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
    while let Step::Yield(msg) = plan.resume(&env, Ok(Response::None)) {
        black_box(&msg);
        messages += 1;
    }
    messages
}

fn axis_and_detector() -> (Device, Device) {
    let motor: Device = SynAxis::new("motor").into();
    let det = SynGauss::new("det", &motor, "motor").into();
    (motor, det)
}

/// A scan with one motor and one detector: with its spans caught, beside the same spans made through the SDK alone, which
/// keeps them by its in-memory exporter, or by the least that keeps them; and without a provider, beside the plan alone.
fn scans(criterion: &mut Criterion) {
    let (motor, det) = axis_and_detector();
    let scan = || plans::scan(&det, &motor, 0, 10, POINTS);

    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(POINTS));
    group.bench_function("traced", |bencher| {
        bencher.iter(|| {
            let clock = Clock::simulated();
            let capture = Capture::new();
            let mut engine = RunEngine::builder(clock.clone()).provider(&capture.provider()).build();
            drop(black_box(clock.block_on(engine.run(scan()))));
            capture
        });
    });
    let spans = the_same_spans(&motor, &det);
    group.bench_function("the same spans through the SDK alone", |bencher| {
        bencher.iter(|| {
            let exporter = InMemorySpanExporterBuilder::new().build();
            let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
            through_the_sdk(&spans, &provider);
            (exporter, provider)
        });
    });
    group.bench_function("the same spans pushed on a list", |bencher| {
        bencher.iter(|| {
            let keep = Keep::default();
            through_the_sdk(&spans, &SdkTracerProvider::builder().with_span_processor(keep.clone()).build());
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

/// The spans of such a scan, in the order in which they ended, with who is whose parent.
struct Recorded {
    data: SpanData,
    attributes: Vec<KeyValue>,
    parent: Option<usize>,
}

fn the_same_spans(motor: &Device, det: &Device) -> Vec<Recorded> {
    let keep = Keep::default();
    let provider = SdkTracerProvider::builder().with_span_processor(keep.clone()).build();
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).provider(&provider).build();
    drop(clock.block_on(engine.run(plans::scan(det, motor, 0, 10, POINTS))));
    let mut spans = std::mem::take(&mut *keep.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    // Parents first: they end last.
    spans.reverse();
    let ids: Vec<_> = spans.iter().map(|span| span.span_context.span_id()).collect();
    spans
        .into_iter()
        .map(|mut data| Recorded {
            attributes: std::mem::take(&mut data.attributes),
            parent: ids.iter().position(|id| *id == data.parent_span_id),
            data,
        })
        .collect()
}

/// Makes the spans again through the SDK alone, attribute by attribute, as the engine does.
fn through_the_sdk(spans: &[Recorded], provider: &SdkTracerProvider) {
    let tracer = provider.tracer("bluesky.tracing");
    let mut contexts: Vec<Context> = Vec::with_capacity(spans.len());
    for recorded in spans {
        let parent = recorded.parent.map_or_else(Context::new, |at| contexts[at].clone());
        let builder = SpanBuilder::from_name(recorded.data.name.clone()).with_start_time(recorded.data.start_time);
        let mut span = tracer.build_with_context(builder, &parent);
        for attribute in &recorded.attributes {
            span.set_attribute(attribute.clone());
        }
        contexts.push(Context::new().with_remote_span_context(span.span_context().clone()));
        span.end_with_timestamp(recorded.data.end_time);
    }
}

/// The least that keeps spans: a list.
#[derive(Clone, Debug, Default)]
struct Keep(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Keep {
    fn on_start(&self, _: &mut SdkSpan, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Sleeps on the simulated clock, beside giving way to the runtime as often.
fn sleeps(criterion: &mut Criterion) {
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
fn grids(criterion: &mut Criterion) {
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

/// A tree pattern over 10,000 spans, in any order and in theirs, beside reading the same spans out of the SDK's exporter.
fn tree_pattern(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree pattern");
    group.throughput(Throughput::Elements(2 * MOVES));
    let capture = Capture::new();
    let exporter = InMemorySpanExporterBuilder::new().build();
    let alone = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    for provider in [&capture.provider(), &alone] {
        let tracer = provider.tracer("app");
        let plan = Context::new().with_span(tracer.start_with_context("plan", &Context::new()));
        for at in 0..MOVES.cast_signed() {
            let builder = SpanBuilder::from_name("set").with_attributes([KeyValue::new("target", at)]);
            let set = plan.with_span(tracer.build_with_context(builder, &plan));
            tracer.start_with_context("status", &set).end();
        }
    }
    let trace: Trace = capture.trace();
    let sets = || (0..MOVES).map(|at| span("set").attr("target", at).children([span("status")]));
    let patterns: [(&str, ForestExpectation); 3] = [
        ("in any order", forest([span("plan").children(sets().rev())])),
        ("in order", forest([span("plan").children_in_order(sets())])),
        ("repeated", forest([span("plan").children([span("set").times(..).children([span("status")])])])),
    ];
    for (name, pattern) in &patterns {
        assert!(pattern.check(&trace).is_ok(), "{name}");
        group.bench_function(*name, |bencher| bencher.iter(|| pattern.check(black_box(&trace)).is_ok()));
    }
    group.bench_function("the SDK's exporter", |bencher| {
        bencher.iter(|| exporter.get_finished_spans().map(|spans| spans.len()));
    });
    group.finish();
}

/// The documentation's example as a whole process, beside one that only prints its version.
fn whole_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("whole process");
    let skyspan = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"));
        command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        command.output().map(|output| output.stdout.len())
    };
    group.bench_function("tracing_demo", |bencher| {
        bencher.iter(|| skyspan(&["run", "fixtures/plans/tracing_demo.yaml"]));
    });
    group.bench_function("--version", |bencher| bencher.iter(|| skyspan(&["--version"])));
    group.finish();
}

/// Prints how much memory a captured span of a scan takes, beside one in the SDK's exporter; on Linux, which tells it.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn memory() {
    let (motor, det) = axis_and_detector();
    let spans = the_same_spans(&motor, &det);
    let Some(before) = resident_bytes() else { return };
    let capture = Capture::new();
    let provider = capture.provider();
    (0..MEMORY_ROUNDS).for_each(|_| through_the_sdk(&spans, &provider));
    let Some(captured) = resident_bytes() else { return };
    let exporter = InMemorySpanExporterBuilder::new().build();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    (0..MEMORY_ROUNDS).for_each(|_| through_the_sdk(&spans, &provider));
    let Some(exported) = resident_bytes() else { return };
    let count = MEMORY_ROUNDS as f64 * spans.len() as f64;
    let (ours, theirs) = ((captured - before) / count, (exported - captured) / count);
    println!("memory of a span: capture / the SDK's exporter = {:.2}   (capture: {ours:.0} bytes)", ours / theirs);
    drop((capture, exporter));
}

/// The memory that the process has, in bytes.
fn resident_bytes() -> Option<f64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse::<f64>().ok()?;
    Some(pages * 4096.0)
}

/// Prints the ratio of each benchmark to its counterpart, and how many a second that is.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratios() {
    let rows = [
        ("null messages", "engine", "plan alone", NULLS),
        ("scan", "traced", "the same spans through the SDK alone", POINTS),
        ("scan", "traced", "the same spans pushed on a list", POINTS),
        ("scan", "untraced", "plan alone", POINTS),
        ("grid", "motors that accelerate, a camera", "axes that are there at once", GRID_SIDE * GRID_SIDE),
        ("grid", "estimated", "axes that are there at once", GRID_SIDE * GRID_SIDE),
        ("simulated sleeps", "sleep", "yield to the runtime", SLEEPS),
        ("tree pattern", "in any order", "the SDK's exporter", 2 * MOVES),
        ("tree pattern", "in order", "the SDK's exporter", 2 * MOVES),
        ("tree pattern", "repeated", "the SDK's exporter", 2 * MOVES),
        ("whole process", "tracing_demo", "--version", 1),
    ];
    for (group, one, other, count) in rows {
        if let (Some(one_ns), Some(other_ns)) = (median_ns(group, one), median_ns(group, other)) {
            let rate = count as f64 / one_ns * 1e9;
            println!("{group}: {one} / {other} = {:.2}   ({one}: {rate:.0} a second)", one_ns / other_ns);
        }
    }
}

/// The median of a benchmark of this run, as criterion has written it down.
fn median_ns(group: &str, benchmark: &str) -> Option<f64> {
    let target =
        std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target").to_owned());
    let path = format!("{target}/criterion/{group}/{benchmark}/new/estimates.json");
    let estimates = from_json(&std::fs::read_to_string(path).ok()?).ok()?;
    estimates.as_map()?.get("median")?.as_map()?.get("point_estimate").and_then(Value::as_f64)
}
