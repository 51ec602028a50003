//! [`Flights`]: what a run knows of its flyers.

use crate::device::{CollectedStreams, Device};
use crate::message::PlanError;
use crate::value::{Text, Value};

/// What a run knows of its flyers, and of what else is collected.
#[derive(Debug)]
pub(super) struct Flights {
    /// Those that were kicked off and not collected since, in order.
    pub(super) uncollected: Vec<Device>,
    /// What describes what each device has to be collected; it is asked once in a run.
    described: Vec<(Device, CollectedStreams)>,
    /// The streams that were declared for each set of devices.
    declared: Vec<(Vec<Device>, Vec<Text>)>,
}

impl Flights {
    pub(super) const fn new() -> Self {
        Self { uncollected: Vec::new(), described: Vec::new(), declared: Vec::new() }
    }

    pub(super) fn kicked_off(&mut self, flyer: &Device) {
        if !self.uncollected.contains(flyer) {
            self.uncollected.push(flyer.clone());
        }
    }

    pub(super) fn collected(&mut self, device: &Device) {
        self.uncollected.retain(|other| other != device);
    }

    /// What describes what a device has to be collected, if it was asked.
    pub(super) fn described(&self, device: &Device) -> Option<&CollectedStreams> {
        self.described.iter().find(|(known, _)| known == device).map(|(_, streams)| streams)
    }

    pub(super) fn learn(&mut self, device: &Device, streams: CollectedStreams) {
        if self.described(device).is_none() {
            self.described.push((device.clone(), streams));
        }
    }

    pub(super) fn declare(&mut self, devices: &[Device], stream: Text) {
        match self.declared.iter_mut().find(|(known, _)| same_set(known, devices)) {
            Some((_, streams)) => streams.push(stream),
            None => self.declared.push((devices.to_vec(), vec![stream])),
        }
    }

    /// The stream into which devices are collected: the one of that name, which must be declared, or the only one that
    /// is. Nothing where they bring streams of their own.
    pub(super) fn stream_of(&self, devices: &[Device], name: Option<&Value>) -> Result<Option<Text>, PlanError> {
        let declared = self.declared.iter().find(|(known, _)| same_set(known, devices));
        let declared = declared.map_or(&[][..], |(_, streams)| streams);
        if let Some(name) = name.filter(|name| name.is_truthy()) {
            let stream = declared.iter().find(|stream| name.as_str() == Some(stream));
            let message = "If a message stream name is provided declare stream needs to be called first.";
            return stream.cloned().map(Some).ok_or_else(|| PlanError::raised("AssertionError", message));
        }
        let Some((first, others)) = declared.split_first() else { return Ok(None) };
        if others.iter().any(|other| other != first) {
            let message =
                format!("Several streams are declared for the same devices, name one: {}", declared.join(", "));
            return Err(PlanError::raised("AssertionError", message));
        }
        Ok(Some(first.clone()))
    }
}

/// Whether both hold the same devices, in any order.
fn same_set(one: &[Device], other: &[Device]) -> bool {
    one.iter().all(|device| other.contains(device)) && other.iter().all(|device| one.contains(device))
}
