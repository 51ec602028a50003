//! `skyspan report`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use skyspan::harness::{Harness, WhatIf};
use skyspan::page::Page;
use skyspan::program::Program;

use crate::arguments::TraceReading;
use crate::command::{CommandError, Ended, print};
use crate::input_files::inputs;
use crate::trace_source::{SourceTrace, is_plan};

/// So many spans a page shows unless another number is asked for.
const SPANS_MAX: u32 = skyspan::page::SPANS_MAX as u32;

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// Traces in any format that skyspan reads, addresses of traces in a store, plan files (`.yaml`, `.yml`), which are run on simulated
    /// hardware first, folders of these, or a pattern such as 'runs/monday-*.json'. Of several, each is drawn from its own beginning.
    #[arg(value_name = "TRACE|PLAN", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
    /// The page to write; `-` for standard output [default: the name of the trace, with `.html`].
    #[arg(long, short, value_name = "FILE.html")]
    pub(crate) output: Option<PathBuf>,
    /// What the page is called [default: the name of the trace].
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The seed of all chance in a plan: ids, uids, names of groups, noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Shows at most N spans: the faulty ones and the longest, and says how many it leaves out.
    #[arg(long, value_name = "N", default_value_t = SPANS_MAX, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) spans: u32,
    /// Leaves out the table that says how long a plan would take with each device twice as quick, for which the plan is run once for each.
    #[arg(long)]
    pub(crate) no_what_if: bool,
    /// Keeps what looks like a secret. Otherwise it is taken out, as by `--redact`.
    #[arg(long, conflicts_with_all = ["redact", "redact_also"])]
    pub(crate) unredacted: bool,
}

/// Makes a page of traces, or of what comes of plans.
pub(crate) fn report(wanted: &Report) -> Result<Ended, CommandError> {
    let (mut pages, mut ended) = (Vec::new(), Ended::Well);
    for input in inputs(&wanted.inputs)? {
        let (page, read) =
            if is_plan(&input) { (plan_page(wanted, &input)?, Ended::Well) } else { trace_page(wanted, &input)? };
        pages.push((name_of(&input), page));
        ended = ended.or_worse(read);
    }
    let name = match &*pages {
        [(name, _)] => name.clone(),
        all => format!("{} and {} more", all.first().map_or("trace", |(name, _)| name), all.len().saturating_sub(1)),
    };
    let title = wanted.title.clone().unwrap_or_else(|| if name == "-" { "trace".to_owned() } else { name.clone() });
    let page = match <[_; 1]>::try_from(pages) {
        Ok([(_, page)]) => page,
        Err(pages) => Page::of_several(told_apart(pages)),
    };
    let page = page.title(title).spans_max(wanted.spans as usize);
    let page = if wanted.unredacted { page.unredacted() } else { page.redaction(wanted.reading.changes.redaction()?) };
    match &wanted.output {
        Some(output) if output.as_os_str() == "-" => print(|out| page.write(out))?,
        Some(output) => write_to(&page, output)?,
        None => {
            let stem = Path::new(&name).file_stem().filter(|stem| *stem != "-");
            let output = PathBuf::from(stem.unwrap_or("trace".as_ref())).with_extension("html");
            write_to(&page, &output)?;
            print(|out| writeln!(out, "{}", output.display()))?;
        }
    }
    Ok(ended)
}

/// What the input is called on a page.
pub(crate) fn name_of(input: &Path) -> String {
    input.file_name().map_or_else(|| "trace".into(), |name| name.to_string_lossy().into_owned())
}

/// Pages under their names; of those with one name each has its number behind.
fn told_apart(pages: Vec<(String, Page)>) -> Vec<Page> {
    let names: Vec<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    let title = |(at, (name, page)): (usize, (String, Page))| {
        let same = |name: &String| names.iter().filter(|other| *other == name).count();
        let number = names[..=at].iter().filter(|other| **other == name).count();
        if same(&name) > 1 { page.title(format!("{name} ({number})")) } else { page.title(name) }
    };
    pages.into_iter().enumerate().map(title).collect()
}

fn trace_page(wanted: &Report, input: &Path) -> Result<(Page, Ended), CommandError> {
    // It is taken out as the page is written.
    let SourceTrace { trace, ended } = wanted.reading.read(input)?;
    Ok((Page::of(&trace), ended))
}

fn plan_page(wanted: &Report, input: &Path) -> Result<Page, CommandError> {
    let program = Program::read(input)?;
    let lab = Harness::builder().seed(wanted.seed).program(&program).limits(program.engine.limits).chronicled().build();
    let in_file = |error: skyspan::value::yaml::YamlError| error.in_file(input.display().to_string());
    let outcome = lab.run_program(&program).map_err(in_file)?;
    let page = outcome.page();
    // What a plan that fails would take says nothing.
    if wanted.no_what_if || !outcome.is_success() {
        return Ok(page);
    }
    let what_if = WhatIf::quicker(&program, wanted.seed).map_err(in_file)?;
    Ok(if what_if.alternatives.is_empty() { page } else { page.tables([what_if.to_table()]) })
}

/// Writes a page into a file.
pub(crate) fn write_to(page: &Page, path: &Path) -> Result<(), CommandError> {
    let write = || {
        let mut out = BufWriter::new(File::create(path)?);
        page.write(&mut out)?;
        out.flush()
    };
    write().map_err(|error: io::Error| CommandError::Write { what: path.display().to_string(), error })
}
