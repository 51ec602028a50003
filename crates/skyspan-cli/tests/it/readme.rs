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
