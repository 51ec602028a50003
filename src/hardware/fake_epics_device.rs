//! [`FakeEpicsDevice`]: the device of a [`FakeEpicsSignal`].

use super::fake_epics_signal::FakeEpicsSignal;
use super::signal_state::SubscribeOptions;
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Configurable, Cx, DataKeys, DeviceError, HasHints, Movable, OphydObject, Readable,
    Readings, Status, StatusKind, Subscribable, SubscriptionId, SyncOrAsync, Triggerable,
};
use crate::value::{Map, Text, Value};

/// The device of a [`FakeEpicsSignal`].
#[derive(Debug)]
pub(super) struct FakeEpicsDevice(pub(super) FakeEpicsSignal);

impl FakeEpicsDevice {
    fn readings(&self) -> Readings {
        Readings(vec![(self.name().clone(), self.0.fake().reading())])
    }
}

impl Readable for FakeEpicsDevice {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(self.readings()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let fake = self.0.fake();
        let described = fake.signal.data_keys().map(|mut keys| {
            if let (Some(choices), Some((_, key))) = (fake.enum_strs(), keys.0.first_mut()) {
                key.more.insert(Text::literal("enum_strs"), choices.as_slice());
            }
            keys
        });
        described.into()
    }
}

/// Like any signal it is its own configuration.
impl Configurable for FakeEpicsDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.read(cx)
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.describe(cx)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(self.0.fake().signal.class_name, "configure")).into()
    }
}

impl Movable for FakeEpicsDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let fake = self.0.fake();
        fake.signal.write_allowed()?;
        let value = args.single()?.clone();
        let status = Status::new(cx, StatusKind::Object);
        if let Err(error) = fake.put(&value, cx.now()) {
            // What goes wrong with the value goes wrong in ophyd's thread, and so ends the status.
            let _ = status.set_exception(error);
            return Ok(status);
        }
        if self.reads_as(&value) {
            let _ = status.set_finished();
            return Ok(status);
        }
        // A putter has not put it yet.
        let (signal, set) = (self.0.clone(), status.clone());
        let id = fake.signal.subscribers.add_with(
            Box::new(move |_| {
                if Self(signal.clone()).reads_as(&value) {
                    // Later changes find it finished already.
                    let _ = set.set_finished();
                }
            }),
            false,
            Readings::default,
        );
        let signal = self.0.clone();
        status.add_callback(move |_| signal.fake().signal.subscribers.remove(id));
        Ok(status)
    }
}

impl FakeEpicsDevice {
    /// Whether it reads as that value, or as the choice or the text that stands for it.
    fn reads_as(&self, value: &Value) -> bool {
        let read = self.0.get();
        if read == *value || read.as_f64().is_some_and(|number| value.as_f64() == Some(number)) {
            return true;
        }
        let choices = self.0.fake().enum_strs().unwrap_or_default();
        let text = |value: &Value| match value.as_i64().and_then(|at| choices.get(usize::try_from(at).ok()?)) {
            Some(choice) => choice.clone(),
            None => super::signal::python_str(value),
        };
        text(&read) == text(value)
    }
}

impl Checkable for FakeEpicsDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        self.0.fake().check(value)
    }
}

impl Triggerable for FakeEpicsDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let fake = self.0.fake();
        let status = Status::new(cx, StatusKind::Device);
        if fake.exposure_time.is_zero() {
            fake.put(&fake.taken(), cx.now())?;
            let _ = status.set_finished();
            return Ok(status);
        }
        let (signal, clock, exposed) = (self.0.clone(), cx.clock().clone(), status.clone());
        let expose = move || {
            let taken = signal.fake().taken();
            // Nobody else ends the status of an exposure.
            match signal.fake().put(&taken, clock.now()) {
                Ok(()) => drop(exposed.set_finished()),
                Err(error) => drop(exposed.set_exception(error)),
            }
        };
        let _ = cx.clock().call_after(fake.exposure_time, expose);
        Ok(status)
    }
}

impl Subscribable for FakeEpicsDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.0.fake().signal.subscribers.add(callback, || self.readings())
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "value", &["meta"])?;
        let subscribers = &self.0.fake().signal.subscribers;
        if !options.of_readings {
            return Ok(subscribers.add_idle());
        }
        Ok(subscribers.add_with(callback, options.run, || self.readings()))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.0.fake().signal.subscribers.remove(id);
    }
}

impl OphydObject for FakeEpicsDevice {
    fn name(&self) -> &Text {
        self.0.fake().signal.name()
    }

    fn class_name(&self) -> Text {
        self.0.fake().signal.class_name()
    }

    fn repr(&self) -> Text {
        self.0.fake().signal.repr()
    }

    fn added_at(&self, now: Timestamp) {
        self.0.fake().signal.added_at(now);
    }

    fn labels(&self) -> &[Text] {
        OphydObject::labels(&self.0.fake().signal)
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.0.fake().signal.as_has_hints()
    }
}
