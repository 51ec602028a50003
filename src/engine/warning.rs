//! [`EngineWarning`]: what went well, and may not be meant.

use std::fmt;

use super::RunEngine;
use crate::message::{Command, Msg};
use crate::value::{Text, Value};

/// What the engine did as bluesky does, and nobody may have meant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EngineWarning {
    /// Messages that were executed in one run were executed again in another, whose data they are in now: between the two the
    /// plan was led back to a checkpoint from before. A checkpoint after `close_run` keeps them apart.
    ReplayedIntoAnotherRun {
        /// The uid of the run that has closed.
        from: Text,
        /// The uid of the run in which they were executed again.
        into: Text,
        /// The messages that were executed in both runs, as text.
        messages: Vec<Text>,
    },
}

impl fmt::Display for EngineWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReplayedIntoAnotherRun { from, into, messages } => write!(
                f,
                "{} of run {from} were executed again in run {into}, for there was no checkpoint after its `close_run`",
                messages.join(", ")
            ),
        }
    }
}

/// A run that was closed since the last checkpoint.
#[derive(Debug)]
pub(super) struct ClosedRun {
    key: Value,
    uid: Text,
    /// How many messages were kept for a replay then.
    kept: usize,
}

impl RunEngine {
    /// Takes note of a run that has closed while messages are kept that belong to it.
    pub(super) fn note_closed_run(&mut self, key: &Value, uid: &Text) {
        let kept = self.call.cache.as_ref().map_or(0, Vec::len);
        if kept > 0 {
            self.call.closed_runs.push(ClosedRun { key: key.clone(), uid: uid.clone(), kept });
        }
    }

    /// Warns where messages that are executed again get into another run than before.
    pub(super) fn warn_of_replay(&mut self, replayed: &[Msg]) {
        for at in 0..self.call.closed_runs.len() {
            let ClosedRun { key, uid, kept } = &self.call.closed_runs[at];
            let earlier = self.call.closed_runs[..at].iter().rev().find(|run| run.key == *key);
            let first = earlier.map_or(0, |run| run.kept);
            let of_run = replayed.iter().take(*kept).skip(first).filter(|msg| msg.run == *key && is_of_its_run(msg));
            let messages: Vec<Text> = of_run.map(|msg| msg.to_string().into()).collect();
            let into = self.call.runs.iter().find(|(open, _)| open == key);
            if let Some((_, run)) = into
                && !messages.is_empty()
            {
                let (from, into) = (uid.clone(), run.bundler.composer.start().uid.clone());
                self.call.warnings.push(EngineWarning::ReplayedIntoAnotherRun { from, into, messages });
            }
        }
        self.call.closed_runs.clear();
    }
}

/// Whether what a message does is in the data of its run.
const fn is_of_its_run(msg: &Msg) -> bool {
    matches!(
        msg.command,
        Command::Create { .. }
            | Command::Read { .. }
            | Command::Save
            | Command::Drop
            | Command::Collect(_)
            | Command::DeclareStream(_)
    )
}
