//! [`ExposureFit`]: how long a detector takes, by what it is configured to.

use super::estimate::{Estimated, outliers, scatter};
use super::least_squares::LinearFit;
use super::moves::kept;

/// A trigger that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TriggerTime {
    pub(super) seconds: f64,
    /// To how long an exposure the detector was configured, where that is known.
    pub(super) exposure_s: Option<f64>,
    /// To how many frames; one where that is not known.
    pub(super) frames: f64,
}

/// How long triggers take.
#[derive(Clone, Debug)]
pub(super) struct ExposureFit {
    /// How long a frame is exposed where the configuration does not say.
    pub(super) exposure: Option<Estimated>,
    pub(super) readout: Option<Estimated>,
    pub(super) dead_time: Option<Estimated>,
    /// The configuration has an exposure, but triggers take less than that: it is of something else.
    pub(super) is_misled: bool,
    pub(super) residuals: Vec<f64>,
    pub(super) outliers: Vec<usize>,
    pub(super) scatter_s: f64,
}

impl ExposureFit {
    /// Of triggers that went well; nothing of none.
    pub(super) fn of(triggers: &[TriggerTime], resolution_s: f64) -> Option<Self> {
        let longest = triggers.iter().map(|it| it.seconds).fold(0.0, f64::max);
        let least_s = (10.0 * resolution_s).max(0.02 * longest).max(1e-6);
        let mut left_out: Vec<usize> = Vec::new();
        let mut fit = Self::once(triggers, resolution_s)?;
        for _ in 0..4 {
            let far = outliers(&fit.residuals, least_s);
            if far == left_out {
                break;
            }
            left_out = far;
            let Some(again) = Self::once(&kept(triggers, &left_out), resolution_s) else { break };
            let residuals = triggers.iter().map(|it| it.seconds - again.seconds(*it)).collect();
            fit = Self { residuals, ..again };
        }
        fit.scatter_s = scatter(&kept(&fit.residuals, &left_out), 1);
        fit.outliers = left_out;
        Some(fit)
    }

    /// How long a trigger takes by it.
    pub(super) fn seconds(&self, trigger: TriggerTime) -> f64 {
        let value = |estimated: Option<Estimated>| estimated.map_or(0.0, |it| it.value);
        match (self.exposure, trigger.exposure_s) {
            (None, Some(exposure_s)) => {
                let gaps = (trigger.frames - 1.0).max(0.0) * value(self.dead_time);
                trigger.frames * exposure_s + gaps + value(self.readout)
            }
            (exposure, _) => value(exposure),
        }
    }

    fn once(triggers: &[TriggerTime], resolution_s: f64) -> Option<Self> {
        Self::configured(triggers, resolution_s).filter(|fit| !fit.is_misled).or_else(|| {
            let seconds: Vec<f64> = triggers.iter().map(|it| it.seconds).collect();
            let exposure = Estimated::mean(&seconds)?.with_resolution(resolution_s);
            let is_misled = triggers.iter().any(|it| it.exposure_s.is_some_and(|exposure_s| exposure_s > 0.0));
            Some(Self::made(triggers, Some(exposure), None, None, is_misled))
        })
    }

    /// What is left of each trigger beside its exposures is reading out, and a time between every two frames.
    fn configured(triggers: &[TriggerTime], resolution_s: f64) -> Option<Self> {
        let left = triggers.iter().map(|it| Some(it.seconds - it.frames * it.exposure_s.filter(|it| *it > 0.0)?));
        let left = left.collect::<Option<Vec<f64>>>()?;
        let first = triggers.first()?.frames;
        let varies = triggers.iter().any(|it| (it.frames - first).abs() > 0.5);
        let (readout, dead_time) = if varies {
            let rows: Vec<Vec<f64>> = triggers.iter().map(|it| vec![1.0, it.frames - 1.0]).collect();
            let fit = LinearFit::of(&rows, &left)?;
            let time = |at: usize| Estimated {
                value: fit.coefficients[at],
                error: fit.errors.as_ref().map(|errors| errors[at]),
            };
            (time(0), Some(time(1).with_resolution(resolution_s)))
        } else {
            (Estimated::mean(&left)?, None)
        };
        let readout = readout.with_resolution(resolution_s);
        let is_below =
            |time: Estimated| time.value < -time.error.unwrap_or(resolution_s).max(3.0 * resolution_s).max(1e-6);
        let is_misled = is_below(readout) || dead_time.is_some_and(is_below);
        Some(Self::made(
            triggers,
            None,
            Some(readout.not_below_zero()),
            dead_time.map(Estimated::not_below_zero),
            is_misled,
        ))
    }

    fn made(
        triggers: &[TriggerTime],
        exposure: Option<Estimated>,
        readout: Option<Estimated>,
        dead_time: Option<Estimated>,
        is_misled: bool,
    ) -> Self {
        let mut fit = Self {
            exposure,
            readout,
            dead_time,
            is_misled,
            residuals: Vec::new(),
            outliers: Vec::new(),
            scatter_s: 0.0,
        };
        fit.residuals = triggers.iter().map(|it| it.seconds - fit.seconds(*it)).collect();
        fit
    }
}
