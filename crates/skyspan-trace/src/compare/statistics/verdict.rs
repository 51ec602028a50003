//! [`Verdict`]: what ended one wait, judged by when the statuses were done that it was for.

use std::time::Duration;

use super::member::{Member, MemberEnd};
use crate::trace::SpanRef;
use crate::value::{Timestamp, Value};

/// A RunEngine hears of a status within this time, in Python on a busy machine.
const HEARD: Duration = Duration::from_millis(10);
/// Python's threads end the span of a status up to so much later than that of the wait that it ended: a thread of a busy interpreter gets
/// its turn every 5 ms (`sys.getswitchinterval`), and may have to wait for two.
const LATE: Duration = Duration::from_millis(10);
/// A wait that was so close to its time-out has timed out.
const TIMED_OUT: Duration = Duration::from_millis(1);

/// A wait, and the places of what it may have been for.
pub(super) struct Question<'q, 'a> {
    pub(super) span: SpanRef<'a>,
    /// The time-out that it was given.
    pub(super) time_out: Option<Duration>,
    /// Whether its group has had statuses that are told of by messages.
    pub(super) has_told: bool,
    /// Those known to be of its group.
    pub(super) mine: &'q [usize],
    /// Those of which no group is known, and which no earlier wait was for.
    pub(super) loose: &'q [usize],
    /// Those of the groups whose failures end it as well.
    pub(super) watched: &'q [usize],
    pub(super) members: &'q [Member<'a>],
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The member at a place, and the one that would have in its place.
    Status {
        member: usize,
        alone: Duration,
        behind: Duration,
        then: Option<usize>,
    },
    AllHadEnded,
    TimedOut,
    Interrupted,
    Unknown,
    Never,
}

/// When a status was done, as a wait sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Before,
    /// While it waited, and when.
    Within(Timestamp),
    After,
    Untold,
}

impl Question<'_, '_> {
    /// What ended the wait, and the places of the statuses that it was for.
    pub(super) fn answer(&self) -> (Verdict, Vec<usize>) {
        let Some(end) = self.span.end() else { return (Verdict::Never, self.mine.to_vec()) };
        let candidates = || self.mine.iter().chain(self.loose).copied();
        let heard = |slack: Duration| {
            let within = |member: usize| match self.seen(member, end, slack) {
                Seen::Within(done) => Some((done, self.members[member].failed, member)),
                _ => None,
            };
            let failed = |member: &usize| self.members[*member].failed;
            let watched = self.watched.iter().copied().filter(failed).filter_map(within);
            candidates().filter_map(within).chain(watched).max()
        };
        let is_close = |last: &(Timestamp, bool, usize)| end.since(last.0) <= HEARD;
        let timed_out = self.has_timed_out(end);
        let at_once = heard(Duration::ZERO);
        let slack = if timed_out || at_once.as_ref().is_some_and(is_close) { Duration::ZERO } else { LATE };
        let last = if slack.is_zero() { at_once } else { heard(slack) };
        let all = |wanted: fn(Seen) -> bool| candidates().filter(move |it| wanted(self.seen(*it, end, slack)));
        let is_after = |member: &usize| self.seen(*member, end, slack) == Seen::After;
        let is_untold = |member: &&usize| self.seen(**member, end, slack) == Seen::Untold;
        let untold: Vec<usize> = self.mine.iter().filter(is_untold).copied().collect();

        // Statuses without a known group may be of another; they count where nothing else explains the wait.
        let is_under_way = if self.mine.is_empty() {
            end.since(self.span.start()) > HEARD && self.loose.iter().any(is_after)
        } else {
            self.mine.iter().any(is_after)
        };
        let explains = |last: &(Timestamp, bool, usize)| is_close(last) && (last.1 || !timed_out);
        if is_under_way && !last.as_ref().is_some_and(explains) {
            let verdict = if timed_out { Verdict::TimedOut } else { Verdict::Interrupted };
            return (verdict, candidates().collect());
        }
        let done = || all(|seen| seen != Seen::After).collect::<Vec<usize>>();
        match last {
            Some(last) if untold.is_empty() || is_close(&last) => (self.held_by(last.2, last.0, end), done()),
            _ => match *untold {
                [only] => (self.held_by(only, end, end), done()),
                [] if candidates().any(|it| self.seen(it, end, slack) == Seen::Before) || self.has_told => {
                    (Verdict::AllHadEnded, done())
                }
                _ => (Verdict::Unknown, done()),
            },
        }
    }

    fn seen(&self, member: usize, end: Timestamp, slack: Duration) -> Seen {
        match self.members[member].end {
            MemberEnd::At(done) if done <= self.span.start() => Seen::Before,
            MemberEnd::At(done) if done.since(end) <= slack => Seen::Within(done.min(end)),
            MemberEnd::At(_) | MemberEnd::Never => Seen::After,
            MemberEnd::Untold => Seen::Untold,
        }
    }

    /// A status has ended it: for how long it was under way alone, and who was the last before it.
    fn held_by(&self, member: usize, done: Timestamp, end: Timestamp) -> Verdict {
        let others = self.mine.iter().chain(self.loose).copied().filter(|other| *other != member);
        let other = others
            .filter_map(|other| match self.seen(other, end, LATE) {
                Seen::Within(at) if at <= done => Some((at, other)),
                _ => None,
            })
            .max();
        let from = other.map_or(self.span.start(), |(at, _)| at);
        let (alone, behind) = (done.since(from), end.since(done));
        Verdict::Status { member, alone, behind, then: other.map(|(_, other)| other) }
    }

    /// Whether its span says that its time was over.
    fn has_timed_out(&self, end: Timestamp) -> bool {
        let of_type = |ty: &Value| ty.as_str().is_some_and(|ty| ty.ends_with("WaitForTimeoutError"));
        let says_so = self.span.events().iter().any(|it| it.attributes.get("exception.type").is_some_and(of_type));
        says_so || self.time_out.is_some_and(|time_out| end.since(self.span.start()) + TIMED_OUT >= time_out)
    }
}
