//! Whether two samples differ, by rank: exact for what recordings there are, and corrected for many questions.

/// Of larger samples together, the normal distribution is near enough.
const EXACT_MAX: usize = 60;

/// How likely it is that two samples differ so much by rank, in either direction, if nothing differs: the test of Mann and Whitney,
/// exact also where values are equal, for samples of up to 60 values together. 1 where one is empty.
pub(super) fn rank_test(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let (ranks, ties) = doubled_ranks(a, b);
    let (count, first) = (ranks.len(), a.len());
    let observed: usize = ranks[..first].iter().sum();
    // Twice the mean of the sum of so many doubled ranks; all in whole numbers.
    let mean = first * (count + 1);
    let distance = observed.abs_diff(mean);
    if count > EXACT_MAX {
        return normal(distance as f64 / 2.0, first as f64, (count - first) as f64, ties);
    }
    // In how many ways so many of the ranks have a sum.
    let most: usize = ranks.iter().sum();
    let mut ways = vec![vec![0.0_f64; most + 1]; first + 1];
    ways[0][0] = 1.0;
    for rank in &ranks {
        for taken in (1..=first).rev() {
            for sum in (*rank..=most).rev() {
                ways[taken][sum] += ways[taken - 1][sum - rank];
            }
        }
    }
    let all: f64 = ways[first].iter().sum();
    let as_far = ways[first].iter().enumerate().filter(|(sum, _)| sum.abs_diff(mean) >= distance).map(|(_, ways)| ways);
    (as_far.sum::<f64>() / all).min(1.0)
}

/// The smallest likelihood that samples of such sizes can have: where all of one are above all of the other.
pub(super) fn least_likely(a: usize, b: usize) -> f64 {
    let ways = (0..a.min(b)).fold(1.0, |ways, at| ways * (a + b - at) as f64 / (at + 1) as f64);
    (2.0 / ways).min(1.0)
}

/// Corrects for many questions: how many of what is held for different at that level are so by chance (Benjamini and Hochberg).
pub(super) fn corrected(likelihoods: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..likelihoods.len()).collect();
    order.sort_by(|a, b| likelihoods[*b].total_cmp(&likelihoods[*a]));
    let (mut corrected, mut least, count) = (vec![1.0; likelihoods.len()], 1.0_f64, likelihoods.len());
    for (above, place) in order.into_iter().enumerate() {
        least = least.min(likelihoods[place] * count as f64 / (count - above) as f64);
        corrected[place] = least;
    }
    corrected
}

/// Twice the rank of each value among all, those of the first first; equal values share theirs. And the sum of t³ - t over ties.
fn doubled_ranks(a: &[f64], b: &[f64]) -> (Vec<usize>, f64) {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|x, y| all[*x].total_cmp(&all[*y]));
    let (mut ranks, mut ties, mut from) = (vec![0; all.len()], 0.0, 0);
    while from < order.len() {
        let same = order[from..].iter().take_while(|place| all[**place] == all[order[from]]).count().max(1);
        order[from..from + same].iter().for_each(|place| ranks[*place] = 2 * from + same + 1);
        ties += (same * same * same - same) as f64;
        from += same;
    }
    (ranks, ties)
}

/// The same by the normal distribution, with the correction for ties and for steps.
fn normal(distance: f64, a: f64, b: f64, ties: f64) -> f64 {
    let count = a + b;
    let variance = a * b / 12.0 * ((count + 1.0) - ties / (count * (count - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (distance - 0.5).max(0.0) / variance.sqrt();
    libm::erfc(z / std::f64::consts::SQRT_2).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{corrected, least_likely, rank_test};

    fn is_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    /// From the tables of the exact distribution, as scipy 1.14 has them (`mannwhitneyu`, method exact).
    #[test]
    fn it_is_exact_for_small_samples() {
        let from = |first: u32, count: u32| (first..first + count).map(f64::from).collect::<Vec<_>>();
        is_near(rank_test(&from(0, 5), &from(10, 5)), 2.0 / 252.0);
        is_near(rank_test(&from(10, 5), &from(0, 5)), 2.0 / 252.0);
        is_near(rank_test(&from(0, 3), &from(10, 3)), 0.1);
        is_near(rank_test(&[1.0, 3.0, 5.0, 7.0], &[2.0, 4.0, 6.0, 8.0]), 48.0 / 70.0);
        is_near(rank_test(&[1.0, 1.0, 1.0], &[1.0, 1.0]), 1.0);
        is_near(rank_test(&[], &[1.0]), 1.0);
        is_near(least_likely(5, 5), 2.0 / 252.0);
        is_near(least_likely(1, 1), 1.0);
    }

    #[test]
    fn large_samples_are_near_the_exact_ones() {
        let (a, b): (Vec<f64>, Vec<f64>) =
            ((0..30).map(f64::from).collect(), (0..30).map(|at| f64::from(at) + 7.25).collect());
        let exact = rank_test(&a, &b);
        let (more_a, more_b): (Vec<f64>, Vec<f64>) =
            ((0..31).map(f64::from).collect(), (0..31).map(|at| f64::from(at) + 7.25).collect());
        let near = rank_test(&more_a, &more_b);
        assert!(exact > 0.0 && (near / exact - 1.0).abs() < 0.35, "{exact} and {near}");
    }

    #[test]
    fn many_questions_are_corrected_for() {
        let found = corrected(&[0.01, 0.04, 0.03, 0.5]);
        for (found, expected) in found.into_iter().zip([0.04, 0.04 * 4.0 / 3.0, 0.04 * 4.0 / 3.0, 0.5]) {
            is_near(found, expected);
        }
        assert!(corrected(&[]).is_empty());
    }
}
