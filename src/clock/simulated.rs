//! The simulated clock: a time that stands still until nothing can go on without it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use super::deadlock::{Deadlock, Waits};
use super::moments::{Moments, Picking};
use crate::value::Timestamp;
use skyspan_trace::internal::lock;

/// What a timer does when its time has come.
pub(super) enum Action {
    /// Wakes a sleeping task.
    Wake(Waker),
    /// The timer calls this function.
    Call(Box<dyn FnOnce() + Send>),
}

/// Names a timer: its place in the table, and the number that tells it from later ones in that place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TimerKey {
    slot: usize,
    serial: u64,
}

/// A simulated time with its timers.
pub(super) struct SimulatedTime {
    now: AtomicU64,
    timers: Mutex<Timers>,
    running: Mutex<Running>,
    pub(super) waits: Waits,
    /// A panic of a callback, to be resumed where the clock was started.
    panic: Mutex<Option<Box<dyn std::any::Any + Send>>>,
    /// Set with each of these and each deadlock.
    news: AtomicBool,
}

/// Under one lock, so that who sees the end of the last outside work also sees whom that has woken.
#[derive(Clone, Default)]
struct Running {
    /// The future that [`Clock::block_on`](super::Clock::block_on) runs.
    root: Option<Arc<Root>>,
    /// Pieces of work that the clock cannot see.
    outside: u64,
}

/// When a timer goes off among those of its deadline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Turn {
    /// In the order in which they were set.
    InOrder,
    /// When nothing else is left to do at that time.
    Last,
}

/// How many background timers go off in a row, with nothing else to come, before that counts as a deadlock. Who waits for
/// a change of a background source is through with it long before.
const BACKGROUND_ALONE: u64 = 10_000;

/// This bit of a serial number puts a timer behind those without it.
const LAST: u64 = 1 << 63;

/// What a timer is a reason for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum TimerKind {
    /// The timer wakes a task.
    Awaited,
    /// For nothing, as its source goes on for ever.
    Background,
    /// For nothing, as its time never comes.
    Never,
}

/// A timer's deadline, serial number and slot.
type Entry = (Timestamp, u64, usize);

#[derive(Default)]
struct Timers {
    /// By deadline, and by serial number where deadlines are equal. Cancelled timers stay until they surface.
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    next_serial: u64,
    /// How many have yet to go off.
    live: usize,
    /// How many of those are of a background source.
    background: usize,
    /// How many are set for the end of time, and so never go off; the live ones are others.
    never: usize,
    /// How many of a background source have gone off in a row while nothing else was to come.
    alone: u64,
    /// The one that was picked to be next.
    picked: Option<Reverse<Entry>>,
    /// What picks among those of one moment, if it is not the order in which they were set.
    picking: Option<Picking>,
}

/// What a timer is set for.
#[derive(Clone, Copy)]
struct Wanted {
    is_of_background: bool,
    /// Whether it was due when it was set: then it is what something of this moment has set off.
    is_due: bool,
}

struct Slot {
    serial: u64,
    kind: TimerKind,
    was_due: bool,
    action: Option<Action>,
}

impl SimulatedTime {
    pub(super) fn starting_at(start: Timestamp) -> Self {
        Self {
            now: AtomicU64::new(start.unix_ns()),
            timers: Mutex::default(),
            running: Mutex::default(),
            waits: Waits::default(),
            panic: Mutex::default(),
            news: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_unix_ns(self.now.load(Ordering::Relaxed))
    }

    pub(super) fn set_timer(&self, deadline: Timestamp, turn: Turn, action: Action) -> TimerKey {
        let is_due = deadline <= self.now();
        lock(&self.timers).set(deadline, turn, action, Wanted { is_of_background: false, is_due })
    }

    /// From now on what is due at one moment comes in that order.
    pub(super) fn order_moments(&self, moments: Moments) {
        lock(&self.timers).picking = Picking::of(moments);
    }

    /// What was picked where there was a choice.
    pub(super) fn picks(&self) -> Vec<u8> {
        lock(&self.timers).picking.as_ref().map(Picking::picks).unwrap_or_default()
    }

    /// Sets a timer of a background source, which goes on for ever and so is nothing to wait for.
    pub(super) fn set_background_timer(&self, deadline: Timestamp, action: Action) -> TimerKey {
        let is_due = deadline <= self.now();
        lock(&self.timers).set(deadline, Turn::InOrder, action, Wanted { is_of_background: true, is_due })
    }

    /// Whether a sleeping task's timer has yet to go off; if so, that is the waker it will wake.
    pub(super) fn is_set(&self, key: TimerKey, waker: &Waker) -> bool {
        let mut timers = lock(&self.timers);
        let Some(Action::Wake(known)) = timers.action(key) else { return false };
        if !known.will_wake(waker) {
            // The old one is dropped after the lock is given back: it may be the last that keeps a task with timers.
            let old = std::mem::replace(known, waker.clone());
            drop(timers);
            drop(old);
        }
        true
    }

    pub(super) fn cancel_timer(&self, key: TimerKey) {
        // The action is dropped after the lock is given back: what a callback owns may itself cancel timers.
        let action = lock(&self.timers).cancel(key);
        drop(action);
    }

    /// Forgets all timers, and with them all that their callbacks hold.
    pub(super) fn cancel_all_timers(&self) {
        let mut timers = lock(&self.timers);
        // Numbers go on, so that who still holds the key of a forgotten timer does not touch a later one.
        let (next_serial, picking) = (timers.next_serial, timers.picking.take());
        let none = Timers { next_serial, picking, ..Timers::default() };
        let forgotten = std::mem::replace(&mut *timers, none);
        drop(timers);
        drop(forgotten);
    }

    pub(super) fn begin_outside_work(&self) {
        lock(&self.running).outside += 1;
    }

    pub(super) fn end_outside_work(&self) {
        let mut running = lock(&self.running);
        running.outside -= 1;
        if running.outside == 0
            && let Some(root) = &running.root
        {
            // The thread may be parked in wait of that work; it must look again whether to advance.
            root.wake_by_ref();
        }
    }

    /// Makes `root` what is run.
    ///
    /// # Panics
    ///
    /// If something is run already.
    pub(super) fn enter(&self, root: &Arc<Root>) {
        let running = lock(&self.running).root.get_or_insert_with(|| Arc::clone(root)).clone();
        assert!(
            Arc::ptr_eq(&running, root),
            "a simulated clock runs one future at a time, and another thread is in its `block_on`"
        );
    }

    /// Nothing is run any more.
    pub(super) fn leave(&self) {
        lock(&self.running).root = None;
    }

    /// Whether there may be a panic or a deadlock for the future that block_on runs; asked before each poll, so without a
    /// lock.
    pub(super) fn take_news(&self) -> bool {
        self.news.load(Ordering::Acquire) && self.news.swap(false, Ordering::AcqRel)
    }

    /// The panic of a callback, if there was one.
    pub(super) fn take_panic(&self) -> Option<Box<dyn std::any::Any + Send>> {
        lock(&self.panic).take()
    }

    /// The thread is about to park: no task is ready. Advances to the next timer, or reports a deadlock.
    pub(super) fn on_park(&self) {
        let Running { root: Some(root), outside: 0 } = lock(&self.running).clone() else { return };
        // tokio parks without a look at the future that block_on runs, which may have been woken by the last task. Work
        // that ended since that look has woken it, too, and the tasks that the work has woken come before the clock.
        if root.is_woken() {
            return;
        }
        let (next, never) = {
            let mut timers = lock(&self.timers);
            (timers.pop(), timers.never)
        };
        match next {
            Some((deadline, action)) => {
                self.now.fetch_max(deadline.unix_ns(), Ordering::Relaxed);
                self.fire(action);
            }
            None => {
                self.waits.declare_deadlock(self.now(), never);
                self.news.store(true, Ordering::Release);
            }
        }
        // A callback may have woken nobody, and a waker may be stale. Unless someone polls again, the thread would park
        // for good.
        if !root.is_woken() {
            root.wake();
        }
    }

    fn fire(&self, action: Action) {
        match action {
            Action::Wake(waker) => waker.wake(),
            Action::Call(callback) => {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
                    lock(&self.panic).get_or_insert(panic);
                    self.news.store(true, Ordering::Release);
                }
            }
        }
    }

    /// The deadlock that was declared for the future that block_on runs, if any.
    pub(super) fn take_deadlock(&self) -> Option<Deadlock> {
        self.waits.take_unclaimed()
    }
}

impl Timers {
    fn set(&mut self, deadline: Timestamp, turn: Turn, action: Action, wanted: Wanted) -> TimerKey {
        let serial = self.next_serial | if turn == Turn::Last { LAST } else { 0 };
        self.next_serial += 1;
        let kind = match wanted.is_of_background {
            _ if deadline == Timestamp::MAX => TimerKind::Never,
            true => TimerKind::Background,
            false => TimerKind::Awaited,
        };
        self.count(kind, 1);
        let filled = Slot { serial, kind, was_due: wanted.is_due, action: Some(action) };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = filled;
                slot
            }
            None => {
                self.slots.push(filled);
                self.slots.len() - 1
            }
        };
        self.heap.push(Reverse((deadline, serial, slot)));
        TimerKey { slot, serial }
    }

    /// Counts a timer that is set, or one that is no more.
    fn count(&mut self, kind: TimerKind, change: isize) {
        let numbers: &mut [&mut usize] = match kind {
            TimerKind::Awaited => &mut [&mut self.live],
            TimerKind::Background => &mut [&mut self.live, &mut self.background],
            TimerKind::Never => &mut [&mut self.never],
        };
        numbers.iter_mut().for_each(|number| **number = number.wrapping_add_signed(change));
    }

    fn action(&mut self, key: TimerKey) -> Option<&mut Action> {
        self.slots.get_mut(key.slot).filter(|slot| slot.serial == key.serial)?.action.as_mut()
    }

    fn take(&mut self, key: TimerKey) -> Option<Action> {
        let slot = self.slots.get_mut(key.slot).filter(|slot| slot.serial == key.serial)?;
        let (action, kind) = (slot.action.take()?, slot.kind);
        self.free.push(key.slot);
        self.count(kind, -1);
        Some(action)
    }

    fn cancel(&mut self, key: TimerKey) -> Option<Action> {
        let action = self.take(key);
        // Time-outs that never strike would otherwise pile up until their deadlines.
        if self.heap.len() > 64 && self.heap.len() > 4 * (self.live + self.never) {
            let slots = &self.slots;
            self.heap
                .retain(|Reverse((_, serial, slot))| slots[*slot].serial == *serial && slots[*slot].action.is_some());
        }
        action
    }

    fn pop(&mut self) -> Option<(Timestamp, Action)> {
        if self.live > self.background {
            self.alone = 0;
        } else if self.alone >= BACKGROUND_ALONE {
            return None;
        } else {
            self.alone += 1;
        }
        if self.picking.is_some() {
            self.put_picked_first();
        }
        loop {
            // Arithmetic of times stops at the last moment. What is due there is due never: were it to come, a loop of
            // sleeps would spin there for good.
            if self.heap.peek()?.0.0 == Timestamp::MAX {
                return None;
            }
            let Reverse((deadline, serial, slot)) = self.picked.take().or_else(|| self.heap.pop())?;
            if let Some(action) = self.take(TimerKey { slot, serial }) {
                return Some((deadline, action));
            }
        }
    }

    /// Picks one of those that are due next, where there is a choice.
    ///
    /// What something of this moment has set off stays in its order, for two such things of one device may be one thing after the
    /// other; so does what comes last.
    fn put_picked_first(&mut self) {
        let mut of_moment = Vec::new();
        while let Some(Reverse(next)) = self.heap.peek().copied() {
            let (deadline, serial, slot) = next;
            let is_of_moment = of_moment.first().is_none_or(|(first, ..): &Entry| *first == deadline);
            if deadline == Timestamp::MAX || !is_of_moment || serial & LAST != 0 {
                break;
            }
            self.heap.pop();
            if self.slots[slot].serial == serial && self.slots[slot].action.is_some() {
                of_moment.push(next);
            }
        }
        let mut has_due = false;
        let candidates: Vec<usize> = (0..of_moment.len())
            .filter(|at| {
                let was_due = self.slots[of_moment[*at].2].was_due;
                !was_due || !std::mem::replace(&mut has_due, true)
            })
            .collect();
        if let (2.., Some(picking)) = (candidates.len(), &mut self.picking) {
            let picked = candidates[picking.pick(candidates.len())];
            self.picked = Some(Reverse(of_moment.remove(picked)));
        }
        self.heap.extend(of_moment.into_iter().map(Reverse));
    }
}

/// The waker of the future that block_on runs. It remembers whether it was woken since the last poll.
pub(super) struct Root {
    woken: AtomicBool,
    tokio: Waker,
}

impl Root {
    pub(super) fn new(tokio: Waker) -> Self {
        Self { woken: AtomicBool::new(true), tokio }
    }

    pub(super) fn about_to_poll(&self) {
        self.woken.store(false, Ordering::Release);
    }

    /// Whether it wakes what `tokio` wakes.
    pub(super) fn stands_for(&self, tokio: &Waker) -> bool {
        self.tokio.will_wake(tokio)
    }

    fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }
}

impl Wake for Root {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.tokio.wake_by_ref();
    }
}
