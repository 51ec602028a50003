//! `skyspan query`.

use std::io;

use crate::arguments::Query as Wanted;
use crate::command::{CommandError, Ended, errors, print};
use crate::trace_source::SourceTrace;
use skyspan::query::{Query, TimeRange};

/// Asks a trace a question, and prints the answer: a table, ids, or JSON. What those who asked may not know stands in it, and
/// beside ids on standard error.
pub(crate) fn query(wanted: &Wanted) -> Result<Ended, CommandError> {
    // A query that is none needs no trace.
    let query: Query = wanted.query.parse()?;
    if wanted.ids && query.is_metrics() {
        return Err(CommandError::NoIds);
    }
    let SourceTrace { trace, ended } = wanted.trace.read()?;
    let range = TimeRange::of(&trace);
    let range = wanted.step.map_or(range, |step| TimeRange::new(range.start(), range.end(), step));
    let answer = query.answer_over(&trace, range)?;
    print(|out| {
        if wanted.json {
            serde_json::to_writer(&mut *out, &answer).map_err(io::Error::from)?;
            writeln!(out)
        } else if wanted.ids {
            answer.spans().try_for_each(|span| writeln!(out, "{} {}", span.trace_id(), span.span_id()))
        } else {
            write!(out, "{answer}")
        }
    })?;
    if wanted.ids {
        for hint in answer.hints() {
            // Who does not read it wants no more.
            let _ = io::Write::write_fmt(&mut errors(), format_args!("hint: {hint}\n"));
        }
    }
    Ok(ended)
}
