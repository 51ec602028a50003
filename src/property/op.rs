//! [`Op`]: one operation of a generated plan.

use crate::seed::Seed;

macro_rules! ops {
    ($($(#[$doc:meta])* $name:ident($($field:ident: $range:expr),*), $in_plans:literal, $in_messages:literal;)*) => {
        /// What kind of operation an [`Op`] is; what a strategy weighs.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum OpKind {
            $($(#[$doc])* $name,)*
        }

        impl OpKind {
            /// All of them, simplest first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// How often it comes in [`plans`](super::plans), relative to the others, unless one says otherwise.
            #[must_use]
            pub const fn weight_in_plans(self) -> u32 {
                match self {
                    $(Self::$name => $in_plans,)*
                }
            }

            /// How often it comes in [`messages`](super::messages).
            #[must_use]
            pub const fn weight_in_messages(self) -> u32 {
                match self {
                    $(Self::$name => $in_messages,)*
                }
            }

            /// How far each number of the operation goes.
            const fn ranges(self) -> &'static [u8] {
                match self {
                    $(Self::$name => &[$($range),*],)*
                }
            }
        }
    };
}

// The name of each, how far each of its numbers goes, and its weights in plans and in messages.
ops! {
    /// `null`
    Null(), 2, 2;
    /// `checkpoint`
    Checkpoint(), 8, 8;
    /// `sleep`, for a tenth of a second times the first number.
    Sleep(tenths: 4), 4, 3;
    /// `open_run`, of the run whose key has this number.
    OpenRun(key: 3), 14, 10;
    /// `close_run`
    CloseRun(key: 3), 4, 5;
    /// `close_run` with exit status `fail` and a reason.
    FailRun(key: 3), 2, 2;
    /// `create`, `read` each device, `save`: one event.
    Event(key: 3, first: 6, count: 3), 12, 4;
    /// `create`
    Create(key: 3, stream: 2), 5, 8;
    /// `read`
    Read(key: 3, device: 6), 6, 10;
    /// `save`
    Save(key: 3), 5, 8;
    /// `drop`
    Drop(key: 3), 1, 3;
    /// `set`, in a group or in none.
    Set(motor: 3, to: 4, group: 3), 10, 10;
    /// `trigger`
    Trigger(detector: 3, group: 3), 6, 6;
    /// `wait`
    Wait(group: 3), 8, 8;
    /// `wait` with a timeout of a twentieth of a second times the second number, which is no error.
    WaitAtMost(group: 3, twentieths: 6), 3, 2;
    /// `mv`
    Move(motor: 3, to: 4), 6, 0;
    /// `mvr`
    MoveBy(motor: 3, by: 4), 3, 0;
    /// `stage`
    Stage(device: 6), 6, 6;
    /// `unstage`
    Unstage(device: 6), 2, 5;
    /// `monitor`
    Monitor(key: 3, detector: 3), 4, 4;
    /// `unmonitor`
    Unmonitor(key: 3, detector: 3), 2, 3;
    /// `declare_stream`
    Declare(key: 3, stream: 2, first: 6), 3, 3;
    /// `kickoff`
    Kickoff(key: 3, flyer: 2, group: 3), 3, 3;
    /// `complete`
    Complete(key: 3, flyer: 2, group: 3), 3, 3;
    /// `collect`
    Collect(key: 3, flyer: 2), 3, 3;
    /// `configure`
    Configure(device: 6), 1, 2;
    /// `stop`
    Stop(motor: 3), 1, 2;
    /// `clear_checkpoint`
    ClearCheckpoint(), 1, 1;
    /// `rewindable`, on or off.
    Rewindable(on: 2), 1, 1;
    /// `pause`; the second number is whether at the next checkpoint.
    Pause(deferred: 2), 3, 2;
    /// A command that is seldom sent: `locate`, `prepare`, `RE_class`, or one that the engine does not know.
    Seldom(which: 4, device: 6), 0, 2;
    /// `count`
    Count(detector: 3, num: 3), 3, 0;
    /// `scan`
    Scan(detector: 3, motor: 3, to: 4, num: 3), 3, 0;
    /// `rel_scan`
    RelScan(detector: 3, motor: 3, to: 4, num: 3), 2, 0;
    /// `fly`
    Fly(flyer: 2), 2, 0;
    /// `trigger_and_read`
    TriggerAndRead(key: 3, first: 6, count: 3), 4, 0;
    /// An error of the plan itself.
    Raise(), 1, 0;
    /// The end of what was begun last.
    End(), 12, 3;
    /// The begin of a span of the plan, up to its end or that of the whole.
    Span(name: 3), 5, 2;
    /// The same of a body that is done again.
    Repeat(times: 2), 2, 1;
    /// The same of what catches errors.
    Catch(), 2, 6;
    /// The same of a finalizer.
    Finalize(which: 3), 3, 1;
    /// The same of a run.
    Run(), 5, 0;
    /// The same of staged devices.
    Staged(first: 6, count: 2), 3, 0;
    /// The same of lazy staging.
    LazilyStaged(), 1, 0;
    /// The same of a baseline.
    Baseline(first: 6, count: 2), 2, 0;
    /// The same of a monitor.
    MonitorDuring(detector: 3), 2, 0;
    /// The same of a flyer that flies during the run, which it brings with it.
    FlyDuring(flyer: 2), 2, 0;
    /// The same of relative moves.
    RelativeSet(), 2, 0;
    /// The same of positions that are reset.
    ResetPositions(), 2, 0;
    /// The same of what is not replayed after a pause.
    NotRewindable(), 1, 0;
    /// The same of metadata.
    InjectMd(), 1, 0;
    /// The same of a key for runs that have none.
    SetRunKey(key: 2), 2, 0;
    /// Any plan that programs know by name, by the number that it has among those that a search makes; then the numbers of a device
    /// and of a motor, and how far it goes.
    Plan(which: 128, device: 6, motor: 3, size: 4), 4, 1;
    /// The messages of the next operation by their plan stubs, where they have some.
    ByStub(which: 2), 3, 1;
    /// The begin of any preprocessor that programs know, by its number, up to its end: around whatever leaves all as it was.
    Wrap(which: 32, first: 6, number: 4), 3, 2;
    /// `subscribe`: a callback gets the documents of this name from now on.
    Subscribe(callback: 2, documents: 5), 3, 3;
    /// `unsubscribe`
    Unsubscribe(callback: 2), 1, 2;
    /// `install_suspender`
    InstallSuspender(suspender: 2), 2, 2;
    /// `remove_suspender`
    RemoveSuspender(suspender: 2), 1, 1;
    /// `input`
    Input(), 1, 1;
    /// The begin of supplemental data: a baseline and a monitor at once.
    SupplementalData(first: 6, count: 2, detector: 3), 1, 0;
}

impl OpKind {
    /// Whether what comes after it, up to its end, is in it.
    pub(super) const fn has_body(self) -> bool {
        matches!(
            self,
            Self::Span
                | Self::Repeat
                | Self::Catch
                | Self::Finalize
                | Self::Run
                | Self::Staged
                | Self::LazilyStaged
                | Self::Baseline
                | Self::MonitorDuring
                | Self::FlyDuring
                | Self::RelativeSet
                | Self::ResetPositions
                | Self::NotRewindable
                | Self::InjectMd
                | Self::SetRunKey
                | Self::Wrap
                | Self::SupplementalData
        )
    }
}

/// One operation of a generated plan: its kind, and up to four small numbers, of which any is allowed. What a number that is too
/// large means is what is left of it divided by how many there are.
///
/// ```
/// use skyspan::property::{Op, OpKind};
///
/// let set = Op::new(OpKind::Set, [0, 3, 1]);
/// assert_eq!(format!("{set:?}"), "Set(0, 3, 1)");
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Op {
    kind: OpKind,
    numbers: [u8; 4],
}

impl Op {
    /// An operation of that kind; numbers that are not said are 0.
    #[must_use]
    pub fn new(kind: OpKind, numbers: impl IntoIterator<Item = u8>) -> Self {
        let mut all = [0; 4];
        for (slot, number) in all.iter_mut().zip(numbers) {
            *slot = number;
        }
        Self { kind, numbers: all }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> OpKind {
        self.kind
    }

    /// Its numbers.
    pub(super) const fn numbers(self) -> [u8; 4] {
        self.numbers
    }

    /// Those of its numbers that mean something.
    pub(super) fn used_numbers(&self) -> &[u8] {
        &self.numbers[..self.kind.ranges().len()]
    }

    /// One by chance, of that kind.
    pub(super) fn random(kind: OpKind, chance: &Seed) -> Self {
        Self::new(kind, kind.ranges().iter().map(|range| below(chance, *range)))
    }

    /// All of that kind that differ from one another.
    pub(super) fn all_of(kind: OpKind) -> Vec<Self> {
        let mut all = vec![Vec::new()];
        for range in kind.ranges() {
            all = all
                .into_iter()
                .flat_map(|numbers| (0..*range).map(move |number| [numbers.clone(), vec![number]].concat()))
                .collect();
        }
        all.into_iter().map(|numbers| Self::new(kind, numbers)).collect()
    }

    /// What may stand in its place and is simpler, simplest first.
    pub(super) fn simpler(self) -> Vec<Vec<Self>> {
        use OpKind::{
            Baseline, Catch, Checkpoint, CloseRun, Collect, Complete, Count, Create, End, Event, FailRun, Finalize,
            Fly, FlyDuring, Kickoff, LazilyStaged, Monitor, MonitorDuring, Move, MoveBy, Null, OpenRun, Plan, Read,
            RelScan, ResetPositions, Run, Save, Scan, Set, Sleep, Span, Stage, Staged, SupplementalData, Trigger,
            TriggerAndRead, Wait, WaitAtMost, Wrap,
        };
        let [a, b, c, d] = self.numbers;
        let op = |kind, numbers: &[u8]| Self::new(kind, numbers.iter().copied());
        let run = |inside: Vec<Self>| [vec![op(OpenRun, &[])], inside, vec![op(CloseRun, &[])]].concat();
        let mut all = match self.kind {
            TriggerAndRead => {
                let triggered = vec![op(Trigger, &[b]), op(Wait, &[]), op(Event, &[a, b, c])];
                vec![vec![op(Event, &[a, b])], vec![op(Trigger, &[b])], triggered]
            }
            Event => vec![vec![op(Create, &[a]), op(Read, &[a, b]), op(Save, &[a])]],
            FailRun => vec![vec![op(CloseRun, &[a])]],
            Move | MoveBy => vec![vec![op(Set, &[a, b])], vec![op(Set, &[a, b, 1]), op(Wait, &[1])]],
            WaitAtMost => vec![vec![op(Wait, &[a])]],
            // What a plan of bluesky does, one thing after another, can be left out one after another.
            Count => vec![
                run(vec![op(Event, &[0, a])]),
                // All its events have fewer messages than it, though they are more operations.
                run(vec![op(Event, &[0, a]); usize::from(b) + 1]),
                [vec![op(Stage, &[a])], run(vec![op(Checkpoint, &[]), op(TriggerAndRead, &[0, a])])].concat(),
            ],
            Scan | RelScan => {
                let point = vec![op(Checkpoint, &[]), op(Move, &[b, 1]), op(TriggerAndRead, &[0, a])];
                // A relative one moves the motor back in the end, whatever becomes of it.
                let back = || vec![op(ResetPositions, &[]), op(Set, &[b, c, 1]), op(Wait, &[1]), op(End, &[])];
                let relative = (self.kind == RelScan).then(back);
                let parts =
                    [vec![op(Count, &[a])], vec![op(Count, &[a, d])], [vec![op(Stage, &[a])], run(point)].concat()];
                relative.into_iter().chain(parts).collect()
            }
            Fly => {
                let flight = [op(Kickoff, &[0, a, 1]), op(Wait, &[1]), op(Complete, &[0, a, 1]), op(Wait, &[1])];
                vec![run(vec![op(Kickoff, &[0, a])]), run([flight.to_vec(), vec![op(Collect, &[0, a])]].concat())]
            }
            Run => vec![vec![op(OpenRun, &[])]],
            Baseline => vec![vec![op(OpenRun, &[])], vec![op(OpenRun, &[]), op(Event, &[0, a])]],
            MonitorDuring => vec![vec![op(OpenRun, &[]), op(Monitor, &[0, a])]],
            FlyDuring => vec![vec![op(OpenRun, &[])], vec![op(Run, &[])], vec![op(OpenRun, &[]), op(Kickoff, &[0, a])]],
            Staged => vec![vec![op(Stage, &[a])]],
            LazilyStaged => vec![vec![op(Stage, &[])]],
            Finalize | Catch | Wrap => vec![vec![op(Span, &[])]],
            SupplementalData => vec![vec![op(Baseline, &[a, b])], vec![op(MonitorDuring, &[c])]],
            // What is simpler than a plan that opens a run is what a scan can be made of.
            Plan => vec![
                vec![op(Null, &[])],
                vec![op(Sleep, &[])],
                vec![op(Count, &[b])],
                vec![op(Count, &[b, 2])],
                vec![op(Scan, &[b, c, 1])],
                // That of a mesh moves two motors at once, and goes on.
                vec![op(Set, &[c, 1, 1]), op(Set, &[c + 1, 1, 1]), op(Wait, &[1]), op(Null, &[])],
                vec![op(Move, &[c, 1])],
            ],
            _ => Vec::new(),
        };
        for (at, number) in self.numbers.iter().enumerate() {
            let mut less = |to: u8| {
                let mut numbers = self.numbers;
                numbers[at] = to;
                all.push(vec![Self { numbers, ..self }]);
            };
            if *number > 0 {
                less(0);
            }
            if *number > 1 {
                less(number - 1);
            }
        }
        all
    }
}

/// A number below `range`, which is not zero.
pub(super) fn below(chance: &Seed, range: u8) -> u8 {
    // The remainder is below `range`, which fits.
    u8::try_from(chance.next_u64() % u64::from(range.max(1))).unwrap_or_default()
}

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind)?;
        let count = self.kind.ranges().len();
        if count > 0 {
            let numbers: Vec<String> = self.numbers[..count].iter().map(ToString::to_string).collect();
            write!(f, "({})", numbers.join(", "))?;
        }
        Ok(())
    }
}
