//! What the README shows of the command line is what happens.

const README: &str = include_str!("../../../../README.md");

#[test]
fn a_search_prints_what_the_readme_says() {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_skyspan")).args(["fuzz", "--cases", "100"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let beginning: String = text.split_inclusive('\n').take(8).collect();
    assert!(README.contains(&beginning), "{beginning}");
}

#[test]
fn the_command_line_prints_what_the_readme_says() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"))
        .args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/scan.yaml"), "--spans", "tree"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let beginning: String = text.split_inclusive('\n').take(5).collect();
    assert!(README.contains(&beginning), "{beginning}");
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
