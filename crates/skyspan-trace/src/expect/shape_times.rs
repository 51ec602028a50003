//! [`Lags`]: when spans start, told by what was before them, so that a time that changes changes one line.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::canonical_order::Order;
use crate::trace::bluesky::RUN;
use crate::trace::exact_duration;
use crate::value::Timestamp;

/// When a span starts, by what was before it.
#[derive(Clone, Copy, Debug, Default)]
struct Lag {
    /// How long after the latest moment before it: the start or end of a sibling, or the start of the parent.
    after_ns: i128,
    /// How many siblings that started before it are under way.
    beside: usize,
}

/// When each span starts. Together with the durations it says as much as the times themselves: the ends of those before that are
/// over, and how many are not, leave one moment from which to count.
///
/// The span of a run of bluesky is no moment, and is beside nobody: all that happens in a run stands beside it.
pub(super) struct Lags(Vec<Lag>);

impl Lags {
    /// Those of spans whose siblings stand in an order.
    pub(super) fn of(order: &Order<'_>, first_start: Timestamp) -> Self {
        let mut lags = Self(vec![Lag::default(); order.spans.len()]);
        lags.siblings(order, &order.roots, first_start);
        for (span, children) in order.children.iter().enumerate() {
            lags.siblings(order, children, order.spans[span].span().start());
        }
        lags
    }

    fn siblings(&mut self, order: &Order<'_>, siblings: &[usize], parent_start: Timestamp) {
        let start = |at: usize| order.spans[at].span().start();
        let mut by_start = siblings.to_vec();
        // Those that start together stay as they stand.
        by_start.sort_by_key(|at| start(*at));
        let mut under_way: BinaryHeap<Reverse<Timestamp>> = BinaryHeap::new();
        let mut open = 0;
        let mut latest = parent_start;
        for at in by_start {
            while under_way.peek().is_some_and(|Reverse(end)| *end <= start(at)) {
                latest = latest.max(under_way.pop().map_or(latest, |Reverse(end)| end));
            }
            self.0[at] = Lag { after_ns: start(at).signed_ns_since(latest), beside: under_way.len() + open };
            if order.spans[at].name() == RUN {
                continue;
            }
            latest = start(at);
            match order.spans[at].span().end() {
                Some(end) => under_way.push(Reverse(end)),
                None => open += 1,
            }
        }
    }

    /// `  after 1 s  beside 1`, or nothing where a span starts at once and alone.
    pub(super) fn words(&self, at: usize) -> String {
        let Lag { after_ns, beside } = self.0[at];
        let mut words = String::new();
        if after_ns != 0 {
            words += &format!("  after {}", exact_duration(after_ns));
        }
        if beside > 0 {
            words += &format!("  beside {beside}");
        }
        words
    }
}
