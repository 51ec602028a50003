//! What is wrong with a trace, for machines.

use skyspan_trace::expect::{at_once, event, junit, median, some};
use skyspan_trace::value::from_json;

use super::*;

/// What is wrong, as JSON.
fn failures(expectation: impl Expectation, trace: &Trace) -> Vec<Value> {
    let json = serde_json::to_string(&trace.check(expectation).expect_err("a mismatch")).expect("JSON");
    let all = from_json(&json).unwrap_or_else(|error| panic!("{error}\n{json}"));
    all.as_map().and_then(|all| all.get("failures")?.as_array().map(<[Value]>::to_vec)).expect("failures")
}

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, key| match value {
        Value::Array(elements) => &elements[key.parse::<usize>().expect("a place")],
        value => value.as_map().and_then(|map| map.get(key)).unwrap_or_else(|| panic!("no {key} in {value}")),
    })
}

#[test]
fn each_kind_of_failure_has_its_fields() {
    let plan = plan();
    let tree =
        |children: Vec<SpanExpectation>| forest([span("Bluesky RunEngine run"), span("demo plan").children(children)]);
    let (sets, set) = (|| span("Bluesky RunEngine set").any_children(), || span("Bluesky RunEngine set"));
    let cases: Vec<(Box<dyn Expectation>, &str, &str, Value)> = vec![
        (Box::new(every(status("motor1")).attr("target", 6)), "differs", "differences.0.found_value", 5.into()),
        (Box::new(tree(vec![sets(), sets(), span("wait")])), "missing", "parent.name", "demo plan".into()),
        (Box::new(tree(vec![sets()])), "unexpected", "span.place", 4.into()),
        (Box::new(exactly(3, set())), "number", "at_most", 3.into()),
        (Box::new(exactly(3, set())), "number", "found.1.name", "Bluesky RunEngine set".into()),
        (Box::new(at_least(3, set())), "number", "at_most", Value::Null),
        (Box::new(tree(vec![sets().times(3..)])), "times", "expected", "at least 3".into()),
        (Box::new(tree(vec![sets().times(..), sets().forbidden()])), "forbidden", "span.place", 2.into()),
        (
            Box::new(tree(vec![sets(), set(), status("motor2").any_children()])),
            "moved",
            "span.path.1",
            "Bluesky RunEngine set".into(),
        ),
        (Box::new(every(span("wait")).ended()), "nothing", "closest", Value::Null),
        (Box::new(at_once(status("motor1")).at_least(2)), "at_once", "at_least", 2.into()),
        (Box::new(total(span("Ophyd Status")).at_most(secs(1.0))), "total", "found_ns", 3_000_000_000_i64.into()),
        (Box::new(median(span("Ophyd Status")).at_most(ms(1))), "measured", "found", "1 s".into()),
    ];
    for (expectation, kind, path, value) in cases {
        let found = failures(&expectation, &plan);
        let failure = found.iter().find(|failure| *at(failure, "kind") == Value::from(kind));
        let failure = failure.unwrap_or_else(|| panic!("{expectation}: no {kind} in {found:?}"));
        assert_eq!(*at(failure, path), value, "{expectation}: {failure}");
    }
}

#[test]
fn each_kind_of_difference_has_its_fields() {
    let plan = plan();
    let set = || every(span("Bluesky RunEngine set").attr("msg.args", [5]));
    let cases: Vec<(Box<dyn Expectation>, &str, &str, Value)> = vec![
        (Box::new(set().must(span(glob("*get")))), "name", "found", "Bluesky RunEngine set".into()),
        (Box::new(set().attr("msg.args", glob("5"))), "attribute", "expected", "like \"5\"".into()),
        (Box::new(set().attr("msg.args", [6])), "attribute", "expected_value.0", 6.into()),
        (Box::new(set().has_attr("group")), "attribute", "found", "none".into()),
        (Box::new(set().kind(SpanKind::Client)), "span_kind", "found", "Internal".into()),
        (Box::new(set().status_error()), "status", "expected", "ERROR".into()),
        (Box::new(set().open()), "ended", "found", "ended".into()),
        (Box::new(set().lasting(ms(1)..)), "duration", "found_ns", 0.into()),
        (Box::new(set().child(span("wait"))), "child", "found_count", 1.into()),
        (Box::new(set().descendant(span("wait"))), "descendant", "found_count", 1.into()),
        (Box::new(set().parent(span("wait"))), "parent", "found", "demo plan".into()),
        (Box::new(set().is_root()), "parent", "expected", Value::Null),
        (Box::new(set().no_child(span("Ophyd Status"))), "kin", "kin", "child".into()),
        (Box::new(set().before(some(span("demo plan")))), "order", "expected", "ends before some".into()),
        (Box::new(set().event(event("retry"))), "property", "name", "events".into()),
        (Box::new(set().that("it is green", |_| false)), "condition", "expected", "it is green".into()),
    ];
    for (expectation, kind, path, value) in cases {
        let found = failures(&expectation, &plan);
        let difference = at(&found[0], "differences.0");
        assert_eq!(*at(difference, "kind"), kind.into(), "{expectation}: {difference}");
        match (at(difference, path), &value) {
            (Value::Str(found), Value::Str(value)) => assert!(found.starts_with(value.as_str()), "{difference}"),
            (found, value) => assert_eq!(found, value, "{expectation}: {difference}"),
        }
        assert!(at(difference, "text").as_str().is_some(), "{difference}");
    }
    let parent = every(status("motor1")).parent(span("Bluesky RunEngine set").children([span("wait")]));
    let children = failures(parent, &plan);
    assert_eq!(*at(&children[0], "differences.0.differences.0.unexpected.0.name"), "Ophyd Status".into());
    assert_eq!(*at(&children[0], "differences.0.differences.0.missing.0"), "span \"wait\"".into());
}

#[test]
fn a_mismatch_tells_machines_what_it_tells_people() {
    let mismatch = plan().check(none(span("demo plan")).because("no plan is run")).unwrap_err();
    let json = serde_json::to_string(&mismatch).unwrap();
    assert_eq!(json.lines().count(), 1, "one line, as logs want it");
    let all = from_json(&json).unwrap();
    assert_eq!(*at(&all, "headline"), "the trace is not as expected: 1 span is not expected".into());
    assert_eq!((at(&all, "clues.0"), at(&all, "span_count")), (&"no plan is run".into(), &6.into()));
    assert_eq!(*at(&all, "report"), mismatch.to_string().into());
}

#[test]
fn the_path_to_a_span_far_down_is_cut() {
    let chain: Trace = (1..=100).map(|id| made("step", id, id - 1, id, 1).attribute("n", id).build()).collect();
    let found = failures(none(span("step").attr("n", 100)), &chain);
    let path = at(&found[0], "found.0.path").as_array().unwrap();
    assert_eq!((path.len(), path[0].clone(), path[1].clone()), (33, "…".into(), "step".into()));
}

#[test]
fn junit_holds_whatever_is_in_a_trace() {
    let trace = Trace::from_spans([made("a<b>&\"c\"", 1, 0, 0, 9).attribute("text", "bell \u{7}").build()]);
    let xml = junit("<night>", &[("a & b", trace.check(none(span(any()))))]);
    for part in [
        r#"<testsuite name="&lt;night&gt;" tests="1" failures="1">"#,
        r#"name="a &amp; b">"#,
        "  - a&lt;b&gt;&amp;&quot;c&quot;  9 ns",
    ] {
        assert!(xml.contains(part), "{part} is not in\n{xml}");
    }
    assert!(!xml.contains('\u{7}'), "XML has no place for it");
    assert_eq!(junit::<&str>("nothing", &[]).matches("<testcase").count(), 0);
}
