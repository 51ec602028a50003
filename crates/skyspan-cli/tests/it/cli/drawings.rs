//! What `skyspan tree` draws, and what its options do.

use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn drawn(arguments: &[&str], width: usize) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
    let output = command.args(arguments).current_dir(ROOT).env("COLUMNS", width.to_string()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_text_of_a_drawn_trace_is_what_assert_tree_takes() {
    use skyspan::expect::ForestExpectation;
    use skyspan::trace::Trace;

    for path in ["fixtures/recordings/scan/spans.json", "fixtures/recordings/faults/spans.json"] {
        let text = drawn(&["tree", path, "--text"], 40);
        let trace = Trace::read(Path::new(ROOT).join(path)).unwrap();
        trace.assert(ForestExpectation::parse(&text).unwrap());
        assert_eq!(text.lines().count(), trace.len(), "{path}");
    }
}

#[test]
fn options_of_a_drawing_reach_it() {
    let path = "fixtures/recordings/scan/spans.json";
    let tree = |options: &[&str]| drawn(&[&["tree", path], options].concat(), 120);
    assert!(tree(&["--device", "motor"]).ends_with("of 31 spans are drawn\n"));
    assert_eq!(tree(&["--unfold"]).lines().filter(|line| !line.contains('⋯')).count(), 1 + 31);
    assert!(tree(&["--slower", "10ms"]).contains("1 of 31 spans are drawn"), "{}", tree(&["--slower", "10ms"]));
    assert!(tree(&["--exact"]).contains("ms") && tree(&["--depth", "1"]).contains("(1 span below)"));
    assert!(tree(&["--run", "1", "--since", "5 ms", "--until", "1 min"]).contains("Bluesky RunEngine run"));
    for wrong in [&["--run", "2"][..], &["--slower", "soon"], &["--depth", "0"], &["--text", "--exact"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
        let output = command.args([&["tree", path], wrong].concat()).current_dir(ROOT).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{wrong:?}");
    }
}

#[test]
fn colours_are_those_that_the_environment_wants() {
    let with = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
        command.args(["tree", "fixtures/recordings/scan/spans.json"]).current_dir(ROOT);
        String::from_utf8(command.env(name, "1").output().unwrap().stdout).unwrap()
    };
    assert!(with("CLICOLOR_FORCE").contains("\x1b[2m"));
    assert!(!with("NO_COLOR").contains('\x1b') && !with("NOTHING").contains('\x1b'));
}
