//! What bluesky and ophyd call it, and what it is called here: every name of bluesky 1.15.1 and ophyd 1.11.2 that a user of
//! plans knows. An empty cell says that there is no counterpart, and the last column why.
//!
#![doc = include_str!("names.md")]
