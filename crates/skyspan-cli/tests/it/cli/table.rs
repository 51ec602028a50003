//! `skyspan run --table`.

use super::{SCAN, TempFile, skyspan};

/// The text with `UID` in the place of each uid of a run, and its first letters.
fn without_uids(text: &str) -> String {
    let uids = text.split("Unique Scan ID: '").skip(1).filter_map(|rest| rest.split('\'').next());
    uids.fold(text.to_owned(), |text, uid| text.replace(uid, "UID").replace(&uid[..8], "UID"))
}

const TABLE: &str = "

Transient Scan ID: 1     Time: 2024-06-18 08:40:56
Persistent Unique Scan ID: 'UID'
New stream: 'primary'
+-----------+------------+------------+------------+
|   seq_num |       time |      motor |        det |
+-----------+------------+------------+------------+
|         1 |   08:40:56 |      0.000 |      1.000 |
|         2 |   08:40:56 |      2.500 |      0.044 |
|         3 |   08:40:56 |      5.000 |      0.000 |
|         4 |   08:40:56 |      7.500 |      0.000 |
|         5 |   08:40:56 |     10.000 |      0.000 |
+-----------+------------+------------+------------+
Plan scan ['UID'] (scan num: 1)



";

#[test]
fn the_best_effort_table_is_printed_and_the_spans_only_if_they_are_asked_for() {
    let out = skyspan(["run", SCAN, "--table"]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    assert_eq!(without_uids(&out.stdout), TABLE);

    let tree = skyspan(["run", SCAN, "--spans", "tree"]).stdout;
    let both = skyspan(["run", SCAN, "--spans", "tree", "--table"]).stdout;
    assert_eq!(both, out.stdout.clone() + &tree);
    let spans = skyspan(["run", SCAN]).stdout;
    let both = skyspan(["run", SCAN, "--table", "--spans", "console"]).stdout;
    assert_eq!(both, out.stdout + &spans);
    assert!(spans.starts_with('{'));
}

const BASELINES: &str = "

Transient Scan ID: 1     Time: 2024-06-18 08:40:56
Persistent Unique Scan ID: 'UID'
New stream: 'baseline'
Start-of-run baseline readings:
+--------------------------------+--------------------------------+
|                         motor1 | 0                              |
+--------------------------------+--------------------------------+


Transient Scan ID: 2     Time: 2024-06-18 08:40:56
Persistent Unique Scan ID: 'UID'
New stream: 'baseline'
Start-of-run baseline readings:
+--------------------------------+--------------------------------+
|                         motor1 | 0                              |
+--------------------------------+--------------------------------+
New stream: 'primary'
+-----------+------------+------------+
|   seq_num |       time |       det1 |
+-----------+------------+------------+
|         1 |   08:40:56 |      5.000 |
|         2 |   08:40:56 |      5.000 |
+-----------+------------+------------+
Plan count ['UID'] (scan num: 2)
End-of-run baseline readings:
+--------------------------------+--------------------------------+
|                         motor1 | 0                              |
+--------------------------------+--------------------------------+



End-of-run baseline readings:
+--------------------------------+--------------------------------+
|                         motor1 | 0                              |
+--------------------------------+--------------------------------+



";

#[test]
fn baselines_stand_before_and_after_the_table_and_runs_that_overlap_have_one_each() {
    let plan = "
        items:
          - item_type: messages
            messages:
              - wrap: baseline
                devices: [motor1]
                body:
                  - {command: open_run, run: outer}
                  - {plan: {name: count, args: [[det1], 2]}}
                  - {command: close_run, run: outer}
    ";
    let file = TempFile::new(plan);
    let out = skyspan(["run", file.path(), "--table"]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    assert_eq!(without_uids(&out.stdout), BASELINES);
}

#[test]
fn what_fails_is_said_on_standard_error_below_the_table_so_far() {
    let plan = "
        devices: [{name: bad, class: SynAxis, fault: {kind: raise, nth: 3, message: stalled}}]
        items: [{item_type: plan, name: scan, args: [[det], bad, 0, 10, 5]}]
    ";
    let file = TempFile::new(plan);
    let out = skyspan(["run", file.path(), "--table"]);
    assert_eq!(out.code, 1);
    assert!(out.stderr.contains("stalled"), "{}", out.stderr);
    let rows = out.stdout.lines().filter(|line| line.starts_with("|  ")).count();
    assert_eq!(rows, 1 + 2, "{}", out.stdout);
    assert!(out.stdout.contains("+\nPlan scan ['"), "{}", out.stdout);
}

#[test]
#[cfg(target_os = "linux")]
fn a_table_that_cannot_be_written_is_said() {
    let file = TempFile::new("items: [{item_type: plan, name: count, args: [[det]]}]");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"));
    let out = command.args(["run", file.path(), "--table"]).stdout(full).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.starts_with("skyspan: cannot write standard output: "), "{said}");
}
