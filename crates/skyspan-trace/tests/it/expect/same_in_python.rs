//! Reports that the Python package must print byte for byte: it reads these snapshots, `python/tests/test_reports.py`, and has the
//! same expectations under the same names.

use skyspan_trace::expect::*;
use skyspan_trace::trace::Trace;

fn scan() -> Trace {
    Trace::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recordings/scan/spans.json")).expect("a recording")
}

/// Keeps the plain report, and the coloured one for a terminal of 100 columns.
fn keep(name: &str, expectation: impl Expectation) {
    let mismatch = scan().check(expectation).expect_err("a mismatch");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/reports"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let colored = mismatch.colored().width(100).to_string().replace('\x1b', "\\x1b");
    settings.bind(|| insta::assert_snapshot!(name, format!("{mismatch}\n{colored}")));
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
