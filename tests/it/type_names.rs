//! The name of a public type stands for one thing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Where the types are that users of the crates meet, often in one file.
const SOURCES: [&str; 2] = ["crates/skyspan-trace/src", "src"];

/// Names that two fields have for two things: who knows either field looks for its word, and the path tells them apart.
const WORDS_OF_TWO_FIELDS: [(&str, &str); 3] = [
    ("Event", "of a span in OpenTelemetry, and a document of a reading in bluesky's event model"),
    ("Status", "of a span in OpenTelemetry, and what a device gives back for a call in bluesky"),
    ("Resource", "what made a span in OpenTelemetry, and a document about a file in bluesky's event model"),
];

#[test]
fn no_name_of_a_public_type_stands_for_two_things() {
    let types = public_types();
    let twice: Vec<String> = types
        .iter()
        .filter(|(name, files)| files.len() > 1 && WORDS_OF_TWO_FIELDS.iter().all(|(allowed, _)| allowed != name))
        .map(|(name, files)| format!("{name}: {}", files.join(", ")))
        .collect();
    assert!(twice.is_empty(), "say in each name what it holds:\n{}", twice.join("\n"));
    // The search has found what there is, and what is allowed is needed.
    assert!(types.len() > 300, "{}", types.len());
    for (name, _) in WORDS_OF_TWO_FIELDS {
        assert_eq!(types.get(name).map_or(0, Vec::len), 2, "{name} is allowed, and does not stand for two things");
    }
}

#[test]
fn a_public_type_is_found_wherever_it_is_defined() {
    let code = "
        pub struct Wait<C = fn(&Trace) -> bool> {
        pub(crate) struct Hidden;
            pub enum Verdict { A }
        pub type Callback = Box<dyn Fn()>;
        pub trait Checked {
        // pub struct InAComment;
        pub unsafe trait Careful {}
    ";
    assert_eq!(defined(code).collect::<Vec<_>>(), ["Wait", "Verdict", "Callback", "Checked"]);
}

/// The names of public types, each with the files that define it.
fn public_types() -> BTreeMap<String, Vec<String>> {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in SOURCES {
        for path in files(&Path::new(ROOT).join(source)) {
            let text = std::fs::read_to_string(&path).expect("source code is text");
            let shown = path.strip_prefix(ROOT).expect("it lies below").display().to_string();
            defined(&text).for_each(|name| types.entry(name.to_owned()).or_default().push(shown.clone()));
        }
    }
    types
}

/// The names of the types that a file makes public.
fn defined(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let name = ["struct ", "enum ", "trait ", "type ", "union "].iter().find_map(|word| rest.strip_prefix(word))?;
        Some(&name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())])
    })
}

/// The source files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
