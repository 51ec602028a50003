//! How long something may take: what a set says of it, and what comes of it.

use std::time::Duration;

use crate::clock::{Clock, Elapsed};
use crate::device::{Args, DeviceError};
use crate::value::Value;

/// How long a set may take, as far as its arguments say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Patience {
    /// As long as the device finds right: `CALCULATE_TIMEOUT`.
    OfDevice,
    /// So long; for ever where there is nothing.
    Of(Option<Duration>),
}

impl Patience {
    /// How long that is, where the device finds so much right.
    pub(super) const fn or(self, of_device: Option<Duration>) -> Option<Duration> {
        match self {
            Self::OfDevice => of_device,
            Self::Of(given) => given,
        }
    }
}

/// What is set, and how long that may take: `set(value, timeout=CALCULATE_TIMEOUT)`.
pub(super) fn value_and_patience<'a>(args: &'a Args, name: &str) -> Result<(&'a Value, Patience), DeviceError> {
    let (by_position, by_keyword) = (args.positional.first(), args.keyword.get(name));
    let wrong = match (by_position, by_keyword) {
        (Some(_), Some(_)) => Some(format!("got multiple values for argument '{name}'")),
        (None, None) => Some(format!("missing 1 required positional argument: '{name}'")),
        _ if args.positional.len() > 2 => {
            Some(format!("takes 2 positional arguments but {} were given", args.positional.len()))
        }
        _ => {
            let unknown = args.keyword.keys().find(|key| **key != *name && **key != *"timeout");
            unknown.map(|key| format!("got an unexpected keyword argument '{key}'"))
        }
    };
    if let Some(wrong) = wrong {
        return Err(DeviceError::type_error(format!("set() {wrong}")));
    }
    let value = by_position.or(by_keyword).unwrap_or(&Value::Null);
    let timeout = args.positional.get(1).or_else(|| args.keyword.get("timeout"));
    let patience = match timeout {
        None => Patience::OfDevice,
        Some(Value::Null) => Patience::Of(None),
        Some(Value::Str(text)) if *text == *"CALCULATE_TIMEOUT" => Patience::OfDevice,
        Some(other) => {
            let seconds = other.as_f64().ok_or_else(|| {
                DeviceError::type_error(format!("expected a number of seconds as the timeout, found {other}"))
            })?;
            Patience::Of(Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)))
        }
    };
    Ok((value, patience))
}

/// What comes of a future within so long; for ever where there is no such time.
pub(super) async fn within<F: Future>(clock: &Clock, time: Option<Duration>, future: F) -> Result<F::Output, Elapsed> {
    match time {
        None => Ok(future.await),
        Some(time) => clock.timeout(time, future).await,
    }
}
