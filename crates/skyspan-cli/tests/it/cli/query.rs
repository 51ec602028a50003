//! `skyspan query`.

use serde_json::{Value, json};

use super::{skyspan, skyspan_with};

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/traceql/traces/shop.json");
const BLUESKY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/traceql/traces/bluesky.json");

#[test]
fn a_question_is_answered_by_a_table() {
    let out = skyspan(["query", SHOP, r#"{ kind = server } > { status = error } | select(.retry)"#]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert_eq!(
        out.stdout,
        "\
trace a982bd0c61bcdbb3cded05663260fa34  POST /checkout  (gateway)  900 ms
  span              name            duration  kind    status  .retry
  dfd22c8a7ebe3001  payment/Charge  280 ms    client  error   0
  1d57e760d2fd9536  payment/Charge  280 ms    client  error   1
  abb3c326a4cccc25  bank.transfer   200 ms    client  error   -
  5971e2c8991435f2  bank.transfer   200 ms    client  error   -

trace 900ea286c793a47fa74ac24e35555fb3  GET /products  (gateway)  3 s
  span              name          duration  kind    status  .retry
  4325ea1b4a763854  SELECT stock  850 ms    client  error   -

5 spans in 2 traces
"
    );
}

#[test]
fn ids_stand_alone_one_span_a_line() {
    let out = skyspan(["query", "--ids", SHOP, r#"{ name = "health" } || { nestedSetParent = -1 && status = error }"#]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let expected = "\
a982bd0c61bcdbb3cded05663260fa34 d04c755de9490bc6
ee652ebe33aa8ba35151b6fe9906e107 ff1cc442f620c350
";
    assert_eq!(out.stdout, expected);
}

#[test]
fn json_is_in_the_form_of_tempos_answers() {
    let out = skyspan(["query", SHOP, "--json", "{ kind = producer } | count() >= 1"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let answer: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["traces"].as_array().unwrap().len(), 2);
    assert_eq!(
        answer["traces"][0],
        json!({
            "traceID": "b1773fea8243ab074f2a17e6cbd36c83",
            "rootServiceName": "gateway",
            "rootName": "POST /checkout",
            "startTimeUnixNano": "1780272000000000000",
            "durationMs": 2700,
            "spanSets": [{"spans": ["89d96591274ae49a"], "attributes": [["count()", {"intValue": "1"}]]}],
        })
    );
}

#[test]
fn numbers_over_time_have_a_step() {
    let out = skyspan(["query", SHOP, "--json", "--step", "300", "{ status = error } | count_over_time()"]);
    let answer: Value = serde_json::from_str(&out.stdout).unwrap();
    let samples = answer["series"][0]["samples"].as_array().unwrap();
    assert_eq!(samples.iter().map(|sample| sample[1].as_f64().unwrap()).sum::<f64>(), 9.0);
    assert_eq!(samples[1][0].as_u64().unwrap() - samples[0][0].as_u64().unwrap(), 300_000);
    let out = skyspan(["query", SHOP, "--step", "300", "{ status = error } | count_over_time() by (name) | topk(1)"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert!(out.stdout.contains("name = "), "{}", out.stdout);
    let out = skyspan(["query", SHOP, "--ids", "{} | rate()"]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    assert!(out.stderr.contains("numbers over time"), "{}", out.stderr);
}

#[test]
fn nothing_is_an_answer_too_and_says_what_it_may_hang_on() {
    let out = skyspan(["query", SHOP, r#"{ name = "nothing of the kind" }"#]);
    assert_eq!((out.code, out.stdout.as_str(), out.stderr.as_str()), (0, "0 spans in 0 traces\n", ""));
    // Bluesky's own convention has a trace for nearly each span.
    let query = r#"{ name = "Bluesky RunEngine wait" } | count() > 3"#;
    let out = skyspan(["query", BLUESKY, query]);
    assert_eq!(out.code, 0);
    assert!(
        out.stdout.starts_with("0 spans in 0 traces\nhint: a query counts within each trace id, and "),
        "{}",
        out.stdout
    );
    let out = skyspan(["query", BLUESKY, "--ids", query]);
    assert_eq!((out.code, out.stdout.as_str()), (0, ""));
    assert!(out.stderr.starts_with("hint: a query counts within each trace id"), "{}", out.stderr);
}

#[test]
fn a_run_may_be_asked_as_one_trace() {
    let out = skyspan(["query", BLUESKY, "--group-by", "run", r#"{ name = "Bluesky RunEngine wait" } | count() > 3"#]);
    assert_eq!(out.code, 0);
    assert!(out.stdout.starts_with("trace "), "{}", out.stdout);
    assert!(out.stdout.contains("\n  count() = "), "{}", out.stdout);
}

#[test]
fn a_wrong_query_says_where_and_what_was_meant() {
    let out = skyspan(["query", SHOP, r#"{ kind = "server" }"#]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    assert_eq!(
        out.stderr,
        "\
skyspan: the query: line 1, column 8: expected the same type on both sides of `=`, found a kind and a string: kind = `server`
  | { kind = \"server\" }
  |        ^
  kinds and statuses stand without quotes: `kind = server`
"
    );
    // It is read before the trace is.
    let out = skyspan(["query", "no/such/file.json", "{ nmae = `x` }"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("did you mean `name`?"), "{}", out.stderr);
}

#[test]
fn a_value_that_cannot_be_asked_so_is_told_with_its_span() {
    let out = skyspan(["query", SHOP, "{ 10 / .retry = 5 }"]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    assert!(
        out.stderr.contains(r#"a division of integers by zero in the span "POST /checkout" (0xe0e5b4c548f517ca)"#),
        "{}",
        out.stderr
    );
}

#[test]
fn the_trace_may_come_on_standard_input() {
    let shop = std::fs::read_to_string(SHOP).unwrap();
    let out = skyspan_with(["query", "-", "{} | by(kind)"], &shop);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert!(out.stdout.contains("  by(kind) = server\n"), "{}", out.stdout);
    assert!(out.stdout.ends_with("44 spans in 7 traces\n"), "{}", out.stdout);
}
