//! The target [`skyspan_fuzz::plan_file`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::plan_file);
