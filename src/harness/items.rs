//! The items of a plan file, performed: calls of the engine with what is done to it from outside, and requests between calls.

use std::collections::VecDeque;
use std::path::Path;
use std::slice::Iter;

use super::{Harness, Outcome};
use crate::device::Device;
use crate::engine::{CallOptions, ExitStatus, RunEngineState};
use crate::expect::Expectation;
use crate::hardware::Beamline;
use crate::message::PlanError;
use crate::plan::{Plan, plan};
use crate::program::{
    Act, Call, DeviceSpec, Outside, PauseAnswer, Prepared, PreparedItem, Program, ProgramNames, Request, Step, Work,
    furnish_names, plan_of,
};
use crate::trace::{Drawing, Lull, Trace};
use crate::value::Position;
use crate::value::yaml::YamlError;
use skyspan_trace::internal::lock;

/// What came of an item.
#[derive(Clone, Debug)]
pub struct ItemOutcome {
    call: Option<Outcome>,
    error: Option<PlanError>,
}

impl ItemOutcome {
    /// What came of the call; nothing if it was a request.
    #[must_use]
    pub const fn call(&self) -> Option<&Outcome> {
        self.call.as_ref()
    }

    /// The last error: of the call, of what was asked at its pauses, or of the request.
    #[must_use]
    pub const fn error(&self) -> Option<&PlanError> {
        self.error.as_ref()
    }

    /// The last error and where it came from, or how the call ended, for people.
    fn why(&self) -> String {
        let failed = self.call.as_ref().and_then(|call| call.result().failed_at.as_ref());
        let place = failed.map(|failed| format!(" ({failed})")).unwrap_or_default();
        match (&self.error, &self.call) {
            (Some(error), _) => format!("{}: {error}{place}", error.name()),
            (None, Some(call)) => call.exit_status().to_string(),
            (None, None) => String::new(),
        }
    }

    /// Whether all went well, and all messages came at which something was to be done.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let is_well = |call: &Outcome| call.exit_status() == ExitStatus::Success && call.unreached().is_empty();
        self.error.is_none() && self.call.as_ref().is_none_or(is_well)
    }
}

/// What came of a program: of each of its items in turn.
#[derive(Clone, Debug)]
pub struct ProgramOutcome {
    items: Vec<ItemOutcome>,
    trace: Trace,
    lulls: Vec<Lull>,
    /// Where the items stand in their file.
    places: Vec<String>,
    /// What came of what the program says of what it leaves.
    #[cfg(feature = "plan-files")]
    pub(super) checks: Vec<super::ItemCheck>,
    /// What of that does not hold, in words.
    unmet: String,
}

impl ProgramOutcome {
    /// What came of each item, in order; of fewer items than the program has, where it [fails fast](Program::fail_fast).
    #[must_use]
    pub fn items(&self) -> &[ItemOutcome] {
        &self.items
    }

    /// What came of the last call; nothing where there was none.
    #[must_use]
    pub fn last_call(&self) -> Option<&Outcome> {
        self.items.iter().rev().find_map(ItemOutcome::call)
    }

    /// Whether all items went well, and left what the program [says of it](Program::expect).
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.ended_well() && self.unmet.is_empty()
    }

    /// Whether all items went well, whatever they left: what a program says of that is about the program as it is, with all kept.
    pub(super) fn ended_well(&self) -> bool {
        self.items.iter().all(ItemOutcome::is_success)
    }

    /// The spans of all items.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The trace as a tree for people, with when the items were paused, suspended or asleep.
    pub fn draw(&self) -> Drawing<'_> {
        self.trace.draw().lulls(self.lulls.iter().cloned())
    }

    /// What went wrong with items, each with its place.
    pub(super) fn troubles(&self) -> impl Iterator<Item = String> {
        let failed = self.items.iter().zip(&self.places).filter(|(item, _)| !item.is_success());
        failed.map(|(item, place)| format!("{place}: {}", item.why()))
    }

    /// When the items were paused, suspended or asleep.
    #[cfg(feature = "page")]
    pub(super) fn lulls(&self) -> &[Lull] {
        &self.lulls
    }

    /// What its check files find otherwise than they say; empty where all is as it should be.
    #[cfg(feature = "page")]
    pub(super) fn unmet(&self) -> &str {
        &self.unmet
    }

    /// Wants all items to have gone well.
    ///
    /// # Panics
    ///
    /// If one did not: with its place, why, and the trace.
    ///
    #[cfg_attr(feature = "plan-files", doc = "```should_panic")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::prelude::*;
    /// use skyspan::program::Program;
    ///
    /// let program = Program::parse("items: [{item_type: messages, messages: [{raise: no light}]}]").unwrap();
    /// Harness::new().run_program(&program).unwrap().assert_success();
    /// ```
    #[track_caller]
    pub fn assert_success(&self) {
        let failed: Vec<String> = self.troubles().collect();
        assert!(!failed.is_empty() || self.unmet.is_empty(), "the program did not leave what it says:\n{}", self.unmet);
        assert!(failed.is_empty(), "the program did not succeed:\n{}\n\n{}", failed.join("\n"), self.draw());
    }

    /// Wants the trace of all items to be as expected; like [`Trace::assert`].
    ///
    /// # Panics
    ///
    /// With a report, if it is not.
    #[track_caller]
    pub fn assert(&self, expectation: impl Expectation) {
        self.trace.assert(expectation);
    }
}

impl Harness {
    /// Adds the devices of a program to the beamline, and resolves all that the program names.
    ///
    /// # Errors
    ///
    /// [`YamlError`], with its place in the file, for what does not exist or does not fit.
    pub fn prepare(&self, program: &Program) -> Result<Prepared, YamlError> {
        Prepared::resolve(program, self.clock().clone(), self.beamline(), |device| self.add(device))
    }

    /// Makes a device of what a program would say of it, and adds it to the beamline. What its options name is looked up in `among`,
    /// which may know devices by other names than the beamline does.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::program::DeviceSpec;
    ///
    /// let lab = Harness::new();
    /// let stage = lab.make_device(&DeviceSpec::new("SimMotor", "stage").with("velocity", 2.0), lab.beamline())?;
    /// assert_eq!(lab.run(plan(async move |p| p.mv(&stage, 8).await)).duration(), secs(4.5));
    ///
    /// let misspelled = DeviceSpec::new("SimMotor", "stage").with("velosity", 2.0);
    /// let error = lab.make_device(&misspelled, lab.beamline()).expect_err("there is no such option");
    /// assert!(error.to_string().contains("did you mean `velocity`?"), "{error}");
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit.
    #[expect(clippy::expect_used, reason = "there is one device in the program")]
    pub fn make_device(&self, spec: &DeviceSpec, among: Beamline) -> Result<Device, YamlError> {
        let mut made = None;
        let mut program = Program::default();
        program.devices.push(spec.clone());
        Prepared::resolve(&program, self.clock().clone(), among, |device| {
            let device = self.add(device);
            made = Some(device.clone());
            device
        })?;
        Ok(made.expect("a program makes the devices that it has"))
    }

    /// Adds the devices of a program to the beamline, with its faults, and what its devices set when they are staged. From then on
    /// [`plan_of`](Self::plan_of) knows its callbacks and its suspenders by their names. Its items are not run, and its options of the
    /// engine are left alone.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::program::{CallbackSpec, Program, Step};
    ///
    /// let lab = Harness::new();
    /// let mut program = Program::default();
    /// program.callbacks.push(CallbackSpec::new("disk").failing_at(1, "no space left"));
    /// lab.furnish(&program)?;
    /// let steps = [Step::plan("subscribe").arg("start").arg("disk"), Step::plan("open_run")];
    /// let run = lab.run(lab.plan_of(&steps)?);
    /// assert_eq!(run.exception().map(PlanError::to_string).as_deref(), Some("no space left"));
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit; the devices before it are added.
    pub fn furnish(&self, program: &Program) -> Result<(), YamlError> {
        let names = furnish_names(program, self.clock().clone(), self.beamline(), |device| self.add(device))?;
        lock(&self.names).extend(names);
        Ok(())
    }

    /// The plan of steps, with the devices of the beamline, and with the callbacks and suspenders that the harness is
    /// [furnished](Self::furnish) with.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit.
    pub fn plan_of(&self, steps: &[Step]) -> Result<Plan, YamlError> {
        plan_of(steps, self.clock().clone(), self.beamline(), self.names())
    }

    /// The callbacks and suspenders that steps may name.
    pub(crate) fn names(&self) -> ProgramNames {
        lock(&self.names).clone()
    }

    /// Runs the items of a program one after another. Its devices are added to the beamline, its metadata to that of the engine; its
    /// resource and its limits are those of a harness that is [built for it](super::HarnessBuilder::program).
    ///
    /// # Errors
    ///
    /// [`YamlError`] for what does not exist or does not fit; then nothing was run.
    pub fn run_program(&self, program: &Program) -> Result<ProgramOutcome, YamlError> {
        self.run_program_in(program, Path::new(""))
    }

    /// The same, where paths in what it must leave are seen from a folder.
    #[cfg_attr(not(feature = "plan-files"), expect(unused_variables, reason = "nothing is compared with files"))]
    fn run_program_in(&self, program: &Program, folder: &Path) -> Result<ProgramOutcome, YamlError> {
        #[cfg(feature = "plan-files")]
        let checks = program.checks(folder)?;
        let prepared = self.prepare(program)?;
        self.with_engine(|engine| {
            let options = &program.engine;
            engine.md().extend(options.md.clone());
            if options.record_interruptions {
                engine.record_interruptions(true);
            }
            if options.ignore_callback_exceptions {
                engine.ignore_callback_errors(true);
            }
        });
        let (mark, began) = (self.capture().mark(), self.clock().now());
        let items = prepared.run_with(|item| item.run(self));
        let places = prepared.items().iter().enumerate().map(|(at, item)| {
            let Position { line, column } = item.position();
            if line == 0 { format!("item {}", at + 1) } else { format!("item {} at {line}:{column}", at + 1) }
        });
        let trace = self.capture().trace_since(mark);
        #[cfg(feature = "plan-files")]
        let checks = checks.check(&items, &trace);
        Ok(ProgramOutcome {
            items,
            trace,
            lulls: self.lulls_since(began),
            places: places.collect(),
            #[cfg(feature = "plan-files")]
            unmet: super::checks::unmet(&checks),
            #[cfg(not(feature = "plan-files"))]
            unmet: String::new(),
            #[cfg(feature = "plan-files")]
            checks,
        })
    }

    /// Runs a plan file: reads it, and [runs what it says](Self::run_program).
    ///
    #[cfg_attr(feature = "plan-files", doc = "```")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::prelude::*;
    ///
    /// let run = Harness::new().run_file("fixtures/plans/scan.yaml")?;
    /// run.assert_success();
    /// run.assert(at_least(1, span("Bluesky RunEngine set")));
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`YamlError`], with the file and the place in it, where it cannot be read, is no plan file, or names what does not exist; then
    /// nothing was run.
    #[cfg(feature = "plan-files")]
    pub fn run_file(&self, path: impl AsRef<Path>) -> Result<ProgramOutcome, YamlError> {
        let path = path.as_ref();
        let folder = path.parent().unwrap_or(Path::new(""));
        let run = self.run_program_in(&Program::read(path)?, folder);
        run.map_err(|error| error.in_file(path.display().to_string()))
    }
}

impl Prepared {
    /// Runs the items one after another, each as `run` does it; none behind one that has failed, where the program fails fast.
    pub fn run_with(&self, mut run: impl FnMut(&PreparedItem) -> ItemOutcome) -> Vec<ItemOutcome> {
        let mut outcomes = Vec::new();
        for item in self.items() {
            let outcome = run(item);
            let goes_on = outcome.is_success() || !self.fail_fast();
            outcomes.push(outcome);
            if !goes_on {
                break;
            }
        }
        outcomes
    }
}

impl PreparedItem {
    /// Calls the engine of a harness with it, and answers each pause in turn; one for which there is no answer, by a halt.
    /// Or asks of the engine what is to be asked.
    #[must_use]
    pub fn run(&self, lab: &Harness) -> ItemOutcome {
        self.run_deciding(lab, |planned| planned.next().cloned().unwrap_or(PauseAnswer::Ask(Request::Halt)))
    }

    /// The same, but each pause is answered by `decide`, which gets the answers of the file that have not been given.
    #[must_use]
    pub fn run_deciding(
        &self,
        lab: &Harness,
        decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer,
    ) -> ItemOutcome {
        match &self.work {
            Work::Call(call) => call.run(lab, decide),
            Work::Request(request) => {
                let error = match ask(lab, request) {
                    Ok(outcome) => outcome.exception().cloned(),
                    Err(error) => Some(error),
                };
                ItemOutcome { call: None, error }
            }
        }
    }
}

impl Call {
    fn run(&self, lab: &Harness, mut decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer) -> ItemOutcome {
        let lines = self.input.clone().or_else(|| lab.clock().is_simulated().then(Vec::new));
        lab.with_engine(|engine| match lines {
            Some(lines) => {
                let mut lines = VecDeque::from(lines);
                engine.set_input(move |_| std::future::ready(Ok(lines.pop_front().unwrap_or_default())));
            }
            // In real time there is somebody to be asked.
            None => engine.use_standard_input(),
        });
        self.at.iter().for_each(|outside| outside.schedule(lab));
        let subscribers = self.subscribers.clone();
        let options = CallOptions { md: self.meta.clone(), subscribers, ..CallOptions::default() };
        let mut outcome = lab.run_with(self.plan(), options);
        let mut error = outcome.exception().cloned();
        let mut planned = self.on_pause.iter();
        while lab.state() == RunEngineState::Paused {
            match decide(&mut planned).give(lab) {
                Ok(Some(next)) => {
                    error = next.exception().cloned().or(error);
                    outcome = next;
                }
                Ok(None) => {}
                Err(refused) => error = Some(refused),
            }
        }
        ItemOutcome { call: Some(outcome), error }
    }
}

impl PauseAnswer {
    /// Gives the answer; what came of the call, where it had to do with that.
    fn give(self, lab: &Harness) -> Result<Option<Outcome>, PlanError> {
        match self {
            Self::Ask(request) => return ask(lab, &request).map(Some),
            Self::Call => return Ok(Some(lab.run(plan(async |_| Ok(()))))),
            Self::Set(puts) => puts.iter().for_each(|put| put.put(lab.clock())),
            Self::Sleep(time) => {
                let clock = lab.clock();
                // Where time has come to its end, there is nothing to sleep for.
                let _ = clock.block_on(clock.sleep(time));
            }
        }
        // Somebody may have decided meanwhile, from outside.
        Ok((lab.state() != RunEngineState::Paused).then(|| lab.decision()))
    }
}

impl Outside {
    /// Sees to it that it is done in the next call; at once, where it is to be done before that.
    fn schedule(&self, lab: &Harness) {
        let scheduled = match (self.message, self.after) {
            (None, time) => lab.at(time.unwrap_or_default()),
            (Some(number), None) => lab.at_message(number),
            (Some(number), Some(time)) => lab.at_message(number).later(time),
        };
        let (clock, engine, act) = (lab.clock().clone(), lab.handle().clone(), self.act.clone());
        match &self.act {
            Act::Set(_) => {
                // That goes in every state.
                let put = move || act.perform(&clock, &engine).unwrap_or_default();
                // Before the call there is no message during which it could be done.
                if (self.message, self.after) == (None, None) { put() } else { scheduled.call(put) }
            }
            Act::Ask(_) | Act::Suspend { .. } => scheduled.ask(move |engine| act.perform(&clock, engine)),
        }
    }
}

/// Asks something of an engine that executes nothing now; gives what came of the call, if the engine is in one.
fn ask(lab: &Harness, request: &Request) -> Result<Outcome, PlanError> {
    Ok(match request {
        Request::Resume => lab.resume(),
        Request::Abort { reason } => lab.abort(reason),
        Request::Stop => lab.stop(),
        Request::Halt => lab.halt(),
        Request::Pause => {
            lab.handle().pause()?;
            lab.decision()
        }
        Request::DeferredPause => {
            lab.handle().deferred_pause()?;
            lab.decision()
        }
    })
}
