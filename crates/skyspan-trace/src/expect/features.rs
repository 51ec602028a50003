#![doc = include_str!("features.md")]
