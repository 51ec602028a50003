//! Ctrl-C in a run in real time, with real signals to the real binary.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};

#[cfg(target_os = "linux")]
use super::terminal::Terminal;
use super::{Out, TempFile, temp_path};

/// The binary in the middle of a plan: it waits for a line.
struct Running {
    child: Child,
    stdin: ChildStdin,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Running {
    /// Runs a plan file in real time, until it asks `ready?`.
    fn start(yaml: &str) -> (TempFile, Self) {
        Self::start_with(yaml, &["--spans", "tree"])
    }

    fn start_with(yaml: &str, options: &[&str]) -> (TempFile, Self) {
        let file = TempFile::new(yaml);
        let mut child = with_ctrl_c(env!("CARGO_BIN_EXE_skyspan"))
            .args(["run", file.path(), "--real-time"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, mut stderr) = (child.stdin.take().unwrap(), BufReader::new(child.stderr.take().unwrap()));
        let mut prompt = [0; 6];
        stderr.read_exact(&mut prompt).unwrap();
        assert_eq!(&prompt, b"ready?");
        (file, Self { child, stdin, stderr })
    }

    /// Presses Ctrl-C, and waits until the binary says what that means.
    fn press(&mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line
    }

    /// Sends a signal.
    fn send(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn end(mut self) -> Out {
        drop(self.stdin);
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Out { code: output.status.code().unwrap(), stdout: String::from_utf8(output.stdout).unwrap(), stderr }
    }
}

/// A command that hears of Ctrl-C, even where the tests run in the background and do not.
pub(super) fn with_ctrl_c(program: &str) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", program]);
        command
    } else {
        Command::new(program)
    }
}

/// A plan that asks whether to go on, and how its pause is answered.
fn asks(on_pause: &str) -> String {
    format!(
        "
items:
  - item_type: messages
    on_pause: {on_pause}
    messages:
      - wrap: run
        body:
          - {{command: checkpoint}}
          - {{command: input, kwargs: {{prompt: ready?}}}}
"
    )
}

const AT_THE_NEXT: &str =
    "skyspan: pausing at the next checkpoint; to pause at once, press Ctrl-C again within 10 seconds\n";

#[test]
fn the_second_press_pauses_at_once_and_the_plan_file_answers_where_there_is_no_terminal() {
    for (on_pause, reason) in [("[{do: abort, reason: enough}]", "enough"), ("[]", "")] {
        let (_file, mut running) = Running::start(&asks(on_pause));
        assert_eq!(running.press(), AT_THE_NEXT);
        // Faster ones do not count.
        #[expect(clippy::disallowed_methods, reason = "the process has a clock of its own, which is real")]
        std::thread::sleep(std::time::Duration::from_millis(150));
        assert_eq!(running.press(), "skyspan: pausing at once\n");
        let out = running.end();
        assert_eq!((out.code, &*out.stderr), (1, "skyspan: item 1: abort\n"));
        assert!(
            out.stdout.contains(&format!("  abort{}", if reason.is_empty() { "" } else { ": enough" })),
            "{}",
            out.stdout
        );
    }
}

#[test]
fn one_press_without_a_checkpoint_leaves_the_plan_alone() {
    let (_file, mut running) = Running::start(&asks("[]"));
    assert_eq!(running.press(), AT_THE_NEXT);
    running.stdin.write_all(b"go on\n").unwrap();
    let out = running.end();
    assert_eq!((out.code, &*out.stderr), (0, ""));
}

/// Two calls, the first of which waits for a line and then for long.
const TWO_ITEMS: &str = "
items:
  - item_type: messages
    messages:
      - wrap: run
        body:
          - {command: checkpoint}
          - {command: input, kwargs: {prompt: ready?}}
          - {command: checkpoint}
          - {command: sleep, args: [600]}
  - {item_type: messages, messages: [{span: the second, body: [{command: 'null'}]}]}
";

#[test]
fn what_ctrl_c_has_halted_is_not_followed_by_the_next_item() {
    let (_file, mut running) = Running::start(TWO_ITEMS);
    assert_eq!(running.press(), AT_THE_NEXT);
    running.stdin.write_all(b"go on\n").unwrap();
    let out = running.end();
    assert_eq!(out.code, 130, "{}", out.stderr);
    assert!(out.stderr.contains("skyspan: 1 of 2 items were not run\n"), "{}", out.stderr);
    assert!(!out.stdout.contains("the second"), "{}", out.stdout);
}

#[test]
fn sigterm_aborts_the_plan_and_leaves_a_record() {
    let folder = temp_path();
    let (_file, mut running) = Running::start_with(TWO_ITEMS, &["--out", folder.to_str().unwrap()]);
    running.stdin.write_all(b"go on\n").unwrap();
    running.send("-TERM");
    let out = running.end();
    assert_eq!(out.code, 143, "{}", out.stderr);
    let documents = std::fs::read_to_string(folder.join("documents.jsonl")).unwrap();
    let last = documents.lines().last().unwrap();
    assert!(last.contains("\"exit_status\": \"abort\"") && last.contains("ended by SIGTERM"), "{last}");
    for file in ["spans.json", "messages.jsonl", "outcomes.json"] {
        assert!(std::fs::metadata(folder.join(file)).unwrap().len() > 10, "{file}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A call whose clean-up takes long.
const LONG_CLEAN_UP: &str = "
items:
  - item_type: messages
    messages:
      - wrap: run
        body:
          - wrap: finalize
            final: [{span: the clean-up, body: [{command: sleep, args: [600]}]}]
            body:
              - {command: checkpoint}
              - {command: input, kwargs: {prompt: ready?}}
              - {command: sleep, args: [600]}
";

#[test]
fn a_second_sigterm_ends_the_clean_up_and_leaves_the_record() {
    let folder = temp_path();
    let (_file, mut running) = Running::start_with(LONG_CLEAN_UP, &["--out", folder.to_str().unwrap()]);
    running.stdin.write_all(b"go on\n").unwrap();
    for expected in [
        "skyspan: ended by SIGTERM: the plan cleans up, and what was recorded is written; a second one ends that\n",
        "skyspan: ending the call without asking the plan; one more, and nothing is written\n",
    ] {
        running.send("-TERM");
        let mut said = String::new();
        running.stderr.read_line(&mut said).unwrap();
        assert_eq!(said, expected);
    }
    let out = running.end();
    assert_eq!(out.code, 143, "{}", out.stderr);
    let documents = std::fs::read_to_string(folder.join("documents.jsonl")).unwrap();
    let last = documents.lines().last().unwrap();
    assert!(last.contains("\"exit_status\": "), "the run was closed: {last}");
    assert!(std::fs::metadata(folder.join("messages.jsonl")).unwrap().len() > 10);
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_plan_that_ctrl_c_has_paused_in_the_middle_of_a_move_goes_on_after_a_while() {
    let file = TempFile::new(
        "
devices:
  - {name: stage, class: SimMotor, velocity: 4, acceleration_time: 0.1}
  - {name: diode, class: SimDetector, exposure_time: 0.01}
items:
  - {item_type: plan, name: scan, args: [[diode], stage, 0, 8, 3]}
",
    );
    let mut terminal = Terminal::skyspan(&["run", file.path(), "--real-time", "--spans", "tree"]);
    #[expect(clippy::disallowed_methods, reason = "the process has a clock of its own, which is real")]
    let wait = |ms| std::thread::sleep(std::time::Duration::from_millis(ms));
    terminal.shows("stage");
    terminal.press(b"\x03");
    terminal.shows("pausing at the next checkpoint");
    wait(150);
    terminal.press(b"\x03");
    terminal.shows("stop or halt? ");
    wait(300);
    terminal.press(b"resume\n");
    let (code, rest) = terminal.ends();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("exit_status=success") && !rest.contains("never ended"), "{rest}");
}
