//! Check files.

use std::sync::LazyLock;

use skyspan::check::{CheckFile, LearnOptions, Learned, bless_file, merge_learned};
use skyspan::trace::{Event, Link, Span, Status, Trace};
use skyspan::value::yaml::YamlError;
use skyspan::value::{Timestamp, Value, from_json};

use crate::lines::{assert_within, is_at};

/// The text is a check file, or an error is within it. One that is holds for traces or does not, and says so in every form, with
/// as many lines as it has expectations; the same file gives the same report; without what looks like a secret it holds for as much. What is learned can be put into it.
///
/// # Panics
///
/// If one of these does not hold.
pub fn check_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // It reads files of those who wrote it; a search need not find them.
    if text.contains("shape") {
        return;
    }
    let file = match CheckFile::parse(text) {
        Ok(file) => file,
        Err(error) => return is_within(&error, text),
    };
    is_merged(text);
    for trace in [&*TRACE, &Trace::default()] {
        let report = file.check_with_documents(trace, &DOCUMENTS);
        let again = file.check_with_documents(trace, &DOCUMENTS);
        assert_eq!(report.to_string(), again.to_string());
        let signs = report.to_string().lines().filter(|line| line.starts_with(['✓', '✗'])).count();
        assert_eq!(signs, report.checks().len(), "{report}");
        assert_eq!(report.holds(), report.to_github().is_empty());
        assert_eq!(report.redacted(&skyspan::trace::Redaction::new()).holds(), report.holds());
        let json = serde_json::to_value(&report).unwrap_or_default();
        assert_eq!((&json["version"], &json["holds"]), (&1.into(), &report.holds().into()));
        if !file.asks_for_documents() {
            let told = file.check(trace).map(|report| report.holds());
            assert_eq!(told.ok(), Some(report.holds()));
            assert_eq!(skyspan::expect::Expectation::check(&file, trace).is_ok(), report.holds());
        }
    }
}

/// What is learned is put into a file, or it is told why not; the file is one still, and has all lines that it had.
fn is_merged(text: &str) {
    let merged = match merge_learned(text, &LEARNED) {
        Ok(merged) => merged,
        Err(error) => return is_within(&error, text),
    };
    if let Err(error) = CheckFile::parse(&merged.text) {
        panic!("{error}: {text:?} has become {:?}", merged.text);
    }
    if !text.contains("# learned ") {
        let mut lines = merged.text.lines();
        assert!(text.lines().all(|line| lines.any(|other| other == line)), "{text:?} has become {:?}", merged.text);
    }
}

fn is_within(error: &YamlError, text: &str) {
    assert!(!error.to_string().is_empty());
    let Some(position) = error.position else { panic!("nobody says where: {error}") };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') {
        let as_lines = text.replace("\r\n", "\n").replace('\r', "\n");
        assert!(is_at(position, text) || is_at(position, &as_lines), "{error} is not in the file");
        return;
    }
    assert_within(position, text);
}

static LEARNED: LazyLock<Learned> = LazyLock::new(|| {
    let span = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).build();
    let traces = [Trace::from_spans([span(1, "set"), span(2, "wait")]), Trace::from_spans([span(1, "set")])];
    match Learned::of(&traces, &LearnOptions::new().mutants(0)) {
        Ok(learned) => learned,
        Err(error) => panic!("{error}"),
    }
});

/// A run of a scan, an orphan, a span that never ended and one with all that a span may have.
static TRACE: LazyLock<Trace> = LazyLock::new(|| {
    let at = |ms: u64| Timestamp::from_unix_ns(ms * 1_000_000);
    let made = |id: u64, name: &'static str, from: u64, to: u64| {
        Span::builder(name).trace_id(1).span_id(id).start(at(from)).end(at(to))
    };
    let trace = Trace::from_spans([
        made(1, "Bluesky RunEngine run", 0, 2_000).attribute("exit_status", "success").attribute("reason", "").build(),
        made(2, "Bluesky RunEngine set", 0, 10).parent_id(1).attribute("msg.args", [1.0]).build(),
        made(3, "Ophyd Status", 0, 500).parent_id(2).attribute("device_name", "stage").attribute("target", 1).build(),
        made(4, "Bluesky RunEngine wait", 10, 500).parent_id(1).attribute("group", "a").build(),
        made(5, "retry", 500, 600)
            .parent_id(9)
            .status(Status::error("no light"))
            .event(Event::new("exception", at(510)))
            .link(Link::new(1_u128, 2_u64))
            .attribute("password", "hunter2")
            .build(),
        Span::builder("open").trace_id(2).span_id(6).start(at(700)).build(),
    ]);
    let blessed = bless_file(&trace).to_string();
    let holds = CheckFile::parse(&blessed).and_then(|file| file.check(&trace)).map(|report| report.holds());
    assert_eq!(holds, Ok(true), "{blessed}");
    trace
});

static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let texts = [
        r#"["start", {"uid": "r", "plan_name": "scan"}]"#,
        r#"["descriptor", {"uid": "d", "name": "primary", "data_keys": {"motor": {}}}]"#,
        r#"["event", {"descriptor": "d", "data": {"motor": 1.0}}]"#,
        r#"["stop", {"exit_status": "success"}]"#,
    ];
    texts.iter().filter_map(|text| from_json(text).ok()).collect()
});
