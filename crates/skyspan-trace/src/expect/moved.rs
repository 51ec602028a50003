//! Spans that are as expected, and stand elsewhere.

use rustc_hash::{FxHashMap, FxHashSet};

use super::matcher::{Matcher, World};
use super::mismatch::Failure;
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// So many times a missing span is held against one that is not expected.
const COMPARED_MAX: usize = 1_000_000;

/// Turns each missing span whose like stands among those that are not expected into one that has moved, and gives back
/// the others.
pub(super) fn take_moved<'e>(
    missing: Vec<(&'e SpanExpectation, Option<usize>)>,
    failures: &mut Vec<Failure>,
    trace: &Trace,
    world: World,
    matcher: &Matcher<'e>,
) -> Vec<(&'e SpanExpectation, Option<usize>)> {
    let unexpected = failures.iter().filter_map(|failure| match failure {
        Failure::Unexpected { span } => trace.span_ref(*span),
        _ => None,
    });
    let free: Vec<SpanRef<'_>> = unexpected.flat_map(|span| std::iter::once(span).chain(span.descendants())).collect();
    let mut by_name: FxHashMap<&str, Free> = FxHashMap::default();
    for (at, span) in free.iter().enumerate() {
        by_name.entry(span.span().name()).or_default().all.push(at);
    }
    let mut whoever = Free { all: (0..free.len()).collect(), from: 0 };
    let mut nobody = Free::default();
    let (mut gone, mut moved) = (FxHashSet::default(), Vec::new());
    let mut left = COMPARED_MAX;
    let mut others = Vec::new();
    for (expected, parent) in missing {
        let among = match &expected.name {
            NamePattern::Exact(name) => by_name.get_mut(name.as_str()).unwrap_or(&mut nobody),
            _ => &mut whoever,
        };
        let is_it = |at: usize| matcher.matches(expected, free[at], world);
        let Some(span) = among.first(|at| gone.contains(&free[at].index()), is_it, &mut left).map(|at| free[at]) else {
            others.push((expected, parent));
            continue;
        };
        gone.extend(std::iter::once(span).chain(span.descendants()).map(|span| span.index()));
        moved.push(Failure::Moved { expected: Box::new(expected.clone()), span: span.index(), parent });
    }
    let places: FxHashSet<usize> = moved
        .iter()
        .filter_map(|failure| match failure {
            Failure::Moved { span, .. } => Some(*span),
            _ => None,
        })
        .collect();
    failures.retain(|failure| !matches!(failure, Failure::Unexpected { span } if places.contains(span)));
    failures.append(&mut moved);
    others
}

/// Spans that may have moved, by their places.
#[derive(Default)]
struct Free {
    all: Vec<usize>,
    /// Those before this one are gone.
    from: usize,
}

impl Free {
    /// The first that is not gone and is the one, if it is among so many as may still be looked at.
    fn first(
        &mut self,
        is_gone: impl Fn(usize) -> bool,
        is_it: impl Fn(usize) -> bool,
        left: &mut usize,
    ) -> Option<usize> {
        while self.all.get(self.from).is_some_and(|at| is_gone(*at)) {
            self.from += 1;
        }
        self.all[self.from..].iter().copied().find(|at| {
            let may_look = *left > 0;
            *left = left.saturating_sub(1);
            may_look && !is_gone(*at) && is_it(*at)
        })
    }
}
