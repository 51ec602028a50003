//! [`nearest`]: which name was meant.

/// Words longer than this are no slips of the pen, and comparing them would take long.
const LENGTH_MAX: usize = 64;

/// Of the candidates the one most like `word`, if one is so like it that it is meant perhaps: at most a third of the
/// characters, and always one, are missing, superfluous, wrong, or changed places with the next. Of equals the first.
///
/// ```
/// use skyspan_trace::value::nearest;
///
/// assert_eq!(nearest("mtoor", ["det", "motor", "motor1"]), Some("motor"));
/// assert_eq!(nearest("temperature", ["det", "motor"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = letters(word)?;
    let allowed = (letters.len() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(&letters, &self::letters(candidate)?), candidate)))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The characters without regard to case; none for a word that is empty or too long.
fn letters(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = word.chars().take(LENGTH_MAX + 1).flat_map(char::to_lowercase).collect();
    (1..=LENGTH_MAX).contains(&letters.len()).then_some(letters)
}

/// How many edits lead from one word to the other, where swapping two neighbours counts as one edit.
fn distance(from: &[char], to: &[char]) -> usize {
    // Each row holds the distances from the first characters of `from` to every beginning of `to`.
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}
