//! What differs between spans: [`StructureChange`] and [`AttributeChange`].

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::DiffOptions;
use super::own_time::GroupKey;
use super::pairing::{PairKind, Pairing};
use super::side::Side;
use crate::trace::bluesky::device_of;
use crate::trace::{SpanLabel, SpanRef, Status};
use crate::value::Text;

/// A span that is not where it was, or was not where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StructureChange {
    /// It is in the first alone, and so is all that is below it.
    Removed {
        /// The span that only the earlier trace has.
        span: SpanLabel,
        /// The device that it is of, if it is of one.
        device: Option<Text>,
        /// The span that it was below, if that was one.
        parent: Option<SpanLabel>,
        /// How many spans are gone with it, itself among them.
        spans: usize,
    },
    /// It is in the second alone, and so is all that is below it.
    Added {
        /// The span that only the later trace has.
        span: SpanLabel,
        /// The device that it is of, if it is of one.
        device: Option<Text>,
        /// The span that it is below, if that is one.
        parent: Option<SpanLabel>,
        /// How many spans have come with it, itself among them.
        spans: usize,
    },
    /// It is below another span.
    Moved {
        /// The span, before and after.
        before: SpanLabel,
        /// The span as the later trace has it.
        after: SpanLabel,
        /// The device that it is of, if it is of one.
        device: Option<Text>,
        /// What it was below, if that was a span.
        from: Option<SpanLabel>,
        /// What it is below.
        to: Option<SpanLabel>,
    },
    /// It has another name.
    Renamed {
        /// The span as the earlier trace has it.
        before: SpanLabel,
        /// The span as the later trace has it.
        after: SpanLabel,
    },
}

/// An attribute that is another for some pairs of spans. `status`, `events` and `ended` stand for these of the span.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AttributeChange {
    /// What the spans are called.
    pub name: Text,
    /// The device that they are of, if they are of one.
    pub device: Option<Text>,
    /// The key of the attribute.
    pub key: Text,
    /// How many pairs differ in it.
    pub pairs: u64,
    /// The value of the first of them before, as it is compared; nothing where there is none.
    pub before: Option<String>,
    /// The value in the later trace; nothing where it has none.
    pub after: Option<String>,
    /// The first of them before.
    pub span_before: SpanLabel,
    /// The span in the later trace.
    pub span_after: SpanLabel,
}

/// What differs in itself between two recordings of a side, and so tells nothing of two sides.
#[derive(Default)]
pub(super) struct Noise {
    structure: HashSet<(u8, GroupKey)>,
    attributes: HashSet<(GroupKey, Text)>,
}

impl Noise {
    pub(super) fn add(&mut self, a: &Side, b: &Side, options: &DiffOptions) {
        let pairing = Pairing::of(a, b, options);
        // What comes and goes may come or go.
        for place in &pairing.removed {
            self.structure.extend([0, 1].map(|kind| (kind, group(a.span(*place)))));
        }
        for place in &pairing.added {
            self.structure.extend([0, 1].map(|kind| (kind, group(b.span(*place)))));
        }
        for (x, y, kind) in &pairing.pairs {
            match kind {
                PairKind::Moved => drop(self.structure.insert((2, group(a.span(*x))))),
                PairKind::Renamed => drop(self.structure.insert((3, group(a.span(*x))))),
                PairKind::Same => {}
            }
            for (key, ..) in changed_attributes((a, *x), (b, *y), options) {
                self.attributes.insert((group(a.span(*x)), key));
            }
        }
    }

    pub(super) fn is_structure(&self, kind: u8, span: SpanRef<'_>) -> bool {
        !self.structure.is_empty() && self.structure.contains(&(kind, group(span)))
    }

    pub(super) fn is_attribute(&self, span: SpanRef<'_>, key: &Text) -> bool {
        !self.attributes.is_empty() && self.attributes.contains(&(group(span), key.clone()))
    }
}

fn group(span: SpanRef<'_>) -> GroupKey {
    (span.span().name_text().clone(), device_of(span.span()).map(Text::from))
}

fn device(span: SpanRef<'_>) -> Option<Text> {
    device_of(span.span()).map(Text::from)
}

/// What is not where it was, in the order of the first, and then what is new in that of the second.
pub(super) fn structure(a: &Side, b: &Side, pairing: &Pairing, noise: &Noise) -> Vec<StructureChange> {
    let label = |side: &Side, place: u32| side.label(place);
    let parent = |side: &Side, place: u32| side.span(place).parent().map(|parent| side.label(parent.index() as u32));
    let (mut in_a, mut in_b) = (vec![false; a.tree.len()], vec![false; b.tree.len()]);
    for (x, y, _) in &pairing.pairs {
        (in_a[*x as usize], in_b[*y as usize]) = (true, true);
    }
    let spans = |side: &Side, place: u32, paired: &[bool]| {
        let span = side.span(place);
        std::iter::once(span).chain(span.descendants()).filter(|it| !paired[it.index()]).count()
    };
    let removed =
        pairing.removed.iter().filter(|x| !noise.is_structure(0, a.span(**x))).map(|x| StructureChange::Removed {
            span: label(a, *x),
            device: device(a.span(*x)),
            parent: parent(a, *x),
            spans: spans(a, *x, &in_a),
        });
    let added = pairing.added.iter().filter(|y| !noise.is_structure(1, b.span(**y))).map(|y| StructureChange::Added {
        span: label(b, *y),
        device: device(b.span(*y)),
        parent: parent(b, *y),
        spans: spans(b, *y, &in_b),
    });
    let paired = pairing.pairs.iter().filter_map(|(x, y, kind)| match kind {
        PairKind::Moved if !noise.is_structure(2, a.span(*x)) => Some(StructureChange::Moved {
            before: label(a, *x),
            after: label(b, *y),
            device: device(a.span(*x)),
            from: parent(a, *x),
            to: parent(b, *y),
        }),
        PairKind::Renamed if !noise.is_structure(3, a.span(*x)) => {
            Some(StructureChange::Renamed { before: label(a, *x), after: label(b, *y) })
        }
        _ => None,
    });
    removed.chain(paired).chain(added).collect()
}

/// The attributes that are others, those first in which most pairs differ.
pub(super) fn attributes(
    a: &Side,
    b: &Side,
    pairing: &Pairing,
    noise: &Noise,
    options: &DiffOptions,
) -> Vec<AttributeChange> {
    let mut changes: BTreeMap<(GroupKey, Text), AttributeChange> = BTreeMap::new();
    for (x, y, _) in &pairing.pairs {
        let span = a.span(*x);
        for (key, before, after) in changed_attributes((a, *x), (b, *y), options) {
            if noise.is_attribute(span, &key) {
                continue;
            }
            let (name, device) = group(span);
            let change =
                changes.entry(((name.clone(), device.clone()), key.clone())).or_insert_with(|| AttributeChange {
                    name,
                    device,
                    key,
                    pairs: 0,
                    before,
                    after,
                    span_before: a.label(*x),
                    span_after: b.label(*y),
                });
            change.pairs += 1;
        }
    }
    let mut changes: Vec<AttributeChange> = changes.into_values().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.pairs));
    changes
}

/// The attributes in which a pair differs, with their values before and after.
pub(super) fn changed_attributes(
    (a, x): (&Side, u32),
    (b, y): (&Side, u32),
    options: &DiffOptions,
) -> Vec<(Text, Option<String>, Option<String>)> {
    if a.known[x as usize].own == b.known[y as usize].own {
        return Vec::new();
    }
    let all = |side: &Side, place: u32| -> Vec<(Text, String)> {
        let span = side.span(place);
        let status = match span.status() {
            Status::Error { description } => format!("error {description:?}"),
            Status::Ok | Status::Unset => "no error".to_owned(),
        };
        let events: Vec<&str> = span.events().iter().map(|event| event.name.as_str()).collect();
        let of_span = [("status", status), ("events", events.join(", ")), ("ended", span.end().is_some().to_string())];
        let attributes = side.attributes(span, options).map(|(key, value)| (key.clone(), value));
        attributes.chain(of_span.map(|(key, value)| (Text::literal(key), value))).collect()
    };
    let (in_a, in_b) = (all(a, x), all(b, y));
    let find =
        |all: &[(Text, String)], key: &Text| all.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
    let mut changed = Vec::new();
    for (key, value) in &in_a {
        let after = find(&in_b, key);
        if after.as_ref() != Some(value) {
            changed.push((key.clone(), Some(value.clone()), after));
        }
    }
    for (key, value) in &in_b {
        if find(&in_a, key).is_none() {
            changed.push((key.clone(), None, Some(value.clone())));
        }
    }
    changed
}
