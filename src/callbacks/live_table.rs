//! [`LiveTable`]: prints the events of a stream as a table.

use std::fmt;
use std::io::{self, Write};

use super::DocumentRouter;
use super::table::{Table, TableOptions};
use crate::document::{Descriptor, Event, RunStart, RunStop};
use crate::message::PlanError;
use crate::value::Text;

/// Prints the events of a stream as a table, row by row as they come (`bluesky.callbacks.core.LiveTable`, 1.15.1).
///
/// ```
/// use skyspan::callbacks::{DocumentRouter, LiveTable};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let table = LiveTable::new(["det"]).min_width(8).default_prec(1);
/// lab.with_engine(|engine| engine.subscribe(table.into_callback()));
/// lab.run(plans::count(&lab.device("det"), 3)).assert_success();
/// ```
///
/// A number is shown with the `precision` that the descriptor gives, or with `default_prec`; what is not filled is left
/// blank; a row with a value that is not of the type that was described is `failed to format row`; a data key that is no
/// number, string or truth value has no column. Below stands which run it was: `generator scan ['1a2b3c4d'] (scan num: 1)`.
///
/// The text is bluesky's to the byte, but for the time: bluesky shows that of the time zone of its computer, this table
/// always UTC. A table never ends a run: what cannot be written is lost.
pub struct LiveTable {
    table: Table,
    sink: Box<dyn Write + Send>,
}

impl LiveTable {
    /// A table of these data keys, on standard output.
    pub fn new<F: Into<Text>>(fields: impl IntoIterator<Item = F>) -> Self {
        let fields = fields.into_iter().map(Into::into).collect();
        Self { table: Table::new(TableOptions::new(fields)), sink: Box::new(io::stdout()) }
    }

    /// Where it is printed: bluesky's `out`.
    #[must_use]
    pub fn sink(mut self, sink: impl Write + Send + 'static) -> Self {
        self.sink = Box::new(sink);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut TableOptions)) -> Self {
        change(self.table.options());
        // The widths of the first columns come of the options.
        Self { table: Table::new(self.table.options().clone()), ..self }
    }

    /// The stream whose events it shows; `primary` unless one says otherwise.
    #[must_use]
    pub fn stream_name(self, stream_name: impl Into<Text>) -> Self {
        let stream_name = stream_name.into();
        self.with(|options| options.stream_name = stream_name)
    }

    /// After how many rows the header is printed again: 50 unless one says otherwise, 0 for never.
    #[must_use]
    pub fn print_header_interval(self, rows: usize) -> Self {
        self.with(|options| options.print_header_interval = rows)
    }

    /// How wide a column is at least; 12 unless one says otherwise.
    #[must_use]
    pub fn min_width(self, min_width: usize) -> Self {
        self.with(|options| options.min_width = min_width)
    }

    /// How many digits stand behind the point where the descriptor does not say; 3 unless one says otherwise.
    #[must_use]
    pub fn default_prec(self, default_prec: usize) -> Self {
        self.with(|options| options.default_prec = default_prec)
    }

    /// How many blanks stand on both sides of a cell; 1 unless one says otherwise.
    #[must_use]
    pub fn extra_pad(self, extra_pad: usize) -> Self {
        self.with(|options| options.extra_pad = extra_pad)
    }

    /// Whether empty lines stand before and after the table; they do unless one says otherwise.
    #[must_use]
    pub fn separator_lines(self, separator_lines: bool) -> Self {
        self.with(|options| options.separator_lines = separator_lines)
    }

    fn print(&mut self, lines: &str) {
        if !lines.is_empty() {
            // A table on a terminal that is gone is no reason to end a run.
            let _ = self.sink.write_all(lines.as_bytes()).and_then(|()| self.sink.flush());
        }
    }
}

impl DocumentRouter for LiveTable {
    fn start(&mut self, start: &RunStart) -> Result<(), PlanError> {
        self.table.start(start);
        Ok(())
    }

    fn descriptor(&mut self, descriptor: &Descriptor) -> Result<(), PlanError> {
        let lines = self.table.descriptor(descriptor);
        self.print(&lines);
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), PlanError> {
        let lines = self.table.event(event);
        self.print(&lines);
        Ok(())
    }

    fn stop(&mut self, stop: &RunStop) -> Result<(), PlanError> {
        let lines = self.table.stop(stop);
        self.print(&lines);
        Ok(())
    }
}

impl fmt::Debug for LiveTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveTable").field("table", &self.table).finish_non_exhaustive()
    }
}
