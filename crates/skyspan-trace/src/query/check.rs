//! What a query must be so that it means something: types, regular expressions, ranges.
//!
//! The rules are those of Tempo 3.1: what it refuses is refused here.

use super::error::{Fault, QueryProblem};
use super::syntax::ast::{
    Aggregate, Ast, Comparison, Expr, Field, Metric, MetricTree, Node, Root, Second, SetTree, Stage,
};
use super::syntax::literal::Literal;
use super::syntax::words::{AggregateWord, Intrinsic, MetricWord, Scope};
use crate::value::Text;

/// Series have at most so many labels of their own.
const GROUPS_MAX: usize = 5;
/// `compare` tells at most so many values of each attribute.
const TOP_MAX: i64 = 1000;

/// Of what type a value is, as far as that is known before a span is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Type {
    /// An attribute may be anything.
    Any,
    Int,
    Float,
    Str,
    Bool,
    Duration,
    Status,
    Kind,
}

impl Type {
    fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Duration)
    }

    fn goes_with(self, other: Self) -> bool {
        self == Self::Any || other == Self::Any || self == other || self.is_number() && other.is_number()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Any => "an attribute",
            Self::Int => "an integer",
            Self::Float => "a float",
            Self::Str => "a string",
            Self::Bool => "a truth value",
            Self::Duration => "a duration",
            Self::Status => "a status",
            Self::Kind => "a kind",
        }
    }

    fn takes(self, comparison: Comparison) -> bool {
        match comparison {
            Comparison::Equal | Comparison::NotEqual => true,
            Comparison::Matches | Comparison::MatchesNot => matches!(self, Self::Any | Self::Str),
            _ => self == Self::Any || self == Self::Str || self.is_number(),
        }
    }
}

fn wrong(at: usize, expected: impl Into<Text>, found: impl Into<Text>) -> Fault {
    Fault::new(QueryProblem::Meaning, at, expected, found)
}

/// Checks the types of a query, and that each of its words may stand where it stands.
pub(super) fn check(ast: &Ast) -> Result<(), Fault> {
    match &ast.root {
        Root::Spans(stages) => check_stages(stages),
        Root::Metrics(tree) => check_series(tree),
    }
}

fn check_stages(stages: &[Stage]) -> Result<(), Fault> {
    stages.iter().try_for_each(|stage| match stage {
        Stage::Select(tree) => check_set(tree),
        Stage::Measure(measure) => check_aggregate(&measure.aggregate),
        Stage::Group(node) => {
            if !node.has_field() {
                let found = format!("`{node}`, which is the same for all");
                return Err(wrong(node.at.from, "a field of the span to group by", found));
            }
            type_of(node).map(|_| ())
        }
        Stage::Coalesce | Stage::Show(_) => Ok(()),
    })
}

fn check_set(tree: &SetTree) -> Result<(), Fault> {
    match tree {
        SetTree::Filter(node) => check_filter(node),
        SetTree::Pipeline(stages) => check_stages(stages),
        SetTree::Both { left, right, .. } => {
            check_set(left)?;
            check_set(right)
        }
    }
}

fn check_filter(node: &Node) -> Result<(), Fault> {
    match type_of(node)? {
        Type::Any | Type::Bool => Ok(()),
        other => Err(wrong(node.at.from, "a condition, which is true or false", format!("{}, `{node}`", other.name()))
            .help(format!("compare it with something: `{node} != ...`"))),
    }
}

fn check_aggregate(aggregate: &Aggregate) -> Result<(), Fault> {
    let Some(of) = &aggregate.of else { return Ok(()) };
    debug_assert_ne!(aggregate.word, AggregateWord::Count, "count() is of nothing");
    let found = type_of(of)?;
    if found != Type::Any && !found.is_number() {
        return Err(wrong(of.at.from, "a number or a duration", format!("{}, `{of}`", found.name())));
    }
    if !of.has_field() {
        return Err(wrong(of.at.from, "a field of the span", format!("`{of}`, which is the same for all")));
    }
    Ok(())
}

fn type_of(node: &Node) -> Result<Type, Fault> {
    let at = node.at.from;
    Ok(match &node.is {
        Expr::Literal(literal) => type_of_literal(literal),
        Expr::Field(Field::Attribute { .. }) => Type::Any,
        Expr::Field(Field::Intrinsic(intrinsic)) => type_of_intrinsic(*intrinsic),
        Expr::Logic { logic, parts } => {
            for part in parts {
                let found = type_of(part)?;
                if !matches!(found, Type::Any | Type::Bool) {
                    let expected = format!("a condition on both sides of `{}`", logic.sign());
                    return Err(wrong(part.at.from, expected, format!("{}, `{part}`", found.name())));
                }
            }
            Type::Bool
        }
        Expr::Compare { left, comparison, right } => {
            let types = (type_of(left)?, type_of(right)?);
            check_comparison(left, *comparison, right, types, at)?;
            Type::Bool
        }
        Expr::Arithmetic { left, arithmetic, right } => {
            let (left_type, right_type) = (type_of(left)?, type_of(right)?);
            for (side, found) in [(left, left_type), (right, right_type)] {
                if found != Type::Any && !found.is_number() {
                    let expected = format!("numbers on both sides of `{}`", arithmetic.sign());
                    return Err(wrong(side.at.from, expected, format!("{}, `{side}`", found.name())));
                }
            }
            if left_type == Type::Any { right_type } else { left_type }
        }
        Expr::Negative(of) => match type_of(of)? {
            found if found == Type::Any || found.is_number() => found,
            found => return Err(wrong(at, "a number behind `-`", format!("{}, `{of}`", found.name()))),
        },
        Expr::Not(of) => match type_of(of)? {
            found @ (Type::Any | Type::Bool) => found,
            found => return Err(wrong(at, "a condition behind `!`", format!("{}, `{of}`", found.name()))),
        },
        Expr::Nil { of, is_nil } => {
            type_of(of)?;
            let is_service_name = matches!(
                &of.is,
                Expr::Field(Field::Attribute { scope: Scope::Resource, key }) if key == "service.name"
            );
            if *is_nil && (is_service_name || matches!(of.is, Expr::Field(Field::Intrinsic(_)))) {
                return Err(wrong(at, "an attribute that may be missing", format!("`{of}`, which is always there"))
                    .help(format!("what is not known is empty: `{of} = \"\"`")));
            }
            Type::Bool
        }
    })
}

fn check_comparison(
    left: &Node,
    comparison: Comparison,
    right: &Node,
    (left_type, right_type): (Type, Type),
    at: usize,
) -> Result<(), Fault> {
    let sign = comparison.sign();
    if !left_type.goes_with(right_type) {
        let found = format!("{} and {}: {left} {sign} {right}", left_type.name(), right_type.name());
        let fault = wrong(at, format!("the same type on both sides of `{sign}`"), found);
        return Err(match (&right.is, left_type) {
            (Expr::Literal(Literal::Str(text)), Type::Kind | Type::Status) => {
                fault.help(format!("kinds and statuses stand without quotes: `{left} {sign} {text}`"))
            }
            (Expr::Literal(Literal::Str(text)), Type::Int | Type::Duration) if !text.is_empty() => {
                fault.help(format!("numbers and durations stand without quotes: `{left} {sign} {text}`"))
            }
            _ => fault,
        });
    }
    for (side, found) in [(left, left_type), (right, right_type)] {
        if !found.takes(comparison) {
            let found = format!("{}, `{side}`", found.name());
            return Err(wrong(at, format!("what has an order, or is text, for `{sign}`"), found));
        }
    }
    if matches!(comparison, Comparison::Matches | Comparison::MatchesNot) {
        let Expr::Literal(Literal::Str(pattern)) = &right.is else {
            let found = format!("`{right}`");
            return Err(wrong(
                right.at.from,
                format!("a regular expression in quotes on the right of `{sign}`"),
                found,
            ));
        };
        if let Err(error) = regex_lite::Regex::new(pattern) {
            return Err(wrong(right.at.from, "a regular expression", format!("{pattern:?}: {error}")));
        }
    }
    Ok(())
}

fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Int(_) => Type::Int,
        Literal::Float(_) => Type::Float,
        Literal::Str(_) => Type::Str,
        Literal::Bool(_) => Type::Bool,
        Literal::Duration(_) => Type::Duration,
        Literal::Status(_) => Type::Status,
        Literal::Kind(_) => Type::Kind,
    }
}

fn type_of_intrinsic(intrinsic: Intrinsic) -> Type {
    match intrinsic {
        Intrinsic::Duration | Intrinsic::TraceDuration | Intrinsic::EventTimeSinceStart => Type::Duration,
        Intrinsic::Status => Type::Status,
        Intrinsic::Kind => Type::Kind,
        Intrinsic::ChildCount | Intrinsic::NestedSetLeft | Intrinsic::NestedSetRight | Intrinsic::NestedSetParent => {
            Type::Int
        }
        // As Tempo has it, which knows their types only when it sees them.
        Intrinsic::InstrumentationName | Intrinsic::InstrumentationVersion => Type::Any,
        _ => Type::Str,
    }
}

fn check_series(tree: &MetricTree) -> Result<(), Fault> {
    match tree {
        MetricTree::Leaf { pipeline, metric } => {
            check_stages(pipeline)?;
            check_metric(metric)
        }
        MetricTree::Both { left, right, .. } => {
            check_series(left)?;
            check_series(right)?;
            refuse_compare(left)?;
            refuse_compare(right)
        }
        MetricTree::Scaled { series, .. } => {
            check_series(series)?;
            refuse_compare(series)
        }
        MetricTree::Then { series, second } => {
            check_series(series)?;
            refuse_compare(series)?;
            match second {
                Second::Rank { word, limit, at } if *limit <= 0 => {
                    Err(wrong(at.from, format!("a number above 0 in `{}`", word.text()), limit.to_string()))
                }
                _ => Ok(()),
            }
        }
    }
}

fn refuse_compare(tree: &MetricTree) -> Result<(), Fault> {
    match tree {
        MetricTree::Leaf { metric: Metric::Compare { at, .. }, .. } => {
            Err(wrong(at.from, "`compare(...)` as the last of the query", "something behind it"))
        }
        _ => Ok(()),
    }
}

fn check_metric(metric: &Metric) -> Result<(), Fault> {
    match metric {
        Metric::Over { word, quantiles, by, at, .. } => {
            if let Some(quantile) = quantiles.iter().find(|quantile| !(0.0..=1.0).contains(*quantile)) {
                return Err(wrong(at.from, "quantiles from 0 to 1", quantile.to_string()));
            }
            let is_split = matches!(word, MetricWord::Quantile | MetricWord::Histogram | MetricWord::Average);
            let most = if is_split { GROUPS_MAX - 1 } else { GROUPS_MAX };
            if by.len() > most {
                return Err(wrong(at.from, format!("at most {most} fields to group by"), by.len().to_string()));
            }
            Ok(())
        }
        Metric::Compare { selection, top, window_ns, at } => {
            check_filter(selection)?;
            if !(1..=TOP_MAX).contains(top) {
                return Err(wrong(at.from, format!("a number of values from 1 to {TOP_MAX}"), top.to_string()));
            }
            match window_ns {
                Some((start, end)) if *start <= 0 || *end <= *start => {
                    Err(wrong(at.from, "a start above 0 and a later end, in nanoseconds", format!("{start} and {end}")))
                }
                _ => Ok(()),
            }
        }
    }
}
