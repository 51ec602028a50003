//! [`RefusedSpans`]: the spans of a request that are not taken.

/// Spans that are refused beside others that are taken, of what is posted to a receiver.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct RefusedSpans {
    pub(crate) count: u64,
    /// Why the first of them is.
    pub(crate) first: String,
}

impl RefusedSpans {
    pub(crate) fn add(&mut self, why: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = why();
        }
        self.count += 1;
    }
}
