//! From a tree to YAML, as a person would write it: what has steps or entries in it a line each, all else in one line.

use std::fmt::Write as _;

use super::nodes;
use crate::program::data::{DeviceSpec, FaultSpec, OutsideSpec, PauseAction, Program, Step};
use crate::value::yaml::{Node, NodeValue};
use crate::value::{Map, Value, float_repr};

/// How long a line may get before what is in it gets a line each.
const WIDTH: usize = 120;

impl Program {
    /// The program as the text of a plan file.
    ///
    #[cfg_attr(feature = "plan-files", doc = "```")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::program::Program;
    ///
    /// let text = "items:\n  - {item_type: plan, name: scan, args: [[det], motor, 0, 10.5, 11], kwargs: {md: {a: 'on'}}}\n";
    /// let written = Program::parse(text)?.to_yaml();
    /// assert_eq!(
    ///     written,
    ///     "items:\n  - {item_type: plan, name: scan, args: [[det], motor, 0, 10.5, 11], kwargs: {md: {a: \"on\"}}}\n",
    /// );
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = String::new();
        block(&mut text, &self.to_node(), 0, false);
        text
    }
}

/// A step in one line.
pub(crate) fn step_text(step: &Step) -> String {
    flow(&nodes::step(step))
}

/// A device in one line.
pub(crate) fn device_text(spec: &DeviceSpec) -> String {
    flow(&nodes::device(spec))
}

/// A fault that names its device, in one line.
pub(crate) fn fault_text(spec: &FaultSpec) -> String {
    flow(&nodes::fault_of_device(spec))
}

/// What is done from outside, in one line.
pub(crate) fn outside_text(specs: &[OutsideSpec]) -> String {
    flow(&NodeValue::Sequence(specs.iter().map(nodes::outside).collect()).into())
}

/// What is done at pauses, in one line.
pub(crate) fn pauses_text(actions: &[PauseAction]) -> String {
    flow(&NodeValue::Sequence(actions.iter().map(nodes::pause_action).collect()).into())
}

/// A map, in one line.
pub(crate) fn map_text(map: &Map) -> String {
    flow(&Node::from(map.clone()))
}

/// A node in lines of its own; behind a `- ` the first of them goes on.
fn block(text: &mut String, node: &Node, depth: usize, goes_on: bool) {
    let indent = "  ".repeat(depth);
    match &node.value {
        NodeValue::Mapping(entries) => {
            for (at, (key, value)) in entries.iter().enumerate() {
                let indent = if goes_on && at == 0 { "" } else { indent.as_str() };
                let _ = write!(text, "{indent}{}:", flow(key));
                entry(text, value, depth);
            }
        }
        NodeValue::Sequence(nodes) => {
            for node in nodes {
                let _ = write!(text, "{indent}- ");
                if stands_in_line(node, indent.len() + 2) {
                    let _ = writeln!(text, "{}", flow(node));
                } else {
                    block(text, node, depth + 1, true);
                }
            }
        }
        NodeValue::Scalar(_) => {
            let _ = writeln!(text, "{}", flow(node));
        }
    }
}

/// What stands behind a key.
fn entry(text: &mut String, node: &Node, depth: usize) {
    if stands_in_line(node, 2 * depth) {
        let _ = writeln!(text, " {}", flow(node));
    } else {
        text.push('\n');
        block(text, node, depth + 1, false);
    }
}

/// Whether a node stands in one line: it has no entries of lists in it, and is short, or a list in a list.
fn stands_in_line(node: &Node, column: usize) -> bool {
    match &node.value {
        NodeValue::Scalar(_) => true,
        NodeValue::Sequence(nodes) => {
            let alone = nodes.iter().any(|node| matches!(node.value, NodeValue::Sequence(_)));
            alone || !nodes.iter().any(|node| matches!(node.value, NodeValue::Mapping(_)))
        }
        NodeValue::Mapping(entries) => {
            !has_entries(node) && (entries.is_empty() || column + flow(node).chars().count() <= WIDTH)
        }
    }
}

/// Whether there is a list of maps in it.
fn has_entries(node: &Node) -> bool {
    match &node.value {
        NodeValue::Scalar(_) => false,
        NodeValue::Sequence(nodes) => {
            nodes.iter().all(|node| matches!(node.value, NodeValue::Mapping(_))) && !nodes.is_empty()
                || nodes.iter().any(has_entries)
        }
        NodeValue::Mapping(entries) => entries.iter().any(|(_, node)| has_entries(node)),
    }
}

/// A node in one line.
fn flow(node: &Node) -> String {
    match &node.value {
        NodeValue::Scalar(value) => scalar(value),
        NodeValue::Sequence(nodes) => format!("[{}]", nodes.iter().map(flow).collect::<Vec<_>>().join(", ")),
        NodeValue::Mapping(entries) => {
            let entries = entries.iter().map(|(key, node)| format!("{}: {}", flow(key), flow(node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(digits) => digits.to_string(),
        Value::Float(number) => float(*number),
        Value::Str(text) => string(text),
        // No scalar is one of these.
        other => flow(&Node::from(other.clone())),
    }
}

/// A number that YAML takes for a float: with a point, and a sign in its exponent.
fn float(number: f64) -> String {
    let text = float_repr(number);
    match text.split_once('e') {
        _ if number.is_nan() => ".nan".to_owned(),
        _ if number.is_infinite() => if number > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    }
}

/// Words that are no strings unless they are quoted.
const NO_STRINGS: [&str; 8] = ["null", "true", "false", "yes", "no", "on", "off", "inf"];

/// A string, in quotes where it would be something else without.
fn string(text: &str) -> String {
    let first = text.chars().next();
    let is_plain = first.is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ' '))
        && !text.ends_with(' ')
        && !NO_STRINGS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            c if (c as u32) < 0x20 || matches!(c as u32, 0x7f..=0xa0 | 0x2028 | 0x2029 | 0xfeff | 0xfffe | 0xffff) => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
