//! [`Assembly`]: a device of ophyd-async that is made of parts.

use std::fmt;

use super::async_signal::Naming;
use super::axis::Axis;
pub(super) use super::parts::Parts;
use super::pattern::Pattern;
use super::soft_signal::repr_of;
use crate::clock::Timestamp;
use crate::device::{
    Args, Checkable, Configurable, Cx, DataKeys, Device, DeviceError, Flyable, HasHints, Hints, Locatable, Movable,
    OphydObject, Positioner, Preparable, Readable, Readings, Stageable, Staged, Stoppable, Subscribable, SyncOrAsync,
    Triggerable, WeakDevice,
};
use crate::value::Text;

/// A device that is made of parts, which it reads and stages; it may move as an axis does, and be triggered.
pub(super) struct Assembly {
    name: Text,
    class_name: Text,
    parts: Parts,
    parent: Option<WeakDevice>,
    labels: Vec<Text>,
    /// Whether it is read; a vector is not.
    is_readable: bool,
    axis: Option<Axis>,
    trigger: Option<Box<dyn Triggerable>>,
    on_stage: Option<Box<dyn Fn(bool) + Send + Sync>>,
    /// What its readings come from, for others that share it.
    pattern: Option<Pattern>,
}

impl Assembly {
    pub(super) fn new(class_name: impl Into<Text>, naming: &Naming, parts: Parts) -> Self {
        Self {
            name: naming.name.clone(),
            class_name: class_name.into(),
            parts,
            parent: naming.parent.clone(),
            labels: Vec::new(),
            is_readable: true,
            axis: None,
            trigger: None,
            on_stage: None,
            pattern: None,
        }
    }

    pub(super) fn labelled(mut self, labels: Vec<Text>) -> Self {
        self.labels = labels;
        self
    }

    pub(super) const fn not_readable(mut self) -> Self {
        self.is_readable = false;
        self
    }

    /// The same with an axis that moves it.
    pub(super) fn moving(mut self, axis: Axis) -> Self {
        self.axis = Some(axis);
        self
    }

    /// The same with what a trigger does.
    pub(super) fn triggered(mut self, trigger: impl Triggerable + 'static) -> Self {
        self.trigger = Some(Box::new(trigger));
        self
    }

    /// Something is done when it is staged, and when it is unstaged.
    pub(super) fn on_stage(mut self, on_stage: impl Fn(bool) + Send + Sync + 'static) -> Self {
        self.on_stage = Some(Box::new(on_stage));
        self
    }

    pub(super) fn of_pattern(mut self, pattern: Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// What its readings come from, if they come from a pattern.
    pub(super) const fn pattern(&self) -> Option<&Pattern> {
        self.pattern.as_ref()
    }

    fn stage_parts(&self, cx: Cx<'_>, stages: bool) -> Staged {
        if let Some(on_stage) = &self.on_stage {
            on_stage(stages);
        }
        self.parts.stage(cx, stages)
    }
}

impl fmt::Debug for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembly").field("name", &self.name).field("parts", &self.parts).finish_non_exhaustive()
    }
}

impl Readable for Assembly {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        SyncOrAsync::later(self.parts.readings(cx))
    }

    fn describe<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        SyncOrAsync::later(self.parts.data_keys(cx))
    }
}

/// None of ophyd-async's devices has `configure`.
impl Configurable for Assembly {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        SyncOrAsync::later(self.parts.configuration(cx))
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        SyncOrAsync::later(self.parts.configuration_data_keys(cx))
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(&self.class_name, "configure")).into()
    }
}

impl Stageable for Assembly {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(self.stage_parts(cx, true))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        Ok(self.stage_parts(cx, false))
    }
}

impl HasHints for Assembly {
    fn hints(&self) -> Hints {
        self.parts.hints()
    }
}

impl OphydObject for Assembly {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        self.class_name.clone()
    }

    fn repr(&self) -> Text {
        repr_of(&self.class_name, &self.name)
    }

    fn added_at(&self, now: Timestamp) {
        self.parts.added_at(now);
    }

    fn labels(&self) -> &[Text] {
        &self.labels
    }

    fn parent(&self) -> Option<Device> {
        self.parent.as_ref()?.upgrade()
    }

    fn component(&self, attribute: &str) -> Option<Device> {
        self.parts.get(attribute)
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        self.is_readable.then_some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        self.is_readable.then_some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        self.is_readable.then_some(self)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.is_readable.then_some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.trigger.as_deref()
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_positioner(&self) -> Option<&dyn Positioner> {
        self.axis.as_ref().map(|axis| axis as _)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        self.axis.as_ref().filter(|axis| axis.flies()).map(|axis| axis as _)
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        self.axis.as_ref().filter(|axis| axis.flies()).map(|axis| axis as _)
    }
}
