//! A hasher for tables whose keys no adversary picks.

use std::hash::Hasher;

/// A hasher for keys that no adversary picks: it multiplies and folds, a word at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MixHasher(u64);

impl Hasher for MixHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.write_u64(word.try_into().map_or(0, u64::from_le_bytes));
        }
        // The length goes in with the rest, so that a string and its beginning differ.
        let rest = words.remainder();
        self.write_u64(rest.iter().fold(bytes.len() as u64, |all, byte| all << 8 | u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        let product =
            u128::from(self.0.rotate_left(29) ^ word ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93);
        #[expect(clippy::cast_possible_truncation, reason = "the high half is folded into the low one")]
        {
            self.0 = (product >> 64) as u64 ^ product as u64;
        }
    }

    fn write_u128(&mut self, word: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "both halves are written")]
        self.write_u64((word >> 64) as u64 ^ (word as u64).rotate_left(17));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
