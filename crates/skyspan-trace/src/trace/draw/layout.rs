//! [`Layout`]: the columns of a drawing, and its lines.

use std::fmt;

use super::drawing::Drawing;
use super::fold::{LineContent, Node, Nodes};
use super::lull::Lull;
use super::telling::{Telling, failure_of};
use super::word::drawn_name;
use crate::pad::{blank, cut_middle, cut_to, to_right, width_of};
use crate::trace::{Span, Trace};
use crate::value::Timestamp;

/// What the colours of a terminal say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Paint {
    Plain,
    /// What is there to find the way.
    Faint,
    Failure,
    Lull,
    Bar,
}

impl Paint {
    pub(super) fn of(self, text: &str, in_color: bool) -> String {
        let code = match self {
            _ if !in_color || text.trim().is_empty() => return text.to_owned(),
            Self::Plain => return text.to_owned(),
            Self::Faint => "2",
            Self::Failure => "31",
            Self::Lull => "33",
            Self::Bar => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Names may take so many columns, where there is room.
const LABEL_MAX: usize = 60;
/// A line with a bar has at least so many columns.
const WIDTH_WITH_BARS: usize = 110;
const BAR: usize = 24;
/// Of the text of a failure so many lines are shown.
const FAILURE_LINES_MAX: usize = 3;
/// Room for so many bytes of a line is made at once.
const WIDTH_KEPT: usize = 256;
/// An attribute in less room than this is no use.
const DETAILS_MIN: usize = 12;
/// Names in less room than this are no use.
const LABEL_MIN: usize = 12;

/// The columns of a drawing, and its lines.
pub(super) struct Layout<'l, 'a> {
    drawing: &'l Drawing<'a>,
    nodes: &'l Nodes,
    lulls: &'l [Lull],
    telling: Telling,
    from: Timestamp,
    to: Timestamp,
    width: usize,
    /// The signs before a line; none where nothing failed.
    margin: usize,
    /// With the blanks behind it; none where there is too little room.
    offset: usize,
    label: usize,
    duration: usize,
    /// Deeper spans say how deep they are.
    levels_max: usize,
    has_bars: bool,
    tells_traces: bool,
}

/// What is said of a node before the columns are known.
struct Cells<'a> {
    start: Option<Timestamp>,
    name: std::borrow::Cow<'a, str>,
    duration: String,
}

impl<'l, 'a> Layout<'l, 'a> {
    pub(super) fn of(
        drawing: &'l Drawing<'a>,
        (nodes, lulls): (&'l Nodes, &'l [Lull]),
        telling: Telling,
        (from, to): (Timestamp, Timestamp),
        has_failures: bool,
    ) -> Self {
        let width = drawing.width.max(20);
        let mut layout = Self {
            drawing,
            nodes,
            lulls,
            telling,
            from,
            to,
            width,
            margin: if has_failures { 2 } else { 0 },
            offset: 2,
            label: 0,
            duration: 4,
            levels_max: 0,
            has_bars: width >= WIDTH_WITH_BARS && from < to,
            tells_traces: tells_traces(drawing.trace),
        };
        let (mut label, mut offset, mut duration) = (0, 0, 0);
        layout
            .each(|at, levels| {
                let cells = layout.cells(nodes.node(at));
                // What has no duration beside it may take the whole line.
                if !cells.duration.is_empty() {
                    label = label.max((levels.len() * 2 + width_of(&cells.name)).min(LABEL_MAX));
                }
                offset = offset.max(cells.start.map_or(0, |start| width_of(&layout.offset_of(start))));
                duration = duration.max(width_of(&cells.duration));
                Ok(())
            })
            .unwrap_or(());
        let wanted_by_details = if width >= 64 { width * 3 / 8 } else { 0 };
        let bar = if layout.has_bars { BAR + 2 } else { 0 };
        let room = |offset: usize| width.saturating_sub(layout.margin + offset + 2 + duration + bar);
        // In very little room a name tells more than when it began.
        let offset = if room(offset + 2) < LABEL_MIN { 0 } else { offset + 2 };
        let room = room(offset);
        (layout.offset, layout.duration) = (offset, duration);
        layout.label = label.min(room.saturating_sub(wanted_by_details).max(LABEL_MIN).min(room));
        layout.levels_max = (layout.label / 4).max(2);
        layout
    }

    /// All nodes, parents before children, each with whether more siblings follow on each level above it.
    fn each(&self, mut visit: impl FnMut(u32, &[bool]) -> fmt::Result) -> fmt::Result {
        let mut levels: Vec<bool> = Vec::new();
        let mut ahead: Vec<(u32, usize, bool)> = self.nodes.roots.iter().rev().map(|root| (*root, 0, false)).collect();
        while let Some((at, depth, more_follow)) = ahead.pop() {
            levels.truncate(depth.saturating_sub(1));
            if depth > 0 {
                levels.push(more_follow);
            }
            visit(at, &levels)?;
            let children = &self.nodes.node(at).children;
            let last = children.len().saturating_sub(1);
            ahead.extend(children.iter().enumerate().rev().map(|(place, child)| (*child, depth + 1, place < last)));
        }
        Ok(())
    }

    /// What [the lines](Self::write_node) say in columns.
    fn cells(&self, node: &Node) -> Cells<'a> {
        let times = |name: &str| {
            if node.times > 1 { format!("{name} ×{}", node.times).into() } else { name.to_owned().into() }
        };
        match &node.what {
            LineContent::Spans(members) => {
                let members = members.as_slice();
                let span = self.span(members[0]);
                let name = drawn_name(span.name());
                Cells {
                    start: span.start_is_known().then(|| span.start()),
                    name: if node.times > 1 { times(&name) } else { name },
                    duration: match self.middle(members.iter().filter_map(|at| self.span(*at).signed_duration_ns())) {
                        Some(ns) => self.telling.duration(ns),
                        None if span.start_is_known() => "open".to_owned(),
                        None => "?".to_owned(),
                    },
                }
            }
            LineContent::Rounds(rounds) => Cells {
                start: rounds.first().map(|(start, _)| *start),
                name: format!("{} times:", node.times).into(),
                duration: self
                    .middle(rounds.iter().map(|(start, end)| end.signed_ns_since(*start)))
                    .map_or_else(String::new, |ns| self.telling.duration(ns)),
            },
            LineContent::Lulls(lulls) => {
                let first = &self.lulls[lulls[0] as usize];
                let ns = self.middle(lulls.iter().map(|at| self.lulls[*at as usize].duration_ns())).unwrap_or_default();
                Cells {
                    start: Some(first.start),
                    name: times(&format!("⋯ {} {}", self.telling.duration(ns), first.what)),
                    duration: String::new(),
                }
            }
        }
    }

    fn span(&self, at: u32) -> &'a Span {
        self.drawing.trace.at(at).span()
    }

    /// The middle one of some durations.
    fn middle(&self, durations: impl Iterator<Item = i128>) -> Option<i128> {
        let mut durations = durations.peekable();
        let first = durations.next()?;
        if durations.peek().is_none() {
            return Some(first);
        }
        let mut all: Vec<i128> = std::iter::once(first).chain(durations).collect();
        let middle = (all.len() - 1) / 2;
        Some(*all.select_nth_unstable(middle).1)
    }

    fn offset_of(&self, start: Timestamp) -> String {
        self.telling.duration(start.signed_ns_since(self.from))
    }

    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = None;
        self.each(|at, levels| {
            let node = self.nodes.node(at);
            if levels.is_empty() && self.tells_traces {
                self.write_trace(f, node, &mut told)?;
            }
            self.write_node(f, node, levels)
        })
    }

    /// A line before the first root of a trace, where there are several.
    fn write_trace(
        &self,
        f: &mut fmt::Formatter<'_>,
        node: &Node,
        told: &mut Option<opentelemetry::trace::TraceId>,
    ) -> fmt::Result {
        let Some(members) = self.first_members(node) else { return Ok(()) };
        let trace_id = self.span(members[0]).trace_id();
        if *told == Some(trace_id) {
            return Ok(());
        }
        *told = Some(trace_id);
        let others =
            members.windows(2).filter(|two| self.span(two[0]).trace_id() != self.span(two[1]).trace_id()).count();
        let line = match others {
            0 => format!("trace {trace_id}"),
            1 => format!("trace {trace_id} and another"),
            others => format!("trace {trace_id} and {others} others"),
        };
        writeln!(f, "{}", Paint::Faint.of(&cut_to(&line, self.width), self.drawing.in_color))
    }

    /// The spans of a node, or of the first one in its rounds.
    fn first_members(&self, node: &'l Node) -> Option<&'l [u32]> {
        match &node.what {
            LineContent::Spans(members) => Some(members.as_slice()),
            LineContent::Rounds(_) => node.children.iter().find_map(|child| match &self.nodes.node(*child).what {
                LineContent::Spans(members) => Some(members.as_slice()),
                LineContent::Rounds(_) | LineContent::Lulls(_) => None,
            }),
            LineContent::Lulls(_) => None,
        }
    }

    fn write_node(&self, f: &mut fmt::Formatter<'_>, node: &Node, levels: &[bool]) -> fmt::Result {
        let cells = self.cells(node);
        let failure = match &node.what {
            LineContent::Spans(members) => failure_of(self.span(members.as_slice()[0])),
            _ => None,
        };
        let paint = match (&node.what, &failure) {
            (_, Some(_)) => Paint::Failure,
            (LineContent::Lulls(_), _) => Paint::Lull,
            (LineContent::Rounds(_), _) => Paint::Faint,
            _ => Paint::Plain,
        };
        let mut line = Line::new(self.width, self.drawing.in_color);
        if self.margin > 0 {
            line.push(if failure.is_some() { "✗ " } else { "  " }, Paint::Failure);
        }
        let offset = cells.start.map_or_else(String::new, |start| self.offset_of(start));
        if self.offset > 0 {
            line.push(&to_right(&offset, self.offset - 2), Paint::Faint);
            line.push("  ", Paint::Plain);
        }
        let label_from = line.taken;
        let guides = super::tree_text::guides_of(levels, self.levels_max);
        line.push(&guides, Paint::Faint);
        // A lull has nothing beside it, and may take the whole line.
        let room = if cells.duration.is_empty() { self.width.saturating_sub(label_from) } else { self.label };
        let name_width = room.saturating_sub(width_of(&guides)).max(4);
        // What tells names apart stands at either end of them; of a lull its length and its kind come first.
        let name = match node.what {
            LineContent::Lulls(_) => cut_to(&cells.name, name_width),
            LineContent::Spans(_) | LineContent::Rounds(_) => cut_middle(&cells.name, name_width),
        };
        line.push(&name, paint);
        if !cells.duration.is_empty() {
            let after = label_from + self.label;
            line.push(&blank(after.saturating_sub(line.taken)), Paint::Plain);
            line.push("  ", Paint::Plain);
            line.push(&to_right(&cells.duration, self.duration), Paint::Plain);
        }
        if self.has_bars && !matches!(node.what, LineContent::Lulls(_)) {
            let before = label_from + self.label + 2 + self.duration + 2;
            line.push(&blank(before.saturating_sub(line.taken)), Paint::Plain);
            line.push(&self.bar(node), if failure.is_some() { Paint::Failure } else { Paint::Bar });
        }
        let details = self.details(node, &cells.duration);
        let room = self.width.saturating_sub(line.taken + 2);
        let failure = failure.map(|failure| crate::pad::one_line(&failure));
        let below = match &failure {
            Some(failure) if room >= width_of(failure) => {
                line.push("  ", Paint::Plain);
                line.push(failure, Paint::Failure);
                None
            }
            failure => failure.as_deref(),
        };
        let room = self.width.saturating_sub(line.taken + 2);
        if !details.is_empty() && (room >= DETAILS_MIN || width_of(&details) <= room) {
            line.push("  ", Paint::Plain);
            line.push(&cut_to(&details, room), Paint::Plain);
        }
        writeln!(f, "{}", line.text.trim_end())?;
        match below {
            Some(failure) => self.write_failure(f, failure, label_from + width_of(&guides)),
            None => Ok(()),
        }
    }

    /// Why a span failed, on lines of its own.
    fn write_failure(&self, f: &mut fmt::Formatter<'_>, failure: &str, indent: usize) -> fmt::Result {
        let indent = indent.min(self.width / 3) + 2;
        let room = self.width.saturating_sub(indent).max(8);
        let mut lines = wrapped(failure, room);
        if lines.len() > FAILURE_LINES_MAX {
            lines.truncate(FAILURE_LINES_MAX);
            if let Some(last) = lines.last_mut() {
                *last = cut_to(&format!("{last}…"), room).into_owned();
            }
        }
        for line in lines {
            writeln!(f, "{}{}", blank(indent), Paint::Failure.of(&line, self.drawing.in_color))?;
        }
        Ok(())
    }

    fn details(&self, node: &Node, middle: &str) -> String {
        let mut out = Vec::new();
        match &node.what {
            LineContent::Spans(members) => {
                let members = members.as_slice();
                if members.len() > 1 {
                    let durations = || members.iter().filter_map(|at| self.span(*at).signed_duration_ns());
                    out.extend(self.spread(durations(), middle));
                }
                match node.below {
                    0 => {}
                    1 => out.push("(1 span below)".to_owned()),
                    below => out.push(format!("({below} spans below)")),
                }
                out.push(self.telling.details(self.drawing.trace, members));
            }
            LineContent::Rounds(rounds) => {
                out.extend(self.spread(rounds.iter().map(|(start, end)| end.signed_ns_since(*start)), middle));
            }
            LineContent::Lulls(lulls) if lulls.len() > 1 => {
                out.extend(self.spread(lulls.iter().map(|at| self.lulls[*at as usize].duration_ns()), middle));
            }
            LineContent::Lulls(_) => {}
        }
        out.retain(|part| !part.is_empty());
        out.join("  ")
    }

    /// What the duration of several is: that of each, or the one in the middle and the longest.
    fn spread(&self, durations: impl Iterator<Item = i128>, middle: &str) -> Option<String> {
        let (mut least, mut most) = (i128::MAX, i128::MIN);
        durations.for_each(|ns| (least, most) = (least.min(ns), most.max(ns)));
        if most < least {
            return None;
        }
        let (least, most) = (self.telling.duration(least), self.telling.duration(most));
        Some(match () {
            () if least == most => "each".to_owned(),
            () if most == middle => "p50 and max".to_owned(),
            () => format!("p50, max {most}"),
        })
    }

    /// When a span was, on a scale of all of the time.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cell of a bar"
    )]
    fn bar(&self, node: &Node) -> String {
        let whole = self.to.signed_ns_since(self.from).max(1) as f64;
        let cell = |time: Timestamp| {
            let part = time.signed_ns_since(self.from) as f64 / whole;
            ((part * BAR as f64) as usize).min(BAR - 1)
        };
        let mut cells = [false; BAR];
        let mut fill = |start: Timestamp, end: Timestamp| {
            let (from, to) = (cell(start), cell(end));
            // What ends where the next cell begins is not in that.
            let ends_before =
                end > start && to > from && (to as f64 * whole / BAR as f64) as i128 >= end.signed_ns_since(self.from);
            let to = if ends_before { to - 1 } else { to };
            cells[from..=to.max(from)].fill(true);
        };
        match &node.what {
            LineContent::Spans(members) => {
                for at in members.as_slice() {
                    let span = self.span(*at);
                    fill(span.start(), span.end().unwrap_or(self.to).max(span.start()));
                }
            }
            LineContent::Rounds(rounds) => rounds.iter().for_each(|(start, end)| fill(*start, *end)),
            LineContent::Lulls(_) => {}
        }
        cells.iter().map(|is_filled| if *is_filled { '━' } else { '·' }).collect()
    }
}

/// A line that knows how many columns it has taken.
struct Line {
    text: String,
    taken: usize,
    width: usize,
    in_color: bool,
}

impl Line {
    fn new(width: usize, in_color: bool) -> Self {
        // Whoever draws for a file may ask for any width.
        Self { text: String::with_capacity(width.min(WIDTH_KEPT)), taken: 0, width, in_color }
    }

    fn push(&mut self, text: &str, paint: Paint) {
        let text = cut_to(text, self.width - self.taken);
        if self.taken == self.width {
            return;
        }
        self.taken += width_of(&text);
        if self.in_color { self.text += &paint.of(&text, true) } else { self.text += &text }
    }
}

/// Whether the spans are of several traces that must be told apart. Those of bluesky are a trace each, for the most part, and are not.
fn tells_traces(trace: &Trace) -> bool {
    let mut roots = trace.roots();
    let Some(first) = roots.next() else { return false };
    let is_bluesky = |span: &Span| super::tree_text::is_bluesky(span);
    let mut are_several = false;
    for root in roots {
        are_several |= root.span().trace_id() != first.span().trace_id();
        if is_bluesky(root.span()) {
            return false;
        }
    }
    // Where each trace is a span, the spans tell them apart.
    are_several && !is_bluesky(first.span()) && trace.roots().any(|root| root.children().len() > 0)
}

/// A text on lines of at most so many columns, broken between words where that goes.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split_inclusive(' ') {
        if taken > 0 && taken + width_of(word.trim_end()) > width {
            lines.push(String::new());
            taken = 0;
        }
        for c in word.chars() {
            let of_char = width_of(c.encode_utf8(&mut [0; 4]));
            if taken > 0 && taken + of_char > width && c != ' ' {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            taken += of_char;
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}
