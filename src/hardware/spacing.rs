//! [`LinSpace`]: numbers in even steps.

/// So many evenly spaced numbers from `start` to `stop`, to the bit as `numpy.linspace` computes them. Each is computed
/// when it is asked for: there may be more of them than there is memory for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinSpace {
    pub(crate) start: f64,
    pub(crate) stop: f64,
    pub(crate) num: u64,
}

impl LinSpace {
    /// The number at that place, counted from 0.
    #[expect(clippy::cast_precision_loss, reason = "no scan has 2^53 points")]
    pub(crate) fn at(self, at: u64) -> f64 {
        let Self { start, stop, num } = self;
        let delta = stop - start;
        let intervals = num.saturating_sub(1) as f64;
        let step = delta / intervals;
        let at_f64 = at as f64;
        match at {
            _ if num > 1 && at == num - 1 => stop,
            // This makes zero of a negative zero.
            _ if num == 1 => at_f64 * delta + start,
            _ if step == 0.0 => at_f64 / intervals * delta + start,
            _ => at_f64 * step + start,
        }
    }
}

/// The numbers of a [`LinSpace`] in their order.
pub(crate) fn linspace(start: f64, stop: f64, num: u64) -> impl Iterator<Item = f64> {
    let space = LinSpace { start, stop, num };
    (0..num).map(move |at| space.at(at))
}
