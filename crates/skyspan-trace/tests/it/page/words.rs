//! The words that the page gives for spans, as the browser test has copied them: they compile, are read, and hold.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan_trace::expect::prelude::*;
use skyspan_trace::query::Query;
use skyspan_trace::trace::Trace;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn recorded() -> Trace {
    Trace::read(format!("{ROOT}/fixtures/recordings/grid_scan/spans.json")).unwrap()
}

fn of_services() -> Trace {
    Trace::read(format!("{ROOT}/crates/skyspan-trace/page/test/service.json")).unwrap()
}

#[test]
fn the_words_for_rust_hold() {
    let trace = recorded();
    include!("words/recorded.rs");
    let trace = of_services();
    include!("words/service.rs");
}

#[test]
fn the_queries_find_their_spans() {
    for (trace, words) in
        [(recorded(), include_str!("words/recorded.traceql")), (of_services(), include_str!("words/service.traceql"))]
    {
        for line in words.lines() {
            let (id, query) = line.split_once(' ').unwrap();
            let query: Query = query.parse().unwrap_or_else(|error| panic!("{query}: {error}"));
            let answer = query.answer(&trace).unwrap();
            assert!(answer.spans().any(|span| span.span_id().to_string() == id), "{line}");
        }
    }
}

#[cfg(feature = "check")]
#[test]
fn the_items_for_check_files_hold() {
    use skyspan_trace::check::CheckFile;
    for (trace, words) in [
        (recorded(), include_str!("words/recorded.check.yaml")),
        (of_services(), include_str!("words/service.check.yaml")),
    ] {
        let file = CheckFile::parse(words).unwrap();
        trace.assert(file);
    }
}
