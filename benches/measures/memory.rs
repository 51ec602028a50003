//! How much memory the spans of a scan take.

use opentelemetry_sdk::trace::{InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::trace::Capture;

use super::engine::POINTS;
use super::spans::{axis_and_detector, make_again, the_same_spans};

const MEMORY_ROUNDS: u64 = 20;

/// Prints how much memory a captured span of a scan takes, beside one in the SDK's exporter; on Linux, which tells it.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
pub(crate) fn memory() {
    let (motor, det) = axis_and_detector();
    let spans = the_same_spans(&motor, &det, POINTS);
    let Some(before) = resident_bytes() else { return };
    let capture = Capture::new();
    let provider = capture.direct_provider();
    (0..MEMORY_ROUNDS).for_each(|_| make_again(&spans, &provider));
    let Some(captured) = resident_bytes() else { return };
    let exporter = InMemorySpanExporterBuilder::new().build();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    (0..MEMORY_ROUNDS).for_each(|_| make_again(&spans, &provider));
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
