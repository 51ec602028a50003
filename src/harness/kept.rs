//! [`Kept`]: what a harness keeps of a run.

/// Something that a harness keeps of a run, unless it is told to be [without](super::HarnessBuilder::without) it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kept {
    /// The spans. Without them there is no tracer provider, and no span is made.
    Spans,
    /// The documents. Without them the engine composes those alone that somebody has subscribed to.
    Documents,
    /// The messages of each call.
    Messages,
}
