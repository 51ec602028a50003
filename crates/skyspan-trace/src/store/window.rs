//! [`Window`]: the time that a search looks at, and what becomes of one that finds as much as may be.

use std::collections::BTreeSet;

use super::StoreError;
use super::parameters::Parameters;
use super::store::{Found, Store};

/// So many traces an answer has, unless the address says otherwise; Tempo and Jaeger themselves give 20.
const LIMIT: usize = 200;

/// The times of a search, from and to, in the units of its store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// In how many units of a store a second is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    /// Seconds, as Tempo takes them.
    Seconds,
    /// Microseconds, as Jaeger takes them.
    Microseconds,
}

impl Unit {
    const fn per_second(self) -> u64 {
        match self {
            Self::Seconds => 1,
            Self::Microseconds => 1_000_000,
        }
    }
}

/// The parameters of a search with its times in the units of the store, where it has any: `2026-11-28T22:00:00Z` is a time, too.
pub(super) fn timed(
    parameters: &Parameters,
    unit: Unit,
    url: &str,
) -> Result<(Parameters, Option<Window>), StoreError> {
    let (mut timed, mut times) = (parameters.clone(), [None; 2]);
    for (key, time) in ["start", "end"].into_iter().zip(&mut times) {
        let Some(text) = parameters.get(key) else { continue };
        let moment = || {
            let moment: jiff::Timestamp = text.parse().ok()?;
            u64::try_from(moment.as_microsecond()).ok().map(|us| us / (1_000_000 / unit.per_second()))
        };
        let number = text.parse().ok().or_else(moment).ok_or_else(|| StoreError::Parameter {
            url: url.to_owned(),
            key,
            expected: match unit {
                Unit::Seconds => "seconds since 1970, or a time such as 2026-11-28T22:00:00Z",
                Unit::Microseconds => "microseconds since 1970, or a time such as 2026-11-28T22:00:00Z",
            },
            found: text.to_owned(),
        })?;
        timed = timed.with(key, number);
        *time = Some(number);
    }
    let window = match times {
        [Some(start), Some(end)] if start < end => Some(Window { start, end }),
        _ => None,
    };
    Ok((timed, window))
}

/// What a search finds that goes through all of its time: where an answer has as many traces as it may have, its halves are asked for
/// the rest, in whatever order the store gives them.
pub(super) struct Sweep<'a> {
    search: Parameters,
    window: Option<Window>,
    unit: Unit,
    /// So many traces an answer has.
    limit: usize,
    traces_max: usize,
    url: &'a str,
}

impl<'a> Sweep<'a> {
    /// What an address asks for: all, where it says from when and to when, or as many as it says.
    pub(super) fn of(search: &Parameters, unit: Unit, store: &Store, url: &'a str) -> Result<Self, StoreError> {
        let (search, window) = timed(search, unit, url)?;
        let wanted = limit(&search, url)?;
        Ok(Self {
            search,
            // Who says how many does not want all. One that has no window to be cut keeps the times that it has.
            window: window.filter(|_| wanted.is_none()),
            unit,
            limit: wanted.unwrap_or(LIMIT),
            traces_max: store.traces_max.max(wanted.unwrap_or_default()),
            url,
        })
    }

    /// Asks, by `ask`, which gives the ids of the traces that such a search finds; gives all of them, each once, and remarks where there may
    /// be more.
    pub(super) fn run(
        &self,
        found: &mut Found,
        mut ask: impl FnMut(&Parameters, &mut Found) -> Result<Vec<u128>, StoreError>,
    ) -> Result<BTreeSet<u128>, StoreError> {
        let (mut all, mut may_have_more) = (BTreeSet::new(), false);
        let mut windows = vec![self.window];
        while let Some(window) = windows.pop() {
            let search = match window {
                Some(Window { start, end }) => self.search.with("start", start).with("end", end),
                None => self.search.clone(),
            };
            let ids = ask(&search.with("limit", self.limit), found)?;
            let is_full = ids.len() >= self.limit;
            all.extend(ids);
            if all.len() > self.traces_max {
                return Err(StoreError::TooManyTraces { url: self.url.to_owned(), traces_max: self.traces_max });
            }
            if !is_full {
                continue;
            }
            match window.filter(|window| window.end - window.start > self.unit.per_second()) {
                Some(Window { start, end }) => {
                    let middle = start + (end - start) / 2;
                    windows.push(Some(Window { start: middle, end }));
                    windows.push(Some(Window { start, end: middle }));
                }
                None => may_have_more = true,
            }
        }
        if may_have_more {
            found.remarks.push(format!(
                "the answer to the search has as many traces as it may have, {}, and there may be more; say start= and end=, by \
                 which it is asked for in parts, or another limit=",
                self.limit
            ));
        }
        Ok(all)
    }
}

/// The limit that an address asks for.
fn limit(search: &Parameters, url: &str) -> Result<Option<usize>, StoreError> {
    let Some(text) = search.get("limit") else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| StoreError::Parameter {
        url: url.to_owned(),
        key: "limit",
        expected: "a number of traces",
        found: text.to_owned(),
    })
}
