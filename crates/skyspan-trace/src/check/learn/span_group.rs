//! [`SpanGroups`]: which spans are of one kind.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::yaml_text::{in_query, in_quotes, in_regex, name_in_query, word};
use crate::expect::name_or_glob;
use crate::trace::{SpanRef, Trace};
use crate::value::Text;

/// More groups than this are not looked at: the names would be of high cardinality.
const GROUPS_MAX: usize = 200;
/// So many values of what tells groups apart besides the name.
const DEVICES_MAX: usize = 40;
/// So many kinds of spans of one name are told apart by another attribute, ...
const KINDS_MAX: usize = 6;
/// ... whose values are no longer than this.
const VALUE_MAX: usize = 40;
/// What tells the spans of a name apart: which device they are of.
const DEVICE: &str = "device_name";
/// In a family, this stands for any digits, ...
const DIGITS: char = '\u{1}';
/// ... and this for what is another in every run.
const ANYTHING: char = '\u{2}';

/// Spans of one kind: of one name, or of names that differ in numbers, and of one device.
#[derive(Clone, Debug)]
pub(super) struct SpanGroup {
    /// What people call it: the name, and the device.
    pub(super) label: String,
    /// What a query asks of its spans, without braces.
    pub(super) condition: String,
    /// What a query asks of the names of all others.
    pub(super) no_such_name: String,
    /// What a map of conditions says of its spans, without braces.
    pub(super) said: String,
}

/// Which spans are of one kind, over several traces.
#[derive(Debug)]
pub(super) struct SpanGroups {
    groups: Vec<SpanGroup>,
    places: BTreeMap<Key, usize>,
    /// Families of names whose members are not told apart.
    families: BTreeSet<String>,
    /// By name, the attributes that tell its spans apart.
    told_apart_by: BTreeMap<String, Vec<Text>>,
}

/// The name or its family, and the values of the attributes that tell its spans apart.
type Key = (String, Vec<(Text, String)>);

/// The spans of a name, by the traces they are in.
type Named<'t> = Vec<(usize, SpanRef<'t>)>;

impl SpanGroups {
    /// Those of some traces.
    pub(super) fn of(traces: &[Trace]) -> Self {
        let mut members: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for trace in traces {
            let names: BTreeSet<&str> = trace.spans().map(|span| span.span().name()).collect();
            for name in names {
                *members.entry(family(name).into_owned()).or_default().entry(name).or_default() += 1;
            }
        }
        // Names that are in every trace are names. Others that differ in numbers alone are one.
        let families: BTreeSet<String> = members
            .into_iter()
            .filter(|(family, names)| {
                family.contains(ANYTHING)
                    || (family.contains(DIGITS) && names.values().any(|number| *number < traces.len().max(2)))
            })
            .map(|(family, _)| family)
            .collect();
        let mut all = Self { groups: Vec::new(), places: BTreeMap::new(), families, told_apart_by: BTreeMap::new() };
        let mut named: BTreeMap<String, Named<'_>> = BTreeMap::new();
        for (at, trace) in traces.iter().enumerate() {
            trace.spans().for_each(|span| named.entry(all.name_of(span)).or_default().push((at, span)));
        }
        all.told_apart_by = named.iter().map(|(name, spans)| (name.clone(), told_apart_by(spans))).collect();
        for span in traces.iter().flat_map(Trace::spans) {
            let key = all.key(span);
            if !all.places.contains_key(&key) && all.groups.len() < GROUPS_MAX {
                all.groups.push(SpanGroup::of(&key));
                all.places.insert(key, all.groups.len() - 1);
            }
        }
        all
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn get(&self, group: usize) -> &SpanGroup {
        &self.groups[group]
    }

    pub(super) fn all(&self) -> &[SpanGroup] {
        &self.groups
    }

    /// Whether there were more than are looked at.
    pub(super) fn is_cut(&self) -> bool {
        self.groups.len() == GROUPS_MAX
    }

    /// The group of a span; none if its like was not seen.
    pub(super) fn of_span(&self, span: SpanRef<'_>) -> Option<usize> {
        self.places.get(&self.key(span)).copied()
    }

    fn name_of(&self, span: SpanRef<'_>) -> String {
        let name = span.span().name();
        let family = family(name);
        if self.families.contains(&*family) { family.into_owned() } else { name.to_owned() }
    }

    fn key(&self, span: SpanRef<'_>) -> Key {
        let name = self.name_of(span);
        let by = self.told_apart_by.get(&name).into_iter().flatten();
        let values = by.map(|key| (key.clone(), text_at(span, key).unwrap_or_default().to_owned())).collect();
        (name, values)
    }
}

fn text_at<'t>(span: SpanRef<'t>, key: &str) -> Option<&'t str> {
    span.span().attr(key)?.as_str()
}

/// The attributes that tell spans of one name apart: the device, and the one by which it can be told which keys a span has, where
/// not all have the same.
fn told_apart_by(spans: &Named<'_>) -> Vec<Text> {
    let mut by: Vec<Text> = Vec::new();
    if values_of(spans, DEVICE, DEVICES_MAX).is_some() {
        by.push(Text::literal(DEVICE));
    }
    let keys = |span: SpanRef<'_>| -> BTreeSet<Text> { span.span().attributes().keys().cloned().collect() };
    let kinds = |by: &[Text]| -> BTreeSet<(Vec<String>, BTreeSet<Text>)> {
        let values = |span| by.iter().map(|key| text_at(span, key).unwrap_or_default().to_owned()).collect();
        spans.iter().map(|(_, span)| (values(*span), keys(*span))).collect()
    };
    let tells = |by: &[Text]| {
        let kinds = kinds(by);
        kinds.iter().map(|(values, _)| values).collect::<BTreeSet<_>>().len() == kinds.len()
    };
    if tells(&by) {
        return by;
    }
    let in_first = spans.first().map(|(_, span)| keys(*span)).unwrap_or_default();
    let candidates = in_first.into_iter().filter(|key| !by.contains(key));
    let candidates = candidates.filter_map(|key| Some((values_of(spans, &key, KINDS_MAX)?, key)));
    let mut candidates: Vec<(usize, Text)> = candidates.filter(|(number, _)| *number > 1).collect();
    candidates.sort();
    let found = candidates.into_iter().map(|(_, key)| [by.clone(), vec![key]].concat()).find(|by| tells(by));
    found.unwrap_or(by)
}

/// How many values an attribute has, if it is a text of every span, the same from trace to trace, and has few.
fn values_of(spans: &Named<'_>, key: &str, at_most: usize) -> Option<usize> {
    let mut values: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (trace, span) in spans {
        values.entry(text_at(*span, key)?).or_default().insert(*trace);
        if values.len() > at_most {
            return None;
        }
    }
    let is_stable = |value: &&str| name_or_glob(value).is_none() && value.len() <= VALUE_MAX;
    values.keys().all(is_stable).then_some(values.len())
}

impl SpanGroup {
    fn of((name, values): &Key) -> Self {
        let is_family = name.contains([DIGITS, ANYTHING]);
        let mut label = name.replace([DIGITS, ANYTHING], "*");
        let (mut condition, no_such_name, mut said) = if is_family {
            let regex = regex(name);
            let quoted = in_query(&regex);
            let said = format!("name: {{regex: {}}}", in_quotes(&format!("^({regex})$")));
            (format!("name =~ {quoted}"), format!("name !~ {quoted}"), said)
        } else {
            let quoted = in_query(name);
            (format!("name = {quoted}"), format!("name != {quoted}"), format!("name: {}", word(name)))
        };
        for (at, (key, value)) in values.iter().enumerate() {
            label += if at == 0 { " of " } else { ", " };
            label += value;
            condition += &format!(" && span.{} = {}", name_in_query(key), in_query(value));
        }
        if !values.is_empty() {
            let values: Vec<String> =
                values.iter().map(|(key, value)| format!("{}: {}", word(key), word(value))).collect();
            said += &format!(", attributes: {{{}}}", values.join(", "));
        }
        Self { label, condition, no_such_name, said }
    }

    /// The query that selects its spans.
    pub(super) fn query(&self) -> String {
        format!("{{ {} }}", self.condition)
    }
}

/// A name with a mark for digits and for what is another in every run.
fn family(name: &str) -> Cow<'_, str> {
    let has_digits = name.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digits || name.contains([DIGITS, ANYTHING]) {
        return Cow::Borrowed(name);
    }
    let mut out = String::new();
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut rest = name;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len()));
        if name_or_glob(word).is_some() {
            out.push(ANYTHING);
        } else {
            let mut before = ' ';
            for c in word.chars() {
                let mark = if c.is_ascii_digit() { DIGITS } else { c };
                if mark != DIGITS || before != DIGITS {
                    out.push(mark);
                }
                before = mark;
            }
        }
        let (other, next) = after.split_at(after.find(is_of_word).unwrap_or(after.len()));
        out.push_str(other);
        rest = next;
    }
    Cow::Owned(out)
}

/// The regular expression of a family, from end to end as TraceQL has it.
fn regex(family: &str) -> String {
    let mut out = String::new();
    for c in family.chars() {
        match c {
            DIGITS => out.push_str("[0-9]+"),
            ANYTHING => out.push_str("[0-9A-Za-z_-]+"),
            c => in_regex(c, &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::SpanGroups;
    use crate::trace::{Span, Trace};

    fn groups(names: &[&[&str]]) -> Vec<(String, String)> {
        let trace =
            |names: &&[&str]| -> Trace { names.iter().map(|name| Span::builder((*name).to_owned()).build()).collect() };
        let traces: Vec<Trace> = names.iter().map(trace).collect();
        let groups = SpanGroups::of(&traces);
        groups.all().iter().map(|group| (group.label.clone(), group.condition.clone())).collect()
    }

    #[test]
    fn names_that_differ_in_numbers_from_trace_to_trace_are_one() {
        let found = groups(&[&["GET /order/7", "step1", "step2"], &["GET /order/12", "step1", "step2"]]);
        let expected = [
            ("GET /order/*", r#"name =~ "GET /order/[0-9]+""#),
            ("step1", r#"name = "step1""#),
            ("step2", r#"name = "step2""#),
        ];
        assert_eq!(found, expected.map(|(label, condition)| (label.to_owned(), condition.to_owned())));
    }

    #[test]
    fn what_is_another_in_every_run_is_one_even_in_one_trace() {
        let found = groups(&[&["job-3fa9c1", "job-000aef", "a.b"]]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, r#"name =~ "[0-9A-Za-z_-]+""#);
    }
}
