//! [`PeakStats`]: computes where a peak is from the events of a run.

use super::{DocumentRouter, Stats};
use crate::document::{Event, RunStart, RunStop};
use crate::message::PlanError;
use crate::value::{Text, Value};

/// Computes where a peak is, and how wide, when a run has ended (`bluesky.callbacks.fitting.PeakStats`, 1.15.1).
///
/// ```
/// use std::sync::{Arc, Mutex, PoisonError};
/// use skyspan::callbacks::{DocumentRouter, PeakStats};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let peak = Arc::new(Mutex::new(PeakStats::new("motor", "det")));
/// lab.with_engine(|engine| engine.subscribe(Arc::clone(&peak).into_callback()));
/// lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), -4, 4, 33)).assert_success();
///
/// let peak = peak.lock().unwrap_or_else(PoisonError::into_inner);
/// let stats = peak.stats().ok_or("no points")?;
/// assert_eq!(stats.max, (0.0, 1.0));
/// // That of a Gaussian with sigma 1 is 2.355.
/// assert!(stats.fwhm.is_some_and(|fwhm| (2.35..2.36).contains(&fwhm)));
/// # Ok::<(), &str>(())
/// ```
///
/// It takes the events of all streams that have both data keys. Each run begins anew; bluesky's goes on with the points of
/// the run before. Truth values count as numbers.
///
/// # Errors
///
/// At the end of the run a `TypeError` for a value that is no number.
#[derive(Clone, Debug)]
pub struct PeakStats {
    x: Text,
    y: Text,
    edge_count: Option<usize>,
    calc_derivative: bool,
    points: Vec<(Value, Value)>,
    stats: Option<Stats>,
    derivative_stats: Option<Stats>,
}

impl PeakStats {
    /// Of the data key `y`, a detector, over the data key `x`, a motor.
    pub fn new(x: impl Into<Text>, y: impl Into<Text>) -> Self {
        Self {
            x: x.into(),
            y: y.into(),
            edge_count: None,
            calc_derivative: false,
            points: Vec::new(),
            stats: None,
            derivative_stats: None,
        }
    }

    /// Takes a straight line off first, through so many points at both ends.
    #[must_use]
    pub fn edge_count(self, edge_count: usize) -> Self {
        Self { edge_count: Some(edge_count), ..self }
    }

    /// Computes the [statistics of the derivative](Stats::of_derivative), too: where an edge is. bluesky's
    /// `calc_derivative_and_stats`, which fails for a single point; here there are then none.
    #[must_use]
    pub fn calc_derivative_and_stats(self) -> Self {
        Self { calc_derivative: true, ..self }
    }

    /// The statistics of the last run that has ended; nothing where no event had both data keys.
    #[must_use]
    pub const fn stats(&self) -> Option<&Stats> {
        self.stats.as_ref()
    }

    /// Those of the derivative, where they were asked for.
    #[must_use]
    pub const fn derivative_stats(&self) -> Option<&Stats> {
        self.derivative_stats.as_ref()
    }

    pub(super) fn compute(&mut self) -> Result<(), PlanError> {
        (self.stats, self.derivative_stats) = (None, None);
        let column = |key: &Text, values: &mut dyn Iterator<Item = &Value>| -> Result<Vec<f64>, PlanError> {
            values.map(|value| number(key, value)).collect()
        };
        let x = column(&self.x, &mut self.points.iter().map(|(x, _)| x))?;
        let y = column(&self.y, &mut self.points.iter().map(|(_, y)| y))?;
        self.stats = Stats::of(&x, &y, self.edge_count);
        if self.calc_derivative {
            self.derivative_stats = Stats::of_derivative(&x, &y, self.edge_count);
        }
        Ok(())
    }
}

fn number(key: &Text, value: &Value) -> Result<f64, PlanError> {
    let number = value.as_f64().or_else(|| value.as_bool().map(f64::from));
    number.ok_or_else(|| {
        PlanError::type_error(format!("a peak is made of numbers, but `{key}` was {}: {value}", value.kind()))
    })
}

impl DocumentRouter for PeakStats {
    fn start(&mut self, _: &RunStart) -> Result<(), PlanError> {
        self.points.clear();
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), PlanError> {
        if let (Some(x), Some(y)) = (event.get(&self.x), event.get(&self.y)) {
            self.points.push((x.clone(), y.clone()));
        }
        Ok(())
    }

    fn stop(&mut self, _: &RunStop) -> Result<(), PlanError> {
        self.compute()
    }
}
