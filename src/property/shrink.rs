//! [`ShrinkTree`]: a value and all that is simpler, one step after another, until nothing is left that does.

use std::fmt::Debug;

use proptest::strategy::ValueTree;

use super::faults::MESSAGE;
use super::op::{Op, OpKind};
use super::shuffled_moments::simpler_picks;
use super::{GeneratedPlan, Interruption, Scenario};
use crate::hardware::{Fault, FaultWhat, Method, Occasions};
use crate::program::{CallbackFault, CallbackSpec, DeviceSpec, FaultSpec};

/// How long a list may be for pairs to be left out of it: with every pair of a longer one there would be too many.
const PAIRS_UP_TO: usize = 16;

/// Has simpler values of its kind.
pub trait Simpler: Clone + Debug {
    /// Values that are simpler, those that save most first.
    fn simpler(&self) -> Vec<Self>;
}

/// A value and all that is simpler: proptest's tree of a value, which begins anew with what is simpler still whenever something
/// simpler does, and ends when nothing does any more.
#[derive(Clone, Debug)]
pub struct ShrinkTree<T> {
    /// The simplest that is known to do.
    best: T,
    /// What is being tried.
    current: T,
    /// What is to be tried after that, the next one last.
    rest: Option<Vec<T>>,
}

impl<T: Simpler> ShrinkTree<T> {
    pub(super) fn new(value: T) -> Self {
        Self { best: value.clone(), current: value, rest: None }
    }

    fn next(&mut self) -> bool {
        let best = &self.best;
        let rest = self.rest.get_or_insert_with(|| {
            let mut all = best.simpler();
            all.reverse();
            all
        });
        match rest.pop() {
            Some(next) => {
                self.current = next;
                true
            }
            None => {
                self.current = self.best.clone();
                // Asked again, it looks at everything again: something else may have changed meanwhile.
                self.rest = None;
                false
            }
        }
    }
}

impl<T: Simpler> ValueTree for ShrinkTree<T> {
    type Value = T;

    fn current(&self) -> T {
        self.current.clone()
    }

    /// What is tried does: goes on from there.
    fn simplify(&mut self) -> bool {
        self.best = self.current.clone();
        self.rest = None;
        self.next()
    }

    /// What is tried does not: goes on to the next.
    fn complicate(&mut self) -> bool {
        self.next()
    }
}

/// Lists with less in them: without a half, a quarter and so on down to one, and without two at once where they are few.
pub(super) fn shorter<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    let mut size = list.len();
    while size > 0 {
        let mut begin = 0;
        while begin < list.len() {
            let end = (begin + size).min(list.len());
            all.push([&list[..begin], &list[end..]].concat());
            begin = end;
        }
        size /= 2;
    }
    if list.len() <= PAIRS_UP_TO {
        for first in 0..list.len() {
            for second in first + 2..list.len() {
                all.push([&list[..first], &list[first + 1..second], &list[second + 1..]].concat());
            }
        }
    }
    all
}

/// Lists in which one element is simpler.
fn each_simpler<T: Clone>(list: &[T], simpler: impl Fn(&T) -> Vec<Vec<T>>) -> impl Iterator<Item = Vec<T>> {
    let all: Vec<(usize, Vec<T>)> = list
        .iter()
        .enumerate()
        .flat_map(|(at, element)| simpler(element).into_iter().map(move |instead| (at, instead)))
        .collect();
    all.into_iter().map(move |(at, instead)| [&list[..at], &instead, &list[at + 1..]].concat())
}

/// Operations with one loop less, whose body stands there twice: then a part of one round may be left out. What the first round has
/// sent on its way is waited for, as it is at the end of a round.
fn unrolled(ops: &[Op]) -> impl Iterator<Item = Vec<Op>> {
    let loops = ops.iter().enumerate().filter(|(_, op)| op.kind() == OpKind::Repeat);
    loops.filter_map(|(begin, _)| {
        let (body, rest) = body_and_rest(ops, begin);
        (body.len() <= PAIRS_UP_TO).then(|| [&ops[..begin], body, &waits(), body, rest].concat())
    })
}

/// Operations without one wrapper that moves motors back in the end, and with such a move in its place: then what was moved before
/// may be left out.
fn moved_back(ops: &[Op]) -> impl Iterator<Item = Vec<Op>> {
    let resets = ops.iter().enumerate().filter(|(_, op)| op.kind() == OpKind::ResetPositions);
    resets.map(|(begin, _)| {
        let (body, rest) = body_and_rest(ops, begin);
        let motor = body.iter().find(|op| matches!(op.kind(), OpKind::Set | OpKind::Move | OpKind::MoveBy));
        let motor = motor.map_or(0, |op| op.numbers()[0]);
        [&ops[..begin], body, &waits(), &[Op::new(OpKind::Set, [motor])], rest].concat()
    })
}

/// A wait for each group.
fn waits() -> [Op; 3] {
    [0, 1, 2].map(|group| Op::new(OpKind::Wait, [group]))
}

/// What is in the body of the operation at a place, and what comes after its end.
fn body_and_rest(ops: &[Op], begin: usize) -> (&[Op], &[Op]) {
    let mut open = 0_usize;
    let inside = &ops[begin + 1..];
    let end = inside.iter().position(|op| {
        let ends = op.kind() == OpKind::End && open == 0;
        match op.kind() {
            OpKind::End => open = open.saturating_sub(1),
            kind if kind.has_body() => open += 1,
            _ => {}
        }
        ends
    });
    let body = &inside[..end.unwrap_or(inside.len())];
    (body, inside.get(body.len() + 1..).unwrap_or_default())
}

impl Simpler for GeneratedPlan {
    fn simpler(&self) -> Vec<Self> {
        let replaced = each_simpler(self.ops(), |op: &Op| op.simpler());
        shorter(self.ops())
            .into_iter()
            .chain(replaced)
            .chain(unrolled(self.ops()))
            .chain(moved_back(self.ops()))
            .map(|ops| self.with_ops(ops))
            .collect()
    }
}

impl Simpler for Scenario {
    fn simpler(&self) -> Vec<Self> {
        let faults = self.faults.simpler().into_iter().map(|faults| Self { faults, ..self.clone() });
        let interruptions = self.interruptions.simpler().into_iter();
        let interruptions = interruptions.map(|interruptions| Self { interruptions, ..self.clone() });
        let devices = self.devices.simpler().into_iter().map(|devices| Self { devices, ..self.clone() });
        let callbacks = self.callbacks.simpler().into_iter().map(|callbacks| Self { callbacks, ..self.clone() });
        let unrecorded = self.record_interruptions.then(|| Self { record_interruptions: false, ..self.clone() });
        let moments = simpler_picks(&self.moments).into_iter().map(|moments| Self { moments, ..self.clone() });
        let seed = (self.seed != 0).then(|| Self { seed: 0, ..self.clone() });
        let what_happens = faults.chain(interruptions).chain(callbacks).chain(unrecorded);
        what_happens.chain(devices).chain(moments).chain(seed).collect()
    }
}

/// One of the circumstances of a run, of which a list is drawn.
pub trait SimplerPart: Clone + Debug {
    /// The same with less to it.
    fn simpler_parts(&self) -> Vec<Self>;
}

impl SimplerPart for Interruption {
    fn simpler_parts(&self) -> Vec<Self> {
        self.simpler()
    }
}

/// A device that takes less time, and is of a class of which less is to be known.
impl SimplerPart for DeviceSpec {
    fn simpler_parts(&self) -> Vec<Self> {
        let of = |class: &str| Self::new(class, self.name.value.as_str());
        match self.class.value.as_str() {
            "SynAxis" if self.option("delay").is_some() => vec![of("SynAxis")],
            "SimMotor" => vec![of("SynAxis"), of("SynAxis").with("delay", 1.0)],
            "SynSignal" if self.option("exposure_time").is_some() => vec![of("SynSignal")],
            "SimDetector" => {
                let exposed = self.option("exposure_time");
                let exposed = exposed.map(|exposure| of("SynSignal").with("exposure_time", exposure.clone()));
                std::iter::once(of("SynSignal")).chain(exposed).collect()
            }
            class if class.ends_with("Flyer") => {
                let num = self.option("num").and_then(|num| num.expect_count("").ok());
                num.filter(|num| *num > 1).map(|_| of(class).with("num", 1)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A callback that fails sooner.
impl SimplerPart for CallbackSpec {
    fn simpler_parts(&self) -> Vec<Self> {
        let Some(CallbackFault { nth, message }) = &self.fault else { return Vec::new() };
        let sooner = [1, nth / 2, nth - 1].into_iter().filter(|sooner| (1..*nth).contains(sooner));
        sooner.map(|sooner| self.clone().failing_at(sooner, message.clone())).collect()
    }
}

/// A call that raises, and an earlier one.
impl SimplerPart for FaultSpec {
    fn simpler_parts(&self) -> Vec<Self> {
        let with = |fault: Fault| Self { fault, ..self.clone() };
        let (method, at) = (self.fault.method(), self.fault.occasions());
        let mut all = Vec::new();
        if !matches!(self.fault.what(), FaultWhat::Raises(_)) && method != Method::Read {
            all.push(with(Fault::on(method, at).raises(MESSAGE)));
        }
        if let Ok((first, last)) = at.calls()
            && first > 1
        {
            // As many calls as it has, unless it goes on for ever.
            let last = |by: u64| if last == u64::MAX { last } else { last - by };
            let begins = |first: u64, last: u64| with(self.fault.clone().at(Occasions::from(first..=last)));
            all.push(begins(1, last(first - 1)));
            all.push(begins(first - 1, last(1)));
        }
        all
    }
}

impl<T: SimplerPart> Simpler for Vec<T> {
    fn simpler(&self) -> Vec<Self> {
        let one = |part: &T| part.simpler_parts().into_iter().map(|part| vec![part]).collect();
        shorter(self).into_iter().chain(each_simpler(self, one)).collect()
    }
}
