//! [`Waiters`]: who wants to be told when a span starts or ends.

use std::task::Waker;

/// The threads and tasks that are told when a span starts or ends.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// How many threads wait. To wake nobody would cost a call of the operating system for every span.
    threads: usize,
    next: u64,
    tasks: Vec<(u64, Option<Waker>)>,
}

impl Waiters {
    /// The tasks to be woken, and with them all threads; nothing if nobody waits.
    pub(super) fn changed(&mut self) -> Option<Vec<Waker>> {
        if self.threads == 0 && self.tasks.is_empty() {
            return None;
        }
        Some(self.tasks.iter_mut().filter_map(|(_, waker)| waker.take()).collect())
    }

    pub(super) fn thread_waits(&mut self) {
        self.threads += 1;
    }

    pub(super) fn thread_goes_on(&mut self) {
        self.threads -= 1;
    }

    /// A number for a task that waits.
    pub(super) fn task(&mut self) -> u64 {
        self.next += 1;
        self.tasks.push((self.next, None));
        self.next
    }

    /// Has a task be woken by the next change. Gives the waker that it had before.
    #[must_use = "a waker is not to be dropped while a lock is held"]
    pub(super) fn task_waits(&mut self, task: u64, waker: &Waker) -> Option<Waker> {
        let known = self.tasks.iter_mut().find(|(known, _)| *known == task)?;
        match &known.1 {
            Some(there) if there.will_wake(waker) => None,
            _ => known.1.replace(waker.clone()),
        }
    }

    /// A task waits no longer. Gives the waker that it had.
    #[must_use = "a waker is not to be dropped while a lock is held"]
    pub(super) fn task_goes_on(&mut self, task: u64) -> Option<Waker> {
        let at = self.tasks.iter().position(|(known, _)| *known == task)?;
        self.tasks.swap_remove(at).1
    }
}
