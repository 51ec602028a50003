//! What a device that is made of components implements because of that, for one with a field `components`; and what all devices take
//! when they are made.

/// Implements for a device with a field `components` all that `ophyd.Device` implements for it; `but stop`, all but how
/// it is stopped.
macro_rules! device_of_components {
    ($device:ty) => {
        $crate::hardware::components::device_of_components!($device, but stop);

        /// `ophyd.Device.stop` stops the devices that it is made of; signals need no stop.
        impl $crate::device::Stoppable for $device {
            fn stop<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
                _: bool,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                Ok(()).into()
            }
        }
    };
    ($device:ty, but stop) => {
        impl $crate::device::Readable for $device {
            fn read<'a>(
                &'a self,
                cx: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::Readings, $crate::device::DeviceError>> {
                self.components.readings(cx.now()).into()
            }

            fn describe<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::DataKeys, $crate::device::DeviceError>> {
                self.components.data_keys().into()
            }
        }

        impl $crate::device::Configurable for $device {
            fn read_configuration<'a>(
                &'a self,
                cx: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::Readings, $crate::device::DeviceError>> {
                self.components.configuration(cx.now()).into()
            }

            fn describe_configuration<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<$crate::device::DataKeys, $crate::device::DeviceError>> {
                self.components.configuration_data_keys().into()
            }

            fn configure<'a>(
                &'a self,
                cx: $crate::device::Cx<'a>,
                args: &'a $crate::device::Args,
            ) -> $crate::device::SyncOrAsync<
                'a,
                Result<($crate::device::Readings, $crate::device::Readings), $crate::device::DeviceError>,
            > {
                $crate::device::SyncOrAsync::later(self.components.configure(cx, args))
            }
        }

        impl $crate::device::Stageable for $device {
            fn stage(&self, cx: $crate::device::Cx<'_>) -> Result<$crate::device::Staged, $crate::device::DeviceError> {
                self.components.stage(cx)
            }

            fn unstage(
                &self,
                cx: $crate::device::Cx<'_>,
            ) -> Result<$crate::device::Staged, $crate::device::DeviceError> {
                Ok(self.components.unstage(cx))
            }
        }

        impl $crate::device::Pausable for $device {
            fn pause<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                self.components.pause().into()
            }

            fn resume<'a>(
                &'a self,
                _: $crate::device::Cx<'a>,
            ) -> $crate::device::SyncOrAsync<'a, Result<(), $crate::device::DeviceError>> {
                Ok(()).into()
            }
        }

        impl $crate::device::HasHints for $device {
            fn hints(&self) -> $crate::device::Hints {
                self.components.hints()
            }
        }
    };
}
pub(super) use device_of_components;

/// Implements for such a device what `ophyd.Device` implements where nothing else is said of it: any value could be set.
macro_rules! checks_nothing {
    ($device:ty) => {
        impl $crate::device::Checkable for $device {
            fn check_value(&self, _: &$crate::value::Value) -> Result<(), $crate::device::DeviceError> {
                Ok(())
            }
        }
    };
}
pub(super) use checks_nothing;

/// What such a device says of itself, and that it implements what [`device_of_components`] implements for it.
macro_rules! protocols_of_components {
    () => {
        fn name(&self) -> &$crate::value::Text {
            self.components.name()
        }

        fn class_name(&self) -> $crate::value::Text {
            self.components.class_name()
        }

        fn repr(&self) -> $crate::value::Text {
            self.components.repr()
        }

        fn added_at(&self, now: $crate::clock::Timestamp) {
            self.components.added_at(now);
        }

        fn read_attrs(&self) -> Option<Vec<$crate::value::Text>> {
            Some(self.components.read_attrs())
        }

        fn parent(&self) -> Option<$crate::device::Device> {
            self.components.parent()
        }

        fn coupled_axes(&self) -> Option<$crate::device::CoupledAxes> {
            self.components.coupled_axes()
        }

        fn labels(&self) -> &[$crate::value::Text] {
            self.components.labels()
        }

        fn component(&self, attribute: &str) -> Option<$crate::device::Device> {
            self.components.get(attribute)
        }

        fn as_readable(&self) -> Option<&dyn $crate::device::Readable> {
            Some(self)
        }

        fn as_configurable(&self) -> Option<&dyn $crate::device::Configurable> {
            Some(self)
        }

        fn as_stageable(&self) -> Option<&dyn $crate::device::Stageable> {
            Some(self)
        }

        fn as_stoppable(&self) -> Option<&dyn $crate::device::Stoppable> {
            Some(self)
        }

        fn as_pausable(&self) -> Option<&dyn $crate::device::Pausable> {
            Some(self)
        }

        fn as_has_hints(&self) -> Option<&dyn $crate::device::HasHints> {
            if self.components.has_hints() { Some(self) } else { None }
        }
    };
}
pub(super) use protocols_of_components;

/// What takes the device that another is a component of, of a type with a field `parent`.
macro_rules! takes_parent {
    () => {
        /// The device that it is a component of. It is staged and unstaged in its place.
        #[must_use]
        pub fn parent(mut self, parent: &$crate::device::Device) -> Self {
            self.parent = Some(parent.downgrade());
            self
        }
    };
}
pub(super) use takes_parent;

/// What takes the labels of a device, of a type with a field `labels`.
macro_rules! takes_labels {
    () => {
        /// Labels by which people find it.
        #[must_use]
        pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<$crate::value::Text>>) -> Self {
            self.labels = labels.into_iter().map(Into::into).collect();
            self
        }
    };
}
pub(super) use takes_labels;
