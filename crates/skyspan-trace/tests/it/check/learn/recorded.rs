//! Held to account on recordings of three programs: what is learned from one half of them is held against the other.

use std::path::{Path, PathBuf};

use skyspan_trace::check::{CheckFile, LearnOptions, Learned};
use skyspan_trace::expect::MutationKind;
use skyspan_trace::trace::Trace;

const PROGRAMS: [&str; 3] = ["scan", "orders", "shop"];

fn recordings(program: &str) -> Vec<Trace> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/learn").join(program);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 24, "{program}");
    paths.iter().map(|path| Trace::read(path).expect("a trace")).collect()
}

/// What is in a half, and what is in the other.
fn halves(traces: &[Trace], is_in_first: impl Fn(usize) -> bool) -> (Vec<Trace>, Vec<Trace>) {
    let (first, second): (Vec<_>, Vec<_>) = traces.iter().cloned().enumerate().partition(|(at, _)| is_in_first(*at));
    let of = |half: Vec<(usize, Trace)>| half.into_iter().map(|(_, trace)| trace).collect();
    (of(first), of(second))
}

#[test]
fn the_other_half_of_good_traces_raises_no_more_alarms_than_is_said() {
    let mut told = Vec::new();
    for program in PROGRAMS {
        let traces = recordings(program);
        let (mut alarms, mut held) = (0, 0);
        for parity in [0, 1] {
            let (taught, others) = halves(&traces, |at| at % 2 == parity);
            let learned = Learned::of(&taught, &LearnOptions::new().mutants(0)).expect("it can be learned");
            let check = CheckFile::parse(&learned.to_string()).expect("it is a check file");
            held += others.len();
            alarms += others.iter().filter(|trace| trace.check(&check).is_err()).count();
        }
        told.push(format!("{program}: {alarms} of {held}"));
        assert!(20 * alarms <= held, "{told:?}");
    }
}

#[test]
fn nine_in_ten_mutants_are_noticed_that_do_not_lie_within_what_was_seen() {
    for program in PROGRAMS {
        let (taught, _) = halves(&recordings(program), |at| at % 2 == 0);
        let learned = Learned::of(&taught, &LearnOptions::new().mutants(240)).expect("it can be learned");
        assert!(learned.score().share() >= 0.9, "{program}: {}", learned.summary());
        for (kind, score) in learned.scores() {
            // How long things take on a busy machine varies by more than a factor of two. Of few, one is more than a tenth.
            let is_time = matches!(kind, MutationKind::Stretched | MutationKind::Shrunk);
            let is_few = score.made - score.within_seen < 10;
            assert!(is_time || is_few || score.share() >= 0.9, "{program}, {kind}: {}", learned.summary());
        }
        assert!(!learned.unnoticed().is_empty(), "{program}");
    }
}
