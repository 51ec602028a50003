//! [`StoreError`]: why a trace cannot be had.

use std::time::Duration;

use crate::trace::ReadError;

/// Why a trace cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nobody answers at the address.
    #[error("{url}: {problem}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What is in the way.
        problem: String,
    },
    /// The store is there, and its certificate is not trusted.
    #[error("{url}: {problem}")]
    Certificate {
        /// What was asked for.
        url: String,
        /// Why it is not trusted, and what to do.
        problem: String,
    },
    /// The store says no.
    #[error("{url}: the store answers {status}{}{}", words(.said), advice(*.status))]
    Refused {
        /// What was asked for.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// How its answer begins; may be empty.
        said: String,
    },
    /// The store has no such trace.
    #[error("{url}: the store has no such trace")]
    NoSuchTrace {
        /// What was asked for.
        url: String,
    },
    /// The search finds no trace.
    #[error("{url}: the search finds no trace{hint} (if that may be: --allow-empty, Store::empty)")]
    NothingFound {
        /// What was asked for.
        url: String,
        /// What might be the cause; may be empty.
        hint: &'static str,
    },
    /// The search finds more than is fetched.
    #[error("{url}: the search finds more than {traces_max} traces; narrow it, or say limit=")]
    TooManyTraces {
        /// What was asked for.
        url: String,
        /// So many are fetched.
        traces_max: usize,
    },
    /// The store leads elsewhere, and not to an answer.
    #[error("{url}: expected an answer, found a redirect {problem}")]
    Redirect {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A parameter of the address is none.
    #[error("{url}: {key}: expected {expected}, found {found:?}")]
    Parameter {
        /// What was asked for.
        url: String,
        /// The key of the parameter.
        key: &'static str,
        /// What would have been right.
        expected: &'static str,
        /// What the address has at that place.
        found: String,
    },
    /// What the store answers is larger than what may be read.
    #[error(
        "{url}: expected at most {size_max} bytes, found more; the limit can be raised (--max-size, Store::size_max)"
    )]
    TooLarge {
        /// What was asked for.
        url: String,
        /// So many are read.
        size_max: u64,
    },
    /// What the store answers is no trace.
    #[error("{url}: {error}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        error: Box<ReadError>,
    },
}

impl StoreError {
    /// Whether it may be otherwise at another time: nobody answers, or the store itself has failed. A certificate that is not trusted
    /// is not trusted later, either.
    #[must_use]
    pub fn is_of_machine(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

fn words(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said:?}") }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "; the headers that it wants, such as Authorization or X-Scope-OrgID, are given by the variable \
             SKYSPAN_STORE_HEADERS, a file, or Store::headers"
        }
        _ => "",
    }
}

/// A time as a message has it.
pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
