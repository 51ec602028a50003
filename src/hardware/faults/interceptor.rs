//! [`Interceptor`]: what stands in front of a device that has faults or stage signals, or whose calls are recorded.

use std::any::Any;

use super::attached::Attached;
use super::stage_sigs::StageSigs;
use super::{Calls, Fault};
use crate::clock::{Clock, Timestamp};
use crate::device::{
    Checkable, Collectable, Configurable, CoupledAxes, Device, EventCollectable, EventPageCollectable, Flyable,
    HasHints, Locatable, Movable, OphydObject, Pausable, Positioner, Preparable, Readable, Stageable, Stoppable,
    Subscribable, Triggerable, WeakDevice, WritesExternalAssets, WritesStreamAssets, each_protocol,
};
use crate::value::Text;

impl Device {
    /// Gives the device a fault, in addition to those that it has. Its `repr` shows them; calls are counted from now on.
    ///
    /// Whoever has the device gets the fault, under whatever handle. A component's own faults are met by those who call the
    /// component, not by those who call the device that it is a part of.
    pub fn fault(&self, fault: Fault) -> &Self {
        self.attached(|attached| attached.add(fault, false));
        self
    }

    /// The same for a device whose class is named after its faults.
    pub(in crate::hardware) fn fault_of_its_class(&self, fault: Fault) {
        self.attached(|attached| attached.add(fault, true));
    }

    /// The faults of the device, in the order in which they were given.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.attached(Attached::all).unwrap_or_default()
    }

    /// Takes all faults from the device; it can be reached again.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// motor.fault(Fault::on_set(..).raises("no power"));
    /// assert_eq!(lab.run(plans::scan(&lab.device("det"), &motor, 0, 1, 2)).exit_status(), Fail);
    /// motor.mend();
    /// lab.run(plans::scan(&lab.device("det"), &motor, 0, 1, 2)).assert_success();
    /// ```
    pub fn mend(&self) -> &Self {
        self.attached(Attached::clear);
        self
    }

    /// Records all calls of the device from now on; asked for again, it gives the same record.
    #[must_use = "the record is what tells of the calls"]
    pub fn record_calls(&self) -> Calls {
        self.attached(Attached::record).unwrap_or_default()
    }

    fn attached<T>(&self, of: impl FnOnce(&Attached) -> T) -> Option<T> {
        self.in_front(|front| of(&front.attached))
    }

    /// What stands in front of the device, put there where nothing does.
    pub(super) fn in_front<T>(&self, of: impl FnOnce(&Interceptor) -> T) -> Option<T> {
        let front = self.put_in_front(|| Box::new(Interceptor::of(self)));
        (front as &dyn Any).downcast_ref::<Interceptor>().map(of)
    }
}

macro_rules! protocols_in_front {
    ($($field:ident, $as_method:ident, $protocol:ident;)*) => {
        /// Which protocols the device implements.
        #[derive(Debug)]
        struct Supports {
            $($field: bool,)*
        }

        impl Supports {
            fn of(object: &dyn OphydObject) -> Self {
                Self { $($field: object.$as_method().is_some(),)* }
            }
        }

        /// It says of itself what the device says.
        impl OphydObject for Interceptor {
            fn name(&self) -> &Text {
                &self.name
            }

            fn class_name(&self) -> Text {
                self.class_name.clone()
            }

            fn repr(&self) -> Text {
                let behind = self.own.upgrade();
                behind.map_or_else(|| self.name.clone(), |device| self.attached.shown_in(&device.behind_front().repr()))
            }

            fn added_at(&self, now: Timestamp) {
                if let Some(device) = self.own.upgrade() {
                    device.behind_front().added_at(now);
                }
            }

            fn added_to(&self, clock: &Clock) {
                if let Some(device) = self.own.upgrade() {
                    device.behind_front().added_to(clock);
                }
            }

            fn labels(&self) -> &[Text] {
                &self.labels
            }

            fn parent(&self) -> Option<Device> {
                self.own.upgrade()?.behind_front().parent()
            }

            fn component(&self, attribute: &str) -> Option<Device> {
                self.own.upgrade()?.behind_front().component(attribute)
            }

            fn read_attrs(&self) -> Option<Vec<Text>> {
                self.own.upgrade()?.behind_front().read_attrs()
            }

            fn coupled_axes(&self) -> Option<CoupledAxes> {
                self.own.upgrade()?.behind_front().coupled_axes()
            }

            fn is_rewindable(&self) -> bool {
                self.own.upgrade().is_none_or(|device| device.behind_front().is_rewindable())
            }

            $(fn $as_method(&self) -> Option<&dyn $protocol> {
                if self.supports.$field { Some(self) } else { None }
            })*
        }
    };
}

/// Gets all calls of a device, and hands them on as its faults let it.
#[derive(Debug)]
pub(super) struct Interceptor {
    pub(super) own: WeakDevice,
    pub(super) attached: Attached,
    pub(super) stage_sigs: StageSigs,
    name: Text,
    class_name: Text,
    labels: Vec<Text>,
    supports: Supports,
}

impl Interceptor {
    fn of(device: &Device) -> Self {
        let behind = device.behind_front();
        Self {
            own: device.downgrade(),
            attached: Attached::default(),
            stage_sigs: StageSigs::default(),
            name: behind.name().clone(),
            class_name: behind.class_name(),
            labels: behind.labels().to_vec(),
            supports: Supports::of(behind),
        }
    }
}

each_protocol!(protocols_in_front);
