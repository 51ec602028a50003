//! States of an engine for serde.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::RunEngineState;
use crate::value::Text;

/// Its name in bluesky.
impl Serialize for RunEngineState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// From its name in bluesky.
impl<'de> Deserialize<'de> for RunEngineState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Text::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|state| name == state.as_str());
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            D::Error::custom(format_args!("expected the state of a RunEngine ({names}), found {name:?}"))
        })
    }
}
