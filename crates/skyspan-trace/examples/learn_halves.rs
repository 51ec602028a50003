//! Holds `learn` to account on the recordings in `fixtures/learn`: learns from one random half of a program's traces, and holds the
//! other half against what was learned.
//!
//! ```text
//! cargo run --release -p skyspan-trace --features check,compression --example learn_halves -- [HALVES] [MUTANTS]
//! ```
//!
//! Prints the false alarms of each program with the rules that raised them, and of each kind of mutants how many were noticed.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use skyspan_trace::check::{CheckFile, KindScore, LearnOptions, Learned};
use skyspan_trace::expect::MutationKind;
use skyspan_trace::seed::Seed;
use skyspan_trace::trace::Trace;

const PROGRAMS: [&str; 3] = ["scan", "orders", "shop"];

/// What came of one program.
#[derive(Default)]
struct Account {
    held: usize,
    alarms: usize,
    by_rule: BTreeMap<String, usize>,
    scores: BTreeMap<MutationKind, KindScore>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let halves: u64 = arguments.next().map_or(Ok(20), |text| text.parse())?;
    let mutants: usize = arguments.next().map_or(Ok(240), |text| text.parse())?;
    for program in PROGRAMS {
        let traces = recordings(program)?;
        let mut account = Account::default();
        for seed in 0..halves {
            account.take(&traces, seed, mutants)?;
        }
        account.print(program);
    }
    Ok(())
}

impl Account {
    fn take(&mut self, traces: &[Trace], seed: u64, mutants: usize) -> Result<(), Box<dyn Error>> {
        let stream = Seed::new(seed).stream("halves");
        let mut order: Vec<(u64, usize)> = (0..traces.len()).map(|at| (stream.next_u64(), at)).collect();
        order.sort_unstable();
        let (taught, others) = order.split_at(traces.len() / 2);
        let taught: Vec<Trace> = taught.iter().map(|(_, at)| traces[*at].clone()).collect();
        let learned = Learned::of(&taught, &LearnOptions::new().mutants(mutants))?;
        for (kind, score) in learned.scores() {
            let sum = self.scores.entry(*kind).or_default();
            *sum = sum.and(*score);
        }
        let check = CheckFile::parse(&learned.to_string())?;
        for (_, at) in others {
            let report = check.check(&traces[*at])?;
            self.held += 1;
            self.alarms += usize::from(!report.holds());
            for failed in report.checks().iter().filter(|check| check.result.is_err()) {
                *self.by_rule.entry(failed.name.to_string()).or_default() += 1;
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "they are few")]
    fn print(&self, program: &str) {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        println!(
            "{program}: {} of {} raised an alarm ({:.1} %)",
            self.alarms,
            self.held,
            percent(self.alarms, self.held)
        );
        self.by_rule.iter().for_each(|(rule, number)| println!("  {number:4}  {rule}"));
        for (kind, score) in &self.scores {
            let beyond = score.made - score.within_seen;
            println!("  {:5} of {beyond:5} ({:5.1} %)  {kind}", score.noticed, percent(score.noticed, beyond));
        }
    }
}

fn recordings(program: &str) -> Result<Vec<Trace>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/learn").join(program);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| Ok(Trace::read(path)?)).collect()
}
