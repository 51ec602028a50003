//! [`Given`]: a text as the parser takes it, and where what it says stands in the text that was given.

use std::borrow::Cow;

use crate::value::{Position, from_json};

/// A text as the parser takes it.
pub(super) struct Given<'t> {
    /// As it was given.
    pub(super) original: &'t str,
    /// As the parser gets it.
    pub(super) text: Cow<'t, str>,
    /// Whether it is JSON, whose numbers may have an exponent without a sign.
    pub(super) is_json: bool,
    /// From which column of a line on what is read stands so much further to the right in the original; in order of lines.
    shifts: Vec<(Position, isize)>,
}

impl<'t> Given<'t> {
    /// A text as it is; of JSON, with each pair of escaped surrogates as the one character that they are.
    pub(super) fn new(original: &'t str) -> Self {
        let begins_as_json = original.trim_start().starts_with(['{', '[']);
        if !(begins_as_json && from_json(original).is_ok()) {
            return Self { original, text: Cow::Borrowed(original), is_json: false, shifts: Vec::new() };
        }
        let (text, shifts) = with_joined_surrogates(original);
        Self { original, text, is_json: true, shifts }
    }

    /// The same, where each line within brackets, braces or quotes is indented by more than the key of the line that opens them: PyYAML
    /// takes such lines at any indentation, the parser does not. Nothing where no line has to be moved. Within quotes this changes
    /// nothing, as the blanks at the start of a line count as one.
    pub(super) fn with_indented_flow(original: &'t str) -> Option<Self> {
        let mut text = String::with_capacity(original.len());
        let (mut shifts, mut flow) = (Vec::new(), Flow::default());
        // In a block scalar, brackets and quotes are letters.
        let mut block = None;
        let mut margin = 0;
        for (at, line) in original.split_inclusive('\n').enumerate() {
            if block.is_some_and(|outside| line.trim().is_empty() || indentation(line) > outside) {
                text.push_str(line);
                continue;
            }
            // In quotes, the marks of documents are refused by either.
            let is_mark = flow.quote.is_some() && (line.starts_with("---") || line.starts_with("..."));
            let is_within = (flow.depth > 0 || flow.quote.is_some()) && !is_mark;
            if !is_within {
                margin = content_of(line).unwrap_or_default() + 1;
            } else if !line.trim().is_empty() && indentation(line) < margin {
                let missing = margin - indentation(line);
                text.extend(std::iter::repeat_n(' ', missing));
                shifts.push((Position { line: at + 1, column: 1 }, -missing.cast_signed()));
            }
            text.push_str(line);
            flow.read(line);
            block = if flow.is_closed() { block_scalar_after(line) } else { None };
        }
        let is_json = false;
        (!shifts.is_empty()).then_some(Self { original, text: Cow::Owned(text), is_json, shifts })
    }

    /// Where in the original stands what the parser has found there.
    pub(super) fn original_position(&self, found: Position) -> Position {
        let first = self.shifts.partition_point(|(from, _)| from.line < found.line);
        let of_line = self.shifts[first..].iter().take_while(|(from, _)| from.line == found.line);
        let shift: isize = of_line.filter(|(from, _)| from.column <= found.column).map(|(_, shift)| shift).sum();
        Position { line: found.line, column: found.column.saturating_add_signed(shift).max(1) }
    }
}

/// What is open at a place of a text.
#[derive(Default)]
struct Flow {
    /// How many brackets and braces.
    depth: usize,
    /// In which quotes it is.
    quote: Option<char>,
}

/// How many blanks a line begins with.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where the key or the entry of a line begins, behind the dashes of lists.
fn content_of(line: &str) -> Option<usize> {
    line.find(|c| !matches!(c, ' ' | '-'))
}

/// Beyond which indentation lines belong to the block scalar (`key: |`) that a line begins; nothing where it begins none.
fn block_scalar_after(line: &str) -> Option<usize> {
    let header = line.split(" #").next().unwrap_or(line).trim_end();
    let header = header.trim_end_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
    let before = header.strip_suffix(['|', '>'])?;
    if !(before.is_empty() || before.ends_with(' ')) {
        return None;
    }
    // Behind a dash, the entry of the list is what it stands in.
    let content = content_of(line)?;
    let is_entry = content == before.len();
    Some(if is_entry { before.rfind('-').unwrap_or(0) } else { content })
}

impl Flow {
    const fn is_closed(&self) -> bool {
        self.depth == 0 && self.quote.is_none()
    }

    /// Goes on to the end of a line.
    fn read(&mut self, line: &str) {
        let (mut before, mut skips, mut has_ended) = (' ', false, false);
        for c in line.chars() {
            if std::mem::take(&mut skips) {
                continue;
            }
            let is_doubled = std::mem::take(&mut has_ended) && c == '\'';
            // In a plain scalar, quotes and brackets are letters like others.
            let begins = matches!(before, ' ' | '\t' | '[' | '{' | ',' | ':');
            match (self.quote, c) {
                (Some('"'), '\\') => skips = true,
                (Some(quote), c) if c == quote => (self.quote, has_ended) = (None, quote == '\''),
                (Some(_), _) => {}
                // A quote that is doubled has ended nothing.
                (None, '\'') if is_doubled => self.quote = Some(c),
                (None, '#') if matches!(before, ' ' | '\t') => return,
                (None, '"' | '\'') if begins => self.quote = Some(c),
                (None, '[' | '{') if begins || self.depth > 0 => self.depth += 1,
                (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
                (None, _) => {}
            }
            before = c;
        }
    }
}

/// JSON in which each pair of escaped surrogates (`\ud83d\ude00`) is escaped as the one character that it is.
fn with_joined_surrogates(json: &str) -> (Cow<'_, str>, Vec<(Position, isize)>) {
    let (mut text, mut shifts) = (String::new(), Vec::new());
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        let Some(character) = surrogates(&json[escape..]) else {
            // What is behind a backslash is part of the escape, also another backslash; it is of one byte, or the text no JSON.
            at = (escape + 2).min(json.len());
            continue;
        };
        text.push_str(&json[kept..escape]);
        text.push_str(&format!("\\U{character:08X}"));
        (kept, at) = (escape + 12, escape + 12);
        // Twelve characters have become ten.
        shifts.push((Position::of(&text, text.len()), 2));
    }
    if shifts.is_empty() {
        return (Cow::Borrowed(json), shifts);
    }
    text.push_str(&json[kept..]);
    (Cow::Owned(text), shifts)
}

/// The code point that an escaped pair of surrogates at the beginning of a text stands for.
fn surrogates(text: &str) -> Option<u32> {
    let unit = |from: usize| {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (high, low) = (unit(0)?, unit(6)?);
    let is_pair = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
    is_pair.then(|| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}
