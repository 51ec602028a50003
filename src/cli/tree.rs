//! `skyspan tree`.

use super::arguments::Tree;
use super::command::{CommandError, print, read_trace};
use crate::trace::AttributeChoice;

/// Draws a trace, and says what is malformed in it; the whole is a text that `assert_tree!` takes.
pub(super) fn tree(wanted: &Tree) -> Result<(), CommandError> {
    let trace = read_trace(&wanted.trace)?;
    let choice = if wanted.all { AttributeChoice::All } else { AttributeChoice::Key };
    print(|out| {
        write!(out, "{}", trace.draw().attributes(choice))?;
        trace.defects().iter().try_for_each(|defect| writeln!(out, "# malformed: {defect}"))
    })
}
