//! [`Cursor`]: where the parser stands, and what it takes and refuses there.

use super::literal::Literal;
use super::token::{Lexeme, Token};
use super::words::{AGGREGATES, BARE, KINDS, METRICS, OWNED, RANKS, SCOPES, STATUSES, find, meant};
use crate::query::error::{Fault, QueryProblem};
use crate::value::Text;

/// So deep a query may be nested, and so many different operators may stand in one chain.
pub(in crate::query) const DEPTH_MAX: usize = 64;

/// Whether `&&` and `||` bind alike, as in TraceQL, or `&&` binds tighter, as elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::query) enum Binding {
    Alike,
    AndTighter,
}

/// Where the parser stands.
pub(super) struct Cursor<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
    pub(super) binding: Binding,
}

impl<'a> Cursor<'a> {
    /// At the beginning; the last lexeme is the end.
    pub(super) fn new(lexemes: &'a [Lexeme], binding: Binding) -> Self {
        Self { lexemes, at: 0, depth: 0, binding }
    }

    pub(super) fn peek(&self) -> &'a Token {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, count: usize) -> &'a Token {
        &self.lexemes[(self.at + count).min(self.lexemes.len() - 1)].token
    }

    /// Where the next lexeme stands in the text.
    pub(super) fn place(&self) -> usize {
        self.lexemes[self.at].from
    }

    pub(super) fn advance(&mut self) {
        self.at = (self.at + 1).min(self.lexemes.len() - 1);
    }

    /// The sign that stands here; empty if none does.
    pub(super) fn sign(&self) -> &'static str {
        match self.peek() {
            Token::Sign(sign) => sign,
            _ => "",
        }
    }

    /// The word that stands here; empty if none does.
    pub(super) fn word(&self) -> &'a str {
        match self.peek() {
            Token::Word(word) => word,
            _ => "",
        }
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let is_there = self.sign() == sign;
        if is_there {
            self.advance();
        }
        is_there
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(format!("`{sign}`"))) }
    }

    /// What stands here is not what is expected.
    pub(super) fn unexpected(&self, expected: impl Into<Text>) -> Fault {
        let fault = Fault::new(QueryProblem::Syntax, self.place(), expected, self.peek().to_string());
        let word = self.word();
        if word.is_empty() { fault } else { fault.help(self.word_help(word)) }
    }

    fn word_help(&self, word: &str) -> String {
        if SCOPES.iter().any(|(scope, _)| *scope == word) {
            return format!("an attribute has a dot: `{word}.key`");
        }
        // A key without its dot, in its parts.
        if matches!(self.ahead(1), Token::Attribute(..)) {
            return format!("an attribute begins with a dot, or with its scope: `.{word}...`, `span.{word}...`");
        }
        let tables = [
            AGGREGATES.map(|(word, _)| word).as_slice(),
            &METRICS.map(|(word, _)| word),
            &RANKS.map(|(word, _)| word),
            &BARE.map(|(word, _)| word),
            &STATUSES.map(|(word, _)| word),
            &KINDS.map(|(word, _)| word),
            &["by", "coalesce", "select", "compare", "with", "true", "false", "nil"],
        ]
        .concat();
        if tables.contains(&word) {
            return String::new();
        }
        match meant(word, tables) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("a string stands in quotes, \"{word}\", and an attribute has a dot, `.{word}`"),
        }
    }

    /// Does something one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth >= DEPTH_MAX {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn too_deep(&self) -> Fault {
        let expected = format!("at most {DEPTH_MAX} levels of nesting");
        Fault::new(QueryProblem::Limit, self.place(), expected, "one more")
            .help("a chain of one operator may be of any length")
    }

    /// Whether an aggregate, or a number that one is held against, stands behind opening brackets and signs.
    pub(super) fn is_at_scalar(&self) -> bool {
        let mut count = 0;
        while matches!(self.ahead(count), Token::Sign("(" | "-")) {
            count += 1;
        }
        match self.ahead(count) {
            Token::Word(word) => find(&AGGREGATES, word).is_some(),
            Token::Int(_) | Token::Float(_) | Token::Duration(_) => true,
            _ => false,
        }
    }

    /// The word behind `span:` and the like.
    pub(super) fn owned_words(&self) -> Vec<&'static str> {
        let Token::Owner(owner) = self.peek() else { return Vec::new() };
        OWNED.iter().filter(|(of, ..)| of == owner).map(|(_, word, _)| *word).collect()
    }

    /// The literal that stands here, if one does; a number has no sign.
    pub(super) fn literal(&self) -> Option<Literal> {
        match self.peek() {
            Token::Int(number) => Some(Literal::Int(*number)),
            Token::Float(number) => Some(Literal::Float(*number)),
            Token::Duration(ns) => Some(Literal::Duration(*ns)),
            Token::Str(text) => Some(Literal::Str(text.clone())),
            Token::Word(word) => match word.as_str() {
                "true" => Some(Literal::Bool(true)),
                "false" => Some(Literal::Bool(false)),
                "minInt" => Some(Literal::Int(i64::MIN)),
                "maxInt" => Some(Literal::Int(i64::MAX)),
                word => find(&STATUSES, word).map(Literal::Status).or_else(|| find(&KINDS, word).map(Literal::Kind)),
            },
            _ => None,
        }
    }
}
