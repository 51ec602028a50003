//! Tables as text, for people.

use std::fmt;

use crate::pad::{cut_to, one_line, to_left, to_right, width_of};

/// Of a longer cell the beginning is shown.
const CELL_MAX: usize = 120;

/// Rows in columns, the first to the left and the others to the right, each as wide as what is in it and at least as wide as
/// `least` says; nothing where there are no rows. With a head, an empty line stands before it.
pub fn table<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    head: Option<[&str; N]>,
    rows: &[[String; N]],
    least: [usize; N],
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let head: Vec<[String; N]> = head.iter().map(|head| head.map(str::to_owned)).collect();
    // A name may be of any length, and have anything in it.
    let fitting = |cell: &String| one_line(&cut_to(cell, CELL_MAX));
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(fitting)).collect();
    if !head.is_empty() {
        writeln!(f)?;
    }
    let all = || head.iter().chain(&rows);
    let mut widths = least;
    for (at, width) in widths.iter_mut().enumerate() {
        let widest = all().map(|row| width_of(&row[at])).max().unwrap_or_default();
        // What stands to the right keeps its distance.
        *width = (*width).max(if at == 0 { widest } else { widest + 2 });
    }
    for row in all() {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            line += &if at == 0 { to_left(cell, width) } else { to_right(cell, width) };
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A number with commas between the thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
