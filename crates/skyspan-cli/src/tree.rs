//! `skyspan tree`.

use skyspan::trace::AttributeChoice;

use crate::arguments::Tree;
use crate::command::{CommandError, Ended, print};
use crate::trace_source::SourceTrace;

/// Draws a trace, and says what is malformed in it; the whole is a text that `assert_tree!` takes.
pub(crate) fn tree(wanted: &Tree) -> Result<Ended, CommandError> {
    let SourceTrace { trace, ended } = wanted.trace.read()?;
    let choice = if wanted.all { AttributeChoice::All } else { AttributeChoice::Key };
    print(|out| {
        write!(out, "{}", trace.draw().attributes(choice))?;
        trace.defects().iter().try_for_each(|defect| writeln!(out, "# malformed: {defect}"))
    })?;
    Ok(ended)
}
