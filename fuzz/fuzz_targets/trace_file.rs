//! The target [`skyspan_fuzz::trace_file`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::trace_file);
