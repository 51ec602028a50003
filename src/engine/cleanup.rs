//! What the engine does at the end of every call.

use std::pin::pin;
use std::sync::Arc;

use opentelemetry::Context;

use super::attending::without_panic;
use super::{ExitStatus, RunEngine};
use crate::device::Cx;
use crate::value::{Text, Value};

impl RunEngine {
    /// Stops what was moved, ends the monitors and collects what no one has collected, unstages what is staged, closes
    /// the runs that are open, closes the plans that were left: in this order (bluesky 1.15.1, `RunEngine._run`), and
    /// whatever is asked meanwhile. What goes wrong is kept, and the rest is done nevertheless.
    pub(super) async fn clean_up(&mut self, exit_status: ExitStatus, reason: &Text) {
        self.call.undisturbed = true;
        self.stop_moved().await;
        self.call.moved.clear();
        self.clear_monitors();
        self.backstop_collect().await;
        self.unstage_all().await;
        let open = self.call.runs.iter().filter(|(_, run)| run.is_to_be_stopped()).map(|(key, _)| key.clone());
        for key in open.collect::<Vec<Value>>() {
            let reason = Value::from(reason);
            if let Err(error) = self.close_run(&key, Some(&exit_status.into()), Some(&reason)) {
                self.call.cleanup_errors.push(format!("Failed to close run {key}: {error}").into());
            }
        }
        self.close_plans();
        for token in std::mem::take(&mut self.call.subscriptions) {
            self.subscriptions.remove(token);
        }
        self.call.undisturbed = false;
    }

    async fn unstage_all(&mut self) {
        let shared = Arc::clone(&self.shared);
        let none = Context::new();
        for device in std::mem::take(&mut self.call.staged) {
            let unstaging = pin!(async {
                match device.as_stageable() {
                    Some(stageable) => {
                        stageable.unstage(Cx::new(&shared, &device, &none)).map(drop).map_err(Into::into)
                    }
                    None => Ok(()),
                }
            });
            if let Err(error) = without_panic(|| format!("`unstage` of {device}").into(), unstaging).await {
                self.call.cleanup_errors.push(format!("Failed to unstage {device:?}: {error}").into());
            }
        }
    }
}
