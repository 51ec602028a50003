//! How fast a campaign goes through its cases, beside a bare engine that runs the same plans.
//!
//! Absolute times are those of the machine; what counts is the ratio of the two, message by message, which is printed at the end,
//! with how many cases a minute that is.

#[path = "measures/cases.rs"]
mod cases;
#[path = "measures/median.rs"]
mod median;

use criterion::{Criterion, Throughput};
use skyspan::harness::{Decision, Harness};
use skyspan::property::{Campaign, CampaignLimits, Coverage, GeneratedPlan, Law, laws};

use cases::{BareEngine, LENGTH, RESUMED_AT_MOST, SEED, furnish, programs};
use median::median_ns;

/// How many cases are gone through in one measurement.
const CASES: u64 = 400;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let examined = campaign(&mut criterion);
    let bare = bare_engine(&mut criterion);
    criterion.final_summary();
    ratios(&examined, bare);
}

/// The search, with all laws, with one, and with none; on one thread, and with all laws on two.
fn campaign(criterion: &mut Criterion) -> Coverage {
    let mut group = criterion.benchmark_group("campaign");
    group.throughput(Throughput::Elements(CASES)).sample_size(10);
    for (name, laws, jobs) in [
        ("all laws", laws::all(), 1),
        ("one law", laws::engine_is_idle(), 1),
        ("no law", Law::all([]), 1),
        ("all laws on two threads", laws::all(), 2),
    ] {
        let campaign = Campaign::new(SEED, laws).up_to(LENGTH);
        let limits = CampaignLimits::cases(CASES).jobs(jobs);
        group.bench_function(name, |bencher| bencher.iter(|| campaign.run(&limits)));
    }
    group.finish();
    Campaign::new(SEED, laws::all()).up_to(LENGTH).run(&CampaignLimits::cases(CASES)).coverage
}

/// The same plans, undisturbed: on one engine without spans, and each in a new harness without spans. Gives how many messages that
/// is.
fn bare_engine(criterion: &mut Criterion) -> u64 {
    let programs = programs(CASES);
    let mut bare = BareEngine::of(&programs);
    let mut group = criterion.benchmark_group("campaign");
    group.throughput(Throughput::Elements(CASES)).sample_size(10);
    group.bench_function("bare engine", |bencher| {
        bencher.iter(|| programs.iter().for_each(|program| bare.run(program)));
    });
    group.bench_function("new harnesses", |bencher| {
        bencher.iter(|| programs.iter().map(|program| in_new_harness(program).len()).sum::<usize>());
    });
    group.finish();
    programs.iter().map(|program| in_new_harness(program).len() as u64).sum()
}

fn in_new_harness(program: &GeneratedPlan) -> Vec<skyspan::message::Msg> {
    let lab = Harness::builder().untraced().build();
    furnish(&lab, program);
    lab.on_pause(std::iter::repeat_n(Decision::resume(), RESUMED_AT_MOST).chain([Decision::halt()]));
    lab.run(program.plan(&lab)).messages().to_vec()
}

/// Prints how long a message takes in the search, beside a message of the same plans on a bare engine, and how many cases a minute
/// that is.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratios(examined: &Coverage, bare: u64) {
    let per_case = examined.messages as f64 / examined.cases as f64;
    println!("{per_case:.1} messages a case in the campaign, {:.1} undisturbed", bare as f64 / CASES as f64);
    let per_message_ns = |name: &str, messages: u64| Some(median_ns("campaign", name)? / messages as f64);
    let Some(bare_ns) = per_message_ns("bare engine", bare) else { return };
    println!("bare engine: {bare_ns:.0} ns a message");
    if let Some(ns) = per_message_ns("new harnesses", bare) {
        println!("new harnesses / bare engine = {:.2}", ns / bare_ns);
    }
    for name in ["no law", "one law", "all laws", "all laws on two threads"] {
        let Some(ns) = per_message_ns(name, examined.messages) else { continue };
        let cases_per_min = 60e9 / (ns * per_case);
        println!("{name} / bare engine = {:.2}   ({cases_per_min:.0} cases a minute)", ns / bare_ns);
    }
}
