//! The check file that describes a trace.

use skyspan_trace::check::{CheckFile, bless_file};
use skyspan_trace::trace::{Span, Trace};

use super::{at, scan};

#[test]
fn it_is_loose_and_holds_for_the_trace() {
    let text = bless_file(&scan()).to_string();
    assert_eq!(
        text,
        r#"version: 1
expect:
- exit_status: success
- duration: 2 s ± 20 %
- spans: '{ status = error }'
  count: 1
- spans: '{ name = "Bluesky RunEngine run" }'
  each: {duration: 2 s ± 20 %}
- spans: '{ name = "Bluesky RunEngine set" }'
  each: {duration: 10 ms ± 20 %}
- spans: '{ name = "Bluesky RunEngine wait" }'
  each: {duration: 990 ms ± 20 %}
- spans: '{ name = "Ophyd Status" && span.device_name = "stage" }'
  each: {duration: 320 ms..=1.2 s}
- spans: '{ name = "retry" }'
  each: {duration: 100 ms ± 20 %}
- tree: |
    Bluesky RunEngine run  exit_status="success" reason=""
      Bluesky RunEngine set {2}  msg.args=*
        Ophyd Status  device_name="stage" target=*
      Bluesky RunEngine wait  group="set-1"
      retry  body="{\"number\": 5, \"kind\": \"a\"}"
"#
    );
    scan().assert(CheckFile::parse(&text).expect("it is a check file"));
}

#[test]
fn times_are_said_as_loosely_as_is_wanted() {
    let lines =
        |text: String| text.lines().filter(|line| line.contains("duration")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(bless_file(&scan()).times(0.0).to_string())[0], "- duration: 2 s");
    assert_eq!(lines(bless_file(&scan()).times(0.005).to_string())[0], "- duration: 2 s ± 0.5 %");
    assert_eq!(lines(bless_file(&scan()).without_times().to_string()), [""; 0]);
    assert!(bless_file(&scan()).exact().to_string().contains("target=1.0"));
    for text in [bless_file(&scan()).times(0.0), bless_file(&scan()).without_times(), bless_file(&scan()).exact()] {
        scan().assert(CheckFile::parse(&text.to_string()).expect("it is a check file"));
    }
}

#[test]
fn it_holds_for_whatever_names_and_values_there_are() {
    let odd = [
        "two  spaces",
        " begins",
        "a {3}",
        "!forbidden",
        "** deep",
        "...",
        "# comment",
        "\"quoted\"",
        "it's",
        "line\nfeed",
        "*",
        "/slashes/",
        "",
        "é…",
        "tab\there",
        "a?b ?",
        "(in order)",
        "{braces}",
        "5 s",
    ];
    let mut spans = Vec::new();
    for (at_ms, name) in (0_u64..).zip(odd) {
        let span = Span::builder(name.to_owned()).trace_id(1).span_id(at_ms + 1).start(at(at_ms)).end(at(at_ms + 7));
        let span = span.attribute(name.to_owned(), name.to_owned()).attribute("device_name", name.to_owned());
        spans.push(if at_ms == 0 { span.build() } else { span.parent_id(at_ms).build() });
    }
    let trace = Trace::from_spans(spans);
    let text = bless_file(&trace).to_string();
    let file = CheckFile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.assert(file);
    let empty = bless_file(&Trace::default()).to_string();
    Trace::default().assert(CheckFile::parse(&empty).unwrap_or_else(|error| panic!("{error}\n{empty}")));
}

#[test]
fn documents_are_described_by_their_numbers() {
    let documents = [
        skyspan_trace::value::from_json(r#"["start", {"uid": "r"}]"#).expect("JSON"),
        skyspan_trace::value::from_json(r#"["descriptor", {"uid": "d", "name": "primary"}]"#).expect("JSON"),
        skyspan_trace::value::from_json(r#"["event", {"descriptor": "d", "data": {"det": 5}}]"#).expect("JSON"),
    ];
    let text = bless_file(&scan()).documents(&documents).to_string();
    assert!(text.contains("- documents:\n    start: 1\n    streams:\n      \"primary\": 1\n"), "{text}");
    let file = CheckFile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let report = file.check_with_documents(&scan(), &documents);
    assert!(report.holds(), "{report}");
}
