//! [`Relation`]: how two spans lie to each other in time.

use std::cmp::Ordering;
use std::fmt;

use super::duration::DurationRange;
use crate::trace::{SpanRef, exact_duration};

/// How one span lies to another in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Relation {
    /// One edge of the one comes before one edge of the other, by so much if that is said.
    Edges { of_one: Edge, of_other: Edge, by: Option<DurationRange> },
    /// The one begins and ends while the other is under way.
    Within,
    /// Both are under way for some time.
    Overlaps,
    /// They are never under way together.
    Apart,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Edge {
    Start,
    End,
}

/// A span as a relation sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub(super) start_ns: i128,
    pub(super) end_ns: i128,
    /// Its place in the order of arrival, which is the order in which spans ended.
    pub(super) place: usize,
}

impl Interval {
    /// The span, if it has the edges that a relation looks at.
    pub(super) fn of(span: SpanRef<'_>, needs_end: bool) -> Option<Self> {
        let start_ns = i128::from(span.start().unix_ns());
        let end_ns = match span.end() {
            Some(end) => i128::from(end.unix_ns()),
            None if needs_end => return None,
            None => i128::MAX,
        };
        Some(Self { start_ns, end_ns, place: span.index() })
    }

    const fn edge(&self, edge: Edge) -> i128 {
        match edge {
            Edge::Start => self.start_ns,
            Edge::End => self.end_ns,
        }
    }

    const fn takes_time(&self) -> bool {
        self.start_ns < self.end_ns
    }
}

impl Relation {
    /// Whether it looks at the end of the one, and of the other.
    pub(super) const fn needs_ends(self) -> (bool, bool) {
        match self {
            Self::Edges { of_one, of_other, .. } => (matches!(of_one, Edge::End), matches!(of_other, Edge::End)),
            Self::Within | Self::Overlaps | Self::Apart => (true, true),
        }
    }

    /// Whether it holds for these two.
    ///
    /// Of edges at the same time the one comes first whose span came first, as spans come in the order in which they end: so
    /// that an end and a start that meet are told apart, and spans that take no time. Starts that meet come together.
    pub(super) fn holds(self, one: &Interval, other: &Interval) -> bool {
        match self {
            Self::Edges { of_one, of_other, by } => {
                let (from, to) = (one.edge(of_one), other.edge(of_other));
                let in_order = match from.cmp(&to) {
                    Ordering::Less => true,
                    Ordering::Equal => matches!(of_one, Edge::Start) || one.place < other.place,
                    Ordering::Greater => false,
                };
                in_order && by.is_none_or(|by| by.contains_ns(to - from))
            }
            Self::Within => other.start_ns <= one.start_ns && one.end_ns <= other.end_ns,
            Self::Overlaps => one.start_ns.max(other.start_ns) < one.end_ns.min(other.end_ns),
            Self::Apart => !Self::Overlaps.holds(one, other),
        }
    }

    /// For each of the one kind, with how many of the other kind it is so related, itself not counted.
    pub(super) fn counts(self, ones: &[Interval], others: &[Interval]) -> Vec<usize> {
        let itself: std::collections::HashMap<usize, &Interval> =
            others.iter().map(|other| (other.place, other)).collect();
        let with_itself = match self {
            Self::Edges { of_one, of_other, by } => edges_in_order(ones, others, of_one, of_other, by),
            Self::Within => those_around(ones, others),
            Self::Overlaps => those_at_once(ones, others),
            Self::Apart => {
                let at_once = those_at_once(ones, others);
                at_once.into_iter().map(|number| others.len() - number).collect()
            }
        };
        let is_counted = |one: &Interval| itself.get(&one.place).is_some_and(|other| self.holds(one, other));
        ones.iter().zip(with_itself).map(|(one, number)| number - usize::from(is_counted(one))).collect()
    }

    /// What is found instead, of two that are not so related.
    pub(super) fn found(self, one: &Interval, other: &Interval) -> String {
        let apart = |ns: i128| exact_duration(ns.abs());
        match self {
            Self::Edges { of_one, of_other, by } => {
                let gap = other.edge(of_other) - one.edge(of_one);
                let (verb, other_verb) = (of_one.verb(), of_other.verb());
                match (by, gap) {
                    (_, 0) => format!("it {verb} just when one {other_verb}, and came after it"),
                    (Some(_), 1..) => format!("it {verb} {} before one {other_verb}", apart(gap)),
                    _ => format!("it {verb} {} after one {other_verb}", apart(gap)),
                }
            }
            Self::Within if one.start_ns < other.start_ns => {
                format!("it starts {} before one", apart(other.start_ns - one.start_ns))
            }
            Self::Within => format!("it ends {} after one", apart(one.end_ns - other.end_ns)),
            Self::Overlaps => {
                let between = if one.end_ns <= other.start_ns {
                    other.start_ns - one.end_ns
                } else {
                    one.start_ns - other.end_ns
                };
                format!("it is {} apart from one", apart(between.max(0)))
            }
            Self::Apart => {
                let together = one.end_ns.min(other.end_ns) - one.start_ns.max(other.start_ns);
                format!("it overlaps one for {}", apart(together))
            }
        }
    }
}

impl Edge {
    const fn verb(self) -> &'static str {
        match self {
            Self::Start => "starts",
            Self::End => "ends",
        }
    }
}

/// How many edges come after the edge of each, by looking them up in their order.
fn edges_in_order(
    ones: &[Interval],
    others: &[Interval],
    of_one: Edge,
    of_other: Edge,
    by: Option<DurationRange>,
) -> Vec<usize> {
    let mut edges: Vec<(i128, usize)> = others.iter().map(|other| (other.edge(of_other), other.place)).collect();
    edges.sort_unstable();
    ones.iter()
        .map(|one| {
            let from = one.edge(of_one);
            let comes_before = |(to, place): &(i128, usize)| match to.cmp(&from) {
                Ordering::Less => true,
                Ordering::Equal => matches!(of_one, Edge::End) && *place <= one.place,
                Ordering::Greater => false,
            };
            let after = &edges[edges.partition_point(comes_before)..];
            let Some(by) = by else { return after.len() };
            let too_near = after.partition_point(|(to, _)| by.is_above_ns(to - from));
            let near = after.partition_point(|(to, _)| by.is_above_ns(to - from) || by.contains_ns(to - from));
            near - too_near
        })
        .collect()
}

/// How many begin no later than each, and end no earlier: those that have begun are counted by their end.
fn those_around(ones: &[Interval], others: &[Interval]) -> Vec<usize> {
    let mut ends: Vec<i128> = others.iter().map(|other| other.end_ns).collect();
    ends.sort_unstable();
    let mut begun = Counts::of(ends.len());
    let mut by_start: Vec<&Interval> = others.iter().collect();
    by_start.sort_unstable_by_key(|other| other.start_ns);
    let mut next = by_start.into_iter().peekable();
    let mut order: Vec<usize> = (0..ones.len()).collect();
    order.sort_unstable_by_key(|at| ones[*at].start_ns);
    let mut numbers = vec![0; ones.len()];
    for at in order {
        while let Some(other) = next.next_if(|other| other.start_ns <= ones[at].start_ns) {
            begun.add(ends.partition_point(|end| *end < other.end_ns));
        }
        numbers[at] = begun.total() - begun.before(ends.partition_point(|end| *end < ones[at].end_ns));
    }
    numbers
}

/// How many share some time with each: all that take any, but for those that begin too late, and those that end too early.
fn those_at_once(ones: &[Interval], others: &[Interval]) -> Vec<usize> {
    let lasting: Vec<&Interval> = others.iter().filter(|other| other.takes_time()).collect();
    let sorted = |edge: Edge| {
        let mut edges: Vec<i128> = lasting.iter().map(|other| other.edge(edge)).collect();
        edges.sort_unstable();
        edges
    };
    let (starts, ends) = (sorted(Edge::Start), sorted(Edge::End));
    let number = |one: &Interval| {
        let too_late = lasting.len() - starts.partition_point(|start| *start < one.end_ns);
        let too_early = ends.partition_point(|end| *end <= one.start_ns);
        if one.takes_time() { lasting.len() - too_late - too_early } else { 0 }
    };
    ones.iter().map(number).collect()
}

/// Numbers by place, and their sums up to any place (Fenwick's tree).
struct Counts(Vec<usize>);

impl Counts {
    fn of(places: usize) -> Self {
        Self(vec![0; places + 1])
    }

    fn add(&mut self, place: usize) {
        let mut at = place + 1;
        while let Some(sum) = self.0.get_mut(at) {
            *sum += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// The sum of the first so many places.
    fn before(&self, places: usize) -> usize {
        let mut at = places;
        let mut sum = 0;
        while at > 0 {
            sum += self.0[at];
            at &= at - 1;
        }
        sum
    }

    fn total(&self) -> usize {
        self.before(self.0.len() - 1)
    }
}

/// What must be the case, up to the other kind of span: `ends before {}`.
pub(super) struct RelationTo<'r, O>(pub(super) &'r Relation, pub(super) O);

impl<O: fmt::Display> fmt::Display for RelationTo<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = &self.1;
        match self.0 {
            Relation::Edges { of_one, of_other, by } => {
                write!(f, "{} before {other} {}", of_one.verb(), of_other.verb())?;
                by.as_ref().map_or(Ok(()), |by| write!(f, ", by {by}"))
            }
            Relation::Within => write!(f, "is within {other}"),
            Relation::Overlaps => write!(f, "overlaps {other}"),
            Relation::Apart => write!(f, "is apart from {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Interval, Relation};
    use crate::expect::duration::DurationRange;
    use crate::expect::ns;
    use crate::seed::Seed;

    /// What is counted is what holds pair by pair, for intervals with many edges at the same time.
    #[test]
    fn counting_is_looking_at_every_pair() {
        let seed = Seed::new(5);
        let mut place = 0;
        let mut some = |number: usize| -> Vec<Interval> {
            (0..number)
                .map(|_| {
                    place += 1;
                    let start_ns = i128::from(seed.next_u64() % 12);
                    Interval { start_ns, end_ns: start_ns + i128::from(seed.next_u64() % 5), place }
                })
                .collect()
        };
        let by = Some(DurationRange::new(ns(1)..ns(4)));
        let mut relations = vec![Relation::Within, Relation::Overlaps, Relation::Apart];
        for of_one in [Edge::Start, Edge::End] {
            for of_other in [Edge::Start, Edge::End] {
                relations.extend([None, by].map(|by| Relation::Edges { of_one, of_other, by }));
            }
        }
        for _ in 0..200 {
            let (ones, mut others) = (some(9), some(7));
            // Some are of both kinds.
            others.extend(&ones[..3]);
            for relation in &relations {
                let number = |one: &Interval| {
                    let others = others.iter().filter(|other| other.place != one.place);
                    others.filter(|other| relation.holds(one, other)).count()
                };
                let looked_at: Vec<usize> = ones.iter().map(number).collect();
                assert_eq!(relation.counts(&ones, &others), looked_at, "{relation:?} {ones:?} {others:?}");
            }
        }
    }
}
