//! How many instructions the design's measures take, each beside its counterpart: what a busy machine does not change.
//!
//! `cargo bench --bench instructions` runs each workload under valgrind's callgrind, which has to be installed, once with few turns and
//! once with more; the difference is what the turns take. A name that is given picks the measures that contain it:
//! `cargo bench --bench instructions -- traced`. With `--turns N WORKLOAD` a workload is run as it is, for a profile of one's own.

#[path = "measures/cases.rs"]
mod cases;
#[path = "measures/spans.rs"]
mod spans;
#[path = "instructions/workloads.rs"]
mod workloads;

use std::process::{Command, ExitCode};

use workloads::{MEASURES, WORKLOADS};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what a benchmark is for")]
fn main() -> ExitCode {
    // What cargo adds.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["--turns", turns, workload] = arguments[..] {
        let known = WORKLOADS.iter().find(|(name, _)| *name == workload);
        let (Some((_, run)), Ok(turns)) = (known, turns.parse()) else {
            eprintln!("--turns takes a number and one of {:?}", WORKLOADS.map(|(name, _)| name));
            return ExitCode::from(2);
        };
        run(turns);
        return ExitCode::SUCCESS;
    }
    let is_wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| name.contains(argument));
    for (workload, counterpart, turns) in MEASURES {
        if !is_wanted(workload) {
            continue;
        }
        let counted = instructions_a_turn(workload, turns).and_then(|ours| match counterpart {
            Some(counterpart) => Ok((ours, Some((counterpart, instructions_a_turn(counterpart, turns)?)))),
            None => Ok((ours, None)),
        });
        match counted {
            Ok((ours, None)) => println!("{workload}: {ours:.0} instructions"),
            Ok((ours, Some((other, theirs)))) => {
                println!("{workload}: {ours:.0} instructions / {other}: {theirs:.0} = {:.2}", ours / theirs);
            }
            Err(problem) => {
                eprintln!("{workload}: {problem}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// How many instructions a turn of a workload takes.
fn instructions_a_turn(workload: &str, turns: u64) -> Result<f64, String> {
    let (few, many) = (instructions(workload, turns)?, instructions(workload, 3 * turns)?);
    Ok((many as f64 - few as f64) / (2 * turns) as f64)
}

fn instructions(workload: &str, turns: u64) -> Result<u64, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*workloads::counted*"])
        .arg(this);
    let run = valgrind.args(["--turns", &turns.to_string(), workload]).output();
    let output = run.map_err(|error| format!("valgrind cannot be run ({error}); it has to be installed"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.ok_or_else(|| format!("valgrind says no count:\n{told}"))
}
