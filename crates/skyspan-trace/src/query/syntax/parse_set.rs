//! Whole queries, read: selections, pipelines and metrics, and how they are put together.

use super::ast::{
    Aggregate, Arithmetic, Ast, Expr, Kinship, MetricTree, Node, Place, Relation, Root, Second, SetTree, Sides, Stage,
};
use super::cursor::{Binding, Cursor};
use super::lexer::lex;
use super::literal::Literal;
use super::token::Token;
use super::words::{AGGREGATES, find};
use crate::query::error::{Fault, QueryProblem};

/// Reads the text of a query.
pub(in crate::query) fn parse(text: &str, binding: Binding) -> Result<Ast, Fault> {
    let lexemes = lex(text)?;
    let mut cursor = Cursor::new(&lexemes, binding);
    let root = cursor.root()?;
    let mut settings = Vec::new();
    while cursor.word() == "with" {
        settings = cursor.settings()?;
    }
    match cursor.peek() {
        Token::End => Ok(Ast { root, settings }),
        _ => Err(cursor.unexpected("an operator, `|`, or the end of the query")),
    }
}

/// What can stand in parentheses, or on a side of an operator.
enum Operand {
    /// Selections of filters alone.
    Set(SetTree),
    /// Selections, one of which is a pipeline in parentheses.
    Piped(SetTree),
    /// A number, and where it stands.
    Number(Literal, usize),
    /// A series of numbers over time.
    Series(MetricTree),
    /// An aggregate in parentheses.
    Aggregate(Aggregate),
}

/// How tight operators between selections bind.
const LOGIC: u8 = 1;
const KIN: u8 = 3;
/// And those between series.
const SUM: u8 = 4;
const PRODUCT: u8 = 5;

impl Cursor<'_> {
    fn root(&mut self) -> Result<Root, Fault> {
        if self.is_at_stage() {
            return self.pipeline(Vec::new());
        }
        match self.operation(LOGIC)? {
            Operand::Set(tree) => self.pipeline(vec![Stage::Select(tree)]),
            Operand::Piped(_) if self.sign() == "|" => {
                let help = "Tempo has no stages behind pipelines in parentheses: put the stage into the parentheses";
                Err(self.unexpected("the end of the query").help(help))
            }
            Operand::Piped(tree) => Ok(Root::Spans(vec![Stage::Select(tree)])),
            Operand::Series(series) => Ok(Root::Metrics(self.second_stages(series)?)),
            Operand::Aggregate(aggregate) => {
                let stage = self.measure_of(aggregate)?;
                self.pipeline(vec![stage])
            }
            Operand::Number(..) if self.order().is_some() => Err(self.number_first()),
            Operand::Number(..) => Err(self.unexpected("an operator and series in parentheses")),
        }
    }

    /// Whether a stage that is no selection begins here.
    fn is_at_stage(&self) -> bool {
        let word = self.word();
        matches!(word, "by" | "select" | "coalesce") || find(&AGGREGATES, word).is_some()
    }

    /// The stages behind `stages`, which may be none yet, and what comes of them.
    fn pipeline(&mut self, stages: Vec<Stage>) -> Result<Root, Fault> {
        let (stages, metric) = self.stages(stages)?;
        match metric {
            None => Ok(Root::Spans(stages)),
            Some(metric) => {
                let leaf = MetricTree::Leaf { pipeline: stages, metric };
                Ok(Root::Metrics(self.second_stages(leaf)?))
            }
        }
    }

    /// Operands and operators that bind at least so tight.
    fn operation(&mut self, level: u8) -> Result<Operand, Fault> {
        let mut left = self.operand()?;
        let mut depth = 0;
        loop {
            let at = self.place();
            left = match left {
                Operand::Set(tree) => {
                    let Some((relation, binds)) = self.relation(level) else { return Ok(Operand::Set(tree)) };
                    let right = self.deeper(|cursor| cursor.set(binds + 1))?;
                    Operand::Set(both(tree, relation, right, at))
                }
                Operand::Piped(tree) => {
                    let Some((relation, binds)) = self.relation(level) else { return Ok(Operand::Piped(tree)) };
                    if self.sign() != "(" {
                        let help = "where one side is a pipeline, all sides stand in parentheses";
                        return Err(self.unexpected("`(`").help(help));
                    }
                    let right = self.deeper(|cursor| cursor.operation(binds + 1))?;
                    let (Operand::Set(right) | Operand::Piped(right)) = right else {
                        return Err(self.unexpected("spans on the right side"));
                    };
                    Operand::Piped(both(tree, relation, right, at))
                }
                Operand::Number(..) | Operand::Series(_) => {
                    let (arithmetic, binds) = match self.sign() {
                        "+" => (Arithmetic::Add, SUM),
                        "-" => (Arithmetic::Subtract, SUM),
                        "*" => (Arithmetic::Multiply, PRODUCT),
                        "/" => (Arithmetic::Divide, PRODUCT),
                        _ => return Ok(left),
                    };
                    if binds < level {
                        return Ok(left);
                    }
                    self.advance();
                    let right = self.deeper(|cursor| cursor.operation(binds + 1))?;
                    self.arithmetic(left, arithmetic, right, at)?
                }
                Operand::Aggregate(_) => return Ok(left),
            };
            depth += 1;
            if depth > super::cursor::DEPTH_MAX {
                return Err(self.too_deep());
            }
        }
    }

    fn arithmetic(&self, left: Operand, arithmetic: Arithmetic, right: Operand, at: usize) -> Result<Operand, Fault> {
        Ok(match (left, right) {
            (Operand::Number(left, from), Operand::Number(right, _)) => {
                Operand::Number(folded(left, arithmetic, right, at)?, from)
            }
            (Operand::Series(left), Operand::Series(right)) => {
                Operand::Series(MetricTree::Both { left: Box::new(left), arithmetic, right: Box::new(right) })
            }
            (Operand::Series(series), Operand::Number(by, from)) => {
                let by = factor(&by, from)?;
                Operand::Series(MetricTree::Scaled { series: Box::new(series), arithmetic, by, is_left: false })
            }
            (Operand::Number(by, from), Operand::Series(series)) => {
                let by = factor(&by, from)?;
                Operand::Series(MetricTree::Scaled { series: Box::new(series), arithmetic, by, is_left: true })
            }
            _ => return Err(self.unexpected("series in parentheses, or a number").help(AGGREGATE_FIRST)),
        })
    }

    /// Selections without pipelines, of operators that bind at least so tight.
    fn set(&mut self, level: u8) -> Result<SetTree, Fault> {
        let mut left = self.set_operand()?;
        let mut depth = 0;
        loop {
            let at = self.place();
            let Some((relation, binds)) = self.relation(level) else { return Ok(left) };
            let right = self.deeper(|cursor| cursor.set(binds + 1))?;
            left = both(left, relation, right, at);
            depth += 1;
            if depth > super::cursor::DEPTH_MAX {
                return Err(self.too_deep());
            }
        }
    }

    /// A selection of filters alone: a stage of a pipeline.
    pub(super) fn whole_set(&mut self) -> Result<SetTree, Fault> {
        self.set(LOGIC)
    }

    fn set_operand(&mut self) -> Result<SetTree, Fault> {
        if !self.takes_sign("(") {
            return self.filter();
        }
        let inner = self.deeper(|cursor| cursor.set(LOGIC))?;
        if self.sign() == "|" {
            let help = "a pipeline can be a side only where the left side is one in parentheses too: put it first";
            return Err(self.unexpected("`)`").help(help));
        }
        self.expect_sign(")")?;
        Ok(inner)
    }

    /// A selection in braces.
    pub(super) fn whole_filter(&mut self) -> Result<SetTree, Fault> {
        self.filter()
    }

    fn filter(&mut self) -> Result<SetTree, Fault> {
        let at = self.place();
        if !self.takes_sign("{") {
            return Err(self.unexpected("`{` or `(`"));
        }
        let node = if self.sign() == "}" { Node::new(Expr::Literal(Literal::Bool(true)), at) } else { self.node()? };
        if self.takes_sign("}") { Ok(SetTree::Filter(node)) } else { Err(self.unexpected("an operator or `}`")) }
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        let at = self.place();
        match self.peek() {
            Token::Sign("{") => self.filter().map(Operand::Set),
            Token::Sign("(") => self.deeper(Self::parenthesised),
            Token::Sign("-") => {
                self.advance();
                match self.deeper(|cursor| cursor.operation(PRODUCT + 1))? {
                    Operand::Number(number, _) => Ok(Operand::Number(negative(number), at)),
                    _ => Err(Fault::new(QueryProblem::Syntax, at, "a number behind the sign", "series")
                        .help("write `0 - (...)`")),
                }
            }
            Token::Int(_) | Token::Float(_) | Token::Duration(_) => {
                let literal = self.literal().unwrap_or(Literal::Int(0));
                self.advance();
                Ok(Operand::Number(literal, at))
            }
            _ => Err(self.unexpected("`{`, which begins a selection of spans, or `(`")),
        }
    }

    fn parenthesised(&mut self) -> Result<Operand, Fault> {
        self.expect_sign("(")?;
        let operand = if self.is_at_stage() && !matches!(self.ahead(0), Token::Sign(_)) {
            match find(&AGGREGATES, self.word()) {
                Some(_) => {
                    let aggregate = self.aggregate()?;
                    if self.takes_sign(")") {
                        return Ok(Operand::Aggregate(aggregate));
                    }
                    let stage = self.measure_of(aggregate)?;
                    self.inner_pipeline(vec![stage])?
                }
                None => self.inner_pipeline(Vec::new())?,
            }
        } else {
            match self.operation(LOGIC)? {
                Operand::Set(tree) if self.sign() == "|" => self.inner_pipeline(vec![Stage::Select(tree)])?,
                operand => operand,
            }
        };
        if self.takes_sign(")") { Ok(operand) } else { Err(self.unexpected("an operator or `)`")) }
    }

    /// A pipeline that stands in parentheses.
    fn inner_pipeline(&mut self, stages: Vec<Stage>) -> Result<Operand, Fault> {
        match self.stages(stages)? {
            (stages, None) => Ok(Operand::Piped(SetTree::Pipeline(stages))),
            (stages, Some(metric)) => {
                let leaf = MetricTree::Leaf { pipeline: stages, metric };
                Ok(Operand::Series(self.second_stages(leaf)?))
            }
        }
    }

    /// The relation that stands here and binds at least so tight; it is gone over.
    fn relation(&mut self, level: u8) -> Option<(Relation, u8)> {
        let and = if self.binding == Binding::AndTighter { LOGIC + 1 } else { LOGIC };
        let kin = |kinship, sides| (Relation::Kin { kinship, sides }, KIN);
        let found = match self.sign() {
            "&&" => (Relation::And, and),
            "||" => (Relation::Or, LOGIC),
            ">" => kin(Kinship::Child, Sides::Right),
            "<" => kin(Kinship::Parent, Sides::Right),
            ">>" => kin(Kinship::Descendant, Sides::Right),
            "<<" => kin(Kinship::Ancestor, Sides::Right),
            "~" => kin(Kinship::Sibling, Sides::Right),
            "!>" => kin(Kinship::Child, Sides::NotRight),
            "!<" => kin(Kinship::Parent, Sides::NotRight),
            "!>>" => kin(Kinship::Descendant, Sides::NotRight),
            "!<<" => kin(Kinship::Ancestor, Sides::NotRight),
            "!~" => kin(Kinship::Sibling, Sides::NotRight),
            "&>" => kin(Kinship::Child, Sides::Union),
            "&<" => kin(Kinship::Parent, Sides::Union),
            "&>>" => kin(Kinship::Descendant, Sides::Union),
            "&<<" => kin(Kinship::Ancestor, Sides::Union),
            "&~" => kin(Kinship::Sibling, Sides::Union),
            _ => return None,
        };
        if found.1 < level {
            return None;
        }
        self.advance();
        Some(found)
    }

    /// What is done with series.
    fn second_stages(&mut self, mut series: MetricTree) -> Result<MetricTree, Fault> {
        let mut depth = 0;
        loop {
            let second = if self.sign() == "|" {
                self.advance();
                self.rank()?
            } else if let Some(comparison) = self.order() {
                self.advance();
                Second::Keep { comparison, against: self.number()? }
            } else {
                return Ok(series);
            };
            series = MetricTree::Then { series: Box::new(series), second };
            depth += 1;
            if depth > super::cursor::DEPTH_MAX {
                return Err(self.too_deep());
            }
        }
    }

    /// A number that may be computed.
    pub(super) fn number(&mut self) -> Result<Literal, Fault> {
        let at = self.place();
        match self.deeper(|cursor| cursor.operation(SUM))? {
            Operand::Number(number, _) => Ok(number),
            _ => {
                Err(Fault::new(QueryProblem::Meaning, at, "a number or a duration", "something else")
                    .help(AGGREGATE_FIRST))
            }
        }
    }

    pub(super) fn number_first(&self) -> Fault {
        Fault::new(QueryProblem::Meaning, self.place(), "an aggregate on the left", "a number").help(AGGREGATE_FIRST)
    }
}

const AGGREGATE_FIRST: &str = "an aggregate stands alone on the left, a number on the right: `count() > 5`";

fn both(left: SetTree, relation: Relation, right: SetTree, from: usize) -> SetTree {
    SetTree::Both { left: Box::new(left), relation, right: Box::new(right), at: Place { from } }
}

fn negative(number: Literal) -> Literal {
    match number {
        Literal::Int(number) => Literal::Int(number.wrapping_neg()),
        Literal::Float(number) => Literal::Float(-number),
        Literal::Duration(ns) => Literal::Duration(ns.wrapping_neg()),
        other => other,
    }
}

/// A number that series are multiplied with, and the like.
fn factor(by: &Literal, at: usize) -> Result<f64, Fault> {
    match by {
        Literal::Duration(_) => Err(Fault::new(QueryProblem::Meaning, at, "a number", "a duration")),
        by => by.number().ok_or_else(|| Fault::new(QueryProblem::Meaning, at, "a number", "something else")),
    }
}

/// What two numbers come to; integers stay integers.
fn folded(left: Literal, arithmetic: Arithmetic, right: Literal, at: usize) -> Result<Literal, Fault> {
    let refuse = |found: &str| Err(Fault::new(QueryProblem::Meaning, at, "numbers", found));
    match (&left, &right) {
        (Literal::Duration(_), _) | (_, Literal::Duration(_)) => {
            refuse("a duration, with which nothing can be computed here")
        }
        (Literal::Int(left), Literal::Int(right)) => Ok(Literal::Int(match arithmetic {
            Arithmetic::Add => left.wrapping_add(*right),
            Arithmetic::Subtract => left.wrapping_sub(*right),
            Arithmetic::Multiply => left.wrapping_mul(*right),
            _ if *right == 0 => return refuse("a division by zero"),
            _ => left.wrapping_div(*right),
        })),
        _ => {
            let (left, right) = (left.number().unwrap_or_default(), right.number().unwrap_or_default());
            let number = match arithmetic {
                Arithmetic::Add => left + right,
                Arithmetic::Subtract => left - right,
                Arithmetic::Multiply => left * right,
                _ => left / right,
            };
            if number.is_finite() { Ok(Literal::Float(number)) } else { refuse("a number that is not finite") }
        }
    }
}
