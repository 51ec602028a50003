//! TraceQL means what Tempo says that it means.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod answers;
mod generated;
mod recorded;
mod texts;
