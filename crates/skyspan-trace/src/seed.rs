//! Chance, all of it from one seed.
//!
//! Uids, the names of groups, the noise of detectors and the ids of spans look random and come from a [`Seed`]. The same
//! seed gives the same ones, on any machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::value::Text;

/// A source of what looks random: the numbers of one seed, one after another. Cloning gives another handle to the same
/// source.
///
/// ```
/// use skyspan_trace::seed::Seed;
///
/// assert_eq!(Seed::new(7).uid(), Seed::new(7).uid());
/// assert_ne!(Seed::new(7).uid(), Seed::new(8).uid());
/// ```
#[derive(Clone, Debug)]
pub struct Seed(Arc<Source>);

#[derive(Debug)]
struct Source {
    seed: u64,
    state: AtomicU64,
}

/// The step of SplitMix64 (Steele, Lea and Flood, 2014): odd, and near the golden ratio of 2^64.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Seed {
    /// The source of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Source { seed, state: AtomicU64::new(seed) }))
    }

    /// The number it was made from.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.seed
    }

    /// A source of its own for `purpose`, so that what one device draws does not shift what another does.
    #[must_use]
    pub fn stream(&self, purpose: &str) -> Self {
        // FNV-1a: stable over versions of Rust, which the standard hasher is not.
        let hash = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self::new(mix(self.0.seed ^ mix(hash)))
    }

    /// The next number of the stream.
    #[must_use]
    pub fn next_u64(&self) -> u64 {
        mix(self.0.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }

    /// The next number between 0 and 1, without 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn uniform(&self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The next number of the normal distribution around 0 whose standard deviation is 1.
    #[must_use]
    pub fn normal(&self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// How often what happens `mean` times on average happens this time: a draw from a Poisson distribution.
    ///
    /// Zero for a mean that is not positive.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, as is wanted")]
    pub fn poisson(&self, mean: f64) -> u64 {
        if mean.is_nan() || mean <= 0.0 {
            return 0;
        }
        if mean > 500.0 {
            // Beyond this the normal distribution is as good, and the product below would underflow.
            return (mean + libm::sqrt(mean) * self.normal()).round() as u64;
        }
        let limit = libm::exp(-mean);
        let mut product = self.uniform();
        let mut count = 0;
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }

    /// A uid: the text of a UUID of version 4.
    #[must_use]
    pub fn uid(&self) -> Text {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (nth, byte) in bytes.into_iter().enumerate() {
            at += usize::from(matches!(nth, 4 | 6 | 8 | 10));
            text[at..at + 2].copy_from_slice(&hex(byte));
            at += 2;
        }
        str::from_utf8(&text).unwrap_or_default().into()
    }

    /// A short uid behind a label: `set-3fa9c1` (`bluesky.utils.short_uid`, 1.15.1).
    #[must_use]
    pub fn short_uid(&self, label: &str) -> Text {
        let number = self.next_u64();
        // Labels are short: the text is put together in place, and copied once.
        let mut text = [b'-'; 32];
        let length = label.len() + 7;
        let Some(place) = text.get_mut(..length) else {
            return format!("{label}-{:06x}", number >> 40).into();
        };
        place[..label.len()].copy_from_slice(label.as_bytes());
        for (pair, byte) in place[label.len() + 1..].chunks_exact_mut(2).zip(number.to_be_bytes()) {
            pair.copy_from_slice(&hex(byte));
        }
        str::from_utf8(place).unwrap_or_default().into()
    }
}

fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
