//! Cases that are kept: as plan files, and as tests in Rust.

use std::fmt::Write as _;

use super::aftermath::happened;
use super::leftover::Leftover;
use super::message_row::{MESSAGE, MessageRow};
use super::run_end::{REASON, RunEnd, RunWish, Times};
use super::subject::{Keeps, Subject};
use super::undisturbed::Undisturbed;
use super::{CaseId, HomeAt, Torture, TortureError, Tortured, Trouble};
use crate::clock::Moments;
use crate::document::DocumentName;
use crate::program::{
    CallSpec, CallbackFault, CallbackSpec, Comparison, Condition, FaultSpec, Item, OutsideAct, OutsideSpec,
    PauseAction, Program, Request, Step, SubsSpec,
};
use crate::value::Position;
use crate::value::yaml::Node;

/// The subscriber that fails in what is kept.
const CALLBACK: &str = "fails_once";

/// A case as a program in which it happens.
pub(super) struct Kept {
    pub(super) program: Program,
    /// The places of the messages at which something happens, and what.
    pub(super) rows: Vec<(usize, Trouble)>,
    pub(super) undisturbed: Undisturbed,
    pub(super) tortured: Tortured,
}

impl Torture<'_> {
    /// A case as a plan file, ready for `skyspan run`: the same program, with what happens in it. Where a device is left at a wrong
    /// number, an item at its end fails until it is not; what else is left stands in the first lines.
    ///
    #[cfg_attr(feature = "plan-files", doc = "```")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::prelude::*;
    /// use skyspan::program::Program;
    /// use skyspan::torture::{CaseId, Torture, Trouble};
    ///
    /// let program = Program::parse("
    /// devices: [{name: stage, class: SimMotor, velocity: 1}]
    /// items: [{item_type: messages, messages: [{plan: {name: mv, args: [stage, 1]}}, {plan: {name: mv, args: [stage, 0]}}]}]
    /// ")?;
    /// let kept = Torture::program(&program).keep_as_plan_file(&CaseId::at(2, Trouble::Abort))?;
    /// assert!(kept.contains("{message: 2, after_s: 0.75, do: abort, "), "{kept}");
    /// let run = Harness::new().run_program(&Program::parse(&kept)?)?;
    /// assert!(run.items()[1].error().is_some_and(|error| error.to_string().starts_with("stage is not <= ")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TortureError`] where the case is none, where the plan is no program, and where a plan file does not come to the same.
    pub fn keep_as_plan_file(&self, case: &CaseId) -> Result<String, TortureError> {
        let Kept { mut program, undisturbed, tortured, .. } = self.kept(case)?;
        let is_checked = self.add_checks(&mut program, &undisturbed, &tortured)?;
        let mut text = String::new();
        for line in tortured.told().lines() {
            let _ = writeln!(text, "# {line}");
        }
        if is_checked {
            text += "# The last item fails until that is mended.\n";
        }
        Ok(text + &program.to_yaml())
    }

    /// A case as a program in which it happens.
    pub(super) fn kept(&self, case: &CaseId) -> Result<Kept, TortureError> {
        let not_kept = |why: &str| TortureError::NotKept { case: case.clone(), why: why.to_owned() };
        let Subject::Program(program) = &self.subject else {
            return Err(not_kept("its plan is Rust code; `keep_as_rust` keeps it"));
        };
        let (undisturbed, _) = self.undisturbed(None, None)?;
        let rows = self.rows(&undisturbed, case)?;
        let (wanted, shown) = self.run_case(&undisturbed, &rows, case.order, Keeps::All)?;
        let mut kept = (*program).clone();
        for (row, trouble) in &rows {
            self.add(&mut kept, &undisturbed, (row, *trouble), case)?;
        }
        if case.order.is_some() {
            kept.engine.moments = Moments::Picked(shown.lab.clock().picks());
        }
        // It has to be the same that happens.
        if !self.run_kept(&kept, &undisturbed)?.is_like(&wanted) {
            return Err(not_kept("it comes to something else there; `-o FILE.rs` keeps it as a test in Rust"));
        }
        let tortured = Tortured::new(case.clone(), &rows, undisturbed.judge(wanted, &rows), shown);
        let place = |row: &MessageRow| usize::try_from(row.number).map_or(usize::MAX, |number| number - 1);
        let rows = rows.iter().map(|(row, trouble)| (place(row), *trouble)).collect();
        Ok(Kept { program: kept, rows, undisturbed, tortured })
    }

    /// Adds an item that fails while devices are where they must not be; gives whether there is something that it can look at.
    fn add_checks(
        &self,
        kept: &mut Program,
        undisturbed: &Undisturbed,
        tortured: &Tortured,
    ) -> Result<bool, TortureError> {
        let checks: Vec<Step> =
            tortured.aftermath.leftovers.iter().flat_map(|left| at_home(left, undisturbed)).collect();
        if checks.is_empty() {
            return Ok(false);
        }
        let call = CallSpec::default();
        kept.items.push(Item::Messages { messages: checks, call, position: Position::NOWHERE });
        let end = self.run_kept(kept, undisturbed)?;
        // What does not read one number cannot be looked at so.
        let error = end.exits.last().and_then(|exit| exit.error.as_ref());
        let is_seen = error.is_some_and(|error| error.to_string().contains(" is not "));
        if !is_seen {
            kept.items.pop();
        }
        Ok(is_seen)
    }

    /// What comes of a program that was kept.
    fn run_kept(&self, kept: &Program, undisturbed: &Undisturbed) -> Result<RunEnd, TortureError> {
        let named = self.named();
        let limits = undisturbed.limits((self.times.hold.max(self.times.late), 2));
        let wish =
            RunWish { lab: self.lab(Some(limits), None), times: self.times, troubles: &[], notes: None, named: &named };
        Ok(Subject::Program(kept).run(&wish)?.0)
    }

    /// A case as a test in Rust, of the plan that it is of now: `program` is the code that gives the program, such as
    /// `Program::read("plans/align.yaml")?`, where it is one; for a plan in Rust, the code that gives the [`Torture`].
    ///
    /// # Errors
    ///
    /// [`TortureError`] where the case is none.
    pub fn keep_as_rust(&self, case: &CaseId, program: &str) -> Result<String, TortureError> {
        let tortured = self.case(case)?;
        let (undisturbed, _) = self.undisturbed(None, None)?;
        let rows = self.rows(&undisturbed, case)?;
        let names: Vec<String> =
            rows.iter().map(|(row, trouble)| format!("{trouble}_at_message_{}", row.number)).collect();
        let order = case.order.map(|order| format!("in_order_{order}"));
        let name = names.into_iter().chain(order).collect::<Vec<_>>().join("_and_");
        let mut code = String::new();
        tortured.told().lines().skip(1).for_each(|line| {
            let _ = writeln!(code, "// {}", line.trim());
        });
        let _ =
            writeln!(code, "#[test]\nfn nothing_is_left_after_{name}() -> Result<(), Box<dyn std::error::Error>> {{");
        let (uses, made) = match &self.subject {
            Subject::Program(_) => {
                let _ = writeln!(code, "    let program = {program};");
                ("use skyspan::program::Program;\n", "Torture::program(&program)".to_owned())
            }
            Subject::Plan(..) => ("", program.to_owned()),
        };
        let _ = writeln!(code, "    let torture = {made}{};", self.options_in_rust());
        let happened: Vec<String> = rows.iter().map(|(row, trouble)| happened(row, *trouble)).collect();
        happened.iter().for_each(|happened| {
            let _ = writeln!(code, "    // {happened}.");
        });
        let _ = writeln!(
            code,
            "    torture.case(&{:?}.parse()?)?.assert_nothing_left();\n    Ok(())\n}}",
            case.to_string()
        );
        let more = if code.contains("HomeAt::") {
            "use skyspan::torture::{HomeAt, Torture};\n"
        } else {
            "use skyspan::torture::Torture;\n"
        };
        Ok(format!("{uses}{more}\n{code}"))
    }

    /// What a case depends on, as the calls that say it.
    fn options_in_rust(&self) -> String {
        let mut code = String::new();
        if self.seed != 0 {
            let _ = write!(code, ".seed({})", self.seed);
        }
        if self.is_strict {
            code += ".strict()";
        }
        let usual = Times::default();
        let seconds = |time: std::time::Duration| format!("std::time::Duration::from_nanos({})", time.as_nanos());
        if self.times.hold != usual.hold {
            let _ = write!(code, ".hold({})", seconds(self.times.hold));
        }
        if self.times.late != usual.late {
            let _ = write!(code, ".late_by({})", seconds(self.times.late));
        }
        for home in &self.homes {
            let at = match &home.at {
                HomeAt::Start => "HomeAt::Start".to_owned(),
                HomeAt::End => "HomeAt::End".to_owned(),
                HomeAt::Value(value) => match value.as_str() {
                    Some(text) => format!("HomeAt::Value({text:?}.into())"),
                    None => format!("HomeAt::Value({value}.into())"),
                },
            };
            let _ = write!(code, ".home({:?}, {at})", home.device);
        }
        code
    }

    /// Adds to a program what happens at a message.
    fn add(
        &self,
        program: &mut Program,
        undisturbed: &Undisturbed,
        (row, trouble): (&MessageRow, Trouble),
        case: &CaseId,
    ) -> Result<(), TortureError> {
        let not_kept = |why: &str| TortureError::NotKept { case: case.clone(), why: why.to_owned() };
        if trouble.is_of_the_device() {
            let place = usize::try_from(row.number - 1).unwrap_or(usize::MAX);
            let (_, before) = self.undisturbed(Some((place, row.method)), None)?;
            let nth = before as u64 + 1;
            let device = row.device.as_ref().ok_or_else(|| not_kept("its device has no name"))?;
            let fault =
                row.fault(trouble, nth, self.times.late).ok_or_else(|| not_kept("it asks nothing of a device"))?;
            program.faults.push(FaultSpec { device: device.to_string().into(), fault });
            return Ok(());
        }
        let call = program.items.get_mut(row.item).and_then(|item| match item {
            Item::Plan { call, .. } | Item::Messages { call, .. } => Some(call),
            Item::Request { .. } => None,
        });
        let call = call.ok_or_else(|| not_kept("its item is no call"))?;
        let act = match trouble {
            Trouble::Pause => {
                let answers = [PauseAction::Sleep(self.times.hold), PauseAction::Ask(Request::Resume)];
                let place = row.answers_before.min(call.on_pause.len());
                call.on_pause.splice(place..place, answers);
                OutsideAct::Ask(Request::Pause)
            }
            Trouble::Suspend => OutsideAct::Suspend { time: self.times.hold, justification: None },
            Trouble::Abort => OutsideAct::Ask(Request::Abort { reason: REASON.to_owned() }),
            Trouble::Stop => OutsideAct::Ask(Request::Stop),
            Trouble::Halt => OutsideAct::Ask(Request::Halt),
            _ => {
                // It hears the documents of this item alone.
                let first = undisturbed.rows.iter().find(|other| other.item == row.item);
                let before = row.documents_before - first.map_or(0, |first| first.documents_before);
                let fault = Some(CallbackFault { nth: before + 1, message: MESSAGE.to_owned() });
                program.callbacks.push(CallbackSpec { name: CALLBACK.to_owned().into(), fault });
                let callbacks = vec![Node::from(CALLBACK)];
                call.subs.push(SubsSpec { documents: DocumentName::All, callbacks });
                return Ok(());
            }
        };
        let message = Some(row.message as u64);
        call.at.push(OutsideSpec { message, after: row.halfway(), act, position: Position::NOWHERE });
        Ok(())
    }
}

/// What wants a device to be where it has to be, where that is a number.
fn at_home(left: &Leftover, undisturbed: &Undisturbed) -> Vec<Step> {
    let Leftover::Device { device, home, found, .. } = left else { return Vec::new() };
    let (Some(value), Some(_)) = (home.as_f64(), found.as_f64()) else { return Vec::new() };
    let tolerance = undisturbed.homes.iter().find(|home| home.device == *device).map_or(0.0, |home| home.tolerance);
    let wants = |comparison, value| {
        let device = Node::from(&**device);
        let condition = Condition { device, comparison, value, at_most: 1 };
        Step::Until { condition, body: Vec::new(), position: Position::NOWHERE }
    };
    vec![wants(Comparison::AtLeast, value - tolerance), wants(Comparison::AtMost, value + tolerance)]
}
