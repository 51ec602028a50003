//! The twin of a night.

#[cfg(feature = "plan-files")]
mod recorded;
mod simulated;
