//! What the README and the guide show of the command line is what happens.

const README: &str = include_str!("../../../../README.md");
const GUIDE: &str = include_str!("../../../../src/guide/command_line.md");

#[test]
fn a_search_prints_what_the_guide_says() {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_skyspan")).args(["fuzz", "--cases", "100"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let beginning: String = text.split_inclusive('\n').take(8).collect();
    assert!(GUIDE.contains(&beginning), "{beginning}");
}

#[test]
fn a_run_prints_what_the_guide_says() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"))
        .args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/scan.yaml"), "--spans", "tree"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let beginning: String = text.split_inclusive('\n').take(5).collect();
    assert!(GUIDE.contains(&beginning), "{beginning}");
}

#[test]
fn a_check_file_holds_as_the_readme_says() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/checks");
    let (plan, file) = (format!("{fixtures}/stage.yaml"), format!("{fixtures}/stage.check.yaml"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"))
        .args(["check", &plan, "--expect", &file])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, end) = text.rsplit_once("stage.check.yaml\n").unwrap();
    assert!(README.contains(end), "{text}");
    let file = std::fs::read_to_string(file).unwrap();
    let beginning: String = file.split_inclusive('\n').take(5).collect();
    assert!(README.contains(&beginning), "{file}");
}

#[test]
fn the_guide_has_every_command() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 10, "{help}");
    for name in names {
        assert!(GUIDE.contains(&format!("`{name}")) || GUIDE.contains(&format!("`skyspan {name}")), "{name}");
    }
}
