//! Texts and values as they stand in a check file.

use crate::value::{Value, to_json};

/// Words that YAML, or a reader of it, takes for something else than a text.
const NO_TEXTS: [&str; 14] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity", "none", "undefined"];

/// A text as it stands in YAML: bare where nobody could take it for something else.
pub(super) fn word(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/'))
        && !NO_TEXTS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { to_json(&Value::from(text)) }
}

/// A text in the single quotes of YAML.
pub(super) fn in_quotes(text: &str) -> String {
    // A line feed in single quotes would be read as a blank.
    if text.contains(['\n', '\r', '\t']) || text.chars().any(char::is_control) {
        return to_json(&Value::from(text));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A string of TraceQL.
pub(super) fn in_query(text: &str) -> String {
    to_json(&Value::from(text))
}

/// The name of an attribute as it stands in a query.
pub(super) fn name_in_query(key: &str) -> String {
    let is_bare = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    if is_bare { key.to_owned() } else { in_query(key) }
}

/// A character as it stands in a regular expression.
pub(super) fn in_regex(c: char, out: &mut String) {
    if r"\.+*?()|[]{}^$".contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// A value as a check file says that another is equal; nothing for one that it cannot say.
pub(super) fn equal(value: &Value) -> Option<String> {
    let is_sayable = match value {
        Value::Float(number) => number.is_finite(),
        Value::BigInt(_) => false,
        Value::Array(elements) => elements.iter().all(|element| equal(element).is_some()),
        Value::Map(map) => map.iter().all(|(_, value)| equal(value).is_some()),
        _ => true,
    };
    is_sayable.then(|| match value {
        Value::Str(text) => word(text),
        Value::Map(_) => format!("{{equal: {}}}", to_json(value)),
        other => to_json(other),
    })
}

#[cfg(test)]
mod tests {
    use super::{in_quotes, word};
    use crate::value::yaml::Node;

    #[test]
    fn a_text_is_read_as_it_was() {
        for text in
            ["plain", "no", "5", "", " a", "a: b", "# c", "it's", "line\nfeed", "é…", "\"q\"", "a/b.c-d_e", "~", "1e5"]
        {
            for written in [word(text), in_quotes(text)] {
                let node = Node::parse(&format!("k: {written}")).expect("it is YAML");
                let found = node.expect_map("a map").expect("a map")[0].1.as_str().map(str::to_owned);
                assert_eq!(found.as_deref(), Some(text), "{written}");
            }
        }
    }
}
