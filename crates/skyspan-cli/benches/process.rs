//! How long the program takes for the documentation's example, as a whole process, beside one that only prints its version.
//!
//! Absolute times are those of the machine; what counts is the ratio, which is printed at the end.

#[path = "../../../benches/measures/median.rs"]
mod median;

use criterion::Criterion;

use median::median_ns;

const GROUP: &str = "whole process";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    whole_process(&mut criterion);
    criterion.final_summary();
    ratio();
}

fn whole_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(GROUP);
    let skyspan = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"));
        command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        command.output().map(|output| output.stdout.len())
    };
    group.bench_function("tracing_demo", |bencher| {
        bencher.iter(|| skyspan(&["run", "fixtures/plans/tracing_demo.yaml"]));
    });
    group.bench_function("--version", |bencher| bencher.iter(|| skyspan(&["--version"])));
    group.finish();
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratio() {
    if let (Some(example), Some(version)) = (median_ns(GROUP, "tracing_demo"), median_ns(GROUP, "--version")) {
        println!("{GROUP}: tracing_demo / --version = {:.2}", example / version);
    }
}
