//! [`Chance`]: how long a program takes with many seeds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

use super::{Harness, Kept, Outcome};
use crate::compare::Times;
use crate::engine::ExitStatus;
use crate::program::Program;
use crate::trace::rounded_duration;
use crate::value::FormatVersion;
use crate::value::yaml::YamlError;
use skyspan_trace::internal::{cut_to, grouped, nanoseconds, one_line, table};

/// How long a program takes with many seeds, and how it ends: what faults at a rate, noise and jitter make of it. Its `Display` is a
/// table.
///
#[cfg_attr(feature = "plan-files", doc = "```")]
#[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
/// use skyspan::harness::Chance;
/// use skyspan::prelude::*;
/// use skyspan::program::Program;
///
/// let program = Program::parse("
/// devices: [{name: stage, class: SynAxis, delay: 1}]
/// faults: [{device: stage, kind: late, by: 5, rate: 0.5}]
/// items: [{item_type: plan, name: mv, args: [stage, 1]}]
/// ")?;
/// let chance = Chance::of(&program, 0..40)?;
/// assert_eq!((chance.times.min, chance.times.max), (secs(1.0), secs(6.0)));
/// assert_eq!(chance.succeeded, 40);
/// # Ok::<(), skyspan::value::yaml::YamlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Chance {
    version: FormatVersion,
    /// How often it was run, each time with another seed.
    pub seeds: u64,
    /// With how many of them all items went well.
    pub succeeded: u64,
    /// How long it took.
    #[serde(flatten)]
    pub times: Times,
    /// The seed with which it took longest.
    pub slowest_seed: u64,
    /// How the calls of the engine ended, those first that came most often.
    pub endings: Vec<EndingTally>,
}

/// How calls of the engine ended that ended alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EndingTally {
    /// The exit status of the last call.
    pub exit_status: ExitStatus,
    /// What came out of the plan, if that was an error.
    pub error: Option<String>,
    /// With how many seeds the last call ended so.
    pub seeds: u64,
    /// The first of these seeds: it shows it again.
    pub first_seed: u64,
    /// The shortest that it took to end so.
    #[serde(rename = "min_ns", serialize_with = "nanoseconds")]
    pub min: Duration,
}

impl Chance {
    /// Runs a program with each of some seeds. It keeps no more than the numbers; its time is that of as many runs.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit in the program.
    pub fn of(program: &Program, seeds: Range<u64>) -> Result<Self, YamlError> {
        let (mut durations, mut succeeded, mut slowest) = (Vec::new(), 0, (Duration::ZERO, seeds.start));
        let mut endings: BTreeMap<(String, Option<String>), EndingTally> = BTreeMap::new();
        for seed in seeds {
            let lab = Harness::builder()
                .seed(seed)
                .program(program)
                .untraced()
                .without(Kept::Documents)
                .without(Kept::Messages)
                .build();
            let began = lab.clock().now();
            let outcome = lab.run_program(program)?;
            let duration = lab.clock().now() - began;
            durations.push(duration);
            succeeded += u64::from(outcome.ended_well());
            if duration > slowest.0 {
                slowest = (duration, seed);
            }
            // The item that did not go well, and the last where all did.
            let failed = outcome.items().iter().find(|item| !item.is_success()).or(outcome.items().last());
            let Some(item) = failed else { continue };
            let exit_status = item.call().map_or(ExitStatus::Success, Outcome::exit_status);
            let error = item.error().map(|error| format!("{}: {error}", error.name()));
            let ending = endings.entry((exit_status.to_string(), error.clone())).or_insert(EndingTally {
                exit_status,
                error,
                seeds: 0,
                first_seed: seed,
                min: duration,
            });
            ending.seeds += 1;
            ending.min = ending.min.min(duration);
        }
        let mut endings: Vec<EndingTally> = endings.into_values().collect();
        endings.sort_by_key(|ending| (std::cmp::Reverse(ending.seeds), ending.first_seed));
        let seeds = durations.len() as u64;
        Ok(Self {
            version: FormatVersion,
            seeds,
            succeeded,
            times: Times::of(&mut durations),
            slowest_seed: slowest.1,
            endings,
        })
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: Duration| rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX));
        let Times { min, p50, p95, max, .. } = self.times;
        let row = [
            grouped(self.seeds),
            grouped(self.succeeded),
            time(min),
            time(p50),
            time(p95),
            time(max),
            grouped(self.slowest_seed),
        ];
        table(f, Some(["seeds", "succeeded", "min", "p50", "p95", "max", "slowest seed"]), &[row], [0; 7])?;
        let rows: Vec<[String; 3]> = self
            .endings
            .iter()
            .map(|ending| {
                let why = ending.error.as_ref().map(|error| format!("  {}", one_line(error))).unwrap_or_default();
                let what = cut_to(&format!("{}{why}", ending.exit_status), 56).into_owned();
                [what, grouped(ending.seeds), grouped(ending.first_seed)]
            })
            .collect();
        table(f, Some(["ended", "seeds", "first seed"]), &rows, [0; 3])
    }
}
