//! Where in a JSON text a value stands.

use crate::value::{Position, from_json};

/// One step from a JSON value to a value inside it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// To the value at a key.
    Key(String),
    /// To an element of a list.
    Element(usize),
}

/// The position of the value that `steps` lead to from the `item`th of the values that stand one after another in
/// `text`. They were read before, so that they are known to be JSON; where a step leads nowhere, it is the position of
/// the last value that was found.
///
/// The reader of values does not say where each stood, as nobody asks unless one is wrong. Then the text is gone through
/// once more.
pub(super) fn position(text: &str, item: usize, steps: &[Step]) -> Position {
    let mut scan = Scan { text, at: text.len() - text.trim_start_matches('\u{feff}').len() };
    for _ in 0..item {
        scan.skip_value();
    }
    scan.skip_white_space();
    for step in steps {
        let found = match step {
            Step::Key(key) => scan.find_key(key),
            Step::Element(index) => scan.find_element(*index),
        };
        match found {
            Some(at) => scan.at = at,
            None => break,
        }
    }
    Position::of(text, scan.at)
}

/// The first key of the first map in a text, or in the list that the text begins with. Nothing that comes after it is
/// looked at, so that it takes no time to tell one format from another.
pub(super) fn first_key(text: &str) -> Option<String> {
    let mut scan = Scan { text, at: text.len() - text.trim_start_matches('\u{feff}').len() };
    scan.skip_white_space();
    if let Some(inside) = scan.inside(b'[') {
        scan = inside;
    }
    let scan = scan.inside(b'{')?;
    let mut end = scan.clone();
    end.skip_string();
    Some(from_json(text.get(scan.at..end.at)?).ok()?.as_str()?.to_owned())
}

#[derive(Clone)]
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }

    /// Goes behind the next value, counting brackets.
    fn skip_value(&mut self) {
        self.skip_white_space();
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => return,
                b',' | b':' => self.at += 1,
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => self.skip_word(),
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes behind a number or a word such as `null`.
    fn skip_word(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        // Whatever else it is, going on is better than standing still.
        if self.byte().is_some_and(|byte| !byte.is_ascii()) {
            self.at += 1;
        }
    }

    /// Where the value at a key of this map begins. Of a key that stands twice the last value holds.
    fn find_key(&self, wanted: &str) -> Option<usize> {
        let mut scan = self.inside(b'{')?;
        let mut found = None;
        while scan.byte() == Some(b'"') {
            let key_from = scan.at;
            scan.skip_string();
            let key = from_json(scan.text.get(key_from..scan.at)?).ok()?;
            scan.skip_white_space();
            scan.at += 1;
            scan.skip_white_space();
            if key.as_str() == Some(wanted) {
                found = Some(scan.at);
            }
            scan.next_entry();
        }
        found
    }

    /// Where an element of this list begins.
    fn find_element(&self, index: usize) -> Option<usize> {
        let mut scan = self.inside(b'[')?;
        for _ in 0..index {
            scan.next_entry();
        }
        (scan.byte()? != b']').then_some(scan.at)
    }

    /// The place of the first entry, if this is a list or map that opens with `bracket`.
    fn inside(&self, bracket: u8) -> Option<Self> {
        let mut scan = self.clone();
        (scan.byte()? == bracket).then(|| {
            scan.at += 1;
            scan.skip_white_space();
            scan
        })
    }

    /// Goes behind this entry and the comma after it.
    fn next_entry(&mut self) {
        self.skip_value();
        self.skip_white_space();
        if self.byte() == Some(b',') {
            self.at += 1;
            self.skip_white_space();
        }
    }
}
