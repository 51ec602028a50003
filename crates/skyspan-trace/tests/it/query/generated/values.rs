//! Values of the language, and what operators make of them, word for word.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use skyspan_trace::value::Value;

use super::asked::Literal;

/// A value, as its type and itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum V {
    Nil,
    /// Something that is no value of the language.
    Odd,
    Int(i64),
    Float(f64),
    Str(String),
    Bool(bool),
    Ns(i64),
    Status(String),
    Kind(String),
    List(Vec<Self>),
}

/// A value that an operation cannot take.
#[derive(Debug)]
pub(crate) struct Refused;

pub(crate) type Answer<T> = Result<T, Refused>;

pub(crate) fn scalar(value: &Value) -> V {
    match value {
        Value::Int(number) => V::Int(*number),
        Value::Float(number) => V::Float(*number),
        Value::Str(text) => V::Str(text.to_string()),
        Value::Bool(truth) => V::Bool(*truth),
        _ => V::Odd,
    }
}

pub(crate) fn attribute(value: Option<&Value>) -> V {
    match value {
        None => V::Nil,
        Some(Value::Array(elements)) => {
            let all: Vec<V> = elements.iter().map(scalar).collect();
            let kinds: BTreeSet<String> =
                all.iter().map(|one| format!("{one:?}").split('(').next().unwrap().to_owned()).collect();
            match all.as_slice() {
                [one] => one.clone(),
                [_, _, ..] if kinds.len() == 1 && all[0] != V::Odd => V::List(all),
                _ => V::Odd,
            }
        }
        Some(value) => scalar(value),
    }
}

pub(crate) fn literal(literal: &Literal) -> V {
    match literal {
        Literal::Int(number) => V::Int(*number),
        Literal::Float(number) => V::Float(*number),
        Literal::Str(text) => V::Str((*text).to_owned()),
        Literal::Bool(truth) => V::Bool(*truth),
        Literal::DurationMs(ms) => V::Ns(ms * 1_000_000),
        Literal::Status(word) => V::Status((*word).to_owned()),
        Literal::Kind(word) => V::Kind((*word).to_owned()),
    }
}

pub(crate) fn number(value: &V) -> Option<f64> {
    match value {
        V::Int(number) | V::Ns(number) => Some(*number as f64),
        V::Float(number) => Some(*number),
        _ => None,
    }
}

/// Whether a comparison of two single values holds; types that do not go together never do.
pub(crate) fn holds(left: &V, sign: &str, right: &V) -> bool {
    let order = match (left, right) {
        (V::Str(left), V::Str(right)) => {
            if sign == "=~" || sign == "!~" {
                let matched = regex_lite::Regex::new(&format!("^(?s:{right})$")).unwrap().is_match(left);
                return matched == (sign == "=~");
            }
            Some(left.cmp(right))
        }
        (V::Bool(left), V::Bool(right)) => return (sign == "=" && left == right) || (sign == "!=" && left != right),
        (V::Status(left), V::Status(right)) | (V::Kind(left), V::Kind(right)) => {
            return (sign == "=" && left == right) || (sign == "!=" && left != right);
        }
        (V::Int(left) | V::Ns(left), V::Int(right) | V::Ns(right)) => Some(left.cmp(right)),
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => return false,
        },
    };
    match sign {
        "=" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        ">" => order == Some(Ordering::Greater),
        ">=" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => false,
    }
}

pub(crate) fn same_type(one: &V, other: &V) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

pub(crate) fn compared(left: &V, sign: &str, right: &V) -> Answer<bool> {
    let goes = |one: &V, other: &V| same_type(one, other) || number(one).is_some() && number(other).is_some();
    Ok(match (left, right) {
        (V::List(left), V::List(right)) if goes(&left[0], &right[0]) => return Err(Refused),
        (V::List(_), V::List(_)) => false,
        (V::List(all), one) if sign == "!=" || sign == "!~" => all.iter().all(|element| holds(element, sign, one)),
        (V::List(all), one) => all.iter().any(|element| holds(element, sign, one)),
        (one, V::List(all)) if sign == "!=" => all.iter().all(|element| holds(one, sign, element)),
        (one, V::List(all)) => all.iter().any(|element| holds(one, sign, element)),
        (one, other) => holds(one, sign, other),
    })
}

pub(crate) fn computed(left: &V, sign: &str, right: &V) -> Answer<V> {
    if let (V::Int(left), V::Int(right)) = (left, right) {
        return Ok(V::Int(match sign {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" if *right == 0 => return Err(Refused),
            "/" => left / right,
            "%" if *right == 0 => return Err(Refused),
            "%" => left % right,
            _ => (*left as f64).powf(*right as f64) as i64,
        }));
    }
    let of = |value: &V| match value {
        V::List(all) => number(&all[0]),
        value => number(value),
    };
    let (Some(one), Some(other)) = (of(left), of(right)) else { return Ok(V::Bool(false)) };
    if matches!(left, V::List(_)) || matches!(right, V::List(_)) {
        return Err(Refused);
    }
    Ok(V::Float(match sign {
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        "/" => one / other,
        "%" => one % other,
        _ => one.powf(other),
    }))
}
