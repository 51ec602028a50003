//! [`Attached`]: the faults that a device was given, and what they make of a call.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use super::fault::{Fault, FaultWhat};
use super::{Call, Calls, Method};
use crate::clock::Timestamp;
use crate::device::{Args, Cx, DeviceError, Ending, Location, Readings, Status};
use crate::seed::Seed;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// The faults that a device was given, how often each was asked, and the record of the calls if there is one.
#[derive(Debug, Default)]
pub(super) struct Attached(Mutex<AttachedFaults>);

#[derive(Debug, Default)]
struct AttachedFaults {
    faults: Vec<Counted>,
    /// How many faults there ever were: the name of the chance of the next one.
    given: u64,
    gone_until: Option<Timestamp>,
    calls: Option<Calls>,
}

#[derive(Debug)]
struct Counted {
    fault: Fault,
    number: u64,
    count: u64,
    /// Where its chance comes from, and the number of the seed that this was made of.
    chance: Option<(u64, Seed)>,
    /// Whether the name of the device's class says that there is one.
    is_said: bool,
}

/// What the faults make of one call that goes through.
#[derive(Debug, Default)]
pub(super) struct Met {
    ending: Option<Ending>,
    readings: Vec<(Option<Text>, Value)>,
}

impl Attached {
    pub(super) fn add(&self, fault: Fault, is_said: bool) {
        let mut state = lock(&self.0);
        state.given += 1;
        let number = state.given;
        state.faults.push(Counted { fault, number, count: 0, chance: None, is_said });
    }

    pub(super) fn clear(&self) {
        let mut state = lock(&self.0);
        state.faults.clear();
        state.gone_until = None;
    }

    pub(super) fn all(&self) -> Vec<Fault> {
        lock(&self.0).faults.iter().map(|counted| counted.fault.clone()).collect()
    }

    pub(super) fn record(&self) -> Calls {
        lock(&self.0).calls.get_or_insert_default().clone()
    }

    pub(super) fn subscribed(&self) {
        lock(&self.0).calls.iter().for_each(Calls::subscribed);
    }

    pub(super) fn unsubscribed(&self) {
        lock(&self.0).calls.iter().for_each(Calls::unsubscribed);
    }

    /// The `repr` of the device with its faults in it.
    pub(super) fn shown_in(&self, repr: &Text) -> Text {
        let state = lock(&self.0);
        let mut faults = String::new();
        for counted in state.faults.iter().filter(|counted| !counted.is_said) {
            let _ = write!(faults, "{}{}", if faults.is_empty() { "" } else { ", " }, counted.fault);
        }
        match repr.strip_suffix(')') {
            _ if faults.is_empty() => repr.clone(),
            Some(open) => format!("{open}, faults=[{faults}])").into(),
            None => format!("{repr} with faults=[{faults}]").into(),
        }
    }

    /// What becomes of a call.
    pub(super) fn meet(&self, cx: Cx<'_>, method: Method, args: &Args) -> Result<Met, DeviceError> {
        let mut state = lock(&self.0);
        if let Some(calls) = &state.calls {
            calls.add(Call { method, args: args.clone(), time: cx.now() });
        }
        let (mut met, mut raised) = (Met::default(), None);
        let (mut gone_until, mut lost_now) = (state.gone_until, false);
        for counted in state.faults.iter_mut().filter(|counted| counted.fault.on == method) {
            counted.count += 1;
            if !counted.comes(cx) {
                continue;
            }
            match &counted.fault.what {
                FaultWhat::Raises(error) => raised = raised.or_else(|| Some(error.clone())),
                FaultWhat::Disconnects(duration) => {
                    lost_now = true;
                    gone_until = gone_until.max(Some(cx.now() + *duration));
                }
                FaultWhat::Ends(ending) => met.end(ending),
                FaultWhat::LateByOneOf(delays) => {
                    if let Some(late_by) = counted.one_of(delays) {
                        met.end(&Ending { late_by, ..Ending::usual() });
                    }
                }
                FaultWhat::Reads(key, value) => met.readings.push((key.clone(), value.clone())),
            }
        }
        state.gone_until = gone_until.filter(|until| cx.now() < *until);
        if lost_now || state.gone_until.is_some() {
            let left = state.gone_until.map_or(Duration::ZERO, |until| until - cx.now());
            let message = format!("{} is not connected, and will not be for another {left:?}", cx.device().name());
            return Err(DeviceError::other(Text::literal("DisconnectedError"), message));
        }
        raised.map_or(Ok(met), Err)
    }
}

impl Counted {
    /// One of some times, drawn. The chance is there, as the fault has come.
    fn one_of(&self, delays: &[Duration]) -> Option<Duration> {
        let (_, seed) = self.chance.as_ref()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a place in the list")]
        let at = (seed.uniform() * delays.len() as f64) as usize;
        delays.get(at).or(delays.last()).copied()
    }

    /// Whether it comes at the call that was just counted.
    fn comes(&mut self, cx: Cx<'_>) -> bool {
        let of = cx.seed().number();
        let stream = || cx.seed().stream(&format!("fault {} of {}", self.number, cx.device().name()));
        let (_, seed) = match self.chance.take() {
            Some(chance) if chance.0 == of => self.chance.insert(chance),
            _ => self.chance.insert((of, stream())),
        };
        self.fault.at.include(self.count, seed)
    }
}

impl Met {
    fn end(&mut self, other: &Ending) {
        let ending = self.ending.get_or_insert_default();
        ending.never |= other.never;
        ending.fails = match (ending.fails.take(), &other.fails) {
            (Some(one), Some(other)) => Some(if other.0 < one.0 { other.clone() } else { one }),
            (one, other) => one.or_else(|| other.clone()),
        };
        // What never ends does not fail either.
        ending.fails = ending.fails.take().filter(|_| !ending.never);
        ending.slow_by *= if other.slow_by > 1.0 { other.slow_by } else { 1.0 };
        ending.late_by = ending.late_by.saturating_add(other.late_by);
    }

    pub(super) const fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// The circumstances in which the call goes on.
    pub(super) fn circumstances<'a>(&'a self, cx: Cx<'a>) -> Cx<'a> {
        self.ending.as_ref().map_or(cx, |ending| cx.ending_so(ending))
    }

    /// The status of the call, as the faults have it.
    pub(super) fn ended(&self, cx: Cx<'_>, status: Status) -> Status {
        match &self.ending {
            Some(ending) => status.ending_so(cx, ending),
            None => status,
        }
    }

    pub(super) fn change_readings(&self, readings: &mut Readings) {
        for (key, value) in &self.readings {
            for (_, reading) in readings.0.iter_mut().filter(|(of, _)| key.as_ref().is_none_or(|key| key == of)) {
                reading.value = value.clone();
            }
        }
    }

    pub(super) fn change_location(&self, location: &mut Location) {
        for (_, value) in self.readings.iter().filter(|(key, _)| key.is_none()) {
            location.readback = value.clone();
        }
    }
}
