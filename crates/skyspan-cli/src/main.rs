//! The `skyspan` program: runs plan files, draws, converts and receives traces, and searches for plans that break a law.
//!
//! All that it does is in the library `skyspan`. Here are its arguments, what it prints, and its exit codes.

mod arguments;
mod bless;
mod check;
mod check_format;
mod command;
mod convert;
mod diff;
mod fuzz;
mod fuzz_progress;
mod input_files;
mod interrupts;
mod learn;
mod learn_review;
mod line_bar;
mod lint;
mod manual;
mod pager;
mod plan_run;
mod progress;
mod query;
mod receive;
mod record;
mod recording;
mod report;
mod run;
mod stats;
mod time_text;
mod torture;
mod trace_changes;
mod trace_output;
mod trace_source;
mod tree;
mod twin;
mod words;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run_command(std::env::args_os())
}
