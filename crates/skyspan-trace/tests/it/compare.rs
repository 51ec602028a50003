//! What traces are like, and what differs between them.

mod diff;
mod statistics;
mod waits_held;
