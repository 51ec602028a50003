//! [`MoveFit`]: how long moves take by how far they go.

use super::estimate::{Estimated, outliers, scatter};
use super::least_squares::{LinearFit, errors, normal_inverse};

/// A move that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MoveTime {
    /// How far it went, whatever its direction.
    pub(super) distance: f64,
    pub(super) seconds: f64,
}

/// How long moves take: a latency; with a velocity, by how far they go; with an acceleration, as a
/// [`SimMotor`](crate::hardware::SimMotor) does.
#[derive(Clone, Debug)]
pub(super) struct MoveFit {
    pub(super) latency: Estimated,
    /// In units per second; nothing where moves take the same time however far they go, or where all go equally far.
    pub(super) velocity: Option<Estimated>,
    /// From rest to that velocity, in seconds.
    pub(super) acceleration_time: Option<Estimated>,
    /// No move was long enough to come to the velocity: it is the one that the longest just reaches.
    pub(super) is_never_fast: bool,
    /// What each move took more than the model has it.
    pub(super) residuals: Vec<f64>,
    /// The places of moves that are none of the model.
    pub(super) outliers: Vec<usize>,
    /// The standard deviation of the residuals, without those.
    pub(super) scatter_s: f64,
}

/// The numbers of a model: `latency`, the inverse of the velocity, the acceleration time.
#[derive(Clone, Copy, Debug)]
struct Model {
    latency: f64,
    per_unit: f64,
    acceleration: f64,
}

impl Model {
    fn seconds(self, distance: f64) -> f64 {
        let Self { latency, per_unit, acceleration } = self;
        if distance == 0.0 {
            latency
        } else if self.is_short(distance) {
            latency + 2.0 * (distance * acceleration * per_unit).sqrt()
        } else {
            latency + distance * per_unit + acceleration
        }
    }

    fn is_short(self, distance: f64) -> bool {
        distance * self.per_unit < self.acceleration
    }

    /// By how much each number changes it.
    fn slope(self, distance: f64) -> Vec<f64> {
        if distance == 0.0 {
            vec![1.0, 0.0, 0.0]
        } else if self.is_short(distance) {
            let Self { per_unit, acceleration, .. } = self;
            vec![1.0, (distance * acceleration / per_unit).sqrt(), (distance * per_unit / acceleration).sqrt()]
        } else {
            vec![1.0, distance, 1.0]
        }
    }

    fn rest(self, moves: &[MoveTime]) -> f64 {
        moves.iter().map(|it| (it.seconds - self.seconds(it.distance)).powi(2)).sum()
    }
}

impl MoveFit {
    /// Of moves that went well; nothing of none. No time is known better than to the resolution.
    pub(super) fn of(moves: &[MoveTime], resolution_s: f64) -> Option<Self> {
        let least_s = |moves: &[MoveTime]| {
            let longest = moves.iter().map(|it| it.seconds).fold(0.0, f64::max);
            (10.0 * resolution_s).max(0.02 * longest).max(1e-6)
        };
        let mut left_out: Vec<usize> = Vec::new();
        let mut fit = Self::once(moves, resolution_s)?;
        // What is left out of one fit may be in the next.
        for _ in 0..4 {
            let far = outliers(&fit.residuals, least_s(moves));
            if far == left_out {
                break;
            }
            left_out = far;
            let used: Vec<MoveTime> = kept(moves, &left_out);
            let Some(again) = Self::once(&used, resolution_s) else { break };
            let residuals = moves.iter().map(|it| it.seconds - again.seconds(it.distance)).collect();
            fit = Self { residuals, ..again };
        }
        let used: Vec<f64> = kept(&fit.residuals, &left_out);
        fit.scatter_s = scatter(&used, 2);
        fit.outliers = left_out;
        Some(fit)
    }

    /// How long a move takes by it.
    pub(super) fn seconds(&self, distance: f64) -> f64 {
        let per_unit = self.velocity.map_or(0.0, |velocity| 1.0 / velocity.value);
        let acceleration = self.acceleration_time.map_or(0.0, |time| time.value);
        Model { latency: self.latency.value, per_unit, acceleration }.seconds(distance)
    }

    /// The model that says most with least.
    fn once(moves: &[MoveTime], resolution_s: f64) -> Option<Self> {
        let same = Self::all_alike(moves, resolution_s)?;
        let floor = (resolution_s / 10.0).max(1e-8);
        let Some(even) = Self::even(moves, resolution_s) else { return Some(same) };
        let best = if is_better(&even, &same, [2, 1], floor) { even } else { return Some(same) };
        match Self::accelerating(moves, resolution_s, best.velocity.map_or(1.0, |velocity| velocity.value)) {
            Some(accelerating) if is_better(&accelerating, &best, [3, 2], floor) => Some(accelerating),
            _ => Some(best),
        }
    }

    /// All take the same.
    fn all_alike(moves: &[MoveTime], resolution_s: f64) -> Option<Self> {
        let seconds: Vec<f64> = moves.iter().map(|it| it.seconds).collect();
        let latency = Estimated::mean(&seconds)?.with_resolution(resolution_s);
        Some(Self::made(moves, Model { latency: latency.value, per_unit: 0.0, acceleration: 0.0 }, latency, None, None))
    }

    /// At one velocity. What it takes to accelerate is in the latency.
    fn even(moves: &[MoveTime], resolution_s: f64) -> Option<Self> {
        let rows: Vec<Vec<f64>> = moves.iter().map(|it| vec![1.0, it.distance]).collect();
        let seconds: Vec<f64> = moves.iter().map(|it| it.seconds).collect();
        let fit = LinearFit::of(&rows, &seconds)?;
        let (latency, per_unit) = (fit.coefficients[0], fit.coefficients[1]);
        if per_unit <= 0.0 {
            return None;
        }
        let error = |at: usize| fit.errors.as_ref().map(|errors| errors[at]);
        let velocity = velocity(per_unit, error(1));
        let is_told = velocity.error.is_none_or(|error| error < velocity.value);
        let latency = Estimated { value: latency, error: error(0) }.with_resolution(resolution_s);
        // A latency below zero is one of no time, as far as can be told.
        let model = Model { latency: latency.value.max(0.0), per_unit, acceleration: 0.0 };
        is_told.then(|| Self::made(moves, model, latency.not_below_zero(), Some(velocity), None))
    }

    /// With acceleration, by Levenberg and Marquardt from several beginnings.
    fn accelerating(moves: &[MoveTime], resolution_s: f64, velocity_s: f64) -> Option<Self> {
        if moves.len() < 5 {
            return None;
        }
        let shortest = moves.iter().map(|it| it.seconds).fold(f64::INFINITY, f64::min);
        let longest = moves.iter().map(|it| it.seconds).fold(0.0, f64::max);
        let begin = |part: f64, quicker: f64| {
            let model =
                Model { latency: shortest / 2.0, per_unit: 1.0 / (velocity_s * quicker), acceleration: longest * part };
            descended(model, moves)
        };
        let parts = [0.02, 0.1, 0.3, 0.6].into_iter().flat_map(|part| [1.0, 1.5, 3.0].map(|quicker| (part, quicker)));
        let models: Vec<Model> = parts.map(|(part, quicker)| begin(part, quicker)).collect();
        let model = models.into_iter().min_by(|a, b| a.rest(moves).total_cmp(&b.rest(moves)))?;
        let far = moves.iter().map(|it| it.distance).fold(0.0, f64::max);
        let is_never_fast = model.is_short(far);
        if is_never_fast {
            // Of a velocity that is never reached and its time only the ratio shows.
            let ratio = model.acceleration * model.per_unit;
            let (per_unit, acceleration) = ((ratio / far).sqrt(), (far * ratio).sqrt());
            let of_it = Model { per_unit, acceleration, ..model };
            let unknown = |value: f64| Some(Estimated { value, error: None });
            let latency = Estimated { value: of_it.latency, error: None };
            let fit = Self::made(moves, of_it, latency, unknown(1.0 / per_unit), unknown(acceleration));
            return Some(Self { is_never_fast, ..fit });
        }
        let slopes: Vec<Vec<f64>> = moves.iter().map(|it| model.slope(it.distance)).collect();
        let errors = errors(&normal_inverse(&slopes)?, model.rest(moves), moves.len())?;
        let time = |value: f64, error: f64| Estimated { value, error: Some(error) }.with_resolution(resolution_s);
        let acceleration = time(model.acceleration, errors[2]);
        // What is not known from nothing is none.
        if errors[2] >= model.acceleration || model.per_unit <= 0.0 {
            return None;
        }
        let velocity = velocity(model.per_unit, Some(errors[1]));
        let latency = time(model.latency, errors[0]);
        Some(Self::made(moves, model, latency, Some(velocity), Some(acceleration)))
    }

    fn made(
        moves: &[MoveTime],
        model: Model,
        latency: Estimated,
        velocity: Option<Estimated>,
        acceleration_time: Option<Estimated>,
    ) -> Self {
        let residuals: Vec<f64> = moves.iter().map(|it| it.seconds - model.seconds(it.distance)).collect();
        let scatter_s = scatter(&residuals, 1);
        Self { latency, velocity, acceleration_time, is_never_fast: false, residuals, outliers: Vec::new(), scatter_s }
    }

    fn rest(&self) -> f64 {
        self.residuals.iter().map(|residual| residual * residual).sum()
    }
}

/// All but those at some places.
pub(super) fn kept<T: Copy>(all: &[T], left_out: &[usize]) -> Vec<T> {
    let mut is_kept = vec![true; all.len()];
    left_out.iter().for_each(|at| is_kept[*at] = false);
    all.iter().zip(is_kept).filter(|(_, is_kept)| *is_kept).map(|(it, _)| *it).collect()
}

fn velocity(per_unit: f64, error: Option<f64>) -> Estimated {
    let value = 1.0 / per_unit;
    Estimated { value, error: error.map(|error| error * value * value) }
}

/// Whether a model with more numbers says so much more that it is worth them: by the information criterion of Schwarz, which has to
/// be lower by 6.
fn is_better(more: &MoveFit, less: &MoveFit, [of_more, of_less]: [usize; 2], floor_s: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a number of moves")]
    let criterion = |fit: &MoveFit, numbers: usize| {
        let count = fit.residuals.len() as f64;
        count * (fit.rest() / count).max(floor_s * floor_s).ln() + numbers as f64 * count.ln()
    };
    // Two moves lie on any line, which then is as good as can be told.
    let is_line = more.residuals.len() == of_more && of_more == 2;
    is_line || (more.residuals.len() > of_more && criterion(more, of_more) + 6.0 < criterion(less, of_less))
}

/// The model to which another comes downhill.
fn descended(mut model: Model, moves: &[MoveTime]) -> Model {
    let (mut damping, mut rest) = (1e-3, model.rest(moves));
    for _ in 0..200 {
        let slopes: Vec<Vec<f64>> = moves.iter().map(|it| model.slope(it.distance)).collect();
        let off: Vec<f64> = moves.iter().map(|it| it.seconds - model.seconds(it.distance)).collect();
        // Three rows more hold each number where it is, the more the damping.
        let scale = |at: usize| slopes.iter().map(|row| row[at] * row[at]).sum::<f64>().sqrt();
        let mut rows = slopes.clone();
        let mut values = off;
        for at in 0..3 {
            let mut row = vec![0.0; 3];
            row[at] = (damping * scale(at).max(1e-9)).max(1e-12);
            rows.push(row);
            values.push(0.0);
        }
        let Some(step) = LinearFit::of(&rows, &values) else { break };
        let [latency, per_unit, acceleration] =
            [0, 1, 2].map(|at| step.coefficients.get(at).copied().unwrap_or_default());
        let next = Model {
            latency: (model.latency + latency).max(0.0),
            per_unit: (model.per_unit + per_unit).max(model.per_unit / 10.0),
            acceleration: (model.acceleration + acceleration).max(model.acceleration / 10.0),
        };
        let next_rest = next.rest(moves);
        if next_rest < rest {
            let is_there = rest - next_rest <= 1e-12 * rest;
            (model, rest, damping) = (next, next_rest, (damping / 5.0).max(1e-12));
            if is_there {
                break;
            }
        } else if damping > 1e9 {
            break;
        } else {
            damping *= 4.0;
        }
    }
    model
}
