//! [`TortureDrawing`]: the map for people.

use std::fmt;
use std::io::IsTerminal as _;

use rustc_hash::FxHashMap;

use super::finding::{Alike, Finding, HUNG};
use super::fold::{Block, fold};
use super::home::KnownHome;
use super::leftover::Verdict;
use super::rest::Shown;
use super::{Aftermath, TortureMap, Trouble};
use crate::engine::ExitStatus;
use skyspan_trace::internal::{cut_to, grouped, one_line, seen, terminal_width, to_left, to_right, width_of};

/// How wide it is where nobody says how wide.
const WIDTH: usize = 80;
/// Nothing can be read in less.
const WIDTH_MIN: usize = 60;
/// How wide a column is.
const COLUMN: usize = 5;
/// How wide the numbers of messages are.
const NUMBER: usize = 6;

const DIM: &str = "\x1b[2m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[1;33m";
const RED: &str = "\x1b[1;31m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// A map for people: what is left where, then the map. Made by [`TortureMap::draw`].
#[derive(Clone, Copy, Debug)]
#[must_use = "it is only drawn when it is displayed"]
pub struct TortureDrawing<'a> {
    map: &'a TortureMap,
    width: usize,
    in_color: bool,
    is_unfolded: bool,
}

impl TortureMap {
    /// The map for people, 80 columns wide and without colours unless one says otherwise.
    pub const fn draw(&self) -> TortureDrawing<'_> {
        TortureDrawing { map: self, width: WIDTH, in_color: false, is_unfolded: false }
    }
}

impl TortureDrawing<'_> {
    /// No line is wider; 60 at least.
    pub fn width(self, width: usize) -> Self {
        Self { width: width.max(WIDTH_MIN), ..self }
    }

    /// Whether it is drawn in the colours of a terminal.
    pub const fn colored(self, in_color: bool) -> Self {
        Self { in_color, ..self }
    }

    /// Draws rows that repeat as often as they are there.
    pub const fn unfolded(self) -> Self {
        Self { is_unfolded: true, ..self }
    }

    /// As wide as the terminal, and in its colours, where standard output is one; `NO_COLOR` of the environment has its usual meaning.
    pub fn for_stdout(self) -> Self {
        let said = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_colored = (std::io::stdout().is_terminal() || said("CLICOLOR_FORCE")) && !said("NO_COLOR");
        self.width(terminal_width().unwrap_or(WIDTH)).colored(is_colored)
    }

    fn painted(&self, color: &str, text: &str) -> String {
        if self.in_color && !text.trim().is_empty() { format!("{color}{text}{RESET}") } else { text.to_owned() }
    }

    /// A line of at most so many columns, behind an indent.
    fn line(&self, f: &mut fmt::Formatter<'_>, indent: usize, text: &str) -> fmt::Result {
        let text = one_line(&seen(text));
        writeln!(f, "{:indent$}{}", "", cut_to(&text, self.width.saturating_sub(indent)))
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let map = self.map;
        let counted = |verdict| grouped(map.count(verdict) as u64);
        let runs = format!("{} messages, {} runs: ", grouped(map.rows.len() as u64), grouped(map.cases.len() as u64));
        let came_to = format!(
            "{} as before, {} at home, {} leave something, {} hang",
            counted(Verdict::AsBefore),
            counted(Verdict::AtHome),
            counted(Verdict::Left),
            counted(Verdict::Hung),
        );
        if width_of(&runs) + width_of(&came_to) > self.width {
            writeln!(f, "{}", self.painted(BOLD, runs.trim_end()))?;
            writeln!(f, "{}", self.painted(BOLD, &cut_to(&came_to, self.width)))?;
        } else {
            writeln!(f, "{}", self.painted(BOLD, &(runs + &came_to)))?;
        }
        let end = &map.undisturbed;
        if end.exit_status != ExitStatus::Success || end.error.is_some() {
            let error = end.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
            self.line(f, 0, &format!("undisturbed, it ends as {}{error}", end.exit_status))?;
        }
        for left in &end.leftovers {
            self.line(f, 0, &format!("undisturbed, {left}"))?;
        }
        if !map.homes.is_empty() {
            let said = |is_said| {
                // What nobody sets stays where it is.
                let is_set = |home: &KnownHome| {
                    map.rows.iter().any(|row| row.target.is_some() && row.device.as_ref() == Some(&home.device))
                };
                let is_told = move |home: &&KnownHome| home.is_said == is_said && (is_said || is_set(home));
                let homes = map.homes.iter().filter(is_told);
                homes.map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            for (homes, from) in [(said(false), ""), (said(true), ", as is said")] {
                if !homes.is_empty() {
                    self.line(f, 0, &format!("home: {homes}{from}"))?;
                }
            }
        }
        if !map.no_homes.is_empty() {
            let moved =
                map.no_homes.iter().map(|it| format!("{} ({} → {})", it.device, Shown(&it.start), Shown(&it.end)));
            let moved = moved.collect::<Vec<_>>().join(", ");
            self.line(f, 0, &format!("no home, as the plan leaves it elsewhere: {moved}"))?;
        }
        Ok(())
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.map.findings.is_empty() {
            return writeln!(f, "{}", self.painted(GREEN, "nothing is left, nothing hangs"));
        }
        for finding in &self.map.findings {
            let color = if finding.mark == HUNG { RED } else { YELLOW };
            let text = one_line(&seen(&finding.text));
            let text = cut_to(&text, self.width.saturating_sub(3));
            writeln!(f, "{}  {text}", self.painted(color, &finding.mark.to_string()))?;
            self.line(f, 3, &told(finding))?;
        }
        Ok(())
    }

    /// The columns: those of what can happen somewhere.
    fn columns(&self) -> Vec<Trouble> {
        let cells = &self.map.cases[..self.map.cells()];
        let comes = |trouble: &Trouble| cells.iter().any(|(case, _)| case.troubles[0].trouble == *trouble);
        self.map.troubles.iter().copied().filter(comes).collect()
    }

    fn label_width(&self, columns: usize) -> usize {
        self.width.saturating_sub(NUMBER + 1 + COLUMN * columns).clamp(12, 60)
    }

    fn heading(&self, f: &mut fmt::Formatter<'_>, columns: &[Trouble]) -> fmt::Result {
        let left = NUMBER + 1 + self.label_width(columns.len());
        let digits: String = columns.iter().map(|trouble| format!(" {:<4}", trouble.digit())).collect();
        writeln!(f, "{:left$}{}", "", digits.trim_end())?;
        // Their names are longer than the columns are wide.
        for first in 0..2 {
            let mut line = if first == 0 { to_left("message", left) } else { " ".repeat(left) };
            for (at, trouble) in columns.iter().enumerate().filter(|(at, _)| at % 2 == first) {
                line = to_left(&line, left + at * COLUMN + 1) + trouble.name();
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn map(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        let shown: Vec<usize> = self.shown_rows();
        if columns.is_empty() || shown.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        self.heading(f, &columns)?;
        let marks = self.marks();
        let cells: FxHashMap<(u64, Trouble), &Aftermath> = {
            let cells = &self.map.cases[..self.map.cells()];
            cells.iter().map(|(case, it)| ((case.troubles[0].message, case.troubles[0].trouble), it)).collect()
        };
        let cell = |row: usize, trouble: Trouble| {
            cells.get(&(self.map.rows[row].number, trouble)).map_or(Cell::Cannot, |it| Cell::of(it, &marks))
        };
        let row_cells: Vec<Vec<Cell>> =
            shown.iter().map(|row| columns.iter().map(|trouble| cell(*row, *trouble)).collect()).collect();
        let keys: Vec<_> = shown
            .iter()
            .zip(&row_cells)
            .map(|(row, cells)| {
                let row = &self.map.rows[*row];
                (row.item, &row.section, &row.command, &row.device, cells)
            })
            .collect();
        let blocks = if self.is_unfolded { vec![Block { from: 0, rows: keys.len(), times: 1 }] } else { fold(&keys) };
        let several = self.map.rows.last().is_some_and(|row| row.item > 0);
        let mut place = (None, None);
        for Block { from, rows, times } in blocks {
            for at in from..from + rows {
                let row = &self.map.rows[shown[at]];
                let here = (several.then_some(row.item), row.section.as_ref());
                if place != here {
                    self.place(f, here, several)?;
                    place = here;
                }
                self.row(f, shown[at], &row_cells[at], times > 1)?;
            }
            if times > 1 {
                let last = self.map.rows[shown[from + rows * times - 1]].number;
                let what = if rows == 1 { "this".to_owned() } else { format!("these {rows}") };
                let text = format!("{:>NUMBER$} ╰ {what} ×{}, to message {last}", "", grouped(times as u64));
                writeln!(f, "{}", self.painted(DIM, &text))?;
            }
        }
        Ok(())
    }

    /// The places of the rows at which something happens.
    fn shown_rows(&self) -> Vec<usize> {
        let cells = &self.map.cases[..self.map.cells()];
        let mut rows: Vec<usize> = cells
            .iter()
            .filter_map(|(case, _)| usize::try_from(case.troubles[0].message).ok()?.checked_sub(1))
            .collect();
        rows.dedup();
        rows
    }

    fn marks(&self) -> FxHashMap<&Alike, char> {
        self.map.findings.iter().map(|finding| (&finding.alike, finding.mark)).collect()
    }

    /// Which item and which section begins.
    fn place(
        &self,
        f: &mut fmt::Formatter<'_>,
        (item, section): (Option<usize>, Option<&crate::value::Text>),
        several: bool,
    ) -> fmt::Result {
        let item = item.filter(|_| several).map(|item| format!("item {}", item + 1));
        let parts: Vec<String> = item.into_iter().chain(section.map(ToString::to_string)).collect();
        let text = if parts.is_empty() { "outside of sections".to_owned() } else { parts.join(", ") };
        let text = one_line(&seen(&text));
        let text = format!("{:>NUMBER$} {}", "", cut_to(&text, self.width - NUMBER - 2));
        writeln!(f, "{}", self.painted(BOLD, &(text + ":")))
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, row: usize, cells: &[Cell], is_folded: bool) -> fmt::Result {
        let message = &self.map.rows[row];
        let width = self.label_width(cells.len());
        let bar = if is_folded { "│ " } else { "" };
        let text = one_line(&seen(&message.text));
        let room = width - width_of(bar) - 1;
        let label = to_left(&format!("{bar}{}", cut_to(&text, room)), width);
        let mut line = format!("{} {label}", to_right(&message.number.to_string(), NUMBER));
        for cell in cells {
            let symbol = to_left(&cell.text(), COLUMN - 1);
            line += &format!(" {}", self.painted(cell.color(), &symbol));
        }
        writeln!(f, "{}", line.trim_end())
    }

    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.map.cells() == 0 {
            return Ok(());
        }
        writeln!(f)?;
        self.line(f, 0, "· as before   ○ ended, at home   A, B left, see above   ✗ hangs   blank: cannot")?;
        let example = self.map.findings.iter().find(|finding| finding.messages.is_some()).map(|finding| &finding.first);
        let example = example.or(self.map.cases.first().map(|(case, _)| case));
        if let Some(case) = example
            && let Some((message, trouble)) = case.troubles().next()
        {
            let digit = trouble.digit();
            let text =
                format!("a case is its message and column: --case {case} is message {message}, {digit} {trouble}");
            self.line(f, 0, &text)?;
        }
        Ok(())
    }
}

/// A cell of the map.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Cell {
    /// It cannot happen there.
    Cannot,
    Well(Verdict),
    Left(Vec<char>),
    Hung,
}

impl Cell {
    fn of(aftermath: &Aftermath, marks: &FxHashMap<&Alike, char>) -> Self {
        match aftermath.verdict {
            Verdict::Hung => Self::Hung,
            Verdict::Left => {
                let marks = aftermath.leftovers.iter().filter_map(|left| marks.get(&Alike::left(left)).copied());
                let mut marks: Vec<char> = marks.collect();
                marks.sort_unstable();
                marks.dedup();
                Self::Left(marks)
            }
            verdict => Self::Well(verdict),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Cannot => String::new(),
            Self::Well(Verdict::AsBefore) => "·".to_owned(),
            Self::Well(_) => "○".to_owned(),
            Self::Left(marks) if marks.len() < COLUMN => marks.iter().collect(),
            Self::Left(marks) => marks.iter().take(COLUMN - 2).chain(&['+']).collect(),
            Self::Hung => HUNG.to_string(),
        }
    }

    const fn color(&self) -> &'static str {
        match self {
            Self::Cannot | Self::Well(Verdict::AsBefore) => DIM,
            Self::Well(_) => GREEN,
            Self::Left(_) => YELLOW,
            Self::Hung => RED,
        }
    }
}

/// In which cases something is found.
fn told(finding: &Finding) -> String {
    let by = finding.by_trouble.iter().map(|(trouble, count)| format!("{trouble} {}", grouped(*count as u64)));
    let by: Vec<String> = by.collect();
    let at = match finding.messages {
        None => "only with two troubles, or in another order".to_owned(),
        Some((first, last)) if first == last => format!("at message {first}"),
        Some((first, last)) => format!("at messages {first} to {last}"),
    };
    let by = if by.is_empty() { String::new() } else { format!(": {}", by.join(", ")) };
    let runs = if finding.cases == 1 { "1 run".to_owned() } else { format!("{} runs", grouped(finding.cases as u64)) };
    format!("--case {}, {runs} {at}{by}", finding.first)
}

impl fmt::Display for TortureDrawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        writeln!(f)?;
        self.findings(f)?;
        self.map(f)?;
        self.legend(f)
    }
}

impl fmt::Display for TortureMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draw().fmt(f)
    }
}
