//! The expectation that describes a trace, as code that compiles.

use skyspan_trace::expect::{between, bless, event, link_elsewhere, link_to};
use skyspan_trace::trace::{Attributes, Event, Link};

use super::*;

const SECOND: u64 = 1_000_000_000;

/// With `salt` in all that is another in each run.
fn scan(salt: u64) -> Trace {
    let start = 1_718_700_056 * SECOND + salt;
    let made = |name, id, parent, after, duration| made(name, id, parent, start + after, duration);
    let group = format!("set-{salt:06x}");
    let uid = format!("{salt:08x}-0000-4000-8000-000000000001");
    let raised = Event::new("exception", Timestamp::from_unix_ns(start + 7)).with_attributes(Attributes::from_iter([
        ("exception.type", "FailedStatus"),
        ("exception.stacktrace", "line 7"),
    ]));
    Trace::from_spans([
        made("Bluesky RunEngine wait", 5, 2, 2, 1_000).build(),
        Span::builder("Ophyd Status")
            .trace_id(1)
            .span_id(4)
            .parent_id(3)
            .start(Timestamp::from_unix_ns(start + 1))
            .attribute("start_time", 1_718_700_056.5)
            .attribute("target", 5.0)
            .attribute("text", "a \"quoted\"\nline")
            .attribute("large", 5_000_000_000_i64)
            .attribute("mixed", [Value::from(1), "a".into(), Value::Null])
            .attribute("none", Vec::<Value>::new())
            .attribute("map", Map::from_iter([("a", Value::from([1, 2]))]))
            .attribute("uids", [uid.as_str()])
            .link(Link::new(1, 2))
            .link(Link::new(9, 9))
            .build(),
        made("Bluesky RunEngine set", 3, 2, 1, 0)
            .attribute("msg.args", [5])
            .attribute("msg.obj", format!("<Motor at 0x7f{salt:010x}>"))
            .attribute("group", group.as_str())
            .attribute("msg.kwargs", format!(r#"{{"group": "{group}"}}"#))
            .build(),
        made("demo plan", 2, 0, 0, 3 * SECOND).kind(SpanKind::Client).build(),
        made("Bluesky RunEngine run", 1, 0, 0, 3 * SECOND)
            .attribute("run.uid", uid.as_str())
            .attribute("exit_status", "fail")
            .attribute("reason", "")
            .status(Status::error("beam lost"))
            .event(raised)
            .build(),
    ])
}

#[test]
fn the_code_is_as_it_stands_in_a_file_that_compiles() {
    assert_eq!(bless(&scan(7)).with_durations().to_string(), include_str!("blessed_scan.rs"));
}

#[test]
fn the_code_is_met_by_the_trace_and_by_the_next_run() {
    for salt in [7, 8] {
        let blessed = include!("blessed_scan.rs");
        passes(blessed, &scan(salt));
    }
    let other = Trace::from_spans(scan(7).spans().take(4).map(|span| span.span().clone()));
    fails(include!("blessed_scan.rs"), &other);
}

#[test]
fn an_empty_trace_has_code_too() {
    assert_eq!(Trace::default().to_expectation_code(), "forest([\n])\n");
    passes(forest([]), &Trace::default());
}

#[test]
fn a_long_chain_has_code() {
    let chain: Trace = (1..=1_000).map(|id| made("a", id, id - 1, 0, 1).build()).collect();
    assert_eq!(chain.to_expectation_code().lines().count(), 2 + 2 * 999 + 1);
}
