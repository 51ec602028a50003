//! What a query asks of each field.

use super::asked::{Ex, Literal};

/// What a query asks of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mention {
    Whole,
    Missing,
    /// One comparison, or several `!=` and `!~` of one chain.
    All(Vec<(&'static str, Literal)>),
}

pub(crate) fn mirrored(sign: &'static str, is_left: bool) -> &'static str {
    match (is_left, sign) {
        (true, "<") => ">",
        (true, "<=") => ">=",
        (true, ">") => "<",
        (true, ">=") => "<=",
        _ => sign,
    }
}

pub(crate) fn mentions(ex: &Ex, found: &mut Vec<(&'static str, Mention)>) {
    match ex {
        Ex::Literal(_) => {}
        Ex::Field(field) => found.push((field, Mention::Whole)),
        Ex::Nil(field, is_nil) => found.push((field, if *is_nil { Mention::Missing } else { Mention::Whole })),
        Ex::Compare(field, sign, literal, is_left) => {
            found.push((field, Mention::All(vec![(mirrored(sign, *is_left), literal.clone())])));
        }
        Ex::Negative(of) | Ex::Not(of) => mentions(of, found),
        Ex::CompareAny(left, _, right) | Ex::Arithmetic(left, _, right) => {
            mentions(left, found);
            mentions(right, found);
        }
        Ex::Or(parts) => parts.iter().for_each(|part| mentions(part, found)),
        Ex::And(_) => {
            let mut chain = Vec::new();
            flatten(ex, &mut chain);
            for group in joined(&chain) {
                match group {
                    Part::Joined(field, all) => found.push((field, Mention::All(all))),
                    Part::Other(part) => mentions(part, found),
                }
            }
        }
    }
}

/// A chain of `&&` in brackets is part of the chain around it.
pub(crate) fn flatten<'a>(ex: &'a Ex, chain: &mut Vec<&'a Ex>) {
    match ex {
        Ex::And(parts) => parts.iter().for_each(|part| flatten(part, chain)),
        other => chain.push(other),
    }
}

pub(crate) enum Part<'a> {
    Joined(&'static str, Vec<(&'static str, Literal)>),
    Other(&'a Ex),
}

/// The `!=` of one field and type, and the `!~` of one field, are one condition.
pub(crate) fn joined<'a>(chain: &[&'a Ex]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for ex in chain {
        if let Ex::Compare(field, sign @ ("!=" | "!~"), literal, _) = ex {
            let known = parts.iter_mut().find_map(|part| match part {
                Part::Joined(of, all)
                    if of == field
                        && all[0].0 == *sign
                        && std::mem::discriminant(&all[0].1) == std::mem::discriminant(literal) =>
                {
                    Some(all)
                }
                _ => None,
            });
            match known {
                Some(all) => all.push((sign, literal.clone())),
                None => parts.push(Part::Joined(field, vec![(sign, literal.clone())])),
            }
        } else {
            parts.push(Part::Other(ex));
        }
    }
    parts
}

pub(crate) fn has_or(ex: &Ex) -> bool {
    match ex {
        Ex::Or(_) => true,
        Ex::And(parts) => parts.iter().any(has_or),
        Ex::Negative(of) | Ex::Not(of) => has_or(of),
        Ex::CompareAny(left, _, right) | Ex::Arithmetic(left, _, right) => has_or(left) || has_or(right),
        _ => false,
    }
}

pub(crate) fn is_event_field(field: &str) -> bool {
    field.starts_with("event")
}

pub(crate) fn is_attribute(field: &str) -> bool {
    field.contains('.') && !is_event_field(field)
}
