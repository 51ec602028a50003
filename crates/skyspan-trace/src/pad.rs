//! Texts of some width, in columns of a terminal: a wide character takes two, one that combines none. The widths of format strings end at 65,535, beyond which they panic; what is drawn may be wider.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A number of blanks.
pub fn blank(width: usize) -> String {
    " ".repeat(width)
}

/// How many columns a text takes.
pub fn width_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// A text, and blanks behind it up to this many columns.
pub fn to_left(text: &str, width: usize) -> String {
    let blanks = missing(text, width);
    let mut line = String::with_capacity(text.len() + blanks);
    line += text;
    line.extend(std::iter::repeat_n(' ', blanks));
    line
}

/// A text, and blanks before it up to this many columns.
pub fn to_right(text: &str, width: usize) -> String {
    let blanks = missing(text, width);
    let mut line = String::with_capacity(text.len() + blanks);
    line.extend(std::iter::repeat_n(' ', blanks));
    line += text;
    line
}

/// How wide a column is whose cells are so wide. What is much wider than others stands out of it, so that a table grows with
/// what is in it, and not with the square of that.
pub fn column_width(cells: impl Iterator<Item = usize>) -> usize {
    cells.filter(|width| *width <= COLUMN_MAX).max().unwrap_or(0)
}

/// A text of at most so many columns; of a wider one the beginning, and a mark.
pub fn cut_to(text: &str, width: usize) -> Cow<'_, str> {
    // No character takes more than two columns for less than two bytes.
    if text.len() <= width || width_of(text) <= width {
        return text.into();
    }
    let mut cut = beginning(text, width.saturating_sub(1)).to_owned();
    cut.push('…');
    cut.into()
}

/// The same of a wider one with a mark in place of its middle: what tells names apart stands at either end.
pub fn cut_middle(text: &str, width: usize) -> Cow<'_, str> {
    if text.len() <= width || width_of(text) <= width {
        return text.into();
    }
    let kept = width.saturating_sub(1);
    let before = beginning(text, kept.div_ceil(2));
    let after = end(&text[before.len()..], kept - width_of(before));
    format!("{before}…{after}").into()
}

/// The same of a wider one with the part around a byte of it, and a mark at each end where something is left out. More stands behind
/// the byte than before it.
pub(crate) fn cut_around(text: &str, byte: usize, width: usize) -> Cow<'_, str> {
    if text.len() <= width || width_of(text) <= width {
        return text.into();
    }
    let byte = (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = end(&text[..byte], 2 * width / 7);
    if before.len() == byte {
        return cut_to(text, width);
    }
    let last = end(text, width.saturating_sub(1));
    let from = byte - before.len();
    if last.len() >= text.len() - from {
        return format!("…{last}").into();
    }
    format!("…{}", cut_to(&text[from..], width.saturating_sub(1))).into()
}

/// As much of a text from its beginning as takes at most so many columns.
fn beginning(text: &str, width: usize) -> &str {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > width {
            return &text[..at];
        }
    }
    text
}

/// As much of a text at its end as takes at most so many columns.
fn end(text: &str, width: usize) -> &str {
    let (mut from, mut taken) = (text.len(), 0);
    for (at, c) in text.char_indices().rev() {
        taken += c.width().unwrap_or(0);
        if taken > width {
            break;
        }
        from = at;
    }
    // What combines with a letter that is not there would combine with the mark.
    text[from..].trim_start_matches(|c: char| c.width() == Some(0))
}

/// A text without what would break the line.
pub fn one_line(text: &str) -> String {
    if text.chars().any(is_unseen) { text.escape_debug().to_string() } else { text.to_owned() }
}

/// A text on any number of lines, in which nothing is left that a terminal would obey, or that is not seen: such characters are
/// written with their numbers.
pub fn seen(text: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| is_unseen(c) && !matches!(c, '\n' | '\t');
    if !text.chars().any(is_escaped) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_escaped(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown.into()
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
    width.saturating_sub(width_of(text))
}

#[cfg(test)]
mod tests {
    use super::{column_width, cut_around, cut_middle, cut_to, seen, to_left, to_right, width_of};

    #[test]
    fn what_is_not_seen_is_written_with_its_number() {
        assert_eq!(seen("two\nlines\té \"q\""), "two\nlines\té \"q\"");
        assert_eq!(seen("a\u{202e}b\u{1b}[2J\r\0"), "a\\u{202e}b\\u{1b}[2J\\u{d}\\u{0}");
    }

    #[test]
    fn of_a_wide_text_the_part_around_a_byte_is_shown() {
        let letters = "abcdefghijklmnopqrstuvwxyz";
        for (text, byte, expected) in [
            ("short", 3, "short"),
            (letters, 0, "abcdefghijk…"),
            (letters, 2, "abcdefghijk…"),
            (letters, 13, "…klmnopqrst…"),
            (letters, 20, "…pqrstuvwxyz"),
            (letters, 26, "…pqrstuvwxyz"),
            (letters, 99, "…pqrstuvwxyz"),
            // Of characters that take two columns fewer are shown; a byte within one is that of the whole.
            ("电机位置传感器电机位置传感器", 22, "…器电机位置…"),
            (
                "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
                9,
                "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            ),
        ] {
            let shown = cut_around(text, byte, 12);
            assert_eq!(&*shown, expected, "{text} at {byte}");
            assert!(width_of(&shown) <= 12, "{shown}");
        }
        for width in 0..4 {
            assert!(width_of(&cut_around(letters, 13, width)) <= width.max(2), "{width}");
        }
    }

    #[test]
    fn no_width_is_too_wide_and_columns_are_counted() {
        assert_eq!(
            (to_left("é", 3), to_right("é", 3), to_left("long", 3)),
            ("é  ".into(), "  é".into(), "long".into())
        );
        assert_eq!((to_left("a", 70_000).len(), to_right("a", 70_000).len()), (70_000, 70_000));
        assert_eq!((&*cut_to("motor", 5), &*cut_to("motors", 5), &*cut_to("é", 0)), ("motor", "moto…", "…"));
        assert_eq!((&*cut_middle("Bluesky RunEngine wait", 12), &*cut_middle("motor", 5)), ("Bluesk… wait", "motor"));
        assert_eq!((&*cut_middle("电机位置传感器", 8), width_of("电机")), ("电机…器", 4));
        assert_eq!((&*cut_middle("abc", 1), &*cut_to("电机", 3), &*to_left("电", 3)), ("…", "电…", "电 "));
        assert_eq!(column_width([3, 70_000, 12].into_iter()), 12);
    }
}
