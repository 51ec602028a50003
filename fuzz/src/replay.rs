//! Taking files through a target.

use std::path::Path;
use std::{env, fs, io};

/// What a target is: it panics where something does not hold.
pub type Target = fn(&[u8]);

/// All targets by name; the seeds of each are in the folder of that name in `seeds/`.
pub const TARGETS: [(&str, Target); 9] = [
    ("check_file", crate::check_file),
    ("console_json", crate::console_json),
    ("json_value", crate::json_value),
    ("plan_file", crate::plan_file),
    ("query", crate::query),
    ("received", crate::received),
    ("store_address", crate::store_address),
    ("trace_file", crate::trace_file),
    ("tree_pattern", crate::tree_pattern),
];

/// Takes the files and folders of the command line through a target.
///
/// # Errors
///
/// If one of them cannot be read.
pub fn replay(target: Target) -> io::Result<()> {
    env::args_os().skip(1).try_for_each(|path| replay_path(target, path.as_ref()))
}

fn replay_path(target: Target, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| replay_path(target, &entry?.path()));
    }
    target(&fs::read(path)?);
    Ok(())
}
