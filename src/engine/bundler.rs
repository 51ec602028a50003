//! [`RunBundler`]: what one run reads, bundled into events.

use std::sync::Arc;

use crate::device::{DataKeys, Device, HasHints, Reading, Readings};
use crate::document::{Configuration, DescribedObject, Descriptor, NextEvent, RunComposer};
use crate::message::PlanError;
use crate::value::Text;

/// What one run reads, bundled into events (`bluesky.bundlers.RunBundler`, 1.15.1).
#[derive(Debug)]
pub(super) struct RunBundler {
    pub(super) composer: RunComposer,
    bundle: Option<Bundle>,
    streams: Vec<Stream>,
}

/// Readings that will be one event.
#[derive(Debug)]
struct Bundle {
    stream: Text,
    objs: Vec<Device>,
    readings: Vec<(Text, Reading)>,
}

/// What is known of the devices of a stream; each stream asks them anew.
#[derive(Debug)]
struct Stream {
    name: Text,
    known: Vec<Known>,
    /// The devices that its descriptor describes, in order.
    described: Option<Vec<Device>>,
}

/// What a device says about itself, asked once for each stream.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) device: Device,
    pub(super) data_keys: DataKeys,
    pub(super) configuration: Configuration,
}

impl RunBundler {
    pub(super) const fn new(composer: RunComposer) -> Self {
        Self { composer, bundle: None, streams: Vec::new() }
    }

    pub(super) const fn is_bundling(&self) -> bool {
        self.bundle.is_some()
    }

    pub(super) fn create(&mut self, name: &Text) -> Result<(), PlanError> {
        if self.is_bundling() {
            return Err(illegal(
                "A second 'create' message is not allowed until the current event bundle is closed with a 'save' or \
                 'drop' message.",
            ));
        }
        if !self.streams.iter().any(|stream| stream.name == *name) {
            self.streams.push(Stream { name: name.clone(), known: Vec::new(), described: None });
        }
        self.bundle = Some(Bundle { stream: name.clone(), objs: Vec::new(), readings: Vec::new() });
        Ok(())
    }

    pub(super) fn drop_bundle(&mut self) -> Result<(), PlanError> {
        self.bundle.take().map(drop).ok_or_else(|| {
            illegal("A 'create' message must be sent, to open an event bundle, before that bundle can be dropped with 'drop'.")
        })
    }

    /// Whether the device has to be asked what it is, before its reading goes into the bundle.
    pub(super) fn is_unknown(&self, device: &Device) -> bool {
        let stream = self.bundle.as_ref().and_then(|bundle| self.stream(&bundle.stream));
        stream.is_some_and(|stream| stream.known(device).is_none())
    }

    /// What a device said when it was asked.
    pub(super) fn learn(&mut self, known: Known) {
        if let Some(bundle) = &self.bundle
            && let Some(stream) = self.streams.iter_mut().find(|stream| stream.name == bundle.stream)
        {
            stream.known.push(known);
        }
    }

    /// Puts readings into the bundle.
    pub(super) fn add(&mut self, device: &Device, readings: &Readings) -> Result<(), PlanError> {
        let Some(bundle) = &mut self.bundle else { return Ok(()) };
        let stream = self.streams.iter().find(|stream| stream.name == bundle.stream);
        // What is read in the order that was described collides as little as it did then.
        let as_described = stream
            .and_then(|stream| stream.described.as_ref())
            .is_some_and(|described| described.get(bundle.objs.len()) == Some(device));
        if !as_described && let Some(stream) = stream {
            check_collisions(stream, &bundle.objs, device)?;
        }
        bundle.objs.push(device.clone());
        bundle.readings.extend(readings.0.iter().cloned());
        Ok(())
    }

    /// Ends the bundle: with a descriptor where the stream has none, and an event where anything was read.
    pub(super) fn save(&mut self) -> Result<(Option<Arc<Descriptor>>, Option<NextEvent>), PlanError> {
        let bundle = self.bundle.take().ok_or_else(|| {
            illegal("A 'create' message must be sent, to open an event bundle, before that bundle can be saved with 'save'.")
        })?;
        if bundle.objs.is_empty() {
            return Ok((None, None));
        }
        let descriptor = match self.stream(&bundle.stream).and_then(|stream| stream.described.as_ref()) {
            Some(described) => {
                check_same_objects(described, &bundle.objs)?;
                None
            }
            None => Some(self.describe(&bundle)),
        };
        let event = self.composer.event(&bundle.stream, bundle.readings);
        let event = event.map_err(|error| PlanError::raised(error.name(), error.to_string()))?;
        Ok((descriptor, Some(event)))
    }

    fn describe(&mut self, bundle: &Bundle) -> Arc<Descriptor> {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.name == bundle.stream) else {
            return self.composer.describe(bundle.stream.clone(), Vec::new());
        };
        stream.described = Some(bundle.objs.clone());
        let objects = bundle.objs.iter().filter_map(|device| stream.known(device)).map(|known| {
            let data_keys = known.data_keys.0.iter().map(|(key, described)| (key.clone(), described.to_map()));
            let hints = known.device.object().as_has_hints().map(HasHints::hints);
            DescribedObject {
                name: known.device.name().clone(),
                data_keys: data_keys.collect(),
                configuration: known.configuration.clone(),
                hints,
            }
        });
        let objects = objects.collect();
        self.composer.describe(bundle.stream.clone(), objects)
    }

    fn stream(&self, name: &Text) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == *name)
    }
}

impl Stream {
    fn known(&self, device: &Device) -> Option<&Known> {
        self.known.iter().find(|known| known.device == *device)
    }
}

fn check_collisions(stream: &Stream, objs: &[Device], device: &Device) -> Result<(), PlanError> {
    let Some(new) = stream.known(device) else { return Ok(()) };
    for other in objs.iter().filter_map(|obj| stream.known(obj)) {
        let colliding: Vec<&str> = new
            .data_keys
            .0
            .iter()
            .filter(|(key, _)| other.data_keys.0.iter().any(|(known, _)| known == key))
            .map(|(key, _)| &**key)
            .collect();
        if !colliding.is_empty() {
            return Err(PlanError::value(format!(
                "Data keys (field names) from {device:?} collide with those from {:?}. The colliding keys are {}",
                other.device,
                colliding.join(", ")
            )));
        }
    }
    Ok(())
}

fn check_same_objects(described: &[Device], read: &[Device]) -> Result<(), PlanError> {
    let same = described == read
        || described.iter().all(|device| read.contains(device)) && read.iter().all(|device| described.contains(device));
    if same {
        return Ok(());
    }
    let names = |devices: &[Device]| devices.iter().map(|device| &**device.name()).collect::<Vec<_>>().join(", ");
    let message = format!("Mismatched objects read, expected {{{}}}, got {{{}}}", names(described), names(read));
    Err(PlanError::runtime(message))
}

pub(super) fn illegal(message: &'static str) -> PlanError {
    PlanError::IllegalMessageSequence(Text::literal(message))
}

// STUBS until the bundler is done.
impl RunBundler {
    pub(super) fn rewind(&mut self) {
        self.bundle = None;
    }
    pub(super) fn reset_checkpoint_state(&mut self) {}
    pub(super) fn clear_checkpoint(&mut self) {}
    pub(super) fn record_interruption(&mut self, _content: &Text) -> Option<crate::document::Document> {
        None
    }
    pub(super) fn describe_interruptions(&mut self) -> crate::document::Document {
        crate::document::Document::Start(self.composer.start().clone())
    }
    pub(super) fn suspend_monitors(&mut self) {}
    pub(super) fn restore_monitors(&mut self) {}
    pub(super) fn clear_monitors(&mut self) {}
}
