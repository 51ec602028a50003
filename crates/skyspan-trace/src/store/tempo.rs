//! Tempo's API (its documentation, "Tempo HTTP API"; recorded answers of a real one are in `fixtures/stores`).

use super::StoreError;
use super::address::StoreAddress;
use super::client::{Answer, Client};
use super::parameters::Parameters;
use super::store::{Found, Store};
use super::window::{Sweep, Unit, timed};
use crate::trace::{ReadTrace, TempoAnswer, Trace};

const PROTOBUF: &str = "application/protobuf";

/// Fetches one trace by its id.
pub(super) fn trace(
    client: &Client<'_>,
    address: &StoreAddress,
    id: &str,
    when: &Parameters,
    found: &mut Found,
) -> Result<(), StoreError> {
    let (when, _) = timed(when, Unit::Seconds, &address.to_string())?;
    found.add(trace_by_id(client, address, id, &when)?);
    Ok(())
}

fn trace_by_id(
    client: &Client<'_>,
    address: &StoreAddress,
    id: &str,
    when: &Parameters,
) -> Result<ReadTrace, StoreError> {
    let answer = client.get(&address.url(&format!("/api/v2/traces/{id}"), when), PROTOBUF)?;
    match answer.status {
        200 if !answer.is_page() => return read(&answer, true, client),
        // Before 2.6 there was no version 2.
        200 | 404 => {}
        _ => return Err(answer.refused()),
    }
    let answer = client.get(&address.url(&format!("/api/traces/{id}"), when), PROTOBUF)?;
    match answer.status {
        200 => read(&answer, false, client),
        404 => Err(StoreError::NoSuchTrace { url: answer.url }),
        _ => Err(answer.refused()),
    }
}

fn read(answer: &Answer, is_version_2: bool, client: &Client<'_>) -> Result<ReadTrace, StoreError> {
    let wrong = |error| StoreError::Answer { url: answer.url.clone(), error: Box::new(error) };
    if !answer.is_protobuf() {
        return client.store().read_options().read_from(&*answer.body).map_err(wrong);
    }
    let TempoAnswer { spans, partial } = TempoAnswer::from_protobuf(&answer.body, is_version_2).map_err(wrong)?;
    let remarks = partial.map(|why| format!("the store gives a part of the trace: {why}"));
    Ok(ReadTrace::of(Trace::from_shared(spans), remarks.into_iter().collect()))
}

/// Fetches all traces that a search finds.
pub(super) fn search(
    client: &Client<'_>,
    store: &Store,
    address: &StoreAddress,
    search: &Parameters,
    found: &mut Found,
) -> Result<(), StoreError> {
    let url = address.to_string();
    let sweep = Sweep::of(search, Unit::Seconds, store, &url)?;
    let ids = sweep.run(found, |search, _| {
        let answer = client.get(&address.url("/api/search", search), "application/json")?;
        if answer.status == 200 { ids(&answer) } else { Err(answer.refused()) }
    })?;
    for id in ids {
        match trace_by_id(client, address, &format!("{id:032x}"), &Parameters::default()) {
            Ok(reading) if !reading.trace.is_empty() => found.add(reading),
            Ok(_) | Err(StoreError::NoSuchTrace { .. }) => {
                found.remarks.push(format!("the search finds the trace {id:032x}, and the store has it no more"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The ids of the traces that a search has found; Tempo leaves out zeros at their beginning.
fn ids(answer: &Answer) -> Result<Vec<u128>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Answered {
        #[serde(default)]
        traces: Vec<Named>,
    }
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(rename = "traceID")]
        trace_id: String,
    }
    let wrong = |problem: String| StoreError::Unreachable {
        url: answer.url.clone(),
        problem: format!("expected the answer of a Tempo to a search: {problem}; found {:?}", answer.said()),
    };
    let answered: Answered = serde_json::from_slice(&answer.body).map_err(|error| wrong(error.to_string()))?;
    let ids = answered.traces.iter().map(|named| {
        u128::from_str_radix(&named.trace_id, 16)
            .map_err(|_| wrong(format!("{:?} is no id of a trace", named.trace_id)))
    });
    ids.collect()
}
