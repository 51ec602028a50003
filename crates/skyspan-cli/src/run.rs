//! `skyspan run`.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use crate::arguments::{Run, Spans};
use crate::command::{CommandError, print};
use crate::interrupts::Interrupts;
use crate::progress::show_progress;
use crate::recording::{Recording, make_folder};
use skyspan::callbacks::{BestEffortCallback, DocumentRouter as _, RunRouter};
use skyspan::engine::ExitStatus;
use skyspan::harness::Harness;
use skyspan::harness::ItemOutcome;
use skyspan::message::{BLUESKY_COMMANDS, PlanError};
use skyspan::program::plan_file::PlanFile;
use skyspan::program::{Program, ProgramItem};
use skyspan::trace::OpenSpan;
use skyspan::value::Text;
use skyspan::value::nearest;
use skyspan::value::yaml::YamlError;
use skyspan_trace::internal::lock;

/// Runs a plan file; gives whether every item ended with success.
pub(crate) fn run(wanted: &Run) -> Result<bool, CommandError> {
    let in_file = |error: YamlError| match error.file {
        Some(_) => error,
        None => error.in_file(wanted.plan_file.display().to_string()),
    };
    let standard_input = wanted.plan_file.as_os_str() == "-";
    let read = if standard_input { PlanFile::read_from(io::stdin().lock()) } else { PlanFile::read(&wanted.plan_file) };
    let file = read.map_err(in_file)?;
    let mut harness = Harness::builder()
        .seed(wanted.seed)
        .convention(wanted.convention.into())
        .resource(file.resource.clone())
        .md(file.engine.md.clone())
        .record_interruptions(file.engine.record_interruptions);
    if wanted.real_time {
        harness = harness.real_time();
    }
    if wanted.estimate {
        harness = harness.untraced();
    }
    let lab = harness.build();
    lab.with_engine(|engine| engine.ignore_callback_errors(file.engine.ignore_callback_exceptions));
    let table_failed = Arc::default();
    if wanted.table {
        // Runs may overlap, and one that begins would end the table of the other.
        let failed = Arc::clone(&table_failed);
        let router = RunRouter::new(move |_| {
            vec![BestEffortCallback::new().sink(TableSink { failed: Arc::clone(&failed) }).into_callback()]
        });
        lab.with_engine(|engine| engine.subscribe(router.into_callback()));
    }
    // All that is wrong in the file is said before anything of it runs.
    let program = Program::compile(&file, &lab).map_err(in_file)?;
    if let Some(dir) = &wanted.out {
        // A plan may take hours of real time; it would be a pity if there was no room for what it left.
        make_folder(dir)?;
    }
    if wanted.estimate {
        let run = |lab: &Harness| program.items().iter().map(|item| item.run(lab)).collect::<Vec<ItemOutcome>>();
        let (outcomes, estimate) = lab.estimate_while(run);
        report(&outcomes, &[]);
        print(|out| write!(out, "{estimate}"))?;
        return Ok(outcomes.iter().all(ItemOutcome::is_success));
    }
    let outcomes: Vec<ItemOutcome> = if wanted.real_time {
        show_progress(&lab);
        let interrupts = Interrupts::install(&lab);
        let run = |item: &ProgramItem| {
            interrupts.begin_call(&lab);
            let outcome = item.run_deciding(&lab, |planned| interrupts.decide(&lab, planned));
            interrupts.end_call();
            outcome
        };
        program.items().iter().map(run).collect()
    } else {
        program.items().iter().map(|item| item.run(&lab)).collect()
    };
    report(&outcomes, &lab.capture().open_spans());
    lab.with_engine(|engine| report_ignored(engine.ignored_callback_errors()));
    // An exporter sees a span when it ends, and not before.
    if let Some(error) = lock(&table_failed).take() {
        return Err(CommandError::Write { what: "standard output".to_owned(), error });
    }
    let ended = lab.trace().ended();
    if let Some(dir) = &wanted.out {
        Recording::of(&ended, &outcomes).write(dir)?;
    }
    match wanted.spans.unwrap_or(if wanted.table { Spans::None } else { Spans::Console }) {
        Spans::Console => print(|mut out| ended.write_console(&mut out))?,
        Spans::Tree => print(|out| write!(out, "{}", lab.trace().draw()))?,
        Spans::None => {}
    }
    Ok(outcomes.iter().all(ItemOutcome::is_success))
}

/// Standard output for tables, which go on when it fails; the first failure is kept. A reader who has gone away is none.
struct TableSink {
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl TableSink {
    fn keep(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            lock(&self.failed).get_or_insert(error);
        }
    }
}

impl io::Write for TableSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keep(io::stdout().write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.keep(io::stdout().flush());
        Ok(())
    }
}

/// Says on standard error what did not end with success, what could not be cleaned up, and which spans never ended.
fn report(outcomes: &[ItemOutcome], open_spans: &[OpenSpan]) {
    let mut errors = io::stderr().lock();
    for (at, outcome) in outcomes.iter().enumerate() {
        // If nobody reads it, the exit code still says it.
        if let Some(error) = outcome.error() {
            let meant = match error {
                PlanError::InvalidCommand { command } => nearest(command, BLUESKY_COMMANDS),
                _ => None,
            };
            let help = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let _ = writeln!(errors, "skyspan: item {}: {}: {error}{help}", at + 1, error.name());
        }
        let Some(call) = outcome.call() else { continue };
        // An error of the call says already that it has failed.
        let is_said = call.exit_status() == ExitStatus::Success || call.exception().is_some();
        if !is_said {
            let _ = writeln!(errors, "skyspan: item {}: {}", at + 1, call.exit_status());
        }
        for error in &call.result().cleanup_errors {
            let _ = writeln!(errors, "skyspan: item {}: {error}", at + 1);
        }
    }
    for span in open_spans {
        let _ = writeln!(errors, "skyspan: a span never ended: {} (since {})", span.name, span.start);
    }
}

/// Says on standard error which errors of callbacks were ignored, as the file wants it.
fn report_ignored(ignored: &[Text]) {
    let mut errors = io::stderr().lock();
    for text in ignored {
        let _ = writeln!(errors, "skyspan: {text}");
    }
}
