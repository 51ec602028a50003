//! [`TortureReport`]: the map as an HTML page, whose cells show what came of them.

use std::io;

use super::aftermath::{happened, told};
use super::draw::{Cell, counted, runs_of, said_of};
use super::finding::Finding;
use super::leftover::Verdict;
use super::run_end::rows_of;
use super::subject::Keeps;
use super::undisturbed::Undisturbed;
use super::{CaseId, Torture, TortureError, TortureMap, Tortured};
use crate::page::{GridCell, GridRow, Page, PageGrid, Tone};
use crate::trace::Redaction;

/// A map as an HTML page: a table with a cell for each message and each trouble. Where one is chosen, the page says what came of the case,
/// and shows its trace. Made by [`Torture::report`].
#[must_use = "a page is only made when it is written"]
pub struct TortureReport<'t> {
    torture: &'t Torture<'t>,
    map: &'t TortureMap,
    undisturbed: Undisturbed,
    title: String,
    command: String,
    redaction: Option<Redaction>,
    traces_max: Option<usize>,
}

impl<'t> Torture<'t> {
    /// What came of all cases as an HTML page, from which each is looked at. `map` is that of [`run`](Self::run); for their traces, the
    /// cases run again as the page is written.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::torture::{Torture, Trouble};
    ///
    /// let torture = Torture::plan(|lab| plans::count(&lab.device("det"), 1)).only([Trouble::Abort]);
    /// let map = torture.run()?;
    /// let html = torture.report(&map)?.title("the count of tonight").to_html();
    /// assert!(html.contains("the count of tonight") && html.contains("case 22: the plan is aborted"));
    /// # Ok::<(), skyspan::torture::TortureError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TortureError`], where the undisturbed run comes to no end.
    pub fn report(&'t self, map: &'t TortureMap) -> Result<TortureReport<'t>, TortureError> {
        let (undisturbed, _) = self.undisturbed(None, None)?;
        let (title, command) = ("torture".to_owned(), String::new());
        let redaction = Some(Redaction::new());
        Ok(TortureReport { torture: self, map, undisturbed, title, command, redaction, traces_max: None })
    }
}

impl std::fmt::Debug for TortureReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TortureReport")
            .field("title", &self.title)
            .field("torture", self.torture)
            .finish_non_exhaustive()
    }
}

impl TortureReport<'_> {
    /// What the page is called; `torture` unless this is said.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// The command that runs a case again, without its number: `skyspan torture plan.yaml --case`.
    pub fn command(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }

    /// The traces take so many bytes together at most; [`TRACES_MAX_BYTES`](crate::page::TRACES_MAX_BYTES) unless this is said. What is left
    /// and what hangs come first.
    pub fn traces_max(self, bytes: usize) -> Self {
        Self { traces_max: Some(bytes), ..self }
    }

    /// What is taken out of the texts and the traces; what looks like a secret unless this is said, and nothing where there is none.
    pub fn redaction(self, redaction: Option<Redaction>) -> Self {
        Self { redaction, ..self }
    }

    /// The page as one HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory does not fail, and JSON is UTF-8.
        let _ = self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes the page.
    ///
    /// # Errors
    ///
    /// Those of what it is written to.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let pages = self.in_order().into_iter().filter_map(|place| Some((place, self.page(place)?)));
        self.grid().write(pages, out)
    }

    fn grid(&self) -> PageGrid {
        let map = self.map;
        let columns = map.columns();
        let mut grid = PageGrid::new(&self.title, columns.iter().map(|trouble| trouble.name()));
        grid = grid.redaction(self.redaction.clone());
        grid = self.traces_max.into_iter().fold(grid, PageGrid::traces_max);
        grid = grid.summary(counted(map));
        grid = said_of(map).into_iter().fold(grid, PageGrid::summary);
        let others = map.cases.len() - map.cells();
        if others > 0 {
            grid = grid.summary(format!("{others} runs of pairs and of other orders are not in this table"));
        }
        let noted = |grid: PageGrid, finding: &Finding, tone: Tone| {
            let text = format!("{}: {}", finding.text, runs_of(finding));
            grid.note(finding.mark.to_string(), tone, text, finding.first.to_string())
        };
        for finding in &map.findings {
            let tone = if finding.is_of_hanging() { Tone::Worst } else { Tone::Bad };
            grid = noted(grid, finding, tone);
        }
        grid = map.excused.iter().fold(grid, |grid, finding| noted(grid, finding, Tone::Known));
        let marks = map.marks();
        let several = map.rows.last().is_some_and(|row| row.item > 0);
        let mut cases = map.cases[..map.cells()].iter().peekable();
        for row in &map.rows {
            let section = row.section.as_deref().unwrap_or_default();
            let group = match (several, section) {
                (true, "") => format!("item {}", row.item + 1),
                (true, section) => format!("item {}, {section}", row.item + 1),
                (false, section) => section.to_owned(),
            };
            let mut of_row = GridRow::new(format!("{} {}", row.number, row.text)).group(group);
            let mut has_cells = false;
            while let Some((case, aftermath)) = cases.next_if(|(case, _)| case.troubles[0].message == row.number) {
                let trouble = case.troubles[0].trouble;
                let Some(column) = columns.iter().position(|column| *column == trouble) else { continue };
                let mark = Cell::of(aftermath, &marks).text();
                let cell = GridCell::new(case.to_string(), mark, tone_of(aftermath.verdict));
                let cell = cell.text(told(case, &happened(row, trouble), aftermath)).again(self.again(case));
                of_row = of_row.cell(column, cell);
                has_cells = true;
            }
            if has_cells {
                grid = grid.row(of_row);
            }
        }
        grid.legend("· as before   ○ ended, at home   A, B something is left   ✗ hangs   h, w no plan can help it")
    }

    fn again(&self, case: &CaseId) -> String {
        if self.command.is_empty() { String::new() } else { format!("{} {case}", self.command) }
    }

    /// The cells in the order in which their traces are wanted: of each finding one, then what is not well, then all.
    fn in_order(&self) -> Vec<usize> {
        let cells = &self.map.cases[..self.map.cells()];
        let first =
            |case: &CaseId| self.map.findings.iter().chain(&self.map.excused).any(|finding| finding.first == *case);
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_by_cached_key(|at| {
            let (case, aftermath) = &cells[*at];
            (!first(case), aftermath.verdict.is_well(), std::cmp::Reverse(aftermath.verdict))
        });
        order
    }

    /// The page of a case.
    fn page(&self, place: usize) -> Option<Page> {
        let (case, _) = self.map.cases.get(place)?;
        let rows = rows_of(&self.undisturbed.rows, &case.troubles)?;
        let (end, shown) = self.torture.run_case(&self.undisturbed, &rows, case.order, Keeps::All).ok()?;
        let tortured = Tortured::new(case.clone(), &rows, self.undisturbed.judge(end, &rows), shown);
        Some(tortured.page())
    }
}

impl Tortured {
    /// Its trace as an HTML page, with pauses and suspensions, and what is left on top.
    pub fn page(&self) -> Page {
        let page = Page::of(self.trace()).title(format!("case {}", self.case)).lulls(self.lulls().iter().cloned());
        let page = self.aftermath.hung.iter().fold(page, |page, hung| page.trouble(hung.to_string()));
        self.aftermath.leftovers.iter().fold(page, |page, left| page.trouble(left.to_string()))
    }
}

const fn tone_of(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::AsBefore => Tone::Quiet,
        Verdict::AtHome => Tone::Good,
        Verdict::Excused => Tone::Known,
        Verdict::Left => Tone::Bad,
        Verdict::Hung => Tone::Worst,
    }
}
