//! A line on standard error that tells how far something is, several times a second.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use skyspan_trace::internal::grouped;

/// How wide a bar is.
const WIDTH: u64 = 30;

/// The line of something that takes a while.
pub(crate) struct LineBar(ProgressBar);

impl LineBar {
    /// Shows a line, which is made anew of the time that has gone by several times a second, until it is cleared. Where standard error is
    /// no terminal, nothing is shown. The threads that do something only count; whoever draws looks at the counters.
    pub(crate) fn show(line_of: impl Fn(Duration) -> String + Clone + Send + Sync + 'static) -> Self {
        let drawn = ProgressDrawTarget::stderr();
        if drawn.is_hidden() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, drawn);
        let key = move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
            let _ = line.write_str(&line_of(state.elapsed()));
        };
        if let Ok(style) = ProgressStyle::with_template("{line}") {
            bar.set_style(style.with_key("line", key));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(crate) fn clear(self) {
        self.0.finish_and_clear();
    }
}

/// `[====      ] 4 of 10`; without a total, the number alone.
pub(crate) fn share(done: u64, of: Option<u64>) -> String {
    let mut line = String::new();
    if let Some(of) = of.filter(|of| *of > 0) {
        let full = usize::try_from(u128::from(WIDTH) * u128::from(done.min(of)) / u128::from(of)).unwrap_or_default();
        let _ = write!(line, "[{:<width$}] ", "=".repeat(full), width = WIDTH as usize);
        let _ = write!(line, "{} of {}", grouped(done), grouped(of));
    } else {
        line += &grouped(done);
    }
    line
}

/// `3:07`.
pub(crate) fn clock_text(elapsed: Duration) -> String {
    format!("{}:{:02}", elapsed.as_secs() / 60, elapsed.as_secs() % 60)
}
