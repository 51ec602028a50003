//! What must hold of skyspan whatever bytes it reads.
//!
//! A target is a function of bytes that panics where something does not hold. `fuzz_targets/` has a binary for each:
//! built by cargo-fuzz it searches, guided by what its inputs reach; built by plain cargo it goes through the files that it is
//! given. `tests/seeds.rs` takes all seeds through all targets, on stable Rust.

#![forbid(unsafe_code)]

mod check_file;
mod console_json;
mod drawn;
mod json_value;
mod lines;
mod plan_file;
mod query;
mod received;
mod replay;
mod store_address;
mod trace;
mod trace_file;
mod tree_pattern;

pub use check_file::check_file;
pub use console_json::console_json;
pub use json_value::json_value;
pub use plan_file::plan_file;
pub use query::query;
pub use received::received;
pub use replay::{TARGETS, Target, replay};
pub use store_address::store_address;
pub use trace_file::trace_file;
pub use tree_pattern::tree_pattern;

/// The binary of a target: what libFuzzer calls, or without it a `main` that goes through files.
#[macro_export]
macro_rules! fuzz_binary {
    ($target:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $target(bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::replay($target)
        }
    };
}
