//! A program that knows nothing of tests, and tests that run beside each other: what tests of the capture begin with.

use std::sync::Barrier;

use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{Span as _, Tracer as _};
use skyspan_trace::trace::Trace;
use tokio::runtime::{Builder, Runtime};

/// The tracer of a program that knows nothing of tests.
#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
pub(crate) fn tracer() -> BoxedTracer {
    global::tracer("app")
}

/// Starts a span of the program and ends it.
pub(crate) fn emit(name: &'static str) {
    tracer().start(name).end();
}

/// The names of all spans, in the order of the alphabet.
pub(crate) fn names(trace: &Trace) -> Vec<&str> {
    let mut names: Vec<&str> = trace.spans().map(|span| span.span().name()).collect();
    names.sort_unstable();
    names
}

pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// Runs a test so many times at once, each on a thread of its own. Each is given its number, and where all of them wait for each
/// other.
pub(crate) fn at_once(tests: usize, test: impl Fn(usize, &Barrier) + Sync) {
    let all_there = Barrier::new(tests);
    let (all_there, test) = (&all_there, &test);
    std::thread::scope(|threads| {
        for number in 0..tests {
            threads.spawn(move || test(number, all_there));
        }
    });
}
