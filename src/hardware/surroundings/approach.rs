//! [`Approach`]: how something comes near to where it is to be.

use std::time::Duration;

use crate::clock::Timestamp;

/// How fast something comes near to where it is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rate {
    /// What is left is the e-th part after so many seconds.
    TimeConstant(f64),
    /// By so much in a second.
    Ramp(f64),
}

/// The way from one value towards another, from a time on; it has no end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Approach {
    pub(super) began: Timestamp,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) rate: Rate,
}

impl Approach {
    /// The value at a time.
    pub(super) fn value(&self, now: Timestamp) -> f64 {
        let after_s = (now - self.began).as_secs_f64();
        match self.rate {
            Rate::TimeConstant(tau_s) => self.to + (self.from - self.to) * libm::exp(-after_s / tau_s),
            Rate::Ramp(per_s) => {
                let left = (self.from - self.to).abs() - per_s * after_s;
                if left > 0.0 { self.to + left.copysign(self.from - self.to) } else { self.to }
            }
        }
    }

    /// How long it takes until it is within a tolerance, to the nearest nanosecond.
    pub(super) fn within(&self, tolerance: f64) -> Duration {
        let way = (self.from - self.to).abs();
        if way <= tolerance {
            return Duration::ZERO;
        }
        let time_s = match self.rate {
            Rate::TimeConstant(tau_s) => tau_s * libm::log(way / tolerance),
            Rate::Ramp(per_s) => (way - tolerance) / per_s,
        };
        Duration::try_from_secs_f64(time_s).unwrap_or(Duration::MAX)
    }
}
