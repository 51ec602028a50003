//! What a search has found is kept in a file, and tried first the next time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::panic::Location;
use std::path::{Path, PathBuf};

use super::Counterexample;

/// Where what was found is kept, and of which test.
#[derive(Clone, Debug)]
pub(super) struct Regressions {
    file: Option<PathBuf>,
    test: String,
}

const HEADER: &str = "\
# What searches have found before: each line is a test, the seed of the search and the number of the case.
# They are tried first, so keep this file with the source. The comments tell what was found at the time.
";

impl Regressions {
    /// In `regressions/` beside the file of the test.
    pub(super) fn beside(caller: &Location<'_>) -> Self {
        let source = Path::new(caller.file());
        let found = source_on_disk(source);
        let file = found.and_then(|source| {
            let name = source.file_stem()?.to_owned();
            let mut file = source.with_file_name("regressions").join(name);
            file.set_extension("txt");
            Some(file)
        });
        Self { file, test: this_test() }
    }

    pub(super) fn in_file(file: PathBuf) -> Self {
        Self { file: Some(file), test: this_test() }
    }

    pub(super) fn nowhere() -> Self {
        Self { file: None, test: this_test() }
    }

    /// The seeds and the numbers of the cases that were found before. A line that is none of ours is passed over.
    pub(super) fn known(&self) -> Vec<(u64, u64)> {
        let text = self.file.as_ref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        text.lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                if words.next()? != self.test {
                    return None;
                }
                let mut number = |key: &str| words.next()?.strip_prefix(key)?.parse().ok();
                Some((number("seed=")?, number("case=")?))
            })
            .collect()
    }

    /// Keeps what was found, if it is not known. Where it cannot be written the test fails all the same, and says how to try the
    /// case again.
    pub(super) fn keep(&self, seed: u64, case: u64, found: &Counterexample) {
        let Some(path) = self.file.as_ref().filter(|_| !self.known().contains(&(seed, case))) else { return };
        let mut entry = if path.exists() { String::new() } else { HEADER.to_owned() };
        let _ = writeln!(entry, "\n# {}", found.headline());
        for line in found.plan().lines() {
            let _ = writeln!(entry, "#     {line}");
        }
        let _ = writeln!(entry, "{} seed={seed} case={case}", self.test);
        if let Some(folder) = path.parent() {
            let _ = fs::create_dir_all(folder);
        }
        let file = fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(entry.as_bytes()));
    }
}

/// The source file, which the compiler names as seen from the workspace, and tests run in their package.
pub(super) fn source_on_disk(source: &Path) -> Option<PathBuf> {
    let mut parts = source.components();
    loop {
        let path = parts.as_path();
        if path.as_os_str().is_empty() {
            return None;
        }
        if path.is_file() {
            return Some(path.to_owned());
        }
        parts.next()?;
    }
}

/// The name of the test that runs on this thread, as the test harness names its threads.
fn this_test() -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("test");
    name.chars().map(|letter| if letter.is_whitespace() { '-' } else { letter }).collect()
}
