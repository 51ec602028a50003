//! What a query says: its syntax tree.

use super::literal::Literal;
use super::words::{AggregateWord, Intrinsic, MetricWord, RankWord, Scope};

/// A whole query, with the settings that follow it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) struct Ast {
    pub(in crate::query) root: Root,
    /// `with (most_recent=true)`: for the engine of a store, kept and not followed.
    pub(in crate::query) settings: Vec<(String, Literal)>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Root {
    /// A query that finds spans.
    Spans(Vec<Stage>),
    /// A query that counts over time.
    Metrics(MetricTree),
}

/// One step of a pipeline: it takes sets of spans and gives sets of spans.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Stage {
    /// Keeps the spans that are selected.
    Select(SetTree),
    /// Keeps the sets of which a number meets a condition: `count() > 2`.
    Measure(Measure),
    /// Splits each set by a value: `by(name)`.
    Group(Node),
    /// Makes one set of all sets of a trace: `coalesce()`.
    Coalesce,
    /// Says which attributes are to be shown: `select(name, .size)`.
    Show(Vec<Field>),
}

/// A selection of spans.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum SetTree {
    /// `{ ... }`; the braces alone are `true`.
    Filter(Node),
    /// A pipeline in parentheses.
    Pipeline(Vec<Stage>),
    /// Two selections, and what spans of the one must be to spans of the other.
    Both { left: Box<Self>, relation: Relation, right: Box<Self>, at: Place },
}

/// What two selections have to do with each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Relation {
    And,
    Or,
    /// The right spans that are to the left ones what the kinship says.
    Kin {
        kinship: Kinship,
        sides: Sides,
    },
}

/// What the right span is to the left one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Kinship {
    Child,
    Parent,
    Descendant,
    Ancestor,
    Sibling,
}

/// Which spans a kinship keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Sides {
    /// The right ones that have a left one.
    Right,
    /// The right ones that have none.
    NotRight,
    /// Both of each pair.
    Union,
}

/// A number of a set of spans, and what it is held against.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) struct Measure {
    pub(in crate::query) aggregate: Aggregate,
    pub(in crate::query) comparison: Comparison,
    pub(in crate::query) against: Literal,
    pub(in crate::query) at: Place,
}

/// A number of a set of spans.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) struct Aggregate {
    pub(in crate::query) word: AggregateWord,
    /// Of each span; `count()` has none.
    pub(in crate::query) of: Option<Node>,
    pub(in crate::query) at: Place,
}

/// An expression of values of a span, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) struct Node {
    pub(in crate::query) is: Expr,
    pub(in crate::query) at: Place,
}

/// An expression of values of a span.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Expr {
    Literal(Literal),
    Field(Field),
    /// A chain of `&&`, or one of `||`.
    Logic {
        logic: Logic,
        parts: Vec<Node>,
    },
    Compare {
        left: Box<Node>,
        comparison: Comparison,
        right: Box<Node>,
    },
    Arithmetic {
        left: Box<Node>,
        arithmetic: Arithmetic,
        right: Box<Node>,
    },
    /// The negative of a number: `-x`.
    Negative(Box<Node>),
    /// The opposite of a truth value: `!x`.
    Not(Box<Node>),
    /// `x = nil`, or `x != nil`.
    Nil {
        of: Box<Node>,
        is_nil: bool,
    },
}

/// What a span, or something around it, has.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Field {
    Attribute { scope: Scope, key: String },
    Intrinsic(Intrinsic),
}

/// How two conditions or sets are joined: `&&` or `||`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Logic {
    And,
    Or,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Matches,
    MatchesNot,
}

/// How two numbers become one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// Series of numbers, and what is done with them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum MetricTree {
    /// `{ ... } | rate()`
    Leaf { pipeline: Vec<Stage>, metric: Metric },
    /// Two series joined by arithmetic: `(...) / (...)`.
    Both { left: Box<Self>, arithmetic: Arithmetic, right: Box<Self> },
    /// `(...) * 60`, or `60 * (...)`.
    Scaled { series: Box<Self>, arithmetic: Arithmetic, by: f64, is_left: bool },
    /// `... | topk(3)`, `... > 2`
    Then { series: Box<Self>, second: Second },
}

/// How spans become series of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Metric {
    /// Every function over time but `compare`.
    Over { word: MetricWord, of: Option<Field>, quantiles: Vec<f64>, by: Vec<Field>, at: Place },
    /// `compare({ ... }, top, start, end)`
    Compare { selection: Node, top: i64, window_ns: Option<(i64, i64)>, at: Place },
}

/// What is done with series.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Second {
    /// Only the greatest, or the least, at each time.
    Rank { word: RankWord, limit: i64, at: Place },
    /// Only the samples that meet a condition.
    Keep { comparison: Comparison, against: Literal },
}

/// Where something stands in the text, in bytes. It is no part of what the query says, so all are equal.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::query) struct Place {
    pub(in crate::query) from: usize,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Node {
    pub(in crate::query) fn new(is: Expr, from: usize) -> Self {
        Self { is, at: Place { from } }
    }

    /// Calls back for each field in it, in the order of the text.
    pub(in crate::query) fn each_field<'a>(&'a self, tell: &mut dyn FnMut(&'a Field)) {
        match &self.is {
            Expr::Literal(_) => {}
            Expr::Field(field) => tell(field),
            Expr::Logic { parts, .. } => parts.iter().for_each(|part| part.each_field(tell)),
            Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
                left.each_field(tell);
                right.each_field(tell);
            }
            Expr::Negative(of) | Expr::Not(of) | Expr::Nil { of, .. } => of.each_field(tell),
        }
    }

    pub(in crate::query) fn has_field(&self) -> bool {
        let mut has = false;
        self.each_field(&mut |_| has = true);
        has
    }
}

impl SetTree {
    fn each_field<'a>(&'a self, tell: &mut dyn FnMut(&'a Field)) {
        match self {
            Self::Filter(node) => node.each_field(tell),
            Self::Pipeline(stages) => stages.iter().for_each(|stage| stage.each_field(tell)),
            Self::Both { left, right, .. } => {
                left.each_field(tell);
                right.each_field(tell);
            }
        }
    }
}

impl Stage {
    /// Calls back for each field in it, in the order of the text.
    pub(in crate::query) fn each_field<'a>(&'a self, tell: &mut dyn FnMut(&'a Field)) {
        match self {
            Self::Select(tree) => tree.each_field(tell),
            Self::Measure(measure) => {
                if let Some(of) = &measure.aggregate.of {
                    of.each_field(tell);
                }
            }
            Self::Group(node) => node.each_field(tell),
            Self::Coalesce => {}
            Self::Show(fields) => fields.iter().for_each(tell),
        }
    }

    /// Whether what it keeps depends on several spans of a trace.
    pub(in crate::query) fn relates_spans(&self) -> bool {
        match self {
            Self::Select(SetTree::Filter(_)) | Self::Group(_) | Self::Coalesce | Self::Show(_) => false,
            Self::Select(SetTree::Pipeline(stages)) => stages.iter().any(Self::relates_spans),
            Self::Select(SetTree::Both { left, relation, right, .. }) => {
                let inner = |tree: &SetTree| match tree {
                    SetTree::Filter(_) => false,
                    SetTree::Pipeline(stages) => stages.iter().any(Self::relates_spans),
                    SetTree::Both { relation, .. } => *relation != Relation::Or,
                };
                *relation != Relation::Or || inner(left) || inner(right)
            }
            Self::Measure(_) => true,
        }
    }
}
