//! [`FormatVersion`]: what JSON begins with that stands alone.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// The `version` with which JSON begins that stands alone, as in a file or behind `--json`: 1. What has another one is not
/// read; see [`json`](crate::json) for what a version promises.
///
/// ```
/// use skyspan_trace::value::FormatVersion;
///
/// assert_eq!(serde_json::to_string(&FormatVersion)?, "1");
/// let error = serde_json::from_str::<FormatVersion>("2").unwrap_err();
/// assert!(error.to_string().starts_with("expected version 1, found 2"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FormatVersion;

impl FormatVersion {
    /// The version that this release writes and reads.
    pub const NUMBER: u64 = 1;
}

impl Serialize for FormatVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(Self::NUMBER)
    }
}

impl<'de> Deserialize<'de> for FormatVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            Self::NUMBER => Ok(Self),
            other => Err(D::Error::custom(format_args!(
                "expected version {}, found {other}: it is of another version of skyspan",
                Self::NUMBER
            ))),
        }
    }
}
