//! [`SingleDevice`]: one axis of a pseudo positioner.

use std::sync::{Arc, Weak};

use super::attribute_signal::{AttributeSignal, Shown};
use super::components::{Components, Kind, Part, device_of_components, protocols_of_components};
use super::positioner::{MoveOptions, info, positioner_events};
use super::pseudo_core::{PseudoCore, position_of_axis};
use super::signal_state::SubscribeOptions;
use crate::clock::Timestamp;
use crate::device::{
    Args, Callback, Checkable, Cx, DataKeys, DeviceError, Interceptable, Movable, OphydObject, Positioner, Readings,
    Status, StatusKind, Subscribable, SubscriptionId, Triggerable, WeakDevice,
};
use crate::value::{Map, Text, Value};

/// One axis of a pseudo positioner: `ophyd.PseudoSingle`. To set it is to move the whole, whose status it gives.
#[derive(Debug)]
pub(super) struct SingleDevice {
    components: Components,
    core: Weak<PseudoCore>,
    axis: usize,
    egu: Text,
}

impl SingleDevice {
    /// The nth axis of a positioner that is being made.
    pub(super) fn make(core: &Arc<PseudoCore>, axis: usize, egu: Text, whole: &WeakDevice) -> Arc<Interceptable<Self>> {
        let (name, limits) = (core.axes[axis].name.clone(), &core.axes[axis].limits);
        let shown = |shown| AttributeSignal::new(&name, shown, Arc::downgrade(core), axis);
        let key_info = Map::from_iter([
            (Text::literal("upper_ctrl_limit"), limits.high.clone()),
            (Text::literal("lower_ctrl_limit"), limits.low.clone()),
            (Text::literal("units"), (&egu).into()),
        ]);
        let components = Components::new("PseudoSingle", name.clone())
            .of_parent(Some(whole.clone()))
            .describing(key_info)
            .repr_info(info(std::time::Duration::ZERO, None, &egu, limits, "computed"), format!(", idx={axis}"))
            .with("readback", Arc::new(Interceptable::new(shown(Shown::Position))))
            .with("setpoint", Arc::new(Interceptable::new(shown(Shown::Target))));
        let core = Arc::downgrade(core);
        Interceptable::new_cyclic(|own| {
            components.adopt(own);
            Self { components, core, axis, egu }
        })
    }

    fn core(&self) -> Result<Arc<PseudoCore>, DeviceError> {
        let gone = || DeviceError::other(Text::literal("DestroyedError"), "the positioner of this axis is gone");
        self.core.upgrade().ok_or_else(gone)
    }

    /// Where it is; null where that cannot be computed.
    fn at(&self) -> Value {
        let position = self.core().and_then(|core| core.position());
        position.ok().and_then(|position| position.get(self.axis).cloned()).unwrap_or_default()
    }
}

device_of_components!(SingleDevice);

impl Part for SingleDevice {
    fn kind(&self) -> Kind {
        Kind::Hinted
    }

    fn add_readings(&self, now: Timestamp, to: &mut Readings) -> Result<(), DeviceError> {
        to.0.extend(self.components.readings(now)?.0);
        Ok(())
    }

    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError> {
        to.0.extend(self.components.data_keys()?.0);
        Ok(())
    }

    /// It knows from the beginning.
    fn belongs_to(&self, _: WeakDevice) {}

    fn components(&self) -> Option<&Components> {
        Some(&self.components)
    }
}

impl OphydObject for SingleDevice {
    protocols_of_components!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        Some(self)
    }
}

impl Movable for SingleDevice {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let (options, keyword) = MoveOptions::taken_from(&args.keyword)?;
        let position = position_of_axis(&args.positional, keyword)?;
        self.core()?.move_axis(cx, self.axis, &position, options.timeout)
    }
}

impl Checkable for SingleDevice {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        let core = self.core()?;
        let mut target = core.target()?;
        if let Some(own) = target.get_mut(self.axis) {
            own.clone_from(value);
        }
        core.check(&target)
    }
}

impl Positioner for SingleDevice {
    fn position(&self) -> Value {
        self.at()
    }

    fn egu(&self) -> Option<Text> {
        Some(self.egu.clone())
    }

    fn limits(&self) -> Option<(Value, Value)> {
        self.core.upgrade()?.axes.get(self.axis)?.limits.both()
    }
}

/// Nothing is there to be triggered, and so it is done (`ophyd.Device.trigger`).
impl Triggerable for SingleDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

/// Tells of its position, whenever one of the real axes has moved.
impl Subscribable for SingleDevice {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        self.subscribe_with(callback, &Map::new()).unwrap_or(SubscriptionId(0))
    }

    fn subscribe_with(&self, callback: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let options = SubscribeOptions::of(options, "readback", positioner_events())?;
        let core = self.core()?;
        let subscribers = &core.axes[self.axis].subscribers;
        if !options.of_readings {
            return Ok(subscribers.add_idle());
        }
        let now = || Readings(vec![core.readings(Timestamp::EPOCH).0.swap_remove(self.axis)]);
        Ok(subscribers.add_with(callback, options.run, now))
    }

    fn clear_sub(&self, id: SubscriptionId) {
        if let Some(core) = self.core.upgrade() {
            core.axes[self.axis].subscribers.remove(id);
        }
    }
}
