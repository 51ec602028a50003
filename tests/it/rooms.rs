//! A room uses only rooms that are listed before it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The rooms of the library that knows no plans, from the ground up.
const ROOMS_OF_TRACE: &[&str] =
    &["value", "seed", "trace", "expect", "query", "compare", "check", "page", "receive", "store"];
/// The rooms of the harness, from the ground up.
const ROOMS_OF_HARNESS: &[&str] = &[
    "clock",
    "device",
    "hardware",
    "document",
    "message",
    "plan",
    "callbacks",
    "engine",
    "simulate",
    "program",
    "harness",
    "twin",
    "torture",
    "property",
];
/// What a crate has beside its rooms: what is made for those who use it, and stands above all of them.
const BESIDE_ROOMS: &[&str] = &["lib", "guide", "json", "names", "prelude", "internal", "pad", "sync", "table"];

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_room_uses_only_rooms_before_it() {
    for (source, rooms) in [("crates/skyspan-trace/src", ROOMS_OF_TRACE), ("src", ROOMS_OF_HARNESS)] {
        let wrong = wrong_arrows(&files(&Path::new(ROOT).join(source)), rooms);
        assert!(wrong.is_empty(), "{source}:\n{wrong}");
    }
}

#[test]
fn a_use_of_a_later_room_is_found_wherever_it_hides() {
    for (planted, used) in [
        ("use crate::engine::RunEngine;", "engine"),
        ("use crate::{clock::Clock, harness::Harness};", "harness"),
        ("use crate::{\n    device::{Device, Status},\n    engine::{self, Control},\n};", "engine"),
        ("fn f() -> crate::property::Law { loop {} }", "property"),
        ("pub(in crate::device) fn f() { let _ = \"// no comment\"; crate::plan::plans::count(); }", "plan"),
        ("use super::super::super::engine;", "engine"),
        ("use super::super::super::harness::Harness;", "harness"),
    ] {
        let file = (PathBuf::from("device/status/planted.rs"), planted.to_owned());
        let wrong = wrong_arrows(&[file], ROOMS_OF_HARNESS);
        assert_eq!(wrong.lines().count(), 1, "{planted}\n{wrong}");
        assert!(wrong.contains(&format!("`device` uses `{used}`")), "{planted}\n{wrong}");
    }
}

#[test]
fn words_and_earlier_rooms_are_no_wrong_arrows() {
    let innocent = "
        //! A [`Harness`](crate::harness::Harness) has one.
        /* use crate::engine::RunEngine; */
        use crate::clock::{Clock, engine};
        use super::super::clock::Timestamp;
        const TEXT: &str = \"use crate::engine::RunEngine;\";
        const RAW: &str = r#\"crate::engine \" crate::plan\"#;
        fn f(c: char) -> bool { c == '\"' }
        mod engine { pub fn g() { super::f('x'); } }
    ";
    let wrong = wrong_arrows(&[(PathBuf::from("device/status.rs"), innocent.to_owned())], ROOMS_OF_HARNESS);
    assert_eq!(wrong, "");
}

#[test]
fn every_room_has_its_place() {
    for (source, rooms) in [("crates/skyspan-trace/src", ROOMS_OF_TRACE), ("src", ROOMS_OF_HARNESS)] {
        let entries = std::fs::read_dir(Path::new(ROOT).join(source)).expect("there is source code");
        for entry in entries {
            let path = entry.expect("it can be read").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            assert!(
                rooms.contains(&&*name) || BESIDE_ROOMS.contains(&&*name),
                "{source}/{name} is no room of the list"
            );
        }
        for room in rooms {
            let folder = Path::new(ROOT).join(source).join(room);
            assert!(folder.is_dir() || folder.with_extension("rs").is_file(), "there is no room {source}/{room}");
        }
    }
}

#[test]
fn the_architecture_lists_the_rooms_in_that_order() {
    let text = include_str!("../../ARCHITECTURE.md");
    let listed = |rooms: &[&str]| -> Vec<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(room, _)| room));
        rows.filter(|room| rooms.contains(room)).map(str::to_owned).collect()
    };
    assert_eq!(listed(ROOMS_OF_TRACE), ROOMS_OF_TRACE);
    assert_eq!(listed(ROOMS_OF_HARNESS), ROOMS_OF_HARNESS);
}

/// The source files below a folder, with paths that begin there.
fn files(source: &Path) -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![source.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("source code is text");
                found.push((path.strip_prefix(source).expect("it lies below").to_owned(), text));
            }
        }
    }
    assert!(found.len() > 5, "{}", source.display());
    found.sort();
    found
}

/// A line for each use of a room that is listed after the one that uses it.
fn wrong_arrows(files: &[(PathBuf, String)], rooms: &[&str]) -> String {
    let mut wrong = String::new();
    for (path, text) in files {
        let room = path.iter().next().and_then(|first| Path::new(first).file_stem()?.to_str()).unwrap_or_default();
        let Some(place) = rooms.iter().position(|known| *known == room) else { continue };
        let text = without_words(text);
        for used in used_rooms(&text, depth(path)) {
            if rooms.iter().position(|known| *known == used).is_some_and(|at| at > place) {
                let _ = writeln!(wrong, "{}: `{room}` uses `{used}`", path.display());
            }
        }
    }
    wrong
}

/// How many `super` lead from a file to the root of its crate.
fn depth(path: &Path) -> usize {
    path.components().count() - usize::from(path.file_stem().is_some_and(|name| name == "mod"))
}

/// What paths name right below the root of the crate: behind `crate::`, or behind so many `super::`.
fn used_rooms(code: &str, depth: usize) -> Vec<&str> {
    let supers = "super::".repeat(depth);
    let mut used = Vec::new();
    for root in ["crate::", supers.as_str()] {
        for (at, _) in code.match_indices(root) {
            let is_whole =
                !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':');
            let rest = &code[at + root.len()..];
            if is_whole && !rest.starts_with("super::") {
                used.extend(first_names(rest));
            }
        }
    }
    used
}

/// The first name of a path, or those of all paths in its braces.
fn first_names(path: &str) -> Vec<&str> {
    let Some(list) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut begins, mut names) = (1, true, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            _ if letter.is_whitespace() => {}
            _ if begins && depth == 1 => {
                names.push(name(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

fn name(path: &str) -> &str {
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(path.len());
    &path[..end]
}

/// The code without its comments, texts and characters.
fn without_words(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let is_in_name = code.ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") && !is_in_name {
            raw_text(rest)
        } else if letter == '"' {
            quoted(rest, '"')
        } else if letter == '\'' {
            // A lifetime has no second quote.
            match rest.char_indices().nth(2) {
                Some((_, '\'')) => quoted(rest, '\''),
                _ if rest.starts_with("'\\") => quoted(rest, '\''),
                _ => 0,
            }
        } else {
            0
        };
        if skipped == 0 {
            code.push(letter);
        }
        rest = &rest[skipped.max(letter.len_utf8())..];
    }
    code
}

/// How long a text in quotes is.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a raw text is; of a raw name, how long its mark is.
fn raw_text(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|letter| *letter == '#').count();
    let Some(body) = text[1 + hashes..].strip_prefix('"') else { return 1 + hashes };
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map_or(text.len(), |at| 1 + hashes + 1 + at + end.len())
}
