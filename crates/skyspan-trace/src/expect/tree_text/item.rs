//! A line of a text: what one span is.

use super::attribute::attribute;
use super::cursor::Cursor;
use super::duration::duration;
use super::error::TreeError;
use crate::expect::pattern::{NamePattern, any, glob};
use crate::expect::regex::Regex;
use crate::expect::{NumberRange, SpanExpectation, span};

/// The span that a line says, behind its indentation.
pub(super) fn item(cursor: &mut Cursor<'_>) -> Result<SpanExpectation, TreeError> {
    let (mut is_forbidden, mut is_deep) = (false, false);
    loop {
        if cursor.take_word("!") {
            is_forbidden = true;
        } else if cursor.take_word("**") {
            is_deep = true;
        } else {
            break;
        }
        cursor.skip_spaces();
    }
    let start = *cursor;
    let (name, number) = name(cursor)?;
    if is_forbidden && number.is_some() {
        return Err(start.error("no number behind the name of a span that is forbidden"));
    }
    let mut expected = span(name);
    expected.times = if is_forbidden { Some(NumberRange::from(0)) } else { number };
    expected.at_any_depth = is_deep;
    cursor.skip_spaces();
    expected = duration(cursor, expected)?;
    loop {
        cursor.skip_spaces();
        if cursor.is_at_end() {
            return Ok(expected);
        }
        expected = attribute(cursor, expected)?;
        if !cursor.is_at_gap() {
            return Err(cursor.error("a space after a value"));
        }
    }
}

/// A name, and how often it is there.
fn name(cursor: &mut Cursor<'_>) -> Result<(NamePattern, Option<NumberRange>), TreeError> {
    let start = *cursor;
    if cursor.rest().starts_with('"') {
        let name = cursor.quoted()?;
        return Ok((NamePattern::from(name), number_alone(cursor)?));
    }
    if let Some(pattern) = cursor.between_slashes() {
        let regex = Regex::new(pattern).map_err(|error| start.error(format!("a regular expression ({error})")))?;
        return Ok((NamePattern::from(regex), number_alone(cursor)?));
    }
    let rest = cursor.rest();
    let end = rest.find("  ").unwrap_or(rest.len());
    let mut field = rest[..end].trim_end_matches(' ');
    let mut number = None;
    if let Some((before, last)) = field.rsplit_once(" {").filter(|(_, last)| last.ends_with('}')) {
        cursor.at += before.len() + 1;
        number = Some(braces(cursor, &last[..last.len() - 1])?);
        field = before;
    } else if let Some(before) = field.strip_suffix(" ?") {
        (field, number) = (before, Some(NumberRange::from(..=1)));
    }
    cursor.at = start.at + end;
    match field {
        "" => Err(start.error("the name of a span")),
        "*" => Ok((any().into(), number)),
        field if field.contains('*') => Ok((glob(field).into(), number)),
        field => Ok((field.into(), number)),
    }
}

/// How often something is there, behind a name that has ended.
fn number_alone(cursor: &mut Cursor<'_>) -> Result<Option<NumberRange>, TreeError> {
    let start = *cursor;
    cursor.skip_spaces();
    if cursor.at == start.at + 1 {
        if cursor.take_word("?") {
            return Ok(Some(NumberRange::from(..=1)));
        }
        if let Some(inner) = cursor.rest().strip_prefix('{').and_then(|rest| Some(&rest[..rest.find('}')?])) {
            let number = braces(cursor, inner)?;
            cursor.at += inner.len() + 2;
            return Ok(Some(number));
        }
        return if cursor.is_at_end() {
            Ok(None)
        } else {
            Err(cursor.error("two spaces behind a name, or `?`, or `{3}`"))
        };
    }
    if start.is_at_gap() { Ok(None) } else { Err(start.error("two spaces behind a name")) }
}

/// The number in braces; the cursor is at them.
fn braces(cursor: &Cursor<'_>, inner: &str) -> Result<NumberRange, TreeError> {
    NumberRange::of_text(inner).ok_or_else(|| cursor.error("a number: `{3}`, `{2..}`, `{..=4}`, `{2..=5}` or `{..}`"))
}

impl NumberRange {
    /// What stands between the braces: `3`, `2..`, `..=4`, `2..=5`, `..`; nothing if it is no range that holds a number.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let Some((from, to)) = text.split_once("..") else { return number(text).map(Self::from) };
        let at_least = if from.trim().is_empty() { 0 } else { number(from)? };
        let at_most = match to.trim().strip_prefix('=') {
            Some(to) => Some(number(to)?),
            None if to.trim().is_empty() => None,
            None => return None,
        };
        at_most.is_none_or(|at_most| at_most >= at_least).then_some(Self { at_least, at_most })
    }
}
