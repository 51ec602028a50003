//! [`Rest`]: where a device is when nobody asks anything of it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use opentelemetry::Context as Parent;

use crate::device::{CallEnvironment, Cx, Device, SyncOrAsync};
use crate::value::Value;

/// Where a device is: its readback, and where it was told to go if it knows that.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Rest {
    /// Where it is.
    pub readback: Value,
    /// Where it was told to go; nothing where it does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setpoint: Option<Value>,
}

impl Rest {
    /// Where a device is now, whatever faults it has; nothing for one that can be nowhere, takes time to say so, or panics.
    pub(super) fn of(device: &Device, shared: &Arc<CallEnvironment>) -> Option<Self> {
        let asked = AssertUnwindSafe(|| Self::asked(device, shared));
        catch_unwind(asked).ok().flatten()
    }

    fn asked(device: &Device, shared: &Arc<CallEnvironment>) -> Option<Self> {
        let (object, parent) = (device.behind_front(), Parent::new());
        let cx = Cx::new(shared, device, &parent);
        if let Some(locatable) = object.as_locatable() {
            let location = at_once(locatable.locate(cx))?.ok()?;
            return Some(Self { readback: location.readback, setpoint: Some(location.setpoint) });
        }
        if let Some(positioner) = object.as_positioner() {
            return Some(Self { readback: positioner.position(), setpoint: None });
        }
        // What is not set stays where it is, whatever it reads.
        object.as_movable()?;
        let readings = at_once(object.as_readable()?.read(cx))?.ok()?;
        let own = readings.get(device.name()).or_else(|| readings.iter().next().map(|(_, reading)| reading))?;
        Some(Self { readback: own.value.clone(), setpoint: None })
    }

    /// Whether it is not where it was told to go.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.setpoint.as_ref().is_some_and(|setpoint| !alike(setpoint, &self.readback, precision(setpoint)))
    }
}

/// What is there without any waiting.
fn at_once<T: Unpin>(given: SyncOrAsync<'_, T>) -> Option<T> {
    match pin!(given).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(given) => Some(given),
        Poll::Pending => None,
    }
}

/// How near to a value is the same, where nothing is known of the device: a millionth of it.
pub(super) fn precision(value: &Value) -> f64 {
    1e-6 * value.as_f64().map_or(1.0, |number| number.abs().max(1.0))
}

/// Whether two values are the same, numbers within a tolerance.
pub(super) fn alike(one: &Value, other: &Value, tolerance: f64) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() <= tolerance || one.is_nan() && other.is_nan(),
        _ => match (one.as_array(), other.as_array()) {
            (Some(one), Some(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other, tolerance))
            }
            _ => one == other,
        },
    }
}

/// A value for people: texts without quotes, numbers to six digits.
pub(super) struct Shown<'a>(pub(super) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_str(), self.0.as_f64().filter(|number| number.is_finite())) {
            (Some(text), _) => f.write_str(text),
            (None, Some(number)) => write!(f, "{}", rounded(number)),
            (None, None) => write!(f, "{}", self.0),
        }
    }
}

/// To six digits, and without a sign for what is nothing.
fn rounded(number: f64) -> f64 {
    let number = format!("{number:.5e}").parse().unwrap_or(number);
    if number == 0.0 { 0.0 } else { number }
}
