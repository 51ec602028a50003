//! [`Lane`]: the waits of one process, and which statuses each waited for.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::WaitEnd;
use super::member::{GroupKey, Member, MemberEnd, group_key};
use super::verdict::{Question, Verdict};
use crate::trace::bluesky::{group_of, kwargs_of};
use crate::trace::{Resource, SpanLabel, SpanRef, Trace};
use crate::value::{Text, Timestamp, Value};

/// The names that bluesky gives to groups have six hexadecimal digits behind the command.
const DIGITS: usize = 6;
/// So many statuses without a known group, and without a wait, are kept for the waits to come. Real plans have a handful.
const LOOSE_MAX: usize = 1_000;

/// A wait, with what is known of it before its statuses are.
struct Asked<'a> {
    span: SpanRef<'a>,
    began: (Timestamp, usize),
    group: GroupKey,
    /// The groups whose failures end it as well.
    watched: Vec<GroupKey>,
    time_out: Option<Duration>,
    /// Whether messages with a span are known to have given a status to its group.
    has_told: bool,
}

/// What came of a wait: the places of the statuses that it was for, and what ended it.
pub(super) struct Decided<'a> {
    pub(super) span: SpanRef<'a>,
    pub(super) group: GroupKey,
    pub(super) statuses: usize,
    pub(super) end: WaitEnd,
}

/// The waits of one process, and what may be waited for in it. A file may have the spans of several, whose groups have nothing to do
/// with one another.
#[derive(Default)]
struct Lane<'a> {
    waits: Vec<Asked<'a>>,
    members: Vec<Member<'a>>,
}

/// A span of the tree of runs as the trace calls it: there it may have another trace id.
pub(super) fn label_in(original: &Trace, span: SpanRef<'_>) -> SpanLabel {
    original.span_ref(span.index()).map_or_else(|| SpanLabel::from(span.span()), |span| SpanLabel::from(span.span()))
}

/// Decides for all waits of a trace what ended them. Gives them in order of time, and all that was waited for.
pub(super) fn decide<'a>(
    waits: Vec<SpanRef<'a>>,
    members: Vec<Member<'a>>,
    original: &Trace,
) -> (Vec<Decided<'a>>, Vec<Member<'a>>) {
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    let mut places = Places::default();
    for span in waits {
        lane(&mut lanes, places.of(span.span().resource())).waits.push(Asked::of(span));
    }
    for member in members {
        lane(&mut lanes, places.of(member.span.span().resource())).members.push(member);
    }
    let (mut decided, mut all) = (Vec::new(), Vec::new());
    for mut lane in lanes {
        decided.extend(lane.decide(original));
        all.append(&mut lane.members);
    }
    decided.sort_by_key(|wait| (wait.span.start(), wait.span.index()));
    (decided, all)
}

fn lane<'l, 'a>(lanes: &'l mut Vec<Lane<'a>>, place: usize) -> &'l mut Lane<'a> {
    while lanes.len() <= place {
        lanes.push(Lane::default());
    }
    &mut lanes[place]
}

/// Which lane a resource has. Spans of one process mostly share theirs, so that it is written only where it is met first.
#[derive(Default)]
struct Places {
    by_address: HashMap<*const Resource, usize>,
    by_text: HashMap<String, usize>,
}

impl Places {
    fn of(&mut self, resource: &Resource) -> usize {
        *self.by_address.entry(std::ptr::from_ref(resource)).or_insert_with(|| {
            let text = serde_json::to_string(&resource.attributes).unwrap_or_default();
            let next = self.by_text.len();
            *self.by_text.entry(text).or_insert(next)
        })
    }
}

impl<'a> Asked<'a> {
    fn of(span: SpanRef<'a>) -> Self {
        let kwargs = kwargs_of(span.span()).unwrap_or_default();
        let watched = kwargs.get("watch").and_then(Value::as_array).unwrap_or_default();
        let time_out = kwargs.get("timeout").and_then(Value::as_f64);
        Self {
            span,
            began: (span.start(), span.index()),
            group: group_key(group_of(span.span()).as_ref()),
            watched: watched.iter().map(|group| group_key(Some(group))).collect(),
            time_out: time_out.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            has_told: false,
        }
    }

    /// The command in the name of its group, where bluesky has named it: `trigger` of `trigger-1f2e3d`.
    fn command(&self) -> Option<&str> {
        let (command, digits) = self.group.as_deref()?.rsplit_once('-')?;
        let is_name = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        (is_name && command.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_')).then_some(command)
    }
}

impl<'a> Lane<'a> {
    /// What ended each wait. A wait looks at what has been made before it and was not done before an earlier wait.
    fn decide(&mut self, original: &Trace) -> Vec<Decided<'a>> {
        self.waits.sort_by_key(|wait| wait.began);
        self.members.sort_by_key(|member| member.made);
        self.mark_told();
        let next_without_told = self.next_without_told();
        let made_loose: Vec<_> = self.members.iter().filter(|it| it.group.is_none()).map(|it| it.made).collect();
        let completed = |member: &&Member<'_>| member.command.as_deref() == Some("complete");
        let flyers: HashSet<Text> = self.members.iter().filter(completed).map(|member| member.device.clone()).collect();
        let mut ahead = 0;
        let mut loose: Vec<usize> = Vec::new();
        let mut of_group: HashMap<GroupKey, Vec<usize>> = HashMap::new();
        let mut decided = Vec::with_capacity(self.waits.len());
        for (wait, next) in self.waits.iter().zip(next_without_told) {
            while let Some(member) = self.members.get(ahead).filter(|member| member.made < wait.began) {
                match &member.group {
                    Some(group) => of_group.entry(group.clone()).or_default().push(ahead),
                    None => loose.push(ahead),
                }
                ahead += 1;
            }
            loose.drain(..loose.len().saturating_sub(LOOSE_MAX));
            let mine = of_group.remove(&wait.group).unwrap_or_default();
            // They are of the next wait of which nothing else is known, unless that one has some of its own.
            let made_by = |time| made_loose.partition_point(|made| *made < time);
            let is_for_next = next.is_some_and(|next| made_by(next) == made_by(wait.began));
            let takes = if mine.is_empty() { !wait.has_told } else { wait.command() != Some("set") && !is_for_next };
            let watched: Vec<usize> =
                wait.watched.iter().filter_map(|group| of_group.get(group)).flatten().copied().collect();
            let question = Question {
                span: wait.span,
                time_out: wait.time_out,
                has_told: wait.has_told,
                mine: &mine,
                loose: if takes { &loose } else { &[] },
                watched: &watched,
                members: &self.members,
            };
            let (verdict, of_it) = question.answer();
            // What is under way when a wait is left may be waited for again.
            let ended = wait.span.end();
            let is_under_way = |member: &usize| match self.members[*member].end {
                MemberEnd::At(done) => ended.is_some_and(|ended| ended < done),
                MemberEnd::Never | MemberEnd::Untold => true,
            };
            let is_left = !matches!(verdict, Verdict::Status { .. } | Verdict::AllHadEnded);
            let rest: Vec<usize> = mine.iter().copied().filter(|member| is_left && is_under_way(member)).collect();
            if !rest.is_empty() {
                of_group.insert(wait.group.clone(), rest);
            }
            loose.retain(|member| !of_it.contains(member) || (is_left && is_under_way(member)));
            // What it was for may be known by its wait alone.
            for member in &of_it {
                let member = &mut self.members[*member];
                if member.command.is_none() {
                    let kickoff = flyers.contains(&member.device).then_some("kickoff");
                    member.command = wait.command().or(kickoff).map(Text::from);
                }
            }
            decided.push(decided_of(wait, verdict, &of_it, &self.members, original));
        }
        decided
    }

    /// Notes of each wait whether a message has given a status to its group before.
    fn mark_told(&mut self) {
        let mut first: HashMap<&GroupKey, (Timestamp, usize)> = HashMap::new();
        for member in self.members.iter().rev() {
            if let Some(group) = &member.group {
                first.insert(group, member.made);
            }
        }
        for wait in &mut self.waits {
            wait.has_told = first.get(&wait.group).is_some_and(|first| *first < wait.began);
        }
    }

    /// For each wait when the next one began of whose group nothing is known.
    fn next_without_told(&self) -> Vec<Option<(Timestamp, usize)>> {
        let mut next = None;
        let mut all: Vec<_> = self
            .waits
            .iter()
            .rev()
            .map(|wait| {
                let after = next;
                next = if wait.has_told { next } else { Some(wait.began) };
                after
            })
            .collect();
        all.reverse();
        all
    }
}

fn decided_of<'a>(
    wait: &Asked<'a>,
    verdict: Verdict,
    of_it: &[usize],
    members: &[Member<'a>],
    original: &Trace,
) -> Decided<'a> {
    let ended = wait.span.end();
    let under_way = || {
        let still = of_it.iter().map(|member| &members[*member]).filter(|member| match member.end {
            MemberEnd::At(done) => ended.is_some_and(|ended| ended < done),
            MemberEnd::Never | MemberEnd::Untold => true,
        });
        still.map(|member| member.device.clone()).collect()
    };
    let end = match verdict {
        Verdict::Status { member, alone, behind, then } => {
            let member = &members[member];
            WaitEnd::Status {
                device: member.device.clone(),
                command: member.command.clone(),
                span: label_in(original, member.span),
                failed: member.failed,
                alone,
                behind,
                then: then.map(|then| members[then].device.clone()),
            }
        }
        Verdict::AllHadEnded => WaitEnd::AllHadEnded,
        Verdict::TimedOut => WaitEnd::TimedOut { devices: under_way() },
        Verdict::Interrupted => WaitEnd::Interrupted { devices: under_way() },
        Verdict::Unknown => WaitEnd::Unknown,
        Verdict::Never => WaitEnd::Never,
    };
    Decided { span: wait.span, group: wait.group.clone(), statuses: of_it.len(), end }
}
