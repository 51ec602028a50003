//! Attributes in a text: `key=value`, `!key`.

use std::fmt;
use std::ops::Bound;

use super::cursor::Cursor;
use super::error::TreeError;
use crate::expect::pattern::{NamePattern, glob};
use crate::expect::regex::Regex;
use crate::expect::value_pattern::{ValuePattern, between};
use crate::expect::{Expected, SpanExpectation, event};
use crate::trace::{SpanKind, Status, is_bare_word, name_in_repr, shown_whole};
use crate::value::{Value, from_json};

/// What stands for the rest of a value.
const CUT: char = '…';

/// Says what an attribute is. The cursor is at one.
pub(super) fn attribute(cursor: &mut Cursor<'_>, span: SpanExpectation) -> Result<SpanExpectation, TreeError> {
    let is_absent = cursor.take("!");
    let start = *cursor;
    let key = match cursor.rest().starts_with('"') {
        true => cursor.quoted()?,
        false => cursor.take_while(|c| !matches!(c, ' ' | '=' | '"')).to_owned(),
    };
    if !is_absent && key.starts_with('@') && !start.rest().starts_with('"') {
        return beside(cursor, start, &key, span);
    }
    if key.is_empty() && !start.rest().starts_with('"') {
        return Err(start.error("a key"));
    }
    if is_absent {
        return if cursor.is_at_gap() {
            Ok(span.no_attr(key))
        } else {
            Err(cursor.error("a space after a key with `!`"))
        };
    }
    if !cursor.take("=") {
        return Err(cursor.error(format!("`=` after the key `{key}`")));
    }
    if cursor.take_word("*") {
        return Ok(span.has_attr(key));
    }
    if let Some(said) = run_end(&key, cursor, &span) {
        return Ok(said);
    }
    Ok(span.attr(key, value(cursor)?))
}

/// What a plain word says of how a run ended: also what bluesky writes for it.
fn run_end(key: &str, cursor: &mut Cursor<'_>, span: &SpanExpectation) -> Option<SpanExpectation> {
    let end = cursor.rest().find(' ').unwrap_or(cursor.rest().len());
    let word = &cursor.rest()[..end];
    if key != "exit_status" || !["success", "abort", "fail"].contains(&word) {
        return None;
    }
    let said = span.clone().bluesky_exit_status(word);
    cursor.at += end;
    Some(said)
}

/// Says what is no attribute: `@status=error`, `@description="no light"`, `@kind=server`, `@event=retry`. The cursor is behind
/// the word.
fn beside(
    cursor: &mut Cursor<'_>,
    start: Cursor<'_>,
    word: &str,
    span: SpanExpectation,
) -> Result<SpanExpectation, TreeError> {
    if !["@status", "@description", "@kind", "@event", "@bluesky_exit_status"].contains(&word) {
        return Err(start.error("`@status`, `@description`, `@kind`, `@event` or `@bluesky_exit_status` (a key that begins so stands in quotes)"));
    }
    if !cursor.take("=") {
        return Err(cursor.error(format!("`=` after `{word}`")));
    }
    match word {
        "@description" => Ok(span.status_description(value(cursor)?)),
        "@bluesky_exit_status" => Ok(span.bluesky_exit_status(value(cursor)?)),
        "@event" => Ok(span.event(event(event_name(cursor)?))),
        _ => {
            let at = *cursor;
            let chosen = cursor.take_while(|c| c != ' ').to_ascii_lowercase();
            let kind = match (word, chosen.as_str()) {
                ("@status", "error") => return Ok(span.status_error()),
                ("@status", "ok") => return Ok(span.status(Status::Ok)),
                ("@status", "unset") => return Ok(span.status(Status::Unset)),
                ("@status", _) => return Err(at.error("`error`, `ok` or `unset`")),
                (_, "internal") => SpanKind::Internal,
                (_, "server") => SpanKind::Server,
                (_, "client") => SpanKind::Client,
                (_, "producer") => SpanKind::Producer,
                (_, "consumer") => SpanKind::Consumer,
                _ => return Err(at.error("`internal`, `server`, `client`, `producer` or `consumer`")),
            };
            Ok(span.kind(kind))
        }
    }
}

/// The name of an event: a word, a pattern with `*`, a string in quotes, or the beginning of one that a drawing cuts.
fn event_name(cursor: &mut Cursor<'_>) -> Result<NamePattern, TreeError> {
    let start = *cursor;
    if let Some(beginning) = token(cursor)?.strip_suffix(CUT) {
        return Ok(begins_with(beginning.strip_prefix('"').unwrap_or_default()));
    }
    *cursor = start;
    Ok(match cursor.rest().starts_with('"') {
        true => cursor.quoted()?.into(),
        false => match cursor.take_while(|c| c != ' ') {
            "" => return Err(cursor.error("the name of an event")),
            name if name.contains('*') => glob(name).into(),
            name => NamePattern::from(name),
        },
    })
}

/// Names whose string in quotes begins so. An escape that is cut says nothing.
fn begins_with(quoted: &str) -> NamePattern {
    let ends = quoted.char_indices().map(|(at, _)| at).chain([quoted.len()]).rev();
    let whole = ends.filter_map(|end| from_json(&format!("\"{}\"", &quoted[..end])).ok()).next();
    let beginning = whole.as_ref().and_then(Value::as_str).unwrap_or_default();
    Regex::new(&format!("(?s)^{}", regex_lite::escape(beginning))).map_or(NamePattern::Any, NamePattern::from)
}

fn value(cursor: &mut Cursor<'_>) -> Result<Expected, TreeError> {
    let start = *cursor;
    if let Some(pattern) = cursor.between_slashes() {
        return match Regex::new(pattern) {
            Ok(regex) => Ok(regex.into()),
            Err(error) => Err(start.error(format!("a regular expression ({error})"))),
        };
    }
    let token = token(cursor)?;
    if let Some(prefix) = token.strip_suffix(CUT) {
        return Ok(Expected::pattern(Cut(prefix.to_owned())));
    }
    if let Some(range) = number_range(token) {
        return Ok(range);
    }
    if token.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '*')) && from_json(token).is_err() {
        return match token.contains('*') {
            true => Ok(glob(token).into()),
            false if is_bare_word(token) => Ok(Expected::pattern(Called(token.to_owned()))),
            false => Err(start.error("a string in double quotes, as it has other characters than a word")),
        };
    }
    from_json(token).map(Expected::from).map_err(|error| start.json_error(&error))
}

/// A value, to the space after it or to where it is cut.
fn token<'t>(cursor: &mut Cursor<'t>) -> Result<&'t str, TreeError> {
    let (start, rest) = (*cursor, cursor.rest());
    let (mut depth, mut is_in_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in rest.char_indices() {
        match c {
            CUT => {
                cursor.at += at + c.len_utf8();
                let expected = "a space after `…`, which cuts a value (`\\u2026` is the character)";
                return if cursor.is_at_gap() { Ok(&rest[..at + c.len_utf8()]) } else { Err(cursor.error(expected)) };
            }
            _ if is_escaped => is_escaped = false,
            '\\' if is_in_string => is_escaped = true,
            '"' => is_in_string = !is_in_string,
            '[' | '{' if !is_in_string => depth += 1,
            ']' | '}' if !is_in_string => depth = depth.saturating_sub(1),
            ' ' if !is_in_string && depth == 0 => {
                cursor.at += at;
                return if at == 0 { Err(start.error("a value")) } else { Ok(&rest[..at]) };
            }
            _ => {}
        }
    }
    cursor.at = cursor.line.len();
    if rest.is_empty() { Err(start.error("a value")) } else { Ok(rest) }
}

/// Reads a range of numbers: `0..=5`, `..2.5`, `1..`.
fn number_range(token: &str) -> Option<Expected> {
    let (from, to) = token.split_once("..")?;
    let bound = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let from = if from.is_empty() { Bound::Unbounded } else { Bound::Included(bound(from)?) };
    let to = match to.strip_prefix('=') {
        Some(to) => Bound::Included(bound(to)?),
        None if to.is_empty() => Bound::Unbounded,
        None => Bound::Excluded(bound(to)?),
    };
    Some(between((from, to)).into())
}

/// A value that is drawn so far, and goes on.
#[derive(Debug)]
struct Cut(String);

impl ValuePattern for Cut {
    fn matches(&self, value: &Value) -> bool {
        shown_whole(value).starts_with(&self.0)
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{CUT}", self.0)
    }
}

/// A string that is this word, or the Python `repr` of something that is called so.
#[derive(Debug)]
struct Called(String);

impl ValuePattern for Called {
    fn matches(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| text == self.0 || name_in_repr(text) == Some(&self.0))
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, or something called so", self.0)
    }
}
