//! What was found is kept, and tried first the next time.

use std::cell::Cell;
use std::path::PathBuf;

use skyspan::prelude::*;

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kept-{}-{name}.txt", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn what_was_found_is_tried_first() {
    let path = file("first");
    let found =
        for_all(0..1000_u64).regressions(&path).try_check(|_, number| (*number < 900).or_fail("too large")).err();
    let found = found.expect("some are larger");
    let tried = Cell::new(0);
    let again = for_all(0..1000_u64)
        .regressions(&path)
        .try_check(|_, number| {
            tried.set(tried.get() + 1);
            (*number < 900).or_fail("too large")
        })
        .err();
    assert_eq!(again.map(|again| again.case()), Some(found.case()));
    let text = std::fs::read_to_string(&path).expect("it is kept");
    assert_eq!(
        text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count(),
        1,
        "it is kept once: {text}"
    );
    assert!(text.contains("# the check fails: too large\n#     900\n"), "{text}");
    let first = Cell::new(None);
    for_all(0..1000_u64).regressions(&path).cases(3).check(|_, number| first.set(first.get().or(Some(*number))));
    assert!(first.get().is_some_and(|first| first >= 900), "what was mended is tried first all the same");
}

#[test]
fn another_test_has_its_own() {
    let path = file("others");
    std::fs::write(&path, "somebody::elses seed=0 case=999999\nnonsense\n\n").expect("it can be written");
    let count = Cell::new(0);
    for_all(0..1000_u64).regressions(&path).cases(5).check(|_, _| count.set(count.get() + 1));
    assert_eq!(count.get(), 5);
}

#[test]
fn where_it_cannot_be_kept_it_is_told_all_the_same() {
    let nowhere = PathBuf::from("/proc/nowhere/at/all.txt");
    let found = for_all(0..10_u64).regressions(nowhere).try_check(|_, number| (*number < 5).or_fail("too large")).err();
    assert_eq!(found.map(|found| found.plan().to_owned()).as_deref(), Some("5"));
}
