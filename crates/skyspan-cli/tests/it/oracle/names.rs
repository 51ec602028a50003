//! [`Names`]: what is different in every recording, replaced by what is the same.

use std::collections::HashMap;

/// Gives each uid and each generated name of a group the number of its first appearance, and drops addresses and times
/// in `repr`s.
#[derive(Default)]
pub(super) struct Names {
    seen: HashMap<String, usize>,
}

impl Names {
    pub(super) fn normal(&mut self, text: &str) -> String {
        let text = replace_all(text, volatile, |_| String::new());
        let text = replace_all(&text, uid, |uid| self.number(uid));
        replace_all(&text, short_uid, |name| self.number(name))
    }

    fn number(&mut self, name: &str) -> String {
        let next = self.seen.len();
        format!("#{}", self.seen.entry(name.to_owned()).or_insert(next))
    }
}

/// Replaces all that `length_at` finds: from the text before a place and the text after it, it gives how many bytes
/// behind the place belong together.
fn replace_all(
    text: &str,
    length_at: impl Fn(&str, &str) -> Option<usize>,
    mut replace: impl FnMut(&str) -> String,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let (before, after) = text.split_at(at);
        match length_at(before, after) {
            Some(length) => {
                out.push_str(&replace(&after[..length]));
                at += length;
            }
            None => {
                out.push(next);
                at += next.len_utf8();
            }
        }
    }
    out
}

/// An address, the number of a `timestamp=` or `elapsed=`, or the faults that a device was given.
fn volatile(before: &str, after: &str) -> Option<usize> {
    if after.starts_with(", faults=[") || after.starts_with(" with faults=[") {
        let ends = after.match_indices(']').map(|(at, _)| at + 1);
        return ends.into_iter().find(|end| after[*end..].is_empty() || after[*end..].starts_with(')'));
    }
    if let Some(address) = after.strip_prefix(" at 0x") {
        return Some(" at 0x".len() + leading(address, is_hex)).filter(|length| *length > " at 0x".len());
    }
    let is_time = before.ends_with("timestamp=") || before.ends_with("elapsed=");
    Some(leading(after, |byte| byte.is_ascii_digit() || byte == b'.')).filter(|length| is_time && *length > 0)
}

/// `8d0b9f22-b8a9-48fd-aa12-45402d0d0eb7`.
fn uid(_: &str, after: &str) -> Option<usize> {
    const PARTS: [usize; 5] = [8, 4, 4, 4, 12];
    let length = PARTS.iter().sum::<usize>() + PARTS.len() - 1;
    let mut rest = after.as_bytes().get(..length)?;
    for (at, part) in PARTS.into_iter().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b"-")?;
        }
        let (hex, after) = rest.split_at_checked(part)?;
        rest = after;
        if !hex.iter().copied().all(is_hex) {
            return None;
        }
    }
    Some(length)
}

/// `trigger-f108dc`, as a word of its own.
fn short_uid(before: &str, after: &str) -> Option<usize> {
    if before.ends_with(is_word) {
        return None;
    }
    let name = leading(after, |byte| byte.is_ascii_alphabetic() || byte == b'_');
    let hex = after[name..].strip_prefix('-')?;
    let is_one = name > 0 && leading(hex, is_hex) >= 6 && !hex[6..].starts_with(is_word);
    is_one.then_some(name + "-".len() + 6)
}

fn leading(text: &str, is: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| is(*byte)).count()
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn names_are_numbered_by_their_first_appearance() {
    let mut names = Names::default();
    let uids = ["8d0b9f22-b8a9-48fd-aa12-45402d0d0eb7", "68deca7a-e722-45f9-9414-8c32a52f681a"];
    assert_eq!(names.normal(&format!("{} and {}", uids[1], uids[0])), "#0 and #1");
    assert_eq!(names.normal(&format!("x{}y set-35a405, set-35a405", uids[0])), "x#1y #2, #2");
    assert_eq!(names.normal("set-35a40 set-35a4057 set-35a405x 1set-35a405 set-35A405"), {
        "set-35a40 set-35a4057 set-35a405x 1set-35a405 set-35A405"
    });
    assert_eq!(names.normal("Signal(value=1, timestamp=12.5) <f at 0x7f2a>"), "Signal(value=1, timestamp=) <f>");
    assert_eq!(names.normal("MoveStatus(elapsed=0.1, é) at 0x"), "MoveStatus(elapsed=, é) at 0x");
}
