//! [`Shard`]: which of a campaign's cases are for this machine.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

/// One of several parts of a campaign, for several machines: the numbers that leave its place when they are divided by how many
/// parts there are. So parts of one campaign never overlap, and all of them together leave nothing out. As text `1/3` for the
/// first of three.
///
/// ```
/// use skyspan::property::Shard;
///
/// let second: Shard = "2/3".parse()?;
/// assert!(second.contains(1) && second.contains(4));
/// assert_eq!(second.cases_of(8), 3, "1, 4 and 7");
/// assert_eq!(second.to_string(), "2/3");
/// # Ok::<(), skyspan::property::ShardError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Shard {
    /// The place of the part, counted from 0.
    place: u64,
    of: NonZeroU64,
}

/// Why something is no [`Shard`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// It is not written as one.
    #[error("expected I/N, such as 1/3 for the first of three parts, found {found:?}")]
    NotAShard {
        /// The text that was found.
        found: String,
    },
    /// There is no such part.
    #[error("expected I/N with I from 1 to N, such as 1/3 for the first of three parts, found {place}/{of}")]
    NoSuchPart {
        /// Which part, counted from 1.
        place: u64,
        /// How many parts there are.
        of: u64,
    },
}

impl Shard {
    /// The whole search as one part.
    pub const WHOLE: Self = Self { place: 0, of: NonZeroU64::MIN };

    /// The part of that place, counted from 1, of so many.
    ///
    /// # Errors
    ///
    /// If there is no such part: the place is from 1 to how many there are.
    pub const fn new(place: u64, of: u64) -> Result<Self, ShardError> {
        match NonZeroU64::new(of) {
            Some(parts) if 1 <= place && place <= of => Ok(Self { place: place - 1, of: parts }),
            _ => Err(ShardError::NoSuchPart { place, of }),
        }
    }

    /// Which part it is, counted from 1.
    #[must_use]
    pub const fn place(self) -> u64 {
        self.place + 1
    }

    /// How many parts the search has.
    #[must_use]
    pub const fn of(self) -> u64 {
        self.of.get()
    }

    /// Whether the case of that number is in it.
    #[must_use]
    pub const fn contains(self, number: u64) -> bool {
        number % self.of.get() == self.place
    }

    /// How many cases are in it, of the first so many of the whole.
    #[must_use]
    pub const fn cases_of(self, cases: u64) -> u64 {
        cases.saturating_sub(self.place).div_ceil(self.of.get())
    }

    /// The number of its nth case, counted from 0; nothing beyond the largest number there is.
    pub(super) fn number(self, nth: u64) -> Option<u64> {
        nth.checked_mul(self.of.get())?.checked_add(self.place)
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place(), self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let number = |digits: &str| digits.trim().parse::<u64>().ok();
        let parts = text.split_once('/').and_then(|(place, of)| Some((number(place)?, number(of)?)));
        let (place, of) = parts.ok_or_else(|| ShardError::NotAShard { found: text.to_owned() })?;
        Self::new(place, of)
    }
}
