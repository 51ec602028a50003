//! What a plain scalar means: the types of YAML 1.1, as `PyYAML`'s `safe_load` tells them apart.
//!
//! The rules are those of `PyYAML` 6 (`resolver.py` for which text is of which type, `constructor.py` for its value), for
//! Python reads the same files with it. `fixtures/yaml_scalars.json` records what it does with some hundreds of scalars.

use crate::value::{Text, Value};

/// How many digits an integer may have: CPython refuses more, for converting them takes time squared.
const DIGITS_MAX: usize = 4300;

/// What a plain scalar is.
#[derive(Debug)]
pub(super) enum Plain {
    /// A value of a type of YAML 1.1.
    Value(Value),
    /// `<<`: as a key it merges other maps into this one, elsewhere it means nothing.
    Merge,
    /// `=`: as a key it is a string, elsewhere it means nothing.
    Default,
    /// A date, perhaps with the time.
    Timestamp,
    /// It has the form of an integer, but no value: it has no digits, or too many.
    BadInteger,
}

/// What the text is when it stands without quotes and without a tag.
pub(super) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Value(Value::Null),
        "<<" => return Plain::Merge,
        "=" => return Plain::Default,
        _ => {}
    }
    if let Some(truth) = plain_bool(text) {
        return Plain::Value(Value::Bool(truth));
    }
    // All other types begin like a number, which most texts do not.
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        if let Some(number) = plain_float(text) {
            return Plain::Value(Value::Float(number));
        }
        if let Some(number) = plain_int(text) {
            return number.map_or(Plain::BadInteger, Plain::Value);
        }
        if is_timestamp(text) {
            return Plain::Timestamp;
        }
    }
    Plain::Value(Value::Str(Text::from(text)))
}

/// The value of a scalar under one of the tags `!!str`, `!!int`, `!!float`, `!!bool` and `!!null`; none when the text is
/// not of that type, or there is no such tag.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Value> {
    match tag {
        "str" => Some(Value::Str(Text::from(text))),
        "int" => plain_int(text).flatten(),
        "float" => tagged_float(text).map(Value::Float),
        "bool" => any_case_bool(text).map(Value::Bool),
        "null" => Some(Value::Null),
        _ => None,
    }
}

/// In one of the three spellings that count: `yes`, `Yes`, `YES`, but not `yEs`.
fn plain_bool(text: &str) -> Option<bool> {
    let tail = text.get(1..)?;
    let alike = tail.bytes().all(|b| b.is_ascii_lowercase());
    let upper = text.bytes().all(|b| b.is_ascii_uppercase());
    if alike || upper { any_case_bool(text) } else { None }
}

fn any_case_bool(text: &str) -> Option<bool> {
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if ["yes", "true", "on"].iter().any(is) {
        Some(true)
    } else if ["no", "false", "off"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn all_in(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(|b| b == b'_' || allowed(b))
}

/// A digit and then digits and underscores.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && all_in(text, |b| b.is_ascii_digit())
}

/// The places of a number to the base of sixty behind the first: `5`, `05`, `59`.
fn are_sixtieths(mut places: std::str::Split<'_, char>) -> bool {
    places.all(|place| match place.as_bytes() {
        [unit] => unit.is_ascii_digit(),
        [ten, unit] => (b'0'..=b'5').contains(ten) && unit.is_ascii_digit(),
        _ => false,
    })
}

/// An integer; the inner none when it has the form of one but no value.
fn plain_int(text: &str) -> Option<Option<Value>> {
    let (negative, body) = split_sign(text);
    let (base, digits) = if let Some(digits) = body.strip_prefix("0b").filter(|d| !d.is_empty()) {
        all_in(digits, |b| matches!(b, b'0' | b'1')).then_some((2, digits))?
    } else if let Some(digits) = body.strip_prefix("0x").filter(|d| !d.is_empty()) {
        all_in(digits, |b| b.is_ascii_hexdigit()).then_some((16, digits))?
    } else if body.starts_with('0') {
        all_in(body, |b| (b'0'..=b'7').contains(&b)).then_some((8, body))?
    } else {
        let mut places = body.split(':');
        is_number(places.next()?).then_some(())?;
        are_sixtieths(places).then_some((10, body))?
    };
    Some(integer(negative, base, digits))
}

/// The integer with the given digits. Behind a colon stands a place to the base of sixty.
fn integer(negative: bool, base: u32, digits: &str) -> Option<Value> {
    let digits = digits.replace('_', "");
    if digits.is_empty() || digits.len() > DIGITS_MAX {
        return None;
    }
    let mut number = Decimal(Vec::new());
    let mut places = digits.split(':');
    for digit in places.next()?.chars() {
        number.multiply_and_add(base, digit.to_digit(base)?);
    }
    for place in places {
        number.multiply_and_add(60, place.parse().ok()?);
    }
    let digits = number.to_digits();
    let digits = if negative && digits != "0" { format!("-{digits}") } else { digits };
    Some(digits.parse().map_or_else(|_| Value::BigInt(digits.into()), Value::Int))
}

/// A whole number of any size, in groups of nine decimal digits, the last group first.
struct Decimal(Vec<u32>);

impl Decimal {
    const GROUP: u64 = 1_000_000_000;

    fn multiply_and_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for group in &mut self.0 {
            let product = u64::from(*group) * u64::from(factor) + carry;
            // What remains of a division by 10^9 has no more than 32 bits.
            *group = u32::try_from(product % Self::GROUP).unwrap_or_default();
            carry = product / Self::GROUP;
        }
        if carry > 0 {
            self.0.push(u32::try_from(carry).unwrap_or_default());
        }
    }

    fn to_digits(&self) -> String {
        let mut groups = self.0.iter().rev();
        let first = groups.next().map_or_else(|| "0".to_owned(), u32::to_string);
        groups.fold(first, |digits, group| format!("{digits}{group:09}"))
    }
}

/// A float: it has a point, and its exponent, if any, has a sign.
fn plain_float(text: &str) -> Option<f64> {
    let (_, body) = split_sign(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return tagged_float(text);
    }
    let (whole, rest) = body.split_once('.')?;
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let has_form = if whole.is_empty() {
        // A sign may not stand before the point.
        body.len() == text.len() && is_number(fraction)
    } else {
        let mut places = whole.split(':');
        let first = places.next().is_some_and(is_number);
        let sexagesimal = whole.contains(':');
        first
            && are_sixtieths(places)
            && !(sexagesimal && exponent.is_some())
            && all_in(fraction, |b| b.is_ascii_digit())
    };
    let exponent_has_form = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    });
    if has_form && exponent_has_form { tagged_float(text) } else { None }
}

/// A float with or without a point, as the tag `!!float` makes one also of `1` and of `1e5`.
fn tagged_float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (negative, body) = split_sign(&text);
    let magnitude = match body {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ => {
            let (mut sum, mut base) = (0.0, 1.0);
            // A number to the base of sixty is added up from its end, as Python does it, for the same rounding.
            for place in body.rsplit(':') {
                let begins_well = place.starts_with(|c: char| c.is_ascii_digit() || c == '.');
                let place: f64 = if begins_well { place.parse().ok()? } else { return None };
                sum += place * base;
                base *= 60.0;
            }
            sum
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// `2024-01-31`, or with a time `2024-1-31 12:00:00.5 +1:00`.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes {
        return bytes.iter().enumerate().all(|(at, b)| matches!(at, 4 | 7) || b.is_ascii_digit());
    }
    timestamp_with_time(text) == Some("")
}

/// What is left behind a date with a time; none where the text does not begin with one.
fn timestamp_with_time(text: &str) -> Option<&str> {
    let white = [' ', '\t'];
    let rest = digits(text, 4, 4)?.strip_prefix('-')?;
    let rest = digits(rest, 1, 2)?.strip_prefix('-')?;
    let rest = digits(rest, 1, 2)?;
    let rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => rest.strip_prefix(white)?.trim_start_matches(white),
    };
    let rest = digits(rest, 1, 2)?.strip_prefix(':')?;
    let rest = digits(rest, 2, 2)?.strip_prefix(':')?;
    let rest = digits(rest, 2, 2)?;
    let rest = rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    if rest.is_empty() {
        return Some(rest);
    }
    let zone = rest.trim_start_matches(white);
    if let Some(rest) = zone.strip_prefix('Z') {
        return Some(rest);
    }
    let rest = digits(zone.strip_prefix(['+', '-'])?, 1, 2)?;
    rest.strip_prefix(':').map_or(Some(rest), |minutes| digits(minutes, 2, 2))
}

/// The text behind as many digits as there are, up to `most`; none when there are fewer than `least`.
fn digits(text: &str, least: usize, most: usize) -> Option<&str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (count >= least).then(|| &text[count..])
}
