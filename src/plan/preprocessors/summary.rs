//! [`print_summary_wrapper`]: what a plan moves and where it makes events, line by line.

use std::io::Write;

use super::mutators::try_msg_mutator;
use crate::message::{Arg, Msg, PlanError};
use crate::plan::Plan;
use crate::value::{Text, Value, repr, repr_str};

/// Writes a summary of a plan as it goes by: its runs, what is moved where, and what is read at each event
/// (`bluesky.preprocessors.print_summary_wrapper`, 1.15.1). The messages stay as they are.
///
/// The lines are bluesky's, byte for byte. They go to `sink` and nowhere else; to see them where bluesky prints them, hand
/// `std::io::stdout()` over. A line that cannot be written is thrown into the plan as an `OSError`.
///
/// [`summarize_plan`](crate::simulate::summarize_plan) writes the same of a plan that nobody executes.
///
/// ```
/// use skyspan::plan::preprocessors::print_summary_wrapper;
/// use skyspan::prelude::*;
///
/// let (mut read, sink) = std::io::pipe()?;
/// let lab = Harness::new();
/// let scan = plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2);
/// lab.run(print_summary_wrapper(scan, sink)).assert_success();
/// let lines = std::io::read_to_string(&mut read)?;
/// assert_eq!(lines.lines().skip(1).take(4).collect::<Vec<_>>(), [
///     "motor -> 0.0",
///     "  Read ['det', 'motor']",
///     "motor -> 1.0",
///     "  Read ['det', 'motor']",
/// ]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn print_summary_wrapper(inner: impl Into<Plan>, mut sink: impl Write + Send + 'static) -> Plan {
    let mut summary = Summary::default();
    try_msg_mutator(inner, move |msg| {
        summary.tell(&msg, &mut sink)?;
        Ok(Some(msg))
    })
}

/// What was read since the last bundle was begun.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    read: Vec<Text>,
}

impl Summary {
    /// Writes the line of a message, if it has one.
    pub(crate) fn tell(&mut self, msg: &Msg, sink: &mut dyn Write) -> Result<(), PlanError> {
        let Some(line) = self.line(msg)? else { return Ok(()) };
        writeln!(sink, "{line}").map_err(|error| PlanError::raised("OSError", error.to_string()))
    }

    fn line(&mut self, msg: &Msg) -> Result<Option<String>, PlanError> {
        match msg.command() {
            "open_run" => return Ok(Some(format!("{:=^80}", " Open Run "))),
            "close_run" => return Ok(Some(format!("{:=^80}", " Close Run "))),
            "set" => {
                let args = msg.args();
                let to = args.first().ok_or_else(|| PlanError::raised("IndexError", "tuple index out of range"))?;
                return Ok(Some(format!("{} -> {}", name_of(msg)?, printed(to))));
            }
            "create" => self.read.clear(),
            "read" => self.read.push(name_of(msg)?),
            "save" => {
                let read: Vec<String> = self.read.iter().map(|name| repr_str(name)).collect();
                return Ok(Some(format!("  Read [{}]", read.join(", "))));
            }
            _ => {}
        }
        Ok(None)
    }
}

/// The name of what a message is about, which only a device has.
fn name_of(msg: &Msg) -> Result<Text, PlanError> {
    match msg.obj() {
        Some(Arg::Device(device)) => Ok(device.name().clone()),
        Some(Arg::Value(Value::Str(_))) => Err(PlanError::no_attribute("str", "name")),
        _ => Err(PlanError::no_attribute("NoneType", "name")),
    }
}

/// An argument as Python's `print` shows it: a string as it is, all else by its `repr`.
pub(crate) fn printed(arg: &Arg) -> String {
    match arg {
        Arg::Value(Value::Str(text)) => text.to_string(),
        Arg::Value(value) => repr(value),
        other => other.repr().to_string(),
    }
}
