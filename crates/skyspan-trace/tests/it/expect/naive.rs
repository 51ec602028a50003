//! Expectations are what they say: each is held against a look at all spans, and at all ways to deal them out.

use skyspan_trace::expect::{ForestExpectation, NumberRange};
use skyspan_trace::seed::Seed;
use skyspan_trace::trace::SpanRef;

use super::*;

/// What a span must be, as words that can be looked into.
#[derive(Clone, Debug)]
struct Said {
    /// Nothing for any name.
    name: Option<&'static str>,
    attribute: Option<i64>,
    times: Option<(usize, Option<usize>)>,
    relatives: Vec<(Kin, bool, Self)>,
    children: Children,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kin {
    Parent,
    Ancestor,
    Child,
    Descendant,
    Sibling,
    SecondChild,
    Itself,
}

#[derive(Clone, Debug)]
enum Children {
    Unsaid,
    Any,
    Are(Level),
}

#[derive(Clone, Debug)]
struct Level {
    items: Vec<Said>,
    in_order: bool,
    or_more: bool,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Chance that gives small things.
struct Chance(Seed);

impl Chance {
    fn below(&self, number: u64) -> usize {
        (self.0.next_u64() % number) as usize
    }

    fn one_in(&self, number: u64) -> bool {
        self.below(number) == 0
    }

    fn trace(&self) -> Trace {
        let spans = 1 + self.below(8) as u64;
        let span = |id: u64| {
            // A parent that comes later is no cycle, and some have none.
            let parent = if self.one_in(4) { 0 } else { self.below(id) as u64 };
            let span = made(NAMES[self.below(3)], id, parent, self.below(20) as u64, 1);
            if self.one_in(2) { span.attribute("k", self.below(2) as i64) } else { span }
        };
        (1..=spans).map(|id| span(id).build()).collect()
    }

    fn said(&self, depth: usize, is_item: bool) -> Said {
        let relatives = if depth == 0 || !self.one_in(2) { 0 } else { 1 + self.below(2) };
        let relatives = (0..relatives).map(|_| {
            let kins =
                [Kin::Parent, Kin::Ancestor, Kin::Child, Kin::Descendant, Kin::Sibling, Kin::SecondChild, Kin::Itself];
            let kin = kins[self.below(7)];
            (kin, kin != Kin::Itself && !self.one_in(3), self.said(depth - 1, false))
        });
        let relatives = relatives.collect();
        let children = match self.below(3) {
            0 if depth > 0 => Children::Are(self.level(depth - 1)),
            1 => Children::Any,
            _ => Children::Unsaid,
        };
        Said {
            name: if self.one_in(3) { None } else { Some(NAMES[self.below(3)]) },
            attribute: if self.one_in(3) { Some(self.below(2) as i64) } else { None },
            times: match self.below(if is_item { 2 } else { 5 }) {
                0 => {
                    let least = self.below(3);
                    Some((least, if self.one_in(3) { None } else { Some(least + self.below(3)) }))
                }
                _ => None,
            },
            relatives,
            children,
        }
    }

    fn level(&self, depth: usize) -> Level {
        let items = (0..self.below(4)).map(|_| self.said(depth, true)).collect();
        Level { items, in_order: self.one_in(2), or_more: self.one_in(2) }
    }
}

impl Said {
    fn expectation(&self) -> SpanExpectation {
        let mut expected = match self.name {
            Some(name) => span(name),
            None => span(any()),
        };
        if let Some(value) = self.attribute {
            expected = expected.attr("k", value);
        }
        for (kin, is_there, relative) in &self.relatives {
            let relative = relative.expectation();
            expected = match (kin, is_there) {
                (Kin::Parent, true) => expected.parent(relative),
                (Kin::Parent, false) => expected.no_parent(relative),
                (Kin::Ancestor, true) => expected.ancestor(relative),
                (Kin::Ancestor, false) => expected.no_ancestor(relative),
                (Kin::Child, true) => expected.child(relative),
                (Kin::Child, false) => expected.no_child(relative),
                (Kin::Descendant, true) => expected.descendant(relative),
                (Kin::Descendant, false) => expected.no_descendant(relative),
                (Kin::Sibling, true) => expected.sibling(relative),
                (Kin::Sibling, false) => expected.no_sibling(relative),
                (Kin::SecondChild, true) => expected.nth_child(2, relative),
                (Kin::SecondChild, false) => expected.no_nth_child(2, relative),
                (Kin::Itself, _) => expected.but(relative),
            };
        }
        expected = match &self.children {
            Children::Unsaid => expected,
            Children::Any => expected.any_children(),
            Children::Are(level) => {
                let items = level.items.iter().map(Self::expectation);
                match (level.in_order, level.or_more) {
                    (false, false) => expected.children(items),
                    (true, false) => expected.children_in_order(items),
                    (false, true) => expected.children_at_least(items),
                    (true, true) => expected.children_at_least_in_order(items),
                }
            }
        };
        match self.times {
            Some((least, Some(most))) => expected.times(least..=most),
            Some((least, None)) => expected.times(least..),
            None => expected,
        }
    }

    /// Whether a span is as this says; in a closed world what is not said of its children is not there.
    fn is(&self, span: SpanRef<'_>, is_closed: bool) -> bool {
        let speaks_of_children = |(kin, is_there, _): &(Kin, bool, Self)| match kin {
            Kin::SecondChild | Kin::Child => true,
            Kin::Descendant => *is_there,
            _ => false,
        };
        let is_level = match &self.children {
            Children::Are(level) => level.is(&span.children().collect::<Vec<_>>(), is_closed),
            Children::Unsaid if is_closed && !self.relatives.iter().any(speaks_of_children) => {
                span.children().len() == 0
            }
            Children::Unsaid | Children::Any => true,
        };
        let is_right = |(kin, is_there, relative): &(Kin, bool, Self)| relative.is_met(*kin, span) == *is_there;
        self.name.is_none_or(|name| name == span.name())
            && self.attribute.is_none_or(|value| span.attr("k") == Some(&value.into()))
            && is_level
            && self.relatives.iter().all(is_right)
    }

    /// Whether a span has as many such relatives as there must be.
    fn is_met(&self, kin: Kin, span: SpanRef<'_>) -> bool {
        let relatives: Vec<SpanRef<'_>> = match kin {
            Kin::Parent => span.parent().into_iter().collect(),
            Kin::Ancestor => span.ancestors().collect(),
            Kin::Child => span.children().collect(),
            Kin::Descendant => span.descendants().collect(),
            Kin::Sibling => span.siblings().collect(),
            Kin::SecondChild => span.children().nth(1).into_iter().collect(),
            Kin::Itself => vec![span],
        };
        let number = relatives.into_iter().filter(|relative| self.is(*relative, false)).count();
        let (least, most) = self.times.unwrap_or((1, None));
        number >= least && most.is_none_or(|most| number <= most)
    }
}

impl Level {
    fn range(&self, item: &Said) -> (usize, Option<usize>) {
        item.times.unwrap_or((1, if self.or_more { None } else { Some(1) }))
    }

    /// Whether there is any way to deal out the siblings.
    fn is(&self, siblings: &[SpanRef<'_>], is_closed: bool) -> bool {
        let (forbidden, items): (Vec<&Said>, Vec<&Said>) =
            self.items.iter().partition(|item| self.range(item).1 == Some(0));
        if siblings.iter().any(|span| forbidden.iter().any(|item| item.is(*span, false))) {
            return false;
        }
        let is_counted = |span: SpanRef<'_>| {
            items.iter().any(|item| item.times.is_some_and(|(_, most)| most.is_some()) && item.is(span, is_closed))
        };
        let may_be_left = |span: SpanRef<'_>| self.or_more && !is_counted(span);
        // Each sibling goes to one of the items, or to nobody.
        let ways = (items.len() + 1).pow(u32::try_from(siblings.len()).expect("few siblings"));
        (0..ways).any(|way| {
            let mut rest = way;
            let mut numbers = vec![0; items.len()];
            let mut last = 0;
            for span in siblings {
                let to = rest % (items.len() + 1);
                rest /= items.len() + 1;
                match items.get(to) {
                    None if may_be_left(*span) => {}
                    Some(item) if item.is(*span, is_closed) && !(self.in_order && to < last) => {
                        (numbers[to], last) = (numbers[to] + 1, to);
                    }
                    _ => return false,
                }
            }
            items.iter().zip(numbers).all(|(item, number)| {
                let (least, most) = self.range(item);
                number >= least && most.is_none_or(|most| number <= most)
            })
        })
    }

    fn forest(&self) -> ForestExpectation {
        let forest = forest(self.items.iter().map(Said::expectation));
        let forest = if self.in_order { forest.in_order() } else { forest };
        if self.or_more { forest.or_more() } else { forest }
    }
}

#[test]
fn a_span_is_as_expected_just_where_a_look_at_all_its_relatives_says_so() {
    let chance = Chance(Seed::new(16));
    for case in 0..1_500 {
        let (trace, said) = (chance.trace(), Said { times: None, ..chance.said(3, false) });
        let number = trace.spans().filter(|span| said.is(*span, false)).count();
        let expected = exactly(number, said.expectation());
        if let Err(mismatch) = trace.check(&expected) {
            panic!("case {case}: {expected}\n{said:#?}\n{}\n{mismatch}", trace.draw());
        }
    }
}

#[test]
fn a_forest_is_as_expected_just_where_there_is_a_way_to_deal_out_its_spans() {
    let chance = Chance(Seed::new(17));
    let mut passed = 0;
    for case in 0..4_000 {
        let (trace, level) = (chance.trace(), chance.level(2));
        let is = level.is(&trace.roots().collect::<Vec<_>>(), true);
        passed += u32::from(is);
        let forest = level.forest();
        if trace.check(&forest).is_ok() != is {
            panic!("case {case}: {forest} is {is}\n{level:#?}\n{}\n{:?}", trace.draw(), trace.check(&forest).err());
        }
    }
    assert!(passed > 300, "only {passed} of them pass");
}

#[test]
fn as_many_siblings_go_to_items_as_can() {
    let chance = Chance(Seed::new(18));
    for case in 0..1_500 {
        let trace: Trace = (1..=1 + chance.below(6) as u64)
            .map(|id| made(NAMES[chance.below(3)], id, 0, id, 1).attribute("k", chance.below(2) as i64).build())
            .collect();
        // None is renamed, or stands elsewhere: what is short is short.
        let items: Vec<Said> = (0..1 + chance.below(4))
            .map(|_| Said { times: Some((chance.below(3), Some(3))), relatives: Vec::new(), ..chance.said(0, true) })
            .collect();
        let level = Level { items, in_order: false, or_more: false };
        let all: Vec<SpanRef<'_>> = trace.spans().collect();
        let mut most = 0;
        let ways = (level.items.len() + 1).pow(u32::try_from(all.len()).expect("few"));
        let mut must = 0;
        level.items.iter().for_each(|item| must += level.range(item).0);
        for way in 0..ways {
            let (mut rest, mut numbers, mut fits) = (way, vec![0; level.items.len()], true);
            for span in &all {
                let to = rest % (level.items.len() + 1);
                rest /= level.items.len() + 1;
                if let Some(item) = level.items.get(to) {
                    fits &= item.is(*span, true);
                    numbers[to] += 1;
                }
            }
            if fits {
                let had = level.items.iter().zip(numbers).map(|(item, number)| level.range(item).0.min(number));
                most = most.max(had.sum());
            }
        }
        let found = trace.check(level.forest()).err().map_or(0, |mismatch| {
            let short = mismatch.failures().iter().map(|failure| match failure {
                Failure::Times { expected, found, .. } => {
                    let NumberRange { at_least, .. } = *expected;
                    at_least.saturating_sub(found.len())
                }
                _ => 0,
            });
            short.sum::<usize>()
                + mismatch.failures().iter().filter(|failure| matches!(failure, Failure::Differs { .. })).count()
        });
        assert_eq!(found, must - most, "case {case}: {}\n{}", level.forest(), trace.draw());
    }
}
