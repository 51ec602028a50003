//! Where the time of a trace goes.

use std::time::Duration;

use serde_json::json;
use skyspan_trace::compare::BetweenKind;
use skyspan_trace::trace::{Resource, Span, Status, Trace};
use skyspan_trace::value::Timestamp;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_000_000_000 + ms * 1_000_000)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn span(name: &str, id: u64, parent: u64, from_ms: u64, to_ms: u64) -> Span {
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(from_ms)).end(at(to_ms)).build()
}

#[test]
fn spans_are_summed_up_by_name_and_device() {
    let status = |id, device: &str, to_ms| {
        Span::builder("Ophyd Status").span_id(id).start(at(0)).end(at(to_ms)).attribute("device_name", device).build()
    };
    let trace = Trace::from_spans((1..=20_u64).map(|id| status(id, "x", id)).chain([status(30, "y", 100)]));
    let statistics = trace.statistics();
    let x = statistics.groups.iter().find(|group| group.device() == Some("x")).unwrap();
    assert_eq!((x.name(), x.count), (Some("Ophyd Status"), 20));
    let times = x.times;
    assert_eq!((times.total, times.min, times.p50, times.p95, times.max), (ms(210), ms(1), ms(10), ms(19), ms(20)));
    assert_eq!((x.self_time, x.share), (ms(210), 2.1));
    assert_eq!(statistics.duration, ms(100));
}

#[test]
fn what_never_ended_and_what_failed_is_counted() {
    let trace = Trace::from_spans([
        span("work", 1, 0, 0, 10),
        Span::builder("work").span_id(2).start(at(5)).build(),
        Span::builder("work").span_id(3).start(at(5)).end(at(6)).status(Status::error("no")).build(),
        Span::builder("work").span_id(4).start(at(9)).end(at(8)).build(),
    ]);
    let group = &trace.statistics().groups[0];
    assert_eq!((group.count, group.open, group.failed), (4, 1, 1));
    assert_eq!((group.times.total, group.times.min), (ms(11), ms(0)));
}

#[test]
fn spans_are_summed_up_by_what_is_asked_for() {
    let of = |id, service: &str, code: i64| {
        Span::builder("call")
            .span_id(id)
            .start(at(0))
            .end(at(10))
            .attribute("code", code)
            .resource(Resource::new(json!({"service.name": service, "code": "resource"})))
            .build()
    };
    let trace = Trace::from_spans([of(1, "a", 200), of(2, "a", 500), of(3, "b", 200)]);
    let keys = |by: &[&str]| {
        let statistics = trace.statistics_by(by.iter().copied());
        let mut rows: Vec<String> = statistics
            .groups
            .iter()
            .map(|group| {
                group.key.iter().map(|(_, value)| value.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ")
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(keys(&["service.name"]), ["a", "b"]);
    assert_eq!(keys(&["resource.service.name", "span.code"]), ["a 200", "a 500", "b 200"]);
    assert_eq!(keys(&["code"]), ["200", "500"]);
    assert_eq!(keys(&["resource.code", "name", "kind", "status", "device"]), ["resource call internal unset -"]);
    assert_eq!(keys(&["nothing"]), ["-"]);
}

/// A run of two sections in bluesky's convention, with a pause in the second.
fn two_sections() -> Trace {
    let wait = |id, parent, from_ms, to_ms, group: &str| {
        Span::builder("Bluesky RunEngine wait")
            .trace_id(2)
            .span_id(id)
            .parent_id(parent)
            .start(at(from_ms))
            .end(at(to_ms))
            .attribute("group", group)
            .build()
    };
    let status = |id, device: &str, from_ms, to_ms| {
        let builder =
            Span::builder("Ophyd Status").trace_id(2).span_id(id).parent_id(20).start(at(from_ms)).end(at(to_ms));
        builder.attribute("device_name", device).build()
    };
    let run = Span::builder("Bluesky RunEngine run").trace_id(1).span_id(1).start(at(100)).end(at(1_100));
    Trace::from_spans([
        status(21, "cam", 200, 500),
        wait(22, 20, 200, 500, "trigger-aaaaaa"),
        status(23, "cam", 600, 900),
        wait(24, 20, 600, 700, "trigger-bbbbbb"),
        status(25, "cam", 900, 1_000),
        wait(26, 20, 900, 1_000, "trigger-cccccc"),
        Span::builder("align").trace_id(2).span_id(20).start(at(150)).end(at(1_050)).build(),
        run.attribute("exit_status", "success").attribute("msg.kwargs", r#"{"plan_name": "align"}"#).build(),
        Span::builder("Bluesky RunEngine set").trace_id(3).span_id(30).start(at(0)).end(at(20)).build(),
    ])
}

#[test]
fn a_run_has_its_waits_and_what_is_between() {
    let statistics = two_sections().statistics();
    let [run] = &statistics.runs[..] else { panic!("{:?}", statistics.runs) };
    assert_eq!((run.plan.as_deref(), run.exit_status.as_deref()), (Some("align"), Some("success")));
    assert_eq!((run.at, run.duration, run.waits, run.waiting), (ms(100), ms(1_000), 3, ms(500)));
    assert_eq!(run.between, ms(500));
    assert_eq!(run.held[0].by.to_string(), "cam trigger");
    assert!(statistics.waits.iter().all(|wait| wait.run == Some(0)));
}

#[test]
fn a_section_has_its_waits() {
    let statistics = two_sections().statistics();
    let [section] = &statistics.sections[..] else { panic!("{:?}", statistics.sections) };
    assert_eq!((section.name.as_str(), section.count, section.times.total), ("align", 1, ms(900)));
    assert_eq!((section.waits, section.waiting), (3, ms(500)));
    assert_eq!((section.held[0].waits, section.held[0].time), (2, ms(400)));
}

#[test]
fn what_is_between_messages_is_told_from_interruptions_and_from_what_is_outside_of_runs() {
    let between = two_sections().statistics().between;
    let rows: Vec<_> = between.iter().map(|it| (it.kind, it.count, it.times.total, it.longest_at)).collect();
    assert_eq!(
        rows,
        [
            (BetweenKind::Messages, 3, ms(300), ms(100)),
            (BetweenKind::Interruption, 1, ms(200), ms(700)),
            (BetweenKind::Runs, 1, ms(80), ms(20)),
        ]
    );
}

#[test]
fn a_trace_of_no_engine_has_what_is_without_a_span_and_no_sections() {
    let statistics =
        Trace::from_spans([span("a", 1, 0, 0, 10), span("b", 2, 0, 25, 30), span("c", 3, 2, 26, 50)]).statistics();
    assert_eq!((statistics.sections.len(), statistics.runs.len(), statistics.waits.len()), (0, 0, 0));
    let [gap] = &statistics.between[..] else { panic!("{:?}", statistics.between) };
    assert_eq!((gap.kind, gap.count, gap.times.total, gap.share), (BetweenKind::Spans, 1, ms(15), 0.3));
}

#[test]
fn no_spans_have_no_time() {
    let statistics = Trace::default().statistics();
    assert_eq!((statistics.start, statistics.duration, statistics.spans), (None, Duration::ZERO, 0));
    assert_eq!(statistics.to_string(), "0 s, 0 spans\n");
    // Nobody knows when this one started.
    let unknown = Trace::from_spans([Span::builder("a").end(at(5)).unknown_start().build()]).statistics();
    assert_eq!((unknown.groups[0].count, unknown.groups[0].times.total), (1, Duration::ZERO));
}

#[test]
fn programs_get_times_in_nanoseconds() {
    let statistics = serde_json::to_value(two_sections().statistics()).unwrap();
    assert_eq!((&statistics["version"], &statistics["duration_ns"]), (&json!(1), &json!(1_100_000_000)));
    assert_eq!(statistics["start"], json!("1970-01-01T00:00:01.000000000Z"));
    assert_eq!(statistics["held"][0]["kind"], json!("status"));
    assert_eq!(statistics["held"][0]["device"], json!("cam"));
    assert_eq!(statistics["held"][0]["time_ns"], json!(400_000_000));
    assert_eq!(statistics["groups"][0]["key"][0], json!(["name", "Bluesky RunEngine run"]));
    assert_eq!(statistics["groups"][0]["p95_ns"], json!(1_000_000_000));
    assert_eq!(statistics["waits"][1]["end"], json!({"kind": "interrupted", "devices": ["cam"]}));
    assert_eq!(statistics["between"][1]["kind"], json!("interruption"));
    assert_eq!(statistics["runs"][0]["between_ns"], json!(500_000_000));
}

#[test]
fn tables_are_eighty_columns_wide_whatever_names_there_are() {
    let long = "a.name.that.does.not.end.".repeat(8);
    let wide = Trace::from_spans((1..=60_u64).map(|id| {
        let name = if id % 2 == 0 { format!("{long}{id}") } else { format!("line\nbreak {id}") };
        let builder =
            Span::builder(name).span_id(id).start(at(0)).end(Timestamp::from_unix_ns(1_000_000_000 + id * 1_234_567));
        builder.attribute("device_name", long.as_str()).build()
    }));
    for trace in [wide, two_sections()] {
        let text = trace.statistics().to_string();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
        }
    }
}

#[test]
fn tables_count_columns_and_not_characters() {
    let wide = "測定する装置の名前はとても長いので表には入りきらない".repeat(2);
    let trace = Trace::from_spans([
        Span::builder(wide).span_id(1).start(at(0)).end(at(5)).attribute("device_name", "検出器").build(),
        span("set", 2, 0, 5, 10),
    ]);
    let table = trace.statistics().to_string();
    let columns = |line: &str| line.chars().map(|c| if c.is_ascii() || c == '…' { 1 } else { 2 }).sum::<usize>();
    let rows: Vec<&str> = table.lines().filter(|line| line.contains("ms")).skip(1).collect();
    assert_eq!(rows.len(), 2, "{table}");
    assert!(rows.iter().all(|row| columns(row) <= 80 && columns(row) == columns(rows[0])), "{table}");
    assert!(rows.iter().any(|row| row.contains('…') && row.contains("検出器")), "{table}");
}
