//! [`Coverage`]: what a search has come by.

use std::collections::BTreeMap;
use std::fmt;

use super::{Law, Trial};
use crate::engine::RunEngineState;
use crate::message::BLUESKY_COMMANDS;
use crate::value::Text;
use skyspan_trace::internal::{grouped, table};

/// What a search has come by: commands that were executed, changes of the engine's state, laws that were held against a case. Its
/// `Display` is a table.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Coverage {
    /// How many cases there were.
    pub cases: u64,
    /// How many messages were executed in them; those that a law had executed again are not counted.
    pub messages: u64,
    /// How often each command was executed.
    pub commands: BTreeMap<Text, u64>,
    /// How often the engine changed from one state to another.
    pub transitions: BTreeMap<(Text, Text), u64>,
    /// How often each law was held against a case, and how often it said nothing about it.
    pub laws: BTreeMap<Text, (u64, u64)>,
}

impl Coverage {
    /// How wide the columns of the table are at least.
    pub(super) const COLUMNS: [usize; 3] = [30, 14, 10];

    /// Notes a trial and the laws that it is held against.
    pub fn note(&mut self, trial: &Trial<'_>, laws: &[Law]) {
        self.cases += 1;
        self.note_run(trial, laws);
    }

    /// Notes a trial of a case that is counted already.
    pub(super) fn note_run(&mut self, trial: &Trial<'_>, laws: &[Law]) {
        for msg in trial.run().messages() {
            self.messages += 1;
            add(&mut self.commands, msg.command().into(), 1);
        }
        for (from, to) in trial.chronicle().transitions() {
            add(&mut self.transitions, (Text::literal(from.as_str()), Text::literal(to.as_str())), 1);
        }
        for law in laws {
            let entry = self.laws.entry(law.name()).or_default();
            *(if law.applies_to(trial) { &mut entry.0 } else { &mut entry.1 }) += 1;
        }
    }

    /// Adds what another part of the search has come by.
    pub fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        self.messages += other.messages;
        other.commands.iter().for_each(|(command, count)| add(&mut self.commands, command.clone(), *count));
        other.transitions.iter().for_each(|(change, count)| add(&mut self.transitions, change.clone(), *count));
        for (law, (held, silent)) in &other.laws {
            let entry = self.laws.entry(law.clone()).or_default();
            entry.0 += held;
            entry.1 += silent;
        }
    }

    /// The commands of bluesky that were not executed.
    pub fn commands_missed(&self) -> impl Iterator<Item = &'static str> {
        BLUESKY_COMMANDS.into_iter().filter(|command| !self.commands.contains_key(*command))
    }

    /// The changes of state that can be, and were not.
    pub fn transitions_missed(&self) -> Vec<(RunEngineState, RunEngineState)> {
        let all = RunEngineState::ALL.into_iter().flat_map(|from| from.leads_to().iter().map(move |to| (from, *to)));
        let known = |(from, to): &(RunEngineState, RunEngineState)| {
            self.transitions.contains_key(&(Text::literal(from.as_str()), Text::literal(to.as_str())))
        };
        all.filter(|change| !known(change)).collect()
    }

    /// The laws that said nothing about any case.
    pub fn laws_missed(&self) -> impl Iterator<Item = &Text> {
        self.laws.iter().filter(|(_, (held, _))| *held == 0).map(|(law, _)| law)
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, count: u64) {
    *counts.entry(key).or_default() += count;
}

/// What part of the whole that is, in percent; a dash where there is no whole.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// What there could have been and was not, in lines that fit.
fn never(f: &mut fmt::Formatter<'_>, missed: impl IntoIterator<Item = String>) -> fmt::Result {
    const WIDTH: usize = 100;
    let mut line = String::from("never:");
    let mut missed = missed.into_iter().peekable();
    if missed.peek().is_none() {
        return Ok(());
    }
    while let Some(what) = missed.next() {
        let comma = if missed.peek().is_some() { "," } else { "" };
        if line.chars().count() + what.chars().count() + 2 > WIDTH {
            writeln!(f, "{line}")?;
            line = String::from("      ");
        }
        line += &format!(" {what}{comma}");
    }
    writeln!(f, "{line}")
}

/// A table of all of it: commands with their share of all messages, changes of state with their share of all changes, laws with the
/// cases that they said something about; and what there was none of.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |what: String, count: u64, of: u64| [what, grouped(count), share(count, of)];
        let head = [("cases", self.cases), ("messages", self.messages)];
        table(f, None, &head.map(|(what, count)| [what.to_owned(), grouped(count), String::new()]), Self::COLUMNS)?;

        let rows = self.commands.iter().map(|(command, count)| row(command.to_string(), *count, self.messages));
        table(f, Some(["command", "messages", "share"]), &rows.collect::<Vec<_>>(), Self::COLUMNS)?;
        never(f, self.commands_missed().map(str::to_owned))?;

        let change = |from: &str, to: &str| format!("{from} -> {to}");
        let all = self.transitions.values().sum();
        let rows = self.transitions.iter().map(|((from, to), count)| row(change(from, to), *count, all));
        table(f, Some(["change of state", "times", "share"]), &rows.collect::<Vec<_>>(), Self::COLUMNS)?;
        never(f, self.transitions_missed().into_iter().map(|(from, to)| change(from.as_str(), to.as_str())))?;

        let applied = self.laws.iter().filter(|(_, (held, _))| *held > 0);
        let rows = applied.map(|(law, (held, silent))| row(law.to_string(), *held, held + silent));
        table(f, Some(["law", "cases", "share"]), &rows.collect::<Vec<_>>(), Self::COLUMNS)?;
        never(f, self.laws_missed().map(ToString::to_string))
    }
}
