//! [`Condition`]: an expression of a query, made ready to be asked of many spans.

use std::sync::Arc;

use super::asked::{Asked, Picks, meets};
use super::operate::{self, Refusal};
use super::source::{Source, SpanAt};
use super::test::{Check, Test, anchored};
use super::val::Val;
use crate::query::error::{Fault, QueryProblem};
use crate::query::syntax::ast::{Arithmetic, Comparison, Expr, Logic, Node};
use crate::query::syntax::literal::Literal;

/// An expression of a query, made ready to be asked of many spans.
#[derive(Clone, Debug)]
pub(in crate::query) enum Condition {
    Constant(Literal),
    Value(Source),
    Test(Test),
    /// A field of which several things are asked, held against one of them.
    Seen {
        source: Source,
        taken: Option<Arc<[Check]>>,
        check: Check,
    },
    /// What was picked of the events or links, held against something.
    Picked {
        pick: usize,
        taken: Option<Arc<[Check]>>,
        check: Check,
    },
    PickedValue(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare {
        left: Box<Self>,
        comparison: Comparison,
        right: Box<Self>,
        at: usize,
    },
    Match {
        of: Box<Self>,
        regex: regex_lite::Regex,
        is_wanted: bool,
    },
    Compute {
        left: Box<Self>,
        arithmetic: Arithmetic,
        right: Box<Self>,
        at: usize,
    },
    Negative {
        of: Box<Self>,
        at: usize,
        is_strict: bool,
    },
    Not {
        of: Box<Self>,
        at: usize,
        is_strict: bool,
    },
    Nil {
        of: Box<Self>,
        is_nil: bool,
    },
}

impl Condition {
    /// The condition of a selection in braces. What is not there meets nothing.
    pub(super) fn filter(node: &Node) -> Result<Self, Fault> {
        compile(node, false)
    }

    /// A condition by itself, of which nothing else is asked.
    pub(in crate::query) fn selection(node: &Node) -> Result<Self, Fault> {
        Self::filter(node)
    }

    /// A value of a span, to group by or to add up. Here `!` and `-` of what is not there are errors, as in Tempo.
    pub(super) fn value_of(node: &Node) -> Result<Self, Fault> {
        compile(node, true)
    }

    /// Whether a span meets it.
    pub(in crate::query) fn is_met(&self, at: SpanAt<'_>) -> Result<bool, Fault> {
        match self {
            Self::Test(test) => Ok(test.is_met(at)),
            Self::Seen { source, taken, check } => Ok(meets(&source.value(at), taken.as_ref(), check)),
            Self::Picked { pick, taken, check } => Ok(match (check, at.picked(*pick)) {
                (_, None) => false,
                (Check::Missing, Some(value)) => matches!(value, Val::Nil),
                (check, Some(value)) => meets(value, taken.as_ref(), check),
            }),
            Self::All(parts) => {
                for part in parts {
                    if !part.is_met(at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.is_met(at)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            other => Ok(matches!(other.value(at)?, Val::Bool(true))),
        }
    }

    /// What it comes to for a span.
    pub(in crate::query) fn value<'a>(&'a self, at: SpanAt<'a>) -> Result<Val<'a>, Fault> {
        let refuse = |from: usize| move |refusal| refused(refusal, from).of_span(at.span);
        Ok(match self {
            Self::Constant(literal) => Val::of_literal(literal),
            Self::Value(source) => source.value(at),
            Self::PickedValue(pick) => at.picked(*pick).cloned().unwrap_or(Val::Nil),
            Self::Test(_) | Self::Seen { .. } | Self::Picked { .. } | Self::All(_) | Self::Any(_) => {
                Val::Bool(self.is_met(at)?)
            }
            Self::Compare { left, comparison, right, at: from } => {
                let (left, right) = (left.value(at)?, right.value(at)?);
                Val::Bool(operate::compare(&left, *comparison, &right).map_err(refuse(*from))?)
            }
            Self::Match { of, regex, is_wanted } => Val::Bool(matches(&of.value(at)?, regex, *is_wanted)),
            Self::Compute { left, arithmetic, right, at: from } => {
                let (left, right) = (left.value(at)?, right.value(at)?);
                operate::compute(&left, *arithmetic, &right).map_err(refuse(*from))?
            }
            Self::Negative { of, at: from, is_strict } => negative(of.value(at)?, *is_strict).map_err(refuse(*from))?,
            Self::Not { of, at: from, is_strict } => not(&of.value(at)?, *is_strict).map_err(refuse(*from))?,
            Self::Nil { of, is_nil } => Val::Bool(matches!(of.value(at)?, Val::Nil) == *is_nil),
        })
    }
}

impl Condition {
    /// Calls back for each field that it asks of, and for what it asks if that is something by itself.
    pub(super) fn each_mention(&self, tell: &mut dyn FnMut(&Source, Option<&Check>)) {
        match self {
            Self::Constant(_) | Self::Picked { .. } | Self::PickedValue(_) | Self::Seen { .. } => {}
            Self::Value(source) => tell(source, None),
            Self::Test(test) => tell(&test.source, Some(&test.check)),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each_mention(tell)),
            Self::Compare { left, right, .. } | Self::Compute { left, right, .. } => {
                left.each_mention(tell);
                right.each_mention(tell);
            }
            Self::Match { of, .. } | Self::Negative { of, .. } | Self::Not { of, .. } | Self::Nil { of, .. } => {
                of.each_mention(tell);
            }
        }
    }

    /// Whether there is an `||` in it.
    pub(super) fn has_any(&self) -> bool {
        match self {
            Self::Any(_) => true,
            Self::All(parts) => parts.iter().any(Self::has_any),
            Self::Compare { left, right, .. } | Self::Compute { left, right, .. } => left.has_any() || right.has_any(),
            Self::Match { of, .. } | Self::Negative { of, .. } | Self::Not { of, .. } | Self::Nil { of, .. } => {
                of.has_any()
            }
            _ => false,
        }
    }

    /// The same, as all that is asked of its fields is known.
    pub(super) fn bound(self, asked: &Asked, picks: &Picks) -> Self {
        let bind = |of: Box<Self>| Box::new(of.bound(asked, picks));
        let bind_all = |parts: Vec<Self>| parts.into_iter().map(|part| part.bound(asked, picks)).collect();
        match self {
            Self::Test(test) => asked.bound(test, picks),
            Self::Value(source) => match picks.number(&source) {
                Some(pick) => Self::PickedValue(pick),
                None => Self::Value(source),
            },
            Self::All(parts) => Self::All(bind_all(parts)),
            Self::Any(parts) => Self::Any(bind_all(parts)),
            Self::Compare { left, comparison, right, at } => {
                Self::Compare { left: bind(left), comparison, right: bind(right), at }
            }
            Self::Compute { left, arithmetic, right, at } => {
                Self::Compute { left: bind(left), arithmetic, right: bind(right), at }
            }
            Self::Match { of, regex, is_wanted } => Self::Match { of: bind(of), regex, is_wanted },
            Self::Negative { of, at, is_strict } => Self::Negative { of: bind(of), at, is_strict },
            Self::Not { of, at, is_strict } => Self::Not { of: bind(of), at, is_strict },
            Self::Nil { of, is_nil } => Self::Nil { of: bind(of), is_nil },
            other @ (Self::Constant(_) | Self::Seen { .. } | Self::Picked { .. } | Self::PickedValue(_)) => other,
        }
    }
}

/// Whether a regular expression matches, or does not; of a list one element must, or none may.
fn matches(value: &Val<'_>, regex: &regex_lite::Regex, is_wanted: bool) -> bool {
    match value {
        Val::Str(text) => regex.is_match(text) == is_wanted,
        Val::List(elements) => {
            let mut texts = elements.iter().filter_map(crate::value::Value::as_str).peekable();
            texts.peek().is_some() && texts.any(|text| regex.is_match(text)) == is_wanted
        }
        _ => false,
    }
}

fn negative(value: Val<'_>, is_strict: bool) -> Result<Val<'_>, Refusal> {
    Ok(match value {
        Val::Int(number) => Val::Int(number.wrapping_neg()),
        Val::Float(number) => Val::Float(-number),
        Val::Duration(ns) => Val::Duration(ns.wrapping_neg()),
        value if value.is_missing() && !is_strict => Val::Nil,
        _ => return Err(Refusal::SignOfNoNumber),
    })
}

fn not(value: &Val<'_>, is_strict: bool) -> Result<Val<'static>, Refusal> {
    match value {
        Val::Bool(truth) => Ok(Val::Bool(!truth)),
        value if value.is_missing() && !is_strict => Ok(Val::Nil),
        _ => Err(Refusal::NotOfNoBoolean),
    }
}

fn refused(refusal: Refusal, at: usize) -> Fault {
    let (expected, found) = refusal.texts();
    Fault::new(QueryProblem::Data, at, expected, found)
        .help("one span with such a value is enough, as in Tempo: leave it out with a condition before `&&`")
}

fn compile(node: &Node, is_strict: bool) -> Result<Condition, Fault> {
    let at = node.at.from;
    let boxed = |node: &Node| compile(node, is_strict).map(Box::new);
    Ok(match &node.is {
        Expr::Literal(literal) => Condition::Constant(literal.clone()),
        Expr::Field(field) => Condition::Value(Source::of(field)),
        Expr::Logic { logic: Logic::Or, parts } => {
            Condition::Any(parts.iter().map(|part| compile(part, is_strict)).collect::<Result<_, _>>()?)
        }
        Expr::Logic { logic: Logic::And, parts } => {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts {
                match compile(part, is_strict)? {
                    Condition::Test(test) => join(&mut all, test),
                    // A chain in parentheses is the same chain.
                    Condition::All(parts) => all.extend(parts),
                    condition => all.push(condition),
                }
            }
            Condition::All(all)
        }
        Expr::Compare { left, comparison, right } => match (&left.is, &right.is) {
            (Expr::Field(field), Expr::Literal(literal)) => {
                Condition::Test(test(Source::of(field), *comparison, literal, right.at.from)?)
            }
            (Expr::Literal(literal), Expr::Field(field)) => {
                Condition::Test(test(Source::of(field), mirrored(*comparison), literal, left.at.from)?)
            }
            (_, Expr::Literal(Literal::Str(pattern)))
                if matches!(comparison, Comparison::Matches | Comparison::MatchesNot) =>
            {
                let regex = anchored(pattern).map_err(|error| no_regex(pattern, &error, right.at.from))?;
                let is_wanted = *comparison == Comparison::Matches;
                Condition::Match { of: boxed(left)?, regex, is_wanted }
            }
            _ => Condition::Compare { left: boxed(left)?, comparison: *comparison, right: boxed(right)?, at },
        },
        Expr::Arithmetic { left, arithmetic, right } => {
            Condition::Compute { left: boxed(left)?, arithmetic: *arithmetic, right: boxed(right)?, at }
        }
        Expr::Negative(of) => Condition::Negative { of: boxed(of)?, at, is_strict },
        Expr::Not(of) => Condition::Not { of: boxed(of)?, at, is_strict },
        Expr::Nil { of, is_nil } => match &of.is {
            Expr::Field(field) => {
                let check = if *is_nil { Check::Missing } else { Check::Present };
                Condition::Test(Test { source: Source::of(field), check })
            }
            _ => Condition::Nil { of: boxed(of)?, is_nil: *is_nil },
        },
    })
}

/// Adds a test to those that must all be met.
fn join(all: &mut Vec<Condition>, test: Test) {
    let mut test = test;
    for condition in all.iter_mut() {
        if let Condition::Test(other) = condition {
            match other.join(test) {
                Ok(()) => return,
                Err(back) => test = back,
            }
        }
    }
    all.push(Condition::Test(test));
}

fn test(source: Source, comparison: Comparison, literal: &Literal, at: usize) -> Result<Test, Fault> {
    Test::new(source, comparison, literal).map_err(|error| match literal {
        Literal::Str(pattern) => no_regex(pattern, &error, at),
        other => no_regex(&other.to_string(), &error, at),
    })
}

fn no_regex(pattern: &str, error: &regex_lite::Error, at: usize) -> Fault {
    Fault::new(QueryProblem::Meaning, at, "a regular expression", format!("{pattern:?}: {error}"))
}

/// What a comparison is from the other side.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        same => same,
    }
}

/// An expression in which all that needs no span is worked out, as far as it can be: `1h / 2` becomes a number.
pub(in crate::query) fn folded(node: Node) -> Node {
    let at = node.at;
    let fold = |node: Box<Node>| Box::new(folded(*node));
    let is = match node.is {
        is @ (Expr::Literal(_) | Expr::Field(_)) => return Node { is, at },
        Expr::Logic { logic, parts } => Expr::Logic { logic, parts: parts.into_iter().map(folded).collect() },
        Expr::Compare { left, comparison, right } => Expr::Compare { left: fold(left), comparison, right: fold(right) },
        Expr::Arithmetic { left, arithmetic, right } => {
            Expr::Arithmetic { left: fold(left), arithmetic, right: fold(right) }
        }
        Expr::Negative(of) => Expr::Negative(fold(of)),
        Expr::Not(of) => Expr::Not(fold(of)),
        Expr::Nil { of, is_nil } => Expr::Nil { of: fold(of), is_nil },
    };
    let constant = constant(&is).and_then(|value| value.to_literal());
    Node { is: constant.map_or(is, Expr::Literal), at }
}

/// What an expression of literals comes to; nothing if it has a field, or is an error.
fn constant(is: &Expr) -> Option<Val<'static>> {
    let literal = |node: &Node| match &node.is {
        Expr::Literal(literal) => Some(literal.clone()),
        _ => None,
    };
    let value = |literal: &Literal| Val::of_literal(literal).into_owned();
    match is {
        Expr::Logic { logic, parts } => {
            let truths: Vec<bool> =
                parts.iter().map(|part| Some(literal(part)? == Literal::Bool(true))).collect::<Option<_>>()?;
            Some(Val::Bool(match logic {
                Logic::And => truths.into_iter().all(|truth| truth),
                Logic::Or => truths.into_iter().any(|truth| truth),
            }))
        }
        Expr::Compare { left, comparison, right } => {
            let (left, right) = (literal(left)?, literal(right)?);
            if let (Comparison::Matches | Comparison::MatchesNot, Literal::Str(pattern)) = (comparison, &right) {
                let regex = anchored(pattern).ok()?;
                return Some(Val::Bool(matches(&value(&left)?, &regex, *comparison == Comparison::Matches)));
            }
            operate::compare(&value(&left)?, *comparison, &value(&right)?).ok().map(Val::Bool)
        }
        Expr::Arithmetic { left, arithmetic, right } => {
            operate::compute(&value(&literal(left)?)?, *arithmetic, &value(&literal(right)?)?).ok()
        }
        Expr::Negative(of) => negative(value(&literal(of)?)?, true).ok(),
        Expr::Not(of) => not(&value(&literal(of)?)?, true).ok(),
        Expr::Nil { of, is_nil } => literal(of).map(|_| Val::Bool(!is_nil)),
        Expr::Literal(_) | Expr::Field(_) => None,
    }
}
