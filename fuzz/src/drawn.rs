//! What is drawn is a text of what it was drawn of.

use skyspan::expect::ForestExpectation;
use skyspan::trace::Trace;

/// Deeper trees are drawn, but not read.
const DEPTH_MAX: usize = 200;

/// Wants a drawing to have a line for each span, and to be a pattern that the trace is as.
pub(crate) fn is_as_drawn(trace: &Trace, drawing: &str) {
    assert_eq!(drawing.lines().count(), trace.len(), "one line for each span:\n{drawing}");
    if trace.spans().any(|span| span.depth() > DEPTH_MAX) {
        return;
    }
    match ForestExpectation::parse(drawing) {
        Ok(pattern) => {
            if let Err(mismatch) = trace.check(pattern) {
                panic!("a trace is not as it is drawn: {mismatch}\nthe drawing:\n{drawing}");
            }
        }
        Err(error) => panic!("what is drawn is not read: {error}\nthe drawing:\n{drawing}"),
    }
}
