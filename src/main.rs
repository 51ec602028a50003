//! The `skyspan` binary; all that it does is in [`skyspan::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    skyspan::cli::run_command(std::env::args_os())
}
