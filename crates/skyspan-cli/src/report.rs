//! `skyspan report`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use skyspan::harness::Harness;
use skyspan::page::Page;
use skyspan::program::Program;

use crate::arguments::TraceSource;
use crate::command::{CommandError, Ended, print};
use crate::trace_source::{SourceTrace, is_plan};

/// So many spans a page shows unless another number is asked for.
const SPANS_MAX: u32 = skyspan::page::SPANS_MAX as u32;

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// Of a trace in any format that skyspan reads, or of a plan file (`.yaml`, `.yml`), which is run on simulated hardware first.
    #[command(flatten)]
    pub(crate) source: TraceSource,
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
    /// Keeps what looks like a secret. Otherwise it is taken out, as by `--redact`.
    #[arg(long, conflicts_with_all = ["redact", "redact_also"])]
    pub(crate) unredacted: bool,
}

/// Makes a page of a trace, or of what comes of a plan.
pub(crate) fn report(wanted: &Report) -> Result<Ended, CommandError> {
    let place = &wanted.source.trace;
    let (page, ended) = if is_plan(place) { (plan_page(wanted)?, Ended::Well) } else { trace_page(wanted)? };
    let name = place.file_name().map_or_else(|| "trace".into(), |name| name.to_string_lossy().into_owned());
    let title = wanted.title.clone().unwrap_or_else(|| if name == "-" { "trace".to_owned() } else { name.clone() });
    let page = page.title(title).spans_max(wanted.spans as usize);
    let page =
        if wanted.unredacted { page.unredacted() } else { page.redaction(wanted.source.reading.changes.redaction()?) };
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

fn trace_page(wanted: &Report) -> Result<(Page, Ended), CommandError> {
    // It is taken out as the page is written.
    let SourceTrace { trace, ended } = wanted.source.read()?;
    Ok((Page::of(&trace), ended))
}

fn plan_page(wanted: &Report) -> Result<Page, CommandError> {
    let program = Program::read(&wanted.source.trace)?;
    let lab = Harness::builder().seed(wanted.seed).program(&program).limits(program.engine.limits).chronicled().build();
    let in_file = |error: skyspan::value::yaml::YamlError| error.in_file(wanted.source.trace.display().to_string());
    Ok(lab.run_program(&program).map_err(in_file)?.page())
}

fn write_to(page: &Page, path: &Path) -> Result<(), CommandError> {
    let write = || {
        let mut out = BufWriter::new(File::create(path)?);
        page.write(&mut out)?;
        out.flush()
    };
    write().map_err(|error: io::Error| CommandError::Write { what: path.display().to_string(), error })
}
