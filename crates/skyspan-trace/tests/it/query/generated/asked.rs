//! Queries and traces made by chance.

use std::fmt::Write as _;

use skyspan_trace::trace::{Event, Resource, Span, SpanKind, Status, Trace};
use skyspan_trace::value::{Timestamp, Value};

/// Numbers from a seed: xorshift, so that a failure tells all that is needed to see it again.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Int(i64),
    Float(f64),
    Str(&'static str),
    Bool(bool),
    DurationMs(i64),
    Status(&'static str),
    Kind(&'static str),
}

#[derive(Clone, Debug)]
pub(crate) enum Ex {
    Literal(Literal),
    Field(&'static str),
    And(Vec<Self>),
    Or(Vec<Self>),
    /// A field and a literal, or the other way round.
    Compare(&'static str, &'static str, Literal, bool),
    /// Any two numbers.
    CompareAny(Box<Self>, &'static str, Box<Self>),
    Arithmetic(Box<Self>, &'static str, Box<Self>),
    Negative(Box<Self>),
    Not(Box<Self>),
    Nil(&'static str, bool),
}

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Filter(Ex),
    Both(Box<Self>, &'static str, Box<Self>),
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Select(Tree),
    /// `count() > 2`; an aggregate has a field unless it counts.
    Measure(&'static str, Option<&'static str>, &'static str, Literal),
    Group(Ex),
    Coalesce,
}

const ATTRIBUTES: [&str; 6] = [".v", "span.v", "resource.v", ".w", "span.w", ".missing"];
const NUMBERS: [&str; 5] = ["duration", "traceDuration", "span:childCount", "nestedSetParent", "nestedSetLeft"];
const TEXTS: [&str; 5] = ["name", "statusMessage", "rootName", "event:name", "span:id"];
const ORDERS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
pub(crate) const KIN: [&str; 15] =
    [">", "<", ">>", "<<", "~", "!>", "!<", "!>>", "!<<", "!~", "&>", "&<", "&>>", "&<<", "&~"];

fn literal(chance: &mut Chance) -> Literal {
    match chance.below(5) {
        0 | 1 => Literal::Int(chance.below(5).cast_signed() - 1),
        2 => Literal::Float(chance.of(&[0.0, 0.5, 1.0, 2.0, -1.5])),
        3 => Literal::Str(chance.of(&["a", "b", "ab", ""])),
        _ => Literal::Bool(chance.one_in(2)),
    }
}

fn comparison(chance: &mut Chance) -> Ex {
    let order = chance.of(&ORDERS);
    let is_left = chance.one_in(6);
    match chance.below(10) {
        0..=3 => {
            let field = chance.of(&[ATTRIBUTES.as_slice(), &["event.v", "event.v"]].concat());
            let literal = literal(chance);
            match literal {
                Literal::Str(_) if chance.one_in(3) => {
                    let regex = chance.of(&["a.*", "a|b", "", "[^a]"]);
                    Ex::Compare(field, chance.of(&["=~", "!~"]), Literal::Str(regex), false)
                }
                Literal::Bool(_) => Ex::Compare(field, chance.of(&["=", "!="]), literal, is_left),
                literal => Ex::Compare(field, order, literal, is_left),
            }
        }
        4 => Ex::Compare(
            chance.of(&["duration", "traceDuration"]),
            order,
            Literal::DurationMs(chance.below(12).cast_signed()),
            is_left,
        ),
        5 => Ex::Compare(chance.of(&NUMBERS), order, Literal::Int(chance.below(4).cast_signed() - 1), is_left),
        6 => Ex::Compare(
            chance.of(&TEXTS),
            order,
            Literal::Str(chance.of(&["a", "b", "x", "0000000000000003"])),
            is_left,
        ),
        7 => Ex::Compare(
            "status",
            chance.of(&["=", "!="]),
            Literal::Status(chance.of(&["ok", "error", "unset"])),
            is_left,
        ),
        8 => Ex::Compare(
            "kind",
            chance.of(&["=", "!="]),
            Literal::Kind(chance.of(&["server", "client", "internal"])),
            is_left,
        ),
        _ => {
            Ex::Compare("event:timeSinceStart", order, Literal::DurationMs(chance.below(6).cast_signed() - 1), is_left)
        }
    }
}

fn number(chance: &mut Chance, depth: u64) -> Ex {
    match chance.below(if depth == 0 { 3 } else { 5 }) {
        0 => Ex::Field(chance.of(&ATTRIBUTES)),
        1 => Ex::Field(chance.of(&[NUMBERS.as_slice(), &["event.v"]].concat())),
        2 => match literal(chance) {
            number @ (Literal::Int(_) | Literal::Float(_)) => Ex::Literal(number),
            _ => Ex::Literal(Literal::DurationMs(2)),
        },
        3 => Ex::Negative(Box::new(Ex::Field(chance.of(&NUMBERS)))),
        _ => {
            let sign = chance.of(&["+", "-", "*", "/", "%", "^"]);
            let left = match number(chance, depth - 1) {
                // Two literals are one literal to those who read the query.
                Ex::Literal(_) => Ex::Field(".v"),
                left => left,
            };
            Ex::Arithmetic(Box::new(left), sign, Box::new(number(chance, depth - 1)))
        }
    }
}

pub(crate) fn condition(chance: &mut Chance, depth: u64) -> Ex {
    match chance.below(if depth == 0 { 5 } else { 9 }) {
        0..=3 => comparison(chance),
        4 => Ex::Nil(chance.of(&[".v", "span.v", "resource.v", "event.v", ".missing"]), chance.one_in(2)),
        5 => match (number(chance, 1), chance.of(&ORDERS), number(chance, 1)) {
            (Ex::Field(field), order, Ex::Literal(literal)) => Ex::Compare(field, order, literal, false),
            (Ex::Literal(literal), order, Ex::Field(field)) => Ex::Compare(field, order, literal, true),
            (Ex::Literal(_), order, Ex::Literal(literal)) => Ex::Compare(".w", order, literal, false),
            (Ex::Literal(_), order, right) => Ex::CompareAny(Box::new(Ex::Field(".w")), order, Box::new(right)),
            (left, order, right) => Ex::CompareAny(Box::new(left), order, Box::new(right)),
        },
        6 => Ex::Not(Box::new(condition(chance, depth - 1))),
        7 => Ex::And((0..2 + chance.below(2)).map(|_| condition(chance, depth - 1)).collect()),
        _ => Ex::Or((0..2 + chance.below(2)).map(|_| condition(chance, depth - 1)).collect()),
    }
}

fn filter(chance: &mut Chance) -> Tree {
    Tree::Filter(match chance.below(6) {
        0 => Ex::Literal(Literal::Bool(true)),
        1 => Ex::Field(".flag"),
        _ => condition(chance, 2),
    })
}

fn tree(chance: &mut Chance, depth: u64) -> Tree {
    if depth == 0 || chance.one_in(2) {
        return filter(chance);
    }
    let sign = if chance.one_in(3) { chance.of(&["&&", "||"]) } else { chance.of(&KIN) };
    Tree::Both(Box::new(tree(chance, depth - 1)), sign, Box::new(tree(chance, depth - 1)))
}

pub(crate) fn pipeline(chance: &mut Chance) -> Vec<Stage> {
    let mut stages = vec![Stage::Select(tree(chance, 2))];
    while chance.one_in(2) && stages.len() < 4 {
        stages.push(match chance.below(5) {
            0 => Stage::Measure("count", None, chance.of(&ORDERS), Literal::Int(chance.below(4).cast_signed())),
            1 => {
                let (field, against) = chance.of(&[
                    ("duration", Literal::DurationMs(4)),
                    (".v", Literal::Int(1)),
                    (".w", Literal::Float(0.5)),
                    ("span:childCount", Literal::Int(1)),
                ]);
                Stage::Measure(chance.of(&["avg", "max", "min", "sum"]), Some(field), chance.of(&ORDERS), against)
            }
            2 => Stage::Group(if chance.one_in(3) {
                comparison(chance)
            } else {
                Ex::Field(chance.of(&["name", "kind", ".v", ".w", "rootName", "event:name", "status"]))
            }),
            3 => Stage::Coalesce,
            _ => Stage::Select(tree(chance, 1)),
        });
    }
    stages
}

fn value(chance: &mut Chance) -> Value {
    match chance.below(12) {
        0..=2 => Value::Int(chance.below(5).cast_signed() - 1),
        3 | 4 => Value::Float(chance.of(&[0.0, 0.5, 1.0, 2.0, -1.5])),
        5 | 6 => chance.of(&["a", "b", "ab", ""]).into(),
        7 => Value::Bool(chance.one_in(2)),
        8 => Value::from([1, 2]),
        9 => Value::from(["a", "b"]),
        10 => Value::from([chance.below(3)]),
        _ => Value::from([Value::Int(1), "a".into()]),
    }
}

/// A few spans of a few trace ids, some of them orphans, some in a cycle.
pub(crate) fn trace(chance: &mut Chance) -> Trace {
    let at = |ms: u64| Timestamp::from_unix_ns(1_000_000_000 + ms * 1_000_000);
    let resources: Vec<Resource> = (0..2)
        .map(|_| {
            let mut attributes = vec![("v".to_owned(), value(chance)), ("w".to_owned(), value(chance))];
            attributes.truncate(usize::try_from(chance.below(3)).unwrap());
            Resource { attributes: attributes.into_iter().collect(), ..Resource::default() }
        })
        .collect();
    let spans = (1..=3 + chance.below(10)).map(|id| {
        let start = chance.below(5) + id;
        let mut span = Span::builder(chance.of(&["a", "b", "x"]))
            .trace_id(1 + u128::from(chance.below(2)))
            .span_id(id)
            .start(at(start))
            .kind(chance.of(&[SpanKind::Internal, SpanKind::Server, SpanKind::Client]))
            .status(chance.of(&[Status::Unset, Status::Ok, Status::error("a"), Status::error("")]))
            .resource(chance.of(&resources));
        if !chance.one_in(8) {
            span = span.end(at(start + chance.below(9)));
        }
        if !chance.one_in(5) {
            // Mostly an earlier span; perhaps of another trace, perhaps none, perhaps itself or a later one.
            span = span.parent_id(if chance.one_in(6) { 1 + chance.below(14) } else { 1 + chance.below(id) });
        }
        for key in ["v", "w"] {
            if !chance.one_in(3) {
                span = span.attribute(key, value(chance));
            }
        }
        if chance.one_in(2) {
            span = span.attribute("flag", chance.one_in(2));
        }
        for _ in 0..chance.below(3) {
            let attributes = if chance.one_in(3) { Vec::new() } else { vec![("v", value(chance))] };
            let event = Event::new(chance.of(&["a", "b"]), at((start + chance.below(4)).saturating_sub(1)));
            span = span.event(event.with_attributes(attributes));
        }
        span.build()
    });
    Trace::from_spans(spans.collect::<Vec<_>>())
}

pub(crate) fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => format!("{number:?}"),
        Literal::Str(text) => format!("{text:?}"),
        Literal::Bool(truth) => truth.to_string(),
        Literal::DurationMs(ms) => format!("{ms}ms"),
        Literal::Status(word) | Literal::Kind(word) => (*word).to_owned(),
    }
}

pub(crate) fn text(ex: &Ex) -> String {
    match ex {
        Ex::Literal(literal) => literal_text(literal),
        Ex::Field(field) => (*field).to_owned(),
        // The first of a chain needs no brackets, as all bind alike.
        Ex::And(parts) => chain(parts, " && "),
        Ex::Or(parts) => chain(parts, "||"),
        Ex::Compare(field, sign, literal, false) => format!("{field} {sign} {}", literal_text(literal)),
        Ex::Compare(field, sign, literal, true) => format!("{} {sign} {field}", literal_text(literal)),
        Ex::CompareAny(left, sign, right) => format!("{} {sign} {}", side(left), side(right)),
        Ex::Arithmetic(left, sign, right) => format!("{} {sign} {}", side(left), side(right)),
        Ex::Negative(of) => format!("-{}", side(of)),
        Ex::Not(of) => format!("!({})", text(of)),
        Ex::Nil(field, is_nil) => format!("{field} {} nil", if *is_nil { "=" } else { "!=" }),
    }
}

fn chain(parts: &[Ex], sign: &str) -> String {
    let mut out = text(&parts[0]);
    for part in &parts[1..] {
        let _ = match part {
            Ex::And(_) | Ex::Or(_) => write!(out, "{sign}({})", text(part)),
            _ => write!(out, "{sign}{}", text(part)),
        };
    }
    out
}

fn side(ex: &Ex) -> String {
    match ex {
        Ex::Field(_) => text(ex),
        Ex::Literal(literal) if !literal_text(literal).starts_with('-') => text(ex),
        _ => format!("({})", text(ex)),
    }
}

pub(crate) fn tree_text(tree: &Tree) -> String {
    match tree {
        Tree::Filter(Ex::Literal(Literal::Bool(true))) => "{}".to_owned(),
        Tree::Filter(ex) => format!("{{ {} }}", text(ex)),
        Tree::Both(left, sign, right) => format!("({}) {sign} ({})", tree_text(left), tree_text(right)),
    }
}

pub(crate) fn pipeline_text(stages: &[Stage]) -> String {
    let stages = stages.iter().map(|stage| match stage {
        Stage::Select(tree) => tree_text(tree),
        Stage::Measure(word, field, sign, literal) => {
            format!("{word}({}) {sign} {}", field.unwrap_or_default(), literal_text(literal))
        }
        Stage::Group(ex) => format!("by({})", text(ex)),
        Stage::Coalesce => "coalesce()".to_owned(),
    });
    stages.collect::<Vec<_>>().join(" | ")
}
