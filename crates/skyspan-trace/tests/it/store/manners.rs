//! How a store is asked: who asks, how long, how often, and where it leads.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use skyspan_trace::store::{Store, StoreError, StoreHeaders};
use skyspan_trace::trace::{Span, Trace};

use super::server::{Answer, Server};
use super::{address, fetch, store};

fn order() -> Answer {
    let trace = Trace::from_spans([Span::builder("order").trace_id(5).span_id(1).build()]);
    Answer::json(trace.to_otlp_json())
}

fn secret() -> StoreHeaders {
    StoreHeaders::new().header("Authorization", "Bearer hunter2").unwrap().header("X-Team", "a").unwrap()
}

#[test]
fn a_store_that_is_busy_is_asked_again() {
    for status in [429, 503] {
        let left = AtomicU32::new(2);
        let server =
            Server::start(move |_| match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) {
                Ok(_) => Answer::new(status, "text/plain", "busy").header("retry-after", "0"),
                Err(_) => order(),
            });
        assert_eq!(fetch(&server, "tempo", "/5").unwrap().trace.len(), 1);
        assert_eq!(server.asked().len(), 3);
    }
    let server = Server::start(|_| Answer::new(503, "text/plain", "busy"));
    let error = fetch(&server, "tempo", "/5").unwrap_err();
    assert!(error.to_string().ends_with("the store answers 503: \"busy\"") && error.is_of_machine(), "{error}");
    assert_eq!(server.asked().len(), 5);
    // What is wrong stays wrong.
    let server = Server::start(|_| Answer::new(400, "text/plain", "no"));
    assert!(fetch(&server, "tempo", "/5").is_err());
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn headers_are_sent_and_shown_nowhere() {
    let server = Server::start(|_| Answer::new(403, "text/plain", "no"));
    let error = store().headers(secret()).fetch(&address(&server, "tempo", "/5")).unwrap_err();
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer hunter2"));
    let shown = format!("{error} {error:?} {:?}", store().headers(secret()));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_redirect_is_followed_with_headers_on_the_same_host_alone() {
    let other = Server::start(|_| order());
    let elsewhere = other.url();
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api/v2/traces/5" => Answer::new(302, "", "").header("location", "/moved/5?x=1"),
        "/moved/5?x=1" => Answer::new(307, "", "").header("location", "again"),
        "/moved/again" => Answer::new(301, "", "").header("location", &format!("{elsewhere}/there")),
        path => panic!("{path}"),
    });
    assert_eq!(store().headers(secret()).fetch(&address(&server, "tempo", "/5")).unwrap().trace.len(), 1);
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_some()));
    let asked = &other.asked()[0];
    assert_eq!((&*asked.path, asked.header("authorization"), asked.header("x-team")), ("/there", None, None));
}

#[test]
fn another_name_of_a_host_is_another_host() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/there" => order(),
        _ => Answer::new(302, "", "").header(
            "location",
            &format!("http://localhost:{}/there", asked.header("host").unwrap().split(':').nth(1).unwrap()),
        ),
    });
    assert_ne!(server.url(), server.other_url());
    assert_eq!(store().headers(secret()).fetch(&address(&server, "tempo", "/5")).unwrap().trace.len(), 1);
    assert_eq!(server.asked().last().unwrap().header("authorization"), None);
}

#[test]
fn redirects_that_lead_nowhere_are_told() {
    for (location, told) in [
        (Some("/api/v2/traces/5"), "found a redirect after 5 others"),
        (Some("ftp://host/"), "found a redirect to no address of HTTP"),
        (None, "found a redirect that leads nowhere"),
    ] {
        let server = Server::start(move |_| {
            let answer = Answer::new(302, "", "");
            location.map_or(answer.clone(), |location| answer.header("location", location))
        });
        let error = fetch(&server, "tempo", "/5").unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert!(server.asked().len() <= 6);
    }
}

#[test]
fn what_is_compressed_is_read_and_what_is_too_large_refused() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let trace = Trace::from_spans((1..200_u64).map(|id| Span::builder("order").trace_id(5).span_id(id).build()));
    encoder.write_all(trace.to_otlp_json().as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let server = Server::start(move |_| Answer::json(body.clone()).header("content-encoding", "gzip"));
    assert_eq!(fetch(&server, "jaeger", "/5").unwrap().trace.len(), 199);
    assert_eq!(server.asked()[0].header("accept-encoding"), Some("gzip"));
    for size_max in [10, 5_000] {
        let error = store().size_max(size_max).fetch(&address(&server, "jaeger", "/5")).unwrap_err().to_string();
        assert!(error.contains(&format!("expected at most {size_max} bytes, found more")), "{error}");
    }
}

#[test]
fn who_does_not_answer_is_told_and_does_not_hold_the_test() {
    // It accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tempo+http://{}/5", silent.local_addr().unwrap()).parse().unwrap();
    let error = Store::new().timeout(Duration::from_millis(100)).fetch(&address).unwrap_err();
    assert!(error.to_string().contains("expected an answer within 0.1 s, found none"), "{error}");
    assert!(error.is_of_machine());
    drop(silent);
    let error = store().fetch(&address).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("nobody answers"), "{error}");
}

#[test]
fn what_is_no_trace_is_told_with_what_it_is() {
    let server = Server::start(|_| Answer::new(200, "text/html", "<!doctype html><title>Log in</title>"));
    let error = fetch(&server, "tempo", "/5").unwrap_err().to_string();
    assert!(error.contains("/api/traces/5: ") && error.contains("found a web page (HTML)"), "{error}");
    let server = Server::start(|_| Answer::new(200, "text/html", "<!doctype html><title>Log in</title>"));
    let error = fetch(&server, "tempo", "?q={}").unwrap_err().to_string();
    assert!(error.contains("expected the answer of a Tempo to a search"), "{error}");
}

#[test]
fn parameters_that_are_none_are_told() {
    let server = Server::start(|_| order());
    for (behind, told) in [
        ("?q={}&start=yesterday", "start: expected seconds since 1970, or a time such as"),
        ("?q={}&limit=0", "limit: expected a number of traces, found \"0\""),
    ] {
        let error = fetch(&server, "tempo", behind).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn headers_come_from_lists_and_files_and_what_is_wrong_is_told_without_its_value() {
    let list = StoreHeaders::new().list("Authorization=Bearer%20abc, X-Scope-OrgID=team", "HERE").unwrap();
    assert_eq!(format!("{list:?}"), "StoreHeaders([\"authorization\", \"x-scope-orgid\"])");
    let error = StoreHeaders::new().list("hunter2", "HERE").unwrap_err();
    assert_eq!(error.to_string(), "HERE: expected NAME=VALUE, found no `=`");
    let error = StoreHeaders::new().list("A=b,Token=hunter\n2", "HERE").unwrap_err().to_string();
    assert_eq!(error, "HERE: expected a value of one line of ASCII for token, found another");

    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("headers-{}", std::process::id()));
    std::fs::write(&path, "# who asks\nAuthorization: Bearer hunter2\n\nX-Team: a\n").unwrap();
    let server = Server::start(|_| order());
    store().headers(StoreHeaders::new().file(&path).unwrap()).fetch(&address(&server, "tempo", "/5")).unwrap();
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer hunter2"));
    assert_eq!(server.asked()[0].header("x-team"), Some("a"));
    std::fs::write(&path, "Authorization hunter2\n").unwrap();
    let error = StoreHeaders::new().file(&path).unwrap_err().to_string();
    assert!(error.ends_with(", line 1: expected `Name: value`, found no colon"), "{error}");
    std::fs::remove_file(&path).unwrap();
    assert!(StoreHeaders::new().file(&path).unwrap_err().to_string().contains("cannot read it"));
}
