//! One binary, a module for each thing that users of the program rely on.

mod cli;
mod oracle;
mod readme;
