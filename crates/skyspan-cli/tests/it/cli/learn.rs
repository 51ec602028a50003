//! `skyspan learn`: what it writes and tells, what it asks, and what becomes of a file that is there.

#[cfg(target_os = "linux")]
use super::terminal::Terminal;
use super::*;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/learn/shop");
/// Ten traces of the shop.
const TEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/learn/shop/1*.json.gz");
const STAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/checks/stage.yaml");

/// A check file that is gone when this is dropped.
struct CheckFile(PathBuf);

impl CheckFile {
    fn new(text: Option<&str>) -> Self {
        let path = temp_path().with_extension("check.yaml");
        text.into_iter().for_each(|text| std::fs::write(&path, text).unwrap());
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for CheckFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What is learned of ten orders.
fn learn<'a>(more: impl IntoIterator<Item = &'a str>, input: &str) -> Out {
    skyspan_with(["learn", TEN, "--mutants", "60"].into_iter().chain(more), input)
}

#[test]
fn the_file_holds_for_all_of_them_and_what_it_would_not_notice_is_told() {
    let Out { code, stdout, stderr } = learn([], "");
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("version: 1\n# What 10 good traces have in common"), "{stdout}");
    assert!(
        stdout.contains("- name: \"charge: how many\"\n  spans: '{ name = \"charge\" }'\n  count: 1\n"),
        "{stdout}"
    );
    assert!(stderr.contains(" rules from 10 traces\n") && stderr.contains(" mutants are noticed ("), "{stderr}");
    assert!(stderr.contains("would not be noticed, and the line that would:\n"), "{stderr}");
    let file = CheckFile::new(Some(&stdout));
    let Out { code, stdout, .. } = skyspan(["check", TEN, "--expect", file.path()]);
    assert_eq!(code, 0, "{stdout}");
}

#[test]
fn a_plan_is_learned_from_with_many_seeds() {
    let Out { code, stdout, stderr } = skyspan(["learn", STAGE, "--seeds", "6", "--mutants", "20"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(": in 6 of 6, "), "{stdout}");
    let file = CheckFile::new(Some(&stdout));
    assert_eq!(skyspan(["check", STAGE, "--seed", "77", "--expect", file.path()]).code, 0);
}

#[test]
fn each_rule_is_asked_for_and_only_those_that_are_wanted_are_written() {
    let file = CheckFile::new(None);
    let Out { code, stderr, stdout } = learn(["--into", file.path(), "--review"], "y\nn\nwhat\n\nd\n");
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.contains("rule 1 of ") && stderr.contains("keep it? [Y/n/a/d/q/?] "), "{stderr}");
    assert!(stderr.contains("y keeps the rule, n leaves it out for good"), "{stderr}");
    assert!(stderr.contains(" is written: 2 new, 1 not wanted\n"), "{stderr}");
    let text = file.text();
    assert_eq!(text.matches("\n- name: ").count(), 2, "{text}");
    let refused = text.lines().find_map(|line| line.strip_prefix("# not wanted: ")).unwrap();
    // The next time nobody is asked for it, and it stays out.
    let Out { stderr, .. } = learn(["--into", file.path()], "");
    assert!(stderr.contains(", 1 not wanted"), "{stderr}");
    assert!(!file.text().contains(&format!("- name: \"{refused}\"")), "{refused}");
    assert!(file.text().matches("\n- name: ").count() > 10);
}

#[test]
fn a_review_without_more_answers_leaves_the_rest_out_and_one_that_is_quit_writes_nothing() {
    let file = CheckFile::new(None);
    let Out { code, stderr, .. } = learn(["--into", file.path(), "--review"], "y\n");
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(file.text().matches("\n- name: ").count(), 1);
    assert!(!file.text().contains("not wanted"));
    let before = file.text();
    let Out { code, stderr, .. } = learn(["--into", file.path(), "--review"], "y\nq\n");
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.ends_with("skyspan: nothing is written\n"), "{stderr}");
    assert_eq!(file.text(), before);
    // No rule at all is no check file.
    let none = CheckFile::new(None);
    let Out { code, stderr, .. } = learn(["--into", none.path(), "--review"], "d\n");
    assert_eq!((code, none.0.exists()), (1, false), "{stderr}");
    let Out { code, stderr, .. } = skyspan(["learn", "-", "--review"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("name a file instead of `-`"), "{stderr}");
    let Out { code, stdout, .. } = learn(["--review"], "a\n");
    assert_eq!(code, 0);
    assert!(stdout.matches("\n- name: ").count() > 10, "{stdout}");
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_each_rule_is_asked_for_by_itself_until_ctrl_d_leaves_the_rest_out() {
    let file = CheckFile::new(None);
    let mut terminal = Terminal::skyspan(&["learn", TEN, "--mutants", "60", "--into", file.path(), "--review"]);
    let first = terminal.shows("keep it? [Y/n/a/d/q/?] ");
    assert!(first.contains(" rules from 10 traces") && first.contains("- name: "), "{first}");
    // What is asked fits a terminal of 80 columns, and has no rule but its own above it.
    let question = first.lines().last().unwrap();
    assert!(question.starts_with("rule 1 of ") && question.len() <= 79, "{question}");
    terminal.press(b"n\n");
    let second = terminal.shows("keep it? [Y/n/a/d/q/?] ");
    assert!(second.contains("rule 2 of ") && second.matches("- name: ").count() == 1, "{second}");
    terminal.press(b"\n");
    terminal.shows("keep it? [Y/n/a/d/q/?] ");
    // Ctrl-D.
    terminal.press(b"\x04");
    let (code, rest) = terminal.ends();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains(" is written: 1 new, 1 not wanted"), "{rest}");
    assert_eq!(file.text().matches("\n- name: ").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_in_a_review_writes_nothing() {
    let file = CheckFile::new(None);
    let mut terminal = Terminal::skyspan(&["learn", TEN, "--mutants", "60", "--into", file.path(), "--review"]);
    terminal.shows("keep it? [Y/n/a/d/q/?] ");
    terminal.press(b"y\n");
    terminal.shows("keep it? [Y/n/a/d/q/?] ");
    terminal.press(b"\x03");
    let (code, rest) = terminal.ends();
    assert_eq!((code, file.0.exists()), (Some(130), false), "{rest}");
}

#[test]
fn what_a_person_has_written_stays_as_it_is() {
    let written = "# Ours.\n- name: \"charge: how many\"\n  spans: '{ name = \"charge\" }' # the till\n  count: ..=1\n";
    let file = CheckFile::new(Some(written));
    let Out { code, stderr, .. } = learn(["--into", file.path()], "");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains(" new, 1 left as a person wrote them\n"), "{stderr}");
    assert!(file.text().starts_with(written) && file.text().len() > 2 * written.len());
}

#[test]
fn programs_get_json() {
    let Out { code, stdout, stderr } = learn(["--json"], "");
    assert_eq!((code, stderr.as_str()), (0, ""));
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&json["version"], &json["traces"]), (&1.into(), &10.into()));
    assert!(json["rules"].as_array().unwrap().len() > 10);
}

#[test]
fn what_cannot_be_learned_from_or_written_into_is_refused() {
    let no_file = CheckFile::new(Some("- spans: '{ nme = 1 }'\n  count: 1\n"));
    let in_line = CheckFile::new(Some("[{spans: '{}', count: 1..}]\n"));
    let empty = TempFile::new("");
    let rows: [(Vec<&str>, &str); 8] = [
        (vec!["learn"], "TRACE|PLAN"),
        (vec!["learn", "nowhere.json"], "nowhere.json"),
        (vec!["learn", no_file.path()], "is a check file: name it by --into"),
        (vec!["learn", SHOP, "--into", no_file.path()], "did you mean `name`?"),
        (vec!["learn", SHOP, "--mutants", "0", "--into", in_line.path()], "expected an entry on lines of its own"),
        (vec!["learn", SHOP, "--false-alarms", "0%"], "expected more than 0% and less than 100%"),
        (vec!["learn", SHOP, "--times", "5%", "--no-times"], "cannot be used with"),
        (vec!["learn", empty.path()], ""),
    ];
    for (arguments, told) in rows {
        let Out { code, stderr, stdout } = skyspan(arguments.iter().copied());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
    }
    assert_eq!(in_line.text(), "[{spans: '{}', count: 1..}]\n");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_left_as_it_was() {
    let Out { code, stderr, .. } = learn(["--into", "/nowhere/at/all.check.yaml", "--no-times"], "");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("cannot write /nowhere/at/all.check.yaml"), "{stderr}");
}
