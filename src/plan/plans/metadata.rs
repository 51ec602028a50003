//! What plans write about themselves into the start document.

use crate::device::Device;
use crate::value::{Map, Text, Value};

/// The names of devices.
pub(super) fn names(devices: &[Device]) -> Value {
    devices.iter().map(|device| Value::from(device.name())).collect()
}

/// The `repr`s of devices.
pub(super) fn reprs(devices: &[Device]) -> Value {
    devices.iter().map(Device::repr).collect()
}

/// The fields that a device hints at (`bluesky.utils.get_hinted_fields`).
pub(super) fn hinted_fields(device: &Device) -> Vec<Text> {
    device.object().as_has_hints().and_then(|hinted| hinted.hints().fields).unwrap_or_default()
}

/// The hints that the user gave, if any.
pub(super) fn given_hints(md: &Map) -> Map {
    md.get("hints").and_then(Value::as_map).cloned().unwrap_or_default()
}
