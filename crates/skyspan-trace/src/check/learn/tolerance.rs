//! How far the next trace may lie outside of what was seen, by how many were.

use super::noise::median;

/// With fewer traces than this nothing is known of how they vary.
pub(super) const TRACES_MIN: usize = 5;

/// The place below which the next of some numbers lies but for a chance: the prediction interval of a normal distribution that is as
/// wide as the numbers above their median are, and in any case half as far again as the largest of them is above it. Nothing for too few.
///
/// Times are skewed: they are seldom much shorter and sometimes much longer. So each side has a width of its own.
#[expect(clippy::cast_precision_loss, reason = "there are few")]
pub(super) fn upper(numbers: &[f64], chance: f64) -> Option<f64> {
    if numbers.len() < TRACES_MIN {
        return None;
    }
    let median = median(numbers)?;
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let above: Vec<f64> = numbers.iter().copied().filter(|number| *number >= median).collect();
    let square = above.iter().map(|number| (number - median).powi(2)).sum::<f64>() / above.len().max(1) as f64;
    let count = numbers.len() as f64;
    // As the deviation from a mean that is of the same numbers.
    let deviation = (square * count / (count - 1.0)).sqrt();
    let predicted = median + quantile(count - 1.0, chance) * deviation * (1.0 + 1.0 / count).sqrt();
    Some(predicted.max(most + (most - median) / 2.0))
}

/// The place above which the next lies but for a chance.
pub(super) fn lower(numbers: &[f64], chance: f64) -> Option<f64> {
    let mirrored: Vec<f64> = numbers.iter().map(|number| -number).collect();
    upper(&mirrored, chance).map(|number| -number)
}

/// What a number of Student's distribution exceeds by this chance.
fn quantile(degrees: f64, chance: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while tail(degrees, high) > chance && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if tail(degrees, middle) > chance { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The chance that a number of Student's distribution exceeds this one, which is not negative.
fn tail(degrees: f64, number: f64) -> f64 {
    incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + number * number)) / 2.0
}

/// The regularized incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8), evaluated by Lentz's method.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    const TINY: f64 = 1e-300;
    let front =
        libm::exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log(1.0 - x));
    let safe = |number: f64| if number.abs() < TINY { TINY } else { number };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..=300 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / safe(1.0 + numerator * d);
            c = safe(1.0 + numerator / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-13 {
            break;
        }
    }
    front * fraction / a
}

#[cfg(test)]
mod tests {
    use super::{lower, quantile, upper};

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, chance, expected) in
            [(1.0, 0.025, 12.706), (4.0, 0.025, 2.776), (9.0, 0.005, 3.250), (30.0, 0.05, 1.697), (9.0, 0.001, 4.297)]
        {
            let found = quantile(degrees, chance);
            assert!((found - expected).abs() < 1e-3, "{degrees} {chance}: {found}");
        }
    }

    #[test]
    fn a_bound_lies_outside_of_all_numbers_and_further_by_less_chance() {
        let numbers = [1.0, 2.0, 1.5, 1.2, 1.8, 1.4];
        let (loose, strict) = (upper(&numbers, 0.001).unwrap(), upper(&numbers, 0.05).unwrap());
        assert!(loose > strict && strict >= 2.2, "{loose} {strict}");
        assert!(lower(&numbers, 0.001).unwrap() < lower(&numbers, 0.05).unwrap());
        assert_eq!(upper(&[1.0; 5], 0.01), Some(1.0));
        assert_eq!(upper(&[1.0; 4], 0.01), None);
    }
}
