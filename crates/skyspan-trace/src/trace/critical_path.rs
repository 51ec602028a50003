//! [`PathPart`]: what a span spent its time on, from its start to its end.

use super::{Span, SpanRef, Trace};
use crate::value::Timestamp;

/// A part of a [critical path](SpanRef::critical_path): a span that was waited for, and from when to when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathPart<'a> {
    /// The span that the trace waits for during this part.
    pub span: SpanRef<'a>,
    /// From when on nothing but this span was waited for.
    pub start: Timestamp,
    /// The end of this part of the path.
    pub end: Timestamp,
}

impl PathPart<'_> {
    /// How long this part is, in nanoseconds; never zero.
    #[must_use]
    pub fn duration_ns(&self) -> i128 {
        self.end.signed_ns_since(self.start)
    }
}

/// A span that is on the path until some time, and those of its children that may be.
struct Step<'a> {
    span: SpanRef<'a>,
    /// Where its own part of the path begins.
    start: Timestamp,
    /// What has been dealt with, from the end.
    until: Timestamp,
    /// By end, the last one last.
    children: Vec<(Timestamp, SpanRef<'a>)>,
}

impl<'a> Step<'a> {
    fn new(span: SpanRef<'a>, start: Timestamp, end: Timestamp) -> Self {
        // An open child lasts to the end, as for the self time.
        let end_of = |child: &Span| child.end().unwrap_or(end);
        let within = |child: &SpanRef<'a>| child.span().start() < end_of(child) && end_of(child) <= end;
        let mut children: Vec<(Timestamp, SpanRef<'a>)> =
            span.children().filter(within).map(|child| (end_of(&child), child)).collect();
        // Of those that end together the one that started first explains most.
        children.sort_by_key(|(end, child)| {
            (*end, std::cmp::Reverse(child.span().start()), std::cmp::Reverse(child.index()))
        });
        Self { span, start, until: end, children }
    }
}

impl<'a> SpanRef<'a> {
    /// What the span spent its time on: the spans below it, and itself, that would have to be quicker for it to be quicker.
    /// Parts in order of time, without gaps, from its start to its end; spans that take no part of the time are left out.
    ///
    /// It is found from the end: the child that ended last, from there the child that had ended when that one started,
    /// at the same nanosecond included, and so on; what is between them is the span's own. Each child's part is its own
    /// critical path. A child that ends after its parent was not waited for, and is not on the path. An open span lasts to
    /// the end of its parent; one without a parent has no path, nor has one that takes no time.
    ///
    /// ```
    /// use skyspan_trace::value::Timestamp;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let made = |name: &str, id: u64, parent: u64, start, end| {
    ///     let at = Timestamp::from_unix_ns;
    ///     Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end)).build()
    /// };
    /// let trace = Trace::from_spans([
    ///     made("run", 1, 0, 100, 220),
    ///     made("move", 2, 1, 100, 150),
    ///     made("settle", 3, 1, 110, 140),
    ///     made("expose", 4, 1, 150, 200),
    /// ]);
    /// let run = trace.roots().next().unwrap();
    /// let path: Vec<(&str, i128)> =
    ///     run.critical_path().iter().map(|part| (part.span.span().name(), part.duration_ns())).collect();
    /// assert_eq!(path, [("move", 50), ("expose", 50), ("run", 20)]);
    /// ```
    #[must_use]
    pub fn critical_path(self) -> Vec<PathPart<'a>> {
        let Some(end) = self.span().end().filter(|end| *end > self.span().start()) else { return Vec::new() };
        // From the last part to the first. The stack is on the heap: a chain of spans may be long.
        let mut parts: Vec<PathPart<'a>> = Vec::new();
        let mut own = |span: SpanRef<'a>, start: Timestamp, end: Timestamp| match parts.last_mut() {
            _ if start >= end => {}
            Some(later) if later.span == span && later.start == end => later.start = start,
            _ => parts.push(PathPart { span, start, end }),
        };
        let mut stack = vec![Step::new(self, self.span().start(), end)];
        while let Some(step) = stack.last_mut() {
            match step.children.pop() {
                Some((end, _)) if end > step.until || end <= step.start => {}
                Some((end, child)) => {
                    own(step.span, end, step.until);
                    let start = child.span().start().max(step.start);
                    step.until = start;
                    stack.push(Step::new(child, start, end));
                }
                None => {
                    own(step.span, step.start, step.until);
                    stack.pop();
                }
            }
        }
        parts.reverse();
        parts
    }

    /// Whether a part of the [critical path](Self::critical_path) of its [`root`](Self::root) is its own, or that of a span
    /// below it.
    #[must_use]
    pub fn is_on_critical_path(self) -> bool {
        self.trace().on_critical_path().get(self.index()).copied().unwrap_or(false)
    }
}

/// For each span whether it, or a span below it, is on the critical path of its root.
pub(super) fn on_critical_path(trace: &Trace) -> Vec<bool> {
    let mut is_on = vec![false; trace.len()];
    for part in trace.roots().flat_map(SpanRef::critical_path) {
        for span in std::iter::once(part.span).chain(part.span.ancestors()) {
            if std::mem::replace(&mut is_on[span.index()], true) {
                break;
            }
        }
    }
    is_on
}

#[cfg(test)]
mod tests {
    use crate::trace::{Span, Trace};
    use crate::value::Timestamp;

    /// Spans by name, parent, start and end; their ids count from 1.
    #[track_caller]
    fn check(spans: &[(&str, u64, u64, u64)], expected: &[(&str, u64, u64)]) {
        let at = Timestamp::from_unix_ns;
        let trace: Trace = (1..)
            .zip(spans)
            .map(|(id, (name, parent, start, end))| {
                Span::builder(*name).trace_id(1).span_id(id).parent_id(*parent).start(at(*start)).end(at(*end)).build()
            })
            .collect();
        let path = trace.roots().next().unwrap().critical_path();
        let found: Vec<(&str, u64, u64)> =
            path.iter().map(|part| (part.span.span().name(), part.start.unix_ns(), part.end.unix_ns())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_path_goes_from_the_end_to_the_start() {
        check(&[("r", 0, 0, 9)], &[("r", 0, 9)]);
        check(&[("r", 0, 5, 5)], &[]);
        check(&[("r", 0, 100, 200), ("a", 1, 100, 150), ("b", 1, 150, 200)], &[("a", 100, 150), ("b", 150, 200)]);
        check(&[("r", 0, 0, 9), ("a", 1, 2, 4)], &[("r", 0, 2), ("a", 2, 4), ("r", 4, 9)]);
        // What ends later was not waited for, and what takes no time takes no part.
        check(&[("r", 0, 0, 9), ("a", 1, 2, 10), ("b", 1, 3, 3)], &[("r", 0, 9)]);
        // Of two that end together, the longer one.
        check(&[("r", 0, 0, 9), ("a", 1, 3, 9), ("b", 1, 1, 9)], &[("r", 0, 1), ("b", 1, 9)]);
        // What was under way when the next began was not what it waited for.
        check(&[("r", 0, 0, 9), ("a", 1, 0, 5), ("b", 1, 4, 9)], &[("r", 0, 4), ("b", 4, 9)]);
        // A child that starts before its parent counts from the start of that.
        check(&[("r", 0, 2, 9), ("a", 1, 0, 5)], &[("a", 2, 5), ("r", 5, 9)]);
        check(
            &[("r", 0, 0, 9), ("a", 1, 1, 8), ("b", 2, 2, 4), ("c", 2, 4, 8)],
            &[("r", 0, 1), ("a", 1, 2), ("b", 2, 4), ("c", 4, 8), ("r", 8, 9)],
        );
    }

    #[test]
    fn a_long_chain_has_a_path() {
        let at = Timestamp::from_unix_ns;
        let chain: Trace = (1..=50_000_u64)
            .map(|id| {
                Span::builder("a").trace_id(1).span_id(id).parent_id(id - 1).start(at(id)).end(at(100_000)).build()
            })
            .collect();
        assert_eq!(chain.roots().next().unwrap().critical_path().len(), 50_000);
        assert!(chain.spans().all(|span| span.is_on_critical_path()));
    }
}
