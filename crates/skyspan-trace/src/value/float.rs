//! Floats as Python writes them.

/// Python's `repr` of a float: the shortest digits that read back as the same number, in Python's notation.
///
/// Between 1e-4 and 1e16 the number is written out, else with an exponent of at least two digits (CPython 3.11,
/// `float.__repr__`).
///
/// ```
/// use skyspan_trace::value::float_repr;
///
/// assert_eq!(float_repr(1e-5), "1e-05");
/// assert_eq!(float_repr(1e16), "1e+16");
/// assert_eq!(float_repr(5.0), "5.0");
/// assert_eq!(float_repr(f64::NAN), "nan");
/// ```
#[must_use]
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        // `{:?}` always shows a decimal point, and no exponent in this range.
        let shortest = format!("{number:?}");
        return even_of_two(number, shortest, |decimals| format!("{number:.decimals$}"));
    }
    let scientific = even_of_two(number, format!("{number:e}"), |decimals| format!("{number:.decimals$e}"));
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Where a number lies in the very middle between two shortest texts, Rust writes the upper one and Python the one that
/// ends in an even digit; as rounding to that many decimals does, if what it gives still reads back as the number. Only
/// long texts can be in doubt, as floats lie closer together than short ones.
fn even_of_two(number: f64, shortest: String, rounded_to: impl Fn(usize) -> String) -> String {
    let digits = shortest.split('e').next().unwrap_or_default();
    if digits.len() < 15 {
        return shortest;
    }
    let rounded = rounded_to(digits.split_once('.').map_or(0, |(_, decimals)| decimals.len()));
    if rounded.parse() == Ok(number) { rounded } else { shortest }
}
