//! [`Relatives`]: which spans have relatives that are as expected, and how many, each relative looked at once.

use rustc_hash::FxHashMap;

use super::kin::Kin;
use crate::trace::SpanRef;

/// Which spans have such relatives, and how many, as far as it was asked. All spans of a trace take as long as the trace has
/// spans: what was found out about one is made use of for those above, below, and beside it.
#[derive(Default)]
pub(super) struct Relatives {
    has_some: [FxHashMap<usize, bool>; 2],
    numbers: [FxHashMap<usize, usize>; 2],
    /// By their parent; the roots by none.
    siblings: FxHashMap<Option<usize>, Siblings>,
}

/// Spans of one parent.
struct Siblings {
    all: Vec<usize>,
    /// How many of them were looked at.
    looked_at: usize,
    /// Two of them that are as expected.
    some: [Option<usize>; 2],
    number: Option<usize>,
}

/// Whether a span is as expected.
type Fits<'f, 't> = &'f dyn Fn(SpanRef<'t>) -> bool;

const ABOVE: usize = 0;
const BELOW: usize = 1;

impl Relatives {
    /// Whether a span has such a relative.
    pub(super) fn has_some<'t>(&mut self, kin: Kin, span: SpanRef<'t>, fits: Fits<'_, 't>) -> bool {
        match kin {
            Kin::Ancestor => self.has_some_above(span, fits),
            Kin::Descendant => self.has_some_below(span, fits),
            Kin::Sibling => self.has_some_beside(span, fits),
            Kin::Parent | Kin::Child | Kin::PreviousSibling | Kin::NextSibling | Kin::NthChild(_) | Kin::Itself => {
                kin.of(span).any(fits)
            }
        }
    }

    /// How many such relatives a span has.
    pub(super) fn number<'t>(&mut self, kin: Kin, span: SpanRef<'t>, fits: Fits<'_, 't>) -> usize {
        match kin {
            Kin::Ancestor => self.number_above(span, fits),
            Kin::Descendant => self.number_below(span, fits),
            Kin::Sibling => {
                let siblings = self.siblings_of(span);
                let refs = || siblings.all.iter().filter_map(|at| span.trace().span_ref(*at));
                let number = *siblings.number.get_or_insert_with(|| refs().filter(|other| fits(*other)).count());
                number - usize::from(fits(span))
            }
            Kin::Parent | Kin::Child | Kin::PreviousSibling | Kin::NextSibling | Kin::NthChild(_) | Kin::Itself => {
                kin.of(span).filter(|relative| fits(*relative)).count()
            }
        }
    }

    fn has_some_above<'t>(&mut self, span: SpanRef<'t>, fits: Fits<'_, 't>) -> bool {
        let known = &mut self.has_some[ABOVE];
        let (mut at, mut way_up) = (span, Vec::new());
        let answer = loop {
            if let Some(answer) = known.get(&at.index()) {
                break *answer;
            }
            way_up.push(at.index());
            match at.parent() {
                None => break false,
                Some(parent) if fits(parent) => break true,
                Some(parent) => at = parent,
            }
        };
        known.extend(way_up.into_iter().map(|at| (at, answer)));
        answer
    }

    fn number_above<'t>(&mut self, span: SpanRef<'t>, fits: Fits<'_, 't>) -> usize {
        let known = &mut self.numbers[ABOVE];
        let (mut at, mut way_up) = (span, Vec::new());
        let mut number = loop {
            if let Some(number) = known.get(&at.index()) {
                break *number;
            }
            way_up.push(at);
            let Some(parent) = at.parent() else { break 0 };
            at = parent;
        };
        for span in way_up.into_iter().rev() {
            number += usize::from(span.parent().is_some_and(fits));
            known.insert(span.index(), number);
        }
        number
    }

    fn has_some_below<'t>(&mut self, span: SpanRef<'t>, fits: Fits<'_, 't>) -> bool {
        let known = &mut self.has_some[BELOW];
        if let Some(answer) = known.get(&span.index()) {
            return *answer;
        }
        let mut ahead = vec![(span, span.children())];
        while let Some((span, children)) = ahead.last_mut() {
            let Some(child) = children.next() else {
                // All below it was looked at.
                known.insert(span.index(), false);
                ahead.pop();
                continue;
            };
            let below = known.get(&child.index()).copied();
            if below == Some(true) || fits(child) {
                known.extend(ahead.into_iter().map(|(above, _)| (above.index(), true)));
                return true;
            }
            if below.is_none() {
                ahead.push((child, child.children()));
            }
        }
        false
    }

    fn number_below<'t>(&mut self, span: SpanRef<'t>, fits: Fits<'_, 't>) -> usize {
        let known = &mut self.numbers[BELOW];
        let mut ahead = vec![(span, span.children(), 0)];
        while let Some((span, children, number)) = ahead.last_mut() {
            if let Some(child) = children.next() {
                *number += usize::from(fits(child));
                match known.get(&child.index()) {
                    Some(below) => *number += below,
                    None => ahead.push((child, child.children(), 0)),
                }
                continue;
            }
            let number = *number;
            known.insert(span.index(), number);
            ahead.pop();
            if let Some((_, _, above)) = ahead.last_mut() {
                *above += number;
            }
        }
        known.get(&span.index()).copied().unwrap_or(0)
    }

    fn has_some_beside<'t>(&mut self, span: SpanRef<'t>, fits: Fits<'_, 't>) -> bool {
        let siblings = self.siblings_of(span);
        loop {
            // Of two, one is another than the span itself.
            if siblings.some.iter().flatten().any(|other| *other != span.index()) {
                return true;
            }
            let next = siblings.all.get(siblings.looked_at).and_then(|at| span.trace().span_ref(*at));
            let Some(next) = next else { return false };
            siblings.looked_at += 1;
            if fits(next) {
                let place = usize::from(siblings.some[0].is_some());
                siblings.some[place] = Some(next.index());
            }
        }
    }

    fn siblings_of(&mut self, span: SpanRef<'_>) -> &mut Siblings {
        let parent = span.parent();
        self.siblings.entry(parent.map(SpanRef::index)).or_insert_with(|| {
            let all = match parent {
                Some(parent) => parent.children().map(SpanRef::index).collect(),
                None => span.trace().roots().map(SpanRef::index).collect(),
            };
            Siblings { all, looked_at: 0, some: [None; 2], number: None }
        })
    }
}
