//! JSON as Python's `json.dumps` writes it.

use std::fmt::Write as _;

use super::{Map, Value, float_repr};

/// JSON on one line, byte for byte as Python's `json.dumps(value)` writes it: `", "` and `": "` between, `\uXXXX` for
/// all that is not ASCII, `NaN` and `Infinity` for what JSON has no word for (CPython 3.11, `json`).
#[must_use]
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value);
    out
}

/// JSON over several lines, byte for byte as Python's `json.dumps(value, indent=indent)` writes it.
#[must_use]
pub fn to_json_indented(value: &Value, indent: usize) -> String {
    let mut out = String::new();
    write_indented(&mut out, value, indent, 0);
    out
}

/// [`to_json`] at the end of a text.
pub fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_json(out, element);
            }
            out.push(']');
        }
        Value::Map(map) => write_map(out, map),
        scalar => write_scalar(out, scalar),
    }
}

fn write_map(out: &mut String, map: &Map) {
    out.push('{');
    for (at, (key, value)) in map.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        write_json_string(out, key);
        out.push_str(": ");
        write_json(out, value);
    }
    out.push('}');
}

fn write_indented(out: &mut String, value: &Value, indent: usize, depth: usize) {
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    };
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                new_line(out, depth + 1);
                write_indented(out, element, indent, depth + 1);
            }
            new_line(out, depth);
            out.push(']');
        }
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                new_line(out, depth + 1);
                write_json_string(out, key);
                out.push_str(": ");
                write_indented(out, value, indent, depth + 1);
            }
            new_line(out, depth);
            out.push('}');
        }
        flat => write_json(out, flat),
    }
}

fn write_scalar(out: &mut String, value: &Value) {
    match value {
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::BigInt(digits) => out.push_str(digits),
        Value::Float(number) if number.is_nan() => out.push_str("NaN"),
        Value::Float(f64::INFINITY) => out.push_str("Infinity"),
        Value::Float(f64::NEG_INFINITY) => out.push_str("-Infinity"),
        Value::Float(number) => out.push_str(&float_repr(*number)),
        Value::Str(text) => write_json_string(out, text),
        Value::Null | Value::Array(_) | Value::Map(_) => out.push_str("null"),
    }
}

/// A string in quotes, ASCII only, as Python's `json.dumps` writes it.
pub fn write_json_string(out: &mut String, text: &str) {
    out.push('"');
    // Nearly every string is plain. All bytes are looked at, many at once.
    let is_odd = |byte: u8| !matches!(byte, b' '..=b'~') | (byte == b'"') | (byte == b'\\');
    if !text.bytes().fold(false, |odd, byte| odd | is_odd(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut plain_from = 0;
    for (at, c) in text.char_indices() {
        if matches!(c, ' '..='~') && c != '"' && c != '\\' {
            continue;
        }
        out.push_str(&text[plain_from..at]);
        plain_from = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}
