//! [`Rows`]: the drawn part of a report.

use std::fmt;

use super::matcher::World;
use super::report::{Mark, Marks};
use super::span_expectation::SpanExpectation;
use crate::pad::{blank, cut_to, to_left, to_right, width_of};
use crate::trace::{LABEL_MAX, SpanRef, Trace, columns, drawn_name, guides};

/// So many lines are shown without cutting any.
const ROWS_MAX: usize = 40;
/// In a longer trace, so many marked lines are shown with what leads to them and what is around them.
const TOLD_MAX: usize = 20;
/// No line is longer, unless the formatter has a width.
const LINE_MAX: usize = 120;
/// An attribute's value may take so many characters.
const VALUE_MAX: usize = 40;
/// The signs before a line take so many characters.
const MARGIN: usize = 4;

/// A span that is missing.
pub(super) struct MissingRow<'a> {
    pub(super) expected: &'a SpanExpectation,
    pub(super) text: String,
    pub(super) notes: Vec<String>,
    /// Whether what is expected below it is drawn, too.
    pub(super) with_children: bool,
}

/// The trace as a tree with marks, cut to what matters.
pub(super) struct Rows<'a> {
    trace: &'a Trace,
    marks: Marks<'a>,
}

/// Something to be drawn on a line.
#[derive(Clone, Copy)]
enum Node<'r, 'a> {
    Span(SpanRef<'a>),
    Missing(&'r MissingRow<'a>),
    /// Below one that is missing.
    MissingToo(&'a SpanExpectation),
}

struct Row<'r, 'a> {
    node: Node<'r, 'a>,
    depth: usize,
    label: String,
}

impl<'a> Rows<'a> {
    pub(super) fn of(trace: &'a Trace, marks: Marks<'a>) -> Self {
        Self { trace, marks }
    }

    fn below<'r>(&'r self, node: Node<'r, 'a>) -> Vec<Node<'r, 'a>> {
        let expected = match node {
            Node::Span(span) => {
                let children = span.children().map(Node::Span);
                return children.chain(self.missing_under(Some(span.index()))).collect();
            }
            Node::Missing(row) if row.with_children => row.expected,
            Node::Missing(_) => return Vec::new(),
            Node::MissingToo(expected) => expected,
        };
        let items = expected.level(World::Closed).map_or(&[][..], |level| level.items.as_slice());
        items.iter().filter(|item| !item.is_forbidden()).map(Node::MissingToo).collect()
    }

    fn missing_under<'r>(&'r self, parent: Option<usize>) -> impl Iterator<Item = Node<'r, 'a>> + use<'r, 'a> {
        self.marks.missing_under.get(&parent).map_or(&[][..], Vec::as_slice).iter().map(Node::Missing)
    }

    /// All lines, parents before children.
    fn rows(&self) -> Vec<Row<'_, 'a>> {
        let mut rows = Vec::with_capacity(self.trace.len());
        // For each level above the current line whether more siblings follow there.
        let mut levels: Vec<bool> = Vec::new();
        let mut ahead: Vec<(Node<'_, 'a>, usize, bool)> = Vec::new();
        for root in self.trace.roots().map(Node::Span).chain(self.missing_under(None)) {
            ahead.push((root, 0, false));
            while let Some((node, depth, more_follow)) = ahead.pop() {
                levels.truncate(depth.saturating_sub(1));
                if depth > 0 {
                    levels.push(more_follow);
                }
                let name = match node {
                    Node::Span(span) => drawn_name(span.span().name()).into_owned(),
                    Node::Missing(row) => row.expected.label(),
                    Node::MissingToo(expected) => expected.label(),
                };
                rows.push(Row { node, depth, label: guides(&levels) + &name });
                let below = self.below(node);
                let last = below.len().saturating_sub(1);
                ahead.extend(below.into_iter().enumerate().rev().map(|(at, node)| (node, depth + 1, at < last)));
            }
        }
        rows
    }

    fn mark(&self, node: Node<'_, 'a>) -> Option<Mark> {
        match node {
            Node::Span(span) => self.marks.mark_of.get(&span.index()).copied(),
            Node::Missing(_) | Node::MissingToo(_) => Some(Mark::Missing),
        }
    }

    /// Which lines are shown: all of a short trace; else those that tell something, what leads to them, and their
    /// neighbours.
    fn kept(&self, rows: &[Row<'_, 'a>]) -> Vec<bool> {
        if rows.len() <= ROWS_MAX {
            return vec![true; rows.len()];
        }
        let tells = |row: &Row<'_, 'a>| {
            let spoken_of = matches!(row.node, Node::Span(span) if self.marks.spoken_of.contains(&span.index()));
            spoken_of || self.mark(row.node).is_some_and(|mark| mark != Mark::Matched)
        };
        let mut kept = vec![false; rows.len()];
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| tells(row)).take(TOLD_MAX) {
            kept[at.saturating_sub(1)..(at + 2).min(rows.len())].fill(true);
            let mut depth = row.depth;
            for above in (0..at).rev() {
                if rows[above].depth < depth {
                    (kept[above], depth) = (true, rows[above].depth);
                }
                if depth == 0 {
                    break;
                }
            }
        }
        kept
    }
}

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = f.width().unwrap_or(LINE_MAX);
        let rows = self.rows();
        let kept = self.kept(&rows);
        let shown = || rows.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(row, _)| row);
        let duration = |node: Node<'_, '_>| match node {
            Node::Span(span) => columns(&span),
            Node::Missing(_) | Node::MissingToo(_) => (String::new(), String::new()),
        };
        let labels = shown().map(|row| width_of(&row.label)).filter(|width| *width <= LABEL_MAX);
        let label_width = labels.max().unwrap_or(0);
        let number_width = shown().map(|row| width_of(&duration(row.node).0)).max().unwrap_or(0);
        let unit_width = shown().map(|row| width_of(&duration(row.node).1)).max().unwrap_or(0);
        let indent = MARGIN + label_width + 2 + number_width + 1 + unit_width + 2;
        let drawing = self.trace.tree_text().width(VALUE_MAX);

        let mut cut = (0, 0);
        for (row, kept) in rows.iter().zip(&kept) {
            let mark = self.mark(row.node);
            if !kept {
                cut.0 += 1;
                cut.1 += usize::from(mark.is_some_and(|mark| mark != Mark::Matched));
                continue;
            }
            write_cut(f, &mut cut)?;
            let sign = mark.map_or(' ', Mark::sign);
            let (number, unit) = duration(row.node);
            let label = to_left(&row.label, label_width);
            let (number, unit) = (to_right(&number, number_width), to_left(&unit, unit_width));
            let mut line = format!("  {sign} {label}  {number} {unit}  ");
            let notes: &[String] = match row.node {
                Node::Span(span) => {
                    line += &drawing.attributes_of(&span);
                    self.marks.notes_of.get(&span.index()).map_or(&[], Vec::as_slice)
                }
                Node::Missing(missing) => {
                    line += &missing.text;
                    &missing.notes
                }
                Node::MissingToo(_) => {
                    line += "missing";
                    &[]
                }
            };
            writeln!(f, "{}", cut_to(line.trim_end(), width))?;
            notes.iter().try_for_each(|note| write_note(f, note, indent, width))?;
        }
        write_cut(f, &mut cut)
    }
}

/// What stands for lines that are cut, and how many of them were marked.
fn write_cut(f: &mut fmt::Formatter<'_>, cut: &mut (usize, usize)) -> fmt::Result {
    let (number, marked) = std::mem::take(cut);
    let spans = if number == 1 { "span" } else { "spans" };
    match marked {
        _ if number == 0 => Ok(()),
        0 => writeln!(f, "    ⋯ {number} more {spans}"),
        _ => writeln!(f, "    ⋯ {number} more {spans}, {marked} of them marked"),
    }
}

/// A note on as few lines as it fits on: what was found goes to the next where it must, and then further to the left.
fn write_note(f: &mut fmt::Formatter<'_>, note: &str, indent: usize, width: usize) -> fmt::Result {
    if indent + width_of(note) <= width {
        return writeln!(f, "{}{note}", blank(indent));
    }
    let indent = indent.min(MARGIN + 12);
    match note.rsplit_once(", found ") {
        Some((expected, found)) if indent + width_of(note) > width => {
            writeln!(f, "{}", cut_to(&format!("{}{expected},", blank(indent)), width))?;
            writeln!(f, "{}", cut_to(&format!("{}  found {found}", blank(indent)), width))
        }
        _ => writeln!(f, "{}", cut_to(&format!("{}{note}", blank(indent)), width)),
    }
}
