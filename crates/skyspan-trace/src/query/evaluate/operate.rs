//! What operators make of values.
//!
//! Types that do not go together are no error here: what compares them is false.

use super::val::Val;
use crate::query::syntax::ast::{Arithmetic, Comparison};

/// Why an operator has no answer for two values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    DivisionByZero,
    ModuloByZero,
    TwoLists,
    ListArithmetic,
    NotOfNoBoolean,
    SignOfNoNumber,
}

impl Refusal {
    /// What was expected, and what was found.
    pub(super) fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::DivisionByZero => ("a divisor other than 0", "a division of integers by zero"),
            Self::ModuloByZero => ("a divisor other than 0", "a remainder of integers by zero"),
            Self::TwoLists => ("a list on one side alone", "lists on both sides"),
            Self::ListArithmetic => ("single numbers", "a list, with which nothing can be computed"),
            Self::NotOfNoBoolean => ("a truth value behind `!`", "another value"),
            Self::SignOfNoNumber => ("a number behind `-`", "another value"),
        }
    }
}

/// Whether a comparison holds. Regular expressions have been compiled, and are held elsewhere.
pub(super) fn compare(left: &Val<'_>, comparison: Comparison, right: &Val<'_>) -> Result<bool, Refusal> {
    match (left, right) {
        (Val::List(left), Val::List(right)) => {
            let elements = (left.first().map(Val::scalar), right.first().map(Val::scalar));
            let (Some(one), Some(other)) = elements else { return Ok(false) };
            if order(&one, &other).is_some() { Err(Refusal::TwoLists) } else { Ok(false) }
        }
        (Val::List(elements), scalar) => {
            Ok(of_list(elements, |element| holds(element, comparison, scalar), comparison))
        }
        (scalar, Val::List(elements)) => {
            Ok(of_list(elements, |element| holds(scalar, comparison, element), comparison))
        }
        (left, right) => Ok(holds(left, comparison, right)),
    }
}

/// What holds of all elements where they are to be unlike, and else of one.
fn of_list(elements: &[crate::value::Value], mut holds: impl FnMut(&Val<'_>) -> bool, comparison: Comparison) -> bool {
    let mut elements = elements.iter().map(Val::scalar);
    if comparison == Comparison::NotEqual {
        elements.all(|element| holds(&element))
    } else {
        elements.any(|element| holds(&element))
    }
}

/// Whether a comparison of single values holds. Whatever is compared with what is not there, or with another type, does not,
/// not even that it is unlike.
pub(super) fn holds(left: &Val<'_>, comparison: Comparison, right: &Val<'_>) -> bool {
    let order = match (left, right) {
        // Statuses and kinds have no order.
        (Val::Status(left), Val::Status(right)) => return is_alike(left == right, comparison),
        (Val::Kind(left), Val::Kind(right)) => return is_alike(left == right, comparison),
        (Val::Bool(left), Val::Bool(right)) => return is_alike(left == right, comparison),
        _ => order(left, right),
    };
    let Some(order) = order else { return false };
    match comparison {
        Comparison::Equal => order == Some(std::cmp::Ordering::Equal),
        Comparison::NotEqual => order != Some(std::cmp::Ordering::Equal),
        Comparison::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Comparison::LessEqual => order.is_some_and(std::cmp::Ordering::is_le),
        Comparison::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
        Comparison::GreaterEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        Comparison::Matches | Comparison::MatchesNot => false,
    }
}

fn is_alike(is_equal: bool, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => is_equal,
        Comparison::NotEqual => !is_equal,
        _ => false,
    }
}

/// The order of two values, if they are of types that go together; of a NaN there is none.
fn order(left: &Val<'_>, right: &Val<'_>) -> Option<Option<std::cmp::Ordering>> {
    match (left, right) {
        (Val::Int(left) | Val::Duration(left), Val::Int(right) | Val::Duration(right)) => Some(Some(left.cmp(right))),
        (Val::Str(left), Val::Str(right)) => Some(Some(left.cmp(right))),
        (Val::Bool(left), Val::Bool(right)) => Some(Some(left.cmp(right))),
        _ => Some(left.number()?.partial_cmp(&right.number()?)),
    }
}

/// What two numbers come to: an integer of two integers, else a float, of durations too. False where one is no number.
pub(super) fn compute(left: &Val<'_>, arithmetic: Arithmetic, right: &Val<'_>) -> Result<Val<'static>, Refusal> {
    if let (Val::Int(left), Val::Int(right)) = (left, right) {
        return compute_integers(*left, arithmetic, *right).map(Val::Int);
    }
    let first = |val: &Val<'_>| match val {
        Val::List(elements) => elements.first().and_then(|element| Val::scalar(element).number()),
        val => val.number(),
    };
    let has_list = matches!(left, Val::List(_)) || matches!(right, Val::List(_));
    let (Some(left), Some(right)) = (first(left), first(right)) else { return Ok(Val::Bool(false)) };
    if has_list {
        return Err(Refusal::ListArithmetic);
    }
    Ok(Val::Float(match arithmetic {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Modulo => left % right,
        Arithmetic::Power => libm::pow(left, right),
    }))
}

fn compute_integers(left: i64, arithmetic: Arithmetic, right: i64) -> Result<i64, Refusal> {
    Ok(match arithmetic {
        Arithmetic::Add => left.wrapping_add(right),
        Arithmetic::Subtract => left.wrapping_sub(right),
        Arithmetic::Multiply => left.wrapping_mul(right),
        Arithmetic::Divide if right == 0 => return Err(Refusal::DivisionByZero),
        Arithmetic::Divide => left.wrapping_div(right),
        Arithmetic::Modulo if right == 0 => return Err(Refusal::ModuloByZero),
        Arithmetic::Modulo => left.wrapping_rem(right),
        // As a float, cut to an integer: 2 ^ -1 is 0, and what is too great is the greatest.
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a cast of Rust's saturates")]
        Arithmetic::Power => libm::pow(left as f64, right as f64) as i64,
    })
}
