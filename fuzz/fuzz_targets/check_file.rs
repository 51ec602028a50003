//! The target [`skyspan_fuzz::check_file`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::check_file);
