//! The files that a command line names: one by one, by a folder, or by a pattern.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use skyspan::expect::glob;

use crate::command::CommandError;

/// What the name of a check file ends with.
const CHECK_FILE: [&str; 2] = [".check.yaml", ".check.yml"];

/// Whether a file is called as a check file is.
pub(crate) fn is_check_file(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    CHECK_FILE.iter().any(|end| name.ends_with(end) || name == &end[1..])
}

/// The check files that are meant: of a folder those in it.
pub(crate) fn check_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let all = named.iter().map(|path| expand(path, "check files (*.check.yaml)", is_check_file));
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The traces and plans that are meant: of a folder all files in it but check files. Standard input and addresses are left as
/// they are.
pub(crate) fn inputs(named: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let is_input = |path: &Path| !is_check_file(path);
    let all = named.iter().map(|path| match is_address(path) {
        true => Ok(vec![path.clone()]),
        false => expand(path, "traces or plan files", is_input),
    });
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

fn is_address(path: &Path) -> bool {
    path.as_os_str() == "-" || path.to_str().is_some_and(|text| text.contains("://"))
}

/// The files of a folder or of a pattern with `*`, in the order of their names; a file alone is itself.
fn expand(path: &Path, what: &'static str, is_meant: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, CommandError> {
    let none = || CommandError::NoFile { what, path: path.display().to_string() };
    let found: Vec<PathBuf> = if path.is_dir() {
        entries(path)?.into_iter().filter(|path| path.is_file() && !is_hidden(path) && is_meant(path)).collect()
    } else if path.exists() || !path.to_str().is_some_and(|text| text.contains('*')) {
        return Ok(vec![path.to_owned()]);
    } else {
        let mut found = vec![PathBuf::new()];
        for part in path.components() {
            let pattern = part.as_os_str().to_str().filter(|part| part.contains('*'));
            let next = found.into_iter().map(|folder| match pattern {
                None => Ok(vec![folder.join(part)]),
                Some(pattern) => {
                    let here = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.clone() };
                    let names = entries(&here)?.into_iter().filter_map(|path| path.file_name().map(OsStr::to_owned));
                    let fits = |name: &OsStr| {
                        let name = name.to_str().unwrap_or_default();
                        glob(pattern).matches(name) && (pattern.starts_with('.') || !name.starts_with('.'))
                    };
                    Ok(names.filter(|name| fits(name)).map(|name| folder.join(name)).collect())
                }
            });
            found = next.collect::<Result<Vec<Vec<PathBuf>>, CommandError>>()?.concat();
        }
        found.into_iter().filter(|path| path.is_file() && is_meant(path)).collect()
    };
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with('.'))
}

/// What is in a folder, in the order of names; nothing if it is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |error: io::Error| CommandError::Read { what: folder.display().to_string(), error };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    };
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}
