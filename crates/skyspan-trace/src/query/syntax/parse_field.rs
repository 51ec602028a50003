//! Expressions of values of a span, read.

use super::ast::{Arithmetic, Comparison, Expr, Field, Logic, Node};
use super::cursor::{Binding, Cursor, DEPTH_MAX};
use super::literal::Literal;
use super::token::Token;
use super::words::{BARE, OWNED, find};
use crate::query::error::{Fault, QueryProblem};
use crate::value::nearest;

/// An operator between two values.
#[derive(Clone, Copy)]
enum Operator {
    Logic(Logic),
    Comparison(Comparison),
    Arithmetic(Arithmetic),
}

/// How tight an operator binds. A sign in front binds as tight as [`SIGNED`] says.
const LOGIC: u8 = 1;
const COMPARISON: u8 = 3;
const SIGNED: u8 = 5;
const POWER: u8 = 6;

impl Cursor<'_> {
    fn operator(&self) -> Option<(Operator, u8)> {
        let and = if self.binding == Binding::AndTighter { LOGIC + 1 } else { LOGIC };
        let comparison = |comparison| (Operator::Comparison(comparison), COMPARISON);
        let arithmetic = |arithmetic, level| (Operator::Arithmetic(arithmetic), level);
        Some(match self.sign() {
            "&&" => (Operator::Logic(Logic::And), and),
            "||" => (Operator::Logic(Logic::Or), LOGIC),
            "+" => arithmetic(Arithmetic::Add, 4),
            "-" => arithmetic(Arithmetic::Subtract, 4),
            "*" => arithmetic(Arithmetic::Multiply, 5),
            "/" => arithmetic(Arithmetic::Divide, 5),
            "%" => arithmetic(Arithmetic::Modulo, 5),
            "^" => arithmetic(Arithmetic::Power, POWER),
            "=~" => comparison(Comparison::Matches),
            "!~" => comparison(Comparison::MatchesNot),
            _ => comparison(self.order()?),
        })
    }

    /// The comparison that stands here, but for those with regular expressions.
    pub(super) fn order(&self) -> Option<Comparison> {
        Some(match self.sign() {
            "=" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterEqual,
            _ => return None,
        })
    }

    /// Reads an expression of any precedence.
    pub(super) fn node(&mut self) -> Result<Node, Fault> {
        self.deeper(|cursor| cursor.node_of(LOGIC))
    }

    /// An expression of operators that bind at least so tight.
    fn node_of(&mut self, level: u8) -> Result<Node, Fault> {
        let mut left = self.value()?;
        // A chain of one logic is one node; each other operator makes the tree one deeper.
        let mut depth = 0;
        while let Some((operator, binds)) = self.operator().filter(|(_, binds)| *binds >= level) {
            let at = self.place();
            self.advance();
            let is_nil_test = matches!(operator, Operator::Comparison(Comparison::Equal | Comparison::NotEqual));
            if is_nil_test && self.word() == "nil" {
                self.advance();
                let is_nil = matches!(operator, Operator::Comparison(Comparison::Equal));
                left = Node::new(Expr::Nil { of: Box::new(left), is_nil }, at);
                continue;
            }
            // Of powers the right one comes first.
            let right = if binds == POWER {
                self.deeper(|cursor| cursor.node_of(POWER))?
            } else {
                self.deeper(|cursor| cursor.node_of(binds + 1))?
            };
            if let (Operator::Logic(logic), Expr::Logic { logic: same, parts }) = (operator, &mut left.is)
                && logic == *same
            {
                parts.push(right);
                continue;
            }
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(self.too_deep());
            }
            let (left_box, right_box) = (Box::new(left), Box::new(right));
            left = Node::new(
                match operator {
                    Operator::Logic(logic) => Expr::Logic { logic, parts: vec![*left_box, *right_box] },
                    Operator::Comparison(comparison) => Expr::Compare { left: left_box, comparison, right: right_box },
                    Operator::Arithmetic(arithmetic) => {
                        Expr::Arithmetic { left: left_box, arithmetic, right: right_box }
                    }
                },
                at,
            );
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let at = self.place();
        match self.sign() {
            "(" => {
                self.advance();
                let inner = self.node()?;
                self.expect_sign(")")?;
                return Ok(inner);
            }
            "-" => {
                self.advance();
                let inner = self.deeper(|cursor| cursor.node_of(SIGNED))?;
                return Ok(Node::new(Expr::Negative(Box::new(inner)), at));
            }
            "!" => {
                self.advance();
                let inner = self.deeper(|cursor| cursor.node_of(SIGNED))?;
                return Ok(Node::new(Expr::Not(Box::new(inner)), at));
            }
            _ => {}
        }
        if self.word() == "nil" {
            return self.nil_first();
        }
        if let Some(literal) = self.literal() {
            self.advance();
            return Ok(Node::new(Expr::Literal(literal), at));
        }
        match self.field()? {
            Some(field) => Ok(Node::new(Expr::Field(field), at)),
            None => Err(self.unexpected("a value or a field")),
        }
    }

    /// `nil = x`, `nil != x`
    fn nil_first(&mut self) -> Result<Node, Fault> {
        self.advance();
        let at = self.place();
        let is_nil = match self.sign() {
            "=" => true,
            "!=" => false,
            _ => return Err(self.unexpected("`=` or `!=`, of which alone `nil` can be a side")),
        };
        self.advance();
        if self.word() == "nil" {
            self.advance();
            return Ok(Node::new(Expr::Literal(Literal::Bool(false)), at));
        }
        let of = self.deeper(|cursor| cursor.node_of(COMPARISON + 1))?;
        Ok(Node::new(Expr::Nil { of: Box::new(of), is_nil }, at))
    }

    /// The field that stands here, if one does.
    pub(super) fn field(&mut self) -> Result<Option<Field>, Fault> {
        let field = match self.peek() {
            Token::Attribute(scope, key) => Field::Attribute { scope: *scope, key: key.clone() },
            Token::Owner(owner) => {
                let words = self.owned_words();
                self.advance();
                let word = self.word();
                match OWNED.iter().find(|(of, text, _)| of == owner && *text == word) {
                    Some((_, _, intrinsic)) => Field::Intrinsic(*intrinsic),
                    None => {
                        let help = nearest(word, words.iter().copied());
                        let help = help.map_or(String::new(), |meant| format!("did you mean `{meant}`?"));
                        return Err(self.unexpected(one_of(&words)).help(help));
                    }
                }
            }
            Token::ParentAttribute => return Err(self.parent_refused()),
            Token::Word(word) if word == "parent" => return Err(self.parent_refused()),
            Token::Word(word) => match find(&BARE, word) {
                Some(intrinsic) => Field::Intrinsic(intrinsic),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(field))
    }

    fn parent_refused(&self) -> Fault {
        Fault::new(QueryProblem::Meaning, self.place(), "a field of the span", "`parent`")
            .help("Tempo does not know parents by name yet; `{ ... } > { ... }` selects the children of spans")
    }

    /// Reads a list of fields in parentheses.
    pub(super) fn fields(&mut self) -> Result<Vec<Field>, Fault> {
        self.expect_sign("(")?;
        let mut fields = Vec::new();
        loop {
            fields.push(self.one_field()?);
            if !self.takes_sign(",") {
                break;
            }
        }
        if self.takes_sign(")") { Ok(fields) } else { Err(self.unexpected("`,` or `)`")) }
    }

    pub(super) fn one_field(&mut self) -> Result<Field, Fault> {
        match self.field()? {
            Some(field) => Ok(field),
            None => Err(self.unexpected("a field")),
        }
    }
}

/// `a`, `b` or `c`
pub(super) fn one_of(words: &[&str]) -> String {
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        text += match at {
            0 => "",
            _ if at + 1 == words.len() => " or ",
            _ => ", ",
        };
        text += &format!("`{word}`");
    }
    text
}
