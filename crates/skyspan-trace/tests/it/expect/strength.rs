//! Mutants of a trace, and who notices them.

use skyspan_trace::expect::{Mutant, Mutants, MutationKind, mutate};
use skyspan_trace::trace::{Attributes, Event, Link};

use super::*;

/// A trace of which there is a mutant of each kind.
fn rich() -> Trace {
    let event = Event::new("frame", Timestamp::from_unix_ns(3)).with_attributes(Attributes::from_iter([("number", 1)]));
    Trace::from_spans([
        made("run", 1, 0, 0, 20).attribute("exit_status", "success").build(),
        made("plan", 2, 0, 0, 20).link(Link::new(1, 1)).build(),
        made("set", 3, 2, 1, 4).attribute("target", 5).attribute("gain", 0.5).event(event).build(),
        made("status", 4, 3, 2, 2).attribute("device", "motor1").status(Status::error("stalled")).build(),
        made("wait", 5, 2, 6, 0).attribute("on", true).build(),
    ])
}

fn all_of(trace: &Trace, kind: MutationKind) -> Vec<Mutant> {
    Mutants::of(trace).only([kind]).made().collect()
}

#[test]
fn there_are_mutants_of_each_kind_and_each_is_another_trace() {
    let rich = rich();
    for kind in MutationKind::ALL {
        let mutants = all_of(&rich, kind);
        assert!(!mutants.is_empty(), "{kind}");
        for mutant in mutants {
            assert_eq!(mutant.kind(), kind);
            // Only the order of arrival tells which of two that start together is first.
            let (swapped, trace) = (kind == MutationKind::Swapped, mutant.trace());
            assert!(trace != rich && (swapped || shape(&trace) != shape(&rich)), "{mutant}");
        }
    }
}

#[test]
fn a_mutant_says_what_it_is() {
    let rich = rich();
    let texts: Vec<String> = Mutants::of(&rich).made().map(|mutant| mutant.to_string()).collect();
    for text in [
        r#""set" dropped, what is below it kept"#,
        r#""plan" dropped with all below it"#,
        r#""wait" dropped"#,
        r#""wait" duplicated"#,
        r#""status" moved to the root"#,
        r#""status" moved under "plan""#,
        r#""wait" moved under "set""#,
        r#""run" moved under "plan""#,
        r#""run" renamed to "run~""#,
        r#""set": target changed from 5 to "5""#,
        r#""set": target changed from 5 to 5.0"#,
        r#""set": target changed from 5 to 6"#,
        r#""set": gain dropped"#,
        r#""run": exit_status changed from "success" to "fail""#,
        r#""wait": skyspan.mutant=true added"#,
        r#""set" swapped with "wait""#,
        r#""set" takes 8 ns instead of 4 ns"#,
        r#""set" takes 2 ns instead of 4 ns"#,
        r#""wait" takes 1 ms instead of 0 s"#,
        r#""wait" left open"#,
        r#""wait": status changed from UNSET to ERROR: mutant"#,
        r#""status": status changed from ERROR: stalled to UNSET"#,
        r#""status": status changed from ERROR: stalled to ERROR: stalled~"#,
        r#""set": event "frame" dropped"#,
        r#""plan": link to "run" dropped"#,
    ] {
        assert!(texts.iter().any(|other| other == text), "{text} is not in {texts:#?}");
    }
}

#[test]
fn swapped_siblings_fill_the_same_time() {
    let rich = rich();
    let swapped = all_of(&rich, MutationKind::Swapped).into_iter().find(|mutant| mutant.span() == 2).unwrap().trace();
    passes(every(span("wait")).before(every(span("set"))), &swapped);
    passes(every(span("status")).within(every(span("set"))), &swapped);
    passes(span("set").ending(..=ns(6)).starting(ns(2)..), &swapped);
}

#[test]
fn spans_at_one_instant_are_swapped_too() {
    let trace = Trace::from_spans([made("set", 1, 0, 7, 0).build(), made("wait", 2, 0, 7, 0).build()]);
    let ordered = every(span("set")).before(every(span("wait")));
    assert_eq!(mutate(&trace, &ordered).unwrap().score_of(MutationKind::Swapped).noticed, 1);
    // Nobody could tell which of two that look the same is first.
    let alike = Trace::from_spans([made("set", 1, 0, 7, 0).build(), made("set", 2, 0, 7, 0).build()]);
    assert_eq!(Mutants::of(&alike).only([MutationKind::Swapped]).made().count(), 0);
}

#[test]
fn an_expectation_that_says_nothing_notices_nothing() {
    let strength = mutate(&rich(), &at_least(0, span(any()))).unwrap();
    assert_eq!((strength.share(), strength.score().noticed), (0.0, 0));
    assert_eq!(strength.survivors().len(), strength.possible());
}

#[test]
fn one_that_describes_the_whole_trace_notices_more_than_one_that_counts() {
    let rich = rich();
    let children = span("set").attr("target", 5).children([span("status").attr("device", "motor1")]);
    let tree = forest([span("run").exit_status("success"), span("plan").children([children, span("wait")])]);
    let (few, many) = (mutate(&rich, &one(span("run"))).unwrap(), mutate(&rich, &tree).unwrap());
    assert!(few.share() < 0.2 && many.share() > 2.0 * few.share(), "{few}\n{many}");
    for kind in [MutationKind::Dropped, MutationKind::Duplicated, MutationKind::Moved, MutationKind::Renamed] {
        assert_eq!(many.score_of(kind).noticed, many.score_of(kind).made, "{many}");
    }
}

#[test]
fn an_expectation_that_the_trace_does_not_meet_has_no_strength() {
    let error = mutate(&rich(), &none(span("run"))).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    assert!(error.to_string().contains("before mutants of it tell anything"), "{error}");
}

#[test]
fn a_check_that_panics_on_a_mutant_has_noticed_it() {
    let brittle = every(span("set")).that("the target is positive", |span| {
        let target = span.attr("target").and_then(Value::as_i64);
        target.map_or_else(|| std::panic::resume_unwind(Box::new("no target")), |target| target > 0)
    });
    let strength = mutate(&rich(), &brittle).unwrap();
    assert_eq!(strength.score_of(MutationKind::AttributeDropped).noticed, 1, "{strength}");
}

#[test]
fn a_large_trace_is_sampled_evenly_and_the_same_each_time() {
    let large: Trace = (1..=2_000)
        .map(|id| made("step", id, id / 2, id, 5).attribute("number", i64::try_from(id).unwrap()).build())
        .collect();
    let texts = |mutants: Mutants| mutants.made().map(|mutant| mutant.to_string()).collect::<Vec<_>>();
    let sample = || Mutants::of(&large).at_most(120);
    assert_eq!(texts(sample()).len(), 120);
    assert_eq!(texts(sample()), texts(sample()));
    assert_ne!(texts(sample()), texts(sample().seed(7)));
    assert_eq!(texts(sample().seed(7)), texts(sample().seed(7)));
    let dropped: Vec<usize> =
        sample().made().filter(|mutant| mutant.kind() == MutationKind::Renamed).map(|mutant| mutant.span()).collect();
    assert!(dropped.windows(2).all(|pair| (100..=300).contains(&(pair[1] - pair[0]))), "{dropped:?}");

    let strength = sample().check(&exactly(2_000, span("step"))).unwrap();
    assert_eq!(strength.score_of(MutationKind::Dropped).noticed, strength.score_of(MutationKind::Dropped).made);
    let text = strength.to_string();
    assert!(text.starts_with("29 of 120 mutants are noticed (24 %); these are a sample of "), "{text}");
    assert!(text.contains("⋯ 5 more: span moved") && text.lines().count() < 80, "{text}");
}
