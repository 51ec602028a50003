//! Held to account on recordings of three programs: what is learned from one half of them is held against the other.

use std::path::{Path, PathBuf};

use skyspan_trace::check::{CheckFile, LearnOptions, Learned};
use skyspan_trace::expect::MutationKind;
use skyspan_trace::seed::Seed;
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

/// One random half of the traces, and the other.
fn halves(traces: &[Trace], seed: u64) -> (Vec<Trace>, Vec<Trace>) {
    let stream = Seed::new(seed).stream("halves");
    let mut order: Vec<(u64, usize)> = (0..traces.len()).map(|at| (stream.next_u64(), at)).collect();
    order.sort_unstable();
    let (first, second) = order.split_at(traces.len() / 2);
    let of = |half: &[(u64, usize)]| half.iter().map(|(_, at)| traces[*at].clone()).collect();
    (of(first), of(second))
}

/// `examples/learn_halves.rs` does the same with more halves, and tells which rules raised the alarms.
#[test]
fn the_other_half_of_good_traces_raises_no_more_alarms_than_is_said() {
    let (mut told, mut alarms, mut held) = (String::new(), 0, 0);
    for program in PROGRAMS {
        let traces = recordings(program);
        for seed in 0..4 {
            let (taught, others) = halves(&traces, seed);
            let learned = Learned::of(&taught, &LearnOptions::new().mutants(0)).expect("it can be learned");
            let check = CheckFile::parse(&learned.to_string()).expect("it is a check file");
            held += others.len();
            for trace in others {
                if let Err(mismatch) = trace.check(&check) {
                    alarms += 1;
                    told += &format!("{program}, half {seed}: {mismatch}\n");
                }
            }
        }
    }
    assert!(20 * alarms <= held, "{alarms} of {held}\n{told}");
}

#[test]
fn nine_in_ten_mutants_are_noticed_that_do_not_lie_within_what_was_seen() {
    for program in PROGRAMS {
        let (taught, _) = halves(&recordings(program), 0);
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
