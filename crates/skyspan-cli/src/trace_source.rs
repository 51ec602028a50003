//! The trace that a command line names.

use std::io::{self, Write as _};
use std::path::Path;

use skyspan::store::{Store, StoreAddress, StoreHeaders};
use skyspan::trace::{ReadOptions, ReadTrace, Trace};

use crate::arguments::{TraceReading, TraceSource};
use crate::command::{CommandError, Ended, errors, may_be_read};

/// A trace, and how a command ends that has done its work with it.
pub(crate) struct SourceTrace {
    pub(crate) trace: Trace,
    pub(crate) ended: Ended,
}

impl TraceSource {
    /// Reads the trace, and tells on standard error what of it somebody should know who takes it for all.
    pub(crate) fn read(&self) -> Result<SourceTrace, CommandError> {
        self.reading.read(&self.trace)
    }
}

/// Whether a path is that of a plan file: that is YAML, which no format of traces is.
pub(crate) fn is_plan(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

impl TraceReading {
    /// Reads a trace, and tells on standard error what of it somebody should know who takes it for all.
    pub(crate) fn read(&self, trace: &Path) -> Result<SourceTrace, CommandError> {
        let text = trace.to_str().unwrap_or_default();
        let (reading, name) = match StoreAddress::is_meant(text) {
            true => self.fetch(text)?,
            false => self.read_file(trace)?,
        };
        for warning in reading.warnings() {
            tell(&format!("{name}{warning}"));
        }
        // Who asked for a part has got one, and hears that it is no more than that.
        let ended = if reading.cut.is_some() { Ended::CutOff } else { Ended::Well };
        Ok(SourceTrace { trace: self.changes.apply(reading.trace, &name)?, ended })
    }

    /// What is in a file, and what stands before what is told of it.
    fn read_file(&self, trace: &Path) -> Result<(ReadTrace, String), CommandError> {
        let mut options = ReadOptions::new().strict(self.strict).up_to_cut(self.up_to_cut).empty(self.allow_empty);
        if let Some(size_max) = self.max_size {
            options = options.size_max(size_max);
        }
        if trace.as_os_str() == "-" {
            return Ok((options.read_from(io::stdin().lock())?, String::new()));
        }
        may_be_read(trace)?;
        Ok((options.read(trace)?, format!("{}: ", trace.display())))
    }

    /// What a store has at an address.
    fn fetch(&self, address: &str) -> Result<(ReadTrace, String), CommandError> {
        let address: StoreAddress = address.parse()?;
        let mut headers = StoreHeaders::from_environment()?;
        if let Some(file) = &self.store_headers {
            headers = headers.file(file)?;
        }
        let mut store = Store::new().headers(headers).empty(self.allow_empty);
        if let Some(size_max) = self.max_size {
            store = store.size_max(size_max);
        }
        Ok((store.fetch(&address)?, format!("{address}: ")))
    }
}

/// Tells something on standard error. Where nobody listens there, that is all the same.
pub(crate) fn tell(what: &str) {
    let _ = writeln!(errors(), "skyspan: {what}");
}
