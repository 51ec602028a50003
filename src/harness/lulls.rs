//! [`Lulls`]: when a plan was paused, suspended or asleep, noted as it happens.

use crate::clock::Timestamp;
use crate::engine::RunEngineState;
use crate::message::{Command, Msg};
use crate::trace::Lull;
use crate::value::Text;

/// When plans were paused, suspended or asleep: times in which no device need do anything, and of which bluesky's spans say nothing.
#[derive(Default)]
pub(super) struct Lulls {
    all: Vec<Lull>,
    sleeping: Option<Timestamp>,
    paused: Option<Timestamp>,
    suspended: Option<(Timestamp, Text)>,
}

impl Lulls {
    /// A message is about to be executed. Gives how much more is kept now.
    pub(super) fn message(&mut self, msg: &Msg, now: Timestamp) -> usize {
        let before = self.all.len();
        self.wake(now);
        match &msg.command {
            Command::Sleep { .. } => self.sleeping = Some(now),
            Command::StartSuspender(start) => {
                let what = start
                    .justification
                    .as_ref()
                    .map_or(Text::literal("suspended"), |why| format!("suspended: {why}").into());
                self.suspended.get_or_insert((now, what));
            }
            Command::ResumeFromSuspender => self.release(now),
            _ => {}
        }
        (self.all.len() - before) * size_of::<Lull>()
    }

    /// The engine changed its state.
    pub(super) fn state(&mut self, to: RunEngineState, from: RunEngineState, now: Timestamp) {
        self.wake(now);
        if from == RunEngineState::Paused
            && let Some(start) = self.paused.take()
        {
            self.push(start, now, Text::literal("paused"));
        }
        match to {
            RunEngineState::Paused => self.paused = Some(now),
            RunEngineState::Idle => self.release(now),
            _ => {}
        }
    }

    /// Those since a time, and those that last until now.
    pub(super) fn since(&self, start: Timestamp, now: Timestamp) -> Vec<Lull> {
        let under_way = [
            self.sleeping.map(|start| Lull::new(start, now, "sleep")),
            self.paused.map(|start| Lull::new(start, now, "paused")),
            self.suspended.as_ref().map(|(start, what)| Lull::new(*start, now, what.clone())),
        ];
        self.all.iter().cloned().chain(under_way.into_iter().flatten()).filter(|lull| lull.start >= start).collect()
    }

    fn wake(&mut self, now: Timestamp) {
        if let Some(start) = self.sleeping.take() {
            self.push(start, now, Text::literal("sleep"));
        }
    }

    fn release(&mut self, now: Timestamp) {
        if let Some((start, what)) = self.suspended.take() {
            self.push(start, now, what);
        }
    }

    fn push(&mut self, start: Timestamp, end: Timestamp, what: Text) {
        if start < end {
            self.all.push(Lull { start, end, what });
        }
    }
}
