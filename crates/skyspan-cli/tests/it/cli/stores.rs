//! A trace may lie in a store.

#[path = "../../../../skyspan-trace/tests/it/store/server.rs"]
#[expect(dead_code, reason = "the tests of the library ask it more")]
mod server;

use server::{Answer, Server};

use super::{TempFile, skyspan};

const ID: &str = "b1773fea8243ab074f2a17e6cbd36c83";

fn recorded(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fixtures/stores/tempo/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_trace_of_a_store_is_read_as_one_of_a_file() {
    let server = Server::start(|_| Answer::json(recorded("trace-v2-json.json")));
    let out = skyspan(["tree", &*format!("tempo+{}/{ID}", server.url())]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    let path = format!("{}/../../fixtures/stores/tempo/trace-v2-json.json", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(out.stdout, skyspan(["tree", &*path]).stdout);
}

#[test]
fn a_search_gives_all_that_it_finds_and_a_file_the_headers() {
    let server = Server::start(|asked| match (asked.header("x-scope-orgid"), asked.path.starts_with("/api/search")) {
        (None, _) => Answer::new(401, "text/plain", recorded("no-tenant.txt")),
        (_, true) => Answer::json(recorded("search-limited.json")),
        (_, false) => Answer::new(200, "application/protobuf", recorded("trace-v2-protobuf.pb")),
    });
    let address = format!("tempo+{}?q={{ status = error }}&limit=1", server.url());
    let out = skyspan(["query", &*address, "{}", "--ids"]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.contains("the store answers 401: \"no org id\"; the headers that it wants"), "{}", out.stderr);
    let headers = TempFile::new("X-Scope-OrgID: team\n");
    let out = skyspan(["query", &*address, "{}", "--ids", "--store-headers", headers.path()]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(out.stdout.lines().count() > 5, "{}", out.stdout);
    assert!(out.stderr.contains("there may be more; say start= and end="), "{}", out.stderr);
}

#[test]
fn what_the_store_has_not_is_an_error_of_the_command_line_and_no_store_one_of_the_machine() {
    let server = Server::start(|_| Answer::json(recorded("trace-v2-missing.json")));
    let address = format!("tempo+{}/{ID}", server.url());
    let out = skyspan(["tree", &*address]);
    assert_eq!((out.code, &*out.stderr), (2, &*format!("skyspan: {address}: the store has no such trace\n")));
    let out = skyspan(["tree", &*address, "--allow-empty"]);
    assert_eq!((out.code, &*out.stdout), (0, "(no spans)\n"));
    drop(server);
    let out = skyspan(["tree", &*address]);
    assert_eq!(out.code, 3);
    assert!(out.stderr.contains("nobody answers"), "{}", out.stderr);
    let out = skyspan(["tree", "http://tempo:3200/5fa3"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("expected the sort of store before the address, such as tempo+http"), "{}", out.stderr);
}
