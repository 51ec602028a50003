//! What is longer than the terminal goes through a pager.

use std::io::{self, IsTerminal as _, Write};
use std::process::{Child, Command, Stdio};

use crate::command::{CommandError, print};

/// Writes on standard output; what is longer than its terminal through the pager that `SKYSPAN_PAGER` or else `PAGER` names, or else
/// `less`, unless that is empty or `cat`. Where somebody else than a terminal reads, or the terminal does not know how high it is,
/// there is no pager.
pub(crate) fn print_paged(
    is_wanted: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CommandError> {
    let is_read = is_wanted && io::stdout().is_terminal() && io::stdin().is_terminal();
    let height = is_read.then(skyspan::trace::terminal_height).flatten();
    let Some(height) = height else { return print(write) };
    let mut paged = Paged { height, lines: 0, held: Vec::new(), to: To::Held };
    let written = write(&mut paged).and_then(|()| paged.finish());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::Write { what: "standard output".to_owned(), error })
        }
        _ => Ok(()),
    }
}

/// Holds back as much as fits on the terminal; once there is more, all goes on to the pager.
struct Paged {
    height: usize,
    lines: usize,
    held: Vec<u8>,
    to: To,
}

enum To {
    Held,
    Pager(Child),
    Terminal,
}

impl Write for Paged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if matches!(self.to, To::Held) {
            self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
            if self.lines < self.height {
                return Ok(bytes.len());
            }
            self.to = spawn().map_or(To::Terminal, To::Pager);
        }
        if self.held.len() > 1 << 16 {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paged {
    fn hand_on(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        match &mut self.to {
            To::Pager(Child { stdin: Some(stdin), .. }) => stdin.write_all(&held),
            _ => io::stdout().write_all(&held),
        }
    }

    fn finish(mut self) -> io::Result<()> {
        let written = self.hand_on();
        if let To::Pager(mut pager) = self.to {
            drop(pager.stdin.take());
            // What is wrong with the pager, the pager says.
            let _ = pager.wait();
        }
        written
    }
}

/// Starts the pager; nothing where none is wanted, or it cannot be started.
fn spawn() -> Option<Child> {
    let said = |name: &str| std::env::var(name).ok();
    let pager = said("SKYSPAN_PAGER").or_else(|| said("PAGER")).unwrap_or_else(|| "less".to_owned());
    let mut words = pager.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Show colours, and leave the screen as it is.
        command.env("LESS", "FRX");
    }
    command.spawn().ok()
}
