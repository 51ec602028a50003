//! What the line on standard error says while a campaign is gone through.

use std::time::Duration;

use crate::fuzz::rate;
use crate::line_bar::{LineBar, clock_text, share};
use skyspan::property::CampaignProgress;
use skyspan_trace::internal::grouped;

/// Shows how far a campaign of so many cases is, until it is cleared.
pub(crate) fn show(progress: &CampaignProgress, cases: Option<u64>) -> LineBar {
    let progress = progress.clone();
    LineBar::show(move |elapsed| line_of(&progress, cases, elapsed))
}

fn line_of(progress: &CampaignProgress, of: Option<u64>, elapsed: Duration) -> String {
    let (cases, messages) = (progress.cases(), progress.messages());
    let per_s = grouped(rate(cases, elapsed.as_secs_f64()));
    let line = format!(
        "{} cases, {per_s} a second, {} messages, {}",
        share(cases, of),
        grouped(messages),
        clock_text(elapsed)
    );
    match progress.simpler_cases() {
        0 => line,
        tried => format!("{line}; one fails, {} simpler ones tried", grouped(tried)),
    }
}
