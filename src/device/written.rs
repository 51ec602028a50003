//! Statuses and their errors for serde.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{DeviceError, Status};
use crate::value::Value;

/// `{"class", "device", "done", "success", "exception", "elapsed_ns"}`, as it is now: `elapsed_ns` goes on until it is done.
impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut status = serializer.serialize_struct("Status", 6)?;
        status.serialize_field("class", self.kind().class_name())?;
        status.serialize_field("device", self.device().name())?;
        status.serialize_field("done", &self.is_done())?;
        status.serialize_field("success", &self.is_success())?;
        status.serialize_field("exception", &self.exception())?;
        status.serialize_field("elapsed_ns", &Value::from(self.elapsed().as_nanos()))?;
        status.end()
    }
}

/// `{"name", "message"}`: the class of the exception that ophyd raises for it, and what it says.
impl Serialize for DeviceError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_struct("DeviceError", 2)?;
        error.serialize_field("name", &self.name())?;
        error.serialize_field("message", &self.to_string())?;
        error.end()
    }
}
