//! [`BacklashFit`]: how far beyond its target a motor goes to come from one side.

use std::collections::HashSet;

use super::estimate::{Estimated, median, outliers, scatter};
use super::moves::{MoveFit, MoveTime, kept};

/// How long moves take, where those of one direction go beyond their target and come back, as a
/// [`SimMotor`](crate::hardware::SimMotor) does.
#[derive(Clone, Debug)]
pub(super) struct BacklashFit {
    /// Greater than zero where it comes from below: then its moves down go beyond.
    pub(super) backlash: Estimated,
    /// The fit of all moves with it.
    pub(super) moves: MoveFit,
    /// How many moves went beyond.
    pub(super) statuses: usize,
}

/// So many moves of each direction it takes at least.
const LEAST: usize = 3;

impl BacklashFit {
    /// Of moves, each with whether it went up, and their fit without a backlash. Nothing where the directions do not differ, or differ
    /// otherwise than by one.
    pub(super) fn of(moves: &[MoveTime], goes_up: &[bool], plain: &MoveFit, resolution_s: f64) -> Option<Self> {
        let candidates = [true, false].into_iter();
        let fits = candidates.filter_map(|from_below| Self::from(from_below, moves, goes_up, resolution_s));
        let best = fits.min_by(|a, b| a.rest().total_cmp(&b.rest()))?;
        // It has to say clearly more than the fit without it.
        let plain_s = scatter(&plain.residuals, 2).max(resolution_s);
        (2.0 * scatter(&best.moves.residuals, 3) < plain_s).then_some(best)
    }

    /// Where it comes from below, or from above.
    fn from(from_below: bool, moves: &[MoveTime], goes_up: &[bool], resolution_s: f64) -> Option<Self> {
        let of = |beyond: bool| -> Vec<MoveTime> {
            let of_direction =
                moves.iter().zip(goes_up).filter(|(it, up)| it.distance > 0.0 && (**up != from_below) == beyond);
            of_direction.map(|(it, _)| *it).collect()
        };
        let (straight, beyond) = (of(false), of(true));
        if straight.len() < LEAST || beyond.len() < LEAST {
            return None;
        }
        let fit = MoveFit::of(&straight, resolution_s)?;
        let velocity = fit.velocity?.value;
        // How much longer a move of that length takes that goes so far beyond.
        let longer_s = |it: &MoveTime, by: f64| {
            fit.seconds(it.distance + by) - fit.seconds(it.distance) + fit.seconds(by) - fit.latency.value
        };
        let least_s = (3.0 * resolution_s).max(fit.scatter_s).max(1e-4);
        let extra: Vec<f64> = beyond.iter().map(|it| it.seconds - fit.seconds(it.distance)).collect();
        if median(&extra) <= least_s {
            return None;
        }
        // Each tells of one; what is far off is none of it.
        let each: Vec<f64> = beyond
            .iter()
            .zip(&extra)
            .filter_map(|(it, extra_s)| solved(|by| longer_s(it, by) - extra_s, velocity * extra_s.max(0.0)))
            .collect();
        let each = kept(&each, &outliers(&each, velocity * least_s));
        let size = Estimated::mean(&each).filter(|_| each.len() >= LEAST)?;
        let residual = |(it, up): (&MoveTime, &bool)| {
            let is_beyond = it.distance > 0.0 && *up != from_below;
            it.seconds - fit.seconds(it.distance) - if is_beyond { longer_s(it, size.value) } else { 0.0 }
        };
        let residuals: Vec<f64> = moves.iter().zip(goes_up).map(residual).collect();
        let longest = moves.iter().map(|it| it.seconds).fold(0.0, f64::max);
        let far = outliers(&residuals, (10.0 * resolution_s).max(0.02 * longest).max(1e-6));
        // A way that it does not explain is another thing than a backlash.
        let left: Vec<f64> = kept(&residuals, &far);
        if scatter(&left, 3) > least_s || 4 * far.len() > moves.len() {
            return None;
        }
        let error = size.error.unwrap_or_default().max(velocity * resolution_s);
        // The way back begins from rest, too. Where nothing tells how long that takes, it is in the latency, and may be in the backlash.
        let at_rest = if fit.acceleration_time.is_none() { 0.5 * velocity * fit.latency.value } else { 0.0 };
        let error = Some(error.max(at_rest));
        let backlash = Estimated { value: if from_below { size.value } else { -size.value }, error };
        let moves = MoveFit { scatter_s: scatter(&left, 3), residuals, outliers: far, ..fit };
        Some(Self { backlash, moves, statuses: each.len() })
    }

    fn rest(&self) -> f64 {
        kept(&self.moves.residuals, &self.moves.outliers).iter().map(|residual| residual * residual).sum()
    }
}

/// Where something that grows is zero, between zero and a bound.
fn solved(of: impl Fn(f64) -> f64, bound: f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, bound);
    if !bound.is_finite() || of(high) < 0.0 || of(low) > 0.0 {
        return None;
    }
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if of(middle) < 0.0 { low = middle } else { high = middle }
    }
    Some(0.5 * (low + high))
}

/// What moves of one direction take longer, where no backlash could be told of it.
pub(super) fn untold_directions(
    moves: &[MoveTime],
    goes_up: &[bool],
    fit: &MoveFit,
    resolution_s: f64,
) -> Option<String> {
    let outliers: HashSet<usize> = fit.outliers.iter().copied().collect();
    let of = |wanted: bool| -> Vec<f64> {
        let residuals = moves.iter().zip(goes_up).zip(&fit.residuals).enumerate();
        residuals
            .filter(|(at, ((it, up), _))| **up == wanted && it.distance > 0.0 && !outliers.contains(at))
            .map(|(_, (_, residual))| *residual)
            .collect()
    };
    let (up, down) = (of(true), of(false));
    if up.len() < LEAST || down.len() < LEAST {
        return None;
    }
    let apart = median(&down) - median(&up);
    if apart.abs() <= (3.0 * resolution_s).max(fit.scatter_s).max(1e-4) {
        return None;
    }
    let (slower, by) = if apart > 0.0 { ("down", apart) } else { ("up", -apart) };
    Some(format!(
        "its backlash: its moves {slower} take {by:.3} s longer than the others, and no backlash explains that"
    ))
}
