//! Python's `repr` of values.

use std::fmt::Write as _;

use super::{Value, float_repr};

/// Python's `repr` of a value: `None`, `True`, `5.0`, `'text'`, `[1, 2]`, `{'key': 'value'}`.
///
/// ```
/// use skyspan_trace::value::{Value, repr};
///
/// assert_eq!(repr(&Value::from([Value::Null, true.into(), "it's".into()])), r#"[None, True, "it's"]"#);
/// ```
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(&mut out, value);
    out
}

fn write_repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(number) => write_display(out, number),
        Value::BigInt(digits) => out.push_str(digits),
        Value::Float(number) => out.push_str(&float_repr(*number)),
        Value::Str(text) => out.push_str(&repr_str(text)),
        Value::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_repr(out, element);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&repr_str(key));
                out.push_str(": ");
                write_repr(out, value);
            }
            out.push('}');
        }
    }
}

/// Python's `repr` of a string: single quotes unless only double ones spare an escape, and escapes for what is not
/// printable (CPython 3.11, `str.__repr__`).
#[must_use]
pub fn repr_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if is_printable(c) => out.push(c),
            _ => {
                let code = u32::from(c);
                let escape = match code {
                    ..=0xff => format!("\\x{code:02x}"),
                    0x100..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                };
                out.push_str(&escape);
            }
        }
    }
    out.push(quote);
    out
}

/// Whether Python calls a character printable. Rust's debug output escapes by the same Unicode categories, save for the
/// marks that combine with a character before them; behind an `a` it leaves those alone, too.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let mut escaped = ['a', c].iter().collect::<String>().escape_debug().skip(1).collect::<String>();
    escaped.pop() == Some(c) && escaped.is_empty()
}

fn write_display(out: &mut String, value: &impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}
