//! Whatever a check file says holds where the same in Rust does, and where it does not, the report begins alike.

use skyspan_trace::expect::{
    Expectation, any_span, at_least, at_most, at_once, between, event, every, exactly, forest, glob, if_any, json,
    link_elsewhere, link_to, median, ms, none, one_of, other_than, percentile, regex, secs, share, some, span, total,
    total_self_time,
};
use skyspan_trace::trace::{SpanKind, Trace};

use super::{at, check, scan};

/// A text, the same in Rust, and whether it holds for the scan.
type Row = (&'static str, Box<dyn Expectation>, bool);

fn row(text: &'static str, rust: impl Expectation + 'static, holds: bool) -> Row {
    (text, Box::new(rust), holds)
}

const STATUS: &str = "Ophyd Status";
const SET: &str = "Bluesky RunEngine set";
const RUN: &str = "Bluesky RunEngine run";
const WAIT: &str = "Bluesky RunEngine wait";

fn agree(rows: Vec<Row>) {
    let trace = scan();
    for (text, rust, holds) in rows {
        let (report, wanted) = (check(text, &trace), rust.check(&trace));
        assert_eq!(wanted.is_ok(), holds, "in Rust:\n{text}\n{wanted:?}");
        let found = report.checks().iter().find_map(|check| check.result.as_ref().err());
        let headline = |mismatch: &skyspan_trace::expect::Mismatch| mismatch.headline();
        assert_eq!(found.map(headline), wanted.as_ref().err().map(headline), "{text}\n{report}");
    }
}

#[test]
fn how_runs_ended_and_how_long_they_took() {
    let run = || every(span(RUN));
    agree(vec![
        row("- exit_status: success", run().bluesky_exit_status("success"), true),
        row("- exit_status: fail", run().bluesky_exit_status("fail"), false),
        row("- exit_status: {one_of: [success, abort]}", run().bluesky_exit_status(one_of(["success", "abort"])), true),
        row("- reason: ''", run().bluesky_reason(""), true),
        row("- reason: {glob: 'beam*'}", run().bluesky_reason(glob("beam*")), false),
        row("- run_duration: 2 s", run().lasting(secs(2.0)..=secs(2.0)), true),
        row("- run_duration: ..=1 s", run().lasting(..=secs(1.0)), false),
    ]);
    let trace = scan();
    for (text, holds) in [
        ("2 s", true),
        ("..=2 s", true),
        ("..2 s", false),
        ("1 s..", true),
        ("1.8 s ± 10 %", false),
        ("1.8 s ± 200 ms", true),
        ("1.8 s +- 200 ms", true),
    ] {
        assert_eq!(check(&format!("- duration: {text}"), &trace).holds(), holds, "{text}");
    }
    // There is one run at least.
    for said in ["exit_status: success", "reason: ''", "run_duration: 1 s"] {
        let report = check(&format!("- {said}"), &Trace::default()).to_string();
        assert!(report.contains("there is no run: none of the 0 spans is called"), "{report}");
    }
}

#[test]
fn how_many_spans_there_are() {
    agree(vec![
        row("- {spans: '{ name = \"Ophyd Status\" }', count: 2}", exactly(2, span(STATUS)), true),
        row("- {spans: '{ name = \"Ophyd Status\" }', count: 3}", exactly(3, span(STATUS)), false),
        row("- {spans: '{ name = \"Ophyd Status\" }', count: 2..}", at_least(2, span(STATUS)), true),
        row("- {spans: '{ name = \"Ophyd Status\" }', count: ..=1}", at_most(1).of(span(STATUS)), false),
        row("- {spans: '{ status = error }', count: 0}", none(any_span().status_error()), false),
        row("- {spans: '{ name = \"Ophyd Status\" }', at_once: 1}", at_once(span(STATUS)).within(1), true),
        row("- {spans: '{ true }', at_once: ..=2}", at_once(any_span()).at_most(2), false),
    ]);
}

#[test]
fn what_each_span_is() {
    let each = |said: &'static str| -> String { format!("- spans: '{{ name = \"retry\" }}'\n  each: {said}") };
    let retry = || every(span("retry"));
    let rows: Vec<(&str, Box<dyn Expectation>, bool)> = vec![
        row("{name: retry}", retry().must(span("retry")), true),
        row("{name: {glob: 'ret*'}}", retry().must(span(glob("ret*"))), true),
        row("{name: {regex: '^set'}}", retry().must(span(regex("^set"))), false),
        row("{attributes: {body: {present: true}}}", retry().has_attr("body"), true),
        row("{attributes: {body: {present: false}}}", retry().no_attr("body"), false),
        row(
            "{attributes: {body: {json: {number: 5, kind: {glob: '*'}}}}}",
            retry().attr("body", json().with("number", 5)),
            true,
        ),
        row("{attributes: {body: {json: {number: 6}}}}", retry().attr("body", json().with("number", 6)), false),
        row("{attributes: {body: {not: a}}}", retry().attr("body", other_than("a")), true),
        row("{only_attributes: [body]}", retry().only_attrs(["body"]), true),
        row("{only_attributes: [other]}", retry().only_attrs(["other"]), false),
        row("{status: error}", retry().status_error(), true),
        row("{status: {error: {glob: '*light*'}}}", retry().status_description(glob("*light*")), true),
        row("{status: unset}", retry().status(skyspan_trace::trace::Status::Unset), false),
        row("{kind: client}", retry().kind(SpanKind::Client), true),
        row("{kind: server}", retry().kind(SpanKind::Server), false),
        row("{ended: true}", retry().ended(), true),
        row("{ended: false}", retry().open(), false),
        row("{root: true}", retry().is_root(), false),
        row("{root: false}", retry().has_parent(), true),
        row("{duration: 100 ms}", retry().lasting(ms(100)..=ms(100)), true),
        row("{self_time: ..50 ms}", retry().self_time(..ms(50)), false),
        row("{starting: 1500 ms}", retry().starting(ms(1_500)..=ms(1_500)), true),
        row("{ending: ..1 s}", retry().ending(..secs(1.0)), false),
        row("{starting_at: '1970-01-01T00:00:02.5Z'}", retry().starting_at(at(1_500)), true),
        row("{ending_at: '1970-01-01T00:00:02.5Z'}", retry().ending_at(at(1_500)), false),
        row("{on_critical_path: true}", retry().on_critical_path(), true),
        row("{nothing_dropped: true}", retry().nothing_dropped(), true),
        row("{nothing_dropped: false}", retry().but(any_span().nothing_dropped()), false),
        row("{remote_child: true}", retry().must(any_span().is_remote_child()), false),
        row(
            "{remote_parent: '00f067aa0ba902b7'}",
            retry().must(any_span().remote_parent(0x00f0_67aa_0ba9_02b7)),
            false,
        ),
        row("{event: begun}", retry().event(event("begun")), true),
        row("{event: {name: begun, attributes: {nth: 2}}}", retry().event(event("begun").attr("nth", 2)), false),
        row("{event: {name: begun, after: ..=10 ms}}", retry().event(event("begun").after(..=ms(10))), true),
        row("{no_event: begun}", retry().no_event(event("begun")), false),
        row("{events: [begun, exception]}", retry().events([event("begun"), event("exception")]), true),
        row("{events: [exception, begun]}", retry().events([event("exception"), event("begun")]), false),
        row(
            "{events: {these: [exception, begun], in_order: false}}",
            retry().events_in_any_order([event("exception"), event("begun")]),
            true,
        ),
        row("{events: {these: [begun], or_more: true}}", retry().events_at_least_in_order([event("begun")]), true),
        row(
            "{exception: {type: ValueError, message: {glob: 'no*'}}}",
            retry().exception("ValueError", glob("no*")),
            true,
        ),
        row("{exception: {type: KeyError}}", retry().exception("KeyError", skyspan_trace::expect::any()), false),
        row(
            "{link: {to: Bluesky RunEngine set, attributes: {why: again}}}",
            retry().link(link_to(span(SET)).attr("why", "again")),
            true,
        ),
        row("{link: {to: '{ name = \"Bluesky RunEngine run\" }'}}", retry().link(link_to(span(RUN))), false),
        row("{link: {}}", retry().link(link_elsewhere()), true),
        row("{no_link: {}}", retry().no_link(link_elsewhere()), false),
        row("{links: [{to: '{ true }'}, {}]}", retry().links([link_to(any_span()), link_elsewhere()]), true),
        row("{links: [{}]}", retry().links([link_elsewhere()]), false),
        row("{resource: {service.name: scan}}", retry().resource("service.name", "scan"), true),
        row("{resource: {service.name: other}}", retry().resource("service.name", "other"), false),
        row("{scope: bluesky.tracing}", retry().scope("bluesky.tracing"), true),
        row("{scope_version: '2'}", retry().scope_version("2"), false),
        row("{trace_state: ''}", retry().trace_state(""), true),
    ];
    agree(rows.into_iter().map(|(text, rust, holds)| (each(text).leak() as &'static str, rust, holds)).collect());
}

#[test]
fn values_keep_their_types_and_patterns_do_not() {
    let types = [("{type: list}", true), ("{type: str}", false), ("{type: list, equal: [0.0]}", true)];
    let rows = [
        ("[0.0]", true),
        ("[0]", false),
        ("{type: list, equal: [1.5]}", false),
        ("{equal: [0.0]}", true),
        ("{one_of: [[0.0], [1.0]]}", true),
    ];
    for (said, holds) in rows.into_iter().chain(types) {
        let text = format!(
            "- spans: '{{ name = \"Bluesky RunEngine set\" }} | by(span:id)'\n  any: {{attributes: {{msg.args: {said}}}}}"
        );
        assert_eq!(check(&text, &scan()).holds(), holds, "{said}");
    }
    for (said, holds) in [("0..=1", true), ("0..1", false), ("..0.5", false), ("-1..", true)] {
        let each = every(span(STATUS)).attr(
            "target",
            match said {
                "0..=1" => between(0.0..=1.0),
                "0..1" => between(0.0..1.0),
                "..0.5" => between(..0.5),
                _ => between(-1.0..),
            },
        );
        assert_eq!(each.check(&scan()).is_ok(), holds);
        let text = format!(
            "- {{spans: '{{ name = \"Ophyd Status\" }}', each: {{attributes: {{target: {{between: '{said}'}}}}}}}}"
        );
        assert_eq!(check(&text, &scan()).holds(), holds, "{said}");
    }
}

#[test]
fn which_relatives_a_span_has() {
    let set = || every(span(SET));
    let status = || span(STATUS);
    let rows: Vec<Row> = vec![
        row("{child: Ophyd Status}", set().child(status()), true),
        row("{child: '{ name = \"retry\" }'}", set().child(span("retry")), false),
        row(
            "{child: {name: Ophyd Status, attributes: {device_name: stage}}}",
            set().child(status().attr("device_name", "stage")),
            true,
        ),
        row("{child: {name: Ophyd Status, times: 2}}", set().child(status().times(2)), false),
        row("{no_child: Ophyd Status}", set().no_child(status()), false),
        row("{nth_child: {nth: 1, is: Ophyd Status}}", set().nth_child(1, status()), true),
        row("{no_nth_child: {nth: 1, is: Ophyd Status}}", set().no_nth_child(1, status()), false),
        row("{children: [Ophyd Status]}", set().children([status()]), true),
        row("{children: []}", set().children([]), false),
        row("{children: {these: [], or_more: true}}", set().children_at_least([]), true),
        row(
            "{children: 'Ophyd Status  device_name=\"stage\"'}",
            set().children([status().attr("device_name", "stage")]),
            true,
        ),
        row("{descendant: Ophyd Status}", set().descendant(status()), true),
        row("{no_descendant: Ophyd Status}", set().no_descendant(status()), false),
        row("{parent: Bluesky RunEngine run}", set().parent(span(RUN)), true),
        row("{no_parent: Bluesky RunEngine run}", set().no_parent(span(RUN)), false),
        row("{ancestor: '{ span.exit_status = \"success\" }'}", set().ancestor(span(RUN)), true),
        row("{no_ancestor: Bluesky RunEngine run}", set().no_ancestor(span(RUN)), false),
        row("{sibling: retry}", set().sibling(span("retry")), true),
        row("{no_sibling: retry}", set().no_sibling(span("retry")), false),
        row("{next_sibling: '{ name != \"nothing\" }'}", set().next_sibling(any_span()), true),
        row("{next_sibling: Bluesky RunEngine wait}", set().next_sibling(span(WAIT)), false),
        row("{no_next_sibling: retry}", set().no_next_sibling(span("retry")), true),
        row("{previous_sibling: Bluesky RunEngine set}", set().previous_sibling(span(SET)), false),
        row("{no_previous_sibling: Bluesky RunEngine wait}", set().no_previous_sibling(span(WAIT)), true),
        row("{no_previous_sibling: Bluesky RunEngine set}", set().no_previous_sibling(span(SET)), false),
        row("{but: {attributes: {msg.args: [9.0]}}}", set().but(any_span().attr("msg.args", [9.0])), true),
        row("Bluesky RunEngine set", set().must(span(SET)), true),
    ];
    let each = |said: &str| -> &'static str {
        format!("- spans: '{{ name = \"Bluesky RunEngine set\" }}'\n  each: {said}").leak()
    };
    agree(rows.into_iter().map(|(text, rust, holds)| (each(text), rust, holds)).collect());
}

#[test]
fn how_long_spans_take_together() {
    let of = |said: &str| -> &'static str { format!("- {{spans: '{{ name = \"Ophyd Status\" }}', {said}}}").leak() };
    agree(vec![
        row(of("total: ..=2 s"), total(span(STATUS)).at_most(secs(2.0)), true),
        row(of("total: {duration: ..=1 s}"), total(span(STATUS)).at_most(secs(1.0)), false),
        row(of("total: {self_time: 1400 ms}"), total_self_time(span(STATUS)).exactly(ms(1_400)), true),
        row(of("median: 400 ms"), median(span(STATUS)).exactly(ms(400)), true),
        row(of("percentiles: {100: ..=900 ms}"), percentile(100, span(STATUS)).at_most(ms(900)), false),
        row(
            of("share: {of: '{ name = \"Bluesky RunEngine run\" }', is: ..=70 %}"),
            share(span(STATUS)).of(span(RUN)).at_most(0.7),
            true,
        ),
        row(
            of("share: {of: '{ name = \"Bluesky RunEngine run\" }', is: 0.8..}"),
            share(span(STATUS)).of(span(RUN)).at_least(0.8),
            false,
        ),
    ]);
}

#[test]
fn how_spans_lie_to_others_in_time() {
    let of = |said: &str| -> &'static str {
        format!("- {{spans: '{{ name = \"Bluesky RunEngine set\" }}', {said}}}").leak()
    };
    const TO_WAIT: &str = "'{ name = \"Bluesky RunEngine wait\" }'";
    const TO_RUN: &str = "'{ name = \"Bluesky RunEngine run\" }'";
    let set = || span(SET);
    agree(vec![
        row(of(&format!("before: {TO_WAIT}")), every(set()).before(every(span(WAIT))), true),
        row(of(&format!("starts_before: {TO_RUN}")), every(set()).starts_before(every(span(RUN))), false),
        row(of(&format!("ends_before: {TO_RUN}")), every(set()).ends_before(every(span(RUN))), true),
        row(of(&format!("within: {TO_RUN}")), every(set()).within(some(span(RUN))), true),
        row(of(&format!("overlaps: {TO_WAIT}")), every(set()).overlaps(some(span(WAIT))), false),
        row(of(&format!("apart_from: {TO_WAIT}")), every(set()).apart_from(every(span(WAIT))), true),
        row(of(&format!("apart_from: {{some: {TO_RUN}}}")), every(set()).apart_from(some(span(RUN))), false),
        row(
            of(&format!("before: {{every: {TO_WAIT}, by: ..=100 ms}}")),
            every(set()).before(every(span(WAIT))).by(..=ms(100)),
            false,
        ),
        row(
            of(&format!("gap: {{to: {TO_WAIT}, duration: ..=500 ms}}")),
            every(set()).before(some(span(WAIT))).by(..=ms(500)),
            true,
        ),
        row(
            of(&format!("some: {{before: {{some: {TO_WAIT}, by: 0 s}}}}")),
            some(set()).before(some(span(WAIT))).by(ms(0)..=ms(0)),
            true,
        ),
    ]);
}

#[test]
fn what_must_be_if_something_is_there() {
    let failed = || any_span().status_error();
    agree(vec![
        row(
            "- if: '{ status = error }'\n  then: {exit_status: fail}",
            if_any(failed()).then(every(span(RUN)).bluesky_exit_status("fail")),
            false,
        ),
        row(
            "- if: '{ status = error }'\n  then:\n  - exit_status: success\n  - {spans: '{ name = \"retry\" }', count: 1}",
            if_any(failed()).then(exactly(1, span("retry"))),
            true,
        ),
        row(
            "- if: '{ name = \"panic\" }'\n  then: {exit_status: fail}",
            if_any(span("panic")).then(none(any_span())),
            true,
        ),
    ]);
}

#[test]
fn a_tree_is_that_of_rust() {
    let run = |retry: &str| -> &'static str {
        format!(
            "- tree: |\n    Bluesky RunEngine run\n      Bluesky RunEngine set {{2}}\n        Ophyd Status  device_name=\"stage\"\n      \
             Bluesky RunEngine wait\n{retry}"
        )
        .leak()
    };
    let set = || span(SET).times(2).children([span(STATUS).attr("device_name", "stage")]);
    agree(vec![
        row(run("      retry"), forest([span(RUN).children([set(), span(WAIT), span("retry")])]), true),
        row(run(""), forest([span(RUN).children([set(), span(WAIT)])]), false),
    ]);
}

#[test]
fn what_is_said_of_no_span_does_not_hold_unless_it_may_be_none() {
    let others = "'{ name = \"Bluesky RunEngine run\" }'";
    for said in [
        "each: {ended: true}".to_owned(),
        "total: ..=1 s".to_owned(),
        "total: {self_time: ..=1 s}".to_owned(),
        "median: ..=1 s".to_owned(),
        format!("share: {{of: {others}, is: ..=50 %}}"),
        format!("before: {others}"),
        format!("within: {others}"),
        format!("gap: {{to: {others}, duration: ..=1 s}}"),
        format!("some: {{overlaps: {others}}}"),
    ] {
        let text = format!("- {{spans: '{{ name = \"stage\" }}', {said}}}");
        let report = check(&text, &scan());
        assert!(!report.holds(), "{text}");
        assert!(report.to_string().contains("or_none: true"), "{report}");
        assert!(check(&text.replacen("', ", "', or_none: true, ", 1), &scan()).holds(), "{text}");
    }
    assert!(!check("- {spans: '{ name = \"stage\" }', any: {ended: true}}", &scan()).holds());
}

#[test]
fn a_query_selects_over_the_whole_input_whatever_the_trace_ids_are() {
    let alone = |id: u64| {
        skyspan_trace::trace::Span::builder("wait")
            .trace_id(u128::from(id))
            .span_id(id)
            .start(at(id))
            .end(at(id))
            .build()
    };
    let trace: Trace = (1..=4).map(alone).collect();
    assert_eq!(trace.query("{ name = \"wait\" } | count() > 3").map(|answer| answer.span_count()), Ok(0));
    assert!(check("- {spans: '{ name = \"wait\" } | count() > 3', count: 4}", &trace).holds());
    // Structure stays that of the spans, also where ids of spans are the same in two traces.
    let mut spans: Vec<_> = scan().spans().map(|span| span.span().clone()).collect();
    spans.extend(trace.spans().map(|span| span.span().clone()));
    let both = Trace::from_spans(spans);
    let below = "- {spans: '{ name = \"Bluesky RunEngine run\" } >> { name = \"Ophyd Status\" }', count: 2}";
    assert!(check(below, &both).holds(), "{}", check(below, &both));
}
