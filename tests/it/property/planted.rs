//! What a search makes of faults that are planted is as short as the guide says.

use skyspan::property::CampaignLimits;

use super::planted_faults::ALL;

/// The page that has the table, which `cargo bench --bench planted` prints.
const PAGE: &str = include_str!("../../../src/guide/laws.md");
/// How many cases of a seed are gone through at most.
const CASES: u64 = 20_000;
/// Two of those that the benchmark has: more would take a debug build too long.
const SEEDS: [u64; 2] = [0, 1];

/// How many messages the longest plan has that was found of a fault, by the table: its last number.
fn messages_by_the_table(fault: &str) -> Option<usize> {
    let row = PAGE.lines().find(|line| line.starts_with(&format!("| {fault} |")))?;
    let longest = row.trim_end_matches([' ', '|']).rsplit(|c: char| !c.is_ascii_digit()).next()?;
    longest.parse().ok()
}

#[test]
fn what_is_found_of_each_planted_fault_is_as_short_as_the_guide_says() {
    let mut longer = String::new();
    for fault in &ALL {
        let Some(known) = messages_by_the_table(fault.name) else {
            longer += &format!("{}: the guide has no row for it\n", fault.name);
            continue;
        };
        for seed in SEEDS {
            match fault.campaign(seed).run(&CampaignLimits::cases(CASES).jobs(1)).counterexample {
                None => longer += &format!("{}, seed {seed}: not found\n", fault.name),
                Some(found) if found.messages() > known => {
                    longer += &format!(
                        "{}, seed {seed}: {} messages, {known} known\n{found}\n",
                        fault.name,
                        found.messages()
                    );
                }
                Some(_) => {}
            }
        }
    }
    assert!(longer.is_empty(), "{longer}");
}
