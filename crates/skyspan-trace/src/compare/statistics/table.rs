//! [`Statistics`] as tables, for people.

use std::fmt;
use std::time::Duration;

use super::{BetweenSpans, Held, Holder, RunStatistics, SectionStatistics, SpanGroup, Statistics, Times};
use crate::pad::{cut_to, one_line, width_of};
use crate::table::{grouped, table};
use crate::trace::rounded_duration;

/// As wide as tables are at most.
const WIDTH: usize = 80;
/// Of longer lists the first are shown, and how many there are more.
const ROWS_MAX: usize = 30;

/// A time in a table.
pub(in crate::compare) fn time(time: Duration) -> String {
    rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// What a row is of: a name, which is cut where there is no room, and what always stands behind it.
pub(in crate::compare) struct Label {
    name: String,
    pub(in crate::compare) behind: String,
}

impl Label {
    pub(in crate::compare) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), behind: String::new() }
    }

    fn fitting(&self, width: usize) -> String {
        let (name, behind) = (one_line(&self.name), cut_to(&one_line(&self.behind), width / 2).into_owned());
        if behind.is_empty() {
            return cut_within(&name, width);
        }
        format!("{}  {behind}", cut_within(&name, width.saturating_sub(width_of(&behind) + 2).max(8)))
    }
}

/// A text of at most so many columns; of a wider one the beginning and the end, which tells most of names.
fn cut_within(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let (before, behind) = (width / 3, width - width / 3 - 1);
    let fitting = |texts: &mut dyn Iterator<Item = char>, width: usize| -> String {
        let mut taken = 0;
        let fits = |c: &char| {
            taken += width_of(c.encode_utf8(&mut [0; 4]));
            taken <= width
        };
        texts.take_while(fits).collect()
    };
    let (begin, end) = (fitting(&mut text.chars(), before), fitting(&mut text.chars().rev(), behind));
    begin.chars().chain(['…']).chain(end.chars().rev()).collect()
}

/// A table that fits in the width, of the first rows.
pub(in crate::compare) fn fitting<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    head: [&str; N],
    rows: Vec<(Label, [String; N])>,
) -> fmt::Result {
    let more = rows.len().saturating_sub(ROWS_MAX);
    let mut taken = 0;
    for column in 1..N {
        let cells = rows.iter().take(ROWS_MAX).map(|(_, cells)| width_of(&cells[column]));
        taken += cells.chain([width_of(head[column])]).max().unwrap_or_default() + 2;
    }
    let room = WIDTH.saturating_sub(taken).max(16);
    let rows: Vec<[String; N]> = rows
        .into_iter()
        .take(ROWS_MAX)
        .map(|(label, mut cells)| {
            cells[0] = label.fitting(room);
            cells
        })
        .collect();
    table(f, Some(head), &rows, [0; N])?;
    if more > 0 {
        writeln!(f, "... and {} more", grouped(more as u64))?;
    }
    Ok(())
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64, word: &str| format!("{} {word}{}", grouped(count), if count == 1 { "" } else { "s" });
        let mut all = vec![time(self.duration), plural(self.spans, "span")];
        if !self.runs.is_empty() {
            all.push(plural(self.runs.len() as u64, "run"));
        }
        if !self.waits.is_empty() {
            let waits = plural(self.waits.len() as u64, "wait");
            all.push(format!("{waits} of {} ({})", time(self.waiting()), percent(self.waiting_share())));
        }
        writeln!(f, "{}", all.join(", "))?;
        held_table(f, &self.held)?;
        between_table(f, &self.between)?;
        section_table(f, &self.sections)?;
        run_table(f, &self.runs)?;
        group_table(f, &self.groups)
    }
}

impl Statistics {
    fn waiting_share(&self) -> f64 {
        super::span_group::share(self.waiting(), self.duration)
    }
}

fn held_table(f: &mut fmt::Formatter<'_>, held: &[Held]) -> fmt::Result {
    // Who was never waited for, and took no time, is nobody's concern.
    let telling = held.iter().filter(|held| !held.time.is_zero() || !held.status_time.is_zero());
    let rows = telling.map(|held| {
        let is_status = matches!(held.by, Holder::Status { .. });
        let cells = [
            String::new(),
            grouped(held.waits),
            time(held.time),
            percent(held.share),
            if is_status { time(held.alone) } else { String::new() },
            held.then.as_ref().map(|then| cut_to(&one_line(then), 12).into_owned()).unwrap_or_default(),
        ];
        (Label::new(held.by.to_string()), cells)
    });
    fitting(f, ["waits held by", "waits", "time", "share", "alone", "else by"], rows.collect())
}

fn between_table(f: &mut fmt::Formatter<'_>, between: &[BetweenSpans]) -> fmt::Result {
    let rows = between.iter().map(|it| {
        let Times { total, p50, max, .. } = it.times;
        let cells = [String::new(), grouped(it.count), time(total), percent(it.share), time(p50), time(max)];
        (Label::new(it.kind.as_str()), cells)
    });
    fitting(f, ["between", "times", "total", "share", "p50", "max"], rows.collect())
}

fn section_table(f: &mut fmt::Formatter<'_>, sections: &[SectionStatistics]) -> fmt::Result {
    let rows = sections.iter().map(|section| {
        let cells = [
            String::new(),
            grouped(section.count),
            time(section.times.total),
            percent(section.share),
            time(section.waiting),
            most(&section.held),
        ];
        (Label::new(section.name.as_str()), cells)
    });
    fitting(f, ["section", "count", "total", "share", "waiting", "mostly for"], rows.collect())
}

fn run_table(f: &mut fmt::Formatter<'_>, runs: &[RunStatistics]) -> fmt::Result {
    let rows = runs.iter().enumerate().map(|(at, run)| {
        let label = Label {
            name: format!("{} {}", at + 1, run.plan.as_deref().unwrap_or_default()),
            behind: run.exit_status.as_deref().unwrap_or("(no exit status)").to_owned(),
        };
        let cells =
            [String::new(), time(run.at), time(run.duration), time(run.waiting), time(run.between), most(&run.held)];
        (label, cells)
    });
    fitting(f, ["run", "at", "duration", "waiting", "between", "mostly for"], rows.collect())
}

/// What held waits longest.
fn most(held: &[Held]) -> String {
    let first = held.first().filter(|first| !first.time.is_zero());
    first.map(|first| cut_to(&one_line(&first.by.to_string()), 20).into_owned()).unwrap_or_default()
}

fn group_table(f: &mut fmt::Formatter<'_>, groups: &[SpanGroup]) -> fmt::Result {
    let rows = groups.iter().map(|group| {
        let mut values = group.key.iter().map(|(_, value)| value.as_deref().unwrap_or("-").to_owned());
        let mut label = Label::new(values.next().unwrap_or_default());
        // What has no device is no less than what it is.
        label.behind = values.filter(|value| value != "-").collect::<Vec<_>>().join("  ");
        let Times { total, p50, p95, max, .. } = group.times;
        let cells =
            [String::new(), grouped(group.count), time(total), time(group.self_time), time(p50), time(p95), time(max)];
        (label, cells)
    });
    fitting(f, ["spans", "count", "total", "self", "p50", "p95", "max"], rows.collect())?;
    let (open, failed) = groups.iter().fold((0, 0), |sum, group| (sum.0 + group.open, sum.1 + group.failed));
    match (open, failed) {
        (0, 0) => Ok(()),
        (open, 0) => writeln!(f, "\n{} never ended", grouped(open)),
        (0, failed) => writeln!(f, "\n{} failed", grouped(failed)),
        (open, failed) => writeln!(f, "\n{} failed, {} never ended", grouped(failed), grouped(open)),
    }
}
