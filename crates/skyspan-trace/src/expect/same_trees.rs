//! [`Comparison`]: two traces held against each other, tree by tree.

use std::collections::VecDeque;
use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHashMap;

use super::difference::Difference;
use super::matcher::Matcher;
use super::mismatch::Failure;
use super::same_as::{SameAs, SamePart, TracePart};
use crate::trace::{Attributes, SpanRef, Trace};
use crate::value::Text;

/// Two traces that are held against each other. Siblings that are the same with all below them are paired first, then those of
/// one name in order, then the only two that are left, if they
/// differ in their name alone; it takes as long as the traces are.
pub(super) struct Comparison<'t> {
    with: &'t SameAs,
    trace: &'t Trace,
    of_other: Digests,
    of_found: Digests,
    pub(super) failures: Vec<Failure>,
    pub(super) matched: Vec<usize>,
}

/// A span of the other trace, and the one that is held for it, by its place among its siblings.
struct Pair<'t> {
    other: SpanRef<'t>,
    here: SpanRef<'t>,
    place: usize,
}

impl<'t> Comparison<'t> {
    pub(super) fn of(with: &'t SameAs, trace: &'t Trace) -> Self {
        let (of_other, of_found) = (Digests::of(with, &with.trace), Digests::of(with, trace));
        Self { with, trace, of_other, of_found, failures: Vec::new(), matched: Vec::new() }
    }

    pub(super) fn run(&mut self) {
        let mut ahead = vec![(self.with.trace.roots().collect(), self.trace.roots().collect(), None)];
        while let Some((others, found, parent)) = ahead.pop() {
            let pairs = self.siblings(others, found, parent);
            // The first is told first.
            for Pair { other, here, .. } in pairs.into_iter().rev() {
                ahead.push((other.children().collect(), here.children().collect(), Some(here.index())));
            }
        }
    }

    /// Tells of siblings what is missing, too many and otherwise. Gives the pairs below which something may be otherwise.
    fn siblings(&mut self, others: Vec<SpanRef<'t>>, found: Vec<SpanRef<'t>>, parent: Option<usize>) -> Vec<Pair<'t>> {
        let is_ordered = !self.with.left_out.has(TracePart::Order);
        let mut alike: FxHashMap<u64, VecDeque<usize>> = FxHashMap::default();
        for (place, span) in found.iter().enumerate() {
            alike.entry(self.of_found.whole[span.index()]).or_default().push_back(place);
        }
        let mut is_taken = vec![false; found.len()];
        let mut left = Vec::new();
        // Where order matters, one that is the same is paired where it comes after those before it.
        let mut after = 0;
        for (at, other) in others.iter().enumerate() {
            let places = alike.get_mut(&self.of_other.whole[other.index()]);
            let place = places.and_then(|places| {
                while is_ordered && places.front().is_some_and(|place| *place < after) {
                    places.pop_front();
                }
                places.pop_front()
            });
            match place {
                None => left.push(at),
                Some(place) => {
                    is_taken[place] = true;
                    after = place + 1;
                    self.matched.push(found[place].index());
                    self.matched.extend(found[place].descendants().map(SpanRef::index));
                }
            }
        }
        let mut named: FxHashMap<&str, VecDeque<usize>> = FxHashMap::default();
        for (place, span) in found.iter().enumerate().filter(|(place, _)| !is_taken[*place]) {
            named.entry(span.span().name()).or_default().push_back(place);
        }
        let mut pairs: Vec<Pair<'t>> = Vec::new();
        let mut missing = Vec::new();
        for at in left {
            let other = others[at];
            match named.get_mut(other.span().name()).and_then(VecDeque::pop_front) {
                Some(place) => {
                    is_taken[place] = true;
                    pairs.push(Pair { other, here: found[place], place });
                }
                None => missing.push(other),
            }
        }
        // One that is missing where one is too many has another name, if all else is the same.
        let mut untaken = (0..found.len()).filter(|place| !is_taken[*place]);
        if let (&[other], Some(place), None) = (&missing[..], untaken.next(), untaken.next())
            && self.with.span(other).own_differences(found[place], &Matcher::new()).len() == 1
        {
            is_taken[place] = true;
            pairs.push(Pair { other, here: found[place], place });
            missing.clear();
        }
        let missing = missing.into_iter().map(|other| Box::new(self.with.span(other)));
        self.failures.extend(missing.map(|expected| Failure::Missing { expected, parent, closest: None }));
        let too_many = found.iter().zip(&is_taken).filter(|(_, is_taken)| !**is_taken);
        self.failures.extend(too_many.map(|(span, _)| Failure::Unexpected { span: span.index() }));
        pairs.retain(|pair| self.tell(pair, is_ordered));
        pairs
    }

    /// Tells in what a pair differs. Whether something may be otherwise below it.
    fn tell(&mut self, pair: &Pair<'t>, is_ordered: bool) -> bool {
        let Pair { other, here, place } = pair;
        let mut differences = Vec::new();
        if self.of_other.own[other.index()] != self.of_found.own[here.index()] {
            differences = self.with.span(*other).own_differences(*here, &Matcher::new());
        }
        let is_same_below = self.of_other.whole[other.index()] == self.of_found.whole[here.index()];
        if is_ordered && differences.is_empty() && is_same_below {
            // It is the same, and was passed over as it does not come after those before it.
            let expected = format!("stands in the order of the other trace, and it is number {}", place + 1);
            differences.push(Difference::Order { expected: expected.into(), found: None });
        }
        if differences.is_empty() {
            self.matched.push(here.index());
        } else {
            self.failures.push(Failure::Differs { span: here.index(), differences });
        }
        if is_same_below {
            self.matched.extend(here.descendants().map(SpanRef::index));
        }
        !is_same_below
    }
}

/// For each span of a trace a number that is equal where spans are the same, in what is compared.
#[derive(Debug)]
struct Digests {
    own: Vec<u64>,
    /// With all that is below it.
    whole: Vec<u64>,
}

impl Digests {
    fn of(with: &SameAs, trace: &Trace) -> Self {
        let own: Vec<u64> = trace.spans().map(|span| with.digest(span)).collect();
        let mut whole = own.clone();
        let mut parents_first: Vec<SpanRef<'_>> = trace.roots().collect();
        let mut at = 0;
        while let Some(span) = parents_first.get(at).copied() {
            parents_first.extend(span.children());
            at += 1;
        }
        for span in parents_first.into_iter().rev() {
            let mut hasher = rustc_hash::FxHasher::default();
            own[span.index()].hash(&mut hasher);
            span.children().for_each(|child| whole[child.index()].hash(&mut hasher));
            whole[span.index()] = hasher.finish();
        }
        Self { own, whole }
    }
}

impl SameAs {
    /// A number that is another where a span is another. It may be another where a span is not: the entries of maps have no order.
    fn digest(&self, span: SpanRef<'_>) -> u64 {
        let left_out = &self.left_out;
        let mut hasher = rustc_hash::FxHasher::default();
        let attributes = |attributes: &Attributes, hasher: &mut rustc_hash::FxHasher| {
            let mut shown: Vec<(&Text, String)> = attributes
                .iter()
                .filter(|(key, _)| !left_out.has_key(key))
                .map(|(key, value)| (key, if left_out.has_value(key) { String::new() } else { format!("{value:?}") }))
                .collect();
            shown.sort_unstable();
            shown.iter().for_each(|(key, value)| (key.as_str(), value).hash(hasher));
        };
        let here = span.span();
        (here.name(), here.end().is_some()).hash(&mut hasher);
        attributes(here.attributes(), &mut hasher);
        if !left_out.has(TracePart::SpanKind) {
            format!("{:?}", span.kind()).hash(&mut hasher);
        }
        if !left_out.has(TracePart::Status) {
            here.status().hash(&mut hasher);
        }
        if !left_out.has(TracePart::Events) {
            for event in here.events() {
                event.name.as_str().hash(&mut hasher);
                attributes(&event.attributes, &mut hasher);
                if !left_out.has(TracePart::Times) {
                    event.timestamp.unix_ns().hash(&mut hasher);
                }
            }
        }
        if !left_out.has(TracePart::Links) {
            for link in here.links() {
                let to = span.trace().get_in(link.trace_id, link.span_id);
                to.map(|to| to.span().name()).hash(&mut hasher);
                attributes(&link.attributes, &mut hasher);
                if !left_out.has(TracePart::TraceState) {
                    link.trace_state.as_str().hash(&mut hasher);
                }
            }
        }
        if !left_out.has(TracePart::Resource) {
            attributes(&span.resource().attributes, &mut hasher);
        }
        let parts = [TracePart::Times, TracePart::Ids, TracePart::Scope, TracePart::TraceState, TracePart::Flags];
        for part in parts.into_iter().chain([TracePart::Dropped]).filter(|part| !left_out.has(*part)) {
            SamePart { part, with: self.clone(), at: 0 }.shown(span).hash(&mut hasher);
        }
        hasher.finish()
    }
}
