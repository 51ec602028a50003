//! [`ComposeError`]: what is to be composed does not fit to what was.

use crate::value::{Text, Value, repr};

/// What is to be composed does not fit to what was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The schema of start documents does not allow such a key.
    #[error(
        "the metadata key {key:?} is not allowed: keys of a start document are not empty, hold no dot and no slash"
    )]
    MetadataKey {
        /// The key that is not allowed.
        key: Text,
    },
    /// A key that every start document has, from the run itself.
    #[error("the metadata key {key:?} is not allowed: the run itself says what stands there")]
    ReservedKey {
        /// The key that is not allowed.
        key: &'static str,
    },
    /// The schema of start documents wants something else at that key.
    #[error("the metadata at {key:?} should be {expected}, found {}", repr(found))]
    MetadataValue {
        /// The key whose value does not fit.
        key: Text,
        /// What it may hold.
        expected: &'static str,
        /// The value that stands there.
        found: Value,
    },
    /// The schema of descriptors does not allow such a key.
    #[error(
        "the key {key:?} of the descriptor of stream {stream:?} is not allowed: its keys are not empty, hold no dot \
         and no slash"
    )]
    DescriptorKey {
        /// The name of the stream.
        stream: Text,
        /// The key that is not allowed.
        key: Text,
    },
    /// The schema of data keys wants something else at that key.
    #[error("the {field:?} of the data key {key:?} should be {expected}, found {}", repr(found))]
    DataKeyValue {
        /// The data key that is described.
        key: Text,
        /// Which of the things that describe it.
        field: &'static str,
        /// What it may hold.
        expected: &'static str,
        /// The value that stands there.
        found: Value,
    },
    /// A stream was described before, by other data keys.
    #[error("stream {stream:?} was described by the data keys {expected:?}, and now is by {found:?}")]
    OtherDataKeys {
        /// The name of the stream.
        stream: Text,
        /// Those of its first descriptor.
        expected: Vec<Text>,
        /// Those of the descriptor that was to be.
        found: Vec<Text>,
    },
    /// The stream was not described.
    #[error("stream {stream:?} was not described")]
    NotDescribed {
        /// The name of the stream.
        stream: Text,
    },
    /// The readings are not all that the descriptor describes.
    #[error("the data keys of an event of stream {stream:?} are {found:?}; its descriptor has {expected:?}")]
    DataKeys {
        /// The name of the stream.
        stream: Text,
        /// What its descriptor has.
        expected: Vec<Text>,
        /// The data keys that were read.
        found: Vec<Text>,
    },
    /// A reading that the descriptor does not describe.
    #[error("the data key {key:?} of an event of stream {stream:?} is not in its descriptor")]
    UnknownDataKey {
        /// The name of the stream.
        stream: Text,
        /// The data key without a description.
        key: Text,
    },
    /// What is said to be filled, or not, was not read.
    #[error("the data key {key:?} is said to be filled, or not, and has no data")]
    FilledKey {
        /// The data key without data.
        key: Text,
    },
    /// Whether a data key is filled is said by a truth value, or by what fills it.
    #[error("the data key {key:?} should be filled or not, or by a string, found {}", repr(found))]
    FilledValue {
        /// The data key that is described.
        key: Text,
        /// The value that says whether it is filled.
        found: Value,
    },
    /// The columns of a page differ in length.
    #[error("the {columns} of a page of stream {stream:?} differ in length")]
    PageColumns {
        /// The name of the stream.
        stream: Text,
        /// Which of its columns.
        columns: &'static str,
    },
    /// The values of a page are more or fewer than their times.
    #[error("a page of stream {stream:?} has {values} values for each data key, and {timestamps} timestamps")]
    PageTimestamps {
        /// The name of the stream.
        stream: Text,
        /// How many values each data key has.
        values: usize,
        /// How many timestamps the page has.
        timestamps: usize,
    },
    /// A page without a column, of which nobody can tell how many events it holds.
    #[error("a page of stream {stream:?} has no data key")]
    EmptyPage {
        /// The name of the stream.
        stream: Text,
    },
    /// A stream resource came twice.
    #[error("the stream resource {uid} came twice")]
    StreamResourceTwice {
        /// The uid of the stream resource.
        uid: Text,
    },
    /// A stream resource is of a data key that the stream does not have, or not as `STREAM:`.
    #[error(
        "a stream resource is of the data key {key:?}; those of its stream that are external to STREAM: are {expected:?}"
    )]
    StreamResourceKey {
        /// The data key of the stream resource.
        key: Text,
        /// Those that the stream has.
        expected: Vec<Text>,
    },
    /// A stream datum came of a stream resource that did not.
    #[error("a stream datum is of the stream resource {uid}, which is not known")]
    UnknownStreamResource {
        /// The uid of the stream resource.
        uid: Text,
    },
    /// A stream datum came where no stream was said.
    #[error("a stream datum came where no stream is declared")]
    NoStream,
    /// Stream data that came together are of more or fewer values than one another.
    #[error("a stream datum of {found} values came together with others of {expected}")]
    StreamDatumWidth {
        /// What those before had.
        expected: u64,
        /// What this one has.
        found: u64,
    },
    /// Stream data came for some of the data keys that are external to `STREAM:`, and not for the others.
    #[error("stream data came for the data keys {found:?}; the stream has {expected:?}")]
    StreamDatumKeys {
        /// What the stream has.
        expected: Vec<Text>,
        /// Those for which they came.
        found: Vec<Text>,
    },
    /// The run has ended.
    #[error("the stop document of run {run:?} was composed already")]
    Stopped {
        /// The uid of the run.
        run: Text,
    },
}

impl ComposeError {
    /// The class of the exception that event-model 1.24.0 raises for it, or bluesky 1.15.1 where it looks itself.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MetadataKey { .. }
            | Self::MetadataValue { .. }
            | Self::DescriptorKey { .. }
            | Self::DataKeyValue { .. }
            | Self::FilledValue { .. } => "ValidationError",
            Self::ReservedKey { .. } => "TypeError",
            Self::DataKeys { .. } | Self::OtherDataKeys { .. } | Self::FilledKey { .. } => "EventModelValidationError",
            Self::NotDescribed { .. } | Self::UnknownDataKey { .. } | Self::UnknownStreamResource { .. } => "KeyError",
            Self::PageColumns { .. } | Self::Stopped { .. } => "EventModelError",
            Self::PageTimestamps { .. } => "AssertionError",
            Self::StreamDatumWidth { .. } => "EventModelValueError",
            Self::EmptyPage { .. }
            | Self::StreamResourceTwice { .. }
            | Self::StreamResourceKey { .. }
            | Self::NoStream
            | Self::StreamDatumKeys { .. } => "RuntimeError",
        }
    }
}
