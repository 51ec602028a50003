//! A store is asked for a trace, or for all that a search finds.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod jaeger;
mod manners;
mod server;
mod tempo;

use std::time::Duration;

use skyspan_trace::store::{Store, StoreAddress, StoreError, StoreKind};
use skyspan_trace::trace::ReadTrace;

use server::Server;

/// A store that is asked again at once.
fn store() -> Store {
    Store::new().retries(4, Duration::ZERO)
}

fn fetch(server: &Server, kind: &str, behind: &str) -> Result<ReadTrace, StoreError> {
    store().fetch(&address(server, kind, behind))
}

fn address(server: &Server, kind: &str, behind: &str) -> StoreAddress {
    format!("{kind}+{}{behind}", server.url()).parse().unwrap()
}

#[test]
fn an_address_says_which_store_where_and_what() {
    for (text, kind, shown) in [
        ("tempo+http://tempo:3200/5FA3", StoreKind::Tempo, "tempo+http://tempo:3200/5fa3"),
        (
            "tempo+https://grafana.example/api/tempo/5fa3/",
            StoreKind::Tempo,
            "tempo+https://grafana.example/api/tempo/5fa3",
        ),
        ("jaeger+http://[::1]:16686/5fa3?start=5", StoreKind::Jaeger, "jaeger+http://[::1]:16686/5fa3?start=5"),
        (
            "tempo+http://tempo:3200?q={ a = 1 && b = 2 }&limit=5",
            StoreKind::Tempo,
            "tempo+http://tempo:3200?q=%7B%20a%20%3D%201%20%26%26%20b%20%3D%202%20%7D&limit=5",
        ),
        (
            "tempo+http://tempo:3200?q=%7B+status+%3D+error+%7D",
            StoreKind::Tempo,
            "tempo+http://tempo:3200?q=%7B%20status%20%3D%20error%20%7D",
        ),
        (
            "jaeger+http://j?service=shop&tags={\"a\":\"b\"}",
            StoreKind::Jaeger,
            "jaeger+http://j?service=shop&tags=%7B%22a%22%3A%22b%22%7D",
        ),
    ] {
        let address: StoreAddress = text.parse().unwrap();
        assert_eq!((address.kind(), &*address.to_string()), (kind, shown));
        assert_eq!(address.to_string().parse::<StoreAddress>().unwrap(), address);
    }
}

#[test]
fn what_is_no_address_is_told_and_a_password_never_shown() {
    for (text, told) in [
        (
            "http://tempo:3200/5fa3",
            "expected the sort of store before the address, such as tempo+http://HOST:3200/TRACEID",
        ),
        ("zipkin+http://host/5fa3", "expected the sort of store"),
        ("tempo+ftp://host/5fa3", "expected the sort of store"),
        ("tempo+http:///5fa3", "expected a host"),
        ("tempo+http://host/nothex", "expected the id of a trace, or a search"),
        ("tempo+http://host", "or ?q={ status = error }"),
        ("jaeger+http://host", "or ?service=NAME"),
        ("tempo+http://host/0123456789012345678901234567890123", "of up to 32 hexadecimal digits"),
        ("tempo+http://me:hunter2@host/5fa3", "expected no user and no password"),
        ("tempo+http://me:hun/ter2@host/5fa3", "expected"),
    ] {
        let error = text.parse::<StoreAddress>().unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
        assert!(!error.contains("hunter2") && !error.contains("ter2"), "{error}");
    }
    assert!(StoreAddress::is_meant("http://a/b") && StoreAddress::is_meant("tempo+http://a/b"));
    assert!(
        !StoreAddress::is_meant("a/b.json")
            && !StoreAddress::is_meant("C:\\trace.json")
            && !StoreAddress::is_meant("-")
    );
}
