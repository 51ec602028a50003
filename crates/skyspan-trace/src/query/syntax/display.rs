//! A query, written. What is written is read as the same query.

use std::fmt;

use super::ast::{
    Aggregate, Arithmetic, Ast, Comparison, Expr, Field, Kinship, Logic, Metric, MetricTree, Node, Relation, Root,
    Second, SetTree, Sides, Stage,
};
use super::lexer::is_in_name;
use super::literal::{Literal, float_text};
use super::words::{SCOPES, Scope};

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Spans(stages) => Pipeline(stages).fmt(f)?,
            Root::Metrics(tree) => tree.fmt(f)?,
        }
        if self.settings.is_empty() {
            return Ok(());
        }
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(f, " with ({})", settings.join(", "))
    }
}

struct Pipeline<'a>(&'a [Stage]);

impl fmt::Display for Pipeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stage) in self.0.iter().enumerate() {
            write!(f, "{}{stage}", if at == 0 { "" } else { " | " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select(tree) => tree.fmt(f),
            Self::Measure(measure) => {
                write!(f, "{} {} {}", measure.aggregate, measure.comparison.sign(), measure.against)
            }
            Self::Group(node) => write!(f, "by({node})"),
            Self::Coalesce => f.write_str("coalesce()"),
            Self::Show(fields) => write!(f, "select({})", list(fields)),
        }
    }
}

fn list(fields: &[Field]) -> String {
    fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Some(of) => write!(f, "{}({of})", self.word.text()),
            None => write!(f, "{}()", self.word.text()),
        }
    }
}

impl fmt::Display for SetTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(Node { is: Expr::Literal(Literal::Bool(true)), .. }) => f.write_str("{ }"),
            Self::Filter(node) => write!(f, "{{ {node} }}"),
            Self::Pipeline(stages) => write!(f, "({})", Pipeline(stages)),
            Self::Both { left, relation, right, .. } => {
                // Where one side is a pipeline, all stand in parentheses.
                let side = |tree: &Self| match tree {
                    Self::Filter(_) if !self.has_pipeline() => tree.to_string(),
                    Self::Pipeline(_) => tree.to_string(),
                    _ => format!("({tree})"),
                };
                // Chains may be long.
                let left_text = match &**left {
                    Self::Both { relation: same, .. } if same.is_chained_with(*relation) => left.to_string(),
                    left => side(left),
                };
                write!(f, "{left_text} {} {}", relation.sign(), side(right))
            }
        }
    }
}

impl SetTree {
    fn has_pipeline(&self) -> bool {
        match self {
            Self::Filter(_) => false,
            Self::Pipeline(_) => true,
            Self::Both { left, right, .. } => left.has_pipeline() || right.has_pipeline(),
        }
    }
}

impl Relation {
    fn is_chained_with(self, next: Self) -> bool {
        matches!((self, next), (Self::And, Self::And) | (Self::Or, Self::Or) | (Self::Kin { .. }, Self::Kin { .. }))
    }

    pub(in crate::query) fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Kin { kinship, sides } => match (sides, kinship) {
                (Sides::Right, Kinship::Child) => ">",
                (Sides::Right, Kinship::Parent) => "<",
                (Sides::Right, Kinship::Descendant) => ">>",
                (Sides::Right, Kinship::Ancestor) => "<<",
                (Sides::Right, Kinship::Sibling) => "~",
                (Sides::NotRight, Kinship::Child) => "!>",
                (Sides::NotRight, Kinship::Parent) => "!<",
                (Sides::NotRight, Kinship::Descendant) => "!>>",
                (Sides::NotRight, Kinship::Ancestor) => "!<<",
                (Sides::NotRight, Kinship::Sibling) => "!~",
                (Sides::Union, Kinship::Child) => "&>",
                (Sides::Union, Kinship::Parent) => "&<",
                (Sides::Union, Kinship::Descendant) => "&>>",
                (Sides::Union, Kinship::Ancestor) => "&<<",
                (Sides::Union, Kinship::Sibling) => "&~",
            },
        }
    }
}

impl Comparison {
    pub(in crate::query) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
        }
    }
}

impl Arithmetic {
    pub(in crate::query) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
        }
    }
}

impl Logic {
    pub(in crate::query) fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

/// All that is no single value stands in parentheses, as Tempo writes it.
fn side(node: &Node) -> String {
    match &node.is {
        Expr::Literal(_) | Expr::Field(_) => node.to_string(),
        _ => format!("({node})"),
    }
}

/// On the left a sign would take in what follows.
fn left_side(node: &Node) -> String {
    match &node.is {
        Expr::Literal(literal) if literal.to_string().starts_with('-') => format!("({literal})"),
        _ => side(node),
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.is {
            Expr::Literal(literal) => literal.fmt(f),
            Expr::Field(field) => field.fmt(f),
            Expr::Logic { logic, parts } => {
                for (at, part) in parts.iter().enumerate() {
                    match at {
                        0 => f.write_str(&left_side(part))?,
                        _ => write!(f, " {} {}", logic.sign(), side(part))?,
                    }
                }
                Ok(())
            }
            Expr::Compare { left, comparison, right } => {
                write!(f, "{} {} {}", left_side(left), comparison.sign(), side(right))
            }
            Expr::Arithmetic { left, arithmetic, right } => {
                write!(f, "{} {} {}", left_side(left), arithmetic.sign(), side(right))
            }
            Expr::Negative(of) => write!(f, "-{}", left_side(of)),
            Expr::Not(of) => write!(f, "!{}", side(of)),
            Expr::Nil { of, is_nil } => write!(f, "{} {} nil", left_side(of), if *is_nil { "=" } else { "!=" }),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scope, key) = match self {
            Self::Intrinsic(intrinsic) => return f.write_str(intrinsic.text()),
            Self::Attribute { scope, key } => (scope, key),
        };
        let scope_text = SCOPES.iter().find(|(_, other)| other == scope).map_or("", |(text, _)| text);
        // A dot and a digit would be a number.
        let is_number = *scope == Scope::Any && key.starts_with(|letter: char| letter.is_ascii_digit());
        if key.is_empty() || is_number || key.contains(|letter| letter == '"' || !is_in_name(letter)) {
            return write!(f, "{scope_text}.\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
        }
        write!(f, "{scope_text}.{key}")
    }
}

impl fmt::Display for MetricTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf { pipeline, metric } => write!(f, "{} | {metric}", Pipeline(pipeline)),
            Self::Both { left, arithmetic, right } => {
                write!(f, "{} {} {}", series(left), arithmetic.sign(), series(right))
            }
            Self::Scaled { series: inner, arithmetic, by, is_left: true } => {
                write!(f, "{} {} {}", factor(*by), arithmetic.sign(), series(inner))
            }
            Self::Scaled { series: inner, arithmetic, by, is_left: false } => {
                write!(f, "{} {} {}", series(inner), arithmetic.sign(), factor(*by))
            }
            Self::Then { series, second } => match second {
                Second::Rank { word, limit, .. } => write!(f, "{series} | {}({limit})", word.text()),
                Second::Keep { comparison, against } => write!(f, "{series} {} {against}", comparison.sign()),
            },
        }
    }
}

fn series(tree: &MetricTree) -> String {
    format!("({tree})")
}

fn factor(by: f64) -> String {
    if by.is_sign_negative() { format!("({})", float_text(by)) } else { float_text(by) }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over { word, of, quantiles, by, .. } => {
                write!(f, "{}(", word.text())?;
                if let Some(of) = of {
                    of.fmt(f)?;
                }
                for quantile in quantiles {
                    write!(f, ", {}", float_text(*quantile))?;
                }
                f.write_str(")")?;
                if by.is_empty() { Ok(()) } else { write!(f, " by ({})", list(by)) }
            }
            Self::Compare { selection, top, window_ns, .. } => {
                write!(f, "compare({}, {top}", SetTree::Filter(selection.clone()))?;
                match window_ns {
                    Some((start, end)) => write!(f, ", {start}, {end})"),
                    None => f.write_str(")"),
                }
            }
        }
    }
}
