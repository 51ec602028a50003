//! Where a trace goes that was received.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use skyspan::trace::Trace;

use crate::arguments::Format;
use crate::command::{CommandError, print};
use crate::recording::failed;

/// Where a trace goes that was received.
#[derive(Debug, clap::Args)]
pub(crate) struct TraceOutput {
    /// Writes the trace into this file, or on standard output for `-`. Otherwise it is drawn as a tree.
    #[arg(short, long, value_name = "TRACE")]
    pub(crate) output: Option<PathBuf>,
    /// The format to write.
    #[arg(long, value_enum, default_value_t = Format::Otlp, requires = "output")]
    pub(crate) to: Format,
}

/// An output that is known to be there: what takes hours to record is not lost for a folder that is missing.
pub(crate) struct OpenOutput<'a> {
    place: Place<'a>,
    to: Format,
}

enum Place<'a> {
    /// A tree, for people.
    Drawn,
    StandardOutput,
    File(&'a Path, File),
}

impl TraceOutput {
    /// Opens the file, whose content is kept until there is another.
    pub(crate) fn open(&self) -> Result<OpenOutput<'_>, CommandError> {
        let place = match &self.output {
            None => Place::Drawn,
            Some(path) if path.as_os_str() == "-" => Place::StandardOutput,
            Some(path) => {
                let file = OpenOptions::new().create(true).write(true).truncate(false).open(path);
                Place::File(path, file.map_err(failed(path))?)
            }
        };
        Ok(OpenOutput { place, to: self.to })
    }
}

impl OpenOutput<'_> {
    /// Writes the trace; a tree goes to standard error where standard output is another program's.
    pub(crate) fn write(self, trace: &Trace, is_stdout_ours: bool) -> Result<(), CommandError> {
        match self.place {
            Place::Drawn if is_stdout_ours => print(|out| write!(out, "{}", trace.draw())),
            Place::Drawn => {
                // Who does not read it wants no more.
                let _ = write!(io::stderr(), "{}", trace.draw());
                Ok(())
            }
            Place::StandardOutput => print(|out| self.to.write(trace, out)),
            Place::File(path, file) => {
                let written = || -> io::Result<()> {
                    if file.metadata()?.is_file() {
                        file.set_len(0)?;
                    }
                    let mut out = BufWriter::new(&file);
                    self.to.write(trace, &mut out)?;
                    out.flush()
                };
                written().map_err(failed(path))
            }
        }
    }
}
