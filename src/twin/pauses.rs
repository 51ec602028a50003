//! [`PauseSeen`]: the pauses of a night, and the messages that the engine executed again behind them.

use std::collections::HashSet;
use std::time::Duration;

use super::sightings::{Id, Mark, Sight, Sightings};
use crate::compare::{Statistics, WaitEnd};
use crate::value::{Value, to_json};
use skyspan_trace::internal::group_of;

/// A wait that was cut short, and behind which messages came again that had come before it: the engine was paused or suspended, and went
/// back to the last checkpoint. Places are those of marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PauseSeen {
    /// The first message that came again.
    pub(super) from: usize,
    /// The wait that was cut short, the last that came again.
    pub(super) wait: usize,
    /// The last of the messages that came again: behind it the plan goes on.
    pub(super) until: usize,
    /// Whether what it waited for was still under way, and not stopped.
    pub(super) is_cut: bool,
    /// How long after the wait had begun.
    pub(super) after: Duration,
    /// How long it lasted.
    pub(super) held: Duration,
}

/// So many messages at most come again: those between two checkpoints.
const MESSAGES_MAX: usize = 1_000;
/// Whoever comes to rest so much of its way before its target was stopped.
const SHORT: f64 = 0.05;

impl Sightings<'_> {
    /// The pauses of the night, in order; none within another. A wait after which nothing came again is none.
    pub(super) fn pauses_of(&self, statistics: &Statistics) -> Vec<PauseSeen> {
        let cut: HashSet<Id> = statistics
            .waits
            .iter()
            .filter(|wait| matches!(wait.end, WaitEnd::Interrupted { .. }))
            .map(|wait| (wait.span.trace_id, wait.span.span_id))
            .collect();
        let mut pauses: Vec<PauseSeen> = Vec::new();
        // A pause stops what moves, so that its status ends as the wait does.
        if cut.is_empty() && !self.marks.iter().any(Mark::ends_short) {
            return pauses;
        }
        let words: Vec<Option<String>> = self.marks.iter().map(word).collect();
        let mut short: Option<usize> = None;
        for (wait, mark) in self.marks.iter().enumerate() {
            if mark.ends_short() {
                short = Some(wait);
            }
            let Sight::Message { command: "wait", span, .. } = &mark.what else { continue };
            let Some(end) = span.end() else { continue };
            let is_cut = cut.contains(&(span.span().trace_id(), span.span().span_id()));
            // What comes again has been cut short itself, or something in it.
            if !is_cut && short.is_none_or(|short| short + MESSAGES_MAX <= wait) {
                continue;
            }
            let free = pauses.last().map_or(0, |pause| pause.until + 1);
            let most = MESSAGES_MAX.min((wait + 1).saturating_sub(free)).min(words.len() - wait - 1);
            // The shortest: a plan that does one thing again and again has come to nothing else before.
            let again = (1..=most).find(|count| {
                let (before, behind) = (&words[wait + 1 - count..=wait], &words[wait + 1..=wait + count]);
                before == behind && before.iter().all(Option::is_some)
            });
            let Some(count) = again else { continue };
            let (from, until) = (wait + 1 - count, wait + count);
            if !is_cut && !self.marks[from..=wait].iter().any(Mark::ends_short) {
                continue;
            }
            let held = self.marks[wait + 1].start.since(end);
            pauses.push(PauseSeen { from, wait, until, is_cut, after: end.since(span.start()), held });
        }
        pauses
    }
}

impl Mark<'_> {
    /// Whether it is a move that ended well before its target.
    fn ends_short(&self) -> bool {
        let Sight::Message { command: "set", status: Some(status), .. } = &self.what else { return false };
        let (Some(to), Some(end)) = (self.target().and_then(Value::as_f64), status.number("finish_pos")) else {
            return false;
        };
        let from = status.number("start_pos ").or(status.number("start_pos"));
        let way = from.map_or(to.abs().max(1.0), |from| (to - from).abs());
        // Where it was there already, noise of the readback is no way.
        let way = way.max(1e-3 * to.abs().max(1.0));
        (to - end).abs() > SHORT * way && status.failure().is_none()
    }
}

/// What a message is, so that one that comes again is known, with its group, which it has again; nothing of what a pause does not bring
/// again.
fn word(mark: &Mark<'_>) -> Option<String> {
    match &mark.what {
        Sight::Message { command, device, span, .. } => {
            let args = span.span().attr("msg.args").map(to_json).unwrap_or_default();
            let group = group_of(span.span()).map(|group| to_json(&group)).unwrap_or_default();
            Some(format!("{command} {} {args} {group}", device.as_deref().unwrap_or_default()))
        }
        Sight::Begun { command, device, .. } => Some(format!("{command} {device}")),
        Sight::Event { .. }
        | Sight::OpenRun(_)
        | Sight::CloseRun(_)
        | Sight::Monitored { .. }
        | Sight::Enter(_)
        | Sight::Leave => None,
    }
}

impl PauseSeen {
    /// Whether a mark is one of those that came again, which the engine does itself.
    pub(super) const fn has_again(&self, mark: usize) -> bool {
        self.wait < mark && mark <= self.until
    }
}

/// The reason of a pause in the twin, for people.
pub(super) const OF_PAUSE: &str = "a wait that was cut short, and what came again behind it";
