//! [`Member`]: what may be waited for.

use std::collections::HashMap;
use std::time::Duration;

use super::span_group::has_failed;
use crate::trace::bluesky::{STATUS, command_of, device_of, group_of};
use crate::trace::{SpanRef, Trace};
use crate::value::{Text, Timestamp, Value, to_json};

/// The messages that give a status.
const GIVE_STATUS: [&str; 7] = ["set", "trigger", "kickoff", "complete", "stage", "unstage", "prepare"];

/// A group, as text; none is one as well.
pub(super) type GroupKey = Option<Text>;

/// A status that may be waited for, or all those that came of one message.
pub(super) struct Member<'a> {
    /// Its group; nothing where no message's span is above it, as for triggers in bluesky's convention.
    pub(super) group: Option<GroupKey>,
    pub(super) device: Text,
    /// What the device was told to do, where that is known.
    pub(super) command: Option<Text>,
    /// What tells of it: the status, or the message where none is seen.
    pub(super) span: SpanRef<'a>,
    /// When it was made, and the place in the trace for what is so at once.
    pub(super) made: (Timestamp, usize),
    pub(super) end: MemberEnd,
    pub(super) failed: bool,
}

/// When a member was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum MemberEnd {
    At(Timestamp),
    /// Its span is open.
    Never,
    /// The devices of ophyd-async leave no span of a status.
    Untold,
}

impl MemberEnd {
    /// That of a status. Ophyd ends its span before it settles.
    fn of(status: SpanRef<'_>) -> Self {
        let settles = || status.span().attr("settle_time").and_then(Value::as_f64);
        let settle_time =
            settles().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|_| !has_failed(status));
        status.end().map_or(Self::Never, |end| Self::At(end + settle_time.unwrap_or_default()))
    }
}

impl Member<'_> {
    /// How long it was under way, where that is known.
    pub(super) fn time(&self) -> Option<Duration> {
        match self.end {
            MemberEnd::At(end) => Some(end.since(self.made.0)),
            MemberEnd::Never | MemberEnd::Untold => None,
        }
    }
}

/// A group as text: two that are alike are equal.
pub(super) fn group_key(group: Option<&Value>) -> GroupKey {
    group.map(|group| match group {
        Value::Str(text) => text.clone(),
        other => to_json(other).into(),
    })
}

/// All that may be waited for in a trace, by when it was made.
pub(super) fn members_of(trace: &Trace) -> Vec<Member<'_>> {
    let mut of_message: HashMap<usize, Member<'_>> = HashMap::new();
    let mut members = Vec::new();
    for span in trace.spans() {
        let command = command_of(span.span()).filter(|command| GIVE_STATUS.contains(command));
        // What failed at once gave no status.
        if let Some(command) = command.filter(|_| !has_failed(span)) {
            let member = of_message.entry(span.index()).or_insert_with(|| Member::of_message(span));
            member.command = Some(command.into());
        }
        if span.name() != STATUS {
            continue;
        }
        match span.parent().filter(|parent| command_of(parent.span()).is_some_and(|it| GIVE_STATUS.contains(&it))) {
            Some(message) => {
                of_message.entry(message.index()).or_insert_with(|| Member::of_message(message)).add(span);
            }
            None => members.push(Member {
                group: None,
                device: device_of(span.span()).unwrap_or_default().into(),
                command: (span.attr("status_type").and_then(Value::as_str) == Some("MoveStatus"))
                    .then_some(Text::literal("set")),
                span,
                made: (span.start(), span.index()),
                end: MemberEnd::of(span),
                failed: has_failed(span),
            }),
        }
    }
    members.extend(of_message.into_values());
    members.sort_unstable_by_key(|member| member.made);
    members
}

impl<'a> Member<'a> {
    fn of_message(message: SpanRef<'a>) -> Self {
        Self {
            group: Some(group_key(group_of(message.span()).as_ref())),
            device: device_of(message.span()).unwrap_or_default().into(),
            command: command_of(message.span()).map(Text::from),
            span: message,
            made: (message.start(), message.index()),
            end: MemberEnd::Untold,
            failed: false,
        }
    }

    /// A status of the message. A device may have several, of the axes that it moves for example: it is done with the last.
    fn add(&mut self, status: SpanRef<'a>) {
        let end = MemberEnd::of(status);
        let is_later = match (self.end, end) {
            (MemberEnd::Untold, _) => true,
            (MemberEnd::At(known), MemberEnd::At(end)) => end >= known,
            (MemberEnd::At(_), MemberEnd::Never) => true,
            (MemberEnd::Never, _) | (MemberEnd::At(_), MemberEnd::Untold) => false,
        };
        if is_later {
            (self.end, self.span) = (end, status);
        }
        self.failed |= has_failed(status);
        // A device whose repr has no name is called as its status says.
        let is_repr = self.device.starts_with('<') || self.device.is_empty();
        if let Some(name) = device_of(status.span()).filter(|_| is_repr) {
            self.device = name.into();
        }
    }
}
