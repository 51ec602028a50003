//! [`Profile`]: where a simulated motor of ophyd-async is at which time of a move.

/// A move that speeds up evenly, goes on, and slows down evenly. The readback knows of it every tenth of a second, and at the end.
///
/// The times and places are those of `ophyd_async.sim.SimMotor` 0.21.3, to the last bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Profile {
    from: f64,
    to: f64,
    /// The velocity that it comes to; negative where it goes down.
    peak: f64,
    /// How far it goes until then, where it goes on at that velocity.
    ramp: f64,
    /// How long it speeds up, and slows down.
    ramp_s: f64,
    pub(super) took_s: f64,
}

/// How often the readback changes, in seconds.
const PERIOD_S: f64 = 0.1;

impl Profile {
    /// A move over some way, at a speed that it has after so long; both greater than zero.
    pub(super) fn new(from: f64, to: f64, speed: f64, acceleration_time_s: f64) -> Self {
        let way = to - from;
        let direction = if way < 0.0 { -1.0 } else { 1.0 };
        let velocity = speed * direction;
        let ramp = acceleration_time_s * velocity / 2.0;
        if (2.0 * ramp).abs() >= way.abs() {
            let peak = libm::sqrt(way * velocity / acceleration_time_s) * direction;
            let ramp_s = way / peak;
            return Self { from, to, peak, ramp, ramp_s, took_s: 2.0 * ramp_s };
        }
        let took_s = acceleration_time_s * 2.0 + (way - ramp * 2.0) / velocity;
        Self { from, to, peak: velocity, ramp, ramp_s: acceleration_time_s, took_s }
    }

    /// When the readback changes, in seconds from the beginning.
    pub(super) fn updates(self) -> impl Iterator<Item = f64> {
        let tenths = (0_u64..).map(|nth| PERIOD_S + nth as f64 * PERIOD_S);
        let before = tenths.take_while(move |time_s| *time_s < self.took_s && !is_close(*time_s, self.took_s));
        before.chain(std::iter::once(self.took_s))
    }

    /// Where it is then.
    pub(super) fn position(self, time_s: f64) -> f64 {
        let left_s = self.took_s - time_s;
        if time_s <= self.ramp_s {
            let velocity = time_s / self.ramp_s * self.peak;
            self.from + velocity * time_s / 2.0
        } else if left_s <= self.ramp_s {
            let velocity = left_s / self.ramp_s * self.peak;
            self.to - velocity * left_s / 2.0
        } else {
            self.from + self.ramp + (time_s - self.ramp_s) * self.peak
        }
    }
}

/// Whether two numbers are close, as `numpy.isclose` says.
fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 + 1e-5 * b.abs()
}
