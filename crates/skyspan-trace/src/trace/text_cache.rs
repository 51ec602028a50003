//! [`TextCache`]: the same string twice is kept once.

use std::hash::Hasher;

use crate::value::Text;
use rustc_hash::FxHasher;

/// Longer strings are rarely met again, and cost more to compare.
const LENGTH_MAX: usize = 48;
const SLOTS: usize = 1024;

/// Shares the strings that come again and again: attribute keys, device names, commands.
///
/// OpenTelemetry's strings cannot be taken apart, so that a key must be copied even where it is a literal; this makes the
/// copy once. Each string has one slot, where it replaces the one that was there: the cache never grows.
#[derive(Debug, Default)]
pub(super) struct TextCache {
    slots: Vec<Text>,
}

impl TextCache {
    /// The string, shared with its like if one was met lately.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if text.len() > LENGTH_MAX {
            return text.into();
        }
        if text.is_empty() {
            return Text::default();
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Text::default());
        }
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
        let slot = &mut self.slots[hasher.finish() as usize % SLOTS];
        if slot != text {
            *slot = text.into();
        }
        slot.clone()
    }
}
