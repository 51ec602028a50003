//! Progress bars on standard error, while a plan waits in real time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use skyspan::callbacks::{DocumentRouter as _, PointsDone};
use skyspan::clock::{Clock, Timer};
use skyspan::device::{Progress, Status, StatusKind};
use skyspan::harness::Harness;
use skyspan::value::Value;
use skyspan_trace::internal::lock;

/// The length of a bar that is measured in parts of the whole.
const WHOLE: u64 = 1000;

/// How long a wait lasts before its bars are drawn: what is over at once would only flash.
const DELAY: Duration = Duration::from_millis(200);

/// The bars of the wait that is under way.
#[derive(Default)]
struct Shown {
    /// Draws them, when it is time.
    timer: Option<Timer>,
    bars: Vec<ProgressBar>,
}

impl Shown {
    fn clear(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.cancel();
        }
        self.bars.drain(..).for_each(|bar| bar.finish_and_clear());
    }
}

/// Shows a progress bar on standard error for each status that the engine of a harness waits for, from 0.2 seconds after
/// the wait has begun to its end (`bluesky.utils.ProgressBarManager`, 1.15.1). A status that is no move tells nothing of
/// its progress, and has a line in place of a bar. Above them stands how many points the run has, of how many, and how long the rest
/// takes at that pace.
///
/// It takes the place of the engine's waiting hook. Where standard error is no terminal, nothing is shown.
///
/// ```
/// use skyspan::cli::show_progress;
/// use skyspan::prelude::*;
///
/// let lab = Harness::builder().real_time().build();
/// show_progress(&lab);
/// let slow = lab.add(SynAxis::new("slow").delay_s(0.3).events_per_move(10));
/// lab.run(plan(async move |p| p.mv(&slow, 5).await)).assert_success();
/// ```
pub(crate) fn show_progress(lab: &Harness) {
    let drawn = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    if drawn.is_hidden() {
        return;
    }
    let (clock, shown) = (lab.clock().clone(), Arc::<Mutex<Shown>>::default());
    let points = Arc::<Mutex<PointsDone>>::default();
    lab.with_engine(|engine| {
        engine.subscribe(Arc::clone(&points).into_callback());
        engine.set_waiting_hook(move |statuses| {
            let mut now = lock(&shown);
            now.clear();
            let under_way = |status: &&Status| !status.is_done();
            let waited_for: Vec<Status> = statuses.unwrap_or_default().iter().filter(under_way).cloned().collect();
            if waited_for.is_empty() {
                return;
            }
            let (drawn, later) = (drawn.clone(), Arc::clone(&shown));
            let line = (Arc::clone(&points), clock.clone());
            now.timer = Some(clock.call_after(DELAY, move || {
                let line = line_of_points(line, &drawn);
                let bars = waited_for.iter().filter(under_way).map(|status| bar_of(status, &drawn));
                lock(&later).bars = line.into_iter().chain(bars).collect();
            }));
        });
    });
}

/// A line that says how far the run is; none where no run is under way.
fn line_of_points((points, clock): (Arc<Mutex<PointsDone>>, Clock), drawn: &MultiProgress) -> Option<ProgressBar> {
    lock(&points).done()?;
    let words = move |_: &ProgressState, line: &mut dyn std::fmt::Write| {
        // A line that cannot be drawn has no reader.
        let _ = line.write_str(&lock(&points).words(clock.now()).unwrap_or_default());
    };
    let line = ProgressBar::hidden();
    line.set_style(ProgressStyle::with_template("{points}").ok()?.with_key("points", words));
    let line = drawn.add(line);
    line.enable_steady_tick(Duration::from_millis(100));
    Some(line)
}

fn bar_of(status: &Status, drawn: &MultiProgress) -> ProgressBar {
    let is_move = matches!(status.kind(), StatusKind::Move { .. });
    let template = if is_move { "{prefix} [{bar:30}] {elapsed} {msg}" } else { "{prefix} {msg}" };
    // What has elapsed is counted from the beginning of the status.
    let bar = ProgressBar::hidden().with_elapsed(status.elapsed());
    bar.set_length(WHOLE);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(status.device().name().to_string());
    let watched = bar.clone();
    status.watch(move |progress| show(&watched, is_move, progress));
    let bar = drawn.add(bar);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A position as people read it while it changes: five significant digits, and none behind the point that say nothing.
fn rounded(position: &Value) -> String {
    let number = position.as_f64().and_then(|number| format!("{number:.4e}").parse::<f64>().ok());
    number.map_or_else(|| position.to_string(), |number| number.to_string())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the fraction is between 0 and 1")]
fn show(bar: &ProgressBar, is_move: bool, progress: &Progress) {
    if !is_move {
        let is_done = progress.fraction == Some(0.0);
        bar.set_message(if is_done { "[Complete.]" } else { "[In progress. No progress bar available.]" });
        return;
    }
    if let Some(left) = progress.fraction {
        bar.set_position(((1.0 - left) * WHOLE as f64) as u64);
    }
    if let Some(current) = &progress.current {
        let unit = progress.unit.as_deref().unwrap_or_default();
        bar.set_message(format!("{} {unit}", rounded(current)));
    }
}
