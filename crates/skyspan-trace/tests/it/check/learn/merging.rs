//! What was learned is put into a file that a person has written.

use skyspan_trace::check::{CheckFile, merge_learned};

use super::{learned, orders};

#[test]
fn what_a_person_has_written_stays_as_it_is() {
    let written = "\
# By hand, and dear to us.
version: 1
expect:
  # The till.
  - name: \"charge: how many\"   # never twice
    spans: '{ name = \"charge\" }'
    count: ..=1

  - {spans: '{ status = error }', count: 0}
# The end.
";
    let merged = merge_learned(written, &learned(&orders(8))).unwrap();
    assert_eq!(merged.kept, ["charge: how many"]);
    let (before, after) = merged.text.split_once("  # learned ").unwrap();
    assert_eq!(before, &written[..written.len() - "# The end.\n".len()]);
    assert!(after.ends_with("# The end.\n"));
    let check = CheckFile::parse(&merged.text).unwrap();
    orders(8).iter().for_each(|trace| trace.assert(&check));
    // Once more changes nothing.
    let again = merge_learned(&merged.text, &learned(&orders(8))).unwrap();
    assert_eq!(again.text, merged.text);
    assert!(again.added.is_empty() && again.renewed.is_empty());
}

#[test]
fn what_was_learned_is_learned_anew_unless_somebody_has_changed_it() {
    let first = learned(&orders(8)).to_string();
    let by_hand = first.replace("  count: 1..=3\n", "  count: 1..=9\n");
    assert_ne!(by_hand, first);
    let merged = merge_learned(&by_hand, &learned(&orders(30))).unwrap();
    assert_eq!(merged.kept, ["price: how many"]);
    assert!(merged.text.contains("  count: 1..=9\n"));
    assert!(merged.renewed.contains(&"charge: how long".to_owned()), "{:?}", merged.renewed);
    assert!(merged.text.contains(": in 30 of 30, "));
    CheckFile::parse(&merged.text).unwrap();
}

#[test]
fn what_is_not_wanted_stays_out() {
    let unwanted = ["charge: how long".to_owned(), "no other spans".to_owned()];
    let merged = merge_learned("", &learned(&orders(8))).unwrap().without(&unwanted);
    assert!(merged.text.ends_with("# not wanted: charge: how long\n# not wanted: no other spans\n"));
    let written = "- spans: '{}'\n  count: 1..\n# not wanted: charge: how long\n# not wanted: no other spans\n";
    let merged = merge_learned(written, &learned(&orders(8))).unwrap();
    assert_eq!(merged.refused.len(), 2);
    assert!(
        !merged.text.contains("- name: \"charge: how long\"") && merged.text.contains("- name: \"charge: how many\"")
    );
    assert_eq!(merged.clone().without(&unwanted).text, merged.text);
}

#[test]
fn a_name_with_a_line_feed_that_is_not_wanted_stays_out() {
    let trace = || skyspan_trace::trace::Trace::from_spans([skyspan_trace::trace::Span::builder("two\nlines").build()]);
    let learned = learned(&[trace(), trace()]);
    let unwanted = ["two\nlines: how many".to_owned()];
    let merged = merge_learned("- spans: '{}'\n  count: 1..\n", &learned).unwrap().without(&unwanted);
    trace().assert(CheckFile::parse(&merged.text).unwrap());
    let written = "- spans: '{}'\n  count: 1..\n".to_owned() + merged.text.lines().last().unwrap() + "\n";
    assert_eq!(merge_learned(&written, &learned).unwrap().refused, unwanted);
}

#[test]
fn a_list_that_is_not_an_entry_a_line_is_refused() {
    for (written, told) in [
        ("[{spans: '{}', count: 1..}]", "expected an entry on lines of its own, behind `- `"),
        ("- spans: '{ nme = 1 }'\n  count: 1", "did you mean `name`?"),
        ("5", "expected a list of expectations"),
    ] {
        let error = merge_learned(written, &learned(&orders(2))).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_file_without_a_line_feed_at_its_end_and_one_with_those_of_windows_are_merged_into() {
    for written in ["- spans: '{}'\n  count: 1..", "- spans: '{}'\r\n  count: 1..\r\n"] {
        let merged = merge_learned(written, &learned(&orders(3))).unwrap();
        assert!(merged.text.starts_with(written));
        let check = CheckFile::parse(&merged.text).unwrap();
        orders(3).iter().for_each(|trace| trace.assert(&check));
    }
}
