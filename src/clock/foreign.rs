//! What tokio says where a clock and tokio's own time meet, in our words.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What a panic of tokio means for those who have a clock; nothing for another panic.
pub(crate) fn meaning_of(panic: &(dyn Any + Send)) -> Option<&'static str> {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied())?;
    // As tokio 1.54 has it.
    let has = |words: &str| text.contains(words);
    if has("Cannot start a runtime from within a runtime") {
        Some(
            "a clock waits by a runtime of its own, and this thread runs another one, as the body of a `#[tokio::test]` does: \
             make it a plain `#[test]`, or call this within `tokio::task::spawn_blocking`",
        )
    } else if has("timers are disabled") || has("IO is disabled") || has("there is no reactor running") {
        Some(
            "something awaits a timer or a socket of tokio, and a simulated clock has none: sleep by the clock (`p.sleep` in a \
             plan, `cx.clock().sleep` in a device), and have what is real done on a thread, by `Clock::run_blocking` or under \
             `Clock::outside_work`; or give the harness `real_time()`",
        )
    } else {
        None
    }
}

/// Runs what may fall into tokio's hands; where that panics with words that say nothing to those who have a clock, panics with
/// ours.
pub(super) fn in_our_words<T>(f: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(output) => output,
        Err(panic) => match meaning_of(&*panic) {
            Some(meaning) => panic!("{meaning}"),
            None => resume_unwind(panic),
        },
    }
}
