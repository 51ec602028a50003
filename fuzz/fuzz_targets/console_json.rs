//! The target [`skyspan_fuzz::console_json`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::console_json);
