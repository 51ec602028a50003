//! `skyspan receive` and `skyspan record`: spans of live programs.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use skyspan::expect::{forest, one, span};
use skyspan::trace::Trace;

use super::{skyspan, temp_path};

/// A program that sends a span, as what bash itself can send, and then does something else.
pub(super) fn sends_and(then: &str) -> String {
    let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"order","attributes":[{"key":"db.password","value":{"stringValue":"hunter2"}}],"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}]}]}]}"#;
    let address = "/dev/tcp/${OTEL_EXPORTER_OTLP_ENDPOINT#http://}";
    let length = body.len();
    format!(
        "to={address}; exec 3<>${{to%:*}}/${{to##*:}}; \
         printf 'POST /v1/traces HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\ncontent-type: application/json\\r\\ncontent-length: {length}\\r\\n\\r\\n%s' '{body}' >&3; \
         grep -q '200 OK' <&3 || exit 99; {then}"
    )
}

fn recorded<'a>(options: impl IntoIterator<Item = &'a str>, program: &'a str) -> super::Out {
    let arguments = ["record"].into_iter().chain(options).chain(["--", "bash", "-c", program]);
    skyspan(arguments)
}

#[test]
fn the_trace_of_a_program_is_written_and_its_exit_code_handed_on() {
    for code in [0, 1, 7] {
        let path = temp_path();
        let out = recorded(["-o", path.to_str().unwrap()], &sends_and(&format!("echo hello; exit {code}")));
        assert_eq!((out.code, &*out.stdout, &*out.stderr), (code, "hello\n", ""));
        let trace = Trace::read(&path).unwrap();
        trace.assert(one(span("order").attr("db.password", "hunter2")));
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn without_a_file_the_trace_is_drawn_beside_what_the_program_prints() {
    let out = recorded([], &sends_and("echo hello"));
    assert_eq!((out.code, &*out.stdout), (0, "hello\n"));
    assert!(out.stderr.starts_with("1 span, 1 s, from ") && out.stderr.contains("\n0 s  order  1 s"), "{}", out.stderr);
}

#[test]
fn secrets_are_taken_out_and_the_format_is_chosen() {
    let out = recorded(["-o", "-", "--to", "console", "--redact"], &sends_and("true"));
    assert_eq!(out.code, 0, "{}", out.stderr);
    let trace = Trace::from_console_json(&out.stdout).unwrap();
    trace.assert(forest([span("order").attr("db.password", "[redacted]")]));
}

#[test]
fn a_program_that_sends_nothing_is_told_and_is_an_error_unless_that_may_be() {
    let path = temp_path();
    let output = path.to_str().unwrap();
    let out = recorded(["-o", output], "exit 0");
    assert_eq!(out.code, 2);
    assert!(out.stderr.starts_with("skyspan: no span has come: it has to have OpenTelemetry's SDK"), "{}", out.stderr);
    // What has failed has its own reason for it.
    let out = recorded(["-o", output], "exit 5");
    assert_eq!((out.code, &*out.stderr), (5, "skyspan: the program sent no span\n"));
    assert_eq!(recorded(["-o", output, "--allow-empty"], "exit 0").code, 0);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_run_or_written_is_told_before_anything_runs() {
    let out = skyspan(["record", "--", "no-such-program-anywhere"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("cannot run \"no-such-program-anywhere\": "), "{}", out.stderr);
    let out = recorded(["-o", "/no/such/folder/trace.json"], "echo ran");
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.contains("cannot write /no/such/folder/trace.json: "), "{}", out.stderr);
    assert_eq!(skyspan(["record"]).code, 2);
}

#[test]
fn a_program_that_a_signal_ends_leaves_its_trace() {
    let path = temp_path();
    let out = recorded(["-o", path.to_str().unwrap()], &sends_and("kill -KILL $$"));
    assert_eq!(out.code, 137, "{}", out.stderr);
    assert_eq!(Trace::read(&path).unwrap().len(), 1);
    std::fs::remove_file(path).unwrap();
}

/// The binary while it runs.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line
    }

    fn send(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, what it printed, and what more it told.
    fn end(mut self) -> (i32, String, String) {
        let (mut out, mut told) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.stderr.read_to_string(&mut told).unwrap();
        (self.child.wait().unwrap().code().unwrap(), out, told)
    }
}

/// Sends a span to the first address of a line.
fn send_to(line: &str) {
    let address = line.split("http://").nth(1).unwrap().split([',', ' ']).next().unwrap();
    let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"order","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}"#;
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn it_receives_until_it_is_told_to_end_and_writes_what_has_come() {
    for signal in ["-INT", "-TERM"] {
        let path = temp_path();
        let arguments = ["receive", "--listen", ":0", "--listen", "127.0.0.1:0", "-o", path.to_str().unwrap()];
        let mut running = Running::start(&arguments);
        let line = running.line();
        assert!(line.starts_with("skyspan: takes OTLP over HTTP and gRPC at http://127.0.0.1:"), "{line}");
        assert!(line.contains(" and http://127.0.0.1:") && line.ends_with(", until Ctrl-C\n"), "{line}");
        send_to(&line);
        running.send(signal);
        assert_eq!(running.end(), (0, String::new(), String::new()));
        Trace::read(&path).unwrap().assert(one(span("order")));
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn it_ends_by_itself_when_nothing_comes_any_more() {
    let mut running = Running::start(&["receive", "--listen", "0.0.0.0:0", "--idle", "0.3"]);
    let line = running.line();
    assert!(line.ends_with(", until it is idle, or Ctrl-C\n"), "{line}");
    assert_eq!(running.line(), "skyspan: other machines reach it, and whoever does can send spans\n");
    send_to(&line);
    let (code, drawn, told) = running.end();
    assert_eq!((code, &*told), (0, ""));
    assert!(drawn.lines().nth(1).is_some_and(|line| line.starts_with("0 s  order  1 ns")), "{drawn}");
}

#[test]
fn nothing_received_is_an_error_and_a_port_that_is_taken_as_well() {
    let mut running = Running::start(&["receive", "--listen", ":0"]);
    let line = running.line();
    let port = line.split("127.0.0.1:").nth(1).unwrap().split(',').next().unwrap();
    let out = skyspan(["receive", "--listen", &*format!(":{port}")]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("another program has this port"), "{}", out.stderr);
    running.send("-INT");
    let (code, _, told) = running.end();
    assert_eq!((code, &*told), (2, "skyspan: no span has come (if that may be: --allow-empty)\n"));
    let out = skyspan(["receive", "--listen", "nowhere"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("expected an address and a port, such as :4318"), "{}", out.stderr);
}
