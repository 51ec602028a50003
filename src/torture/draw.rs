//! [`TortureDrawing`]: the map for people.

use std::fmt;
use std::io::IsTerminal as _;

use rustc_hash::FxHashMap;

use super::excuse::Excuse;
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
const BLUE: &str = "\x1b[34m";
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

    /// The columns: those of what can happen somewhere.
    pub(super) fn columns(&self) -> Vec<Trouble> {
        let cells = &self.cases[..self.cells()];
        let comes = |trouble: &Trouble| cells.iter().any(|(case, _)| case.troubles[0].trouble == *trouble);
        self.troubles.iter().copied().filter(comes).collect()
    }

    /// By which letters cells have what is left.
    pub(super) fn marks(&self) -> FxHashMap<&Alike, char> {
        self.findings.iter().map(|finding| (&finding.alike, finding.mark)).collect()
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
        let counted = counted(self.map);
        let (runs, came_to) = counted.split_once(": ").unwrap_or((&counted, ""));
        if width_of(&counted) > self.width {
            writeln!(f, "{}", self.painted(BOLD, &format!("{runs}:")))?;
            writeln!(f, "{}", self.painted(BOLD, &cut_to(came_to, self.width)))?;
        } else {
            writeln!(f, "{}", self.painted(BOLD, &counted))?;
        }
        said_of(self.map).iter().try_for_each(|line| self.line(f, 0, line))
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.map.findings.is_empty() {
            let but = if self.map.excused.is_empty() { "" } else { " that a plan could help" };
            writeln!(f, "{}", self.painted(GREEN, &format!("nothing is left, nothing hangs{but}")))?;
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

    /// What no plan could help, each on one line.
    fn excused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.map.excused.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nno plan can help these; --strict counts them:")?;
        for finding in &self.map.excused {
            let mark = self.painted(BLUE, &finding.mark.to_string());
            let runs = runs_of(finding);
            let text = format!("{}: {runs}, --case {}", finding.text, finding.first);
            writeln!(f, "{mark}  {}", cut_to(&text, self.width.saturating_sub(3)))?;
        }
        Ok(())
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
        let columns = self.map.columns();
        let shown: Vec<usize> = self.shown_rows();
        if columns.is_empty() || shown.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        self.heading(f, &columns)?;
        let marks = self.map.marks();
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
        let excused = if self.map.excused.is_empty() { "" } else { "   h, w excused" };
        self.line(f, 0, &format!("· as before   ○ at home   A, B left{excused}   ✗ hangs   blank: cannot"))?;
        let mut known = self.map.findings.iter().chain(&self.map.excused);
        let example = known.find(|finding| finding.messages.is_some()).map(|finding| &finding.first);
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

/// How many runs came to what.
pub(super) fn counted(map: &TortureMap) -> String {
    let counted = |verdict| grouped(map.count(verdict) as u64);
    let excused = match map.count(Verdict::Excused) {
        0 => String::new(),
        count => format!(", {} excused", grouped(count as u64)),
    };
    format!(
        "{} messages, {} runs: {} as before, {} at home, {} leave something, {} hang{excused}",
        grouped(map.rows.len() as u64),
        grouped(map.cases.len() as u64),
        counted(Verdict::AsBefore),
        counted(Verdict::AtHome),
        counted(Verdict::Left),
        counted(Verdict::Hung),
    )
}

/// How the undisturbed run ends, and where devices have to be, a line each.
pub(super) fn said_of(map: &TortureMap) -> Vec<String> {
    let mut lines = Vec::new();
    let end = &map.undisturbed;
    if end.exit_status != ExitStatus::Success || end.error.is_some() {
        let error = end.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
        lines.push(format!("undisturbed, it ends as {}{error}", end.exit_status));
    }
    lines.extend(end.leftovers.iter().map(|left| format!("undisturbed, {left}")));
    let said = |is_said| {
        // What nobody sets stays where it is.
        let is_set = |home: &KnownHome| {
            map.rows.iter().any(|row| row.target.is_some() && row.device.as_ref() == Some(&home.device))
        };
        let is_told = move |home: &&KnownHome| home.is_said == is_said && (is_said || is_set(home));
        let homes = map.homes.iter().filter(is_told);
        homes.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let homes = [(said(false), ""), (said(true), ", as is said")].into_iter().filter(|(homes, _)| !homes.is_empty());
    lines.extend(homes.map(|(homes, from)| format!("home: {homes}{from}")));
    if !map.no_homes.is_empty() {
        let moved = map.no_homes.iter();
        let moved = moved.map(|it| format!("{} ({} → {})", it.device, Shown(&it.start), Shown(&it.end)));
        let moved = moved.collect::<Vec<_>>().join(", ");
        lines.push(format!("no home, as the plan leaves it elsewhere: {moved}"));
    }
    lines
}

/// A cell of the map.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Cell {
    /// It cannot happen there.
    Cannot,
    Well(Verdict),
    Left(Vec<char>),
    Excused(Vec<char>),
    Hung,
}

impl Cell {
    pub(super) fn of(aftermath: &Aftermath, marks: &FxHashMap<&Alike, char>) -> Self {
        let excuses = aftermath.excuses().into_iter().map(Excuse::letter);
        match aftermath.verdict {
            Verdict::Hung => Self::Hung,
            Verdict::Excused => Self::Excused(excuses.collect()),
            Verdict::Left => {
                let marks = aftermath.leftovers.iter().filter_map(|left| marks.get(&Alike::left(left)).copied());
                let mut marks: Vec<char> = marks.collect();
                marks.sort_unstable();
                marks.dedup();
                Self::Left(marks.into_iter().chain(excuses).collect())
            }
            verdict => Self::Well(verdict),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Cannot => String::new(),
            Self::Well(Verdict::AsBefore) => "·".to_owned(),
            Self::Well(_) => "○".to_owned(),
            Self::Left(marks) | Self::Excused(marks) if marks.len() < COLUMN => marks.iter().collect(),
            Self::Left(marks) | Self::Excused(marks) => marks.iter().take(COLUMN - 2).chain(&['+']).collect(),
            Self::Hung => HUNG.to_string(),
        }
    }

    const fn color(&self) -> &'static str {
        match self {
            Self::Cannot | Self::Well(Verdict::AsBefore) => DIM,
            Self::Well(_) => GREEN,
            Self::Left(_) => YELLOW,
            Self::Excused(_) => BLUE,
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
    format!("--case {}, {} {at}{by}", finding.first, runs_of(finding))
}

pub(super) fn runs_of(finding: &Finding) -> String {
    if finding.cases == 1 { "1 run".to_owned() } else { format!("{} runs", grouped(finding.cases as u64)) }
}

impl fmt::Display for TortureDrawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        writeln!(f)?;
        self.findings(f)?;
        self.excused(f)?;
        self.map(f)?;
        self.legend(f)
    }
}

impl fmt::Display for TortureMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draw().fmt(f)
    }
}
