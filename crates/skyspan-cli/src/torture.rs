//! `skyspan torture`.

use std::borrow::Cow;
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use skyspan::program::Program;
use skyspan::torture::{CaseId, Home, HomeAt, Torture, TortureError, TortureMap, TortureProgress, Trouble};
use skyspan::value::yaml::YamlError;
use skyspan_trace::internal::grouped;

use crate::command::{CommandError, Ended, errors, may_be_read, print};
use crate::fuzz::rate;
use crate::line_bar::{LineBar, clock_text, share};
use crate::recording::failed;
use crate::time_text::time;

#[derive(Debug, clap::Args)]
pub(crate) struct TortureWish {
    /// The plan file (YAML), or `-` for standard input.
    pub(crate) plan_file: PathBuf,
    /// With these troubles alone: pause, suspend, abort, stop, halt, fails, hangs, late, callback, lost.
    #[arg(long, value_name = "TROUBLE,...", value_delimiter = ',', value_parser = trouble)]
    pub(crate) only: Vec<Trouble>,
    /// Leaves these troubles out.
    #[arg(long, value_name = "TROUBLE,...", value_delimiter = ',', value_parser = trouble)]
    pub(crate) without: Vec<Trouble>,
    /// Where a device has to be in the end: a value, `start` or `end`; may be said for several. Otherwise a device has to be where it
    /// was, if the undisturbed run brings it back there.
    #[arg(long = "home", value_name = "DEVICE=VALUE", value_parser = home)]
    pub(crate) homes: Vec<Home>,
    /// At these messages alone, counted from 1 over all items: `12`, `1..200`.
    #[arg(long, value_name = "FROM..TO", value_parser = messages)]
    pub(crate) messages: Option<RangeInclusive<u64>>,
    /// Besides, N pairs of troubles, the second at a later message, drawn from the seed.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) pairs: u32,
    /// Besides, each run in N other orders of what is due at one moment.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) orders: u32,
    /// Counts against the plan what no plan could help as well: what a halt leaves, and devices that hang where a wait has no timeout.
    #[arg(long)]
    pub(crate) strict: bool,
    /// How long pauses and suspensions last.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10s")]
    pub(crate) hold: Duration,
    /// By how much what is late is late.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "1min")]
    pub(crate) late: Duration,
    /// The seed of all chance, the same in each run.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// On so many threads [default: as many as the machine has]. The result is the same on any number.
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Executes at most N messages in all runs together [default: 500,000,000].
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<u64>,
    /// Runs one case alone, and draws its trace: `172` is message 17 and column 2, `172+204` two troubles, `172~1` another order.
    #[arg(long, value_name = "CASE", value_parser = case)]
    pub(crate) case: Option<CaseId>,
    /// Keeps one case: as a plan file, with `-o FILE.rs` as a test in Rust, or with `-o FILE.py` as one in Python, for pytest and a lab.
    #[arg(long, value_name = "CASE", value_parser = case, conflicts_with_all = ["case", "json", "unfold"])]
    pub(crate) keep: Option<CaseId>,
    /// The file for what is kept, by its ending a plan file, Rust or Python [default: a plan file on standard output].
    #[arg(long, short, value_name = "FILE", requires = "keep")]
    pub(crate) output: Option<PathBuf>,
    /// Writes the map as a page, too, of which each cell shows what came of it, with its trace; `-` for standard output, in place of the map.
    #[arg(long, value_name = "FILE.html", conflicts_with_all = ["case", "keep"])]
    pub(crate) report: Option<PathBuf>,
    /// Keeps what looks like a secret on that page. Otherwise it is taken out.
    #[arg(long, requires = "report")]
    pub(crate) unredacted: bool,
    /// Draws messages that repeat as often as they are there.
    #[arg(long)]
    pub(crate) unfold: bool,
    /// Prints the map as JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs a plan once for each of its messages and each thing that can happen there, and prints what is left.
pub(crate) fn torture(wanted: &TortureWish) -> Result<Ended, CommandError> {
    let place = wanted.plan_file.display().to_string();
    let in_file = |error: YamlError| if error.file.is_some() { error } else { error.in_file(place.clone()) };
    let program = if wanted.plan_file.as_os_str() == "-" {
        Program::read_from(io::stdin().lock()).map_err(in_file)?
    } else {
        may_be_read(&wanted.plan_file)?;
        Program::read(&wanted.plan_file).map_err(in_file)?
    };
    let torture = torture_of(wanted, &program);
    let told = |error: TortureError| match error {
        TortureError::PlanFile(error) => CommandError::PlanFile(in_file(error)),
        error => CommandError::Torture(error),
    };
    if let Some(case) = &wanted.keep {
        return keep(wanted, kept_text(wanted, &torture, case).map_err(told)?);
    }
    if let Some(case) = &wanted.case {
        let tortured = torture.case(case).map_err(told)?;
        print(|out| match wanted.json {
            true => json(&tortured, out),
            false => write!(out, "{}\n{}", tortured.told(), tortured.draw().for_stdout()),
        })?;
        return Ok(ended(tortured.aftermath.verdict.is_well()));
    }
    let progress = TortureProgress::new();
    let bar = show(&progress);
    let map = torture.run_watched(&progress);
    bar.clear();
    let map = map.map_err(told)?;
    // A page on standard output stands there alone; another comes behind the map, which is not lost with it.
    let is_piped = wanted.report.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if !is_piped {
        print(|out| if wanted.json { json(&map, out) } else { draw(wanted, &map, out) })?;
    }
    if let Some(path) = &wanted.report {
        report(wanted, &torture, &map, path)?;
    }
    Ok(ended(map.is_well()))
}

fn torture_of<'p>(wanted: &TortureWish, program: &'p Program) -> Torture<'p> {
    let mut torture = Torture::program(program).seed(wanted.seed).hold(wanted.hold).late_by(wanted.late);
    torture = torture.pairs(wanted.pairs as usize).orders(wanted.orders.into());
    if !wanted.only.is_empty() {
        torture = torture.only(wanted.only.iter().copied());
    }
    if wanted.strict {
        torture = torture.strict();
    }
    torture = torture.without(wanted.without.iter().copied());
    torture = wanted.homes.iter().fold(torture, |torture, home| torture.home(&home.device, home.at.clone()));
    torture = wanted.messages.iter().fold(torture, |torture, messages| torture.messages(messages.clone()));
    torture = wanted.jobs.into_iter().fold(torture, |torture, jobs| torture.jobs(jobs.into()));
    wanted.most.into_iter().fold(torture, Torture::most)
}

/// Shows how far it is, until it is cleared.
fn show(progress: &TortureProgress) -> LineBar {
    let progress = progress.clone();
    LineBar::show(move |elapsed| {
        let (done, runs) = (progress.done(), progress.runs());
        if runs == 0 {
            return format!("the undisturbed run, {}", clock_text(elapsed));
        }
        let per_s = grouped(rate(done, elapsed.as_secs_f64()));
        format!("{} runs, {per_s} a second, {}", share(done, Some(runs)), clock_text(elapsed))
    })
}

const fn ended(is_well: bool) -> Ended {
    if is_well { Ended::Well } else { Ended::NotWell }
}

fn draw(wanted: &TortureWish, map: &TortureMap, out: &mut dyn io::Write) -> io::Result<()> {
    let drawing = map.draw().for_stdout();
    let drawing = if wanted.unfold { drawing.unfolded() } else { drawing };
    write!(out, "{drawing}")
}

fn json(what: &impl serde::Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, what).map_err(io::Error::from)?;
    writeln!(out)
}

/// Writes the page of a map.
fn report(wanted: &TortureWish, torture: &Torture<'_>, map: &TortureMap, path: &Path) -> Result<(), CommandError> {
    let plan = wanted.plan_file.display();
    let report = torture.report(map).map_err(CommandError::Torture)?;
    let report = report.title(format!("torture of {plan}")).command(again(wanted));
    let report = if wanted.unredacted { report.redaction(None) } else { report };
    if path.as_os_str() == "-" {
        return print(|out| report.write(out));
    }
    let write = || {
        let mut out = BufWriter::new(fs::File::create(path)?);
        report.write(&mut out)?;
        out.flush()
    };
    write().map_err(failed(path))?;
    let _ = writeln!(errors(), "skyspan: wrote {}", path.display());
    Ok(())
}

/// A case as a plan file, or as a test in Rust or Python.
fn kept_text(wanted: &TortureWish, torture: &Torture<'_>, case: &CaseId) -> Result<String, TortureError> {
    let path = wanted.plan_file.display().to_string();
    let extension = wanted.output.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    match extension {
        Some("rs" | "py") if path == "-" => {
            let why = "the test reads the plan file, and this one came from standard input".to_owned();
            Err(TortureError::NotKept { case: case.clone(), why })
        }
        Some("rs") => torture.keep_as_rust(case, &format!("Program::read({path:?})?")),
        Some("py") => torture.keep_as_python(case, &path),
        _ => torture.keep_as_plan_file(case),
    }
}

/// The command that runs a case again, but for its number: with all that it depends on.
fn again(wanted: &TortureWish) -> String {
    let mut command = format!("skyspan torture {}", shell_word(&wanted.plan_file.to_string_lossy()));
    for Home { device, at } in &wanted.homes {
        let at = match at {
            HomeAt::Start => "start".to_owned(),
            HomeAt::End => "end".to_owned(),
            HomeAt::Value(value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        command += &format!(" --home {}", shell_word(&format!("{device}={at}")));
    }
    for (option, time, usual_s) in [("hold", wanted.hold, 10), ("late", wanted.late, 60)] {
        if time != Duration::from_secs(usual_s) {
            command += &format!(" --{option} {}s", time.as_secs_f64());
        }
    }
    if wanted.seed != 0 {
        command += &format!(" --seed {}", wanted.seed);
    }
    command + if wanted.strict { " --strict --case" } else { " --case" }
}

/// Writes what is kept.
fn keep(wanted: &TortureWish, text: String) -> Result<Ended, CommandError> {
    match &wanted.output {
        Some(output) => {
            fs::write(output, text).map_err(failed(output))?;
            // Who does not read it has the file all the same.
            let _ = writeln!(errors(), "skyspan: wrote {}", output.display());
        }
        None => print(|out| write!(out, "{text}"))?,
    }
    Ok(Ended::Well)
}

fn trouble(text: &str) -> Result<Trouble, String> {
    text.trim().parse().map_err(|error: TortureError| error.to_string())
}

fn home(text: &str) -> Result<Home, String> {
    text.parse().map_err(|error: TortureError| error.to_string())
}

fn case(text: &str) -> Result<CaseId, String> {
    text.trim().parse().map_err(|error: TortureError| error.to_string())
}

/// Messages as they stand at the command line: `12`, `1..200`.
fn messages(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || format!("expected the number of a message or FROM..TO, such as 1..200, found {text:?}");
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0).ok_or_else(wrong);
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (number(from)?, number(to.trim_start_matches('='))?),
        None => (number(text)?, number(text)?),
    };
    if from > to { Err(wrong()) } else { Ok(from..=to) }
}

/// A text as one word of a shell.
fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}
