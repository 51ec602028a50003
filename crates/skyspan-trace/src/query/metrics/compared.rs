//! `compare(...)`: which values of which fields a part of the spans has, and the rest.

use std::collections::HashMap;

use super::range::Intervals;
use super::series::{Label, Line};
use crate::query::error::Fault;
use crate::query::evaluate::condition::Condition;
use crate::query::evaluate::source::{Scene, Source, SpanAt};
use crate::query::evaluate::val::{Val, ValKey};
use crate::query::syntax::ast::Field;
use crate::query::syntax::words::{Intrinsic, Scope};

/// What of a span is compared, beside its attributes, those of its resource and those of its instrumentation.
const INTRINSICS: [Intrinsic; 9] = [
    Intrinsic::Name,
    Intrinsic::Kind,
    Intrinsic::Status,
    Intrinsic::StatusMessage,
    Intrinsic::RootName,
    Intrinsic::RootServiceName,
    Intrinsic::InstrumentationName,
    Intrinsic::InstrumentationVersion,
    Intrinsic::ChildCount,
];

/// The names of the two parts, and of their sums.
const PARTS: [(&str, &str); 2] = [("baseline", "baseline_total"), ("selection", "selection_total")];

/// What a comparison asks, made ready.
pub(super) struct Compared {
    selection: Condition,
    top: usize,
    window_ns: Option<(i64, i64)>,
    /// The rest, and the selection.
    parts: [Vec<FieldCounts>; 2],
    numbers: [HashMap<String, usize>; 2],
}

/// How often a field has which value.
struct FieldCounts {
    name: String,
    total: Vec<f64>,
    values: Vec<(Label, Vec<f64>)>,
    numbers: HashMap<ValKey, usize>,
}

impl Compared {
    pub(super) fn new(selection: Condition, top: i64, window_ns: Option<(i64, i64)>) -> Self {
        let top = usize::try_from(top).unwrap_or(1);
        Self { selection, top, window_ns, parts: Default::default(), numbers: Default::default() }
    }

    /// Takes in spans that were found.
    pub(super) fn observe(&mut self, scene: &Scene<'_>, spans: &[u32], intervals: &Intervals) -> Result<(), Fault> {
        for at in spans.iter().filter_map(|place| scene.at(*place)) {
            let Some(interval) = intervals.of(at.span.start()) else { continue };
            let start = i128::from(at.span.start().unix_ns());
            let is_in_window =
                self.window_ns.is_none_or(|(from, to)| start > i128::from(from) && start <= i128::from(to));
            let part = usize::from(is_in_window && self.selection.is_met(at)?);
            for (name, value) in fields_of(at) {
                self.count(part, name, &value, interval, intervals.count);
            }
        }
        Ok(())
    }

    fn count(&mut self, part: usize, name: String, value: &Val<'_>, interval: usize, len: usize) {
        // Of durations nearly each is another.
        if matches!(value, Val::Duration(_) | Val::Nil | Val::Foreign) {
            return;
        }
        let fields = &mut self.parts[part];
        let number = *self.numbers[part].entry(name).or_insert_with_key(|name| {
            let (total, name) = (vec![0.0; len], name.clone());
            fields.push(FieldCounts { name, total, values: Vec::new(), numbers: HashMap::new() });
            fields.len() - 1
        });
        let field = &mut fields[number];
        field.total[interval] += 1.0;
        let values = &mut field.values;
        let number = *field.numbers.entry(value.key()).or_insert_with(|| {
            values.push((Label::new(field.name.as_str(), value), vec![0.0; len]));
            values.len() - 1
        });
        field.values[number].1[interval] += 1.0;
    }

    /// The most frequent values of each field and how often each is there, in the selection and in the rest, and the sums.
    pub(super) fn lines(self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (fields, (part, total)) in self.parts.into_iter().zip(PARTS) {
            let line = |part: &str, label: Label, values: Vec<f64>| {
                let labels = vec![Label::new("__meta_type", &Val::Str(part.to_owned().into())), label];
                Line { name: None, labels, values }
            };
            for mut field in fields {
                let sum = |values: &[f64]| values.iter().sum::<f64>();
                // Of those that are there as often, those that came first.
                field.values.sort_by(|one, other| sum(&other.1).total_cmp(&sum(&one.1)));
                field.values.truncate(self.top);
                lines.extend(field.values.into_iter().map(|(label, values)| line(part, label, values)));
                lines.push(line(total, Label::new(field.name.as_str(), &Val::Nil), field.total));
            }
        }
        lines
    }
}

fn fields_of(at: SpanAt<'_>) -> impl Iterator<Item = (String, Val<'_>)> {
    let named = |scope: Scope| move |key: &str| Field::Attribute { scope, key: key.to_owned() }.to_string();
    let span = at.span.attributes().iter().map(move |(key, value)| (named(Scope::Span)(key), Val::of(value)));
    let resource = at.span.resource().attributes.iter();
    let resource = resource.map(move |(key, value)| (named(Scope::Resource)(key), Val::of(value)));
    let scope = at.span.scope().into_iter().flat_map(|scope| scope.attributes.iter());
    let scope = scope.map(move |(key, value)| (named(Scope::Instrumentation)(key), Val::of(value)));
    let intrinsics = INTRINSICS.map(|intrinsic| (intrinsic.text().to_owned(), Source::Intrinsic(intrinsic).value(at)));
    span.chain(resource).chain(scope).chain(intrinsics)
}
