//! Devices of named components, made of what a program says of them.

use super::async_devices::own_options;
use crate::device::Device;
use crate::hardware::{Kind, OphydDevice};
use crate::program::options::Options;
use crate::value::Text;
use crate::value::yaml::{Node, Spanned, YamlError};

const COMPONENTS: &str = "components by their attributes";

pub(super) fn component_device(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut device = OphydDevice::new(name).labels(options.labels()?);
    if let Some(class_name) = options.text("class_name", "the name of a class")? {
        device = device.class_name(class_name);
    }
    Ok(with_components(device, options.required("components")?)?.into())
}

fn with_components(mut device: OphydDevice, node: &Node) -> Result<OphydDevice, YamlError> {
    for (attribute, node) in own_options(node, COMPONENTS)? {
        device = with_component(device, attribute.value.into(), &node)?;
    }
    Ok(device)
}

/// The device with another component: a signal, or a device of components.
fn with_component(device: OphydDevice, attribute: Text, node: &Node) -> Result<OphydDevice, YamlError> {
    let all = own_options(node, "the `value` of a signal, or `components`, and a `kind`")?;
    let known = ["value", "components", "kind", "class_name"];
    if let Some((key, _)) = all.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
        let found = format!("{:?}", key.value);
        return Err(YamlError::new(key.position, format!("a key of a component: {}", known.join(", ")), found));
    }
    let get = |key: &str| all.iter().find(|(Spanned { value, .. }, _)| value == key).map(|(_, node)| node);
    let kind = get("kind").map_or(Ok(Kind::Normal), kind)?;
    match (get("components"), get("value"), get("class_name")) {
        (Some(components), None, class_name) => {
            let mut inner = OphydDevice::new("");
            if let Some(class_name) = class_name {
                inner = inner.class_name(class_name.expect_str("the name of a class")?);
            }
            Ok(device.device(attribute, kind, with_components(inner, components)?))
        }
        (None, Some(value), None) => Ok(device.signal(attribute, kind, value.to_value()?)),
        _ => Err(node.unexpected("the `value` of a signal, or the `components` of a device")),
    }
}

fn kind(node: &Node) -> Result<Kind, YamlError> {
    match node.as_str() {
        Some("omitted") => Ok(Kind::Omitted),
        Some("normal") => Ok(Kind::Normal),
        Some("config") => Ok(Kind::Config),
        Some("hinted") => Ok(Kind::Hinted),
        _ => Err(node.unexpected("omitted, normal, config or hinted")),
    }
}
