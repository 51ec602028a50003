//! The HTML page: what is in its file. What a browser makes of it, `page/test/browser.mjs` tests.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use serde_json::{Value, json};
use skyspan_trace::expect::{Expectation as _, every, none, secs, span};
use skyspan_trace::page::{Axis, GridCell, GridRow, Lull, Page, PageGrid, PageMoment, PlotReadings, Table, Tone};
use skyspan_trace::trace::{Event, Redaction, Span, SpanBuilder, Status, Trace};
use skyspan_trace::value::Timestamp;

mod words;

fn at(ns: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ns)
}

fn made(name: &str, id: u64, start: u64, end: u64) -> SpanBuilder {
    Span::builder(name).trace_id(1).span_id(id).start(at(start)).end(at(end))
}

/// The blocks of JSON of a page: the timeline first, then the details.
fn blocks(html: &str) -> Vec<Value> {
    let scripts = html.split("<script type=\"application/json\"").skip(1);
    let texts = scripts.map(|script| script.split_once('>').unwrap().1.split_once("</script>").unwrap().0);
    texts.map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn timeline(page: &Page) -> Value {
    blocks(&page.to_html()).swap_remove(0)
}

#[test]
fn a_page_is_one_document_that_may_ask_nothing_of_anybody() {
    let html = Trace::from_spans([made("a", 1, 0, 5).build()]).to_html();
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    let policy = html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    for other in ["<script src", "<link rel=\"stylesheet", "@import", "url(", "fetch(", "XMLHttpRequest", "<iframe"] {
        assert!(!html.contains(other), "{other}");
    }
    let addresses: Vec<&str> = html.match_indices("http").map(|(at, _)| &html[at..(at + 26).min(html.len())]).collect();
    // The name of SVG's elements is no address that anybody asks.
    assert!(
        addresses.iter().all(|address| address.starts_with("http-equiv") || *address == "http://www.w3.org/2000/svg")
    );
}

#[test]
fn nothing_that_a_trace_says_is_markup() {
    let evil = "</script><script>alert(1)</script><!-- <b title=\"x\">";
    let plain = Page::of(&Trace::from_spans([made("a", 1, 0, 5).build()]));
    let trace = Trace::from_spans([made(evil, 1, 0, 5)
        .attribute(evil, evil)
        .event(Event::new(evil, at(3)))
        .status(Status::error(evil))
        .build()]);
    let mismatch = trace.check(none(span(evil)).because(evil)).unwrap_err();
    let page = Page::of(&trace)
        .title(evil)
        .mismatch(&mismatch)
        .trouble(evil)
        .moments([PageMoment::new(at(1), evil, evil)])
        .lulls([Lull::new(at(1), at(2), evil)])
        .readings([PlotReadings::new(evil, vec![at(1)]).axis(Axis::new(evil, evil, vec![1.0]))])
        .tables([Table::new(evil, [evil]).row([evil])]);
    let html = page.to_html();
    for mark in ["<script", "</script", "<!--", "<b"] {
        assert_eq!(html.matches(mark).count(), plain.to_html().matches(mark).count(), "{mark}");
    }
    assert_eq!(timeline(&page)["title"], evil);
    assert_eq!(timeline(&page)["names"], json!([evil]));
}

#[test]
fn the_timeline_has_offsets_parents_and_what_held_each_wait() {
    let trace = Trace::from_spans([
        made("Bluesky RunEngine run", 1, 0, 9_000).attribute("exit_status", "success").build(),
        made("Bluesky RunEngine set", 2, 1_000, 1_000)
            .attribute("msg.obj", "SimMotor(prefix='', name='stage')")
            .attribute("msg.args", [5])
            .attribute("msg.kwargs", r#"{"group": "set-1f2e3d"}"#)
            .build(),
        made("Ophyd Status", 3, 1_000, 8_000)
            .parent_id(2)
            .attribute("device_name", "stage")
            .attribute("target", 5)
            .attribute("unit", "mm")
            .build(),
        made("Bluesky RunEngine wait", 4, 1_000, 8_000).attribute("group", "set-1f2e3d").build(),
    ]);
    let timeline = timeline(&Page::of(&trace));
    assert_eq!(timeline["version"], 1);
    assert_eq!(timeline["start"], "2024-06-18T08:40:56.000000000Z");
    assert_eq!(timeline["devices"], json!(["stage"]));
    // By start; what takes no time comes first, then outer before inner.
    let names = timeline["spans"]["name"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| &timeline["names"][at.as_u64().unwrap() as usize]);
    let names: Vec<&str> = names.map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names[..2], ["Bluesky RunEngine run", "Bluesky RunEngine set"]);
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap();
    let (set, status, wait) = (place("Bluesky RunEngine set"), place("Ophyd Status"), place("Bluesky RunEngine wait"));
    let column = |name: &str, at: usize| timeline["spans"][name][at].as_i64().unwrap();
    assert_eq!((column("start", status), column("duration", status)), (1_000, 7_000));
    assert_eq!((column("parent", status), column("parent", set)), (set as i64, -1));
    // Where each run is one tree, the message is a part of it.
    assert_eq!(column("run_parent", set), 0);
    let label = |at: usize| &timeline["labels"][column("label", at) as usize];
    assert_eq!((label(set), label(status)), (&json!("set 5"), &json!("→ 5 mm")));
    assert_eq!(timeline["statistics"]["waits"], json!([[wait, 0, "stage set", false]]));
    assert_eq!(timeline["statistics"]["held"][0]["name"], "stage set");
    assert_eq!(timeline["statistics"]["held"][0]["time_ns"], 7_000);
}

#[test]
fn what_went_wrong_is_told_in_the_words_of_the_span() {
    let cases: Vec<(SpanBuilder, Option<&str>)> = vec![
        (made("GET", 1, 0, 5), None),
        (made("GET", 1, 0, 5).status(Status::Ok), None),
        (made("GET", 1, 0, 5).status(Status::error("no route")), Some("no route")),
        (made("GET", 1, 0, 5).status(Status::error("")), Some("error")),
        (made("Ophyd Status", 1, 0, 5).attribute("exception", "stalled"), Some("stalled")),
        (made("Ophyd Status", 1, 0, 5).attribute("exception", "None"), None),
        (
            made("Bluesky RunEngine run", 1, 0, 5).attribute("exit_status", "fail").attribute("reason", "no light"),
            Some("fail: no light"),
        ),
        (made("Bluesky RunEngine run", 1, 0, 5).attribute("exit_status", "abort"), Some("abort")),
        (made("Bluesky RunEngine run", 1, 0, 5).attribute("exit_status", "success"), None),
        (
            made("GET", 1, 0, 5).event(
                Event::new("exception", at(2))
                    .with_attributes([("exception.type", "Timeout"), ("exception.message", "5 s")]),
            ),
            Some("Timeout: 5 s"),
        ),
    ];
    for (span, expected) in cases {
        let span = span.build();
        let faults = timeline(&Page::of(&Trace::from_spans([span.clone()])))["faults"].clone();
        let expected = expected.map_or(json!([]), |text| json!([[0, text]]));
        assert_eq!(faults, expected, "{span:?}");
    }
}

#[test]
fn what_was_asserted_in_vain_is_marked_on_its_spans() {
    let trace = Trace::from_spans([made("set", 1, 0, 1_000_000_000).build(), made("set", 2, 0, 3_000_000_000).build()]);
    let mismatch = trace.check(every(span("set")).lasting(..=secs(1.0))).unwrap_err();
    let timeline = timeline(&Page::of(&trace).mismatch(&mismatch));
    let check = &timeline["checks"][0];
    assert_eq!(check["headline"], "the trace is not as expected: 1 span differs");
    // The longer one stands first.
    assert_eq!(check["notes"][0][0], 0);
    assert!(check["notes"][0][1].as_str().unwrap().contains("3 s"), "{check}");
    assert_eq!(check["notes"].as_array().unwrap().len(), 1);
}

#[test]
fn the_table_of_a_page_shows_no_secret_either() {
    let secret = "Bearer abcdefghijklmnop0123456789";
    let cell = GridCell::new("12", "A", Tone::Bad).text(format!("it fails: {secret}")).again(format!("run {secret}"));
    let grid = PageGrid::new(format!("of {secret}"), ["fails"])
        .summary(secret)
        .note("A", Tone::Bad, secret, "12")
        .row(GridRow::new(secret).group(secret).cell(0, cell))
        .legend(secret);
    let html = |grid: &PageGrid| {
        let mut html = Vec::new();
        grid.write([], &mut html).unwrap();
        String::from_utf8(html).unwrap()
    };
    assert!(!html(&grid).contains("abcdefghijklmnop0123456789"));
    assert_eq!(html(&grid.redaction(None)).matches("abcdefghijklmnop0123456789").count(), 9);
}

#[test]
fn secrets_are_nowhere_on_the_page_unless_somebody_wants_them() {
    let trace = Trace::from_spans([made("login", 1, 0, 5)
        .attribute("db.password", "hunter2-hunter2")
        .attribute("url", "https://me:passw0rd@host/")
        .event(Event::new("sent", at(1)).with_attributes([("api_key", "k-0123456789")]))
        .build()]);
    let mismatch = trace.check(span("login").attr("db.password", "other")).unwrap_err();
    let page = Page::of(&trace).mismatch(&mismatch).trouble("it was hunter2-hunter2").moments([PageMoment::new(
        at(1),
        "messages",
        "set(k-0123456789)",
    )]);
    let html = page.to_html();
    for secret in ["hunter2-hunter2", "passw0rd", "k-0123456789"] {
        assert!(!html.contains(secret), "{secret}");
    }
    assert!(html.contains("[redacted]"));
    assert!(page.clone().unredacted().to_html().contains("hunter2-hunter2"));
    let also = page.redaction(Redaction::new().also("^login$").unwrap()).to_html();
    assert!(!also.contains("\"login\""));
}

#[test]
fn of_too_many_spans_the_faulty_and_the_longest_are_kept_with_what_they_are_parts_of() {
    let mut spans = vec![made("root", 1, 0, 1_000).build(), made("quick", 2, 0, 2).parent_id(1).build()];
    spans.push(made("fails", 3, 5, 6).parent_id(2).status(Status::error("no")).build());
    spans.extend((10..100).map(|id| made("part", id, id, 2 * id).parent_id(1).build()));
    let trace = Trace::from_spans(spans);
    let timeline = timeline(&Page::of(&trace).spans_max(5));
    assert_eq!(timeline["span_count"], 93);
    // Beside the fault and its line, the two longest parts.
    assert_eq!(timeline["spans"]["start"], json!([0, 0, 5, 98, 99]));
    assert_eq!(timeline["left_out"], json!({"count": 88, "longest_ns": 97}));
    let sum = timeline["statistics"]["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    assert_eq!(sum.sum::<u64>(), 93);
}

#[test]
fn all_that_a_span_has_is_in_the_details_a_value_once() {
    let trace: Trace = (1..=1_500)
        .map(|id| made("set", id, id, id + 1).attribute("target", 5.0).attribute("group", "set-1f2e3d").build())
        .collect();
    let blocks = blocks(&trace.to_html());
    assert_eq!(blocks.len(), 3);
    assert_eq!(blocks[1]["spans"].as_array().unwrap().len(), 1_000);
    assert_eq!(blocks[2]["spans"].as_array().unwrap().len(), 500);
    assert_eq!(blocks[1]["keys"], json!(["target", "group"]));
    // What is another in each run is asserted by a pattern.
    assert_eq!(blocks[1]["values"], json!(["5.0", ["\"set-1f2e3d\"", "glob(\"set-*\")"]]));
    assert_eq!(blocks[2]["spans"][499]["id"], "00000000000005dc");
}

#[test]
fn a_long_value_is_cut_and_told_to_be() {
    let long = "x".repeat(20_000);
    let html = Trace::from_spans([made("a", 1, 0, 1).attribute("text", long.as_str()).build()]).to_html();
    let value = &blocks(&html)[1]["values"][0];
    assert_eq!(value[1], Value::Null);
    assert!(value[0].as_str().unwrap().ends_with('…') && value[0].as_str().unwrap().len() < 10_010);
}

#[test]
fn of_too_many_readings_one_of_every_few_is_plotted_and_gaps_stay_gaps() {
    let times = (0..250_000).map(at).collect();
    let values = (0..250_000).map(|number| if number == 3 { f64::NAN } else { f64::from(number) }).collect();
    let page = Page::of(&Trace::from_spans([made("a", 1, 0, 5).build()]))
        .readings([PlotReadings::new("primary", times).axis(Axis::new("x", "mm", values))]);
    let timeline = timeline(&page);
    let readings = &timeline["readings"][0];
    assert_eq!((&readings["times"][1], &readings["axes"][0]["values"][1]), (&json!(3), &Value::Null));
    assert_eq!(readings["times"].as_array().unwrap().len(), 83_334);
    assert_eq!(timeline["limits"], json!(["of the 250000 points of primary, one of every 3 is plotted"]));
}

#[test]
fn a_trace_without_spans_and_one_of_odd_spans_are_pages_too() {
    assert_eq!(timeline(&Page::of(&Trace::default()))["span_count"], 0);
    let odd = Trace::from_spans([
        Span::builder("open").trace_id(1).span_id(1).start(at(0)).build(),
        made("backwards", 2, 9, 3).parent_id(7).build(),
        made("itself", 3, 1, 2).parent_id(3).build(),
        Span::builder("").trace_id(2).span_id(4).build(),
    ]);
    let timeline = timeline(&Page::of(&odd));
    assert_eq!(timeline["spans"]["duration"].as_array().unwrap().len(), 4);
    assert!(timeline["defects"].as_array().unwrap().len() >= 3, "{}", timeline["defects"]);
}

#[test]
fn several_traces_stand_side_by_side_from_one_beginning() {
    let day = |start: u64, name: &'static str| {
        let scan = made("scan", 1, start, start + 50).link(skyspan_trace::trace::Link::new(1, 2)).build();
        let part = made("move", 2, start + 10, start + 20).parent_id(1).event(Event::new("e", at(start + 15))).build();
        Page::of(&Trace::from_spans([scan, part]))
            .title(name)
            .moments([PageMoment::new(at(start + 5), "messages", "set")])
            .lulls([Lull::new(at(start + 20), at(start + 50), "paused")])
            .tables([Table::new("t", ["a"]).row(["1"])])
    };
    let page = Page::of_several([day(0, "monday"), day(1_000_000, "tuesday"), day(7, "friday")]).title("a week");
    let page = timeline(&page);
    assert_eq!((&page["parts"], &page["compared"]), (&json!(["monday", "tuesday", "friday"]), &json!(false)));
    assert_eq!(page["spans"]["part"], json!([0, 1, 2, 0, 1, 2]));
    assert_eq!(page["spans"]["start"], json!([0, 0, 0, 10, 10, 10]));
    assert_eq!(page["spans"]["parent"], json!([-1, -1, -1, 0, 1, 2]));
    assert_eq!(page["links"], json!([[0, 3], [1, 4], [2, 5]]));
    assert_eq!(page["events"], json!([[3, 15, "e"], [4, 15, "e"], [5, 15, "e"]]));
    assert_eq!(page["lulls"][2], json!([20, 50, "friday: paused"]));
    assert_eq!(page["moments"][1], json!([5, "tuesday: messages", "set"]));
    assert_eq!(page["tables"][1]["title"], "tuesday: t");
    // One without spans is told, and one alone is as it is.
    let one = timeline(&Page::of_several([Page::of(&Trace::default()).title("empty"), day(0, "monday")]));
    assert_eq!((&one["parts"], &one["troubles"]), (&json!(["monday"]), &json!(["empty: there is no span"])));
    assert_eq!(timeline(&Page::of_several([]))["span_count"], 0);
}

#[test]
fn two_traces_that_differ_say_so_on_their_spans() {
    let run = |target: i64, end: u64, more: bool| {
        let mut spans = vec![
            made("scan", 1, 0, 100_000_000).build(),
            made("move", 2, 0, end).parent_id(1).attribute("target", target).build(),
        ];
        spans.extend(more.then(|| made("expose", 3, end, end + 5).parent_id(1).build()));
        Trace::from_spans(spans)
    };
    let (before, after) = (run(5, 10_000_000, false), run(6, 60_000_000, true));
    let page = timeline(&Page::of_diff(("a", &before), ("b", &after), &before.diff(&after)));
    assert_eq!(
        (&page["title"], &page["parts"], &page["compared"]),
        (&json!("a and b"), &json!(["a", "b"]), &json!(true))
    );
    let notes: Vec<&Value> = page["checks"][0]["notes"].as_array().unwrap().iter().map(|note| &note[1]).collect();
    assert_eq!(notes, ["new", "target: 5 before, 6 now", "target: 5 before, 6 now"]);
    let rows = page["tables"][0]["rows"].as_array().unwrap();
    assert!(
        rows.iter().any(|row| row[0] == "move" && row[2] == "10 ms" && row[3] == "60 ms" && row[5] == "slower"),
        "{rows:?}"
    );
    // Of two that are alike nothing is told, and two of one name are told apart.
    let same = timeline(&Page::of_diff(("a", &before), ("a", &before), &before.diff(&before)));
    assert_eq!((&same["parts"], &same["checks"]), (&json!(["a before", "a after"]), &json!([])));
}
