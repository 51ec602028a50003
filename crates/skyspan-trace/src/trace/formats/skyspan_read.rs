//! What serde makes of a trace, read.

use serde::Deserialize as _;

use super::field::{Field, Wrong};
use super::gather::Gather;
use crate::trace::Trace;

/// Reads a trace: `{"version": 1, "spans": [...]}`.
pub(super) fn trace<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    let read = Trace::deserialize(field.value(&mut gather.texts));
    let trace = read.map_err(|error| field.wrong(format!("a trace as skyspan writes it ({error})")))?;
    gather.spans.extend_from_slice(trace.shared_spans());
    Ok(())
}
