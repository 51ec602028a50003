//! Tempo: the recorded answers of a real one.

use skyspan_trace::expect::{exactly, one, span};
use skyspan_trace::store::StoreError;
use skyspan_trace::trace::{Span, Trace};

use super::server::{Answer, Asked, Server};
use super::{fetch, store};

const ID: &str = "b1773fea8243ab074f2a17e6cbd36c83";

fn recorded(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fixtures/stores/tempo/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A Tempo that has what was recorded, and answers in the form that it is asked for.
fn real_tempo(asked: &Asked) -> Answer {
    let index: serde_json::Value = serde_json::from_slice(&recorded("index.json")).unwrap();
    if asked.header("x-scope-orgid").is_none() {
        return Answer::new(401, "text/plain; charset=utf-8", recorded("no-tenant.txt"));
    }
    let accept = asked.header("accept");
    let known = |entry: &&serde_json::Value| {
        entry["request"].as_str() == Some(&*asked.path)
            && (entry["accept"].is_null() || entry["accept"].as_str() == accept || entry["status"] != 200)
            && entry["name"] != "no-tenant"
    };
    let entries = index.as_array().unwrap();
    let Some(entry) = entries.iter().find(known) else { return Answer::new(404, "", "") };
    let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
    Answer::new(status, entry["content_type"].as_str().unwrap(), recorded(entry["body"].as_str().unwrap()))
}

fn with_tenant(server: &Server, behind: &str) -> Result<skyspan_trace::trace::ReadTrace, StoreError> {
    let headers = skyspan_trace::store::StoreHeaders::new().header("X-Scope-OrgID", "team").unwrap();
    store().headers(headers).fetch(&super::address(server, "tempo", behind))
}

#[test]
fn a_trace_is_had_by_its_id() {
    let server = Server::start(real_tempo);
    let reading = with_tenant(&server, &format!("/{ID}")).unwrap();
    let expected = Trace::from_otlp_json(&String::from_utf8(recorded("trace-v2-json.json")).unwrap()).unwrap();
    assert!(expected.len() > 5);
    assert_eq!(reading.trace, expected);
    assert_eq!(reading.warnings(), [""; 0]);
    assert_eq!(server.paths(), [format!("/api/v2/traces/{ID}")]);
}

#[test]
fn an_old_tempo_is_asked_in_version_1() {
    let server = Server::start(|asked| match asked.path.starts_with("/prefix/api/traces/") {
        true => Answer::new(200, "application/protobuf", recorded("trace-v1-protobuf.pb")),
        false => Answer::new(404, "text/plain", "404 page not found"),
    });
    let reading = fetch(&server, "tempo", &format!("/prefix/{ID}?start=1780185600&end=2026-06-11T00:00:00Z")).unwrap();
    let expected = Trace::from_otlp_json(&String::from_utf8(recorded("trace-v1-json.json")).unwrap()).unwrap();
    assert_eq!(reading.trace, expected);
    assert_eq!(server.paths()[1], format!("/prefix/api/traces/{ID}?start=1780185600&end=1781136000"));
}

#[test]
fn json_is_read_where_it_comes_instead() {
    let server = Server::start(|_| Answer::json(recorded("trace-v2-json.json")));
    assert!(fetch(&server, "tempo", &format!("/{ID}")).unwrap().trace.len() > 5);
}

#[test]
fn a_trace_that_is_not_there_is_an_error_in_either_version() {
    let missing = "ab".repeat(16);
    let version_2 = Server::start(|_| Answer::json(recorded("trace-v2-missing.json")));
    let as_protobuf = Server::start(|_| Answer::new(200, "application/protobuf", b"\x0a\x00\x12\x00"));
    let version_1 = Server::start(|_| Answer::new(404, "", recorded("trace-missing.txt")));
    for server in [version_2, as_protobuf, version_1] {
        let error = fetch(&server, "tempo", &format!("/{missing}")).unwrap_err();
        assert!(matches!(error, StoreError::NoSuchTrace { .. }) && !error.is_of_machine(), "{error}");
        assert!(error.to_string().ends_with("the store has no such trace"), "{error}");
    }
}

#[test]
fn what_the_store_refuses_is_told_in_its_words() {
    let server = Server::start(real_tempo);
    let error = fetch(&server, "tempo", &format!("/{ID}")).unwrap_err();
    assert!(error.to_string().contains("the store answers 401: \"no org id\"; the headers that it wants"), "{error}");
    let bad_query = Server::start(|_| Answer::new(400, "text/plain", recorded("search-bad-query.txt")));
    let error = fetch(&bad_query, "tempo", "?q={ status = ").unwrap_err();
    assert!(error.to_string().contains("the store answers 400: \"invalid TraceQL query: parse error"), "{error}");
    assert!(!error.is_of_machine());
}

#[test]
fn a_part_of_a_trace_is_told_to_be_one() {
    let whole = Trace::from_spans([Span::builder("order").trace_id(1).span_id(1).build()]).to_otlp_protobuf();
    let mut body = vec![0x0a, u8::try_from(whole.len()).unwrap()];
    body.extend(whole);
    body.extend_from_slice(b"\x18\x01\x22\x09too large");
    let server = Server::start(move |_| Answer::new(200, "application/protobuf", body.clone()));
    let reading = fetch(&server, "tempo", "/1").unwrap();
    reading.trace.assert(one(span("order")));
    assert_eq!(reading.warnings(), ["the store gives a part of the trace: too large"]);
}

#[test]
fn a_search_gives_all_traces_that_it_finds() {
    let server = Server::start(|asked| match asked.path.starts_with("/api/search") {
        true => Answer::json(recorded("search.json")),
        false => Answer::new(200, "application/protobuf", recorded("trace-v2-protobuf.pb")),
    });
    let reading = fetch(&server, "tempo", "?q={ status = error }&limit=4&start=1780185600&end=1781136000").unwrap();
    let paths = server.paths();
    assert_eq!(paths[0], "/api/search?q=%7B%20status%20%3D%20error%20%7D&limit=4&start=1780185600&end=1781136000");
    assert_eq!(paths[1..].len(), 3, "{paths:?}");
    assert!(paths.contains(&"/api/v2/traces/534e3c9579d55cefc40773fb161c0ce5".to_owned()), "{paths:?}");
    assert_eq!(reading.trace.len() % 3, 0);
    assert_eq!(reading.warnings(), [""; 0]);
}

#[test]
fn an_answer_as_long_as_it_may_be_is_told() {
    let server = Server::start(|asked| match asked.path.starts_with("/api/search") {
        true => Answer::json(recorded("search-limited.json")),
        false => Answer::new(200, "application/protobuf", recorded("trace-v2-protobuf.pb")),
    });
    let reading = fetch(&server, "tempo", "?q={}&limit=1").unwrap();
    assert!(reading.warnings()[0].contains("as many traces as it may have, 1, and there may be more"), "{reading:?}");
}

/// The value of a parameter of a path.
fn parameter(path: &str, key: &str) -> Option<u64> {
    path.split(['?', '&']).find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
}

#[test]
fn a_search_with_more_traces_than_an_answer_has_goes_through_the_parts_of_its_time() {
    // A trace a second; the answer has those of its time, in no order, and no more than its limit. One lies over a border.
    let server = Server::start(|asked| match asked.path.starts_with("/api/search") {
        true => {
            let wanted = |key| parameter(&asked.path, key).unwrap();
            let (start, end, limit) = (wanted("start"), wanted("end"), usize::try_from(wanted("limit")).unwrap());
            let ids = (start..=end).rev().take(limit).map(|second| format!("{{\"traceID\": \"{second:x}\"}}"));
            Answer::json(format!("{{\"traces\": [{}]}}", ids.collect::<Vec<_>>().join(",")))
        }
        false => {
            let id = u128::from_str_radix(asked.path.rsplit('/').next().unwrap(), 16).unwrap();
            let body = Trace::from_spans([Span::builder("order").trace_id(id).span_id(1).build()]).to_otlp_protobuf();
            match asked.path.starts_with("/api/v2/") {
                true => Answer::new(404, "", ""),
                false => Answer::new(200, "application/protobuf", body),
            }
        }
    });
    let reading = fetch(&server, "tempo", "?q={}&start=1000&end=1300").unwrap();
    reading.trace.assert(exactly(301, span("order")));
    assert_eq!(reading.warnings(), [""; 0]);
    let error =
        store().traces_max(250).fetch(&super::address(&server, "tempo", "?q={}&start=1000&end=1300")).unwrap_err();
    assert!(error.to_string().contains("the search finds more than 250 traces"), "{error}");
}

#[test]
fn a_search_that_finds_nothing_is_an_error_unless_that_may_be() {
    let server = Server::start(|_| Answer::json("{\"traces\":[],\"metrics\":{}}"));
    let error = fetch(&server, "tempo", "?q={ name = \"no\" }").unwrap_err();
    assert!(
        error.to_string().contains("finds no trace; without start= and end= a store looks at what is recent"),
        "{error}"
    );
    let address = super::address(&server, "tempo", "?q={}");
    assert!(store().empty(true).fetch(&address).unwrap().trace.is_empty());
}
