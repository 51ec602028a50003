//! [`PseudoCore`]: where pseudo axes are, and how they are moved.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::positioner::Limits;
use super::signal_state::Subscribers;
use super::soft_positioner::SoftDevice;
use crate::clock::Timestamp;
use crate::device::{
    Args, CallEnvironment, Checkable as _, Cx, Device, DeviceError, Interceptable, Positioner as _, Reading, Readings,
    Status, StatusKind, WeakDevice,
};
use crate::value::{Map, Text, Value, repr};
use skyspan_trace::internal::lock;

/// From positions of pseudo axes to those of real axes, or back.
pub(super) type Kinematics = Arc<dyn Fn(&[Value]) -> Result<Vec<Value>, DeviceError> + Send + Sync>;

/// A pseudo axis, as the whole knows it.
#[derive(Debug)]
pub(super) struct PseudoAxis {
    pub(super) attribute: &'static str,
    pub(super) name: Text,
    pub(super) limits: Limits,
    pub(super) subscribers: Subscribers,
}

/// What the pseudo axes of one positioner share.
pub(super) struct PseudoCore {
    pub(super) axes: Vec<PseudoAxis>,
    pub(super) reals: Vec<Arc<Interceptable<SoftDevice>>>,
    pub(super) forward: Kinematics,
    pub(super) inverse: Kinematics,
    pub(super) concurrent: bool,
    pub(super) auto_target: bool,
    pub(super) settle_time: Duration,
    pub(super) timeout: Option<Duration>,
    pub(super) subscribers: Subscribers,
    /// The positioner whose axes these are.
    pub(super) whole: WeakDevice,
    /// Where each axis was told to go; nothing where it never was.
    pub(super) targets: Mutex<Vec<Option<Value>>>,
    /// The status of the move that was begun last.
    pub(super) current: Mutex<Option<Status>>,
}

impl fmt::Debug for PseudoCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PseudoCore").field("axes", &self.axes).field("reals", &self.reals).finish_non_exhaustive()
    }
}

impl PseudoCore {
    /// Where the pseudo axes are.
    pub(super) fn position(&self) -> Result<Vec<Value>, DeviceError> {
        let reals: Vec<Value> = self.reals.iter().map(|real| real.position()).collect();
        (self.inverse)(&reals)
    }

    /// Where they were told to go; where they are, as far as they were told nothing.
    pub(super) fn target(&self) -> Result<Vec<Value>, DeviceError> {
        let position = self.position()?;
        let targets = lock(&self.targets).clone();
        Ok(targets.into_iter().zip(position).map(|(target, position)| target.unwrap_or(position)).collect())
    }

    pub(super) fn readings(&self, timestamp: Timestamp) -> Readings {
        // What cannot be computed is told as null; it fails where it is read.
        let position = self.position().unwrap_or_default().into_iter().map(Some).chain(std::iter::repeat(None));
        let readings = self.axes.iter().zip(position);
        readings
            .map(|(axis, value)| (axis.name.clone(), Reading { value: value.unwrap_or_default(), timestamp }))
            .collect()
    }

    /// A real axis has moved: all pseudo axes tell of that, whether they have moved or not, and then the whole does.
    pub(super) fn moved(&self, timestamp: Timestamp) {
        let Ok(position) = self.position() else { return };
        let readings = self.readings(timestamp);
        for (axis, reading) in self.axes.iter().zip(&readings.0) {
            axis.subscribers.notify(|| Readings(vec![reading.clone()]));
        }
        self.subscribers.notify(|| readings);
        let current = lock(&self.current).clone();
        if let Some(current) = current {
            current.report_position(&position.into());
        }
    }

    /// Whether the whole could be moved there: each pseudo axis is within its limits, and each real one.
    pub(super) fn check(&self, position: &[Value]) -> Result<(), DeviceError> {
        for (axis, value) in self.axes.iter().zip(position) {
            if !axis.limits.contain(value)? {
                let (low, high) = (repr(&axis.limits.low), repr(&axis.limits.high));
                return Err(DeviceError::value(format!(
                    "Position is outside of pseudo single limits: {}, {low} < {} < {high}",
                    axis.name,
                    repr(value)
                )));
            }
        }
        let reals = (self.forward)(position)?;
        self.reals.iter().zip(&reals).try_for_each(|(real, value)| real.check_value(value))
    }

    /// The same for a value that stands for positions of all pseudo axes.
    pub(super) fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        match value.as_array() {
            Some(position) if position.len() == self.axes.len() => self.check(position),
            _ => Err(DeviceError::value(format!(
                "Not all required values for a PseudoPosition: {}, found {}",
                self.fields(),
                repr(value)
            ))),
        }
    }

    fn fields(&self) -> String {
        self.axes.iter().map(|axis| axis.attribute).collect::<Vec<_>>().join(", ")
    }

    /// The positions that arguments stand for: one after another, as a list, by the names of the axes, or as a map. Axes of
    /// which nothing is said go where they were told to go.
    pub(super) fn positions_of(&self, positional: &[Value], mut keyword: Map) -> Result<Vec<Value>, DeviceError> {
        let unpacked: Vec<Value> = match positional {
            [Value::Array(_) | Value::Str(_) | Value::Map(_), _, ..] => {
                return Err(DeviceError::value("too many values to unpack (expected 1)"));
            }
            [Value::Array(elements)] => elements.to_vec(),
            [Value::Str(text)] => text.chars().map(|letter| letter.to_string().into()).collect(),
            [Value::Map(entries)] => {
                if entries.keys().any(|key| keyword.contains_key(key)) {
                    return Err(DeviceError::value("overlap between dict arg and kwargs"));
                }
                keyword.extend((**entries).clone());
                Vec::new()
            }
            others => others.to_vec(),
        };
        if unpacked.len() > self.axes.len() {
            return Err(DeviceError::value("too many args"));
        }
        let is_field = |key: &Text| self.axes.iter().any(|axis| *axis.attribute == **key);
        let positions = if unpacked.is_empty() {
            if keyword.is_empty() {
                return Err(DeviceError::value(format!("no position for any of {}", self.fields())));
            }
            let named = self.axes.iter().map(|axis| keyword.get(axis.attribute).cloned());
            let named: Vec<Option<Value>> = named.collect();
            let target = if named.contains(&None) { self.target()? } else { Vec::new() };
            let nth = |nth: usize| target.get(nth).cloned().unwrap_or_default();
            named.into_iter().enumerate().map(|(at, value)| value.unwrap_or_else(|| nth(at))).collect()
        } else {
            if keyword.keys().any(is_field) {
                return Err(DeviceError::value("can not mix args and kwargs for positions"));
            }
            let given = unpacked.len();
            let rest = if given < self.axes.len() { self.target()?.split_off(given) } else { Vec::new() };
            unpacked.into_iter().chain(rest).collect()
        };
        match keyword.keys().find(|key| !is_field(key)) {
            None => Ok(positions),
            // What is left goes to `set` itself, which knows no such argument.
            Some(other) => Err(DeviceError::type_error(format!("got an unexpected keyword argument '{other}'"))),
        }
    }

    /// Moves one axis, and the others to where they were told to go. Its target stays what it is now even if it is refused.
    pub(super) fn move_axis(
        self: &Arc<Self>,
        cx: Cx<'_>,
        axis: usize,
        position: &Value,
        timeout: Option<Duration>,
    ) -> Result<Status, DeviceError> {
        if let Some(target) = lock(&self.targets).get_mut(axis) {
            *target = Some(position.clone());
        }
        let target = self.target()?;
        let gone = || DeviceError::other(Text::literal("DestroyedError"), "the positioner of this axis is gone");
        let whole = self.whole.upgrade().ok_or_else(gone)?;
        let of_whole = cx.of(&whole);
        self.move_all(cx.ending().map_or(of_whole, |ending| of_whole.ending_so(ending)), target, timeout)
    }

    /// Moves all axes to these positions at once.
    pub(super) fn move_all(
        self: &Arc<Self>,
        cx: Cx<'_>,
        position: Vec<Value>,
        timeout: Option<Duration>,
    ) -> Result<Status, DeviceError> {
        if self.auto_target {
            *lock(&self.targets) = position.iter().cloned().map(Some).collect();
        }
        self.check(&position)?;
        let reals = (self.forward)(&position)?;
        let mut status = Status::builder(cx, StatusKind::to(Value::from(position))).spelled_out();
        let timeout = timeout.or(self.timeout);
        if let Some(timeout) = timeout {
            status = status.timeout(timeout);
        }
        let status = status.settle_time(self.settle_time).build();
        if cx.ending().is_some_and(crate::device::Ending::is_stalled) {
            return Ok(status);
        }
        *lock(&self.current) = Some(status.clone());
        if self.concurrent {
            self.move_at_once(cx, reals, &status, timeout)?;
        } else {
            let queue = self.reals.iter().cloned().zip(reals).collect();
            let (whole, shared, parent) = (status.clone(), Arc::clone(cx.shared()), cx.parent().clone());
            Sequence { queue, whole, shared, parent, began: cx.now(), timeout }.move_next()?;
        }
        lock(&self.current).take();
        Ok(status)
    }

    /// The move is done when all real axes are, however they ended.
    fn move_at_once(
        &self,
        cx: Cx<'_>,
        reals: Vec<Value>,
        status: &Status,
        timeout: Option<Duration>,
    ) -> Result<(), DeviceError> {
        let waiting = Arc::new(AtomicUsize::new(self.reals.len()));
        for (real, position) in self.reals.iter().zip(reals) {
            let (status, waiting) = (status.clone(), Arc::clone(&waiting));
            let moved = move |_: &Status| {
                if waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
                    // Its own timeout may have ended it.
                    let _ = status.set_finished();
                }
            };
            real.move_to(cx.of(&device_of(real)), &position, timeout, Some(Box::new(moved)))?;
        }
        Ok(())
    }
}

fn device_of(real: &Arc<Interceptable<SoftDevice>>) -> Device {
    Device::of(Arc::clone(real) as Arc<Interceptable<dyn crate::device::OphydObject>>)
}

/// Real axes that are moved one after another.
struct Sequence {
    queue: VecDeque<(Arc<Interceptable<SoftDevice>>, Value)>,
    whole: Status,
    shared: Arc<CallEnvironment>,
    /// The context whose span is the parent of all moves.
    parent: opentelemetry::Context,
    began: Timestamp,
    timeout: Option<Duration>,
}

impl Sequence {
    /// Moves the next one, and when that is there those behind it.
    fn move_next(mut self) -> Result<(), DeviceError> {
        let Some((real, position)) = self.queue.pop_front() else {
            // Its own timeout may have ended it.
            let _ = self.whole.set_finished();
            return Ok(());
        };
        let device = device_of(&real);
        let (shared, parent) = (Arc::clone(&self.shared), self.parent.clone());
        let cx = Cx::new(&shared, &device, &parent);
        let left = self.timeout.map(|timeout| timeout.saturating_sub(cx.now() - self.began));
        let moved = move |status: &Status| {
            let whole = self.whole.clone();
            let failed = |error: DeviceError| drop(whole.set_exception(error));
            if !status.is_success() {
                let message = format!("{} has not arrived", status.device().name());
                return failed(DeviceError::UnknownStatusFailure(message.into()));
            }
            if let Err(error) = self.move_next() {
                failed(error);
            }
        };
        real.move_to(cx, &position, left, Some(Box::new(moved))).map(drop)
    }
}

/// The arguments of `set` of one pseudo axis.
pub(super) fn position_of_axis(positional: &[Value], keyword: Map) -> Result<Value, DeviceError> {
    Args { positional: positional.to_vec(), keyword }.single_named("new_position").cloned()
}
