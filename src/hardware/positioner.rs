//! What all positioners of ophyd have: limits, and the options of a move.

use std::fmt;
use std::time::Duration;

use crate::device::{DeviceError, Status};
use crate::value::{Map, Text, Value, float_repr, repr, repr_str};

/// What hears of the end of a move.
pub(super) type Moved = Box<dyn FnOnce(&Status) + Send>;

/// From where to where a positioner goes, both included.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) low: Value,
    pub(super) high: Value,
}

impl Limits {
    /// What ophyd has where there are no limits: both are 0.
    pub(super) fn none() -> Self {
        Self::of(0.into(), 0.into())
    }

    pub(super) const fn of(low: Value, high: Value) -> Self {
        Self { low, high }
    }

    /// The low one and the high one, if there are limits.
    pub(super) fn both(&self) -> Option<(Value, Value)> {
        let there_are = self.low.as_f64()? < self.high.as_f64()?;
        there_are.then(|| (self.low.clone(), self.high.clone()))
    }

    /// Whether a position is within, or there are no limits.
    pub(super) fn contain(&self, position: &Value) -> Result<bool, DeviceError> {
        if self.both().is_some() { self.enclose(position) } else { Ok(true) }
    }

    /// Whether a position is within, also where no position can be.
    pub(super) fn enclose(&self, position: &Value) -> Result<bool, DeviceError> {
        let (Some(low), Some(high)) = (self.low.as_f64(), self.high.as_f64()) else { return Ok(true) };
        let number = position.as_f64().or_else(|| position.as_bool().map(f64::from));
        let number = number.ok_or_else(|| {
            DeviceError::type_error(format!("{} cannot be compared to the limits {self}", repr(position)))
        })?;
        Ok(low <= number && number <= high)
    }
}

/// As Python prints the pair.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", repr(&self.low), repr(&self.high))
    }
}

/// What the `repr` of a positioner has behind its name.
pub(super) fn info(
    settle_time: Duration,
    timeout: Option<Duration>,
    egu: &str,
    limits: &Limits,
    source: &str,
) -> String {
    let timeout = timeout.map_or_else(|| "None".to_owned(), |timeout| float_repr(timeout.as_secs_f64()));
    format!(
        ", settle_time={}, timeout={timeout}, egu={}, limits={limits}, source={}",
        float_repr(settle_time.as_secs_f64()),
        repr_str(egu),
        repr_str(source),
    )
}

/// What a positioner tells of besides its position.
pub(super) const fn positioner_events() -> &'static [&'static str] {
    &["start_moving", "done_moving", "_req_done", "acq_done"]
}

/// The options that `set` takes by keyword.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MoveOptions {
    pub(super) timeout: Option<Duration>,
}

impl MoveOptions {
    /// Takes them from the arguments by keyword; gives the others, too. That nobody is to wait, and that nobody is to be
    /// called, goes without saying.
    pub(super) fn taken_from(keyword: &Map) -> Result<(Self, Map), DeviceError> {
        let (mut options, mut others) = (Self::default(), Map::new());
        for (key, value) in keyword {
            match (&**key, value) {
                ("timeout" | "moved_cb", Value::Null) | ("wait", Value::Bool(false)) => {}
                ("timeout", value) => options.timeout = Some(timeout(value)?),
                ("wait" | "moved_cb", _) => {
                    return Err(DeviceError::type_error(format!(
                        "expected nothing as `{key}` of `set`, found {}: wait for its status in the plan",
                        repr(value)
                    )));
                }
                (_, value) => drop(others.insert(key.clone(), value.clone())),
            }
        }
        Ok((options, others))
    }
}

fn timeout(value: &Value) -> Result<Duration, DeviceError> {
    let seconds = value.as_f64().ok_or_else(|| {
        DeviceError::type_error(format!("a timeout is a number of seconds or null, not {}", repr(value)))
    })?;
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// Python's `-` before a value.
pub(super) fn negated(value: &Value) -> Result<Value, DeviceError> {
    let whole = |number: i128| Ok(Value::from(-number));
    match value {
        Value::Float(number) => Ok((-number).into()),
        Value::Int(number) => whole((*number).into()),
        Value::Bool(truth) => whole((*truth).into()),
        Value::BigInt(digits) => Ok(match digits.strip_prefix('-') {
            Some(positive) => Value::BigInt(positive.into()),
            None => Value::BigInt(Text::from(format!("-{digits}"))),
        }),
        other => Err(DeviceError::type_error(format!("bad operand type for unary -: {}", other.kind()))),
    }
}
