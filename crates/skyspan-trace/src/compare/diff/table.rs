//! [`TraceDiff`] for people.

use std::fmt;
use std::time::Duration;

use super::diff::{DiffSide, TraceDiff};
use super::time_change::{TimeChange, TimeVerdict};
use crate::compare::statistics::{Label, fitting, time};
use crate::table::grouped;
use crate::trace::rounded_duration;

/// So many parts of a difference of the whole are told.
const EFFECTS_MAX: usize = 3;
/// What is a smaller part of the whole is not told.
const TELLING: f64 = 0.005;

impl fmt::Display for TraceDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary(f, "", "→")?;
        self.changes(f)
    }
}

/// As a prediction and what came of it.
pub struct Predicted<'d>(pub(super) &'d TraceDiff);

impl fmt::Display for Predicted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.summary(f, "predicted ", "took")?;
        self.0.changes(f)
    }
}

impl TraceDiff {
    /// As `predicted 18.3 s, took 22 s: slit_x set +3 s`: where the first side is what a simulation says.
    #[must_use]
    pub fn as_prediction(&self) -> Predicted<'_> {
        Predicted(self)
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>, before: &str, after: &str) -> fmt::Result {
        let of = |side: &DiffSide| match side.recordings {
            1 => time(side.duration),
            several => format!("{} ({several} recordings)", time(side.duration)),
        };
        let separator = if before.is_empty() { " " } else { ", " };
        write!(f, "{before}{}{separator}{after} {}", of(&self.before), of(&self.after))?;
        let whole = self.before.duration.max(self.after.duration).as_secs_f64();
        let telling = |change_s: f64| change_s.abs() > TELLING * whole && whole > 0.0;
        if telling(self.after.duration.as_secs_f64() - self.before.duration.as_secs_f64()) {
            let told = self.effects.iter().filter(|effect| telling(effect.change_s())).take(EFFECTS_MAX);
            let told: Vec<String> =
                told.map(|effect| format!("{} {}", effect.what, signed(effect.change_s()))).collect();
            if !told.is_empty() {
                write!(f, ": {}", told.join(", "))?;
            }
        }
        writeln!(f)
    }

    fn changes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.tree.is_empty() {
            write!(f, "\n{}", self.tree)?;
        }
        let told = |verdicts: &[TimeVerdict]| {
            self.times.iter().filter(|it| verdicts.contains(&it.verdict)).collect::<Vec<_>>()
        };
        time_table(f, &told(&[TimeVerdict::Slower, TimeVerdict::Faster]), "times")?;
        let noise = told(&[TimeVerdict::Noise]);
        if !noise.is_empty() {
            time_table(f, &noise, "within the noise")?;
        }
        if !self.differs {
            writeln!(f, "\n{} pairs of spans, no difference that counts", grouped(self.pairs as u64))?;
        }
        Ok(())
    }
}

fn time_table(f: &mut fmt::Formatter<'_>, changes: &[&TimeChange], head: &str) -> fmt::Result {
    let rows = changes.iter().map(|change| {
        let mut label = Label::new(change.name.as_str());
        label.behind = change.device.as_deref().unwrap_or_default().to_owned();
        let cells = [
            String::new(),
            grouped(change.spans_after),
            time(change.before),
            time(change.after),
            change.change.map_or("-".to_owned(), |change| format!("{:+.1} %", 100.0 * change)),
            signed(change.total_change_s),
            change.likelihood.map_or(String::new(), |likelihood| format!("{likelihood:.3}")),
        ];
        (label, cells)
    });
    fitting(f, [head, "spans", "before", "after", "each", "all", "p"], rows.collect())
}

/// A time in seconds with its sign: `+3 s`.
fn signed(seconds: f64) -> String {
    let ns = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default().as_nanos();
    let ns = i128::try_from(ns).unwrap_or(i128::MAX);
    if seconds < 0.0 { rounded_duration(-ns) } else { format!("+{}", rounded_duration(ns)) }
}
