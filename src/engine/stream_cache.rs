//! [`Stream`]: what is known of the devices of a stream.

use std::collections::HashSet;

use crate::device::{DataKeys, Device, HasHints, Readings};
use crate::document::{Configuration, DescribedObject};
use crate::message::PlanError;
use crate::value::{Text, repr_str};

/// What is known of the devices of a stream; each stream asks them anew (`bluesky.bundlers._StreamCache`, 1.15.1).
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: Text,
    known: Vec<Known>,
    /// The devices that its descriptor describes, in order, each with its data keys.
    pub(super) described: Option<Vec<(Device, DataKeys)>>,
    /// Whether two of them have a data key in common: a stream may be declared so, and cannot be read.
    collides: bool,
}

/// What a device says about itself.
#[derive(Debug)]
struct Known {
    device: Device,
    /// What describes what it reads; nothing where it was not asked, for it is collected.
    data_keys: Option<DataKeys>,
    configuration: Option<Configuration>,
}

impl Stream {
    pub(super) const fn new(name: Text) -> Self {
        Self { name, known: Vec::new(), described: None, collides: false }
    }

    /// Keeps what its descriptor describes.
    pub(super) fn describe(&mut self, objects: Vec<(Device, DataKeys)>) {
        let mut known = HashSet::new();
        self.collides = objects.iter().flat_map(|(_, data_keys)| &data_keys.0).any(|(key, _)| !known.insert(key));
        self.described = Some(objects);
    }

    /// Whether a device that is read after so many others is where its descriptor has it, and collides with none of them.
    pub(super) fn is_next(&self, device: &Device, after: usize) -> bool {
        let described = self.described.as_ref().filter(|_| !self.collides);
        described.and_then(|described| described.get(after)).is_some_and(|(next, _)| next == device)
    }

    /// What describes what a device reads, if it was asked.
    pub(super) fn data_keys(&self, device: &Device) -> Option<&DataKeys> {
        self.known(device)?.data_keys.as_ref()
    }

    /// The configuration of a device, if it was asked.
    pub(super) fn configuration(&self, device: &Device) -> Option<&Configuration> {
        self.known(device)?.configuration.as_ref()
    }

    fn known(&self, device: &Device) -> Option<&Known> {
        self.known.iter().find(|known| known.device == *device)
    }

    /// Keeps what a device said.
    pub(super) fn learn(&mut self, device: &Device, data_keys: Option<DataKeys>, configuration: Option<Configuration>) {
        match self.known.iter_mut().find(|known| known.device == *device) {
            Some(known) => {
                known.data_keys = data_keys.or_else(|| known.data_keys.take());
                known.configuration = configuration.or_else(|| known.configuration.take());
            }
            None => self.known.push(Known { device: device.clone(), data_keys, configuration }),
        }
    }

    /// Keeps the readings of a configuration that was changed; those of a device that was never asked are not kept.
    pub(super) fn reconfigured(&mut self, device: &Device, readings: &Readings) {
        let known = self.known.iter_mut().find(|known| known.device == *device);
        if let Some(configuration) = known.and_then(|known| known.configuration.as_mut()) {
            configuration.readings.clone_from(&readings.0);
        }
    }

    /// Whether its descriptor describes a device.
    pub(super) fn describes(&self, device: &Device) -> bool {
        self.described.iter().flatten().any(|(described, _)| described == device)
    }

    /// What describes devices with these data keys.
    pub(super) fn objects(&self, devices: &[(Device, DataKeys)]) -> Vec<DescribedObject> {
        let objects = devices.iter().map(|(device, data_keys)| DescribedObject {
            name: device.name().clone(),
            data_keys: data_keys.0.iter().map(|(key, described)| (key.clone(), described.to_map())).collect(),
            configuration: self.configuration(device).cloned().unwrap_or_default(),
            hints: device.as_has_hints().map(HasHints::hints),
        });
        objects.collect()
    }

    /// Wants no data key of a device to be one of those that were read before.
    pub(super) fn check_collisions(&self, read: &[Device], device: &Device) -> Result<(), PlanError> {
        let Some(new) = self.data_keys(device) else { return Ok(()) };
        for other in read {
            let Some(known) = self.data_keys(other) else { continue };
            let is_known = |key: &Text| known.0.iter().any(|(other, _)| other == key);
            let colliding = new.0.iter().filter(|(key, _)| is_known(key)).map(|(key, _)| repr_str(key));
            let colliding: Vec<String> = colliding.collect();
            if !colliding.is_empty() {
                return Err(PlanError::value(format!(
                    "Data keys (field names) from {device:?} collide with those from {other:?}. The colliding keys are \
                     {{{}}}",
                    colliding.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// Wants the devices that were read to be those that are described, in any order.
    pub(super) fn check_same_objects(&self, read: &[Device]) -> Result<(), PlanError> {
        let Some(described) = &self.described else { return Ok(()) };
        let is_read = |(device, _): &(Device, DataKeys)| read.contains(device);
        let same = described.len() == read.len()
            && described.iter().zip(read).all(|((device, _), read)| device == read)
            || described.iter().all(is_read) && read.iter().all(|device| self.describes(device));
        if same {
            return Ok(());
        }
        let expected: Vec<&str> = described.iter().map(|(device, _)| &**device.name()).collect();
        let got: Vec<&str> = read.iter().map(|device| &**device.name()).collect();
        let message =
            format!("Mismatched objects read, expected {{{}}}, got {{{}}}", expected.join(", "), got.join(", "));
        Err(PlanError::runtime(message))
    }
}
