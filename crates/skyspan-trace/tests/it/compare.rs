//! What traces are like, and what differs between them.

mod statistics;
mod waits_held;
