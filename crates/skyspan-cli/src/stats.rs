//! `skyspan stats`.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use skyspan::compare::{Statistics, Times};
use skyspan::harness::{Chance, Estimate, Harness, ItemOutcome, Kept, WhatIf};
use skyspan::program::Program;
use skyspan::trace::{Lull, rounded_duration};
use skyspan::value::FormatVersion;
use skyspan::value::yaml::YamlError;
use skyspan_trace::internal::{cut_to, table};

use crate::arguments::TraceSource;
use crate::command::{CommandError, Ended, may_be_read, print};
use crate::run::{report, until};
use crate::time_text::time;
use crate::trace_source::{SourceTrace, is_plan, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct Stats {
    /// Of a trace in any format that skyspan reads, or of a plan file (`.yaml`, `.yml`), which is run on simulated hardware first.
    #[command(flatten)]
    pub(crate) source: TraceSource,
    /// Sums spans up by this in place of their name and device: an attribute of the span or its resource, name, kind, status or
    /// device. May be said several times.
    #[arg(long, value_name = "ATTRIBUTE")]
    pub(crate) by: Vec<String>,
    /// Of a plan: how long it would take with each device twice as quick in turn (its rate doubled, its exposure halved); or with what is
    /// said, as in `--what-if camera.exposure=0.1,stage.velocity=5`. Stands behind the file. May be said several times.
    #[arg(long, value_name = "DEVICE.OPTION=NUMBER", num_args = 0..=1, default_missing_value = "")]
    pub(crate) what_if: Vec<String>,
    /// Of a plan: with the devices of this plan file, such as the twin of a night that `skyspan twin` has made. Those of the same name are
    /// replaced, but for where they are at first.
    #[arg(long, value_name = "TWIN.yaml")]
    pub(crate) devices: Option<PathBuf>,
    /// Of a plan: how long it takes, and how it ends, with so many seeds, from --seed on.
    #[arg(long, value_name = "N", conflicts_with = "what_if", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) seeds: Option<u64>,
    /// Of a plan: the seed of all chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Exits with 1 where it takes longer than this, such as 2h or 90s; with --seeds, where more than five in a hundred do.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) max_duration: Option<Duration>,
    /// Prints the statistics as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is printed, and what JSON has.
#[derive(Default, Serialize)]
struct Told {
    version: FormatVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<Estimate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemRow>,
    /// When a plan was paused, suspended or asleep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lulls: Vec<LullRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<WhatIf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<Chance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics>,
}

/// An item of a plan file.
#[derive(Serialize)]
struct ItemRow {
    item: usize,
    exit_status: Option<String>,
    /// Until the end of the call, in whole nanoseconds.
    duration_ns: u64,
    #[serde(skip)]
    waiting: Duration,
    #[serde(skip)]
    mostly_for: String,
}

/// The times of a plan in which nothing was done, of one kind.
#[derive(Serialize)]
struct LullRow {
    /// `paused`, `suspended: beam`, `sleep`.
    what: String,
    count: usize,
    #[serde(flatten)]
    times: Times,
}

/// The times of a plan in which nothing was done, those of a kind together, the longest first.
fn lull_rows(lulls: &[Lull]) -> Vec<LullRow> {
    let mut kinds: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for lull in lulls {
        kinds.entry(&lull.what).or_default().push(lull.end - lull.start);
    }
    let row = |(what, mut times): (&str, Vec<Duration>)| LullRow {
        what: what.to_owned(),
        count: times.len(),
        times: Times::of(&mut times),
    };
    let mut rows: Vec<LullRow> = kinds.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.times.total));
    rows
}

/// Reports where the time of a trace or a plan goes.
pub(crate) fn stats(wanted: &Stats) -> Result<Ended, CommandError> {
    let (mut told, mut ended) = (Told::default(), Ended::Well);
    let duration = if is_plan(&wanted.source.trace) {
        let program = read_program(wanted)?;
        let in_file = |error: YamlError| error.in_file(wanted.source.trace.display().to_string());
        if let Some(seeds) = wanted.seeds {
            let chance = Chance::of(&program, wanted.seed..wanted.seed.saturating_add(seeds)).map_err(in_file)?;
            if chance.succeeded < chance.seeds {
                ended = Ended::NotWell;
            }
            let duration = chance.times.p95;
            told.chance = Some(chance);
            duration
        } else {
            ended = of_plan(wanted, &program, &mut told)?;
            told.estimate.as_ref().map_or(Duration::ZERO, |estimate| estimate.duration)
        }
    } else {
        if wanted.devices.is_some() {
            return Err(CommandError::DevicesOfTrace { file: wanted.source.trace.display().to_string() });
        }
        if !wanted.what_if.is_empty() || wanted.seeds.is_some() {
            return Err(CommandError::NoPlan { file: wanted.source.trace.display().to_string() });
        }
        let SourceTrace { trace, ended: read } = wanted.source.read()?;
        ended = read;
        let statistics = statistics_of(wanted, &trace);
        let duration = statistics.duration;
        told.statistics = Some(statistics);
        duration
    };
    print(|out| if wanted.json { as_json(&told, out) } else { as_tables(wanted, &told, out) })?;
    if let Some(budget) = wanted.max_duration.filter(|budget| duration > *budget) {
        tell(&format!("it takes {}, and --max-duration is {}", shown(duration), shown(budget)));
        ended = Ended::NotWell;
    }
    Ok(ended)
}

fn statistics_of(wanted: &Stats, trace: &skyspan::trace::Trace) -> Statistics {
    if wanted.by.is_empty() { trace.statistics() } else { trace.statistics_by(wanted.by.iter().map(String::as_str)) }
}

fn read_program(wanted: &Stats) -> Result<Program, CommandError> {
    may_be_read(&wanted.source.trace)?;
    let program = Program::read(&wanted.source.trace)?;
    let Some(devices) = &wanted.devices else { return Ok(program) };
    may_be_read(devices)?;
    Ok(program.with_devices_of(&Program::read(devices)?))
}

/// Runs the plan, and reports on its trace.
fn of_plan(wanted: &Stats, program: &Program, told: &mut Told) -> Result<Ended, CommandError> {
    let place = wanted.source.trace.display().to_string();
    let in_file = |error: YamlError| error.in_file(place.clone());
    let harness = Harness::builder().seed(wanted.seed).program(program);
    let lab = harness.without(Kept::Documents).without(Kept::Messages).build();
    let prepared = lab.prepare(program).map_err(in_file)?;
    let (outcomes, mut estimate) = lab.estimate_while(|lab| until(&prepared, || false, |item| item.run(lab)));
    report(&outcomes, &prepared, &place, &lab.capture().open_spans());
    estimate.failure = outcomes.iter().find_map(ItemOutcome::error).cloned();
    told.estimate = Some(estimate);
    told.statistics = Some(statistics_of(wanted, &wanted.source.reading.changes.apply(lab.trace(), "")?));
    told.lulls = lull_rows(&lab.lulls());
    if outcomes.len() > 1 {
        told.items = outcomes.iter().enumerate().map(|(at, outcome)| item_row(at + 1, outcome)).collect();
    }
    if !wanted.what_if.is_empty() {
        told.what_if = Some(what_if(wanted, program)?);
    }
    Ok(if outcomes.iter().all(ItemOutcome::is_success) { Ended::Well } else { Ended::NotWell })
}

fn item_row(item: usize, outcome: &ItemOutcome) -> ItemRow {
    let call = outcome.call();
    let statistics = call.map(|call| call.trace().statistics());
    let first = statistics.as_ref().and_then(|it| it.held.first()).filter(|held| !held.time.is_zero());
    ItemRow {
        item,
        exit_status: call.map(|call| call.exit_status().to_string()),
        duration_ns: call.map_or(0, |call| call.duration().as_nanos().try_into().unwrap_or(u64::MAX)),
        waiting: statistics.as_ref().map(Statistics::waiting).unwrap_or_default(),
        mostly_for: first.map(|held| held.by.to_string()).unwrap_or_default(),
    }
}

fn what_if(wanted: &Stats, program: &Program) -> Result<WhatIf, CommandError> {
    let said: Vec<&String> = wanted.what_if.iter().filter(|changes| !changes.is_empty()).collect();
    let mut alternatives = Vec::new();
    for changes in &said {
        let changes =
            changes.split(',').map(|change| program.option_change(change.trim())).collect::<Result<Vec<_>, _>>();
        alternatives.push(changes.map_err(|error| error.in_file("--what-if"))?);
    }
    if said.len() < wanted.what_if.len() {
        alternatives.extend(program.quicker_devices().into_iter().map(|change| vec![change]));
    }
    Ok(WhatIf::of(program, wanted.seed, alternatives).map_err(|error| error.in_file("--what-if"))?)
}

fn as_json(told: &Told, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, told).map_err(io::Error::from)?;
    writeln!(out)
}

fn as_tables(wanted: &Stats, told: &Told, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(chance) = &told.chance {
        return write!(out, "{}", chance.to_string().trim_start_matches('\n'));
    }
    let Some(statistics) = &told.statistics else { return Ok(()) };
    if let Some(what_if) = &told.what_if {
        // Who asks that wants to know what holds the plan, and no more.
        let mut held = statistics.clone();
        held.sections.clear();
        held.runs.clear();
        held.groups.clear();
        write!(out, "{held}{what_if}")?;
        return Ok(());
    }
    // A plan may leave no spans, and take its time all the same.
    let has_spans = statistics.spans > 0 || told.estimate.is_none();
    if has_spans {
        write!(out, "{statistics}")?;
    }
    if !told.lulls.is_empty() {
        let table = Lulls(&told.lulls).to_string();
        write!(out, "{}", if has_spans { table.as_str() } else { table.trim_start() })?;
    }
    if !told.items.is_empty() {
        write!(out, "{}", Items(&told.items))?;
    }
    if let Some(estimate) = told.estimate.as_ref().filter(|_| wanted.by.is_empty()) {
        write!(out, "{}{estimate}", if has_spans { "\n" } else { "" })?;
    }
    Ok(())
}

/// The times in which nothing was done, as a table.
struct Lulls<'a>(&'a [LullRow]);

impl std::fmt::Display for Lulls<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = self.0.iter().map(|row| {
            let Times { total, p50, max, .. } = row.times;
            [cut_to(&row.what, 36).into_owned(), row.count.to_string(), shown(total), shown(p50), shown(max)]
        });
        table(f, Some(["nothing done", "times", "total", "p50", "max"]), &rows.collect::<Vec<_>>(), [0; 5])
    }
}

/// The items as a table.
struct Items<'a>(&'a [ItemRow]);

impl std::fmt::Display for Items<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = self.0.iter().map(|row| {
            [
                format!("{} {}", row.item, row.exit_status.as_deref().unwrap_or("(no call)")),
                shown(Duration::from_nanos(row.duration_ns)),
                shown(row.waiting),
                row.mostly_for.clone(),
            ]
        });
        table(f, Some(["item", "duration", "waiting", "mostly for"]), &rows.collect::<Vec<_>>(), [0; 4])
    }
}

/// A time for people.
fn shown(time: Duration) -> String {
    rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX))
}
