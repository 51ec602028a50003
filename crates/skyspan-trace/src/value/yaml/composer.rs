//! From a YAML text to [`Node`]s.
//!
//! `saphyr-parser` splits the text into events; here they become a tree, as `PyYAML`'s composer and `SafeConstructor` make
//! one: aliases replaced, maps merged, scalars resolved. The events themselves are those of YAML 1.2: `[?a]`, `{a: :b}`, a
//! tab within a plain scalar and an anchor given twice, which `PyYAML` refuses or reads otherwise, are let be.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::given::Given;
use super::scalar::{self, Plain};
use super::{Node, NodeValue, YamlError};
use crate::value::{Position, Value, from_json};

/// How deep nodes may lie in one another; the readers of the tree descend it by recursion.
const DEPTH_MAX: usize = 200;

/// How many nodes all anchors and aliases together may copy, so that a short text cannot fill the memory.
const COPIED_MAX: usize = 100_000;

/// Reads a YAML text of one document.
pub(super) fn read(text: &str) -> Result<Node, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_printable(*c)) {
        let found = format!("the character `{}`", c.escape_unicode());
        return Err(YamlError::new(Position::of(text, at), "characters that YAML allows", found)
            .with_help("in double quotes it can be written `\\u` and four hexadecimal digits"));
    }
    compose(&Given::new(text)).or_else(|error| match Given::with_indented_flow(text) {
        Some(indented) => compose(&indented).map_err(|_| error),
        None => Err(error),
    })
}

fn compose(given: &Given<'_>) -> Result<Node, YamlError> {
    let parser = Parser::new_from_str(&given.text);
    let end = end_of(given.original);
    let mut reader = Reader { given, parser, end, anchors: BTreeMap::new(), copied: 0 };
    let mut document = Node { value: NodeValue::Scalar(Value::Null), position: Position { line: 1, column: 1 } };
    let mut documents = 0;
    loop {
        let (event, position) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(document),
            Event::DocumentStart(_) if documents > 0 => {
                return Err(YamlError::new(position, "one YAML document in the file", "a second one"));
            }
            Event::DocumentStart(_) => {
                documents += 1;
                document = reader.next_node(0)?;
            }
            _ => {}
        }
    }
}

/// Whether YAML allows a character as it is (`PyYAML` 6.0, `Reader.NON_PRINTABLE`). The parser would take a NUL for the end of
/// the text.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

struct Reader<'t> {
    given: &'t Given<'t>,
    parser: Parser<'t, StrInput<'t>>,
    end: Position,
    /// The nodes that aliases may stand for, by the number the parser gives their anchor.
    anchors: BTreeMap<usize, Node>,
    /// How many nodes were copied for anchors and aliases.
    copied: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Position), YamlError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.position_of(span.start))),
            Some(Err(error)) => Err(self.not_yaml(&error)),
            None => Ok((Event::StreamEnd, Position { line: 1, column: 1 })),
        }
    }

    fn position_of(&self, marker: Marker) -> Position {
        // At the end of the text the parser may be a line further.
        let found = Position { line: marker.line().max(1), column: marker.col() + 1 };
        self.given.original_position(found).min(self.end)
    }

    fn not_yaml(&self, error: &ScanError) -> YamlError {
        let position = self.position_of(*error.marker());
        let line = self.given.original.lines().nth(position.line - 1);
        let found = match line.map(|line| line.chars().nth(position.column - 1)) {
            Some(Some(c)) => format!("`{}`", c.escape_debug()),
            Some(None) if self.given.original.lines().count() > position.line => "the end of the line".to_owned(),
            _ => "the end of the text".to_owned(),
        };
        YamlError::new(position, "well-formed YAML", found).with_help(error.info())
    }

    fn next_node(&mut self, depth: usize) -> Result<Node, YamlError> {
        let (event, position) = self.next()?;
        self.node(event, position, depth)
    }

    /// The node that begins with `event`.
    fn node(&mut self, event: Event<'t>, position: Position, depth: usize) -> Result<Node, YamlError> {
        if depth > DEPTH_MAX {
            return Err(too_deep(position));
        }
        let (value, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, position, depth),
            Event::Scalar(text, style, anchor, tag) => {
                (NodeValue::Scalar(self.scalar(&text, style, tag.as_deref(), position)?), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag, "seq", position)?;
                (self.sequence(depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag, "map", position)?;
                (self.mapping(position, depth)?, anchor)
            }
            _ => return Err(YamlError::new(position, "a value", "none")),
        };
        let node = Node { value, position };
        // The parser counts anchors from 1; 0 is for a node without one.
        if anchor > 0 {
            // A scalar's copy is as short as its anchor in the text; only anchors in one another could add up.
            self.count_copied(extent(&node).0 - 1, position)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        position: Position,
    ) -> Result<Value, YamlError> {
        // What is plain in JSON is a number, or one of three words; to YAML, `1e3` is a string.
        if self.given.is_json && style == ScalarStyle::Plain {
            return from_json(text).map_err(|_| YamlError::new(position, "a value", format!("`{text}`")));
        }
        scalar_value(text, style, tag, position)
    }

    fn sequence(&mut self, depth: usize) -> Result<NodeValue, YamlError> {
        let mut nodes = Vec::new();
        loop {
            let (event, position) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(NodeValue::Sequence(nodes));
            }
            nodes.push(self.node(event, position, depth + 1)?);
        }
    }

    fn mapping(&mut self, position: Position, depth: usize) -> Result<NodeValue, YamlError> {
        let mut own = Entries::default();
        let mut merged = None;
        loop {
            let (event, key_position) = self.next()?;
            let plain = match &event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, _, None) => Some(scalar::plain(text)),
                _ => None,
            };
            if matches!(plain, Some(Plain::Merge)) {
                if merged.is_some() {
                    return Err(twice("`<<`", key_position, position));
                }
                merged = Some(merge(self.next_node(depth + 1)?)?);
                continue;
            }
            let key = if matches!(plain, Some(Plain::Default)) {
                Node { value: NodeValue::Scalar(Value::literal("=")), position: key_position }
            } else {
                self.node(event, key_position, depth + 1)?
            };
            let NodeValue::Scalar(key_value) = &key.value else {
                return Err(YamlError::new(key_position, "a scalar as the key", key.describe()));
            };
            if let Some(first) = own.get(key_value) {
                return Err(twice(&format!("`{}`", key_text(key_value)), key_position, first.position));
            }
            let value = self.next_node(depth + 1)?;
            own.set(key, value);
        }
        // A key's place is that of its first appearance, and what is merged in comes first, as in Python.
        let Some(mut entries) = merged else { return Ok(NodeValue::Mapping(own.list)) };
        for (key, value) in own.list {
            entries.set(key, value);
        }
        Ok(NodeValue::Mapping(entries.list))
    }

    fn alias(&mut self, anchor: usize, position: Position, depth: usize) -> Result<Node, YamlError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(YamlError::new(
                position,
                "an alias of an anchor that is complete",
                "one inside its own anchor",
            ));
        };
        let node = node.clone();
        let (count, height) = extent(&node);
        self.count_copied(count, position)?;
        if depth + height > DEPTH_MAX {
            return Err(too_deep(position));
        }
        Ok(node)
    }

    fn count_copied(&mut self, nodes: usize, position: Position) -> Result<(), YamlError> {
        self.copied += nodes;
        if self.copied <= COPIED_MAX {
            return Ok(());
        }
        let expected = format!("anchors and aliases that stand for at most {COPIED_MAX} nodes in all");
        Err(YamlError::new(position, expected, "more"))
    }
}

/// The entries of a map, with their keys looked up by hash: a map may be long.
#[derive(Default)]
struct Entries {
    list: Vec<(Node, Node)>,
    places: HashMap<String, usize>,
}

impl Entries {
    fn get(&self, key: &Value) -> Option<&Node> {
        self.places.get(&identity(key)).map(|place| &self.list[*place].0)
    }

    /// Sets a key to a value; one that exists keeps its place.
    fn set(&mut self, key: Node, value: Node) {
        let NodeValue::Scalar(key_value) = &key.value else { return };
        let next = self.list.len();
        let place = *self.places.entry(identity(key_value)).or_insert(next);
        match self.list.get_mut(place) {
            Some(entry) => *entry = (key, value),
            None => self.list.push((key, value)),
        }
    }
}

/// What two keys have in common that a Python dict holds for the same: there `1`, `1.0` and `true` are one key.
fn identity(key: &Value) -> String {
    match key {
        Value::Str(text) => format!("\"{text}"),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Float(number) if number.fract() == 0.0 => format!("{:.0}", number + 0.0),
        other => other.to_string(),
    }
}

fn key_text(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), |text| text.escape_debug().to_string())
}

/// The entries of the maps that a merge key names. Of several maps the first that has a key gives its value.
fn merge(node: Node) -> Result<Entries, YamlError> {
    const EXPECTED: &str = "a map or a list of maps to merge";
    let maps = match node {
        Node { value: NodeValue::Sequence(nodes), .. } => nodes,
        node => vec![node],
    };
    let mut entries = Entries::default();
    for map in maps.into_iter().rev() {
        map.expect_map(EXPECTED)?;
        let NodeValue::Mapping(list) = map.value else { continue };
        for (key, value) in list {
            entries.set(key, value);
        }
    }
    Ok(entries)
}

/// How many nodes a node consists of, itself among them, and how many levels lie below it.
fn extent(node: &Node) -> (usize, usize) {
    let mut children: Box<dyn Iterator<Item = &Node>> = match &node.value {
        NodeValue::Scalar(_) => return (1, 0),
        NodeValue::Sequence(nodes) => Box::new(nodes.iter()),
        NodeValue::Mapping(entries) => Box::new(entries.iter().flat_map(|(key, value)| [key, value])),
    };
    let first = (1, 0);
    children.by_ref().map(extent).fold(first, |(count, height), (c, h)| (count + c, height.max(h + 1)))
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>, position: Position) -> Result<Value, YamlError> {
    let refused = |expected: &str, found: &str| YamlError::new(position, expected, found);
    if let Some(tag) = tag {
        let kind = core_tag(tag).filter(|kind| SCALAR_TAGS.contains(kind)).ok_or_else(|| unknown_tag(tag, position))?;
        return scalar::tagged(kind, text).ok_or_else(|| {
            refused(&format!("a scalar that fits its tag `!!{kind}`"), &format!("`{}`", text.escape_debug()))
        });
    }
    if style != ScalarStyle::Plain {
        return Ok(Value::from(text));
    }
    let in_quotes = "put it in quotes to make it a string";
    // In brackets and braces the parser lets these begin a plain scalar, which YAML does not.
    if let Some(c @ ('>' | '|')) = text.chars().next() {
        return Err(refused("a value", &format!("`{c}` at its beginning")).with_help(in_quotes));
    }
    match scalar::plain(text) {
        Plain::Value(value) => Ok(value),
        Plain::Merge => Err(refused("a value", "the merge key `<<`").with_help(in_quotes)),
        Plain::Default => Err(refused("a value", "a bare `=`").with_help(in_quotes)),
        Plain::Timestamp => Err(refused("a value that JSON has", &format!("the date {text}")).with_help(in_quotes)),
        Plain::BadInteger => Err(refused("an integer of 1 to 4300 digits", "another number of them")),
    }
}

const SCALAR_TAGS: [&str; 5] = ["str", "int", "float", "bool", "null"];

/// The name of a tag of YAML itself, such as `str` for `!!str`.
fn core_tag(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return Some(&tag.suffix);
    }
    // A tag that is written out, `!<tag:yaml.org,2002:str>`, has it all in its suffix.
    if tag.handle.is_empty() { tag.suffix.strip_prefix("tag:yaml.org,2002:") } else { None }
}

fn check_tag(tag: Option<Cow<'_, Tag>>, kind: &str, position: Position) -> Result<(), YamlError> {
    match tag {
        Some(tag) if core_tag(&tag) != Some(kind) => Err(unknown_tag(&tag, position)),
        _ => Ok(()),
    }
}

fn unknown_tag(tag: &Tag, position: Position) -> YamlError {
    let written = match core_tag(tag) {
        Some(kind) => format!("!!{kind}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    };
    YamlError::new(
        position,
        "no tag, or that of the value's own kind: `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq`, `!!map`",
        format!("the tag `{}`", written.escape_debug()),
    )
}

fn twice(key: &str, position: Position, first: Position) -> YamlError {
    YamlError::new(position, "each key once", format!("{key} again")).with_help(format!("it stands at {first} already"))
}

fn too_deep(position: Position) -> YamlError {
    YamlError::new(position, format!("lists and maps at most {DEPTH_MAX} deep"), "a deeper one")
}

/// Where a text ends, with the lines that YAML counts: a carriage return alone ends one, too.
fn end_of(text: &str) -> Position {
    let last = text.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let breaks = text.matches(['\n', '\r']).count() - text.matches("\r\n").count();
    Position { line: breaks + 1, column: text[last..].chars().count() + 1 }
}
