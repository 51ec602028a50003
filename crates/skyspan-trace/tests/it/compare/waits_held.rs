//! Who held each wait of a RunEngine.

use std::time::Duration;

use skyspan_trace::compare::{Holder, Statistics, WaitEnd};
use skyspan_trace::trace::{Event, Resource, Span, SpanBuilder, Trace};
use skyspan_trace::value::{Timestamp, Value};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Spans of bluesky's convention, by name, at milliseconds.
#[derive(Default)]
struct Recorded {
    spans: Vec<SpanBuilder>,
    next: u64,
}

impl Recorded {
    fn span(&mut self, name: &str, parent: u64, from_ms: u64, to_ms: Option<u64>) -> (u64, SpanBuilder) {
        self.next += 1;
        let at = |ms: u64| Timestamp::from_unix_ns(1_000_000_000 + ms * 1_000_000);
        let builder = Span::builder(name).trace_id(1).span_id(self.next).parent_id(parent).start(at(from_ms));
        (self.next, to_ms.into_iter().fold(builder, |builder, to_ms| builder.end(at(to_ms))))
    }

    fn status(&mut self, device: &str, parent: u64, from_ms: u64, to_ms: impl Into<Option<u64>>) -> &mut Self {
        let (_, span) = self.span("Ophyd Status", parent, from_ms, to_ms.into());
        self.push(span.attribute("device_name", device).attribute("status_type", "DeviceStatus"))
    }

    fn message(&mut self, command: &str, device: &str, group: &str, from_ms: u64) -> u64 {
        let (id, span) = self.span(&format!("Bluesky RunEngine {command}"), 0, from_ms, Some(from_ms));
        let kwargs = format!("{{\"group\": {group}}}");
        self.push(
            span.attribute("msg.obj", format!("Axis(prefix='', name='{device}')")).attribute("msg.kwargs", kwargs),
        );
        id
    }

    /// A `set` and its status.
    fn set(&mut self, device: &str, group: &str, from_ms: u64, to_ms: impl Into<Option<u64>>) -> &mut Self {
        let message = self.message("set", device, &format!("{group:?}"), from_ms);
        self.status(device, message, from_ms, to_ms)
    }

    fn wait(&mut self, group: &str, from_ms: u64, to_ms: impl Into<Option<u64>>) -> &mut Self {
        self.wait_with(group, from_ms, to_ms, "{}")
    }

    fn wait_with(&mut self, group: &str, from_ms: u64, to_ms: impl Into<Option<u64>>, kwargs: &str) -> &mut Self {
        let (_, span) = self.span("Bluesky RunEngine wait", 0, from_ms, to_ms.into());
        let span = span.attribute("msg.kwargs", kwargs);
        self.push(if group.is_empty() {
            span.attribute("no_group_given", true)
        } else {
            span.attribute("group", group)
        })
    }

    fn push(&mut self, span: SpanBuilder) -> &mut Self {
        self.spans.push(span);
        self
    }

    /// Changes the span that came last.
    fn but(&mut self, change: impl FnOnce(SpanBuilder) -> SpanBuilder) -> &mut Self {
        let last = self.spans.pop().expect("a span");
        self.push(change(last))
    }

    fn statistics(&mut self) -> Statistics {
        std::mem::take(&mut self.spans).into_iter().map(SpanBuilder::build).collect::<Trace>().statistics()
    }

    /// What ended each wait, as a line.
    fn ends(&mut self) -> Vec<String> {
        let shown = |end: &WaitEnd| match end {
            WaitEnd::Status { device, command, failed, alone, behind, then, .. } => {
                let command = command.as_deref().unwrap_or("?");
                let then = then.as_deref().map(|then| format!(", then {then}")).unwrap_or_default();
                let failed = if *failed { " failed" } else { "" };
                format!(
                    "{device} {command}{failed}: alone {} ms, behind {} ms{then}",
                    alone.as_millis(),
                    behind.as_millis()
                )
            }
            WaitEnd::AllHadEnded => "all had ended".to_owned(),
            WaitEnd::TimedOut { devices } => format!("timed out: {}", devices.join(", ")),
            WaitEnd::Interrupted { devices } => format!("interrupted: {}", devices.join(", ")),
            WaitEnd::Unknown => "unknown".to_owned(),
            WaitEnd::Never => "never".to_owned(),
            other => format!("{other:?}"),
        };
        self.statistics().waits.iter().map(|wait| shown(&wait.end)).collect()
    }
}

fn recorded() -> Recorded {
    Recorded::default()
}

#[test]
fn the_status_of_the_group_that_was_done_last_ended_it() {
    let ends = recorded().set("x", "a", 0, 700).set("y", "a", 0, 400).set("z", "b", 0, 650).wait("a", 0, 700).ends();
    assert_eq!(ends, ["x set: alone 300 ms, behind 0 ms, then y"]);
}

#[test]
fn what_was_done_before_the_wait_held_nothing() {
    let ends = recorded().set("x", "a", 0, 100).wait("a", 200, 200).wait("a", 300, 300).ends();
    assert_eq!(ends, ["all had ended", "all had ended"]);
    let ends = recorded().set("x", "a", 0, 100).set("y", "a", 0, 500).wait("a", 200, 500).ends();
    assert_eq!(ends, ["y set: alone 300 ms, behind 0 ms"]);
}

#[test]
fn triggers_without_a_span_are_found_by_time_and_called_as_the_group_says() {
    let ends = recorded().status("cam", 0, 0, 400).status("fluo", 0, 0, 500).wait("trigger-1a2b3c", 0, 500).ends();
    assert_eq!(ends, ["fluo trigger: alone 100 ms, behind 0 ms, then cam"]);
    // A group by a name of one's own says not what it was.
    let ends = recorded().status("cam", 0, 0, 400).wait("mine", 0, 400).ends();
    assert_eq!(ends, ["cam ?: alone 400 ms, behind 0 ms"]);
}

#[test]
fn a_trigger_that_goes_on_during_another_wait_is_left_to_its_own() {
    let ends = recorded()
        .status("cam", 0, 0, 900)
        .set("x", "set-1a2b3c", 0, 300)
        .wait("set-1a2b3c", 0, 300)
        .wait("trigger-1a2b3c", 300, 900)
        .ends();
    assert_eq!(ends, ["x set: alone 300 ms, behind 0 ms", "cam trigger: alone 600 ms, behind 0 ms"]);
    // Also where the names of groups say nothing, and it is done while that other wait is under way.
    let ends = recorded().status("cam", 0, 0, 200).set("x", "b", 0, 300).wait("b", 0, 300).wait("a", 300, 300).ends();
    assert_eq!(ends, ["x set: alone 300 ms, behind 0 ms", "all had ended"]);
}

#[test]
fn a_group_may_have_moves_and_triggers() {
    let ends = recorded().status("cam", 0, 0, 500).set("x", "both", 0, 300).wait("both", 0, 500).ends();
    assert_eq!(ends, ["cam ?: alone 200 ms, behind 0 ms, then x"]);
    let ends = recorded()
        .status("cam", 0, 0, 200)
        .set("x", "both", 0, 300)
        .wait("both", 0, 300)
        .status("cam", 0, 300, 400)
        .wait("trigger-aaaaaa", 300, 400)
        .ends();
    assert_eq!(ends, ["x set: alone 100 ms, behind 0 ms, then cam", "cam trigger: alone 100 ms, behind 0 ms"]);
}

#[test]
fn the_engine_hears_of_a_status_later_and_its_span_may_end_later_than_the_wait() {
    let ends = recorded().set("x", "a", 0, 700).wait("a", 0, 702).ends();
    assert_eq!(ends, ["x set: alone 700 ms, behind 2 ms"]);
    let ends = recorded().set("x", "a", 0, 701).wait("a", 0, 700).ends();
    assert_eq!(ends, ["x set: alone 700 ms, behind 0 ms"]);
}

#[test]
fn a_device_that_settles_is_under_way_until_it_has() {
    let ends =
        recorded().set("x", "a", 0, 500).but(|status| status.attribute("settle_time", 0.2)).wait("a", 0, 700).ends();
    assert_eq!(ends, ["x set: alone 700 ms, behind 0 ms"]);
}

#[test]
fn a_time_out_is_told_from_an_interruption() {
    let waits = || {
        let mut recorded = recorded();
        recorded.set("x", "a", 0, 900);
        recorded
    };
    let time_out = r#"{"group": "a", "timeout": 0.4}"#;
    assert_eq!(
        waits().wait_with("a", 0, 400, time_out).wait("a", 400, 900).ends(),
        ["timed out: x", "x set: alone 500 ms, behind 0 ms"]
    );
    let failed = Event::new("exception", Timestamp::from_unix_ns(2))
        .with_attributes([("exception.type", "bluesky.utils.WaitForTimeoutError")]);
    assert_eq!(waits().wait("a", 0, 400).but(|wait| wait.event(failed)).ends(), ["timed out: x"]);
    assert_eq!(waits().wait("a", 0, 400).ends(), ["interrupted: x"]);
    // One that never ends, either.
    assert_eq!(recorded().set("x", "a", 0, None).wait("a", 0, 400).ends(), ["interrupted: x"]);
    assert_eq!(waits().wait("a", 0, None).ends(), ["never"]);
}

#[test]
fn what_fails_ends_the_wait_for_the_others() {
    let ends = recorded()
        .set("x", "a", 0, 900)
        .set("y", "a", 0, 200)
        .but(|status| status.attribute("exception", "stalled"))
        .wait("a", 0, 200)
        .ends();
    assert_eq!(ends, ["y set failed: alone 200 ms, behind 0 ms"]);
    let ends = recorded()
        .set("x", "a", 0, 900)
        .set("y", "b", 0, 200)
        .but(|status| status.attribute("exception", "stalled"))
        .wait_with("a", 0, 200, r#"{"group": "a", "watch": ["b"]}"#)
        .ends();
    assert_eq!(ends, ["y set failed: alone 200 ms, behind 0 ms"]);
}

#[test]
fn several_statuses_of_one_message_are_one() {
    let mut recorded = recorded();
    let message = recorded.message("set", "pseudo", "\"a\"", 0);
    let ends = recorded
        .status("real1", message, 0, 500)
        .status("real2", message, 0, 499)
        .set("y", "a", 0, 100)
        .wait("a", 0, 500)
        .ends();
    assert_eq!(ends, ["pseudo set: alone 400 ms, behind 0 ms, then y"]);
}

#[test]
fn a_device_without_spans_of_its_statuses_is_found_where_it_is_the_only_one() {
    let mut recorded = recorded();
    recorded.message("set", "stage", "\"a\"", 0);
    recorded.wait("a", 0, 500);
    recorded.message("set", "stage", "\"b\"", 500);
    recorded.message("set", "table", "\"b\"", 500);
    recorded.wait("b", 500, 900).wait("trigger-1a2b3c", 900, 990);
    assert_eq!(recorded.ends(), ["stage set: alone 500 ms, behind 0 ms", "unknown", "unknown"]);
}

#[test]
fn groups_may_be_anything_and_none() {
    let mut recorded = recorded();
    let none = recorded.message("set", "x", "null", 0);
    recorded.status("x", none, 0, 100);
    let numbers = recorded.message("set", "y", "[1, 2]", 0);
    recorded.status("y", numbers, 0, 200).wait("", 0, 100);
    recorded.wait("", 100, 200).but(|wait| wait.attribute("group", Value::from_iter([1, 2])));
    assert_eq!(recorded.ends(), ["x set: alone 100 ms, behind 0 ms", "y set: alone 100 ms, behind 0 ms"]);
}

#[test]
fn a_flyer_is_kicked_off_and_completed() {
    let mut recorded = recorded();
    recorded.status("flyer", 0, 0, 300).wait("mine", 0, 300);
    let complete = recorded.message("complete", "flyer", "null", 300);
    recorded.status("flyer", complete, 300, 800).wait("", 300, 800);
    assert_eq!(
        recorded.ends(),
        ["flyer kickoff: alone 300 ms, behind 0 ms", "flyer complete: alone 500 ms, behind 0 ms"]
    );
}

#[test]
fn two_processes_in_one_file_have_nothing_to_do_with_each_other() {
    let mut recorded = recorded();
    recorded.status("cam", 0, 0, 400).status("eye", 0, 0, 300);
    recorded.but(|span| span.resource(Resource::new([("service.name", "other")])));
    recorded.wait("trigger-1a2b3c", 0, 400);
    recorded.wait("trigger-4a5b6c", 0, 300).but(|span| span.resource(Resource::new([("service.name", "other")])));
    assert_eq!(recorded.ends(), ["cam trigger: alone 400 ms, behind 0 ms", "eye trigger: alone 300 ms, behind 0 ms"]);
}

#[test]
fn what_held_waits_is_summed_up_by_device_and_by_what_it_did() {
    let mut recorded = recorded();
    for point in 0..3 {
        let at = point * 1_200;
        recorded.set("x", "set-1a2b3c", at, at + 700).wait("set-1a2b3c", at, at + 700);
        recorded.status("cam", 0, at + 700, at + 1_100).status("fluo", 0, at + 700, at + 1_200);
        recorded.wait("trigger-1a2b3c", at + 700, at + 1_200);
    }
    let statistics = recorded.statistics();
    let rows: Vec<_> = statistics
        .held
        .iter()
        .map(|held| (held.by.to_string(), held.statuses, held.waits, held.time, held.alone))
        .collect();
    assert_eq!(
        rows,
        [
            ("x set".to_owned(), 3, 3, ms(2_100), ms(2_100)),
            ("fluo trigger".to_owned(), 3, 3, ms(1_500), ms(300)),
            ("cam trigger".to_owned(), 3, 0, ms(0), ms(0)),
        ]
    );
    let fluo = statistics.held_by("fluo", "trigger").unwrap();
    assert_eq!((fluo.then.as_deref(), fluo.status_time), (Some("cam"), ms(1_500)));
    assert!((fluo.share - 1_500.0 / 3_600.0).abs() < 1e-9);
    assert_eq!(statistics.waiting(), ms(3_600));
    assert!(matches!(&statistics.held[0].by, Holder::Status { device, .. } if device == "x"));
}

/// What real devices were told to take: `fixtures/plans/waits.yaml` has `slow` take 0.12 s and `slower` 0.3 s, from when they were
/// set, and `stalls` fail after 0.05 s; recorded from Python's bluesky.
#[test]
fn a_recording_of_bluesky_has_the_waits_that_its_devices_were_told_to_take() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recordings/waits/spans.json");
    let statistics = Trace::read(path).unwrap().statistics();
    // From the end of a status to that of its wait, and from its set to the wait: what Python took on that machine.
    let heard = ms(4);
    let mut checked = 0;
    for wait in &statistics.waits {
        let WaitEnd::Status { device, span, failed, behind, .. } = &wait.end else { continue };
        let told = match device.as_str() {
            "slow" => 120,
            "slower" => 300,
            "stalls" => 50,
            "stalls_late" => 120,
            "stalls_too" => 50,
            other => panic!("{other} takes no time"),
        };
        assert!(*behind < heard, "{wait:?}");
        assert_eq!(*failed, device.starts_with("stalls"), "{wait:?}");
        let trace = Trace::read(path).unwrap();
        let status = trace.get_in(span.trace_id, span.span_id).unwrap();
        let took = status.duration().unwrap();
        // One of them was set from a thread that was slow to answer.
        assert!(took >= ms(told) && took < ms(told + 65), "{device} took {took:?}");
        checked += 1;
    }
    assert_eq!((checked, statistics.waits.len()), (7, 19));
    let timed_out = statistics.held.iter().find(|held| held.by == Holder::TimedOut).unwrap();
    // Five with 0.04 s, one with 0.16 s.
    assert_eq!(timed_out.waits, 6);
    assert!((ms(360)..ms(370)).contains(&timed_out.time), "{:?}", timed_out.time);
}
