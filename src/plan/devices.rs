//! One device or many, as plans take them.

use crate::device::Device;
use crate::message::PlanError;

/// One device or many: `&det`, `[&det, &motor]`, `&devices`, ...
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no device, and no list of devices",
    note = "give `&device`, `[&device, &other]`, a `Vec<Device>` or a `&[Device]`"
)]
pub trait IntoDevices {
    /// The devices in order.
    fn into_devices(self) -> Vec<Device>;
}

impl IntoDevices for &Device {
    fn into_devices(self) -> Vec<Device> {
        vec![self.clone()]
    }
}

impl IntoDevices for Vec<Device> {
    fn into_devices(self) -> Vec<Device> {
        self
    }
}

impl IntoDevices for &Vec<Device> {
    fn into_devices(self) -> Vec<Device> {
        self.clone()
    }
}

impl IntoDevices for &[Device] {
    fn into_devices(self) -> Vec<Device> {
        self.to_vec()
    }
}

impl<const N: usize> IntoDevices for [Device; N] {
    fn into_devices(self) -> Vec<Device> {
        self.into()
    }
}

impl<const N: usize> IntoDevices for &[Device; N] {
    fn into_devices(self) -> Vec<Device> {
        self.to_vec()
    }
}

impl<const N: usize> IntoDevices for [&Device; N] {
    fn into_devices(self) -> Vec<Device> {
        self.map(Clone::clone).into()
    }
}

/// Wants no device to be moved to two places at once (`cycler`'s sum of cycles).
///
/// # Errors
///
/// A `ValueError` if one stands there twice.
pub(crate) fn each_moved_once<'a>(devices: impl IntoIterator<Item = &'a Device>) -> Result<(), PlanError> {
    let mut seen = Vec::new();
    for device in devices {
        if seen.contains(&device) {
            return Err(PlanError::value("Can not compose overlapping cycles"));
        }
        seen.push(device);
    }
    Ok(())
}

/// The devices without those that stand there already, themselves or by a device that they are a component of
/// (`bluesky.utils.separate_devices`, 1.15.1).
#[must_use]
pub fn separate_devices(devices: impl IntoIterator<Item = Device>) -> Vec<Device> {
    let mut result: Vec<Device> = Vec::new();
    for device in devices {
        if result.iter().any(|existing| is_in_ancestry(existing, &device)) {
            continue;
        }
        result.retain(|existing| !is_in_ancestry(&device, existing));
        result.push(device);
    }
    result
}

/// Whether [`separate_devices`] would leave them as they are.
pub(super) fn are_separate(devices: &[Device]) -> bool {
    let related = |one, other| is_in_ancestry(one, other) || is_in_ancestry(other, one);
    devices.iter().enumerate().all(|(at, device)| !devices[..at].iter().any(|before| related(before, device)))
}

fn is_in_ancestry(device: &Device, of: &Device) -> bool {
    device == of || std::iter::successors(of.parent(), Device::parent).any(|ancestor| ancestor == *device)
}
