//! [`Nodes`]: what is drawn, a node a line; equal neighbours are one node.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::lull::Lull;
use super::telling::{device_of, failure_of, service_of};
use crate::trace::{SpanRef, Trace};
use crate::value::{Timestamp, Value};

/// Fewer equal neighbours are drawn one by one.
const TIMES_MIN: usize = 3;
/// Neighbours that repeat together are looked for up to so many.
const PERIOD_MAX: usize = 64;
/// What is folded is folded again so often.
const PASSES: usize = 3;
/// A lull is looked for in so many spans that begin before it.
const LOOKED_AT_MAX: usize = 64;

/// What stands on a line.
pub(super) enum LineContent {
    /// A span, or all that are folded into this one, by start.
    Spans(Members),
    /// Neighbours that repeat together, which are the children: from when to when, each time.
    Rounds(Vec<(Timestamp, Timestamp)>),
    /// The places of lulls.
    Lulls(Vec<u32>),
}

/// Places of spans. Most nodes have one.
pub(super) enum Members {
    One([u32; 1]),
    Many(Vec<u32>),
}

impl Members {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }

    fn append(&mut self, other: &Self) {
        match self {
            Self::One([one]) => {
                let mut many = Vec::with_capacity(2 * (1 + other.as_slice().len()));
                many.push(*one);
                many.extend_from_slice(other.as_slice());
                *self = Self::Many(many);
            }
            Self::Many(many) => many.extend_from_slice(other.as_slice()),
        }
    }
}

pub(super) struct Node {
    pub(super) what: LineContent,
    /// How often it stands here, one after another.
    pub(super) times: usize,
    pub(super) children: Vec<u32>,
    /// How many spans below it are not drawn, as they are too deep.
    pub(super) below: usize,
    /// Equal for nodes that may be folded into one.
    shape: u64,
}

/// What is drawn. Nodes name each other by their places, so that a trace may be deeper than a thread's stack.
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<u32>,
}

/// What decides on the nodes.
pub(super) struct Folding<'a> {
    pub(super) trace: &'a Trace,
    /// For each span whether it is drawn; all, if it is nothing.
    pub(super) chosen: Option<&'a [bool]>,
    pub(super) depth: Option<usize>,
    pub(super) lulls: &'a [Lull],
    pub(super) folds: bool,
}

impl<'a> Folding<'a> {
    pub(super) fn nodes(&self) -> Nodes {
        let order = self.order();
        let mut lulls = self.placed_lulls();
        let mut made = Nodes { nodes: Vec::with_capacity(order.len()), roots: Vec::new() };
        // The node of each span, once it is made; children are made before their parent.
        let mut node_of = vec![u32::MAX; self.trace.len()];
        for &(at, depth) in order.iter().rev() {
            let span = self.trace.at(at);
            let mut below = 0;
            let children = if self.depth.is_some_and(|levels| depth >= levels) {
                below = span.descendants().filter(|below| self.is_chosen(*below)).count();
                Vec::new()
            } else if span.children().len() == 0 {
                Vec::new()
            } else {
                let children = span.children().filter(|child| self.is_chosen(*child));
                made.siblings(self, children, lulls.remove(&Some(at)).unwrap_or_default(), &node_of)
            };
            let shape = if self.folds { made.shape_of(span, &children, below) } else { 0 };
            node_of[at as usize] =
                made.push(Node { what: LineContent::Spans(Members::One([at])), times: 1, children, below, shape });
        }
        let roots = self.trace.roots().filter(|root| self.is_chosen(*root));
        made.roots = made.siblings(self, roots, lulls.remove(&None).unwrap_or_default(), &node_of);
        made
    }

    fn is_chosen(&self, span: SpanRef<'_>) -> bool {
        self.chosen.is_none_or(|chosen| chosen[span.index()])
    }

    /// The spans that are drawn, each with its depth, parents before children.
    fn order(&self) -> Vec<(u32, usize)> {
        let mut order = Vec::with_capacity(if self.chosen.is_none() { self.trace.len() } else { 0 });
        let mut ahead: Vec<(SpanRef<'a>, usize)> = Vec::new();
        for root in self.trace.roots() {
            ahead.push((root, 1));
            while let Some((span, depth)) = ahead.pop() {
                if !self.is_chosen(span) {
                    continue;
                }
                order.push((span.index() as u32, depth));
                if self.depth.is_none_or(|levels| depth < levels) {
                    ahead.extend(span.children().map(|child| (child, depth + 1)));
                }
            }
        }
        order
    }

    /// The lulls below each span, and those between the roots: each in the innermost span that lasts over it.
    fn placed_lulls(&self) -> HashMap<Option<u32>, Vec<u32>> {
        let mut placed: HashMap<Option<u32>, Vec<u32>> = HashMap::new();
        let forest = self.trace.forest();
        for (at, lull) in (0..).zip(self.lulls) {
            let mut around = None;
            let mut level = 1;
            let mut siblings = forest.roots.as_slice();
            while let Some(span) = self.lasting_over(lull, siblings) {
                if !self.is_chosen(span) || self.depth.is_some_and(|levels| level >= levels) {
                    break;
                }
                let place = span.index() as u32;
                around = Some(place);
                level += 1;
                siblings = forest.children(place);
            }
            placed.entry(around).or_default().push(at);
        }
        placed
    }

    /// The last of some siblings that has children and lasts over a lull.
    fn lasting_over(&self, lull: &Lull, siblings: &[u32]) -> Option<SpanRef<'a>> {
        let began = siblings.partition_point(|at| self.trace.at(*at).span().start() <= lull.start);
        let looked_at = siblings[..began].iter().rev().take(LOOKED_AT_MAX).map(|at| self.trace.at(*at));
        looked_at
            .filter(|span| span.children().len() > 0)
            .find(|span| span.span().end().is_none_or(|end| end >= lull.end))
    }
}

impl Nodes {
    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    pub(super) fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    /// The nodes of siblings and of the lulls between them, folded.
    fn siblings<'t>(
        &mut self,
        folding: &Folding<'_>,
        spans: impl Iterator<Item = SpanRef<'t>>,
        lulls: Vec<u32>,
        node_of: &[u32],
    ) -> Vec<u32> {
        let mut siblings = Vec::with_capacity(spans.size_hint().1.unwrap_or(0));
        let mut lulls = lulls.into_iter().peekable();
        for span in spans {
            while let Some(at) = lulls.next_if(|at| folding.lulls[*at as usize].start < span.span().start()) {
                siblings.push(self.lull(at, folding));
            }
            siblings.push(node_of[span.index()]);
        }
        siblings.extend(lulls.map(|at| self.lull(at, folding)));
        if folding.folds {
            // Short repetitions first, those within others: the points of a line, then the lines of a grid.
            for _ in 0..PASSES {
                let before = siblings.len();
                for period in 1..=PERIOD_MAX {
                    self.fold_all(&mut siblings, period, folding);
                }
                if siblings.len() == before {
                    break;
                }
            }
        }
        siblings.shrink_to_fit();
        siblings
    }

    fn lull(&mut self, at: u32, folding: &Folding<'_>) -> u32 {
        let shape = hash_of(&("lull", &folding.lulls[at as usize].what));
        self.push(Node { what: LineContent::Lulls(vec![at]), times: 1, children: Vec::new(), below: 0, shape })
    }

    /// What makes a span equal to its neighbours: its name, what it is about, how it went, and what is below it. When it was, how
    /// long it took, and its other attributes may differ.
    fn shape_of(&self, span: SpanRef<'_>, children: &[u32], below: usize) -> u64 {
        let span = span.span();
        let mut hasher = DefaultHasher::new();
        span.name().hash(&mut hasher);
        device_of(span).hash(&mut hasher);
        service_of(span).hash(&mut hasher);
        failure_of(span).hash(&mut hasher);
        span.attr("exit_status").and_then(Value::as_str).hash(&mut hasher);
        (std::mem::discriminant(&span.kind()), span.end().is_none(), below).hash(&mut hasher);
        children.len().hash(&mut hasher);
        children.iter().for_each(|child| hasher.write_u64(self.node(*child).shape));
        hasher.finish()
    }

    /// Makes one of siblings that repeat after so many, at least three times.
    fn fold_all(&mut self, siblings: &mut Vec<u32>, period: usize, folding: &Folding<'_>) {
        let repeats =
            |nodes: &Self, at: usize| nodes.node(siblings[at]).shape == nodes.node(siblings[at + period]).shape;
        let mut folds: Vec<(usize, usize)> = Vec::new();
        let (mut from, mut at) = (0, 0);
        while at + period <= siblings.len() {
            if at + period < siblings.len() && repeats(self, at) {
                at += 1;
                continue;
            }
            let times = (at - from) / period + 1;
            if times >= TIMES_MIN {
                folds.push((from, times));
                // What is left of the last round may begin another repetition.
                (from, at) = (from + times * period, from + times * period);
            } else {
                (from, at) = (at + 1, at + 1);
            }
        }
        if folds.is_empty() {
            return;
        }
        let mut folded = Vec::with_capacity(siblings.len());
        let mut to = 0;
        for (from, times) in folds {
            folded.extend_from_slice(&siblings[to..from]);
            to = from + times * period;
            folded.push(self.fold(&siblings[from..to], period, folding));
        }
        folded.extend_from_slice(&siblings[to..]);
        *siblings = folded;
    }

    /// Makes one node of siblings that repeat after so many.
    fn fold(&mut self, siblings: &[u32], period: usize, folding: &Folding<'_>) -> u32 {
        let times = siblings.len() / period;
        let rounds = siblings.chunks(period).map(|round| self.extent(round, folding)).collect();
        for place in 0..period {
            for round in 1..times {
                self.merge(siblings[place], siblings[place + round * period]);
            }
        }
        if period == 1 {
            let node = &mut self.nodes[siblings[0] as usize];
            node.times *= times;
            node.shape = hash_of(&(node.shape, times));
            return siblings[0];
        }
        let children = siblings[..period].to_vec();
        let shapes: Vec<u64> = children.iter().map(|child| self.node(*child).shape).collect();
        self.push(Node {
            what: LineContent::Rounds(rounds),
            times,
            children,
            below: 0,
            shape: hash_of(&("rounds", times, shapes)),
        })
    }

    /// Adds the members of a node, and of those below it, to one of the same shape.
    fn merge(&mut self, into: u32, from: u32) {
        let mut ahead = vec![(into, from)];
        while let Some((into, from)) = ahead.pop() {
            let from = std::mem::replace(&mut self.nodes[from as usize], Node::empty());
            let node = &mut self.nodes[into as usize];
            match (&mut node.what, &from.what) {
                (LineContent::Spans(members), LineContent::Spans(others)) => members.append(others),
                (LineContent::Rounds(rounds), LineContent::Rounds(others)) => rounds.extend_from_slice(others),
                (LineContent::Lulls(lulls), LineContent::Lulls(others)) => lulls.extend_from_slice(others),
                _ => {}
            }
            ahead.extend(node.children.iter().copied().zip(from.children));
        }
    }

    /// From when to when neighbours last.
    fn extent(&self, round: &[u32], folding: &Folding<'_>) -> (Timestamp, Timestamp) {
        let (mut start, mut end) = (None::<Timestamp>, Timestamp::EPOCH);
        let mut add = |from: Timestamp, to: Timestamp| {
            start = Some(start.map_or(from, |start| start.min(from)));
            end = end.max(to);
        };
        for at in round {
            match &self.node(*at).what {
                LineContent::Spans(members) => {
                    for at in members.as_slice() {
                        let span = folding.trace.at(*at).span();
                        add(span.start(), span.end().unwrap_or_else(|| span.start()));
                    }
                }
                LineContent::Rounds(rounds) => rounds.iter().for_each(|(from, to)| add(*from, *to)),
                LineContent::Lulls(lulls) => {
                    let lulls = lulls.iter().map(|at| &folding.lulls[*at as usize]);
                    lulls.for_each(|lull| add(lull.start, lull.end));
                }
            }
        }
        let start = start.unwrap_or(Timestamp::EPOCH);
        (start, end.max(start))
    }
}

impl Node {
    /// What is left of one that is folded into another.
    const fn empty() -> Self {
        Self { what: LineContent::Lulls(Vec::new()), times: 0, children: Vec::new(), below: 0, shape: 0 }
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
