//! [`Progress`]: how far a [`Status`] has come, for those who watch it.

use std::time::Duration;

use super::status::Status;
use super::status_classes::StatusKind;
use crate::value::{Text, Value};

/// How far something has come, for progress bars.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The name of the device that moves.
    pub name: Text,
    /// Where it is; the following are known of moves only.
    pub current: Option<Value>,
    /// The position at which the move began.
    pub initial: Option<Value>,
    /// The position to which the device moves.
    pub target: Option<Value>,
    /// The unit of these.
    pub unit: Option<Text>,
    /// How many digits behind their point matter.
    pub precision: Option<i64>,
    /// Which part of the way is left, from 1 to 0, if that can be told.
    pub fraction: Option<f64>,
    /// How long it has been under way.
    pub time_elapsed: Duration,
}

/// Called when somebody begins to watch.
pub(super) type OnWatch = Box<dyn FnMut() + Send>;

impl Status {
    /// Calls back whenever a move has come further. A status that is no move knows only its device, and its end; one of work
    /// knows what its device [reports](Self::report), and tells the last of it at once, also when it is done.
    pub fn watch(&self, mut watcher: impl FnMut(&Progress) + Send + 'static) {
        match self.0.kind {
            StatusKind::Move { .. } => {}
            StatusKind::Async { .. } => {
                let reported = self.state().pending().and_then(|pending| pending.reported.clone());
                if let Some(reported) = reported {
                    watcher(&reported);
                }
            }
            _ => watcher(&self.progress(None, None)),
        }
        let mut state = self.state();
        if self.is_done() {
            return;
        }
        let pending = state.make_pending();
        pending.watchers.push(Box::new(watcher));
        if let Some(mut on_watch) = pending.on_watch.take() {
            // The device may look at the status.
            drop(state);
            on_watch();
            self.on_watch_again(on_watch);
        }
    }

    /// Whether somebody watches how far it has come. For the device that made the status: to nobody it need not tell.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.state().pending().is_some_and(|pending| !pending.watchers.is_empty())
    }

    /// Calls the device that made the status when somebody begins to watch.
    pub fn on_watch(&self, on_watch: impl FnMut() + Send + 'static) {
        self.on_watch_again(Box::new(on_watch));
    }

    fn on_watch_again(&self, on_watch: OnWatch) {
        let mut state = self.state();
        if !self.is_done() {
            state.make_pending().on_watch = Some(on_watch);
        }
    }

    /// Tells the watchers of a move where it is. For the device that made the status.
    pub fn report_position(&self, current: &Value) {
        let mut state = self.state();
        let mut watchers = state.pending_mut().map(|pending| std::mem::take(&mut pending.watchers)).unwrap_or_default();
        // A watcher may look at the status.
        drop(state);
        if watchers.is_empty() {
            return;
        }
        let fraction = match &self.0.kind {
            StatusKind::Move { target } => fraction_left(&self.0.start_position, current, target),
            _ => None,
        };
        let progress = self.progress(Some(current.clone()), fraction);
        for watcher in &mut watchers {
            self.guard("a watcher of", || watcher(&progress));
        }
        let mut state = self.state();
        let pending = state.make_pending();
        watchers.append(&mut pending.watchers);
        if !self.is_done() {
            pending.watchers = watchers;
            return;
        }
        // One of them has ended it, and all of them were away when the others were told.
        drop(state);
        self.tell_of_end(watchers);
    }

    pub(super) fn progress(&self, current: Option<Value>, fraction: Option<f64>) -> Progress {
        let positioner = self.0.device.positioner().ok();
        let target = match &self.0.kind {
            StatusKind::Move { target } => Some(target.clone()),
            _ => None,
        };
        Progress {
            name: self.0.device.name().clone(),
            current,
            initial: target.is_some().then(|| self.0.start_position.clone()),
            target,
            unit: positioner.and_then(super::Positioner::egu),
            precision: positioner.and_then(super::Positioner::precision),
            fraction,
            time_elapsed: self.0.shared.clock.now() - self.0.started,
        }
    }
}

/// Which part of the way from `initial` to `target` is left.
fn fraction_left(initial: &Value, current: &Value, target: &Value) -> Option<f64> {
    let (initial, current, target) = (initial.as_f64()?, current.as_f64()?, target.as_f64()?);
    let fraction = (target - current).abs() / (initial - target).abs();
    (!fraction.is_nan()).then(|| fraction.clamp(0.0, 1.0))
}
