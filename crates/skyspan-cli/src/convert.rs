//! `skyspan convert`.

use crate::arguments::{Convert, Format};
use crate::command::{CommandError, print, read_trace};

/// Reads a trace in any format, and writes it in another.
pub(crate) fn convert(wanted: &Convert) -> Result<(), CommandError> {
    let trace = read_trace(&wanted.trace)?;
    match wanted.to {
        Format::Console => print(|mut out| trace.write_console(&mut out)),
        Format::Otlp => print(|out| trace.write_otlp(out)),
    }
}
