//! [`MutationKind`]: what kinds of mutants there are.

use std::fmt;

/// In what a mutant of a trace differs from it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MutationKind {
    /// A span is not there: its children go to its parent, or they are not there either.
    Dropped,
    /// A span is there twice, the second time without children.
    Duplicated,
    /// A span, with all below it, is under another one, or at the root.
    Moved,
    /// A span is called otherwise.
    Renamed,
    /// An attribute has the same value in another type: `5` is `"5"`, or `5.0`.
    Retyped,
    /// An attribute has another value of the same type.
    Changed,
    /// An attribute is not there.
    AttributeDropped,
    /// An attribute is there that was not.
    AttributeAdded,
    /// Two siblings, with all below them, come in the other order.
    Swapped,
    /// A span takes twice as long, or 1 ms if it took no time.
    Stretched,
    /// A span takes half as long.
    Shrunk,
    /// A span does not end.
    LeftOpen,
    /// A span has another status, or another `exit_status`.
    StatusChanged,
    /// An event is not there.
    EventDropped,
    /// A link is not there.
    LinkDropped,
}

impl MutationKind {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 15] = [
        Self::Dropped,
        Self::Duplicated,
        Self::Moved,
        Self::Renamed,
        Self::Retyped,
        Self::Changed,
        Self::AttributeDropped,
        Self::AttributeAdded,
        Self::Swapped,
        Self::Stretched,
        Self::Shrunk,
        Self::LeftOpen,
        Self::StatusChanged,
        Self::EventDropped,
        Self::LinkDropped,
    ];
}

/// `span dropped`, `attribute retyped`, ...
impl fmt::Display for MutationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dropped => "span dropped",
            Self::Duplicated => "span duplicated",
            Self::Moved => "span moved",
            Self::Renamed => "span renamed",
            Self::Retyped => "attribute retyped",
            Self::Changed => "attribute changed",
            Self::AttributeDropped => "attribute dropped",
            Self::AttributeAdded => "attribute added",
            Self::Swapped => "siblings swapped",
            Self::Stretched => "duration stretched",
            Self::Shrunk => "duration shrunk",
            Self::LeftOpen => "span left open",
            Self::StatusChanged => "status changed",
            Self::EventDropped => "event dropped",
            Self::LinkDropped => "link dropped",
        })
    }
}
