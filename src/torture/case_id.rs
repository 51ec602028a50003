//! [`CaseId`]: which trouble comes at which message, as a number.

use std::fmt;
use std::str::FromStr;

use super::{TortureError, Trouble};

/// A trouble at a message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct TroubleAt {
    /// The number of the message, counted from 1 over all items.
    pub(super) message: u64,
    pub(super) trouble: Trouble,
}

/// A case: which trouble comes at which message. It is written as the number of the message with the digit of the trouble behind it;
/// two troubles with a `+`; and behind a `~` the order of what is due at one moment.
///
/// ```
/// use skyspan::torture::CaseId;
///
/// // An abort (2) at message 17; then, a halt (4) at message 20 as well; the first in the third other order of moments.
/// for text in ["172", "172+204", "172~3", "~3"] {
///     assert_eq!(text.parse::<CaseId>()?.to_string(), text);
/// }
/// assert_eq!(
///     "17z".parse::<CaseId>().unwrap_err().to_string(),
///     "expected a case, such as 172 for an abort (2) at message 17, 172+204 or 172~3, found \"17z\"",
/// );
/// # Ok::<(), skyspan::torture::TortureError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CaseId {
    pub(super) troubles: Vec<TroubleAt>,
    /// Which order of moments, from 1; that in which they were set where there is none.
    pub(super) order: Option<u64>,
}

impl CaseId {
    /// One trouble at the message of that number, counted from 1 over all items.
    #[must_use]
    pub fn at(message: u64, trouble: Trouble) -> Self {
        Self { troubles: vec![TroubleAt { message, trouble }], order: None }
    }

    /// The same with another trouble besides.
    #[must_use]
    pub fn and(mut self, message: u64, trouble: Trouble) -> Self {
        self.troubles.push(TroubleAt { message, trouble });
        self
    }

    /// The same in that other order of what is due at one moment, counted from 1.
    #[must_use]
    pub fn in_order(self, order: u64) -> Self {
        Self { order: Some(order), ..self }
    }

    /// The troubles, each with the number of its message.
    pub fn troubles(&self) -> impl ExactSizeIterator<Item = (u64, Trouble)> {
        self.troubles.iter().map(|at| (at.message, at.trouble))
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, TroubleAt { message, trouble }) in self.troubles.iter().enumerate() {
            write!(f, "{}{message}{}", if at > 0 { "+" } else { "" }, trouble.digit())?;
        }
        self.order.map_or(Ok(()), |order| write!(f, "~{order}"))
    }
}

impl FromStr for CaseId {
    type Err = TortureError;

    fn from_str(text: &str) -> Result<Self, TortureError> {
        let wrong = || TortureError::NoCase { found: text.to_owned() };
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u64>().ok().filter(|number| *number > 0).ok_or_else(wrong),
            false => Err(wrong()),
        };
        let (troubles, order) = match text.split_once('~') {
            Some((troubles, order)) => (troubles, Some(number(order)?)),
            None => (text, None),
        };
        let trouble = |text: &str| {
            let number = number(text)?;
            let trouble = Trouble::ALL.into_iter().find(|trouble| trouble.digit() == number % 10).ok_or_else(wrong)?;
            if number < 10 { Err(wrong()) } else { Ok(TroubleAt { message: number / 10, trouble }) }
        };
        let troubles = match (troubles, order) {
            ("", Some(_)) => Vec::new(),
            (troubles, _) => troubles.split('+').map(trouble).collect::<Result<_, _>>()?,
        };
        Ok(Self { troubles, order })
    }
}

impl serde::Serialize for CaseId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
