//! [`Points`]: where one motor goes.

use std::sync::Arc;

use crate::hardware::LinSpace;
use crate::message::PlanError;
use crate::value::{Value, repr};

/// Where one motor goes. What can be computed is computed point by point.
#[derive(Clone, Debug)]
pub(in crate::plan) enum Points {
    /// One after another, as they were given.
    List(Arc<[Value]>),
    /// Numbers, one after another.
    Floats(Arc<[f64]>),
    /// In even steps (`numpy.linspace`).
    Line(LinSpace),
    /// Ten to the power of even steps (`numpy.logspace`).
    PowersOfTen(LinSpace),
}

impl Points {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::List(values) => values.len() as u64,
            Self::Floats(values) => values.len() as u64,
            Self::Line(line) | Self::PowersOfTen(line) => line.num,
        }
    }

    /// The point at that place; null beyond the end.
    pub(super) fn at(&self, at: u64) -> Value {
        let index = usize::try_from(at).unwrap_or(usize::MAX);
        match self {
            Self::List(values) => values.get(index).cloned().unwrap_or_default(),
            Self::Floats(values) => values.get(index).copied().into(),
            Self::Line(line) => line.at(at).into(),
            Self::PowersOfTen(line) => power_of_ten(line.at(at)).into(),
        }
    }

    /// As `numpy.array` makes one type of numbers of several.
    pub(super) fn as_array(&self) -> Self {
        let Self::List(values) = self else { return self.clone() };
        let all_numbers = values.iter().all(|value| number(value).is_some());
        let any = |is: fn(&Value) -> bool| values.iter().any(is);
        if !all_numbers {
            return self.clone();
        }
        if any(|value| matches!(value, Value::Float(_))) {
            return Self::Floats(values.iter().filter_map(number).collect());
        }
        if any(|value| matches!(value, Value::Int(_))) {
            let whole = |value: &Value| value.as_bool().map_or_else(|| value.clone(), |truth| i64::from(truth).into());
            return Self::List(values.iter().map(whole).collect());
        }
        self.clone()
    }

    /// A list of the points, as Python prints it.
    pub(super) fn repr(&self) -> String {
        let all: Value = (0..self.len()).map(|at| self.at(at)).collect();
        repr(&all)
    }
}

/// Ten to that power; exact to the last bit where that is a whole number. Elsewhere Python's own `pow` and numpy's differ in
/// the last bit of one number in twenty, numpy's from processor to processor, and so does this.
fn power_of_ten(exponent: f64) -> f64 {
    let whole = format!("1e{exponent:.0}").parse();
    match whole {
        Ok(power) if exponent.fract() == 0.0 && exponent.abs() < 300.0 => power,
        _ => libm::pow(10.0, exponent),
    }
}

/// A number, as Python's arithmetic takes it: a truth value is one, too.
pub(in crate::plan) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(f64::from))
}

/// What Python says of a generator that looks for the first point where there is none.
pub(super) fn no_points() -> PlanError {
    PlanError::runtime("generator raised StopIteration")
}
