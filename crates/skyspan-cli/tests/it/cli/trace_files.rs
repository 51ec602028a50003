//! The program reads traces of any format, tells what it passes over, and writes them in others.

use super::{skyspan, skyspan_with};

const FORMATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/formats/");

fn file(name: &str) -> String {
    format!("{FORMATS}{name}")
}

#[test]
fn what_is_passed_over_is_told_on_standard_error_and_refused_by_strict() {
    let path = file("py-1832.txt");
    let out = skyspan(["tree", &*path]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(
        out.stdout.starts_with("1 span, 51 µs, from 2021-05-10 15:21:55 UTC\n0 s  bar  51 µs  ━"),
        "{}",
        out.stdout
    );
    assert_eq!(
        out.stderr,
        format!("skyspan: {path}: passed over 1 line that is no span, on line 1: \"Hello world!\"\n")
    );
    let out = skyspan(["tree", &*path, "--strict"]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.contains("line 1, column 1: expected nothing but spans, found 1 line"), "{}", out.stderr);
}

#[test]
fn a_file_that_is_cut_off_is_an_error_and_its_beginning_can_be_had() {
    let path = file("collector-file-truncated.jsonl");
    let out = skyspan(["convert", &*path, "--to", "console"]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.contains("line 2, column 244: the file is cut off"), "{}", out.stderr);
    let out = skyspan(["convert", &*path, "--to", "console", "--up-to-cut"]);
    assert_eq!(out.code, 2);
    assert!(out.stdout.contains("\"name\": \"one\""), "{}", out.stdout);
    assert!(
        out.stderr.contains("the file is cut off at line 2, column 244: only the spans before it"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_trace_without_spans_is_an_error_unless_that_may_be() {
    let answer = r#"{"data": null, "errors": [{"code": 404, "msg": "trace not found"}]}"#;
    for (text, told) in [("", "it is empty"), (answer, "Jaeger says: trace not found (404)")] {
        let out = skyspan_with(["tree", "-"], text);
        assert_eq!((out.code, &*out.stdout), (2, ""));
        assert!(out.stderr.contains("found no span") && out.stderr.contains(told), "{}", out.stderr);
        let out = skyspan_with(["tree", "-", "--allow-empty"], text);
        assert_eq!((out.code, &*out.stdout), (0, "(no spans)\n"));
    }
}

#[test]
fn a_refusal_says_what_the_file_is_and_what_to_do() {
    let out = skyspan(["tree", &*file("chrome.json")]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.contains("found trace events of Chrome or Perfetto; they do not say"), "{}", out.stderr);
    let out = skyspan(["tree", &*file("py-1832.txt"), "--max-size", "100"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("expected at most 100 bytes"), "{}", out.stderr);
    assert_eq!(skyspan(["tree", &*file("py-1832.txt"), "--max-size", "1k"]).code, 0);
    let out = skyspan(["tree", &*file("py-1832.txt"), "--max-size", "many"]);
    assert!(out.code == 2 && out.stderr.contains("a number of bytes such as 500M"), "{}", out.stderr);
}

#[test]
fn every_format_that_is_written_can_be_had() {
    let path = file("made/js-otlp.json");
    let drawn = skyspan(["tree", &*path]).stdout;
    for (format, is_read) in [
        ("console", true),
        ("otlp", true),
        ("jaeger", true),
        ("zipkin", true),
        ("perfetto", false),
        ("speedscope", false),
    ] {
        let out = skyspan(["convert", &*path, "--to", format]);
        assert_eq!(out.code, 0, "{format}: {}", out.stderr);
        let again = skyspan_with(["tree", "-"], &out.stdout);
        assert_eq!(again.code == 0, is_read, "{format}: {}", again.stderr);
        if format == "otlp" {
            assert_eq!(again.stdout, drawn);
        }
    }
    let zipkin = skyspan(["convert", &*path, "--to", "zipkin"]);
    assert!(zipkin.stderr.starts_with("skyspan: Zipkin JSON has no place for links of 1 span"), "{}", zipkin.stderr);
    // Protobuf is no text.
    let proto = skyspan_bytes(["convert", &*path, "--to", "otlp-proto"]);
    let temp = std::env::temp_dir().join(format!("skyspan-{}.pb", std::process::id()));
    std::fs::write(&temp, proto).unwrap();
    let again = skyspan(["tree", &*temp.to_string_lossy()]);
    std::fs::remove_file(temp).unwrap();
    assert_eq!(again.stdout, drawn);
}

fn skyspan_bytes<const N: usize>(arguments: [&str; N]) -> Vec<u8> {
    std::process::Command::new(env!("CARGO_BIN_EXE_skyspan")).args(arguments).output().unwrap().stdout
}

#[test]
fn a_recording_is_grouped_by_run_and_what_is_in_none_is_told() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recordings/scan/spans.json");
    let loose = skyspan(["tree", path, "--text"]).stdout;
    assert!(loose.lines().filter(|line| !line.starts_with([' ', '└', '├'])).count() > 20, "{loose}");
    let out = skyspan(["tree", path, "--text", "--group-by", "run"]);
    let roots: Vec<&str> = out.stdout.lines().filter(|line| !line.starts_with([' ', '└', '├', '│', '#'])).collect();
    assert_eq!(roots.len(), 1, "{}\n{}", out.stdout, out.stderr);
    assert!(roots[0].starts_with("Bluesky RunEngine run "), "{}", roots[0]);
}

#[test]
fn secrets_are_taken_out_where_that_is_asked_for() {
    let text = r#"{"name": "login", "context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002"},
        "attributes": {"http.request.header.authorization": "Basic aaaaaaaaaa", "sample": "ours"}}"#;
    let kept = skyspan_with(["convert", "-", "--to", "otlp"], text).stdout;
    assert!(kept.contains("Basic aaaaaaaaaa"));
    let out = skyspan_with(["convert", "-", "--to", "otlp", "--redact"], text).stdout;
    assert!(!out.contains("aaaaaaaaaa") && out.contains("[redacted]") && out.contains("ours"), "{out}");
    let out = skyspan_with(["tree", "-", "--redact-also", "^sample$"], text).stdout;
    assert!(!out.contains("aaaaaaaaaa") && !out.contains("ours"), "{out}");
    let out = skyspan_with(["tree", "-", "--redact-also", "("], text);
    assert!(out.code == 2 && out.stderr.contains("expected a regular expression"), "{}", out.stderr);
}
