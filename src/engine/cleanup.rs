//! What the engine does at the end of every call.

use opentelemetry::Context;

use super::{ExitStatus, RunEngine};
use crate::value::{Text, Value};

impl RunEngine {
    /// Stops what was moved, unstages what is staged, closes the runs that are open, in this order (bluesky 1.15.1,
    /// `RunEngine._run`). What goes wrong is kept, and the rest is done nevertheless.
    pub(super) async fn clean_up(&mut self, exit_status: ExitStatus, reason: &Text) -> Vec<Text> {
        let mut errors = Vec::new();
        let none = Context::new();
        for device in std::mem::take(&mut self.call.moved) {
            if let Ok(stoppable) = device.stoppable()
                && let Err(error) = self.given("stop", &device, stoppable.stop(self.cx(&device, &none), true)).await
            {
                errors.push(format!("Failed to stop {device:?}: {error}").into());
            }
        }
        for device in std::mem::take(&mut self.call.staged) {
            if let Ok(stageable) = device.stageable()
                && let Err(error) = stageable.unstage(self.cx(&device, &none))
            {
                errors.push(format!("Failed to unstage {device:?}: {error}").into());
            }
        }
        let open: Vec<Value> = self.call.runs.iter().map(|(key, _)| key.clone()).collect();
        for key in open {
            let reason = Value::from(reason);
            if let Err(error) = self.close_run(&key, Some(&exit_status.into()), Some(&reason)) {
                errors.push(format!("Failed to close run {key}: {error}").into());
            }
        }
        errors
    }
}
