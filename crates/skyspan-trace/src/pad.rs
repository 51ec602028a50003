//! Texts of some width. The widths of format strings end at 65,535, beyond which they panic; what is drawn may be wider.

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

/// A cell that is wider does not make its column wider.
const COLUMN_MAX: usize = 200;

fn missing(text: &str, width: usize) -> usize {
    width.saturating_sub(text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::{column_width, to_left, to_right};

    #[test]
    fn no_width_is_too_wide() {
        assert_eq!(
            (to_left("é", 3), to_right("é", 3), to_left("long", 3)),
            ("é  ".into(), "  é".into(), "long".into())
        );
        assert_eq!((to_left("a", 70_000).len(), to_right("a", 70_000).len()), (70_000, 70_000));
        assert_eq!(column_width([3, 70_000, 12].into_iter()), 12);
    }
}
