//! `skyspan fuzz`.

use skyspan::property::{Law, laws};
use skyspan::property::{LawChoiceError, choose_laws};

use super::{TempFile, skyspan, temp_path};

/// The number that stands behind a word at the beginning of a line.
fn number(out: &str, word: &str) -> u64 {
    let line = out.lines().find(|line| line.split_whitespace().next() == Some(word));
    let digits = line.and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default();
    digits.replace(',', "").parse().unwrap_or_else(|_| panic!("{word}: {out}"))
}

#[test]
fn the_laws_hold_and_the_coverage_is_printed() {
    let out = skyspan(["fuzz", "--cases", "24", "--seed", "9"]);
    assert_eq!(out.code, 0, "{}{}", out.stdout, out.stderr);
    assert!(out.stdout.starts_with("seed                                       9\ncases "), "{}", out.stdout);
    assert_eq!(number(&out.stdout, "cases"), 24);
    for line in ["\ncommand  ", "\nchange of state  ", "\nlaw  ", "\nidle -> running  ", "\nnever: "] {
        assert!(out.stdout.contains(line), "{line}: {}", out.stdout);
    }
    assert!(out.stderr.starts_with("skyspan: examining cases of seed 9 on "), "{}", out.stderr);
    assert!(out.stderr.contains("\nskyspan: 24 cases in "), "{}", out.stderr);
}

#[test]
fn the_same_bytes_come_of_any_number_of_threads() {
    let on = |jobs| skyspan(["fuzz", "--cases", "40", "--seed", "4", "--jobs", jobs]).stdout;
    let one = on("1");
    assert_eq!(number(&one, "cases"), 40);
    assert_eq!(on("2"), one);
    assert_eq!(on("5"), one);
}

#[test]
fn shards_examine_together_what_the_whole_examines() {
    let whole = skyspan(["fuzz", "--cases", "20", "--seed", "4"]).stdout;
    let shards =
        ["1/3", "2/3", "3/3"].map(|shard| skyspan(["fuzz", "--cases", "20", "--seed", "4", "--shard", shard]).stdout);
    assert_eq!(shards.each_ref().map(|out| number(out, "cases")), [7, 7, 6]);
    for word in ["messages", "open_run", "set", "wait", "close_run"] {
        let sum: u64 = shards.iter().map(|out| number(out, word)).sum();
        assert_eq!(sum, number(&whole, word), "{word}");
    }
    assert!(shards[1].contains("\nshard                                    2/3\n"), "{}", shards[1]);
}

#[test]
fn one_case_is_examined_again() {
    let out = skyspan(["fuzz", "--seed", "4", "--case", "1007"]);
    assert_eq!((out.code, number(&out.stdout, "case"), number(&out.stdout, "cases")), (0, 1007, 1));
    assert!(out.stderr.starts_with("skyspan: examining cases of seed 4 on 1 thread\n"), "{}", out.stderr);
}

#[test]
fn longer_plans_have_more_messages() {
    let messages = |length| {
        let out = skyspan(["fuzz", "--cases", "16", "--length", length]);
        assert_eq!(out.code, 0, "{}", out.stderr);
        number(&out.stdout, "messages")
    };
    assert!(messages("2") < messages("60"));
}

#[test]
fn a_time_without_a_number_of_cases_is_the_end_and_no_failure() {
    let out = skyspan(["fuzz", "--seconds", "0.000001"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(number(&out.stdout, "cases") < 100, "{}", out.stdout);
    assert!(!out.stderr.contains("the time is up"), "{}", out.stderr);

    let out = skyspan(["fuzz", "--seconds", "0.000001", "--cases", "5000000"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(out.stderr.contains("skyspan: the time is up after "), "{}", out.stderr);
    assert!(out.stderr.ends_with(" of 5,000,000 cases\n"), "{}", out.stderr);
}

#[test]
fn the_laws_are_listed_with_their_rules() {
    let out = skyspan(["fuzz", "--list-laws"]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    for law in laws::all().parts() {
        let name = format!("{}\n", law.name());
        assert!(out.stdout.starts_with(&name) || out.stdout.contains(&format!("\n\n{name}")), "{name}");
        for detail in [law.sentence().to_string(), law.rule().to_string(), law.slug()] {
            assert!(out.stdout.contains(&detail), "{name}: {detail}");
        }
    }
}

#[test]
fn a_law_is_chosen_by_a_part_of_its_name() {
    let out = skyspan(["fuzz", "--cases", "4", "--laws", "idle-afterwards"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    let (_, of_laws) = out.stdout.split_once("\nlaw  ").unwrap();
    assert_eq!(of_laws.lines().count(), 2, "{of_laws}");
    assert!(of_laws.contains("\nthe engine is idle afterwards  "), "{of_laws}");
}

#[test]
fn names_of_laws_are_chosen_and_refused() {
    let law = |name: &'static str| Law::of_run(name, |_| ());
    let known = Law::all([law("Runs end"), law("all spans end"), law("all spans end in order"), law("pause + resume")]);
    let chosen = |asked: &[&str]| choose_laws(&known, asked).map(|laws| laws.name().to_string());
    let all = "Runs end, all spans end, all spans end in order, pause + resume";
    for (asked, name) in [
        (&[][..], all),
        (&["runs"], "Runs end"),
        (&["pause-resume"], "pause + resume"),
        (&["Pause + Resume"], "pause + resume"),
        (&["all-spans-end"], "all spans end"),
        (&["order", "runs", "in-order"], "all spans end in order, Runs end"),
    ] {
        assert_eq!(chosen(asked).unwrap(), name, "{asked:?}");
    }
    let slugs = ["runs-end", "all-spans-end", "all-spans-end-in-order", "pause-resume"].map(str::to_owned);
    for (asked, nearest) in [("run-ends", Some(0)), ("spams-end", Some(1)), ("temperature", None), ("", None)] {
        let error = chosen(&[asked]).unwrap_err();
        let nearest = nearest.map(|at: usize| slugs[at].clone());
        assert_eq!(error, LawChoiceError::Unknown { asked: asked.into(), nearest, known: slugs.to_vec() });
    }
    let error = chosen(&["runs", "spans"]).unwrap_err();
    assert_eq!(error, LawChoiceError::Ambiguous { asked: "spans".into(), matches: slugs[1..3].to_vec() });
    assert_eq!(
        error.to_string(),
        "expected a part of the name of one law, found \"spans\"; say more of one of these:\n    all-spans-end\n    \
         all-spans-end-in-order"
    );
}

#[test]
fn what_is_wrong_on_the_command_line_is_refused_with_what_was_expected() {
    let rows: &[(&[&str], &str)] = &[
        (&["--shard", "0/3"], "expected I/N with I from 1 to N, such as 1/3 for the first of three parts, found 0/3"),
        (&["--shard", "4/3"], "found 4/3"),
        (&["--shard", "1/0"], "found 1/0"),
        (&["--shard", "x/y"], "expected I/N, such as 1/3 for the first of three parts, found \"x/y\""),
        (&["--shard", "2"], "found \"2\""),
        (&["--cases", "0"], "0 is not in 1.."),
        (&["--cases", "many"], "invalid value 'many' for '--cases <N>'"),
        (&["--seconds", "0"], "expected a number of seconds above 0, such as 90 or 0.5, found \"0\""),
        (&["--seconds", "nan"], "found \"nan\""),
        (&["--seconds", "inf"], "found \"inf\""),
        (&["--seconds", "soon"], "found \"soon\""),
        (&["--jobs", "0"], "0 is not in 1..=1024"),
        (&["--length", "0"], "0 is not in 1.."),
        (&["--seed", "x"], "invalid value 'x' for '--seed <X>'"),
        (&["--case", "3", "--cases", "5"], "cannot be used with"),
        (&["--case", "3", "--seconds", "5"], "cannot be used with"),
        (&["--case", "3", "--shard", "1/2"], "cannot be used with"),
        (&["--list-laws", "--cases", "5"], "cannot be used with"),
        (
            &["--laws", "engin-is-idel"],
            "found \"engin-is-idel\"; did you mean `the-engine-is-idle-afterwards`?\nthe laws are:\n",
        ),
        (
            &["--laws", "engine-is-idle,temperature"],
            "skyspan: expected the name of a law, or a part of one, found \"temperature\"\n",
        ),
    ];
    for (arguments, message) in rows {
        let out = skyspan(["fuzz"].into_iter().chain(arguments.iter().copied()));
        assert_eq!((out.code, &*out.stdout), (2, ""), "{arguments:?}: {}", out.stderr);
        assert!(out.stderr.contains(message), "{arguments:?}: {}", out.stderr);
    }
}

#[test]
fn the_help_tells_what_shards_count() {
    let out = skyspan(["fuzz", "--help"]);
    assert_eq!(out.code, 0);
    for word in ["--cases", "--seconds", "--seed", "--shard", "--case ", "--laws", "--length", "--jobs", "--out"] {
        assert!(out.stdout.contains(word), "{word}");
    }
    let words = out.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("--cases counts those of all parts together"), "{words}");
}

#[test]
fn the_folder_for_what_is_found_is_made_before_the_search() {
    let folder = temp_path();
    let out = skyspan(["fuzz", "--cases", "2", "--out", folder.to_str().unwrap()]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing was found");
    std::fs::remove_dir(&folder).unwrap();

    let file = TempFile::new("");
    let out = skyspan(["fuzz", "--seconds", "3600", "--out", file.path()]);
    let expected = format!("skyspan: cannot write {}: expected a folder, found a file\n", file.path());
    assert_eq!((out.code, out.stderr), (2, expected));
}

#[test]
fn the_plan_file_of_a_counterexample_is_one_that_runs() {
    use skyspan::prelude::*;
    use skyspan::property::{Campaign, CampaignLimits};

    let never_moved = Law::of_run("nothing moves", |run: &Outcome| {
        let moves = run.messages().iter().filter(|msg| msg.command() == "set").count();
        (moves == 0).or_fail("a set")
    });
    let found = Campaign::new(2, never_moved).run(&CampaignLimits::cases(60)).counterexample.unwrap();
    let file = TempFile::new(found.plan_file().unwrap());
    let out = skyspan(["run", file.path(), "--spans", "tree"]);
    assert!(out.code < 2, "{}", out.stderr);
    assert!(out.stdout.contains("Bluesky RunEngine set"), "{}", out.stdout);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_search_with_what_was_done() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    let mut child = super::interrupts::with_ctrl_c(env!("CARGO_BIN_EXE_skyspan"))
        .args(["fuzz", "--seconds", "3600"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    stderr.read_line(&mut said).unwrap();
    assert!(said.starts_with("skyspan: examining cases of seed 0 on "), "{said}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest}");
    assert!(rest.starts_with("skyspan: stopping after the cases that are under way; "), "{rest}");
    assert!(rest.ends_with("skyspan: stopped by Ctrl-C; the laws hold for the cases until then\n"), "{rest}");
    assert!(stdout.contains("\nlaw  ") || number(&stdout, "cases") == 0, "{stdout}");
}
