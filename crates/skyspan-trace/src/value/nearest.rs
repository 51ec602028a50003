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
    let word = folded(word)?;
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((strsim::osa_distance(&word, &folded(candidate)?), candidate)))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A word without regard to case; nothing for one that is empty or too long.
fn folded(word: &str) -> Option<String> {
    let folded: String = word.chars().take(LENGTH_MAX + 1).flat_map(char::to_lowercase).collect();
    (1..=LENGTH_MAX).contains(&folded.chars().count()).then_some(folded)
}
