//! Trees as text: what is drawn is a tree of the trace, and what is no tree is said to be none.

use skyspan_trace::assert_tree;
use skyspan_trace::expect::{ForestExpectation, between, regex};
use skyspan_trace::seed::Seed;
use skyspan_trace::trace::{AttributeChoice, ReadOptions};

use super::*;

/// That a text says the same as a value does.
#[track_caller]
fn says(text: &str, expectation: ForestExpectation) {
    let parsed = ForestExpectation::parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(format!("{parsed:?}"), format!("{expectation:?}"));
    assert_eq!(parsed.to_string(), expectation.to_string());
    assert_eq!(format!("{:?}", text.parse::<ForestExpectation>()), format!("{:?}", Ok::<_, ()>(expectation)));
}

#[test]
fn every_shape_has_its_text() {
    says("", forest([]));
    says("a", forest([span("a")]));
    says("  a\n  b\n\n    c", forest([span("a"), span("b").children([span("c")])]));
    says(
        "a\n  b\n    c\n  d\ne",
        forest([span("a").children([span("b").children([span("c")]), span("d")]), span("e")]),
    );
    says("a\n├ b\n│ └ c\n└ d", forest([span("a").children([span("b").children([span("c")]), span("d")])]));
    says("# why\na", forest([span("a")]));
    says("...", forest([]).or_more());
    says("a\n  ...", forest([span("a").children_at_least([])]));
    says("a\n  …\n  b", forest([span("a").children_at_least([span("b")])]));
    says(
        "(in order)\na\nb\n  b\n  (in order)\n  ...",
        forest([span("a"), span("b").children_at_least_in_order([span("b")])]).in_order(),
    );
    says(
        "a {3}\nb {2..=5}\nc {2..}\nd {..=4}\ne {..}\nf ?",
        forest([
            span("a").times(3),
            span("b").times(2..=5),
            span("c").times(2..),
            span("d").times(..=4),
            span("e").times(..),
            span("f").optional(),
        ]),
    );
    says(
        "! a\n** b\n** ! c\n** d {2}",
        forest([
            span("a").forbidden(),
            span("b").at_any_depth(),
            span("c").at_any_depth().forbidden(),
            span("d").at_any_depth().times(2),
        ]),
    );
    says(
        "*\nset*\n/^(a|b  c)$/ ?\n\"*\" {2}\n\"a  \\\"b\\\"\"  k=1",
        forest([
            span(any()),
            span(glob("set*")),
            span(regex("^(a|b  c)$")).optional(),
            span("*").times(2),
            span("a  \"b\"").attr("k", 1),
        ]),
    );
    says("one two {x", forest([span("one two {x")]));
    says("/api/users  k=1", forest([span("/api/users").attr("k", 1)]));
}

#[test]
fn what_stands_behind_a_name_is_said_of_the_span() {
    let a = || span("a");
    for (text, expectation) in [
        ("a  open", a().open()),
        ("a    12 ms  k=1", a().lasting(ms(12)..=ms(12)).attr("k", 1)),
        ("a  1 min 30.5 s", a().lasting(secs(90.5)..=secs(90.5))),
        ("a  2 h 13 min", a().lasting(secs(7980.0)..=secs(7980.0))),
        ("a  1.5 µs", a().lasting(ns(1500)..=ns(1500))),
        ("a  1.5us", a().lasting(ns(1500)..=ns(1500))),
        ("a  ..=5 ms", a().lasting(..=ms(5))),
        ("a  ..5 ms", a().lasting(..ms(5))),
        ("a  1 s..", a().lasting(secs(1.0)..)),
        ("a  1 s..=2 s  k=\"x\"", a().lasting(secs(1.0)..=secs(2.0)).attr("k", "x")),
        ("a  k=5 l=5.0 m=\"5\"", a().attr("k", 5).attr("l", 5.0).attr("m", "5")),
        ("a  k=[1, 2] l={\"x\": null}", a().attr("k", [1, 2]).attr("l", Map::from_iter([("x", Value::Null)]))),
        ("a  k=true l=-1e-05", a().attr("k", true).attr("l", -1e-5)),
        ("a  k=mot* l=/^m.* n$/ k=*", a().attr("k", glob("mot*")).attr("l", regex("^m.* n$")).has_attr("k")),
        (
            "a  k=0..=5 l=..2.5 m=1..",
            a().attr("k", between(0.0..=5.0)).attr("l", between(..2.5)).attr("m", between(1.0..)),
        ),
        ("a  !k \"odd key\"=1 \"\"=2", a().no_attr("k").attr("odd key", 1).attr("", 2)),
        ("a  k=\"two  spaces\" l=\"\\u2026\"", a().attr("k", "two  spaces").attr("l", "…")),
    ] {
        says(text, forest([expectation]));
    }
}

#[test]
fn words_and_values_that_go_on_hold_for_what_they_are_drawn_of() {
    let trace = |value: &str| Trace::from_spans([made("a", 1, 0, 0, 0).attribute("k", value).build()]);
    let holds = |text: &str, value: &str| trace(value).check(ForestExpectation::parse(text).unwrap()).is_ok();
    for (text, value, expected) in [
        ("a  k=motor", "motor", true),
        ("a  k=motor", "SynAxis(prefix='', name='motor')", true),
        ("a  k=motor", "SynAxis(prefix='', name='motor2')", false),
        ("a  k=\"motor\"", "SynAxis(prefix='', name='motor')", false),
        ("a  k=\"mot…", "motor", true),
        ("a  k=\"mot… !l", "motor", true),
        ("a  k=\"mot…", "mot", true),
        ("a  k=\"mot…", "mo", false),
        ("a  k=\"one…", "one\ntwo", true),
        ("a  k=…", "", true),
        ("a  k=[…", "[", false),
    ] {
        assert_eq!(holds(text, value), expected, "{text} {value}");
    }
}

#[test]
fn what_is_no_tree_is_told_with_its_place() {
    #[track_caller]
    fn refused(text: &str, line: usize, column: usize, message: &str) {
        let error = ForestExpectation::parse(text).expect_err("an error");
        let place = (error.position.line, error.position.column);
        let told = format!("expected {}, found {}", error.expected, error.found);
        assert_eq!((place, &*told), ((line, column), message), "{error}");
    }
    refused("a\n b", 2, 2, "expected at most 2 spaces before a name, two more for each level, found `b`");
    refused("a\n    b", 2, 5, "expected at most 2 spaces before a name, two more for each level, found `b`");
    refused("  a\nb", 2, 1, "expected at least the 2 spaces of the first line before a name, found `b`");
    refused("...\n  b", 2, 3, "expected at most 0 spaces before a name, two more for each level, found `b`");
    refused("a  12", 1, 6, "expected a unit: h, min, s, ms, µs or ns, found the end of the line");
    refused("a  12 msk", 1, 9, "expected a space after a duration, found `k`");
    refused("a  0.5 ns", 1, 4, "expected a whole number of nanoseconds, at most 584 years of them, found `0.5`");
    refused("a  k", 1, 5, "expected `=` after the key `k`, found the end of the line");
    refused("a  k=", 1, 6, "expected a value, found the end of the line");
    refused("a  k=[5", 1, 8, "expected `,` or `]`, found the end of the line");
    refused("a  µ=\"x", 1, 8, "expected `\"` at the end of a string, found the end of the line");
    refused(
        "a  k=\"x…\"",
        1,
        9,
        "expected a space after `…`, which cuts a value (`\\u2026` is the character), found `\"`",
    );
    refused("a  k=\"x\"y", 1, 9, "expected the end of the text, found `y`");
    refused(
        "a  k=it\"s",
        1,
        6,
        "expected a string in double quotes, as it has other characters than a word, found `it\"s`",
    );
    refused("a {2..5}", 1, 3, "expected a number: `{3}`, `{2..}`, `{..=4}`, `{2..=5}` or `{..}`, found `{2..5}`");
    refused("\"a\" b", 1, 5, "expected two spaces behind a name, or `?`, or `{3}`, found `b`");
    refused("\"a", 1, 3, "expected `\"` at the end of a string, found the end of the line");
    refused("! a {3}", 1, 3, "expected no number behind the name of a span that is forbidden, found `a`");
    refused("... a", 1, 5, "expected the end of the line, found `a`");
    refused("! ", 1, 2, "expected the name of a span, found the end of the line");
    let error = ForestExpectation::parse("a  k=/(/").unwrap_err();
    assert!(error.expected.starts_with("a regular expression ("), "{error}");
    let deep: String = (0..300).map(|depth| format!("{}a\n", "  ".repeat(depth))).collect();
    assert_eq!(ForestExpectation::parse(&deep).unwrap_err().position.line, 202);
}

#[test]
#[should_panic(
    expected = "the text is no tree: line 2, column 5: expected `=` after the key `b`, found the end of the line\n  | a  b\n  |     ^"
)]
fn a_text_that_is_no_tree_panics_with_its_place() {
    assert_tree!(plan(), "\na  b");
}

#[test]
fn the_plan_is_as_its_text() {
    let trace = plan();
    assert_tree!(
        &trace,
        r#"
        Bluesky RunEngine run    exit_status="success" reason=""
        demo plan
          Bluesky RunEngine set  msg.args=[5]
            Ophyd Status         device_name="motor1" target=5
          Bluesky RunEngine set  msg.args=[7.5]
            Ophyd Status         device_name=motor2 ..=3 s
        "#
        .replace(" ..=3 s", "")
    );
    let moved = ForestExpectation::parse("demo plan\n  ...\n  ** Ophyd Status {2}  1 s..=2 s\nBluesky*").unwrap();
    passes(moved, &trace);
}

/// A trace is as its own drawing says, however it is drawn.
#[track_caller]
fn is_as_drawn(trace: &Trace) {
    for attributes in [AttributeChoice::All, AttributeChoice::Key, AttributeChoice::None] {
        for width in [60, 7, 1, 1_000] {
            for durations in [true, false] {
                let drawn = trace.tree_text().attributes(attributes).width(width).durations(durations).to_string();
                let parsed = ForestExpectation::parse(&drawn).unwrap_or_else(|error| panic!("{error}\n{drawn}"));
                if let Err(mismatch) = trace.check(parsed) {
                    panic!("{mismatch}\n{drawn}");
                }
            }
        }
    }
}

#[test]
fn what_is_drawn_of_recorded_traces_is_a_tree_of_them() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files: Vec<_> = ["structure", "structure-dense", "structure-lines", "structure-list", "values"]
        .map(|name| fixtures.join(format!("traces/{name}.json")))
        .into();
    let recordings = std::fs::read_dir(fixtures.join("recordings")).unwrap();
    files.extend(recordings.map(|entry| entry.unwrap().path().join("spans.json")).filter(|path| path.exists()));
    for file in files {
        // A call that fails before its first run leaves no span.
        let trace = ReadOptions::new().empty(true).read(&file).unwrap().trace;
        for attributes in [AttributeChoice::All, AttributeChoice::Key] {
            let drawn = trace.tree_text().attributes(attributes).to_string();
            let parsed = ForestExpectation::parse(&drawn).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            if let Err(mismatch) = trace.check(parsed) {
                panic!("{}: {mismatch}", file.display());
            }
        }
    }
}

/// Where they are all of a line, some words are about its siblings.
#[test]
fn a_name_that_begins_as_a_line_of_its_own_stands_in_quotes() {
    for name in ["... a", "… a", "(in order) a", "! a"] {
        let trace = Trace::from_spans([made(name, 1, 0, 0, 5).build()]);
        assert_eq!(trace.tree_text().to_string(), format!("\"{}\"  5 ns\n", name.replace('…', "\\u2026")));
        is_as_drawn(&trace);
    }
    let plain = Trace::from_spans([made("...a", 1, 0, 0, 5).build()]);
    assert_eq!(plain.tree_text().to_string(), "...a  5 ns\n");
}

/// A name that begins with a slash stands in quotes, for the slash that ends a regular expression may be in an attribute.
#[test]
fn a_name_is_no_regular_expression_with_what_stands_behind_it() {
    let route = made("/orders", 1, 0, 0, 5).attribute("slash", "a/ b").attribute("/", "/");
    let trace = Trace::from_spans([route.build()]);
    assert!(trace.tree_text().to_string().starts_with("\"/orders\"  "));
    is_as_drawn(&trace);
}

#[test]
fn what_is_drawn_of_any_trace_is_a_tree_of_it() {
    const ODD: [&str; 31] = [
        "",
        " ",
        "a",
        "a  b",
        "*",
        "** a",
        "! a",
        "a ?",
        "a {3}",
        "{3}",
        "...",
        "…",
        "(in order)",
        "... a",
        "… a",
        "(in order) a",
        "# a",
        "/a/",
        "/a b",
        "\"a\"",
        "a\nb",
        "│ a",
        "⋯40 a",
        "open",
        "12 ms",
        "k=1",
        "name='x y'",
        "D(name='it')",
        "D(name='5')",
        "D(name='a\"b')",
        "nb\u{a0}",
    ];
    let numbers = Seed::new(7).stream("trees");
    let below = |bound: usize| usize::try_from(numbers.next_u64() % bound as u64).unwrap();
    for _ in 0..60 {
        let length = 1 + below(12) as u64;
        let trace: Trace = (1..=length)
            .map(|id| {
                let parent = below(id as usize) as u64;
                let name = if below(4) == 0 { "Bluesky RunEngine set" } else { ODD[below(ODD.len())] };
                let mut span = made(name, id, parent, below(5) as u64, below(5_000_000) as u64);
                if below(5) == 0 {
                    span = span.end(Timestamp::from_unix_ns(0));
                }
                for key in ["msg.obj", "reason", ODD[below(ODD.len())], ODD[below(ODD.len())]] {
                    let text = ODD[below(ODD.len())];
                    let value = match below(7) {
                        0 => Value::from(below(10)),
                        1 => (below(10) as f64 / 4.0).into(),
                        2 => [f64::NAN, -0.0, f64::INFINITY].into(),
                        3 => Map::from_iter([(text, Value::Null)]).into(),
                        4 => [text, "…"].into(),
                        _ => text.into(),
                    };
                    span = span.attribute(key, value);
                }
                span.build()
            })
            .collect();
        is_as_drawn(&trace);
    }
    let chain: Trace = (1..=150).map(|id| made("link", id, id - 1, id, 1).build()).collect();
    is_as_drawn(&chain);
    is_as_drawn(&Trace::default());
}
