//! Trace state: W3C's notation, which spans keep, and Python's, which the console JSON has.

use crate::value::{Text, repr_str};

/// Python's `repr` of a trace state: a list of strings such as `['{key=a, value=b}']` (opentelemetry-api 1.45.2,
/// `TraceState.__repr__`). What is not W3C's notation comes from a console JSON, and goes back as it came.
pub(super) fn to_python(trace_state: &str) -> String {
    if trace_state.is_empty() {
        return "[]".to_owned();
    }
    let members: Option<Vec<String>> = trace_state
        .split(',')
        .map(|member| {
            let (key, value) = member.split_once('=')?;
            is_key(key).then(|| repr_str(&format!("{{key={key}, value={value}}}")))
        })
        .collect();
    members.map_or_else(|| trace_state.to_owned(), |members| format!("[{}]", members.join(", ")))
}

/// W3C's notation of a trace state that Python printed; the text as it is if writing that would not give it back. (A
/// text that is W3C's notation already is taken for that, and becomes Python's when it is written.)
pub(super) fn from_python(text: &str) -> Text {
    let header = parsed(text).unwrap_or_default();
    if to_python(&header) == text { header.into() } else { text.into() }
}

/// Whether W3C Trace Context allows it as a key.
fn is_key(key: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/@".contains(&b);
    !key.is_empty() && key.bytes().all(allowed)
}

/// Reads a list of strings in Python's notation, and in each a key and a value. They are printable ASCII, so that the
/// only escapes are those of quotes and of the backslash.
fn parsed(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut header = String::new();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut member = String::new();
        let mut chars = rest.char_indices().skip(1);
        let end = loop {
            match chars.next()? {
                (_, '\\') => member.push(chars.next()?.1),
                (at, c) if c == quote => break at + 1,
                (_, c) => member.push(c),
            }
        };
        let (key, value) = member.strip_prefix("{key=")?.strip_suffix('}')?.split_once(", value=")?;
        if !header.is_empty() {
            header.push(',');
        }
        header.extend([key, "=", value]);
        rest = &rest[end..];
        rest = rest.strip_prefix(", ").unwrap_or(rest);
    }
    Some(header)
}
