//! [`WhatIf`]: how long a program would take with other devices.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{Harness, Kept, ProgramOutcome};
use crate::compare::{Holder, Statistics};
use crate::program::{OptionChange, Program};
use crate::trace::rounded_duration;
use crate::value::yaml::YamlError;
use crate::value::{FormatVersion, Text};
use skyspan_trace::internal::{cut_to, nanoseconds, table};

/// How long a program takes, and how long it would with devices that are quicker, or otherwise than they are. Each is run: what is
/// saved is exact for the simulated devices, whatever is done at the same time. Its `Display` is a table.
///
#[cfg_attr(feature = "plan-files", doc = "```")]
#[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
/// use skyspan::harness::WhatIf;
/// use skyspan::prelude::*;
/// use skyspan::program::Program;
///
/// let program = Program::parse("
/// devices:
///   - {name: stage, class: SimMotor, velocity: 1, acceleration_time: 0.5}
///   - {name: camera, class: SimDetector, exposure_time: 2}
/// items:
///   - {item_type: plan, name: scan, args: [[camera], stage, 0, 3, 4]}
/// ")?;
/// let what_if = WhatIf::quicker(&program, 0)?;
/// assert_eq!(what_if.duration, secs(3.0 * 1.5 + 4.0 * 2.0));
/// // The exposures first, of which half is saved; of the moves the acceleration stays.
/// let saved: Vec<(&str, f64)> =
///     what_if.alternatives.iter().map(|it| (&*it.changes[0].device, it.saved_s(what_if.duration))).collect();
/// assert_eq!(saved, [("camera", 4.0), ("stage", 1.5)]);
/// # Ok::<(), skyspan::value::yaml::YamlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WhatIf {
    version: FormatVersion,
    /// How long it takes as it is.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// Whether all items went well as it is.
    pub is_success: bool,
    /// How long it would take otherwise, those first that save most.
    pub alternatives: Vec<Alternative>,
}

/// How long a program would take with some options of devices changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Alternative {
    /// What would be otherwise.
    pub changes: Vec<OptionChange>,
    /// How long it would take.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// Whether all items would go well.
    pub is_success: bool,
    /// The device that waits are held by where the one that is quicker is no longer the last; nothing where there is none.
    pub then: Option<Text>,
}

impl Alternative {
    /// What it saves of a duration, in seconds; below zero where it takes longer.
    #[must_use]
    pub fn saved_s(&self, duration: Duration) -> f64 {
        duration.as_secs_f64() - self.duration.as_secs_f64()
    }

    fn saved_ns(&self, duration: Duration) -> i128 {
        let ns = |time: Duration| i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
        ns(duration) - ns(self.duration)
    }
}

impl WhatIf {
    /// Runs a program as it is, and with each of its devices twice as quick in turn: its rate doubled, or its exposure or other time
    /// halved; accelerations, settling and dead times are kept. All with one seed.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit in the program.
    pub fn quicker(program: &Program, seed: u64) -> Result<Self, YamlError> {
        Self::of(program, seed, program.quicker_devices().into_iter().map(|change| vec![change]).collect())
    }

    /// The table that its `Display` prints, for a [page](crate::page::Page::tables).
    #[cfg(feature = "page")]
    #[must_use]
    pub fn to_table(&self) -> crate::page::Table {
        let (head, rows) = self.cells();
        let title = "What if: each device twice as quick, in turn";
        rows.into_iter().fold(crate::page::Table::new(title, head), crate::page::Table::row)
    }

    /// Runs a program as it is, and with other options in turn.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit in the program, and for an option that its class does not take.
    pub fn of(program: &Program, seed: u64, alternatives: Vec<Vec<OptionChange>>) -> Result<Self, YamlError> {
        let lab =
            Harness::builder().seed(seed).program(program).without(Kept::Documents).without(Kept::Messages).build();
        let (outcome, duration) = timed(&lab, program)?;
        let statistics = outcome.trace().statistics();
        let alternatives = alternatives.into_iter().map(|changes| {
            let changed = program.with_options(&changes);
            let lab = Harness::builder()
                .seed(seed)
                .program(&changed)
                .untraced()
                .without(Kept::Documents)
                .without(Kept::Messages);
            let (outcome, duration) = timed(&lab.build(), &changed).map_err(|error| error_of(error, &changes))?;
            let then = changes.iter().find_map(|change| then(&statistics, &change.device));
            Ok(Alternative { changes, duration, is_success: outcome.ended_well(), then })
        });
        let mut alternatives = alternatives.collect::<Result<Vec<_>, YamlError>>()?;
        alternatives.sort_by_key(|alternative| alternative.duration);
        Ok(Self { version: FormatVersion, duration, is_success: outcome.ended_well(), alternatives })
    }
}

/// Runs a program, and tells how long all of it took.
fn timed(lab: &Harness, program: &Program) -> Result<(ProgramOutcome, Duration), YamlError> {
    let began = lab.clock().now();
    let outcome = lab.run_program(program)?;
    Ok((outcome, lab.clock().now() - began))
}

/// An error at an option that stands in no file.
fn error_of(mut error: YamlError, changes: &[OptionChange]) -> YamlError {
    if error.position.is_none() {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        error.expected = format!("{} ({})", error.expected, changes.join(", "));
    }
    error
}

/// Who holds the waits that a device held, without it.
fn then(statistics: &Statistics, device: &Text) -> Option<Text> {
    let mut held = statistics
        .held
        .iter()
        .filter(|held| matches!(&held.by, Holder::Status { device: known, .. } if known == device));
    held.find(|held| held.alone < held.time).and_then(|held| held.then.clone())
}

impl WhatIf {
    /// The headings of its table, and its rows.
    fn cells(&self) -> ([&'static str; 5], Vec<[String; 5]>) {
        let ns = |time: Duration| i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
        let failed = |is_success: bool| if is_success { "" } else { "(fails)" }.to_owned();
        let as_is = [
            "as it is".to_owned(),
            rounded_duration(ns(self.duration)),
            String::new(),
            String::new(),
            failed(self.is_success),
        ];
        let rows = self.alternatives.iter().map(|it| {
            let changes: Vec<String> = it.changes.iter().map(ToString::to_string).collect();
            let saved = it.saved_ns(self.duration);
            let share = if self.duration.is_zero() {
                0.0
            } else {
                100.0 * it.saved_s(self.duration) / self.duration.as_secs_f64()
            };
            let then = it.then.as_ref().map(|then| format!("then {}", cut_to(then, 12)));
            let note = if it.is_success == self.is_success { then.unwrap_or_default() } else { failed(it.is_success) };
            [
                cut_to(&changes.join(", "), 36).into_owned(),
                rounded_duration(ns(it.duration)),
                rounded_duration(saved),
                format!("{share:.1} %"),
                note,
            ]
        });
        (["what if", "duration", "saved", "", ""], std::iter::once(as_is).chain(rows).collect())
    }
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, rows) = self.cells();
        table(f, Some(head), &rows, [0; 5])
    }
}
