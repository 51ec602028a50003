//! Sums of floats in numpy's order, so that they are numpy's to the bit.

/// How many numbers numpy adds in one go before it halves the rest (`PW_BLOCKSIZE`, numpy 2.4).
const BLOCK: usize = 128;
/// How many sums it keeps side by side within a block.
const LANES: usize = 8;

/// `numpy.sum` of floats that lie side by side.
pub(super) fn sum(numbers: &[f64]) -> f64 {
    0.0 + pairwise(numbers)
}

fn pairwise(numbers: &[f64]) -> f64 {
    if numbers.len() < LANES {
        return numbers.iter().fold(-0.0, |sum, number| sum + number);
    }
    if numbers.len() > BLOCK {
        let half = numbers.len() / 2;
        let (left, right) = numbers.split_at(half - half % LANES);
        return pairwise(left) + pairwise(right);
    }
    let rows = numbers.chunks_exact(LANES);
    let rest = rows.remainder();
    let mut lanes = [-0.0; LANES];
    for row in rows {
        for (lane, number) in lanes.iter_mut().zip(row) {
            *lane += number;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, number| sum + number)
}

/// `numpy.mean`: not a number for none.
#[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 points")]
pub(super) fn mean(numbers: &[f64]) -> f64 {
    sum(numbers) / numbers.len() as f64
}

/// `numpy.interp` of one place in values that lie at 0, 1, 2, ...; nothing where there are none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place between the ends is an index")]
#[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 points")]
pub(super) fn interpolated(place: f64, values: &[f64]) -> Option<f64> {
    let (first, last) = (*values.first()?, *values.last()?);
    if values.len() == 1 {
        return Some(first);
    }
    if place.is_nan() {
        return Some(place);
    }
    if place < 0.0 {
        return Some(first);
    }
    let below = place as usize;
    let [low, high, ..] = values.get(below..).unwrap_or_default() else { return Some(last) };
    let at = below as f64;
    if at == place {
        return Some(*low);
    }
    let slope = high - low;
    let from_below = slope * (place - at) + low;
    if !from_below.is_nan() {
        return Some(from_below);
    }
    let from_above = slope * (place - (at + 1.0)) + high;
    Some(if from_above.is_nan() && low == high { *low } else { from_above })
}
