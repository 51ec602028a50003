//! `skyspan run`.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::arguments::{Run, Spans};
use crate::command::{CommandError, Ended, errors, may_be_read, print};
use crate::interrupts::Interrupts;
use crate::progress::show_progress;
use crate::recording::{Recording, make_folder};
use skyspan::callbacks::{BestEffortCallback, DocumentRouter as _, RunRouter};
use skyspan::engine::ExitStatus;
use skyspan::harness::{Harness, ItemCheck, ItemOutcome, Kept};
use skyspan::message::{BLUESKY_COMMANDS, PlanError};
use skyspan::program::{Prepared, PreparedItem, Program};
use skyspan::trace::{OpenSpan, Redaction};
use skyspan::value::Text;
use skyspan::value::nearest;
use skyspan::value::yaml::{TEXT_SIZE_MAX, YamlError};
use skyspan_trace::internal::{cut_to, lock};

/// Runs a plan file; gives whether every item ended with success.
pub(crate) fn run(wanted: &Run) -> Result<Ended, CommandError> {
    let in_file = |error: YamlError| match error.file {
        Some(_) => error,
        None => error.in_file(wanted.plan_file.display().to_string()),
    };
    let place = wanted.plan_file.display().to_string();
    let standard_input = wanted.plan_file.as_os_str() == "-";
    if !standard_input {
        may_be_read(&wanted.plan_file)?;
    }
    let size_max = wanted.max_size.unwrap_or(TEXT_SIZE_MAX);
    let read = if standard_input {
        Program::read_from_up_to(io::stdin().lock(), size_max)
    } else {
        Program::read_up_to(&wanted.plan_file, size_max)
    };
    let file = read.map_err(in_file)?;
    let mut harness = Harness::builder().seed(wanted.seed).convention(wanted.convention.into()).program(&file);
    if wanted.real_time {
        harness = harness.real_time();
    }
    // What nobody asks for is neither made nor kept.
    let spans = wanted.spans.unwrap_or_else(|| match wanted.table {
        true => Spans::None,
        false if io::stdout().is_terminal() => Spans::Tree,
        false => Spans::Console,
    });
    let checks = file.checks(wanted.plan_file.parent().unwrap_or(Path::new(""))).map_err(in_file)?;
    let is_checked = !checks.is_empty() && !wanted.estimate;
    if wanted.out.is_none() && !is_checked {
        harness = harness.without(Kept::Documents).without(Kept::Messages);
        if wanted.estimate || spans == Spans::None {
            harness = harness.without(Kept::Spans);
        }
    }
    let limits = wanted
        .limits
        .iter()
        .fold(file.engine.limits, |limits, (name, limit)| limits.with(name, *limit).unwrap_or(limits));
    let lab = harness.limits(limits).build();
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
    let program = lab.prepare(&file).map_err(in_file)?;
    if let Some(dir) = &wanted.out {
        // A plan may take hours of real time; it would be a pity if there was no room for what it left.
        make_folder(dir)?;
    }
    if wanted.estimate {
        let run = |lab: &Harness| until(&program, || false, |item| item.run(lab));
        let (outcomes, estimate) = lab.estimate_while(run);
        report(&outcomes, &program, &place, &[]);
        print(|out| write!(out, "{estimate}"))?;
        return Ok(ended(&outcomes));
    }
    let mut interrupted = None;
    let outcomes: Vec<ItemOutcome> = if wanted.real_time {
        show_progress(&lab);
        let interrupts = Interrupts::install(&lab);
        let run = |item: &PreparedItem| {
            interrupts.begin_call(&lab);
            let outcome = item.run_deciding(&lab, |planned| interrupts.decide(&lab, planned));
            interrupts.end_call();
            outcome
        };
        let outcomes = until(&program, || interrupts.ended().is_some(), run);
        interrupted = interrupts.ended();
        outcomes
    } else {
        until(&program, || false, |item| item.run(&lab))
    };
    let left_out = program.items().len() - outcomes.len();
    if left_out > 0 {
        say(&format!("{left_out} of {} items were not run", program.items().len()));
    }
    report(&outcomes, &program, &place, &lab.capture().open_spans());
    lab.with_engine(|engine| report_ignored(engine.ignored_callback_errors()));
    // An exporter sees a span when it ends, and not before.
    if let Some(error) = lock(&table_failed).take() {
        return Err(CommandError::Write { what: "standard output".to_owned(), error });
    }
    let recorded = lab.trace().ended();
    if let Some(dir) = &wanted.out {
        Recording::of(&recorded, &outcomes).write(dir)?;
    }
    match spans {
        Spans::Console => print(|mut out| recorded.write_console(&mut out))?,
        Spans::Tree => {
            let trace = lab.trace();
            let drawing = trace.draw().lulls(lab.lulls()).for_stdout();
            print(|out| write!(out, "{drawing}"))?;
        }
        Spans::None => {}
    }
    let is_left = !is_checked || tell_unmet(&checks.check(&outcomes, &lab.trace()));
    let ended = || if is_left { ended(&outcomes) } else { Ended::NotWell };
    Ok(match interrupted {
        // Where Ctrl-C has ended the last item, that item says it.
        Some(Ended::ByCtrlC) if left_out == 0 => ended(),
        Some(interrupted) => interrupted,
        None => ended(),
    })
}

/// Says on standard error what a file says of what it leaves and does not hold; gives whether all holds.
fn tell_unmet(checks: &[ItemCheck]) -> bool {
    let unmet = checks.iter().filter(|check| !check.report.holds());
    // What is told may be read by others than who runs it.
    unmet.map(|check| (check.place(), check.report.redacted(&Redaction::new()))).fold(true, |_, (place, report)| {
        let has = if place == "all items" { "have" } else { "has" };
        say(&format!("{place} {has} not left what the file says:\n{report}"));
        false
    })
}

/// Runs the items one after another, until somebody ends it, one has failed where the program fails fast, or one comes to a limit: the
/// next would do no better.
pub(crate) fn until<'p>(
    program: &'p Prepared,
    is_ended: impl Fn() -> bool,
    mut run: impl FnMut(&'p PreparedItem) -> ItemOutcome,
) -> Vec<ItemOutcome> {
    let mut outcomes: Vec<ItemOutcome> = Vec::new();
    for item in program.items() {
        let fails_fast = program.fail_fast() && outcomes.last().is_some_and(|last| !last.is_success());
        let is_at_limit =
            outcomes.last().and_then(ItemOutcome::call).is_some_and(|call| call.limit_reached().is_some());
        if is_at_limit || fails_fast || is_ended() {
            break;
        }
        outcomes.push(run(item));
    }
    outcomes
}

fn ended(outcomes: &[ItemOutcome]) -> Ended {
    if outcomes.iter().all(ItemOutcome::is_success) { Ended::Well } else { Ended::NotWell }
}

fn say(what: &str) {
    // If nobody reads it, the exit code still says it.
    let _ = writeln!(errors(), "skyspan: {what}");
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

/// Says on standard error what did not end with success and where, what could not be cleaned up, and which spans never ended.
pub(crate) fn report(outcomes: &[ItemOutcome], program: &Prepared, file: &str, open_spans: &[OpenSpan]) {
    let mut errors = errors();
    for (at, outcome) in outcomes.iter().enumerate() {
        // If nobody reads it, the exit code still says it.
        if let Some(error) = outcome.error() {
            let meant = match error {
                PlanError::InvalidCommand { command } => nearest(command, BLUESKY_COMMANDS),
                _ => None,
            };
            let help = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let failed = outcome.call().and_then(|call| call.result().failed_at.as_ref());
            let message = failed.map(|failed| format!("{failed}; ")).unwrap_or_default();
            let place = program.items().get(at).map(PreparedItem::position);
            let place = place.map(|at| format!(" ({message}{file}:{}:{})", at.line, at.column)).unwrap_or_default();
            let _ = writeln!(errors, "skyspan: item {}: {}: {}{help}{place}", at + 1, error.name(), told(error));
        }
        let Some(call) = outcome.call() else { continue };
        if let Some(reached) = call.limit_reached() {
            let _ = writeln!(errors, "skyspan: item {}: {reached}", at + 1);
            continue;
        }
        // An error of the call says already that it has failed.
        let is_said = call.exit_status() == ExitStatus::Success || call.exception().is_some();
        if !is_said {
            let _ = writeln!(errors, "skyspan: item {}: {}", at + 1, call.exit_status());
        }
        for error in &call.result().cleanup_errors {
            let _ = writeln!(errors, "skyspan: item {}: {error}", at + 1);
        }
        for warning in &call.result().warnings {
            let _ = writeln!(errors, "skyspan: item {}: warning: {warning}", at + 1);
        }
        for number in call.unreached() {
            let never = format!("message {number} never came, at which something was to be done");
            let _ = writeln!(errors, "skyspan: item {}: {never}; there were {}", at + 1, call.messages().len());
        }
    }
    for span in open_spans {
        let _ = writeln!(errors, "skyspan: a span never ended: {} (since {})", span.name, span.start);
    }
}

/// An error on one line, of which a long one is cut: a name in it may be of any length, and have anything in it.
fn told(error: &PlanError) -> String {
    const TOLD_MAX: usize = 2_000;
    cut_to(&error.to_string(), TOLD_MAX).into_owned()
}

/// Says on standard error which errors of callbacks were ignored, as the file wants it.
fn report_ignored(ignored: &[Text]) {
    let mut errors = errors();
    for text in ignored {
        let _ = writeln!(errors, "skyspan: {text}");
    }
}
