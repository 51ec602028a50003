//! The target [`skyspan_fuzz::json_value`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::json_value);
