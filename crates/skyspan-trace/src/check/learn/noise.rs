//! What befalls spans of any kind: a machine that is busy elsewhere for a while.

use super::seen::Seen;

/// A duration is an outlier if its logarithm is so many deviations above the median.
const DEVIATIONS: f64 = 5.0;
/// What makes a median deviation one of a normal distribution.
const OF_NORMAL: f64 = 1.4826;
/// No clock is better than this part.
const CLOCK: f64 = 0.02;
/// How much further than the largest of them the next may reach.
const FURTHER: f64 = 1.5;

/// How much longer than usual spans of any kind may take now and then, in nanoseconds: half as much again as the largest outlier took
/// more than usual.
/// Nothing where outliers are so rare that the chance of one in the next trace is less than that of a false alarm.
#[expect(clippy::cast_precision_loss, reason = "there are few, and times are rounded")]
pub(super) fn noise_ns(seen: &Seen, false_alarms: f64) -> f64 {
    let (mut number, mut largest) = (0_usize, 0.0_f64);
    for group in 0..seen.groups.len() {
        let longest = longest(seen, group);
        let Some(usual) = median(&longest) else { continue };
        let deviations: Vec<f64> = longest.iter().map(|ns| (ns.max(1.0).ln() - usual.max(1.0).ln()).abs()).collect();
        let deviation = median(&deviations).unwrap_or(0.0).mul_add(OF_NORMAL, CLOCK);
        let limit = usual * (DEVIATIONS * deviation).exp();
        for ns in longest.iter().filter(|ns| **ns > limit) {
            number += 1;
            largest = largest.max(ns - usual);
        }
    }
    let in_the_next = number as f64 / seen.traces.max(1) as f64;
    if in_the_next > false_alarms { largest * FURTHER } else { 0.0 }
}

/// The longest span of a group in each trace that has one.
#[expect(clippy::cast_precision_loss, reason = "times are rounded")]
fn longest(seen: &Seen, group: usize) -> Vec<f64> {
    seen.of_group(group).filter_map(|seen| seen.durations).map(|(_, most)| most.max(0) as f64).collect()
}

/// The middle one of some numbers, if there are any.
pub(super) fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(sorted[at / 2], sorted[at.div_ceil(2)]))
}
