//! What criterion has found in this run, for ratios of two things of one run.

use skyspan::value::{Value, from_json};

/// The median of a benchmark of this run, as criterion has written it down.
pub(crate) fn median_ns(group: &str, benchmark: &str) -> Option<f64> {
    let target =
        std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target").to_owned());
    let path = format!("{target}/criterion/{group}/{benchmark}/new/estimates.json");
    let estimates = from_json(&std::fs::read_to_string(path).ok()?).ok()?;
    estimates.as_map()?.get("median")?.as_map()?.get("point_estimate").and_then(Value::as_f64)
}
