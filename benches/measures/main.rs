//! The design's measures, each beside its counterpart, and the ratios of the two.
//!
//! Absolute times are those of the machine; what counts is the ratio of two benchmarks of one run, which is printed at
//! the end.

mod engine;
mod median;
mod memory;
mod router;
mod spans;
mod traces;

use criterion::Criterion;

use engine::{GRID_SIDE, NULLS, POINTS, SLEEPS};
use median::median_ns;
use router::ROUTED_SPANS;
use traces::{CAUGHT_SPANS, PATTERN_SPANS, QUERIED_SPANS, QUERIES};

fn main() {
    // First, for later there would be memory to take that others have given back.
    memory::memory();
    let mut criterion = Criterion::default().configure_from_args();
    engine::null_messages(&mut criterion);
    engine::scans(&mut criterion);
    engine::grids(&mut criterion);
    engine::sleeps(&mut criterion);
    traces::captured_spans(&mut criterion);
    traces::tree_pattern(&mut criterion);
    traces::queries(&mut criterion);
    router::routed_spans(&mut criterion);
    criterion.final_summary();
    ratios();
}

/// Prints the ratio of each benchmark to its counterpart, and how many a second that is.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratios() {
    let rows = [
        ("null messages", "engine", "plan alone", NULLS),
        ("scan", "traced", "the same spans through the SDK alone", POINTS),
        ("scan", "traced through the SDK", "the same spans through the SDK alone", POINTS),
        ("scan", "traced", "the same spans pushed on a list", POINTS),
        ("scan", "untraced", "plan alone", POINTS),
        ("grid", "motors that accelerate, a camera", "axes that are there at once", GRID_SIDE * GRID_SIDE),
        ("grid", "estimated", "axes that are there at once", GRID_SIDE * GRID_SIDE),
        ("simulated sleeps", "sleep", "yield to the runtime", SLEEPS),
        ("tree pattern", "in any order", "the SDK's exporter", PATTERN_SPANS),
        ("tree pattern", "in order", "the SDK's exporter", PATTERN_SPANS),
        ("tree pattern", "repeated", "the SDK's exporter", PATTERN_SPANS),
        ("routed spans", "by the thread", "the SDK's exporter", ROUTED_SPANS),
        ("routed spans", "by the thread, among a hundred", "the SDK's exporter", ROUTED_SPANS),
        ("routed spans", "by the runtime, among a hundred", "the SDK's exporter", ROUTED_SPANS),
        ("captured spans", "indexed", "the SDK's exporter", CAUGHT_SPANS),
        ("captured spans", "converted and indexed", "the SDK's exporter", CAUGHT_SPANS),
        ("captured spans", "every with a child", "the SDK's exporter", CAUGHT_SPANS),
    ];
    let queries = QUERIES.map(|(name, _)| ("queries", name, "linear scan", QUERIED_SPANS));
    for (group, one, other, count) in rows.into_iter().chain(queries) {
        if let (Some(one_ns), Some(other_ns)) = (median_ns(group, one), median_ns(group, other)) {
            let rate = count as f64 / one_ns * 1e9;
            println!("{group}: {one} / {other} = {:.2}   ({one}: {rate:.0} a second)", one_ns / other_ns);
        }
    }
}
