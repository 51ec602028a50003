//! [`Store`]: fetches traces from where they lie.

use std::time::Duration;

use super::address::{Asked, StoreAddress};
use super::client::Client;
use super::headers::{StoreHeaders, StoreHeadersError};
use super::{StoreError, StoreKind, jaeger, tempo};
use crate::trace::{ReadOptions, ReadTrace, Trace};

/// Fetches traces from where they lie.
///
/// # Limits
///
/// An answer has at most 2 GiB ([`size_max`](Self::size_max)) and comes within 60 s ([`timeout`](Self::timeout)); a connection is there
/// within 10 s. What is busy (429, 502, 503, 504) is asked up to four times again, after half a second, one, two and four, or as long
/// as it wishes, at most 30 s. Five redirects are followed; none leads from https to http, and headers go to the host of
/// the address alone. A search gives at most 1,000 traces ([`traces_max`](Self::traces_max)). The machine's certificates are trusted, and
/// those of the file that `SSL_CERT_FILE` names; the proxy is that of `HTTPS_PROXY` and the like.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it fetches"]
pub struct Store {
    pub(super) headers: StoreHeaders,
    pub(super) timeout: Duration,
    pub(super) retries: u32,
    pub(super) retry_delay: Duration,
    pub(super) size_max: u64,
    pub(super) traces_max: usize,
    empty: bool,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            headers: StoreHeaders::new(),
            timeout: Duration::from_secs(60),
            retries: 4,
            retry_delay: Duration::from_millis(500),
            size_max: 2 << 30,
            traces_max: 1000,
            empty: false,
        }
    }
}

impl Store {
    /// A store that is asked without headers of one's own.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the headers of the [environment](StoreHeaders::from_environment).
    ///
    /// # Errors
    ///
    /// [`StoreHeadersError`] if those are none.
    pub fn from_environment() -> Result<Self, StoreHeadersError> {
        Ok(Self::new().headers(StoreHeaders::from_environment()?))
    }

    /// Sends these headers with each request.
    pub fn headers(self, headers: StoreHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Sets how long an answer may take.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets how often what is busy is asked again, and after how long the first time; each next time it is twice that.
    pub fn retries(self, retries: u32, delay: Duration) -> Self {
        Self { retries, retry_delay: delay, ..self }
    }

    /// Sets how many bytes an answer has at most, decompressed.
    pub fn size_max(self, size_max: u64) -> Self {
        Self { size_max, ..self }
    }

    /// Sets how many traces a search gives at most.
    pub fn traces_max(self, traces_max: usize) -> Self {
        Self { traces_max, ..self }
    }

    /// Whether a search that finds no trace gives a trace without spans. Otherwise it is an error.
    pub fn empty(self, empty: bool) -> Self {
        Self { empty, ..self }
    }

    /// Fetches what an address names: a trace, or all that a search finds, as one. What somebody should hear who takes it for all
    /// that there is stands in the [warnings](ReadTrace::warnings).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be had.
    pub fn fetch(&self, address: &StoreAddress) -> Result<ReadTrace, StoreError> {
        let client = Client::new(self, &address.url("", &Default::default()))?;
        let mut found = Found::default();
        match (address.kind(), &address.asked) {
            (StoreKind::Tempo, Asked::Trace(id, when)) => tempo::trace(&client, address, id, when, &mut found)?,
            (StoreKind::Tempo, Asked::Search(search)) => tempo::search(&client, self, address, search, &mut found)?,
            (StoreKind::Jaeger, Asked::Trace(id, when)) => jaeger::trace(&client, address, id, when, &mut found)?,
            (StoreKind::Jaeger, Asked::Search(search)) => jaeger::search(&client, self, address, search, &mut found)?,
        }
        let reading = found.reading();
        if reading.trace.is_empty() && !self.empty {
            return Err(match &address.asked {
                Asked::Trace(..) => StoreError::NoSuchTrace { url: address.to_string() },
                Asked::Search(search) => {
                    let is_bounded = ["start", "query.start_time_min"].iter().any(|key| search.get(key).is_some());
                    let hint =
                        if is_bounded { "" } else { "; without start= and end= a store looks at what is recent" };
                    StoreError::NothingFound { url: address.to_string(), hint }
                }
            });
        }
        Ok(reading)
    }

    /// How answers are read.
    pub(super) fn read_options(&self) -> ReadOptions {
        ReadOptions::new().empty(true).size_max(self.size_max)
    }
}

/// What was fetched so far.
#[derive(Default)]
pub(super) struct Found {
    readings: Vec<ReadTrace>,
    pub(super) remarks: Vec<String>,
}

impl Found {
    pub(super) fn add(&mut self, reading: ReadTrace) {
        self.readings.push(reading);
    }

    /// All of it as one.
    fn reading(self) -> ReadTrace {
        let mut all = ReadTrace::of(Trace::default(), self.remarks);
        let mut spans = Vec::new();
        for reading in self.readings {
            spans.extend_from_slice(reading.trace.shared_spans());
            let new = reading.formats.into_iter().filter(|format| !all.formats.contains(format)).collect::<Vec<_>>();
            all.formats.extend(new);
            all.passed_over.extend(reading.passed_over);
            all.remarks.extend(reading.remarks);
        }
        all.trace = Trace::from_shared(spans);
        all
    }
}
