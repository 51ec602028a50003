//! [`Parts`]: what a device of ophyd-async is made of.

use std::sync::Arc;

use opentelemetry::Context;

use super::async_readable::{AsyncChild, ReadableFormat};
use super::async_signal::Naming;
use crate::clock::Timestamp;
use crate::device::{Cx, DataKeys, Device, DeviceError, Hints, Readings, Staged, Status, WeakDevice};
use crate::value::Text;

/// What a device is made of.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The child devices by the name of their attribute.
    named: Vec<(Text, Device)>,
    /// Those that take part in what is read, those of a vector one by one.
    formatted: Vec<(ReadableFormat, Device)>,
}

impl Parts {
    /// Makes children, each by its attribute.
    pub(super) fn build(
        children: impl IntoIterator<Item = (Text, ReadableFormat, AsyncChild)>,
        naming: &Naming,
        own: &WeakDevice,
    ) -> Self {
        let mut parts = Self::default();
        for (attribute, format, child) in children {
            let keys: Vec<Text> = match &child {
                AsyncChild::Vector(children) => children.iter().map(|(key, _)| key.clone()).collect(),
                _ => Vec::new(),
            };
            let device = child.build(&naming.child(&attribute, own));
            parts = parts.with_elements(attribute, format, &device, &keys);
        }
        parts
    }

    /// Another part, already made.
    pub(super) fn with(self, attribute: impl Into<Text>, format: ReadableFormat, device: Device) -> Self {
        self.with_elements(attribute.into(), format, &device, &[])
    }

    /// Another part; where it is a vector, its elements are read by their keys.
    fn with_elements(mut self, attribute: Text, format: ReadableFormat, device: &Device, keys: &[Text]) -> Self {
        self.named.push((attribute, device.clone()));
        if keys.is_empty() {
            self.formatted.push((format, device.clone()));
        }
        self.formatted.extend(keys.iter().filter_map(|key| Some((format, device.component(key)?))));
        self
    }

    pub(super) fn get(&self, attribute: &str) -> Option<Device> {
        self.named.iter().find(|(name, _)| **name == *attribute).map(|(_, device)| device.clone())
    }

    pub(super) fn added_at(&self, now: Timestamp) {
        self.named.iter().for_each(|(_, device)| device.object().added_at(now));
    }

    fn of_format(&self, is: impl Fn(ReadableFormat) -> bool) -> impl Iterator<Item = &Device> {
        self.formatted.iter().filter(move |(format, _)| is(*format)).map(|(_, device)| device)
    }

    /// The readings of the children that are read.
    pub(super) async fn readings(&self, cx: Cx<'_>) -> Result<Readings, DeviceError> {
        let mut all = Readings::default();
        for device in self.of_format(is_read) {
            if let Some(readable) = device.as_readable() {
                all.0.extend(readable.read(cx.of(device)).await?.0);
            }
        }
        Ok(all)
    }

    pub(super) async fn data_keys(&self, cx: Cx<'_>) -> Result<DataKeys, DeviceError> {
        let mut all = DataKeys::default();
        for device in self.of_format(is_read) {
            if let Some(readable) = device.as_readable() {
                all.0.extend(readable.describe(cx.of(device)).await?.0);
            }
        }
        Ok(all)
    }

    /// What is read of the configuration.
    pub(super) async fn configuration(&self, cx: Cx<'_>) -> Result<Readings, DeviceError> {
        let mut all = Readings::default();
        for (format, device) in &self.formatted {
            let of_part = match format {
                ReadableFormat::ConfigSignal => device.as_readable().map(|readable| readable.read(cx.of(device))),
                ReadableFormat::Child => {
                    device.as_configurable().map(|configurable| configurable.read_configuration(cx.of(device)))
                }
                _ => None,
            };
            if let Some(of_part) = of_part {
                all.0.extend(of_part.await?.0);
            }
        }
        Ok(all)
    }

    pub(super) async fn configuration_data_keys(&self, cx: Cx<'_>) -> Result<DataKeys, DeviceError> {
        let mut all = DataKeys::default();
        for (format, device) in &self.formatted {
            let of_part = match format {
                ReadableFormat::ConfigSignal => device.as_readable().map(|readable| readable.describe(cx.of(device))),
                ReadableFormat::Child => {
                    device.as_configurable().map(|configurable| configurable.describe_configuration(cx.of(device)))
                }
                _ => None,
            };
            if let Some(of_part) = of_part {
                all.0.extend(of_part.await?.0);
            }
        }
        Ok(all)
    }

    pub(super) fn hints(&self) -> Hints {
        let fields = self.formatted.iter().flat_map(|(format, device)| match format {
            ReadableFormat::HintedSignal | ReadableFormat::HintedUncachedSignal => vec![device.name().clone()],
            ReadableFormat::Child => {
                device.as_has_hints().and_then(|hinting| hinting.hints().fields).unwrap_or_default()
            }
            _ => Vec::new(),
        });
        Hints::fields(fields.collect())
    }

    /// Stages the parts, or puts them back, all at once.
    pub(super) fn stage(&self, cx: Cx<'_>, stages: bool) -> Staged {
        let devices: Vec<Device> = self.of_format(|format| format == ReadableFormat::Child).cloned().collect();
        let shared = Arc::clone(cx.shared());
        Staged::Status(Status::spawn(cx, async move {
            let none = Context::new();
            let mut begun = Vec::with_capacity(devices.len());
            for device in &devices {
                let Some(stageable) = device.as_stageable() else { continue };
                let cx = Cx::new(&shared, device, &none);
                let mut staged = if stages { stageable.stage(cx)? } else { stageable.unstage(cx)? };
                while let Staged::Later(later) = staged {
                    staged = later.await?;
                }
                if let Staged::Status(status) = staged {
                    begun.push(status);
                }
            }
            for status in begun {
                status.done().await;
                status.exception().map_or(Ok(()), Err)?;
            }
            Ok(())
        }))
    }
}

const fn is_read(format: ReadableFormat) -> bool {
    !matches!(format, ReadableFormat::ConfigSignal | ReadableFormat::NotRead)
}
