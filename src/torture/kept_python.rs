//! Cases that are kept as tests in Python, for pytest and a lab.

use std::fmt::Write as _;

use super::aftermath::{happened, told};
use super::kept::Kept;
use super::leftover::{Hung, Leftover};
use super::message_row::MessageRow;
use super::run_end::REASON;
use super::undisturbed::Undisturbed;
use super::{CaseId, Torture, TortureError, Trouble};
use crate::value::Value;

impl Torture<'_> {
    /// A case as a test in Python, for pytest with the plugin of skyspan: a lab runs the plan file at `path`, and the same happens in it.
    /// It fails as long as a device is left elsewhere than at its home, or somebody waits for ever; what else is left stands in its
    /// first lines, and where nothing is left, the test holds that the plan ends as it does. Where what happens cannot be said of the plan file as it is, the test has the plan file in it, with what happens.
    ///
    #[cfg_attr(feature = "plan-files", doc = "```")]
    #[cfg_attr(not(feature = "plan-files"), doc = "```ignore")]
    /// use skyspan::program::Program;
    /// use skyspan::torture::{CaseId, Torture, Trouble};
    ///
    /// let program = Program::parse("
    /// devices: [{name: stage, class: SimMotor, velocity: 1}]
    /// items: [{item_type: messages, messages: [{plan: {name: mv, args: [stage, 1]}}, {plan: {name: mv, args: [stage, 0]}}]}]
    /// ")?;
    /// let test = Torture::program(&program).keep_as_python(&CaseId::at(2, Trouble::Abort), "plans/there.yaml")?;
    /// assert!(test.contains("    lab.at_message(2).later(0.75).abort(\"aborted by skyspan torture\")\n"), "{test}");
    /// assert!(test.contains("    lab.run_file(\"plans/there.yaml\")\n"), "{test}");
    /// assert!(test.contains("    assert lab.device(\"stage\").get() == approx(0.0, abs="), "{test}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TortureError`] where the case is none, where the plan is no program, where a plan file does not come to the same, and where
    /// the plan goes on for ever or stays paused: so would the test.
    pub fn keep_as_python(&self, case: &CaseId, path: &str) -> Result<String, TortureError> {
        let Kept { program, rows, undisturbed, tortured } = self.kept(case)?;
        let waits_for_ever = match &tortured.aftermath.hung {
            None => false,
            Some(Hung::WaitsForEver { .. }) => true,
            Some(hung) => {
                return Err(TortureError::NotKept { case: case.clone(), why: format!("{hung}; so would the test") });
            }
        };
        let mut code = String::from("\"\"\"");
        code += &escaped(told(case, &tortured.happened, &tortured.aftermath).trim_end(), '"');
        code += "\n\"\"\"\n";
        let checks = checks(&tortured.aftermath.leftovers, &undisturbed);
        let approx = checks.iter().any(|check| check.contains("approx(")).then_some("from pytest import approx\n");
        let lab = (self.seed != 0).then_some("from skyspan import Lab\n");
        if approx.or(lab).is_some() {
            code.push('\n');
            code.extend(approx.into_iter().chain(lab));
        }
        let rows: Vec<(&MessageRow, Trouble)> =
            rows.iter().filter_map(|(at, trouble)| Some((undisturbed.rows.get(*at)?, *trouble))).collect();
        let scheduled = self.scheduled(&rows, &undisturbed).filter(|_| case.order.is_none());
        let name = rows.iter().map(|(row, trouble)| format!("{trouble}_at_message_{}", row.number));
        let name = name.chain(case.order.map(|order| format!("in_order_{order}"))).collect::<Vec<_>>().join("_and_");
        let run = if waits_for_ever || checks.is_empty() { "run = " } else { "" };
        let fixtures = [("lab", self.seed == 0), ("tmp_path", scheduled.is_none())];
        let fixtures: Vec<&str> = fixtures.into_iter().filter(|(_, is_used)| *is_used).map(|(name, _)| name).collect();
        if scheduled.is_none() {
            let _ = writeln!(code, "\nPLAN = \"\"\"\\\n{}\"\"\"", escaped(&program.to_yaml(), '"'));
        }
        let _ = writeln!(code, "\n\ndef test_nothing_is_left_after_{name}({}):", fixtures.join(", "));
        if self.seed != 0 {
            let _ = writeln!(code, "    lab = Lab({})", self.seed);
        }
        for (row, trouble) in &rows {
            let _ = writeln!(code, "    # {}.", happened(row, *trouble));
        }
        match scheduled {
            Some(lines) => {
                lines.iter().for_each(|line| {
                    let _ = writeln!(code, "    {line}");
                });
                let _ = writeln!(code, "    {run}lab.run_file(\"{}\")", escaped(path, '"'));
            }
            None => {
                code += "    plan = tmp_path / \"plan.yaml\"\n    plan.write_text(PLAN, encoding=\"utf-8\")\n";
                let _ = writeln!(code, "    {run}lab.run_file(plan)");
            }
        }
        checks.iter().for_each(|check| {
            let _ = writeln!(code, "    {check}");
        });
        if checks.is_empty() && !waits_for_ever {
            let _ = writeln!(code, "    assert run.exit_status == \"{}\"", tortured.aftermath.exit_status);
        }
        if waits_for_ever {
            code += "    # Nobody waits for ever, without a timeout.\n    assert type(run.exception).__name__ != \"Deadlock\"\n";
        }
        Ok(code)
    }

    /// What happens, as calls of a lab in Python. Nothing where a call comes only once devices are there, or there are several items.
    fn scheduled(&self, rows: &[(&MessageRow, Trouble)], undisturbed: &Undisturbed) -> Option<Vec<String>> {
        if undisturbed.rows.iter().any(|row| row.item > 0) {
            return None;
        }
        let (mut lines, mut answers) = (Vec::new(), Vec::new());
        for (row, trouble) in rows {
            let at = match row.halfway() {
                Some(half) => format!("lab.at_message({}).later({:?})", row.message, half.as_secs_f64()),
                None => format!("lab.at_message({})", row.message),
            };
            let hold_s = self.times.hold.as_secs_f64();
            match trouble {
                Trouble::Pause => {
                    lines.push(format!("{at}.pause()"));
                    answers.push(format!("(\"resume\", {hold_s:?})"));
                }
                Trouble::Suspend => lines.push(format!("{at}.suspend({hold_s:?})")),
                Trouble::Abort => lines.push(format!("{at}.abort(\"{REASON}\")")),
                Trouble::Stop => lines.push(format!("{at}.stop()")),
                Trouble::Halt => lines.push(format!("{at}.halt()")),
                _ => return None,
            }
        }
        if !answers.is_empty() {
            // The answers to the pauses of the plan itself are in its file.
            if undisturbed.has_pauses() {
                return None;
            }
            lines.push(format!("lab.on_pause({})", answers.join(", ")));
        }
        Some(lines)
    }
}

/// What wants devices to be where they have to be, as Python.
fn checks(leftovers: &[Leftover], undisturbed: &Undisturbed) -> Vec<String> {
    let check = |left: &Leftover| {
        let Leftover::Device { device, home, .. } = left else { return None };
        let known = undisturbed.homes.iter().find(|home| home.device == *device);
        let wanted = match (home.as_f64(), home.as_str()) {
            (Some(number), _) if number.is_finite() => {
                format!("approx({number:?}, abs={:?})", known.map_or(0.0, |home| home.tolerance))
            }
            (_, Some(text)) => format!("\"{}\"", escaped(text, '"')),
            _ if *home == Value::Bool(true) => "True".to_owned(),
            _ if *home == Value::Bool(false) => "False".to_owned(),
            _ => return None,
        };
        Some(format!("assert lab.device(\"{}\").get() == {wanted}", escaped(device, '"')))
    };
    leftovers.iter().filter_map(check).collect()
}

/// A text within quotes of Python, in which lines stay lines.
fn escaped(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped += "\\\\",
            '\n' => escaped.push('\n'),
            c if c == quote => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
