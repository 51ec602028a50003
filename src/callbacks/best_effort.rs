//! [`BestEffortCallback`]: shows a run as well as its documents allow.

use std::fmt;
use std::io::{self, Write};

use super::best_effort_run::{Dimensions, hinted_fields};
use super::format::{date_and_time, plain, str_of};
use super::table::{Table, TableOptions};
use super::{DocumentRouter, PeakResults, PeakStats};
use crate::document::{Descriptor, Event, RunStart, RunStop};
use crate::message::PlanError;
use crate::value::{Text, Value, repr_str};

/// Shows a run as well as can be told from its documents: which one it is, its new streams, its baseline before and after,
/// and a table of what the plan and the devices hint at (`bluesky.callbacks.best_effort.BestEffortCallback`, 1.15.1, with
/// `disable_plots()`). It plots nothing, but finds the [peaks](Self::peaks) that bluesky would mark in its plots.
///
/// ```
/// use skyspan::callbacks::{BestEffortCallback, DocumentRouter};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (mut read, write) = std::io::pipe()?;
/// let shown = BestEffortCallback::new().sink(write);
/// let peaks = shown.peaks();
/// lab.with_engine(|engine| engine.subscribe(shown.into_callback()));
/// lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), -2, 2, 9)).assert_success();
/// assert_eq!(peaks.get("det").map(|peak| peak.max), Some((0.0, 1.0)));
/// # drop(lab);
/// let mut printed = String::new();
/// std::io::Read::read_to_string(&mut read, &mut printed)?;
/// assert!(printed.starts_with("\n\nTransient Scan ID: 1     Time: 2024-06-18 08:40:56\nPersistent Unique Scan ID: '"));
/// assert!(printed.contains("New stream: 'primary'\n+-----------+"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// The text is bluesky's to the byte, but for the times: bluesky shows those of the time zone of its computer, this always
/// UTC. It never ends a run: what cannot be shown, or not be written, is left out, as bluesky leaves it out.
///
/// It shows one run at a time. For runs that overlap give each its own, by a [`RunRouter`](super::RunRouter).
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of bluesky's")]
pub struct BestEffortCallback {
    sink: Box<dyn Write + Send>,
    has_heading: bool,
    has_table: bool,
    has_baseline: bool,
    calc_derivative: bool,
    peaks: PeakResults,

    start: Option<RunStart>,
    dimensions: Option<Dimensions>,
    descriptors: Vec<Descriptor>,
    streams_seen: Vec<Text>,
    table: Option<Table>,
    /// Those of a descriptor's uid and a data key.
    peak_stats: Vec<(Text, Text, PeakStats)>,
    /// What stands below the table: the baseline at the end.
    below: String,
    /// The next baseline is that of the end.
    baseline_was_shown: bool,
}

impl Default for BestEffortCallback {
    fn default() -> Self {
        Self::new()
    }
}

impl BestEffortCallback {
    /// All of it, on standard output.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sink: Box::new(io::stdout()),
            has_heading: true,
            has_table: true,
            has_baseline: true,
            calc_derivative: false,
            peaks: PeakResults::default(),
            start: None,
            dimensions: None,
            descriptors: Vec::new(),
            streams_seen: Vec::new(),
            table: None,
            peak_stats: Vec::new(),
            below: String::new(),
            baseline_was_shown: false,
        }
    }

    /// Where it is printed.
    #[must_use]
    pub fn sink(self, sink: impl Write + Send + 'static) -> Self {
        Self { sink: Box::new(sink), ..self }
    }

    /// Without the time and the ids at the top of a run.
    #[must_use]
    pub fn disable_heading(self) -> Self {
        Self { has_heading: false, ..self }
    }

    /// Without the table, and without a word on new streams.
    #[must_use]
    pub fn disable_table(self) -> Self {
        Self { has_table: false, ..self }
    }

    /// Without the readings of the baseline. Without the table, too, nothing is printed at all.
    #[must_use]
    pub fn disable_baseline(self) -> Self {
        Self { has_baseline: false, ..self }
    }

    /// Finds the peaks of the derivatives, too.
    #[must_use]
    pub fn calc_derivative_and_stats(self) -> Self {
        Self { calc_derivative: true, ..self }
    }

    /// The peaks of the last run that has ended, over its dimension if it has one: of the numbers that the table shows.
    #[must_use]
    pub fn peaks(&self) -> PeakResults {
        self.peaks.clone()
    }

    fn print(&mut self, text: &str) {
        if !text.is_empty() && (self.has_table || self.has_baseline) {
            // A table on a terminal that is gone is no reason to end a run.
            let _ = self.sink.write_all(text.as_bytes()).and_then(|()| self.sink.flush());
        }
    }

    /// Looks for peaks in the columns of a stream, where bluesky would plot them.
    fn look_for_peaks(&mut self, start: &RunStart, dimensions: &Dimensions, stream: &Descriptor, columns: &[Text]) {
        let is_dim_stream = stream.name == dimensions.stream;
        let is_single = start.metadata.get("num_points").and_then(Value::as_i64) == Some(1);
        if stream.name == "baseline" || (is_single && is_dim_stream) {
            return;
        }
        let x = match &*dimensions.fields {
            _ if !is_dim_stream => Text::literal("time"),
            [x] => x.clone(),
            _ => return,
        };
        for y in columns {
            let described = stream.data_keys.iter().find(|(key, _)| key == y).map(|(_, described)| described);
            let dtype = described.and_then(|described| described.get("dtype")).and_then(Value::as_str);
            if matches!(dtype, Some("number" | "integer")) {
                let peak = PeakStats::new(x.clone(), y.clone());
                let peak = if self.calc_derivative { peak.calc_derivative_and_stats() } else { peak };
                self.peak_stats.push((stream.uid.clone(), y.clone(), peak));
            }
        }
    }

    /// The text of a baseline, as far as it can be shown.
    fn baseline(&self, descriptor: &Descriptor, event: &Event, subject: &str) -> String {
        if !self.has_baseline {
            return String::new();
        }
        let columns = hinted_fields(descriptor);
        let border = format!("+{0}+{0}+\n", "-".repeat(32));
        let mut text = format!("{subject} baseline readings:\n{border}");
        for (key, reading) in event.readings.iter().filter(|(key, _)| columns.contains(key)) {
            let Some(value) = plain(&reading.value) else { return text };
            text.push_str(&format!("| {key:>30} | {value:<30} |\n"));
        }
        text + &border
    }
}

impl DocumentRouter for BestEffortCallback {
    fn start(&mut self, start: &RunStart) -> Result<(), PlanError> {
        self.descriptors.clear();
        self.streams_seen.clear();
        self.table = None;
        self.peak_stats.clear();
        self.peaks.clear();
        self.below.clear();
        self.baseline_was_shown = false;
        self.start = Some(start.clone());
        let was_guessed = self.dimensions.take().is_some_and(|dimensions| dimensions.are_guessed);
        self.dimensions = Dimensions::of(start);
        let Some(dimensions) = &mut self.dimensions else { return Ok(()) };
        dimensions.are_guessed |= was_guessed;
        if self.has_heading {
            let scan_id = start.metadata.get("scan_id").map(str_of).unwrap_or_default();
            let time = date_and_time(start.time);
            self.print(&format!(
                "\n\nTransient Scan ID: {scan_id}     Time: {time}\nPersistent Unique Scan ID: '{}'\n",
                start.uid
            ));
        }
        Ok(())
    }

    fn descriptor(&mut self, descriptor: &Descriptor) -> Result<(), PlanError> {
        self.descriptors.push(descriptor.clone());
        if !self.streams_seen.contains(&descriptor.name) {
            self.streams_seen.push(descriptor.name.clone());
            if self.has_table {
                self.print(&format!("New stream: {}\n", repr_str(&descriptor.name)));
            }
        }
        let (Some(start), Some(mut dimensions)) = (self.start.clone(), self.dimensions.take()) else { return Ok(()) };
        let is_settled =
            descriptor.name != "primary" || !dimensions.are_guessed || dimensions.settle(descriptor).is_some();
        if is_settled {
            let mut columns = hinted_fields(descriptor);
            columns.retain(|column| !dimensions.all_fields.contains(column));
            self.look_for_peaks(&start, &dimensions, descriptor, &columns);
            if descriptor.name == dimensions.stream && self.has_table {
                let fields = dimensions.all_fields.iter().cloned().chain(columns).collect();
                let mut table = Table::new(TableOptions { separator_lines: false, ..TableOptions::new(fields) });
                table.start(&start);
                let lines = table.descriptor(descriptor);
                self.print(&lines);
                self.table = Some(table);
            }
        }
        self.dimensions = Some(dimensions);
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), PlanError> {
        let known = self.descriptors.iter().position(|descriptor| descriptor.uid == event.descriptor);
        let Some(descriptor) = known.map(|at| &self.descriptors[at]) else { return Ok(()) };
        if descriptor.name == "primary" {
            let row = self.table.as_mut().map(|table| table.event(event)).unwrap_or_default();
            self.print(&row);
        } else if descriptor.name == "baseline" {
            let is_end = self.baseline_was_shown;
            self.baseline_was_shown = !is_end;
            let subject = if is_end { "End-of-run" } else { "Start-of-run" };
            let text = self.baseline(descriptor, event, subject);
            if is_end {
                self.below.push_str(&text);
            } else {
                self.print(&text);
            }
        }
        let of_it = self.peak_stats.iter_mut().filter(|(uid, _, _)| *uid == event.descriptor);
        for (_, _, peak) in of_it {
            peak.event(event)?;
        }
        Ok(())
    }

    fn stop(&mut self, stop: &RunStop) -> Result<(), PlanError> {
        let lines = self.table.as_ref().map(|table| table.stop(stop)).unwrap_or_default();
        self.print(&lines);
        for (_, key, peak) in &mut self.peak_stats {
            // What is no number has no peak, and is no reason to end a run.
            let _ = peak.compute();
            self.peaks.put(key, peak);
        }
        if self.has_baseline {
            let below = std::mem::take(&mut self.below);
            self.print(&format!("{below}\n\n\n"));
        }
        Ok(())
    }
}

impl fmt::Debug for BestEffortCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BestEffortCallback").field("peaks", &self.peaks).finish_non_exhaustive()
    }
}
