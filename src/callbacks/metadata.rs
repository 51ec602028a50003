//! [`print_metadata`]: prints what a document says.

use std::io::Write;

use super::JsonLinesError;
use super::format::str_of;
use crate::document::Document;
use crate::message::PlanError;

/// A callback that prints all fields of a document but its uid and time, in the order of their names, as Python's `print`
/// would (`bluesky.callbacks.core.print_metadata`, 1.15.1).
///
/// ```
/// use skyspan::callbacks::print_metadata;
/// use skyspan::document::DocumentName;
/// use skyspan::prelude::*;
///
/// let lab = Harness::builder().md([("sample", "A")]).build();
/// let (mut read, write) = std::io::pipe()?;
/// lab.with_engine(|engine| engine.subscribe_to(DocumentName::Start, print_metadata(write)));
/// lab.run(plans::count(&lab.device("det"), 1)).assert_success();
/// # drop(lab);
/// let mut printed = String::new();
/// std::io::Read::read_to_string(&mut read, &mut printed)?;
/// assert!(printed.starts_with("detectors: ['det']\nhints: {'dimensions': [[['time'], 'primary']]}\nnum_intervals: 0\n"));
/// assert!(printed.contains("\nsample: A\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The callback fails where the text cannot be written.
pub fn print_metadata(mut sink: impl Write + Send) -> impl FnMut(&Document) -> Result<(), PlanError> + Send {
    move |document| {
        let map = document.to_map();
        let mut fields: Vec<_> = map.iter().filter(|(key, _)| !matches!(&***key, "time" | "uid")).collect();
        fields.sort_by(|(left, _), (right, _)| left.as_str().cmp(right.as_str()));
        let text: String = fields.iter().map(|(key, value)| format!("{key}: {}\n", str_of(value))).collect();
        let written = sink.write_all(text.as_bytes()).and_then(|()| sink.flush());
        written.map_err(|error| JsonLinesError { path: None, kind: error.kind(), message: error.to_string() }.into())
    }
}
