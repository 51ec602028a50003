//! The target [`skyspan_fuzz::received`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::received);
