//! Values, as Python and OpenTelemetry see them.
//!
//! A span attribute, a message's argument, a device's reading and a document's field all hold the same kinds of value:
//! whatever JSON can say, with integers and floats kept apart. [`Value`] is that, [`Map`] keeps its keys in order, and
//! [`Text`] is a string that costs nothing to clone.
//!
//! Everything that skyspan prints for Python's eyes goes through here: [`to_json`] and [`to_json_indented`] write what
//! Python's `json.dumps` writes, byte for byte, [`JsonReader`] reads it back (also `NaN` and several values in a row),
//! and [`repr`] gives Python's `repr`.
//!
//! Programs get and give values by serde: [`json`](crate::json) says how. `json!` turns into a [`Value`], and wherever
//! metadata or attributes are taken, [`IntoEntries`] takes it.
//!
//! ```
//! use skyspan_trace::value::{Map, Value, to_json};
//!
//! let kwargs = Map::from_iter([("group", Value::Null), ("delay", Value::from(1e-5))]);
//! assert_eq!(to_json(&kwargs.into()), r#"{"group": null, "delay": 1e-05}"#);
//! ```

mod entries;
mod float;
mod format_version;
mod json_node;
mod json_read;
mod json_tape;
mod json_write;
mod map;
mod nearest;
mod repr;
mod serde_json_value;
mod serde_value;
mod text;
mod timestamp;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod value;
mod value_deserializer;
pub(crate) mod whole_json;
pub mod yaml;

pub use entries::IntoEntries;
pub use float::float_repr;
pub use format_version::FormatVersion;
pub(crate) use json_node::{JsonNode, JsonStep};
pub use json_read::{JsonError, JsonReader, Position, from_json};
pub(crate) use json_tape::{JsonFault, JsonTape};
pub use json_write::{to_json, to_json_indented, write_json, write_json_string};
pub use map::Map;
pub use nearest::nearest;
pub use repr::{repr, repr_str};
pub use serde_json_value::{JsonValueError, NotInJson};
pub(crate) use serde_value::all_entries;
pub use text::Text;
pub use timestamp::{Timestamp, TimestampError};
pub use value::Value;
#[doc(hidden)]
pub use whole_json::nanoseconds;
