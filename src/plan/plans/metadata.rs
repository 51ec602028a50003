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
    device.as_has_hints().and_then(|hinted| hinted.hints().fields).unwrap_or_default()
}

/// The hints that the user gave, if any.
pub(super) fn given_hints(md: &Map) -> Map {
    md.get("hints").and_then(Value::as_map).cloned().unwrap_or_default()
}

/// A dimension of the data, in the primary stream.
pub(super) fn dimension(fields: Vec<Text>) -> Value {
    Value::from([Value::from(fields), "primary".into()])
}

/// A dimension for each motor; nothing where one of them does not say what it hints at.
pub(super) fn dimensions_of_each(motors: &[Device]) -> Option<Value> {
    let each = motors.iter().map(|motor| motor.as_has_hints()?.hints().fields.map(dimension));
    each.collect::<Option<Vec<_>>>().map(Value::from)
}

/// Adds a dimension for each motor, where nothing is said of dimensions yet.
pub(super) fn default_dimensions(hints: &mut Map, motors: &[Device]) {
    if let Some(dimensions) = dimensions_of_each(motors) {
        hints.insert_default("dimensions", dimensions);
    }
}

/// Metadata of a plan that moves one motor, with that of the user.
pub(super) fn of_one_motor(own: Map, of_user: Map, motor: &Device) -> Map {
    let mut md = own;
    md.extend(of_user);
    let mut hints = given_hints(&md);
    default_dimensions(&mut hints, std::slice::from_ref(motor));
    md.insert("hints", hints);
    md
}
