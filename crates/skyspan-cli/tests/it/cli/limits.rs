//! Plans without an end, at the command line.

use super::{TempFile, skyspan};

const COUNT_FOREVER: &str = "items: [{item_type: plan, name: count, args: [[det]], kwargs: {num: null}}]";
const TWEAK_FOREVER: &str = "items: [{item_type: plan, name: tweak, args: [det, {str: det}, motor, 1]}]";

#[test]
fn a_plan_without_an_end_ends_at_a_limit_and_says_how_to_raise_it() {
    for plan in [COUNT_FOREVER, TWEAK_FOREVER] {
        let file = TempFile::new(plan);
        let out = skyspan(["run", file.path(), "--spans", "none", "--limit", "messages=2_000"]);
        assert_eq!(
            (out.code, &*out.stderr),
            (
                1,
                "skyspan: item 1: the limit of messages, 2,000, is reached; it is raised by `--limit messages=N` (or `none`), \
                 by `engine: {limits: {messages: N}}` in the plan file, or by `.limits(...)` of the harness's builder\n"
            )
        );
    }
}

#[test]
fn each_limit_ends_a_plan() {
    let file = TempFile::new(COUNT_FOREVER);
    let slow = TempFile::new(
        "items: [{item_type: messages, messages: [{repeat: 1000000000000, body: [{command: sleep, args: [3600]}]}]}]",
    );
    for (file, limit) in [
        (&file, "messages=100"),
        (&file, "spans=100"),
        (&file, "kept_bytes=200_000"),
        (&slow, "simulated_seconds=86_400"),
    ] {
        let out = skyspan(["run", file.path(), "--spans", "tree", "--limit", limit]);
        let name = limit.split('=').next().unwrap();
        assert!(out.code == 1 && out.stderr.contains(&format!("the limit of {name}, ")), "{limit}: {}", out.stderr);
    }
}

#[test]
fn the_plan_file_says_a_limit_and_the_command_line_another() {
    let plan = format!("engine: {{limits: {{messages: 50, spans: null}}}}\n{COUNT_FOREVER}");
    let file = TempFile::new(&plan);
    let by_file = skyspan(["run", file.path(), "--spans", "none"]);
    assert!(by_file.stderr.contains("the limit of messages, 50, is reached"), "{}", by_file.stderr);
    let by_line = skyspan(["run", file.path(), "--spans", "none", "--limit", "messages=70"]);
    assert!(by_line.stderr.contains("the limit of messages, 70, is reached"), "{}", by_line.stderr);
    let wrong = TempFile::new(&plan.replace("50", "many"));
    let wrong = skyspan(["run", wrong.path()]);
    assert!(
        wrong.code == 2 && wrong.stderr.contains("a whole number from 0 on, or null for no limit"),
        "{}",
        wrong.stderr
    );
    let unknown = skyspan(["run", file.path(), "--limit", "message=70"]);
    assert!(
        unknown.code == 2 && unknown.stderr.contains("messages, simulated_seconds, spans, kept_bytes"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn the_items_after_one_that_came_to_a_limit_are_not_run() {
    let file = TempFile::new(&format!(
        "{}, {}]",
        COUNT_FOREVER.trim_end_matches(']'),
        "{item_type: plan, name: count, args: [[det]]}"
    ));
    let out = skyspan(["run", file.path(), "--limit", "messages=100", "--spans", "none"]);
    assert!(out.stderr.starts_with("skyspan: 1 of 2 items were not run\n"), "{}", out.stderr);
}

#[test]
fn what_is_repeated_without_a_message_is_not_repeated() {
    let file = TempFile::new(
        "items: [{item_type: messages, messages: [{repeat: 1000000000000, body: [{repeat: 1000000000000, body: []}]}]}]",
    );
    let out = skyspan(["run", file.path()]);
    assert_eq!((out.code, out.stdout.trim(), &*out.stderr), (0, out.stdout.trim(), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_fault_of_the_machine() {
    let folder = super::temp_path();
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.join("spans.json")).unwrap();
    let file = TempFile::new("items: [{item_type: plan, name: count, args: [[det]]}]");
    let out = skyspan(["run", file.path(), "--spans", "none", "--out", folder.to_str().unwrap()]);
    assert!(out.code == 3 && out.stderr.contains("cannot write"), "{} {}", out.code, out.stderr);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_plan_file_without_an_end_is_refused_with_its_limit() {
    let refused = |limit: &str| {
        format!(
            "skyspan: -: expected a plan file of at most {limit} bytes, found more; the limit is raised by `--max-size` at the \
             command line, or in Rust by the function of the same name with `_up_to`\n"
        )
    };
    let mibs = "#\n".repeat(17 << 20);
    let out = super::skyspan_with(["run", "-"], &mibs);
    assert_eq!((out.code, out.stderr), (2, refused("33,554,432")));
    let out = super::skyspan_with(["run", "-", "--max-size", "1k"], &mibs);
    assert_eq!((out.code, out.stderr), (2, refused("1,000")));
    let plan = format!("{}items: []", "#\n".repeat(1_000));
    let out = super::skyspan_with(["run", "-", "--max-size", "3k"], &plan);
    assert_eq!((out.code, &*out.stderr), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_an_end_is_no_plan_file() {
    for path in ["/dev/zero", "/dev/full"] {
        let out = skyspan(["run", path, "--max-size", "1M"]);
        assert!(out.code == 2 && out.stderr.contains("a plan file of at most 1,000,000 bytes"), "{}", out.stderr);
    }
}
