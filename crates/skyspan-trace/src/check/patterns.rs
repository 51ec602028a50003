//! What a name or a value may be, as a check file writes it.

use super::ranges::values;
use crate::expect::{
    Any, AttributeExpectation, Expected, NamePattern, Regex, ValueType, any, between, glob, json, of_type, one_of,
    other_than,
};
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, listed, not_one_of};

/// The keys of a pattern, of which there is one; `type` may have another beside it.
pub(super) const PATTERN_KEYS: [&str; 9] =
    ["glob", "regex", "between", "one_of", "not", "json", "equal", "present", "type"];

/// What a value must be: a value means equal, of the same type; a map with one key is a pattern.
pub(super) fn expected(node: &Node) -> Result<Expected, YamlError> {
    match attribute(node)? {
        AttributeExpectation::Is(expected) => Ok(expected),
        AttributeExpectation::Present => Ok(any().into()),
        _ => Err(node.unexpected("a value, or a pattern of one; a value cannot be absent here")),
    }
}

/// The same of an attribute, which may be absent as well.
pub(super) fn attribute(node: &Node) -> Result<AttributeExpectation, YamlError> {
    let NodeValue::Mapping(_) = node.value else { return Ok(AttributeExpectation::Is(node.to_value()?.into())) };
    let fields = Fields::of(node, "a pattern of a value", &PATTERN_KEYS).map_err(|error| {
        if error.help.is_some() { error } else { error.with_help("a map as the value is `equal: {...}`") }
    })?;
    let mut keys = fields.keys().filter(|(_, key)| *key != "type");
    match (fields.get("type"), keys.next(), keys.next()) {
        (None, Some((_, key)), None) => of_key(key, fields.need(key)?),
        (Some(said), None, _) => Ok(AttributeExpectation::Is(of_type(value_type(said)?).into())),
        (Some(said), Some((_, key)), None) if key != "present" => match of_key(key, fields.need(key)?)? {
            AttributeExpectation::Is(expected) => {
                Ok(AttributeExpectation::Is(of_type(value_type(said)?).and(expected).into()))
            }
            other => Ok(other),
        },
        _ => Err(fields.lacks(&format!("exactly one of the keys {}", listed(&PATTERN_KEYS)))),
    }
}

/// The pattern of one key.
fn of_key(key: &str, value: &Node) -> Result<AttributeExpectation, YamlError> {
    Ok(AttributeExpectation::Is(match key {
        "present" => {
            return Ok(match value.expect_bool("true or false as `present`")? {
                true => AttributeExpectation::Present,
                false => AttributeExpectation::Absent,
            });
        }
        "glob" => glob(value.expect_str("a text in which `*` stands for any characters")?).into(),
        "regex" => regular(value)?.into(),
        "between" => between(values(value)?).into(),
        "one_of" => {
            let choices = value.expect_list("a list of values or patterns as `one_of`")?;
            one_of(choices.iter().map(expected).collect::<Result<Vec<_>, _>>()?).into()
        }
        "not" => other_than(expected(value)?).into(),
        "json" => in_json(value)?,
        _ => value.to_value()?.into(),
    }))
}

fn value_type(node: &Node) -> Result<ValueType, YamlError> {
    let names = ValueType::ALL.map(ValueType::name);
    // `null` is a word here, and no value.
    let word = if node.is_null() { Some("null") } else { node.as_str() };
    let found = ValueType::ALL.into_iter().find(|of| word == Some(of.name()));
    found.ok_or_else(|| not_one_of(node, "a type of values", &names))
}

fn regular(node: &Node) -> Result<Regex, YamlError> {
    let pattern = node.expect_str("a regular expression")?;
    Regex::new(pattern).map_err(|error| node.unexpected("a regular expression").with_help(error.to_string()))
}

/// What the JSON in a string must be: what is at each path.
fn in_json(node: &Node) -> Result<Expected, YamlError> {
    let mut pattern = json();
    for (path, said) in Fields::any(node, "the JSON in a string, by path")?.all_but(&[]) {
        pattern = match attribute(&said)? {
            AttributeExpectation::Is(expected) => pattern.with(path.value, expected),
            AttributeExpectation::Present => pattern.with(path.value, Any),
            _ => pattern.without(path.value),
        };
    }
    Ok(pattern.into())
}

/// A name: a text means exactly so; a map with the key `glob` or `regex` is a pattern.
pub(super) fn name(node: &Node) -> Result<NamePattern, YamlError> {
    let NodeValue::Mapping(_) = node.value else {
        return Ok(node.expect_str("a name, or `glob: ...` or `regex: ...`")?.into());
    };
    let fields = Fields::of(node, "a pattern of a name", &["glob", "regex"])?;
    match (fields.get("glob"), fields.get("regex")) {
        (Some(text), None) => Ok(glob(text.expect_str("a text in which `*` stands for any characters")?).into()),
        (None, Some(text)) => Ok(regular(text)?.into()),
        _ => Err(fields.lacks("exactly one of the keys `glob`, `regex`")),
    }
}
