//! [`Drawing`]: a trace as a tree, for people.

use std::fmt;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};

use super::AttributeChoice;
use super::fold::{Folding, LineContent, Nodes};
use super::layout::Layout;
use super::lull::{Lull, RUN, lulls_of};
use super::selection::Selection;
use super::summary::{LINES_WITHOUT_LIST, NO_SPANS, Summary, write_left_out};
use super::telling::{Telling, service_of};
use crate::trace::{SpanRef, Trace};

/// The width of a drawing of which nobody says how wide it may be.
const WIDTH: usize = 120;

/// A trace as a tree, for people. Its `Display` writes it. For tests there is [`TreeText`](super::TreeText), which has all.
///
/// The first line says how much there is. Then there is a line a span: when it starts, from the first start on; its name, below
/// that of its parent; how long it takes, or `open`; why it failed; what tells most about it. Times in which nothing seems to
/// happen have lines of their own, and so have neighbours that repeat: with the duration in the middle (p50), and the longest.
/// No line is wider than the [width](Self::width).
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = |ms: u64| Timestamp::from_unix_ns(ms * 1_000_000);
/// let part = |id: u64, name: &str, from: u64, to: u64| {
///     Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(from)).end(at(to)).build()
/// };
/// let trace = Trace::from_spans([
///     Span::builder("align").trace_id(1).span_id(1).end(at(62_000)).build(),
///     part(2, "move", 0, 700),
///     part(3, "move", 700, 1_500),
///     part(4, "move", 1_500, 2_300),
///     part(5, "expose", 32_300, 62_000),
/// ]);
/// assert_eq!(trace.draw().width(60).to_string(), "\
/// 5 spans, 1 min 2 s
///    0 s  align      1 min 2 s
///    0 s  ├ move ×3     800 ms  p50 and max
///  2.3 s  ├ ⋯ 30 s without a span
/// 32.3 s  └ expose      29.7 s
/// ");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a drawing is only made when it is displayed"]
pub struct Drawing<'a> {
    pub(super) trace: &'a Trace,
    pub(super) width: usize,
    pub(super) in_color: bool,
    attributes: AttributeChoice,
    is_exact: bool,
    is_unfolded: bool,
    selection: Selection,
    lulls: Vec<Lull>,
    is_headed: bool,
}

impl Trace {
    /// The trace as a tree, for people.
    pub fn draw(&self) -> Drawing<'_> {
        Drawing {
            trace: self,
            width: WIDTH,
            in_color: false,
            attributes: AttributeChoice::Key,
            is_exact: false,
            is_unfolded: false,
            selection: Selection::default(),
            lulls: Vec::new(),
            is_headed: true,
        }
    }
}

impl Drawing<'_> {
    /// Sets how many columns a line may take; 120 unless this is said, 20 at least. From 110 on there are bars of time.
    pub fn width(self, width: usize) -> Self {
        Self { width: width.max(20), ..self }
    }

    /// As standard output wants it: as wide as the environment variable `COLUMNS` says, or else as the terminal is, or else 120
    /// columns; in colours where it is a terminal. `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` of the environment have their usual
    /// meaning.
    pub fn for_stdout(self) -> Self {
        let stdout = std::io::stdout();
        let said = std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok());
        let seen = || terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
        let is_plain = AutoStream::choice(&stdout) == ColorChoice::Never;
        self.width(said.or_else(seen).unwrap_or(WIDTH)).colored(!is_plain)
    }

    /// Whether it is drawn in the colours of a terminal; it is not unless this is said.
    pub fn colored(self, in_color: bool) -> Self {
        Self { in_color, ..self }
    }

    /// Draws the tree alone, without the line before it that says how much there is.
    pub fn without_head(self) -> Self {
        Self { is_headed: false, ..self }
    }

    /// Chooses which attributes are told; the telling ones unless this is said.
    pub fn attributes(self, attributes: AttributeChoice) -> Self {
        Self { attributes, ..self }
    }

    /// Draws all digits of times.
    pub fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    /// Draws what repeats as often as it is there.
    pub fn unfolded(self) -> Self {
        Self { is_unfolded: true, ..self }
    }

    /// Takes times of which it is known why nothing happens in them.
    ///
    /// ```
    /// use skyspan_trace::value::Timestamp;
    /// use skyspan_trace::trace::{Lull, Span, Trace};
    ///
    /// let at = |s: u64| Timestamp::from_unix_ns(s * 1_000_000_000);
    /// let part = |id: u64, from: u64| Span::builder("move").trace_id(u128::from(id)).span_id(id).start(at(from)).end(at(from + 1)).build();
    /// let trace = Trace::from_spans([part(1, 0), part(2, 31)]);
    /// let drawn = trace.draw().lulls([Lull::new(at(1), at(31), "paused")]).to_string();
    /// assert!(drawn.contains("⋯ 30 s paused"), "{drawn}");
    /// ```
    pub fn lulls(mut self, lulls: impl IntoIterator<Item = Lull>) -> Self {
        self.lulls.extend(lulls);
        self
    }

    /// Draws so many levels, the roots being the first; what is below is counted.
    pub fn depth(mut self, levels: usize) -> Self {
        self.selection.depth = Some(levels.max(1));
        self
    }

    /// Draws the spans about a device alone, and those that lead to them: `device_name` or `msg.obj` says it.
    pub fn device(mut self, name: impl Into<String>) -> Self {
        self.selection.device = Some(name.into());
        self
    }

    /// Draws the spans alone that take at least so long or have not ended, and those that lead to them.
    pub fn slower(mut self, than: Duration) -> Self {
        self.selection.slower_ns = i128::try_from(than.as_nanos()).ok();
        self
    }

    /// Draws the spans alone that failed, and those that lead to them.
    pub fn errors(mut self) -> Self {
        self.selection.errors = true;
        self
    }

    /// Draws the spans alone that were under way so long after the first start or later, and those that lead to them.
    pub fn since(mut self, offset: Duration) -> Self {
        self.selection.since_ns = i128::try_from(offset.as_nanos()).ok();
        self
    }

    /// Draws the spans alone that had started so long after the first start, and those that lead to them.
    pub fn until(mut self, offset: Duration) -> Self {
        self.selection.until_ns = i128::try_from(offset.as_nanos()).ok();
        self
    }

    /// Draws one run of bluesky alone, by its number: 1 is the one that started first. What started while it was open and belongs to
    /// no other ([`grouped_by_run`](Trace::grouped_by_run)) is drawn with it.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`], if there are not so many.
    pub fn run(mut self, number: usize) -> Result<Self, NoSuchRun> {
        let mut runs: Vec<SpanRef<'_>> = self.trace.named(RUN).collect();
        runs.sort_by_key(|run| run.span().start());
        let found = number.checked_sub(1).and_then(|at| runs.get(at));
        let Some(run) = found else { return Err(NoSuchRun { number, runs: runs.len() }) };
        self.selection.run = Some(run.index());
        Ok(self)
    }
}

/// How many lines the terminal of standard output has, if it is one and knows.
#[must_use]
pub fn terminal_height() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout())
        .map(|(_, height)| usize::from(height.0))
        .filter(|height| *height > 1)
}

/// A run was asked for that is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected the number of a run, of which the trace has {runs}, counted from 1, found {number}")]
#[non_exhaustive]
pub struct NoSuchRun {
    /// The number that was asked for.
    pub number: usize,
    /// How many there are.
    pub runs: usize,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(extent) = self.trace.extent() else { return writeln!(f, "{NO_SPANS}") };
        let chosen = self.selection.chosen(self.trace);
        let lulls = if self.selection.has_holes() { Vec::new() } else { lulls_of(self.trace, &self.lulls) };
        // Those outside of what is drawn would stand beside it.
        let lulls = match (&chosen, self.window(chosen.as_deref())) {
            (Some(_), Some((from, to))) => {
                lulls.into_iter().filter(|lull| lull.start < to && lull.end > from).collect()
            }
            (Some(_), None) => Vec::new(),
            (None, _) => lulls,
        };
        let nodes = Folding {
            trace: self.trace,
            chosen: chosen.as_deref(),
            depth: self.selection.depth,
            lulls: &lulls,
            folds: !self.is_unfolded,
        }
        .nodes();
        let telling = Telling {
            attributes: self.attributes,
            value_width: 60,
            is_exact: self.is_exact,
            names_services: has_several_services(self.trace),
        };
        let summary = Summary::of(self.trace, extent);
        if self.is_headed {
            summary.write_head(f, self, telling)?;
        }
        let (lines, spans) = drawn(&nodes);
        if self.is_headed && summary.has_failures() && lines > LINES_WITHOUT_LIST {
            summary.write_failures(f, self, telling)?;
        }
        Layout::of(self, (&nodes, &lulls), telling, extent, summary.has_failures()).write(f)?;
        write_left_out(f, self, spans)
    }
}

impl Drawing<'_> {
    /// From when to when the spans last that are drawn.
    fn window(&self, chosen: Option<&[bool]>) -> Option<(crate::value::Timestamp, crate::value::Timestamp)> {
        let chosen = chosen?;
        let spans = || self.trace.spans().filter(|span| chosen[span.index()]);
        let from = spans().map(|span| span.span().start()).min()?;
        let to = spans().map(|span| span.span().end().unwrap_or_else(|| span.span().start())).max()?;
        Some((from, to))
    }
}

/// How many lines are drawn, and how many spans are on them.
fn drawn(nodes: &Nodes) -> (usize, usize) {
    let (mut lines, mut spans) = (0, 0);
    let mut ahead = nodes.roots.clone();
    while let Some(at) = ahead.pop() {
        let node = nodes.node(at);
        lines += 1;
        if let LineContent::Spans(members) = &node.what {
            spans += members.as_slice().len();
        }
        ahead.extend(&node.children);
    }
    (lines, spans)
}

/// Whether the spans are of several services.
fn has_several_services(trace: &Trace) -> bool {
    let mut spans = trace.spans();
    let Some(first) = spans.next() else { return false };
    let first = first.span();
    // Most share one resource.
    spans.any(|span| {
        let is_other = !std::ptr::eq(first.resource(), span.span().resource());
        is_other && service_of(first) != service_of(span.span())
    })
}
