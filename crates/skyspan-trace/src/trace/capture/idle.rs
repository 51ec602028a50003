//! [`Workers`]: whether a tokio runtime has had time for all that is to be done.

/// What the workers of the runtime of this thread were about when they were last looked at.
#[derive(Debug, Default)]
pub(super) struct Workers {
    /// How many times each has begun or ceased to wait for work; it waits if that is odd.
    #[cfg(all(feature = "tokio", target_has_atomic = "64"))]
    parks: Vec<u64>,
}

impl Workers {
    /// Whether each of them waits for work, or has done so since the last look. On a machine that is busy with other things
    /// one may have work, and not get to it for long.
    #[cfg(all(feature = "tokio", target_has_atomic = "64"))]
    pub(super) fn have_been_idle(&mut self) -> bool {
        use tokio::runtime::{Handle, RuntimeFlavor};

        let Ok(runtime) = Handle::try_current() else { return true };
        if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
            // That is this thread, which came here by way of all that was to be done.
            return true;
        }
        let metrics = runtime.metrics();
        let parks: Vec<u64> =
            (0..metrics.num_workers()).map(|worker| metrics.worker_park_unpark_count(worker)).collect();
        let before = |worker: usize| self.parks.get(worker);
        let busy =
            parks.iter().enumerate().filter(|(worker, now)| *now % 2 == 0 && before(*worker) == Some(now)).count();
        let waiting_for_a_worker = metrics.global_queue_depth();
        self.parks = parks;
        // Where this is a task, its worker is busy with it.
        let here = usize::from(tokio::task::try_id().is_some());
        busy <= here && waiting_for_a_worker == 0
    }

    #[cfg(not(all(feature = "tokio", target_has_atomic = "64")))]
    #[expect(clippy::unused_self, reason = "nothing is known of them")]
    pub(super) fn have_been_idle(&mut self) -> bool {
        true
    }
}
