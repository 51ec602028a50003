//! Reports that the Python package must print byte for byte: it reads these snapshots, `python/tests/test_reports.py`, and has the
//! same expectations under the same names.

#[cfg(feature = "compression")]
use skyspan_trace::compare::{DiffOptions, TraceDiff};
use skyspan_trace::expect::*;
use skyspan_trace::trace::Trace;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

fn recording(place: &str) -> Trace {
    Trace::read(format!("{FIXTURES}/{place}")).expect("a recording")
}

fn scan() -> Trace {
    recording("recordings/scan/spans.json")
}

/// Keeps the plain report, and the coloured one for a terminal of 100 columns.
fn keep(name: &str, expectation: impl Expectation) {
    let mismatch = scan().check(expectation).expect_err("a mismatch");
    let colored = mismatch.colored().width(100).to_string().replace('\x1b', "\\x1b");
    keep_text(name, format!("{mismatch}\n{colored}"));
}

fn keep_text(name: &str, text: String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/reports"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn python_prints_the_same_reports() {
    let (set, status, run) =
        (|| span("Bluesky RunEngine set"), || span("Ophyd Status"), || span("Bluesky RunEngine run"));
    keep("one", one(set().attr("msg.args", [6])));
    keep("none", none(status().attr("device_name", glob("mot*"))));
    keep("exactly", exactly(2, set().child(status().attr("device_name", "motor"))));
    keep("at_most", at_most(1).of(set()).because("a scan of one point"));
    keep("every", every(status()).attr("device_name", "motor").ended());
    keep("before", every(set()).before(every(run())));
    keep("if_any", if_any(set()).then(one(run().bluesky_exit_status("fail"))));
    keep("all", all([one(span("pack")), one(set().lasting(ns(1)..=ns(1))), none(run())]));
    keep("forest", forest([run(), set().times(2).children([status()]), span("unstage")]).or_more());
    keep("total", total(set()).exactly(secs(0.0)));
    keep("share", share(status()).of(run()).at_least(2.0));
    keep("parent", every(status()).parent(set().attr("msg.command", "trigger")));
    let text = "
        Bluesky RunEngine run  exit_status=abort
        Bluesky RunEngine set {5}
          Ophyd Status  device_name=motor target=0..=1
        ...
    ";
    keep("tree", ForestExpectation::parse(text).expect("a tree"));
}

// The recordings are compressed.
#[cfg(feature = "compression")]
#[test]
fn python_prints_the_same_differences() {
    let several = |side: &str| (1..=5).map(|n| recording(&format!("slower/{side}/{n}.json.gz"))).collect::<Vec<_>>();
    let (before, after) = (several("before"), several("after"));
    keep_text("diff_several", TraceDiff::of(&before, &after, &DiffOptions::new()).to_string());
    let options = DiffOptions::new().slower(0.5).faster(0.0).without_key(glob("msg.*"));
    keep_text("diff_options", before[0].diff_with(&after[0], &options).to_string());
    keep_text("diff_structure", scan().diff(&recording("recordings/count/spans.json")).to_string());
    keep_text("diff_none", scan().diff(&scan()).to_string());
}

#[test]
fn python_blesses_the_same_code() {
    let scan = scan();
    keep_text("bless_python", bless(&scan).as_python().without_fractions().telling().to_string());
    let all = bless(&scan).without_key(glob("*repr")).with_durations();
    keep_text("bless_python_all", all.as_python().to_string());
}
