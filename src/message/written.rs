//! Messages and errors for serde.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{Msg, PlanError};

/// `{"command", "obj", "args", "kwargs", "run"}`, as a recording has it: devices by their names.
impl Serialize for Msg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_recorded().serialize(serializer)
    }
}

/// `{"name", "message"}`: the class of the exception that bluesky raises for it, and what it says.
impl Serialize for PlanError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_struct("PlanError", 2)?;
        error.serialize_field("name", &self.name())?;
        error.serialize_field("message", &self.to_string())?;
        error.end()
    }
}
