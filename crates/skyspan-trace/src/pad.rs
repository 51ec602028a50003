//! Texts of some width. The widths of format strings end at 65,535, beyond which they panic; what is drawn may be wider.

use std::borrow::Cow;

/// As many blanks.
pub fn blank(width: usize) -> String {
    " ".repeat(width)
}

/// A text, and blanks behind it up to this many characters.
pub fn to_left(text: &str, width: usize) -> String {
    let mut line = text.to_owned();
    line.extend(std::iter::repeat_n(' ', missing(text, width)));
    line
}

/// A text, and blanks before it up to this many characters.
pub fn to_right(text: &str, width: usize) -> String {
    let mut line = blank(missing(text, width));
    line += text;
    line
}

/// How wide a column is whose cells are so wide. What is much wider than others stands out of it, so that a table grows with
/// what is in it, and not with the square of that.
pub fn column_width(cells: impl Iterator<Item = usize>) -> usize {
    cells.filter(|width| *width <= COLUMN_MAX).max().unwrap_or(0)
}

/// A text of at most so many characters; of a longer one the beginning, and a mark.
pub fn cut_to(text: &str, width: usize) -> Cow<'_, str> {
    match text.char_indices().nth(width) {
        None => text.into(),
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect::<String>().into(),
    }
}

/// A text without what would break the line.
pub fn one_line(text: &str) -> String {
    if text.chars().any(is_unseen) { text.escape_debug().to_string() } else { text.to_owned() }
}

/// Whether a character is not seen where it stands and changes how others are: controls, and what turns the direction of a text
/// or joins words without a sign. It is written with its number. What joins letters and signs of one word stays.
pub(crate) fn is_unseen(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    );
    c.is_control() || is_format
}

/// A cell that is wider does not make its column wider.
const COLUMN_MAX: usize = 200;

fn missing(text: &str, width: usize) -> usize {
    width.saturating_sub(text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::{column_width, cut_to, to_left, to_right};

    #[test]
    fn no_width_is_too_wide() {
        assert_eq!(
            (to_left("é", 3), to_right("é", 3), to_left("long", 3)),
            ("é  ".into(), "  é".into(), "long".into())
        );
        assert_eq!((to_left("a", 70_000).len(), to_right("a", 70_000).len()), (70_000, 70_000));
        assert_eq!((&*cut_to("motor", 5), &*cut_to("motors", 5), &*cut_to("é", 0)), ("motor", "moto…", "…"));
        assert_eq!(column_width([3, 70_000, 12].into_iter()), 12);
    }
}
