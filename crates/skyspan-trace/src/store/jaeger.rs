//! Jaeger's API: version 3, which is OTLP (`jaeger-idl`, `api_v3/query_service.proto`), and the one of its user interface before that.

use std::collections::BTreeSet;

use super::StoreError;
use super::address::StoreAddress;
use super::client::{Answer, Client};
use super::parameters::Parameters;
use super::store::{Found, Store};
use super::window::{Sweep, Unit};
use crate::trace::{ReadTrace, Trace};

const JSON: &str = "application/json";

/// Fetches one trace by its id.
pub(super) fn trace(
    client: &Client<'_>,
    address: &StoreAddress,
    id: &str,
    when: &Parameters,
    found: &mut Found,
) -> Result<(), StoreError> {
    let answer = client.get(&address.url(&format!("/api/v3/traces/{id}"), when), JSON)?;
    match answer.status {
        200 if !answer.is_page() => {
            found.add(read(&answer, client)?);
            return Ok(());
        }
        // A Jaeger that does not know version 3 gives its page, or says that there is nothing; one that has no such trace says
        // so in the other version as well.
        200 | 404 | 405 | 501 => {}
        _ => return Err(answer.refused()),
    }
    let answer = client.get(&address.url(&format!("/api/traces/{id}"), when), JSON)?;
    match answer.status {
        200 => {
            found.add(read(&answer, client)?);
            Ok(())
        }
        404 => Err(StoreError::NoSuchTrace { url: answer.url }),
        _ => Err(answer.refused()),
    }
}

fn read(answer: &Answer, client: &Client<'_>) -> Result<ReadTrace, StoreError> {
    let wrong = |error| StoreError::Answer { url: answer.url.clone(), error: Box::new(error) };
    client.store().read_options().read_from(&*answer.body).map_err(wrong)
}

/// Fetches all traces that a search finds; its answer has all of them.
pub(super) fn search(
    client: &Client<'_>,
    store: &Store,
    address: &StoreAddress,
    search: &Parameters,
    found: &mut Found,
) -> Result<(), StoreError> {
    if search.get("query.service_name").is_some() {
        let answer = client.get(&address.url("/api/v3/traces", search), JSON)?;
        return match answer.status {
            200 => {
                found.add(read(&answer, client)?);
                Ok(())
            }
            // So version 3 says that it has found nothing.
            404 if !answer.is_page() => Ok(()),
            _ => Err(answer.refused()),
        };
    }
    let url = address.to_string();
    let sweep = Sweep::of(search, Unit::Microseconds, store, &url)?;
    let mut known = BTreeSet::new();
    sweep.run(found, |search, found| {
        let answer = client.get(&address.url("/api/traces", search), JSON)?;
        if answer.status != 200 {
            return Err(answer.refused());
        }
        let reading = read(&answer, client)?;
        let id = |span: &crate::trace::Span| u128::from_be_bytes(span.trace_id().to_bytes());
        let ids: BTreeSet<u128> = reading.trace.spans().map(|span| id(span.span())).collect();
        // A trace may lie in several parts of the time.
        let new = reading.trace.shared_spans().iter().filter(|span| !known.contains(&id(span))).cloned().collect();
        found.add(ReadTrace { trace: Trace::from_shared(new), ..reading });
        known.extend(ids.iter().copied());
        Ok(ids.into_iter().collect())
    })?;
    Ok(())
}
