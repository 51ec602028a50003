//! Whether the program has several versions of tracing-opentelemetry, of which only one speaks to the captures.

use std::path::Path;

/// A sentence about the versions of tracing-opentelemetry, if the workspace of the test that runs has several: cargo tells the test where
/// that is, and its `Cargo.lock` which they are.
pub(crate) fn several_versions() -> Option<String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let lock_file =
        Path::new(&package).ancestors().map(|folder| folder.join("Cargo.lock")).find(|file| file.is_file())?;
    let lock_file = std::fs::read_to_string(lock_file).ok()?;
    let versions = versions_in(&lock_file);
    (versions.len() > 1).then(|| {
        format!(
            "tracing-opentelemetry is there in the versions {}: what the program sets by the `OpenTelemetrySpanExt` of another one \
             than 0.34 (parents, links, attributes) does not arrive; `cargo tree -i tracing-opentelemetry` shows who has which",
            versions.join(", ")
        )
    })
}

/// The versions of tracing-opentelemetry in a `Cargo.lock`.
fn versions_in(lock_file: &str) -> Vec<&str> {
    let mut lines = lock_file.lines();
    let mut versions = Vec::new();
    while let Some(line) = lines.next() {
        if line == "name = \"tracing-opentelemetry\"" {
            versions.extend(lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')));
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_tells_all_versions() {
        let package =
            |version: &str| format!("[[package]]\nname = \"tracing-opentelemetry\"\nversion = \"{version}\"\n\n");
        let other = "[[package]]\nname = \"tracing\"\nversion = \"0.1.44\"\n\n";
        let lock_file = [&package("0.33.0"), other, &package("0.34.0")].concat();
        assert_eq!(versions_in(&lock_file), ["0.33.0", "0.34.0"]);
        assert_eq!(versions_in(other), [""; 0]);
    }

    #[test]
    fn this_workspace_has_one() {
        assert_eq!(several_versions(), None);
    }
}
