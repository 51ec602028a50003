//! `skyspan tree`.

use crate::arguments::Tree;
use crate::command::{CommandError, print, read_trace};
use skyspan::trace::AttributeChoice;

/// Draws a trace, and says what is malformed in it; the whole is a text that `assert_tree!` takes.
pub(crate) fn tree(wanted: &Tree) -> Result<(), CommandError> {
    let trace = read_trace(&wanted.trace)?;
    let choice = if wanted.all { AttributeChoice::All } else { AttributeChoice::Key };
    print(|out| {
        write!(out, "{}", trace.draw().attributes(choice))?;
        trace.defects().iter().try_for_each(|defect| writeln!(out, "# malformed: {defect}"))
    })
}
