//! What criterion has found in this run, for ratios of two things of one run.

use std::path::{Path, PathBuf};

use skyspan::value::{Value, from_json};

/// The median of a benchmark of this run, as criterion has written it down.
pub(crate) fn median_ns(group: &str, benchmark: &str) -> Option<f64> {
    let path = target()?.join(format!("criterion/{group}/{benchmark}/new/estimates.json"));
    let estimates = from_json(&std::fs::read_to_string(path).ok()?).ok()?;
    estimates.as_map()?.get("median")?.as_map()?.get("point_estimate").and_then(Value::as_f64)
}

/// The folder for what is built: that of the environment, or that of the workspace.
fn target() -> Option<PathBuf> {
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        return Some(target.into());
    }
    let of_workspace = |folder: &Path| folder.join("target");
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(of_workspace).find(|target| target.is_dir())
}
