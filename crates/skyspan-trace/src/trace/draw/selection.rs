//! [`Selection`]: which spans are drawn.

use super::telling::{device_of, failure_of};
use crate::trace::{SpanRef, Trace};

/// Which spans are drawn. Spans that lead to one that is wanted are drawn, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// The place of the span of a run.
    pub(super) run: Option<usize>,
    /// How many levels are drawn.
    pub(super) depth: Option<usize>,
    pub(super) device: Option<String>,
    pub(super) slower_ns: Option<i128>,
    pub(super) errors: bool,
    /// From the first start on.
    pub(super) since_ns: Option<i128>,
    pub(super) until_ns: Option<i128>,
}

impl Selection {
    /// Whether it leaves out what lies between others, so that nothing can be said of the times between those that are left.
    pub(super) const fn has_holes(&self) -> bool {
        self.device.is_some() || self.slower_ns.is_some() || self.errors
    }

    /// For each span whether it is drawn; nothing where all are. The depth is left to whoever goes down the tree.
    pub(super) fn chosen(&self, trace: &Trace) -> Option<Vec<bool>> {
        if self.run.is_none() && !self.has_holes() && self.since_ns.is_none() && self.until_ns.is_none() {
            return None;
        }
        let in_run = self.run.map(|run| in_run(trace, run));
        let mut chosen = vec![false; trace.len()];
        for span in trace.spans() {
            let is_in_run = in_run.as_ref().is_none_or(|in_run| in_run[span.index()]);
            if !is_in_run || !self.wants(trace, span) {
                continue;
            }
            chosen[span.index()] = true;
            for above in span.ancestors() {
                if std::mem::replace(&mut chosen[above.index()], true) {
                    break;
                }
            }
        }
        Some(chosen)
    }

    fn wants(&self, trace: &Trace, span: SpanRef<'_>) -> bool {
        let from_start =
            |time: crate::value::Timestamp| trace.first_start().map_or(0, |first| time.signed_ns_since(first));
        let end = span.span().end();
        self.device.as_deref().is_none_or(|device| device_of(span.span()) == Some(device))
            && self.slower_ns.is_none_or(|slower| span.span().signed_duration_ns().is_none_or(|ns| ns >= slower))
            && (!self.errors || failure_of(span.span()).is_some())
            && self.since_ns.is_none_or(|since| end.is_none_or(|end| from_start(end) >= since))
            && self.until_ns.is_none_or(|until| from_start(span.span().start()) <= until)
    }
}

/// For each span whether it belongs to a run: to the tree of its span, where each run is made one tree.
fn in_run(trace: &Trace, run: usize) -> Vec<bool> {
    let mut belongs = vec![false; trace.len()];
    belongs[run] = true;
    // The spans stand in the same order there.
    let grouped = trace.grouped_by_run().trace;
    if let Some(span) = grouped.span_ref(run) {
        span.descendants().for_each(|below| belongs[below.index()] = true);
    }
    belongs
}
