//! [`tweak`]: a motor moved by hand, as one looks at a signal.

use super::adaptive_scan::{field, wait_by_position};
use super::metadata::dimensions_of_each;
use crate::device::Device;
use crate::message::{Msg, PlanError};
use crate::plan::patterns::number;
use crate::plan::plus;
use crate::plan::{Plan, Stubs, plan};
use crate::value::{IntoEntries, Map, Text, Value, float_repr, repr};

/// Moves a motor by steps that one is asked for; made by [`tweak`].
#[derive(Clone)]
pub struct Tweak {
    detector: Device,
    target_field: Text,
    motor: Device,
    step: Value,
    md: Map,
}

/// Reads a motor and a detector, asks for a step, and moves the motor by it, until the answer is no number:
/// `bluesky.plans.tweak`, 1.15.1. An empty answer means the same step once more. Its result is the uid of the run.
///
/// What bluesky prints besides there is not. The reading of the last answer is in the run, the motor stays where it is.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let mut answers = ["", "0.5", "q"].into_iter();
/// lab.with_engine(|engine| {
///     engine.set_input(move |_| std::future::ready(Ok(answers.next().unwrap_or("q").into())));
/// });
/// let motor = lab.device("motor");
/// let run = lab.run(plans::tweak(&lab.device("det"), "det", &motor, 1));
/// assert_eq!((run.events().count(), motor.position()), (3, Some(1.5.into())));
/// ```
#[must_use]
pub fn tweak(detector: &Device, target_field: impl Into<Text>, motor: &Device, step: impl Into<Value>) -> Tweak {
    let (target_field, step) = (target_field.into(), step.into());
    Tweak { detector: detector.clone(), target_field, motor: motor.clone(), step, md: Map::new() }
}

impl Tweak {
    /// Metadata for the start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }

    fn metadata(&self) -> Map {
        let mut hints = Map::new();
        if let Some(dimensions) = dimensions_of_each(std::slice::from_ref(&self.motor)) {
            hints.insert("dimensions", dimensions);
        }
        let mut md = Map::from_iter([
            ("detectors", Value::from([self.detector.name()])),
            ("motors", [self.motor.name()].into()),
            (
                "plan_args",
                Map::from_iter([
                    ("detector", Value::from(self.detector.repr())),
                    ("target_field", (&self.target_field).into()),
                    ("motor", self.motor.repr().into()),
                    ("step", self.step.clone()),
                ])
                .into(),
            ),
            ("plan_name", "tweak".into()),
            ("hints", hints.into()),
        ]);
        md.extend(self.md.clone());
        md
    }

    async fn ask(self, p: &Stubs) -> Result<(), PlanError> {
        let Self { detector, target_field, motor, mut step, .. } = self;
        loop {
            p.create("primary").await?;
            let of_motor = p.read(&motor).await?;
            let Some((_, position)) = of_motor.iter().next() else {
                return Err(PlanError::raised("IndexError", "list index out of range"));
            };
            let position = position.value.clone();
            p.trigger(&detector, "A").await?;
            p.msg(wait_by_position("A")).await?;
            let value = field(&p.read(&detector).await?, &target_field)?;
            p.save().await?;
            let position_f64 = number(&position)
                .ok_or_else(|| PlanError::type_error(format!("{} is moved by numbers, and is at {position}", motor)))?;
            let (at, value) = (three_digits(position_f64), three_digits(value));
            let answer = p.input(format!("{}, {at}, {value}, ({}) ", motor.name(), shown(&step))).await?;
            if !answer.is_empty() {
                let Some(given) = python_float(&answer) else { return Ok(()) };
                step = given.into();
            }
            let target = plus(&position, &step).map_err(PlanError::type_error)?;
            p.msg(Msg::set(&motor, target).in_group("A")).await?;
            p.msg(wait_by_position("A")).await?;
        }
    }
}

/// Python's `float()` of a line.
fn python_float(line: &str) -> Option<f64> {
    let text = line.trim();
    let digits_around_underscores = || {
        let bytes = text.as_bytes();
        let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| *byte != b'_' || (is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))))
    };
    if !digits_around_underscores() {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Python's `str()` of a step.
fn shown(step: &Value) -> String {
    match step {
        Value::Str(text) => text.to_string(),
        other => repr(other),
    }
}

/// Python's `format(number, ".3")`: three digits, an exponent where they do not do, and at least one digit behind the point.
fn three_digits(number: f64) -> String {
    if !number.is_finite() || number == 0.0 {
        return float_repr(number).to_string();
    }
    let scientific = format!("{number:.2e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    // The digits of a whole number leave no place for one behind the point.
    if !(-4..2).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", without_zeros(digits), exponent.abs());
    }
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    let fixed = without_zeros(&format!("{number:.decimals$}"));
    if fixed.contains('.') { fixed } else { format!("{fixed}.0") }
}

impl From<Tweak> for Plan {
    fn from(tweak: Tweak) -> Self {
        let (md, all) = (tweak.metadata(), [tweak.detector.clone(), tweak.motor.clone()]);
        plan(async move |p| p.staged(&all, p.in_run(md, tweak.ask(&p))).await).named(Text::literal("tweak"))
    }
}

impl std::fmt::Debug for Tweak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tweak({:?}, {:?}, {:?}, {})", self.detector, self.target_field, self.motor, self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::{python_float, three_digits};

    #[test]
    fn numbers_have_three_digits_as_in_python() {
        for (number, text) in [
            (100.0, "1e+02"),
            (1.0, "1.0"),
            (10.0, "10.0"),
            (123_456.0, "1.23e+05"),
            (0.000_123_4, "0.000123"),
            (0.000_012_34, "1.23e-05"),
            (-2.5, "-2.5"),
            (99.96, "1e+02"),
            (0.0, "0.0"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (0.1 + 0.2, "0.3"),
            (12.34, "12.3"),
        ] {
            assert_eq!(three_digits(number), text, "{number}");
        }
    }

    #[test]
    fn lines_are_numbers_as_in_python() {
        for (line, number) in
            [(" 1_0.5 ", Some(10.5)), ("1e3", Some(1000.0)), ("q", None), ("_1", None), ("1__0", None)]
        {
            assert_eq!(python_float(line), number, "{line}");
        }
    }
}
