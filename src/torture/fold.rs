//! Rows of the map that repeat, folded.

/// Rows that are shown, and how often they are there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Block {
    /// The place of the first of them.
    pub(super) from: usize,
    /// How many are shown.
    pub(super) rows: usize,
    /// How often they are there, one time after another.
    pub(super) times: usize,
}

/// The longest that repeats and is found: a point of a scan of many detectors.
const PERIOD_MAX: usize = 200;

/// Folds rows of which `keys` say what is the same.
pub(super) fn fold<K: PartialEq>(keys: &[K]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    while at < keys.len() {
        let longest = PERIOD_MAX.min((keys.len() - at) / 2);
        let repeats = (1..=longest).map(|period| (period, repeats(&keys[at..], period)));
        // What saves most lines, where the line below a block counts; of two the shorter.
        let saved = |(period, times): &(usize, usize)| (period * (times - 1), std::cmp::Reverse(*period));
        let best = repeats.filter(|(period, times)| period * (times - 1) > 1).max_by_key(saved);
        let (rows, times) = best.unwrap_or((1, 1));
        match blocks.last_mut() {
            Some(last) if times == 1 && last.times == 1 => last.rows += 1,
            _ => blocks.push(Block { from: at, rows, times }),
        }
        at += rows * times;
    }
    blocks
}

/// How often the first rows are there, one time after another.
fn repeats<K: PartialEq>(keys: &[K], period: usize) -> usize {
    let (first, rest) = keys.split_at(period);
    1 + rest.chunks_exact(period).take_while(|chunk| *chunk == first).count()
}

#[cfg(test)]
mod tests {
    use super::{Block, fold};

    fn folded(text: &str) -> Vec<(usize, usize, usize)> {
        let keys: Vec<char> = text.chars().collect();
        fold(&keys).into_iter().map(|Block { from, rows, times }| (from, rows, times)).collect()
    }

    #[test]
    fn what_repeats_is_folded_by_its_period() {
        assert_eq!(folded(""), []);
        assert_eq!(folded("abc"), [(0, 3, 1)]);
        assert_eq!(folded("aa"), [(0, 2, 1)], "the line that says so would be as long");
        assert_eq!(folded("aaa"), [(0, 1, 3)]);
        assert_eq!(folded("xabababy"), [(0, 1, 1), (1, 2, 3), (7, 1, 1)]);
        assert_eq!(folded("aabaab"), [(0, 3, 2)]);
        assert_eq!(folded("aaaaab"), [(0, 1, 5), (5, 1, 1)]);
    }
}
