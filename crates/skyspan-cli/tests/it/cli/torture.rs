//! `skyspan torture`: the maps of jobs, of plans of bluesky and of plans with a planted fault, cases, and what is kept.

use std::path::{Path, PathBuf};

use skyspan::serde_json::Value;

use super::{Out, TempFile, lines, skyspan, skyspan_with, temp_path};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn planted(name: &str) -> String {
    fixtures().join("torture").join(name).display().to_string()
}

/// The map of a plan file, on one thread or several.
fn torture(arguments: &[&str]) -> Out {
    skyspan(["torture"].iter().chain(arguments).copied())
}

/// Holds what is printed for a plan file against what was printed for it before.
fn is_printed(plan: &Path, expected: &Path) {
    let out = torture(&[&plan.display().to_string()]);
    assert_eq!(out.stderr, "", "{}", plan.display());
    assert!(out.code == 0 || out.code == 1, "{}: {}", plan.display(), out.code);
    for line in out.stdout.lines() {
        assert!(line.chars().count() <= 80, "{}: a line is wider than 80 columns: {line}", plan.display());
    }
    if std::env::var_os("SKYSPAN_BLESS").is_some() {
        std::fs::write(expected, &out.stdout).unwrap();
    }
    let text = std::fs::read_to_string(expected).unwrap();
    assert!(out.stdout == text, "{} is not what is printed now:\n{}", expected.display(), out.stdout);
    let is_well = out.stdout.contains("nothing is left, nothing hangs");
    assert_eq!(out.code, i32::from(!is_well), "{}", plan.display());
}

/// The plan files of a folder, each with what is printed for it.
fn all_are_printed(plans: &Path, expected: &Path, count: usize) {
    let plans = std::fs::read_dir(plans).unwrap().map(|entry| entry.unwrap().path());
    let mut plans: Vec<PathBuf> = plans.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    plans.sort();
    assert_eq!(plans.len(), count);
    for plan in plans {
        let name = plan.file_stem().unwrap().to_string_lossy().into_owned();
        is_printed(&plan, &expected.join(name).with_extension("txt"));
    }
}

#[test]
fn plans_of_bluesky_have_their_maps() {
    let folder = fixtures().join("torture/plans");
    all_are_printed(&folder, &folder, 5);
}

/// The long ones are compared in `.ci/run`, where the program is optimized.
#[test]
fn short_jobs_have_their_maps() {
    for job in ["05_tomo", "05b", "05c", "05d", "07_shutter", "08_nested", "11_fails"] {
        let plan = fixtures().join("jobs").join(job).with_extension("yaml");
        is_printed(&plan, &fixtures().join("torture/jobs").join(job).with_extension("txt"));
    }
}

#[test]
fn planted_faults_are_seen_without_an_assertion() {
    let folder = fixtures().join("torture");
    all_are_printed(&folder, &folder, 4);
}

/// The findings of a plan file, as JSON has them.
fn findings(plan: &str, more: &[&str]) -> Vec<Value> {
    let out = torture(&[&["--json", &planted(plan)], more].concat());
    assert_eq!(out.code, 1, "{}", out.stderr);
    let map: Value = skyspan::serde_json::from_str(&out.stdout).unwrap();
    assert_eq!((&map["version"], &map["is_well"]), (&Value::from(1), &Value::from(false)));
    map["findings"].as_array().unwrap().clone()
}

#[test]
fn each_planted_fault_is_named_at_its_trouble() {
    for (plan, only, text) in [
        ("shutter_left_open.yaml", "fails", "shutter is left Opening or Open, not Closed"),
        ("stage_not_brought_home.yaml", "abort", "stage is left at "),
        ("run_not_closed.yaml", "fails", "a run is left open, for the engine to close"),
        ("heater_left_on.yaml", "abort", "heater is left at 1, not at 0"),
    ] {
        let found = findings(plan, &["--only", only]);
        let texts: Vec<&str> = found.iter().filter_map(|finding| finding["text"].as_str()).collect();
        assert!(texts.iter().any(|found| found.starts_with(text)), "{plan}: {texts:?}");
    }
}

#[test]
fn the_map_is_the_same_on_any_number_of_threads() {
    let plan = planted("shutter_left_open.yaml");
    let more = ["--pairs", "20", "--orders", "1", "--json"];
    let one = torture(&[&[plan.as_str(), "--jobs", "1"], &more[..]].concat());
    let three = torture(&[&[plan.as_str(), "--jobs", "3"], &more[..]].concat());
    assert!(one.stdout == three.stdout && one.stdout.contains('~') && one.stdout.contains('+'));
}

#[test]
fn a_cell_is_seen_again_by_its_number() {
    let plan = planted("shutter_left_open.yaml");
    let map = torture(&[&plan]).stdout;
    let first = map
        .lines()
        .find_map(|line| line.split_once("--case ")?.1.split_once(',').map(|(case, _)| case.to_owned()))
        .unwrap();
    let out = torture(&[&plan, "--case", &first]);
    assert_eq!((out.code, &*out.stderr), (1, ""));
    let text = lines(&out.stdout);
    assert!(text[0].starts_with(&format!("case {first}: ")), "{}", out.stdout);
    assert!(text.iter().any(|line| line.contains("▲ ")), "{}", out.stdout);
    assert!(out.stdout.contains("Bluesky RunEngine set"), "{}", out.stdout);
    let json: Value = skyspan::serde_json::from_str(&torture(&[&plan, "--case", &first, "--json"]).stdout).unwrap();
    assert_eq!((&json["version"], &json["case"]), (&1.into(), &first.as_str().into()));
    assert_eq!(json["verdict"], "left");
}

#[test]
fn what_no_plan_can_help_counts_where_that_is_wanted() {
    let plan = fixtures().join("torture/plans/scan.yaml").display().to_string();
    let out = torture(&[&plan, "--only", "halt,hangs,lost"]);
    assert_eq!((out.code, &*out.stderr), (0, ""), "{}", out.stdout);
    for line in [
        "nothing is left, nothing hangs that a plan could help",
        "no plan can help these; --strict counts them:",
        "w  a device hangs, and its wait has no timeout: 9 runs, --case 56",
    ] {
        assert!(out.stdout.lines().any(|found| found == line), "{line}\n{}", out.stdout);
    }
    let strict = torture(&[&plan, "--only", "halt,hangs,lost", "--strict"]);
    assert_eq!(strict.code, 1);
    assert!(strict.stdout.contains("✗  a `wait` waits for ever, without a timeout, for stage"), "{}", strict.stdout);
    let json: Value = skyspan::serde_json::from_str(&torture(&[&plan, "--only", "hangs", "--json"]).stdout).unwrap();
    assert_eq!(json["excused"][0]["mark"], "w");
    assert_eq!(
        (&json["cases"][0]["verdict"], &json["cases"][0]["excused"][0]["excuse"]),
        (&"excused".into(), &"no_timeout".into())
    );
}

#[test]
fn the_map_is_a_page_from_which_each_case_is_seen() {
    let plan = planted("run_not_closed.yaml");
    let file = temp_path().with_extension("html");
    let path = file.display().to_string();
    let out = torture(&[&plan, "--report", &path]);
    assert_eq!(out.code, 1, "{}", out.stderr);
    assert_eq!(out.stderr, format!("skyspan: wrote {path}\n"));
    assert!(out.stdout.starts_with("12 messages, 76 runs"), "{}", out.stdout);
    let html = std::fs::read_to_string(&file).unwrap();
    assert!(html.starts_with("<!doctype html>"));
    for part in [
        "case 25: cam fails at message 2, trigger cam",
        "a run is left open, for the engine to close: 30 runs",
        &format!("skyspan torture {plan} --case 25"),
        "id=\"timeline-0\"",
        "id=\"timeline-75\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<script>").count(), 1, "nothing of a trace is markup");
    std::fs::remove_file(file).unwrap();
    let out = torture(&[&plan, "--report", "-", "--only", "abort"]);
    assert!(out.code == 1 && out.stdout.starts_with("<!doctype html>"), "{}", out.stderr);
    let out = torture(&[&plan, "--report", "/nowhere/at/all.html"]);
    assert!(out.code == 2 && out.stderr.contains("cannot write /nowhere/at/all.html"), "{}", out.stderr);
    assert!(out.stdout.contains(" runs:\n"), "the map is not lost with its page: {}", out.stdout);
}

#[test]
fn a_case_is_kept_as_a_test_in_python() {
    let (plan, file) = (planted("stage_not_brought_home.yaml"), temp_path().with_extension("py"));
    let path = file.display().to_string();
    let kept = |case: &str| {
        let out = torture(&[&plan, "--keep", case, "-o", &path]);
        assert_eq!((out.code, &*out.stdout), (0, ""), "{}", out.stderr);
        std::fs::read_to_string(&file).unwrap()
    };
    let code = kept("182");
    for part in [
        "def test_nothing_is_left_after_abort_at_message_18(lab):",
        "    lab.at_message(18).later(0.5).abort(\"aborted by skyspan torture\")",
        &format!("    lab.run_file(\"{plan}\")"),
        "    assert lab.device(\"stage\").get() == approx(0.0, abs=",
    ] {
        assert!(code.contains(part), "{part}\n{code}");
    }
    let well = kept("180");
    assert!(well.contains("    lab.on_pause((\"resume\", 10.0))\n"), "{well}");
    assert!(well.ends_with("    assert run.exit_status == \"success\"\n"), "{well}");
    let text = std::fs::read_to_string(&plan).unwrap();
    let out = skyspan_with(["torture", "-", "--keep", "182", "-o", &path], &text);
    assert!(out.code == 2 && out.stderr.contains("came from standard input"), "{}", out.stderr);
    // A fault is one of a device that is not there before the plan file is read.
    let code = kept("175");
    assert!(code.contains("PLAN = \"\"\"\\\n") && code.contains("kind: fail"), "{code}");
    assert!(code.contains("(lab, tmp_path):\n"), "{code}");
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_kept_case_is_a_plan_file_that_fails_until_it_is_mended() {
    let plan = planted("stage_not_brought_home.yaml");
    let file = temp_path().with_extension("yaml");
    let path = file.display().to_string();
    // The first move of the scan is aborted.
    let map: Value = skyspan::serde_json::from_str(&torture(&[&plan, "--json", "--only", "abort"]).stdout).unwrap();
    let first = map["findings"][0]["first"].as_str().unwrap();
    let out = torture(&[&plan, "--keep", first, "-o", &path]);
    assert_eq!((out.code, &*out.stdout), (0, ""), "{}", out.stderr);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.starts_with(&format!("# case {first}: the plan is aborted")), "{kept}");
    assert!(kept.contains("# The last item fails until that is mended."), "{kept}");
    let run = skyspan(["run", "--spans", "none", &path]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("stage is not "), "{}", run.stderr);
    std::fs::remove_file(file).unwrap();
}

#[test]
fn every_trouble_is_kept_as_a_plan_file_or_in_rust() {
    let plan = fixtures().join("torture/plans/scan.yaml").display().to_string();
    let map: Value = skyspan::serde_json::from_str(&torture(&[&plan, "--json"]).stdout).unwrap();
    let cases = map["cases"].as_array().unwrap();
    for digit in '0'..='9' {
        let mut of_digit = cases.iter().filter_map(|case| case["case"].as_str()).filter(|case| case.ends_with(digit));
        let case = of_digit.next_back().unwrap();
        let out = torture(&[&plan, "--keep", case]);
        assert_eq!((out.code, &*out.stderr), (0, ""), "case {case}");
        let kept = TempFile::new(&out.stdout);
        let run = skyspan(["run", "--spans", "none", kept.path()]);
        assert!(run.code == 0 || run.code == 1, "case {case}: {}", run.stderr);
    }
    let file = temp_path().with_extension("rs");
    let path = file.display().to_string();
    assert_eq!(torture(&[&plan, "--keep", "122+203", "-o", &path, "--home", "stage=start"]).code, 0);
    let code = std::fs::read_to_string(&file).unwrap();
    for part in [
        "fn nothing_is_left_after_abort_at_message_12_and_stop_at_message_20() ",
        ".home(\"stage\", HomeAt::Start)",
        "torture.case(&\"122+203\".parse()?)?.assert_nothing_left();",
    ] {
        assert!(code.contains(part), "{part}\n{code}");
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn what_cannot_be_tortured_is_refused() {
    let plan = planted("shutter_left_open.yaml");
    for (arguments, why) in [
        (&["--only", "beam"][..], "expected one of pause, suspend, abort"),
        (&["--case", "7"], "expected a case, such as 172"),
        (&["--case", "999992"], "expected a message from 1 to "),
        (&["--case", "29"], "`lost` cannot happen at message 2"),
        (&["--home", "shutter"], "expected DEVICE=VALUE as a home"),
        (&["--home", "shuter=Closed"], "the home of \"shuter\": expected a device of the plan"),
        (&["--messages", "9..3"], "expected the number of a message or FROM..TO"),
        (&["--most", "10"], "are the limit; torture some of its messages"),
    ] {
        let out = torture(&[&[plan.as_str()], arguments].concat());
        assert_eq!((out.code, &*out.stdout), (2, ""), "{arguments:?}: {}", out.stderr);
        assert!(out.stderr.contains(why), "{arguments:?}: {}", out.stderr);
    }
    let out = skyspan_with(["torture", "-"], "items: [{item_type: plan, name: scn}]");
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("-:1:") && out.stderr.contains("scn"), "{}", out.stderr);
    let endless = "items: [{item_type: plan, name: count, args: [[det]], kwargs: {num: null}}]\nengine: {limits: {messages: 500}}";
    let out = skyspan_with(["torture", "-"], endless);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("the undisturbed run comes to no end"), "{}", out.stderr);
}

#[test]
fn a_plan_without_messages_breaks_nowhere() {
    let out = skyspan_with(["torture", "-"], "items: []");
    assert_eq!((out.code, &*out.stderr), (0, ""));
    assert_eq!(lines(&out.stdout)[0], "0 messages, 0 runs: 0 as before, 0 at home, 0 leave something, 0 hang");
}

#[test]
fn the_guide_shows_what_is_printed() {
    let guide = include_str!("../../../../../src/guide/torture.md");
    let plan = std::fs::read_to_string(planted("shutter_left_open.yaml")).unwrap();
    assert!(guide.contains(&plan), "the plan file is another one:\n{plan}");
    let map = torture(&[&planted("shutter_left_open.yaml")]).stdout;
    assert!(guide.contains(&map), "the map is another one:\n{map}");
    let case = guide.split_once("shutter_left_open.yaml --case ").unwrap().1.split_once('\n').unwrap().0;
    let out = torture(&[&planted("shutter_left_open.yaml"), "--case", case]);
    let first: String = out.stdout.split_inclusive('\n').take(3).collect();
    assert!(guide.contains(&first), "{}", out.stdout);
    let file = temp_path().with_extension("py");
    let path = file.display().to_string();
    assert_eq!(torture(&[&planted("shutter_left_open.yaml"), "--keep", "182", "-o", &path]).code, 0);
    let code =
        std::fs::read_to_string(&file).unwrap().replace(&planted("shutter_left_open.yaml"), "shutter_left_open.yaml");
    let test = code.split_once("\n\n\n").unwrap().1;
    assert!(guide.contains(test), "{test}");
    std::fs::remove_file(file).unwrap();
}
