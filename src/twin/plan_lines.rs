//! [`PlanLine`]: a step of the twin's plan, with a word on where it comes from.

use std::fmt::Write as _;

use super::pauses::OF_PAUSE;
use crate::program::{CallSpec, Item, OutsideAct, OutsideSpec, Step, map_text, outside_text, pauses_text, step_text};
use crate::value::{Position, Text, Timestamp};
use skyspan_trace::internal::one_line;

/// A step of the twin's plan.
#[derive(Clone, Debug)]
pub(super) enum PlanLine {
    Step {
        step: Step,
        /// Of what it is inferred; nothing of a message that left a span.
        inferred: Option<&'static str>,
        /// When it was in the night.
        at: Timestamp,
    },
    /// The span of a plan.
    Span { name: Text, at: Timestamp, body: Vec<Self> },
    /// What is done at the end, however the body ends.
    Finalize { body: Vec<Self>, last: Vec<Self> },
}

impl PlanLine {
    pub(super) const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Step { at, .. } | Self::Span { at, .. } => Some(*at),
            Self::Finalize { .. } => None,
        }
    }

    fn step(&self) -> Step {
        match self {
            Self::Step { step, .. } => step.clone(),
            Self::Span { name, body, .. } => Step::span(name.as_str(), steps(body)),
            Self::Finalize { body, last } => Step::wrap("finalize", steps(body)).with_steps("final", steps(last)),
        }
    }

    /// How many messages are in it.
    pub(super) fn messages(&self) -> u64 {
        match self {
            Self::Step { .. } => 1,
            Self::Span { body, .. } => body.iter().map(Self::messages).sum(),
            Self::Finalize { body, last } => body.iter().chain(last).map(Self::messages).sum(),
        }
    }

    /// How many of them are inferred.
    pub(super) fn inferred(&self) -> u64 {
        match self {
            Self::Step { inferred, .. } => u64::from(inferred.is_some()),
            Self::Span { body, .. } => body.iter().map(Self::inferred).sum(),
            Self::Finalize { body, last } => body.iter().chain(last).map(Self::inferred).sum(),
        }
    }

    fn write(&self, text: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        match self {
            Self::Step { step, inferred, .. } => {
                let note = inferred.map(|of| format!("  # inferred: {of}")).unwrap_or_default();
                let _ = writeln!(text, "{indent}- {}{note}", step_text(step));
            }
            Self::Span { name, body, .. } => {
                // As a step without a body, whose name is quoted where it has to be.
                let head = step_text(&Step::span(name.as_str(), []));
                let head = head.trim_start_matches('{').split(", body:").next().unwrap_or_default().to_owned();
                let _ = writeln!(text, "{indent}- {head}");
                write_list(text, "body", body, depth + 1);
            }
            Self::Finalize { body, last } => {
                let _ = writeln!(text, "{indent}- wrap: finalize");
                write_list(text, "final", last, depth + 1);
                write_list(text, "body", body, depth + 1);
            }
        }
    }
}

fn write_list(text: &mut String, key: &str, lines: &[PlanLine], depth: usize) {
    let indent = "  ".repeat(depth);
    if lines.is_empty() {
        let _ = writeln!(text, "{indent}{key}: []");
        return;
    }
    let _ = writeln!(text, "{indent}{key}:");
    lines.iter().for_each(|line| line.write(text, depth + 1));
}

fn steps(lines: &[PlanLine]) -> Vec<Step> {
    lines.iter().map(PlanLine::step).collect()
}

/// A call of the engine.
#[derive(Clone, Debug, Default)]
pub(super) struct ItemLines {
    /// What it is, for people: `run 1: scan`.
    pub(super) title: String,
    pub(super) lines: Vec<PlanLine>,
    pub(super) call: CallSpec,
}

impl ItemLines {
    pub(super) fn item(&self) -> Item {
        Item::Messages { messages: steps(&self.lines), call: self.call.clone(), position: Position::NOWHERE }
    }

    pub(super) fn write(&self, text: &mut String) {
        if !self.title.is_empty() {
            let _ = writeln!(text, "  # {}", one_line(&self.title));
        }
        text.push_str("  - item_type: messages\n");
        if !self.call.meta.is_empty() {
            let _ = writeln!(text, "    meta: {}  # inferred: the documents", map_text(&self.call.meta));
        }
        if !self.call.at.is_empty() {
            let at = outside_text(&self.call.at);
            let is_pause = |spec: &OutsideSpec| matches!(spec.act, OutsideAct::Ask(_));
            let of_pauses = self.call.at.iter().any(is_pause).then_some(OF_PAUSE);
            let of_puts = self.call.at.iter().any(|spec| !is_pause(spec));
            let of_puts = of_puts.then_some("the configuration in the descriptors");
            let of = of_pauses.into_iter().chain(of_puts).collect::<Vec<_>>().join("; ");
            let _ = writeln!(text, "    at: {at}  # inferred: {of}");
        }
        if !self.call.on_pause.is_empty() {
            let _ = writeln!(text, "    on_pause: {}  # inferred: {OF_PAUSE}", pauses_text(&self.call.on_pause));
        }
        write_list(text, "messages", &self.lines, 2);
    }
}
