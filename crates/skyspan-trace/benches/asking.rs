//! What is asked of large traces, beside a loop over the spans that answers the same: queries and checks over 1,000,000 spans, and the
//! difference of two traces of 100,000, beside sorting both. What counts is the ratio; the two are run in turn, and of each the
//! shortest time counts, so that what others do on the machine lengthens neither alone.
//!
//!     cargo bench -p skyspan-trace --features check --bench asking

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use skyspan_trace::check::CheckFile;
use skyspan_trace::compare::{DiffOptions, TraceDiff};
use skyspan_trace::query::Query;
use skyspan_trace::trace::{Span, Trace};
use skyspan_trace::value::Timestamp;

const SPANS: u64 = 1_000_000;
const DIFFERING: u64 = 100_000;
/// Each is run so many times.
const TURNS: usize = 3;

/// Runs of a scan: a hundred spans a trace id, of which a third are statuses below their `set`.
fn scans(spans: u64, delay_us: u64) -> Trace {
    let span = |at: u64| {
        let trace_id = u128::from(at / 100 + 1);
        let start_ns = at * 1_000_000;
        let (name, took_us) = match at % 3 {
            0 => ("Bluesky RunEngine set", 20),
            1 => ("Ophyd Status", 500 + at % 7 * 100 + delay_us),
            _ => ("Bluesky RunEngine wait", 700),
        };
        let span = Span::builder(name).trace_id(trace_id).span_id(at + 1).start(Timestamp::from_unix_ns(start_ns));
        let span = span.end(Timestamp::from_unix_ns(start_ns + took_us * 1_000));
        match at % 3 {
            1 if !at.is_multiple_of(100) => span
                .parent_id(at)
                .attribute("device_name", if at.is_multiple_of(2) { "stage" } else { "table" })
                .attribute("target", at as f64),
            _ => span.attribute("msg.command", "set").attribute("nth", at as i64),
        }
        .build()
    };
    (0..spans).map(span).collect()
}

/// The shortest of some times of both.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real time")]
fn shortest(mut ours: impl FnMut(), mut theirs: impl FnMut()) -> (Duration, Duration) {
    let time = |of: &mut dyn FnMut()| {
        let begun = Instant::now();
        of();
        begun.elapsed()
    };
    let mut both = (Duration::MAX, Duration::MAX);
    for _ in 0..TURNS {
        both = (both.0.min(time(&mut ours)), both.1.min(time(&mut theirs)));
    }
    both
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn tell(what: &str, counterpart: &str, (ours, theirs): (Duration, Duration)) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{what:44} {:>9.1} ms  {:>6.2} × {counterpart} ({:.1} ms)", ms(ours), ms(ours) / ms(theirs), ms(theirs));
}

fn main() {
    let trace = scans(SPANS, 0);
    // The tree is worked out once, and belongs to neither.
    black_box(trace.roots().len());
    let is_slow = |span: &Span| {
        span.name() == "Ophyd Status" && span.duration().is_some_and(|took| took > Duration::from_micros(900))
    };
    let of_stage = |span: &Span| {
        span.name() == "Ophyd Status" && span.attr("device_name").and_then(|name| name.as_str()) == Some("stage")
    };
    let loops: [(&str, &dyn Fn() -> usize); 4] = [
        (r#"{ name = "Ophyd Status" && duration > 900us }"#, &|| {
            trace.spans().filter(|span| is_slow(span.span())).count()
        }),
        (r#"{ span.device_name = "stage" }"#, &|| trace.spans().filter(|span| of_stage(span.span())).count()),
        (r#"{ name = "Bluesky RunEngine set" } > { name = "Ophyd Status" }"#, &|| {
            let is_set = |span: skyspan_trace::trace::SpanRef<'_>| span.name() == "Bluesky RunEngine set";
            trace.named("Ophyd Status").filter(|span| span.parent().is_some_and(is_set)).count()
        }),
        (r#"{ span.device_name = "stage" } | count() > 5"#, &|| {
            let mut by_trace: BTreeMap<u128, usize> = BTreeMap::new();
            for span in trace.spans().filter(|span| of_stage(span.span())) {
                *by_trace.entry(u128::from_be_bytes(span.trace_id().to_bytes())).or_default() += 1;
            }
            by_trace.values().filter(|number| **number > 5).sum()
        }),
    ];
    for (text, by_hand) in loops {
        let query: Query = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = || query.answer(&trace).map_or(0, |answer| answer.span_count());
        assert_eq!(found(), by_hand(), "{text}");
        tell(text, "a loop", shortest(|| _ = black_box(found()), || _ = black_box(by_hand())));
    }
    let text = "- {spans: '{ name = \"Ophyd Status\" }', each: {duration: ..=2 ms, ended: true}}";
    let file = CheckFile::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let holds = || file.check(&trace).is_ok_and(|report| report.holds());
    let by_hand = || {
        let statuses = trace.spans().filter(|span| span.name() == "Ophyd Status");
        statuses.filter(|span| span.duration().is_none_or(|took| took > Duration::from_millis(2))).count()
    };
    assert!(holds() && by_hand() == 0);
    tell("check: each {duration, ended}", "a loop", shortest(|| _ = black_box(holds()), || _ = black_box(by_hand())));
    let (before, after) = (scans(DIFFERING, 0), scans(DIFFERING, 50));
    let sorted = |trace: &Trace| {
        let mut all: Vec<_> = trace.spans().map(|span| (span.name().to_owned(), span.start(), span.end())).collect();
        all.sort_unstable();
        all.len()
    };
    let options = DiffOptions::new();
    let differ = || TraceDiff::of(std::slice::from_ref(&before), std::slice::from_ref(&after), &options).differs;
    tell(
        "diff of 100,000 and 100,000 spans",
        "sorting both by name and time",
        shortest(|| _ = black_box(differ()), || _ = black_box(sorted(&before) + sorted(&after))),
    );
}
