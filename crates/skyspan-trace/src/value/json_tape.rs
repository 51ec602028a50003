//! [`JsonTape`]: a JSON text as a list of its values and their places, before anything is made of them.

use super::json_node::{JsonNode, WORDS};
use super::{JsonError, Position};

/// How deep lists and maps may lie in one another.
const DEPTH_MAX: usize = 512;

/// All values of one JSON value, in the order of the text: of a map each key and its value, of a list each element.
///
/// This is the one place that knows JSON's grammar. A reader goes over the tape and makes of it what it wants, without a value for
/// what it does not; where something is wrong it knows the place and the way there. A value takes 8 bytes, so that the tape of
/// the most crowded text takes four times as much as the text. It is used again for the next value.
#[derive(Debug, Default)]
pub(crate) struct JsonTape {
    /// Where in the text the value begins; places are counted from here.
    pub(super) base: usize,
    pub(super) tokens: Vec<Token>,
    /// The lists and maps that are open while reading.
    open: Vec<u32>,
}

/// A value, or a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// The place of its first byte, which says what it is.
    pub(super) at: u32,
    /// Of a list or map the number of the token after it; of all else its length in bytes, for a string without its quotes, with
    /// [`ESCAPED`] where it has escapes.
    pub(super) extent: u32,
}

/// The mark of a string that has escapes.
pub(super) const ESCAPED: u32 = 1 << 31;

/// A text is not JSON, from this byte on.
#[derive(Debug)]
pub(crate) struct JsonFault {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
    /// Whether more text might mend it: it is JSON as far as it goes.
    pub(crate) is_cut: bool,
}

impl JsonFault {
    fn new(at: usize, expected: &'static str) -> Self {
        Self { at, expected, is_cut: false }
    }

    /// The same as an error with its place in the text.
    pub(crate) fn error(&self, text: &str) -> JsonError {
        JsonError { position: Position::of(text, self.at), expected: self.expected, found: found(&text[self.at..]) }
    }
}

/// What a rest of a text begins with.
fn found(rest: &str) -> String {
    match rest.chars().next() {
        None => "the end of the text".to_owned(),
        Some(c) if c.is_alphanumeric() => {
            let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(20).collect();
            format!("`{word}`")
        }
        Some(c @ ('"' | '\'')) => format!("`{c}`"),
        Some(c) => format!("`{}`", c.escape_debug()),
    }
}

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    Value,
    Key,
    /// What comes behind a value in a list or map, if it lies in one.
    Behind,
}

impl JsonTape {
    /// Reads the value that begins at `from`, after white space, and gives where it ends.
    pub(crate) fn read(&mut self, text: &str, from: usize) -> Result<usize, JsonFault> {
        self.base = from;
        self.tokens.clear();
        self.open.clear();
        let bytes = text.as_bytes();
        let read = self.read_bytes(bytes, from);
        read.map_err(|fault| JsonFault { is_cut: fault.is_cut || fault.at >= bytes.len(), ..fault })
    }

    fn read_bytes(&mut self, bytes: &[u8], from: usize) -> Result<usize, JsonFault> {
        let mut at = from;
        let mut next = Next::Value;
        loop {
            if let (Next::Behind, None) = (next, self.open.last()) {
                return Ok(at);
            }
            at = skip_white_space(bytes, at);
            let byte = bytes.get(at).copied().unwrap_or_default();
            next = match next {
                Next::Value if self.open.len() > DEPTH_MAX => {
                    return Err(JsonFault::new(at, "lists and maps at most 512 deep"));
                }
                Next::Value => match byte {
                    b'{' | b'[' => {
                        self.begin(at)?;
                        at = skip_white_space(bytes, at + 1);
                        let inner = bytes.get(at).copied().unwrap_or_default();
                        match (byte, inner) {
                            (b'{', b'}') | (b'[', b']') => {
                                self.end();
                                at += 1;
                                Next::Behind
                            }
                            (b'{', _) => Next::Key,
                            _ => Next::Value,
                        }
                    }
                    b'"' => {
                        at = self.string(bytes, at)?;
                        Next::Behind
                    }
                    b'-' | b'0'..=b'9' if bytes.get(at + 1) != Some(&b'I') || byte != b'-' => {
                        let end = number_end(bytes, at)?;
                        self.push(at, end - at)?;
                        at = end;
                        Next::Behind
                    }
                    _ => {
                        let rest = &bytes[at.min(bytes.len())..];
                        let Some((word, _)) = WORDS.iter().find(|(word, _)| rest.starts_with(word.as_bytes())) else {
                            let is_cut = WORDS.iter().any(|(word, _)| word.as_bytes().starts_with(rest));
                            return Err(JsonFault { is_cut, ..JsonFault::new(at, "a JSON value") });
                        };
                        self.push(at, word.len())?;
                        at += word.len();
                        Next::Behind
                    }
                },
                Next::Key => {
                    if byte != b'"' {
                        return Err(JsonFault::new(at, "a key in double quotes"));
                    }
                    at = skip_white_space(bytes, self.string(bytes, at)?);
                    if bytes.get(at) != Some(&b':') {
                        return Err(JsonFault::new(at, "`:`"));
                    }
                    at += 1;
                    Next::Value
                }
                Next::Behind => {
                    let is_map = self.is_in_map(bytes);
                    at += 1;
                    match (byte, is_map) {
                        (b',', true) => Next::Key,
                        (b',', false) => Next::Value,
                        (b'}', true) | (b']', false) => {
                            self.end();
                            Next::Behind
                        }
                        (_, true) => return Err(JsonFault::new(at - 1, "`,` or `}`")),
                        (_, false) => return Err(JsonFault::new(at - 1, "`,` or `]`")),
                    }
                }
            };
        }
    }

    fn push(&mut self, at: usize, extent: usize) -> Result<(), JsonFault> {
        let fit = u32::try_from(at - self.base).ok().zip(u32::try_from(extent).ok().filter(|extent| *extent < ESCAPED));
        let (place, extent) = fit.ok_or_else(|| JsonFault::new(at, "a value of at most 2 GB"))?;
        self.tokens.push(Token { at: place, extent });
        Ok(())
    }

    fn begin(&mut self, at: usize) -> Result<(), JsonFault> {
        self.open.push(u32::try_from(self.tokens.len()).unwrap_or(u32::MAX));
        self.push(at, 0)
    }

    fn end(&mut self) {
        if let Some(opened) = self.open.pop() {
            self.tokens[opened as usize].extent = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        }
    }

    fn is_in_map(&self, bytes: &[u8]) -> bool {
        self.open.last().is_some_and(|open| bytes[self.base + self.tokens[*open as usize].at as usize] == b'{')
    }

    /// Reads a string, and gives where it ends.
    fn string(&mut self, bytes: &[u8], from: usize) -> Result<usize, JsonFault> {
        let mut at = from + 1;
        let mut escaped = 0;
        loop {
            at += bytes[at..].iter().take_while(|byte| PLAIN[usize::from(**byte)]).count();
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = ESCAPED;
                    at = escape_end(bytes, at + 1)?;
                }
                None => return Err(JsonFault::new(at, "`\"` at the end of a string")),
                Some(_) => return Err(JsonFault::new(at, "no control character in a string")),
            }
        }
        self.push(from, at - from - 1)?;
        if let Some(token) = self.tokens.last_mut() {
            token.extent |= escaped;
        }
        Ok(at + 1)
    }

    /// The outermost value. The text must be the one that was read.
    pub(crate) fn root<'a>(&'a self, text: &'a str) -> JsonNode<'a> {
        JsonNode::root(self, text)
    }
}

fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Which bytes stand for themselves in a string, so that nothing ends there.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};

/// Where an escape ends whose letter is at `at`.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, JsonFault> {
    match bytes.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => {
            let first = code_unit(bytes, at)?;
            if !(0xd800..0xe000).contains(&first) {
                return Ok(at + 5);
            }
            let alone = JsonFault::new(at, "no surrogate without its pair");
            if bytes.len() < at + 11 && bytes[at + 5..].iter().zip(b"\\u").all(|(found, wanted)| found == wanted) {
                return Err(JsonFault { is_cut: true, ..alone });
            }
            if first >= 0xdc00 || bytes.get(at + 5) != Some(&b'\\') {
                return Err(alone);
            }
            let second = code_unit(bytes, at + 6)?;
            if (0xdc00..0xe000).contains(&second) { Ok(at + 11) } else { Err(alone) }
        }
        _ => Err(JsonFault::new(at, "an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")),
    }
}

/// The number after the `u` at `at`.
fn code_unit(bytes: &[u8], at: usize) -> Result<u16, JsonFault> {
    let digits = bytes.get(at + 1..at + 5).filter(|_| bytes[at] == b'u');
    let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or_else(|| {
        let is_cut = bytes.len() < at + 5 && bytes.get(at + 1..).unwrap_or_default().iter().all(u8::is_ascii_hexdigit);
        JsonFault { is_cut, ..JsonFault::new(at, "`u` and four hexadecimal digits") }
    })
}

/// Where the number ends that begins at `at`.
fn number_end(bytes: &[u8], at: usize) -> Result<usize, JsonFault> {
    let digits_from = |from: usize| {
        let count = bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let first = at + usize::from(bytes[at] == b'-');
    let Some(mut end) = (if bytes.get(first) == Some(&b'0') { Some(first + 1) } else { digits_from(first) }) else {
        return Err(JsonFault::new(first, "a digit"));
    };
    if bytes.get(end) == Some(&b'.')
        && let Some(after) = digits_from(end + 1)
    {
        end = after;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits_from(end + 1 + signed).unwrap_or(end);
    }
    Ok(end)
}
