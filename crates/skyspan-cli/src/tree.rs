//! `skyspan tree`.

use skyspan::trace::{AttributeChoice, Drawing};

use crate::arguments::Tree;
use crate::command::{CommandError, Ended, print};
use crate::pager::print_paged;
use crate::trace_source::SourceTrace;

/// Draws a trace, and says what is malformed in it.
pub(crate) fn tree(wanted: &Tree) -> Result<Ended, CommandError> {
    let SourceTrace { trace, ended } = wanted.trace.read()?;
    let choice = if wanted.all { AttributeChoice::All } else { AttributeChoice::Key };
    let defects = trace.defects();
    if wanted.text {
        // The whole is a text that `assert_tree!` takes.
        print(|out| {
            write!(out, "{}", trace.tree_text().attributes(choice))?;
            defects.iter().try_for_each(|defect| writeln!(out, "# malformed: {defect}"))
        })?;
        return Ok(ended);
    }
    let drawing = wanted.drawing.of(trace.draw().attributes(choice))?;
    print_paged(!wanted.drawing.no_pager, |out| {
        write!(out, "{drawing}")?;
        defects.iter().try_for_each(|defect| writeln!(out, "malformed: {defect}"))
    })?;
    Ok(ended)
}

impl crate::arguments::DrawingOptions {
    /// A drawing for standard output, as these options want it.
    pub(crate) fn of<'a>(&self, drawing: Drawing<'a>) -> Result<Drawing<'a>, CommandError> {
        let mut drawing = drawing.for_stdout();
        if let Some(width) = self.width {
            drawing = drawing.width(width.into());
        }
        if self.exact {
            drawing = drawing.exact();
        }
        if self.unfold {
            drawing = drawing.unfolded();
        }
        if self.errors {
            drawing = drawing.errors();
        }
        if let Some(run) = self.run {
            drawing = drawing.run(run)?;
        }
        if let Some(levels) = self.depth {
            drawing = drawing.depth(levels);
        }
        if let Some(device) = &self.device {
            drawing = drawing.device(device);
        }
        if let Some(time) = self.slower {
            drawing = drawing.slower(time);
        }
        if let Some(time) = self.since {
            drawing = drawing.since(time);
        }
        if let Some(time) = self.until {
            drawing = drawing.until(time);
        }
        Ok(drawing)
    }
}
