//! How soon a search finds each of ten planted faults, and how short a plan it makes of it: the table of the guide on laws. It takes
//! no criterion, for a search is long, and always the same. With a part of the name of a fault, it prints the longest plan that it
//! makes of that.

#[path = "../tests/it/property/planted_faults.rs"]
mod planted_faults;

use std::fmt::Write as _;

use skyspan::clock::Clock;
use skyspan::property::{CampaignLimits, Counterexample};

use planted_faults::{ALL, PlantedFault};

/// The seeds of the searches.
const SEEDS: std::ops::Range<u64> = 0..5;
/// How many cases of a seed are gone through at most.
const CASES: u64 = 20_000;

/// What came of the searches for one fault, a number for each seed.
#[derive(Default)]
struct Found {
    cases: Vec<u64>,
    tried: Vec<u64>,
    milliseconds: Vec<u64>,
    messages: Vec<u64>,
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() {
    println!("{} searches for each fault, median and most:\n", SEEDS.count());
    println!("| planted fault | cases | simpler ones tried | milliseconds | messages |");
    println!("|---|---|---|---|---|");
    // Cargo itself gives an option.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |fault: &&PlantedFault| wanted.as_ref().is_none_or(|part| fault.name.contains(part.as_str()));
    for fault in ALL.iter().filter(is_wanted) {
        let (row, longest) = row(fault);
        println!("{row}");
        if let Some(found) = longest.filter(|_| wanted.is_some()) {
            println!("\n{found}");
        }
    }
}

/// The row of a fault, and the longest plan that was found.
fn row(fault: &PlantedFault) -> (String, Option<Counterexample>) {
    let (mut all, clock) = (Found::default(), Clock::real());
    let mut longest: Option<Counterexample> = None;
    let mut row = format!("| {} |", fault.name);
    for seed in SEEDS {
        let start = clock.now();
        let result = fault.campaign(seed).run(&CampaignLimits::cases(CASES).jobs(1));
        let Some(found) = result.counterexample else {
            let _ = write!(row, " not found with seed {seed} |");
            return (row, longest);
        };
        all.cases.push(result.coverage.cases);
        all.tried.push(found.tried().into());
        all.milliseconds.push(u64::try_from((clock.now() - start).as_millis()).unwrap_or(u64::MAX));
        all.messages.push(found.messages() as u64);
        if longest.as_ref().is_none_or(|longest| longest.messages() < found.messages()) {
            longest = Some(found);
        }
    }
    for numbers in [&mut all.cases, &mut all.tried, &mut all.milliseconds, &mut all.messages] {
        numbers.sort_unstable();
        let (median, most) = (numbers[numbers.len() / 2], numbers[numbers.len() - 1]);
        let _ = write!(row, " {median}, {most} |");
    }
    (row, longest)
}
