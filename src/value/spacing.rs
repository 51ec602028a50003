//! [`linspace`]: numbers in even steps.

/// As many evenly spaced numbers from `start` to `stop`, to the bit as `numpy.linspace` computes them.
#[expect(clippy::cast_precision_loss, reason = "no scan has 2^53 points")]
pub(crate) fn linspace(start: f64, stop: f64, num: u64) -> impl Iterator<Item = f64> {
    let delta = stop - start;
    let intervals = num.saturating_sub(1) as f64;
    let step = delta / intervals;
    (0..num).map(move |at| {
        let at_f64 = at as f64;
        match at {
            _ if num > 1 && at == num - 1 => stop,
            // This makes zero of a negative zero.
            _ if num == 1 => at_f64 * delta + start,
            _ if step == 0.0 => at_f64 / intervals * delta + start,
            _ => at_f64 * step + start,
        }
    })
}
