//! The target [`skyspan_fuzz::tree_pattern`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::tree_pattern);
