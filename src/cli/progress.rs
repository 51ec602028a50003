//! Progress bars on standard error, while a plan waits in real time.

use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::device::{Progress, Status};
use crate::harness::Harness;
use crate::sync::lock;

/// The length of a bar that is measured in parts of the whole.
const WHOLE: u64 = 1000;

/// Shows a bar for each status that the engine waits for, as long as it does. Where standard error is no terminal,
/// nothing is shown.
pub(super) fn show_progress(lab: &Harness) {
    let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    if bars.is_hidden() {
        return;
    }
    let shown: Arc<Mutex<Vec<ProgressBar>>> = Arc::default();
    lab.with_engine(|engine| {
        engine.set_waiting_hook(move |statuses| {
            let mut shown = lock(&shown);
            shown.drain(..).for_each(|bar| bar.finish_and_clear());
            for status in statuses.unwrap_or_default().iter().filter(|status| !status.is_done()) {
                shown.push(bars.add(bar_of(status)));
            }
        });
    });
}

fn bar_of(status: &Status) -> ProgressBar {
    let bar = ProgressBar::new(WHOLE);
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {elapsed} {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(status.device().name().to_string());
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let watched = bar.clone();
    status.watch(move |progress| show(&watched, progress));
    bar
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the fraction is between 0 and 1")]
fn show(bar: &ProgressBar, progress: &Progress) {
    if let Some(left) = progress.fraction {
        bar.set_position(((1.0 - left) * WHOLE as f64) as u64);
    }
    if let Some(current) = &progress.current {
        let unit = progress.unit.as_deref().unwrap_or_default();
        bar.set_message(format!("{current} {unit}"));
    }
}
