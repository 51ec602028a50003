//! [`PageGrid`]: a page with a table whose cells can be chosen: each tells more, and shows a trace of its own.

use std::io::{self, Write};

use serde::Serialize;

use super::page::Page;
use super::write::{Shell, write_grid};
use crate::trace::Redaction;
use crate::value::Text;

/// So many bytes the traces of a grid take together unless [`PageGrid::traces_max`] says otherwise.
pub const TRACES_MAX_BYTES: usize = 32 << 20;

/// A page with a table whose cells can be chosen: each tells more, and shows a trace of its own where there is one. What the cells stand
/// for is not known here; the maps of `skyspan torture` are grids.
///
/// ```
/// use skyspan_trace::page::{PageGrid, GridCell, GridRow, Page, Tone};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("retry").build()]);
/// let grid = PageGrid::new("what can happen", ["lost", "late"])
///     .summary("2 runs: 1 as before")
///     .row(GridRow::new("charge").cell(0, GridCell::new("1", "A", Tone::Bad).text("charged twice")));
/// let mut html = Vec::new();
/// grid.write([(0, Page::of(&trace).title("case 1"))], &mut html)?;
/// let html = String::from_utf8_lossy(&html);
/// assert!(html.contains("charged twice") && html.contains("\"retry\""));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[must_use = "a page is only made when it is written"]
pub struct PageGrid {
    title: String,
    generator: &'static str,
    summary: Vec<String>,
    notes: Vec<GridNote>,
    columns: Vec<String>,
    rows: Vec<GridRow>,
    legend: Vec<String>,
    #[serde(skip)]
    redaction: Option<Redaction>,
    #[serde(skip)]
    traces_max: usize,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing to be said of it.
    Quiet,
    /// Well, but worth a look.
    Good,
    /// Known, and nobody's fault.
    Known,
    /// Not as it should be.
    Bad,
    /// As bad as can be.
    Worst,
}

/// A row of a [`PageGrid`].
#[derive(Clone, Debug, Serialize)]
pub struct GridRow {
    label: String,
    /// What stands above it, where that is another than above the row before.
    group: String,
    /// Each with its column, in their order.
    cells: Vec<(usize, GridCell)>,
}

/// A cell of a [`PageGrid`].
#[derive(Clone, Debug, Serialize)]
pub struct GridCell {
    /// By what it is known: a number.
    name: String,
    mark: String,
    tone: Tone,
    /// What is said of it when it is chosen.
    text: String,
    /// How to look at it again, where its trace is not on the page.
    again: String,
}

/// Something that is said above the table, with a mark that cells have.
#[derive(Clone, Debug, Serialize)]
struct GridNote {
    mark: String,
    tone: Tone,
    text: String,
    /// The name of a cell to look at.
    cell: String,
}

impl GridRow {
    /// A row without cells.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), group: String::new(), cells: Vec::new() }
    }

    /// The same in a part of the table with that name.
    #[must_use]
    pub fn group(self, group: impl Into<String>) -> Self {
        Self { group: group.into(), ..self }
    }

    /// The same with a cell in a column, counted from 0. One that is beyond the last column is not shown.
    #[must_use]
    pub fn cell(mut self, column: usize, cell: GridCell) -> Self {
        self.cells.push((column, cell));
        self
    }
}

impl GridCell {
    /// A cell that is known by a name, and has a mark of a few characters.
    #[must_use]
    pub fn new(name: impl Into<String>, mark: impl Into<String>, tone: Tone) -> Self {
        Self { name: name.into(), mark: mark.into(), tone, text: String::new(), again: String::new() }
    }

    /// What is said of it when it is chosen; lines are kept.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// How to look at it again: a command.
    #[must_use]
    pub fn again(self, again: impl Into<String>) -> Self {
        Self { again: again.into(), ..self }
    }
}

impl PageGrid {
    /// A table with these columns, and no rows so far.
    pub fn new<C: Into<String>>(title: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        Self {
            title: title.into(),
            generator: concat!("skyspan ", env!("CARGO_PKG_VERSION")),
            summary: Vec::new(),
            notes: Vec::new(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            legend: Vec::new(),
            redaction: Some(Redaction::new()),
            traces_max: TRACES_MAX_BYTES,
        }
    }

    /// A line at the top.
    pub fn summary(mut self, line: impl Into<String>) -> Self {
        self.summary.push(line.into());
        self
    }

    /// Something that is said above the table, with a mark that cells have, and the name of a cell to look at.
    pub fn note(
        mut self,
        mark: impl Into<String>,
        tone: Tone,
        text: impl Into<String>,
        cell: impl Into<String>,
    ) -> Self {
        self.notes.push(GridNote { mark: mark.into(), tone, text: text.into(), cell: cell.into() });
        self
    }

    /// One more row.
    pub fn row(mut self, row: GridRow) -> Self {
        self.rows.push(row);
        self
    }

    /// A line below the table, on what the marks mean.
    pub fn legend(mut self, line: impl Into<String>) -> Self {
        self.legend.push(line.into());
        self
    }

    /// The traces take so many bytes together at most; [`TRACES_MAX_BYTES`] unless this is said.
    pub fn traces_max(self, bytes: usize) -> Self {
        Self { traces_max: bytes, ..self }
    }

    /// What is taken out of the texts and the traces; what looks like a secret unless this is said, and nothing where there is none.
    pub fn redaction(self, redaction: Option<Redaction>) -> Self {
        Self { redaction, ..self }
    }

    /// Writes the page. The pages are those of cells, by the place of each among all cells, row by row. They are asked for one after
    /// another until all traces together are too large; the cells of the others say so, and how to look at them again.
    ///
    /// # Errors
    ///
    /// Those of what it is written to.
    pub fn write(&self, pages: impl IntoIterator<Item = (usize, Page)>, out: &mut dyn Write) -> io::Result<()> {
        let mut pages = pages.into_iter();
        let grid = self.redacted();
        write_grid(&grid, &grid.title, &Shell::of_pages(), out, |out| {
            let mut room = self.traces_max;
            while room > 0 {
                let Some((cell, page)) = pages.next() else { break };
                let page = match &self.redaction {
                    Some(redaction) => page.redaction(redaction.clone()),
                    None => page.unredacted(),
                };
                room = room.saturating_sub(super::write::write_data_of(&page, cell, room, out)?);
            }
            Ok(())
        })
    }

    /// The same without what looks like a secret in its texts. A secret that only its key tells is known within the traces alone.
    fn redacted(&self) -> Self {
        let mut grid = self.clone();
        let Some(redaction) = &self.redaction else { return grid };
        let clean = |text: &mut String| *text = redaction.words(&Text::from(text.as_str())).to_string();
        clean(&mut grid.title);
        grid.summary.iter_mut().chain(&mut grid.legend).for_each(clean);
        grid.notes.iter_mut().for_each(|note| clean(&mut note.text));
        for row in &mut grid.rows {
            clean(&mut row.label);
            clean(&mut row.group);
            for (_, cell) in &mut row.cells {
                clean(&mut cell.text);
                clean(&mut cell.again);
            }
        }
        grid
    }
}
