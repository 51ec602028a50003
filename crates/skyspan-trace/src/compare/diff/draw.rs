//! [`DiffTree`]: both traces in one tree, of which what is the same is folded.

use std::collections::HashMap;
use std::fmt;

use super::DiffOptions;
use super::change::{Noise, changed_attributes};
use super::pairing::{PairKind, Pairing};
use super::side::Side;
use crate::pad::{cut_around, cut_to, one_line};
use crate::trace::bluesky::device_of;
use crate::trace::{SpanRef, drawn_name, guides};

/// As wide as a line is at most.
const WIDTH: usize = 80;
/// Of a larger drawing the beginning is shown.
const LINES_MAX: usize = 120;
/// So many neighbours with changes of one kind are drawn.
const ALIKE_MAX: usize = 3;
/// So much of a value is drawn, and so much of that before the place at which it differs.
const VALUE_MAX: usize = 28;
/// So many attributes of a span are drawn.
const ATTRIBUTES_MAX: usize = 5;

/// Both traces in one tree: lines with a mark, where something differs.
#[derive(Clone, Debug, Default)]
pub(super) struct DiffTree {
    lines: Vec<String>,
    left_out: usize,
}

/// Where a span of the tree is.
#[derive(Clone, Copy)]
enum Node {
    Both(u32, u32, PairKind),
    Before(u32),
    After(u32),
}

impl fmt::Display for DiffTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        match self.left_out {
            0 => Ok(()),
            left_out => writeln!(f, "  ⋯ and {left_out} more lines"),
        }
    }
}

impl DiffTree {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn of(a: &Side, b: &Side, pairing: &Pairing, noise: &Noise, options: &DiffOptions) -> Self {
        let mut drawing = Drawing {
            a,
            b,
            options,
            noise,
            to_b: pairing.pairs.iter().map(|(x, y, kind)| (*x, (*y, *kind))).collect(),
            to_a: pairing.pairs.iter().map(|(x, y, kind)| (*y, (*x, *kind))).collect(),
            tree: Self::default(),
        };
        drawing.draw();
        drawing.tree
    }
}

struct Drawing<'d> {
    a: &'d Side,
    b: &'d Side,
    options: &'d DiffOptions,
    noise: &'d Noise,
    to_b: HashMap<u32, (u32, PairKind)>,
    to_a: HashMap<u32, (u32, PairKind)>,
    tree: DiffTree,
}

/// A step of the drawing, from the first line to the last.
enum Ahead {
    Node(Node, Vec<bool>),
    Line(String),
}

impl Drawing<'_> {
    fn draw(&mut self) {
        let roots = |side: &Side| side.tree.roots().map(|root| root.index() as u32).collect::<Vec<_>>();
        let has_change = self.has_change();
        let top = self.merged(&roots(self.a), &roots(self.b));
        let mut ahead: Vec<Ahead> = Vec::new();
        ahead.extend(self.shown(top, None, &has_change).into_iter().rev());
        while let Some(next) = ahead.pop() {
            match next {
                Ahead::Line(line) => self.push(line),
                Ahead::Node(node, levels) => {
                    self.node(node, &levels);
                    let children = match node {
                        Node::Both(x, y, _) => self.merged(&children(self.a, x), &children(self.b, y)),
                        // All that is below it is gone or new as well, unless it was moved, and then it stands there.
                        Node::Before(_) => Vec::new(),
                        Node::After(y) => self.merged(&[], &children(self.b, y)),
                    };
                    ahead.extend(self.shown(children, Some(&levels), &has_change).into_iter().rev());
                }
            }
        }
    }

    /// The siblings of both in one order: that of the second, with what is gone where it was.
    fn merged(&self, a: &[u32], b: &[u32]) -> Vec<Node> {
        let place_in_b: HashMap<u32, usize> = b.iter().enumerate().map(|(at, y)| (*y, at)).collect();
        // What is gone stands behind the sibling before it that is left.
        let mut gone: HashMap<Option<usize>, Vec<u32>> = HashMap::new();
        let mut after = None;
        for x in a {
            match self.to_b.get(x) {
                Some((y, _)) => after = place_in_b.get(y).copied().or(after),
                None => gone.entry(after).or_default().push(*x),
            }
        }
        let mut nodes: Vec<Node> = gone.remove(&None).unwrap_or_default().into_iter().map(Node::Before).collect();
        for (at, y) in b.iter().enumerate() {
            nodes.push(self.to_a.get(y).map_or(Node::After(*y), |(x, kind)| Node::Both(*x, *y, *kind)));
            nodes.extend(gone.remove(&Some(at)).unwrap_or_default().into_iter().map(Node::Before));
        }
        nodes
    }

    /// Which spans of the second have a change at or below them.
    fn has_change(&self) -> Vec<bool> {
        let mut changed = vec![false; self.b.tree.len()];
        let order: Vec<SpanRef<'_>> =
            self.b.tree.roots().flat_map(|root| std::iter::once(root).chain(root.descendants())).collect();
        for span in order.into_iter().rev() {
            let y = span.index() as u32;
            let own = match self.to_a.get(&y) {
                None => !self.is_noise(Node::After(y)),
                Some((x, kind)) => {
                    let node = Node::Both(*x, y, *kind);
                    let gone = |x: u32| !self.to_b.contains_key(&x) && !self.is_noise(Node::Before(x));
                    !self.is_noise(node) || !self.changes(node).is_empty() || children(self.a, *x).into_iter().any(gone)
                }
            };
            let below = span.children().any(|child| changed[child.index()]);
            changed[span.index()] = own || below;
        }
        changed
    }

    /// Whether nothing that is told of stands at the node itself, attributes aside.
    fn is_noise(&self, node: Node) -> bool {
        !self.options.structure
            || match node {
                Node::Both(_, _, PairKind::Same) => true,
                Node::Both(x, _, PairKind::Moved) => self.noise.is_structure(2, self.a.span(x)),
                Node::Both(x, _, PairKind::Renamed) => self.noise.is_structure(3, self.a.span(x)),
                Node::Before(x) => self.noise.is_structure(0, self.a.span(x)),
                Node::After(y) => self.noise.is_structure(1, self.b.span(y)),
            }
    }

    /// The attributes of a pair that are told of, as lines.
    fn changes(&self, node: Node) -> Vec<String> {
        let Node::Both(x, y, _) = node else { return Vec::new() };
        let changed = changed_attributes((self.a, x), (self.b, y), self.options);
        let told = changed.into_iter().filter(|(key, ..)| !self.noise.is_attribute(self.a.span(x), key));
        told.map(|(key, before, after)| {
            // Of long values the part is shown in which they differ.
            let (before, after) = (before.as_deref().map(one_line), after.as_deref().map(one_line));
            let same =
                before.iter().zip(&after).map(|(before, after)| same_bytes(before, after)).max().unwrap_or_default();
            let shown = |value: &Option<String>| {
                value
                    .as_deref()
                    .map_or_else(|| "nothing".to_owned(), |value| cut_around(value, same, VALUE_MAX).into_owned())
            };
            format!("{}: {} → {}", cut_to(&key, VALUE_MAX), shown(&before), shown(&after))
        })
        .collect()
    }

    /// What of siblings is drawn: what has a change, and how many there are between.
    fn shown(&self, nodes: Vec<Node>, levels: Option<&[bool]>, has_change: &[bool]) -> Vec<Ahead> {
        let mut drawn: Vec<(Node, String)> = Vec::new();
        let mut rows: Vec<Result<Node, usize>> = Vec::new();
        for node in nodes {
            let is_drawn = match node {
                Node::Both(_, y, _) => has_change[y as usize],
                other => !self.is_noise(other),
            };
            let kind = self.kind(node);
            // What is like the last ones is counted.
            let alike = drawn.iter().rev().take(ALIKE_MAX).filter(|(_, known)| *known == kind).count();
            match (is_drawn && alike < ALIKE_MAX, rows.last_mut()) {
                (true, _) => {
                    drawn.push((node, kind));
                    rows.push(Ok(node));
                }
                (false, Some(Err(count))) => *count += 1,
                (false, _) => rows.push(Err(1)),
            }
        }
        if drawn.is_empty() {
            return Vec::new();
        }
        let last = rows.len() - 1;
        let rows = rows.into_iter().enumerate().map(|(at, row)| {
            let below: Vec<bool> =
                levels.map(|levels| levels.iter().copied().chain([at < last]).collect()).unwrap_or_default();
            match row {
                Ok(node) => Ahead::Node(node, below),
                Err(1) => Ahead::Line(format!("  {}⋯ 1 more", indent(&below))),
                Err(count) => Ahead::Line(format!("  {}⋯ {count} more", indent(&below))),
            }
        });
        rows.collect()
    }

    /// What neighbours are alike in that need not all be drawn.
    fn kind(&self, node: Node) -> String {
        let keys: Vec<String> =
            self.changes(node).iter().filter_map(|line| line.split_once(':').map(|(key, _)| key.to_owned())).collect();
        let mark = mark(node, keys.is_empty());
        match node {
            Node::Both(x, ..) => format!("{mark} {} {}", label(self.a.span(x)), keys.join(" ")),
            Node::Before(x) => format!("{mark} {}", label(self.a.span(x))),
            Node::After(y) => format!("{mark} {}", label(self.b.span(y))),
        }
    }

    fn node(&mut self, node: Node, levels: &[bool]) {
        let changes = self.changes(node);
        let name = match node {
            Node::Both(x, y, PairKind::Renamed) => format!("{} → {}", label(self.a.span(x)), label(self.b.span(y))),
            Node::Both(x, y, PairKind::Moved) => {
                let from =
                    self.a.span(x).parent().map_or("the top".to_owned(), |parent| format!("below {}", label(parent)));
                format!("{}  (was {from})", label(self.b.span(y)))
            }
            Node::Both(_, y, _) => label(self.b.span(y)),
            Node::Before(x) => self.with_count(label(self.a.span(x)), self.a, x, |at| self.to_b.contains_key(&at)),
            Node::After(y) => label(self.b.span(y)),
        };
        let mark = if self.is_noise(node) {
            mark(Node::Both(0, 0, PairKind::Same), changes.is_empty())
        } else {
            mark(node, changes.is_empty())
        };
        self.push(format!("{mark} {}{name}", guides(levels)));
        let more = changes.len().saturating_sub(ATTRIBUTES_MAX);
        let blank = format!("  {}    ", indent(levels));
        for change in changes.into_iter().take(ATTRIBUTES_MAX) {
            self.push(format!("{blank}{change}"));
        }
        if more > 0 {
            self.push(format!("{blank}and {more} more attributes"));
        }
    }

    fn with_count(&self, label: String, side: &Side, place: u32, is_paired: impl Fn(u32) -> bool) -> String {
        let below = side.span(place).descendants().filter(|it| !is_paired(it.index() as u32)).count();
        if below == 0 { label } else { format!("{label}  and {below} below it") }
    }

    fn push(&mut self, line: String) {
        if self.tree.lines.len() < LINES_MAX {
            self.tree.lines.push(cut_to(line.trim_end(), WIDTH).into_owned());
        } else {
            self.tree.left_out += 1;
        }
    }
}

fn children(side: &Side, place: u32) -> Vec<u32> {
    side.span(place).children().map(|child| child.index() as u32).collect()
}

fn mark(node: Node, has_no_changes: bool) -> char {
    match node {
        Node::Before(_) => '-',
        Node::After(_) => '+',
        Node::Both(_, _, PairKind::Same) if has_no_changes => ' ',
        Node::Both(..) => '~',
    }
}

/// How many bytes two texts have in common at their beginning.
fn same_bytes(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum()
}

/// The name of a span, and its device.
fn label(span: SpanRef<'_>) -> String {
    let name = drawn_name(span.span().name());
    match device_of(span.span()) {
        Some(device) => format!("{name}  {}", one_line(&cut_to(device, 24))),
        None => name.into_owned(),
    }
}

/// As wide as the lines that lead to a span.
fn indent(levels: &[bool]) -> String {
    let Some((_, above)) = levels.split_last() else { return String::new() };
    let mut out = guides(above).replace("├ ", "│ ").replace("└ ", "  ");
    out.push_str(if levels.last() == Some(&true) { "│ " } else { "  " });
    out
}
