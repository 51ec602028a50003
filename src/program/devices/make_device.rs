//! Devices, made of what a program says of them.

use super::classes::CLASSES;
use crate::device::Device;
use crate::program::data::DeviceSpec;
use crate::program::options::{Options, class_error};
use crate::program::scope::Scope;
use crate::value::yaml::YamlError;
use crate::value::{Text, nearest};

/// The device that a program describes, without faults but for the one of which its class tells; it may name devices of the scope.
pub(in crate::program) fn make_device(spec: &DeviceSpec, scope: &Scope) -> Result<Device, YamlError> {
    let class = &spec.class;
    let Some(known) = CLASSES.iter().find(|known| known.name == class.value) else {
        let names = CLASSES.iter().map(|known| known.name);
        return Err(class_error(class, "the class of a device").with_suggestion(nearest(&class.value, names)));
    };
    let options = Options { scope, class, all: &spec.options, fault: spec.fault.as_ref() };
    options.only(known.options)?;
    (known.make)(Text::from(&spec.name.value), &options)
}
