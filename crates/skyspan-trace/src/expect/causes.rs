//! [`Causes`]: what a report says before its drawing: which span, in what, what was expected and what is there instead.

use std::fmt;

use rustc_hash::FxHashMap;

use super::difference::Difference;
use super::mismatch::{Closest, Failure, Mismatch};
use super::number_range::NumberRange;
use super::words::Conditions;
use crate::pad::cut_to;
use crate::trace::{SpanRef, Trace, rounded_duration};

/// So many causes are told; of more, how many they are.
const CAUSES_MAX: usize = 3;
/// Of spans that must not be there so many are named.
const NAMED_MAX: usize = 3;
/// A longer line is cut.
const CAUSE_MAX: usize = 2_000;
/// In a trace of so few spans the drawing alone says it as shortly.
const SPANS_WITHOUT_CAUSES: usize = 2;

/// What a report says before its drawing.
pub(super) struct Causes {
    /// What was said in words, each with what is known of it.
    sentences: Vec<String>,
    /// What is wrong about spans that the drawing marks; what is wrong alike is told once.
    causes: Vec<Cause>,
}

/// What is wrong alike in so many places.
struct Cause {
    /// Who it is where it is one.
    one: String,
    /// Who they are where they are several, and where the first of them is.
    many: [String; 2],
    places: usize,
    /// What is wrong, in the first place.
    what: String,
}

impl Causes {
    pub(super) fn of(mismatch: &Mismatch) -> Self {
        let mut told = Self { sentences: Vec::new(), causes: Vec::new() };
        let mut places = FxHashMap::default();
        let trace = &mismatch.trace;
        for failure in &mismatch.failures {
            if let Some(sentence) = failure.sentence() {
                told.sentences.push(sentence);
                told.sentences.extend(beside(failure, trace));
                continue;
            }
            if trace.len() > SPANS_WITHOUT_CAUSES {
                told.add(failure, trace, &mut places);
            }
        }
        told
    }

    fn add(&mut self, failure: &Failure, trace: &Trace, places: &mut FxHashMap<String, usize>) {
        let span = |at: usize| trace.span_ref(at);
        match failure {
            Failure::Differs { span: at, differences } => {
                let Some(span) = span(*at) else { return };
                for difference in differences {
                    self.push_span(kind_of(difference), span, difference.to_string(), places);
                }
            }
            Failure::Unexpected { span: at } => {
                let Some(span) = span(*at) else { return };
                self.push_span("not expected".to_owned(), span, "not expected".to_owned(), places);
            }
            Failure::Forbidden { of, span: at } => {
                let Some(span) = span(*at) else { return };
                let what = format!("forbidden: span {}{}", of.name, Conditions(of));
                self.push_span(what.clone(), span, what, places);
            }
            Failure::Moved { span: at, parent, .. } => {
                let Some(moved) = span(*at) else { return };
                let (to, from) = (parent.and_then(span), moved.parent());
                let is_called_so = |parent: SpanRef<'_>| from.is_some_and(|from| from.name() == parent.name());
                // Two of one name are told apart by when they started.
                let place = if to.is_some_and(is_called_so) { under_exactly } else { under };
                let what = format!("moved: expected {}, found {}", place(to), place(from));
                let name = format!("{:?}", moved.span().name());
                let kind = format!("{name} moved {} {}", under(to), under(from));
                self.push(kind, name.clone(), [format!("spans {name}"), String::new()], what, places);
            }
            Failure::Missing { expected, parent, closest } => {
                let place = under(parent.and_then(span));
                let what = format!("missing {place}{}", closest_words(closest.as_ref(), trace));
                let kind = format!("missing {} {place}", expected.name);
                let one = format!("span {}{}", expected.name, Conditions(expected));
                self.push(kind, one, [format!("spans {}", expected.name), String::new()], what, places);
            }
            Failure::Times { of, parent, expected, found, closest } => {
                let number = if found.is_empty() { "none".to_owned() } else { found.len().to_string() };
                let place = under(parent.and_then(span));
                let closest = closest_words(closest.as_ref(), trace);
                let what = format!("expected {expected} {place}, found {number}{closest}");
                let kind = format!("times {} {expected} {number}", of.name);
                let one = format!("spans {}{}", of.name, Conditions(of));
                self.push(kind, one.clone(), [format!("times {one}"), String::new()], what, places);
            }
            Failure::Number { .. }
            | Failure::Nothing { .. }
            | Failure::AtOnce { .. }
            | Failure::Total { .. }
            | Failure::Measured { .. }
            | Failure::Otherwise { .. } => {}
        }
    }

    /// What is wrong about a span that is there; of the same kind about spans of one name is one cause.
    fn push_span(&mut self, kind: String, span: SpanRef<'_>, what: String, places: &mut FxHashMap<String, usize>) {
        let name = format!("{:?}", span.span().name());
        let first = place_of(span);
        let many = [format!("spans {name}"), first.clone()];
        self.push(format!("{name} {kind}"), format!("{name} {first}"), many, what, places);
    }

    fn push(
        &mut self,
        kind: String,
        one: String,
        many: [String; 2],
        what: String,
        places: &mut FxHashMap<String, usize>,
    ) {
        if let Some(at) = places.get(&kind) {
            self.causes[*at].places += 1;
            return;
        }
        places.insert(kind, self.causes.len());
        self.causes.push(Cause { one, many, places: 1, what });
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sentences.is_empty() && self.causes.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        self.sentences.iter().try_for_each(|sentence| writeln!(f, "{}", cut_to(sentence, CAUSE_MAX)))?;
        for Cause { one, many: [many, first], places, what } in self.causes.iter().take(CAUSES_MAX) {
            let line = match places {
                1 => format!("{one}: {what}"),
                _ if first.is_empty() => format!("{places} {many}: {what}"),
                _ => format!("{places} {many}, the first {first}: {what}"),
            };
            writeln!(f, "{}", cut_to(&line, CAUSE_MAX))?;
        }
        match self.causes.len().saturating_sub(CAUSES_MAX) {
            0 => Ok(()),
            1 => writeln!(f, "and 1 more that is marked below"),
            more => writeln!(f, "and {more} more that are marked below"),
        }
    }
}

/// What a difference is, whatever was found: what is wrong alike in many places is one cause.
pub(super) fn kind_of(difference: &Difference) -> String {
    let text = difference.to_string();
    text.split_once(", found ").map_or(text.clone(), |(expected, _)| expected.to_owned())
}

/// What a sentence alone does not say: the span that comes closest and in what it differs, or those that must not be there.
fn beside(failure: &Failure, trace: &Trace) -> Option<String> {
    let (found, expected, closest) = match failure {
        Failure::Number { found, expected, closest, .. } => (found.as_slice(), *expected, closest),
        Failure::Nothing { closest, .. } => (&[][..], NumberRange::from(1..), closest),
        _ => return None,
    };
    match expected.at_most {
        Some(0) => {
            let named: Vec<String> =
                found.iter().take(NAMED_MAX).filter_map(|at| trace.span_ref(*at)).map(described).collect();
            let more = found.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            Some(format!("found: {}{more}", named.join("; ")))
        }
        Some(at_most) if found.len() == at_most + 1 => Some("any 1 of them is too many".to_owned()),
        Some(at_most) if found.len() > at_most => Some(format!("any {} of them are too many", found.len() - at_most)),
        _ => closest_words(closest.as_ref(), trace).strip_prefix("; ").map(str::to_owned),
    }
}

/// `; the closest is "move" under "align": target: expected 5, found 7`; empty where there is none.
fn closest_words(closest: Option<&Closest>, trace: &Trace) -> String {
    let Some((closest, span)) = closest.and_then(|closest| Some((closest, trace.span_ref(closest.span)?))) else {
        return String::new();
    };
    let differences: Vec<String> = closest.differences.iter().map(ToString::to_string).collect();
    if differences.is_empty() {
        return format!("; there is one {}", under(span.parent()));
    }
    format!("; the closest is {}: {}", who(span), differences.join("; "))
}

/// A span, and why it failed if it did.
fn described(span: SpanRef<'_>) -> String {
    match crate::trace::failure_of(span.span()) {
        Some(failure) => format!("{} ({})", who(span), crate::pad::one_line(&failure)),
        None => who(span),
    }
}

/// `"move" under "align" at 3 s`.
fn who(span: SpanRef<'_>) -> String {
    format!("{:?} {}", span.span().name(), place_of(span))
}

/// `under "align" at 3 s`; the time where several are called so.
fn place_of(span: SpanRef<'_>) -> String {
    let time = if span.trace().named(span.span().name()).len() > 1 { start(span) } else { String::new() };
    format!("{}{time}", under(span.parent()))
}

/// ` at 3 s`, from the first start on; empty where it is not known.
fn start(span: SpanRef<'_>) -> String {
    let first = span.trace().first_start().filter(|_| span.span().start_is_known());
    first.map_or_else(String::new, |first| {
        format!(" at {}", rounded_duration(span.span().start().signed_ns_since(first)))
    })
}

fn under_exactly(parent: Option<SpanRef<'_>>) -> String {
    format!("{}{}", under(parent), parent.map_or_else(String::new, start))
}

/// `under "plan"`, `at the root`.
pub(super) fn under(parent: Option<SpanRef<'_>>) -> String {
    parent.map_or_else(|| "at the root".to_owned(), |parent| format!("under {:?}", parent.span().name()))
}
