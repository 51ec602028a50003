//! [`Home`]: where a device has to be after a plan, whatever has happened.

use std::fmt;
use std::str::FromStr;

use super::TortureError;
use super::rest::{Rest, Shown, alike, precision};
use crate::value::{Text, Value};

/// Where a device has to be after a plan, as somebody says it: `shutter=Closed`, `stage=start`.
///
/// ```
/// use skyspan::torture::{Home, HomeAt};
///
/// let home: Home = "stage=start".parse()?;
/// assert_eq!((home.device.as_str(), home.at), ("stage", HomeAt::Start));
/// assert_eq!("stage=0.5".parse::<Home>()?.at, HomeAt::Value(0.5.into()));
/// assert_eq!(
///     "stage".parse::<Home>().unwrap_err().to_string(),
///     "expected DEVICE=VALUE as a home, where VALUE may be `start` or `end`, found \"stage\"",
/// );
/// # Ok::<(), skyspan::torture::TortureError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// The name of the device; dots reach its components.
    pub device: String,
    /// Where it has to be.
    pub at: HomeAt,
}

/// Where a device has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum HomeAt {
    /// Where it was before the plan.
    Start,
    /// Where the undisturbed plan leaves it.
    End,
    /// There.
    Value(Value),
}

impl FromStr for Home {
    type Err = TortureError;

    fn from_str(text: &str) -> Result<Self, TortureError> {
        let wrong = || TortureError::NoHome { found: text.to_owned() };
        let (device, at) = text.split_once('=').ok_or_else(wrong)?;
        let (device, at) = (device.trim(), at.trim());
        if device.is_empty() || at.is_empty() {
            return Err(wrong());
        }
        let at = match at {
            "start" => HomeAt::Start,
            "end" => HomeAt::End,
            "true" => HomeAt::Value(true.into()),
            "false" => HomeAt::Value(false.into()),
            at => HomeAt::Value(match (at.parse::<i64>(), at.parse::<f64>()) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) if at.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => number.into(),
                _ => at.into(),
            }),
        };
        Ok(Self { device: device.to_owned(), at })
    }
}

/// How a device stood before and after a run, and how far it went in between.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub(super) device: Text,
    pub(super) start: Rest,
    pub(super) end: Rest,
    /// Where it is on its way to, if it has not come to rest.
    pub(super) moving_to: Option<Value>,
    /// The least and the greatest number that it was set to, or started from.
    pub(super) range: Option<(f64, f64)>,
    /// What it was told last.
    pub(super) target: Option<Value>,
}

/// Where a device has to be, as the undisturbed run or somebody says it. `home.to_string()` is `stage 0`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct KnownHome {
    /// The device.
    pub device: Text,
    /// Where it has to be.
    pub value: Value,
    /// How near to it is there.
    pub tolerance: f64,
    /// Whether it was said, and not read from the undisturbed run.
    pub is_said: bool,
}

/// A device that is elsewhere after the undisturbed run than before: where it has to be, nobody knows.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct NoHome {
    /// The device.
    pub device: Text,
    /// Where it was.
    pub start: Value,
    /// Where the undisturbed run leaves it.
    pub end: Value,
}

/// So much of the way that a device goes is still at home: what comes to rest within a deadband does not come back exactly.
const DEADBAND: f64 = 0.05;

impl KnownHome {
    /// The home of a device that the undisturbed run brings back to where it was.
    pub(super) fn read(stay: &Stay) -> Result<Self, NoHome> {
        let start = &stay.start.readback;
        let (deviation, is_back) = match (&stay.start.setpoint, &stay.end.setpoint) {
            (Some(from), Some(to)) if alike(from, to, precision(from)) => {
                let deviation = deviation(&stay.end.readback, start);
                let allowed = stay.range.map_or(0.0, |(least, greatest)| DEADBAND * (greatest - least));
                (deviation, stay.moving_to.is_some() || deviation <= allowed.max(precision(start)))
            }
            _ => (0.0, alike(&stay.end.readback, start, precision(start))),
        };
        if !is_back {
            let (start, end) = (start.clone(), stay.end.readback.clone());
            return Err(NoHome { device: stay.device.clone(), start, end });
        }
        Ok(Self {
            device: stay.device.clone(),
            value: start.clone(),
            tolerance: precision(start).max(2.0 * if stay.moving_to.is_some() { 0.0 } else { deviation }),
            is_said: false,
        })
    }

    /// The home that is said of a device.
    pub(super) fn said(stay: &Stay, at: &HomeAt) -> Self {
        let value = match at {
            HomeAt::Start => &stay.start.readback,
            HomeAt::End => &stay.end.readback,
            HomeAt::Value(value) => value,
        };
        // Of what the undisturbed run brings there, it says how exactly that can be done.
        let read = Self::read(stay).ok().filter(|read| alike(&read.value, value, read.tolerance));
        Self {
            device: stay.device.clone(),
            value: value.clone(),
            tolerance: read.map_or(0.0, |read| read.tolerance).max(precision(value)),
            is_said: true,
        }
    }

    /// Whether a device is there, or on its way.
    pub(super) fn holds(&self, stay: &Stay) -> bool {
        match &stay.moving_to {
            Some(to) => alike(to, &self.value, self.tolerance),
            None => alike(&stay.end.readback, &self.value, self.tolerance),
        }
    }
}

impl fmt::Display for KnownHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.device, Shown(&self.value))
    }
}

fn deviation(one: &Value, other: &Value) -> f64 {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs(),
        _ if one == other => 0.0,
        _ => f64::INFINITY,
    }
}
