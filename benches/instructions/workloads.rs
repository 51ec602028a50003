//! What is counted, so many turns of it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::{InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::clock::Clock;
use skyspan::device::Device;
use skyspan::engine::{RunEngine, RunEngineBuilder};
use skyspan::hardware::{SimCamera, SimDetector, SimMotor, gaussian_peak};
use skyspan::harness::Harness;
use skyspan::message::Response;
use skyspan::plan::{Plan, PlanEnv, Resumed, plan, plans};
use skyspan::property::{Campaign, CampaignLimits, Law, laws};
use skyspan::trace::Capture;

use super::cases::{BareEngine, LENGTH, SEED, programs};
use super::spans::{axis_and_detector, make_again, the_same_spans};

/// Each measure: a workload, its counterpart, and how many turns of either.
pub(crate) const MEASURES: [(&str, Option<&str>, u64); 10] = [
    ("scan untraced", Some("its plan alone"), 500),
    ("scan traced", Some("its spans through the SDK"), 500),
    ("scan traced through the SDK", Some("its spans through the SDK"), 500),
    ("grid of motors that accelerate, a camera", Some("grid of axes that are there at once"), 10),
    ("null messages", Some("their plan alone"), 5_000),
    ("sleeps", Some("yields"), 5_000),
    ("captured spans read", Some("exported spans read"), 500),
    ("harnesses", None, 10),
    ("cases with all laws", Some("their plans on a bare engine"), 20),
    ("cases without a law", Some("their plans on a bare engine"), 20),
];

/// What is done so many times.
type Workload = fn(u64);

/// A workload does its turns in one process: points of a scan, rows of a hundred points, points whose spans are read, cases of a search.
pub(crate) const WORKLOADS: [(&str, Workload); 17] = [
    ("scan untraced", |points| scan(points, |builder| builder)),
    ("its plan alone", |points| {
        let (motor, det) = axis_and_detector();
        step_through(plans::scan(&det, &motor, 0, 10, points).into());
    }),
    ("scan traced", |points| scan(points, |builder| builder.provider(&Capture::new().direct_provider()))),
    ("scan traced through the SDK", |points| scan(points, |builder| builder.provider(&Capture::new().provider()))),
    ("its spans through the SDK", |points| {
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter).build();
        let (motor, det) = axis_and_detector();
        let spans = the_same_spans(&motor, &det, points);
        counted(&mut || make_again(&spans, &provider));
    }),
    ("grid of motors that accelerate, a camera", |rows| {
        let lab = Harness::new();
        let slow = lab.add(SimMotor::new("slow").velocity(5.0).acceleration_time_s(0.1).backlash(0.01));
        let fast = lab.add(SimMotor::new("fast").velocity(2.0).acceleration_time_s(0.1));
        let diode = SimDetector::new("diode").exposure_s(0.04).rate(1e5).looks_at(&fast, gaussian_peak(2.5, 0.5));
        let detectors = [lab.add(diode), lab.add(SimCamera::new("camera").exposure_s(0.02).frames(2))];
        grid(rows, &lab, &detectors, &slow, &fast);
    }),
    ("grid of axes that are there at once", |rows| {
        let lab = Harness::new();
        let [slow, fast] = ["motor1", "motor2"].map(|name| lab.device(name));
        grid(rows, &lab, &[lab.device("det4")], &slow, &fast);
    }),
    ("null messages", |count| {
        let clock = Clock::simulated();
        let mut engine = RunEngine::builder(clock.clone()).build();
        counted(&mut || drop(black_box(clock.block_on(engine.run(nulls(count))))));
    }),
    ("their plan alone", |count| step_through(nulls(count))),
    ("sleeps", |count| {
        let clock = Clock::simulated();
        counted(&mut || {
            let sleeping = async {
                for _ in 0..count {
                    clock.sleep(Duration::from_nanos(333)).await;
                }
            };
            drop(clock.block_on(sleeping));
        });
    }),
    ("yields", |count| {
        let clock = Clock::simulated();
        counted(&mut || {
            let yielding = async {
                for _ in 0..count {
                    tokio::task::yield_now().await;
                }
            };
            drop(clock.block_on(yielding));
        });
    }),
    ("captured spans read", |points| {
        let (motor, det) = axis_and_detector();
        let capture = Capture::new();
        make_again(&the_same_spans(&motor, &det, points), &capture.direct_provider());
        let mut read = None;
        counted(&mut || {
            let trace = capture.trace();
            black_box((trace.roots().len(), trace.named("Bluesky RunEngine set").len()));
            read = Some(trace);
        });
    }),
    ("exported spans read", |points| {
        let (motor, det) = axis_and_detector();
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        make_again(&the_same_spans(&motor, &det, points), &provider);
        let mut read = None;
        counted(&mut || read = Some(exporter.get_finished_spans()));
    }),
    ("harnesses", |count| counted(&mut || (0..count).for_each(|_| drop(black_box(Harness::new()))))),
    ("cases with all laws", |cases| search(cases, laws::all())),
    ("cases without a law", |cases| search(cases, Law::all([]))),
    ("their plans on a bare engine", |cases| {
        let programs = programs(cases);
        let mut bare = BareEngine::of(&programs);
        counted(&mut || programs.iter().for_each(|program| bare.run(program)));
    }),
];

/// All that is counted is done in here.
#[inline(never)]
fn counted(part: &mut dyn FnMut()) {
    black_box(part)();
}

fn scan(points: u64, traced: impl FnOnce(RunEngineBuilder) -> RunEngineBuilder) {
    let (motor, det) = axis_and_detector();
    let clock = Clock::simulated();
    let mut engine = traced(RunEngine::builder(clock.clone())).build();
    counted(&mut || drop(black_box(clock.block_on(engine.run(plans::scan(&det, &motor, 0, 10, points))))));
}

fn search(cases: u64, laws: Law) {
    let campaign = Campaign::new(SEED, laws).up_to(LENGTH);
    counted(&mut || drop(black_box(campaign.run(&CampaignLimits::cases(cases)))));
}

fn grid(rows: u64, lab: &Harness, detectors: &[Device], slow: &Device, fast: &Device) {
    let plan = plans::grid_scan(detectors, slow, 0.0, 9.9, rows).with(fast, 0.0, 4.95, 100);
    let (mut plan, mut outcome) = (Some(plan), None);
    counted(&mut || outcome = plan.take().map(|plan| lab.run(plan)));
}

fn nulls(count: u64) -> Plan {
    plan(async move |p| {
        for _ in 0..count {
            p.null().await?;
        }
        Ok(())
    })
}

/// Answers every message of a plan with nothing.
fn step_through(mut plan: Plan) {
    let env = Arc::new(PlanEnv::detached());
    counted(&mut || {
        while let Resumed::Yield(msg) = plan.resume(&env, Ok(Response::None)) {
            black_box(&msg);
        }
    });
}
