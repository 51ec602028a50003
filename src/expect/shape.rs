//! [`shape`]: a trace as text that stays the same from run to run.

use std::cmp::Ordering;

use super::volatile::Names;
use crate::clock::Timestamp;
use crate::trace::{Attributes, Span, SpanKind, SpanRef, Status, Trace, chars, exact_duration, guides, one_line};

/// A trace as text that stays the same from run to run: one line a span, children under their parent.
///
/// A line holds the name, the start after that of the trace, the duration (or `open`), then all attributes with their
/// types, and kind, status, events and links where there are any. What is another in each run has a steady name:
///
/// - ids are not shown; parents show by the tree, links by the name of the span they point to;
/// - wall times are told from the start of the trace, also the numbers at `start_time`, `finish_time`, `end_time`,
///   `timestamp` and `time`;
/// - uids (UUIDs of version 4) stand as `<uid 1>`, generated names of groups such as `set-3fa9c1` as `<set 1>`, addresses
///   such as `0x7f00aa11bb22` as `<address 1>`, numbered as they first appear.
///
/// Spans stand by start, then by what they and their descendants look like: never by arrival. A span whose parent is
/// not in the trace says so.
///
/// ```
/// use skyspan::clock::Timestamp;
/// use skyspan::expect::shape;
/// use skyspan::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let trace = Trace::from_spans([
///     Span::builder("status").trace_id(1).span_id(2).parent_id(1).start(at(7_500)).end(at(9_000)).build(),
///     Span::builder("set").trace_id(1).span_id(1).start(at(7_000)).end(at(9_000)).attribute("group", "set-3fa9c1").build(),
/// ]);
/// assert_eq!(shape(&trace), "\
/// set          0 s    2 µs  group=\"<set 1>\"
/// └ status  500 ns  1.5 µs
/// ");
/// ```
#[must_use]
pub fn shape(trace: &Trace) -> String {
    let start = trace.spans().map(|span| span.start()).min().unwrap_or_default();
    let order = Order::of(trace, start);
    let mut names = Names::numbered(start);
    let mut rows: Vec<[String; 4]> = Vec::with_capacity(trace.len());
    let mut levels: Vec<bool> = Vec::new();
    order.preorder(&order.roots, |span, depth, more_follow| {
        levels.truncate(usize::saturating_sub(depth, 1));
        if depth > 0 {
            levels.push(more_follow);
        }
        let span = order.spans[span];
        let label = guides(&levels) + &one_line(&names.text(span.name()));
        rows.push([label, offset(&span, start), duration(&span), details(span, start, &mut names)]);
        None
    });
    let width = |column: usize| rows.iter().map(|row| chars(&row[column])).max().unwrap_or(0);
    let (label_width, start_width, duration_width) = (width(0), width(1), width(2));
    let mut out = String::new();
    for [label, start, duration, details] in &rows {
        let line = format!("{label:label_width$}  {start:>start_width$}  {duration:>duration_width$}  {details}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The spans in an order that does not hang on arrival.
struct Order<'t> {
    spans: Vec<SpanRef<'t>>,
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// What each looks like if all uids look alike, then what it looks like as it is.
    looks: Vec<[String; 2]>,
}

impl<'t> Order<'t> {
    fn of(trace: &'t Trace, start: Timestamp) -> Self {
        let spans: Vec<SpanRef<'t>> = trace.spans().collect();
        let mut alike = Names::alike(start);
        let looks = spans.iter().map(|span| {
            let masked =
                format!("{} {} {}", alike.text(span.name()), duration(span), details(*span, start, &mut alike));
            [masked, format!("{:?}", span.span().attributes())]
        });
        let looks = looks.collect();
        let children = spans.iter().map(|span| span.children().map(SpanRef::index).collect()).collect();
        let roots = trace.roots().map(SpanRef::index).collect();
        let mut order = Self { spans, roots, children, looks };
        // Children before parents, as what is below a span tells it from others.
        let mut parents_first = Vec::with_capacity(order.spans.len());
        order.preorder(&order.roots, |span, _, _| {
            parents_first.push(span);
            None
        });
        for span in parents_first.into_iter().rev() {
            let mut siblings = std::mem::take(&mut order.children[span]);
            siblings.sort_by(|a, b| order.compare(*a, *b));
            order.children[span] = siblings;
        }
        let mut roots = std::mem::take(&mut order.roots);
        roots.sort_by(|a, b| order.compare(*a, *b));
        order.roots = roots;
        order
    }

    /// Visits spans and their descendants, parents first, until there is an answer: each with its depth, and whether a
    /// sibling follows.
    fn preorder(
        &self,
        from: &[usize],
        mut visit: impl FnMut(usize, usize, bool) -> Option<Ordering>,
    ) -> Option<Ordering> {
        let mut ahead: Vec<(usize, usize, bool)> = from.iter().rev().map(|span| (*span, 0, false)).collect();
        while let Some((span, depth, more_follow)) = ahead.pop() {
            let answer = visit(span, depth, more_follow);
            if answer.is_some() {
                return answer;
            }
            let children = &self.children[span];
            let last = children.len().saturating_sub(1);
            ahead.extend(children.iter().enumerate().rev().map(|(at, child)| (*child, depth + 1, at < last)));
        }
        None
    }

    /// By start; then by looks, from the span itself downwards; uids count only where all else is equal.
    fn compare(&self, left: usize, right: usize) -> Ordering {
        let by = |look: usize| {
            let mut others = Vec::new();
            self.preorder(&[right], |span, depth, _| {
                others.push((span, depth));
                None
            });
            let mut others = others.into_iter();
            let first = self.preorder(&[left], |span, depth, _| {
                let Some((other, other_depth)) = others.next() else { return Some(Ordering::Greater) };
                // A span that goes deeper stands before one that goes on beside it.
                let order = self.spans[span]
                    .start()
                    .cmp(&self.spans[other].start())
                    .then_with(|| other_depth.cmp(&depth))
                    .then_with(|| self.looks[span][look].cmp(&self.looks[other][look]));
                (order != Ordering::Equal).then_some(order)
            });
            first.unwrap_or(if others.next().is_some() { Ordering::Less } else { Ordering::Equal })
        };
        let at_once = self.spans[left].start().cmp(&self.spans[right].start());
        at_once.then_with(|| self.looks[left][0].cmp(&self.looks[right][0])).then_with(|| by(0)).then_with(|| by(1))
    }
}

fn offset(span: &Span, start: Timestamp) -> String {
    exact_duration(span.start().signed_ns_since(start))
}

fn duration(span: &Span) -> String {
    span.signed_duration_ns().map_or_else(|| "open".to_owned(), exact_duration)
}

/// All that a line says after the times.
fn details(span: SpanRef<'_>, start: Timestamp, names: &mut Names) -> String {
    let mut parts: Vec<String> = attributes(span.span().attributes(), names);
    if span.kind() != SpanKind::Internal {
        parts.push(format!("kind {:?}", span.kind()));
    }
    match span.span().status() {
        Status::Unset => {}
        Status::Ok => parts.push("status OK".to_owned()),
        Status::Error { description } => parts.push(format!("status ERROR {:?}", names.text(description))),
    }
    for event in span.span().events() {
        let after = exact_duration(event.timestamp.signed_ns_since(start));
        let attributes = attributes(&event.attributes, names).join(" ");
        parts.push(format!("event {:?} at {after} ({attributes})", names.text(&event.name)));
    }
    for link in span.span().links() {
        let to = match span.trace().get_in(link.trace_id, link.span_id) {
            Some(to) => format!("{:?}", names.text(to.name())),
            None => "elsewhere".to_owned(),
        };
        parts.push(format!("link to {to} ({})", attributes(&link.attributes, names).join(" ")));
    }
    if span.parent_id().is_some() && span.parent().is_none() {
        let missing = span.parent_id().and_then(|id| span.trace().get_in(span.trace_id(), id)).is_none();
        parts.push(if missing { "its parent is not in the trace" } else { "it is its own ancestor" }.to_owned());
    }
    parts.join(" ")
}

fn attributes(attributes: &Attributes, names: &mut Names) -> Vec<String> {
    attributes.iter().map(|(key, value)| format!("{key}={}", names.value(key, value))).collect()
}
