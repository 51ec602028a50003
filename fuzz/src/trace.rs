//! What holds of every trace, however malformed.

use skyspan::expect::{any, at_least, bless, none, shape, span};
use skyspan::trace::{AttributeChoice, Trace};

use crate::drawn::is_as_drawn;

/// Every span is in one tree and on one line of what is drawn; what is wrong with the trace is told; and the trace is as its
/// drawing says.
pub(crate) fn holds_together(trace: &Trace) {
    let in_trees = trace.roots().flat_map(|root| std::iter::once(root).chain(root.descendants()));
    let mut indices: Vec<usize> = in_trees.map(|span| span.index()).collect();
    indices.sort_unstable();
    assert!(indices.iter().copied().eq(0..trace.len()), "each span is in one tree: {indices:?}");

    for span in trace.spans() {
        assert_eq!(span.ancestors().count(), span.depth());
        assert!(span.children().all(|child| child.parent() == Some(span)));
        assert!(trace.named(span.name()).any(|named| named == span));
        assert!(trace.get(span.span_id()).is_some_and(|found| found.span_id() == span.span_id()));
        assert!(trace.get_in(span.trace_id(), span.span_id()).is_some_and(|found| found.index() <= span.index()));
        assert!(span.self_time_ns().is_none_or(|ns| ns <= span.signed_duration_ns().unwrap_or_default().max(0)));
        let path: i128 = span.critical_path().iter().map(|part| part.duration_ns()).sum();
        assert!(path <= span.signed_duration_ns().unwrap_or_default().max(0), "{path} ns on the path of {span:?}");
    }
    let defects = trace.defects();
    assert!(defects.iter().all(|defect| !defect.to_string().is_empty()));
    let expected = trace.orphans().len()
        + trace.duplicate_ids().len()
        + trace.cycles().len()
        + trace.negative_durations().count()
        + trace.unended().count()
        + trace.unknown_starts().count();
    assert_eq!(defects.len(), expected);

    for choice in [AttributeChoice::Key, AttributeChoice::All, AttributeChoice::None] {
        is_as_drawn(trace, &trace.tree_text().attributes(choice).to_string());
        assert!(!trace.draw().attributes(choice).to_string().is_empty());
    }
    is_as_drawn(trace, &trace.tree_text().width(3).to_string());
    assert!(trace.draw().width(40).unfolded().exact().to_string().lines().count() >= trace.len());
    is_as_drawn(trace, &trace.tree_text().durations(false).to_string());

    // A line for each span, and more for what is long, for events and for links.
    assert!(shape(trace).lines().count() >= trace.len());
    assert_eq!(shape(&Trace::from_spans(trace.spans().map(|span| span.span().clone()))), shape(trace));
    let code = bless(trace).with_durations().to_string();
    assert!(code.starts_with("forest([") && code.ends_with("])\n"), "{code}");

    trace.check(at_least(trace.len(), span(any()))).unwrap_or_else(|error| panic!("{error}"));
    if let Err(mismatch) = trace.check(none(span(any()))) {
        assert!(!mismatch.to_string().is_empty());
        assert!(!trace.is_empty());
    }
}
