//! What makes a device quicker, and programs with options changed.

use super::classes::{CLASSES, DeviceClass};
use crate::program::data::{DeviceSpec, Program};
use crate::value::yaml::{Node, NodeValue, Spanned, YamlError};
use crate::value::{Position, Text, Value, nearest};

/// How a device becomes quicker by an option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pace {
    /// It is a rate, of which twice as much is quicker.
    Rate,
    /// It is a time, of which half is quicker.
    Time,
}

/// The options by which devices become quicker. Times to accelerate, to settle and to read out are none of them: who buys
/// a faster motor or more light keeps these.
const PACES: &[(&str, Pace)] = &[
    ("velocity", Pace::Rate),
    ("ramp_rate", Pace::Rate),
    ("time_constant", Pace::Time),
    ("delay", Pace::Time),
    ("exposure_time", Pace::Time),
    ("period", Pace::Time),
    ("opens_in", Pace::Time),
    ("closes_in", Pace::Time),
];

/// An option of a device of a program with another number than it has: `sx.velocity` of 2 in place of 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct OptionChange {
    /// The name of the device.
    pub device: Text,
    /// The option of its class.
    pub option: Text,
    /// What it has, or has if nobody says otherwise; nothing where that is no number.
    pub from: Option<f64>,
    /// What it would have.
    pub to: f64,
}

/// `sx.velocity 1 → 2`.
impl std::fmt::Display for OptionChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{} ", self.device, self.option)?;
        match self.from {
            Some(from) => write!(f, "{from} → {}", self.to),
            None => write!(f, "→ {}", self.to),
        }
    }
}

impl DeviceSpec {
    fn known_class(&self) -> Option<&'static DeviceClass> {
        CLASSES.iter().find(|known| known.name == self.class.value)
    }

    /// The number that an option has, or has if nobody says otherwise.
    fn number(&self, option: &str) -> Option<f64> {
        match self.options.iter().find(|(key, _)| key.value == option) {
            Some((_, node)) => node.expect_number("a number").ok(),
            None => self.known_class()?.options.iter().find(|known| known.name == option)?.default?.parse().ok(),
        }
    }

    /// How the device would be twice as quick: each of its rates doubled, or its times halved. Nothing for what takes no time.
    fn quicker(&self) -> Vec<OptionChange> {
        // Its period is that of the light, and nothing waits for it.
        let has = |option: &str| {
            let knows = |class: &DeviceClass| class.options.iter().any(|known| known.name == option);
            self.known_class().is_some_and(knows)
                && (option, self.class.value.as_str()) != ("period", "SynPeriodicSignal")
        };
        let is_said = |option: &str| self.options.iter().any(|(key, _)| key.value == option);
        let changes = PACES.iter().filter(|(option, _)| has(option)).filter_map(|(option, pace)| {
            // One of the two goes.
            if *option == "time_constant" && is_said("ramp_rate") {
                return None;
            }
            let from = self.number(option).filter(|number| number.is_finite() && *number > 0.0)?;
            let to = match pace {
                Pace::Rate => from * 2.0,
                Pace::Time => from / 2.0,
            };
            Some(OptionChange {
                device: self.name.value.as_str().into(),
                option: Text::literal(option),
                from: Some(from),
                to,
            })
        });
        changes.collect()
    }
}

impl Program {
    /// For each device of the program, one after another, how it would be twice as quick: its rate doubled, or its exposure or
    /// other time halved; accelerations, settling and dead times are kept.
    #[must_use]
    pub fn quicker_devices(&self) -> Vec<OptionChange> {
        self.devices.iter().flat_map(DeviceSpec::quicker).collect()
    }

    /// Reads a change as it stands at a command line: `camera.exposure_time=0.1`; of an option the beginning is enough, as in
    /// `camera.exposure`, where no other begins so.
    ///
    /// # Errors
    ///
    /// [`YamlError`] where there is no such device in the program, no such option, or no number.
    pub fn option_change(&self, text: &str) -> Result<OptionChange, YamlError> {
        let wanted = |found: &str| {
            YamlError::without_position("DEVICE.OPTION=NUMBER, such as camera.exposure_time=0.1", format!("{found:?}"))
        };
        let (what, number) = text.split_once('=').ok_or_else(|| wanted(text))?;
        let (device, option) = what.rsplit_once('.').ok_or_else(|| wanted(text))?;
        let to: f64 = number.trim().parse().map_err(|_| wanted(text))?;
        let names = || self.devices.iter().map(|spec| spec.name.value.as_str());
        let Some(spec) = self.devices.iter().find(|spec| spec.name.value == device) else {
            let known = names().collect::<Vec<_>>().join(", ");
            let expected = if known.is_empty() {
                "a device of the file, which has none".to_owned()
            } else {
                format!("a device of the file: {known}")
            };
            return Err(
                YamlError::without_position(expected, format!("{device:?}")).with_suggestion(nearest(device, names()))
            );
        };
        let known: Vec<&str> =
            spec.known_class().map(|class| class.options.iter().map(|known| known.name).collect()).unwrap_or_default();
        let begin: Vec<&str> = known.iter().copied().filter(|known| known.starts_with(option)).collect();
        let found = match (known.iter().find(|known| **known == option), &begin[..]) {
            (Some(exact), _) => exact,
            (None, [only]) if !option.is_empty() => only,
            _ => {
                let expected = format!("an option of {}: {}", spec.class.value, known.join(", "));
                let meant = begin.first().copied().or(nearest(option, known.iter().copied()));
                return Err(YamlError::without_position(expected, format!("{option:?}")).with_suggestion(meant));
            }
        };
        Ok(OptionChange {
            device: spec.name.value.as_str().into(),
            option: (*found).into(),
            from: spec.number(found),
            to,
        })
    }

    /// The same program with options changed. A change of a device that is not in it changes nothing; what the option does not
    /// take is told where the program is [prepared](crate::harness::Harness::prepare).
    #[must_use]
    pub fn with_options<'a>(&self, changes: impl IntoIterator<Item = &'a OptionChange>) -> Self {
        let mut program = self.clone();
        for change in changes {
            let Some(spec) = program.devices.iter_mut().find(|spec| spec.name.value == change.device.as_str()) else {
                continue;
            };
            let node = Node { value: NodeValue::Scalar(number(change.to)), position: Position::NOWHERE };
            match spec.options.iter_mut().find(|(key, _)| key.value == change.option.as_str()) {
                Some((_, known)) => *known = node,
                None => spec.options.push((Spanned::from(change.option.as_str()), node)),
            }
        }
        program
    }
}

/// A number as a file would have it: what is whole is a whole number, which counts want.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 { Value::from(number as i64) } else { Value::from(number) }
}
