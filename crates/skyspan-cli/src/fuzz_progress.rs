//! A progress bar on standard error, while a campaign is gone through.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::fuzz::rate;
use skyspan::property::CampaignProgress;
use skyspan_trace::internal::grouped;

/// How wide a bar is.
const WIDTH: u64 = 30;

/// The bar of a campaign.
pub(crate) struct CampaignBar(ProgressBar);

impl CampaignBar {
    /// Shows how far a campaign of so many cases is, several times a second, until it is cleared. Where standard error is no terminal,
    /// nothing is shown.
    pub(crate) fn show(progress: &CampaignProgress, cases: Option<u64>) -> Self {
        let drawn = ProgressDrawTarget::stderr();
        if drawn.is_hidden() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, drawn);
        // The threads that examine only count; whoever draws looks at the counters.
        let progress = progress.clone();
        let key = move |state: &ProgressState, line: &mut dyn std::fmt::Write| {
            let _ = line.write_str(&line_of(&progress, cases, state.elapsed()));
        };
        if let Ok(style) = ProgressStyle::with_template("{campaign}") {
            bar.set_style(style.with_key("campaign", key));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(crate) fn clear(self) {
        self.0.finish_and_clear();
    }
}

fn line_of(progress: &CampaignProgress, of: Option<u64>, elapsed: Duration) -> String {
    let mut line = String::new();
    let (cases, messages) = (progress.cases(), progress.messages());
    if let Some(of) = of.filter(|of| *of > 0) {
        let done = usize::try_from(u128::from(WIDTH) * u128::from(cases.min(of)) / u128::from(of)).unwrap_or_default();
        let _ = write!(line, "[{:<width$}] {} of ", "=".repeat(done), grouped(cases), width = WIDTH as usize);
        line += &grouped(of);
    } else {
        line += &grouped(cases);
    }
    let per_s = grouped(rate(cases, elapsed.as_secs_f64()));
    let (minutes, seconds) = (elapsed.as_secs() / 60, elapsed.as_secs() % 60);
    let _ = write!(line, " cases, {per_s} a second, {} messages, {minutes}:{seconds:02}", grouped(messages));
    match progress.simpler_cases() {
        0 => {}
        tried => {
            let _ = write!(line, "; one fails, {} simpler ones tried", grouped(tried));
        }
    }
    line
}
