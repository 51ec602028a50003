//! [`PointsDone`]: how many points a run has taken, of how many, and how long the rest takes.

use std::time::Duration;

use super::DocumentRouter;
use crate::clock::Timestamp;
use crate::document::{Descriptor, Event, RunStart, RunStop};
use crate::message::PlanError;
use crate::trace::rounded_duration;
use crate::value::{Text, Value};

/// How many points the run has taken that began last, of how many, and how long the rest takes at the pace so far.
///
/// Its points are the events of the stream `primary`; how many there will be, the start document says by `num_points`, as those of
/// bluesky's own plans do.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use skyspan::callbacks::{DocumentRouter, PointsDone};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let points = Arc::new(Mutex::new(PointsDone::new()));
/// lab.with_engine(|engine| engine.subscribe(Arc::clone(&points).into_callback()));
/// let (seen, asked) = (Arc::default(), Arc::clone(&points));
/// let told: Arc<Mutex<Vec<String>>> = Arc::clone(&seen);
/// let clock = lab.clock().clone();
/// let camera = lab.add(SimDetector::new("camera").exposure_s(2.0));
/// lab.with_engine(|engine| {
///     engine.subscribe(move |_| {
///         let words = asked.lock().unwrap().words(clock.now());
///         told.lock().unwrap().extend(words);
///     })
/// });
/// lab.run(plans::count(&camera, 3)).assert_success();
/// assert_eq!(*seen.lock().unwrap(), [
///     "0 of 3 points", "0 of 3 points", "1 of 3 points, 4 s left", "2 of 3 points, 2 s left", "3 of 3 points",
/// ]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct PointsDone(Option<PointsOfRun>);

/// The points of a run.
#[derive(Clone, Debug)]
struct PointsOfRun {
    uid: Text,
    /// The uid of the descriptor of its points.
    primary: Option<Text>,
    number: Option<u64>,
    done: u64,
    began: Timestamp,
    /// When the last point was taken.
    last: Timestamp,
}

impl PointsDone {
    /// No run has begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many points the run has taken that is under way; nothing if none is.
    #[must_use]
    pub fn done(&self) -> Option<u64> {
        self.0.as_ref().map(|run| run.done)
    }

    /// How many it will have taken at its end, where that is known.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.as_ref()?.number
    }

    /// How long the points that are left take, if each takes as long as those before did; nothing before the first, and where nobody
    /// knows how many there are.
    #[must_use]
    pub fn time_left(&self, now: Timestamp) -> Option<Duration> {
        let run = self.0.as_ref()?;
        let left = run.number?.checked_sub(run.done).filter(|_| run.done > 0)?;
        let pace_ns = run.last.signed_ns_since(run.began) / i128::from(run.done);
        let left_ns = pace_ns.saturating_mul(i128::from(left)) - now.signed_ns_since(run.last);
        Some(Duration::from_nanos(u64::try_from(left_ns.max(0)).unwrap_or(u64::MAX)))
    }

    /// All of that in words: `3 of 11 points, 26 s left`, or `3 points`. Nothing if no run is under way.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let done = self.done()?;
        let Some(number) = self.number() else {
            return Some(format!("{done} {}", if done == 1 { "point" } else { "points" }));
        };
        let points = format!("{done} of {number} {}", if number == 1 { "point" } else { "points" });
        match self.time_left(now).filter(|_| done < number) {
            Some(left) => {
                let left_ns = i128::try_from(left.as_nanos()).unwrap_or(i128::MAX);
                Some(format!("{points}, {} left", rounded_duration(left_ns)))
            }
            None => Some(points),
        }
    }
}

impl DocumentRouter for PointsDone {
    fn start(&mut self, start: &RunStart) -> Result<(), PlanError> {
        let number =
            start.metadata.get("num_points").and_then(Value::as_i64).and_then(|number| u64::try_from(number).ok());
        let (began, last) = (start.time, start.time);
        self.0 = Some(PointsOfRun { uid: start.uid.clone(), primary: None, number, done: 0, began, last });
        Ok(())
    }

    fn descriptor(&mut self, descriptor: &Descriptor) -> Result<(), PlanError> {
        if let Some(run) = &mut self.0
            && run.uid == descriptor.run_start
            && &*descriptor.name == "primary"
        {
            run.primary = Some(descriptor.uid.clone());
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), PlanError> {
        if let Some(run) = &mut self.0
            && run.primary.as_ref() == Some(&event.descriptor)
        {
            // A point that is taken again has its number again.
            (run.done, run.last) = (event.seq_num, event.time);
        }
        Ok(())
    }

    fn stop(&mut self, stop: &RunStop) -> Result<(), PlanError> {
        self.0.take_if(|run| run.uid == stop.run_start);
        Ok(())
    }
}
