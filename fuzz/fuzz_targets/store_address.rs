//! The target [`skyspan_fuzz::store_address`].
#![cfg_attr(fuzzing, no_main)]

skyspan_fuzz::fuzz_binary!(skyspan_fuzz::store_address);
