//! [`CtrlC`]: what becomes of an engine when somebody presses Ctrl-C.

use std::time::Duration;

use super::{RunEngineHandle, RunEngineState};
use crate::clock::Timestamp;

/// Counts how often Ctrl-C is pressed during a call, and tells the engine what that means
/// (`bluesky.utils.SigintHandler`, 1.15.1).
///
/// It knows of no signals and asks no clock: whoever catches the signal says when it came, so a test can press at any
/// simulated time. Take a new one for each call, as bluesky does.
///
/// | press | counts | what it does |
/// |---|---|---|
/// | the first, or one more than 10 s after the last that counted | as the first | [`Press::DeferredPause`] |
/// | the 2nd to the 10th | more than 0.1 s after the last that counted | [`Press::Pause`] |
/// | the 11th | so, too | [`Press::Kill`] |
/// | any other | not | [`Press::Ignored`] |
/// | any after the 11th | | [`Press::Released`] |
///
/// ```
/// use skyspan::engine::{CtrlC, Press};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let mut ctrl_c = CtrlC::new(lab.handle().clone());
/// let clock = lab.clock().clone();
/// lab.at(secs(3.0)).call(move || {
///     let now = clock.now();
///     assert_eq!(ctrl_c.press(now), Press::DeferredPause);
///     assert_eq!(ctrl_c.press(now + ms(50)), Press::Ignored);
///     assert_eq!(ctrl_c.press(now + ms(500)), Press::Pause);
/// });
/// let run = lab.run(plan(async |p| p.sleep(3600.0).await));
/// assert!(run.is_paused());
/// assert_eq!(run.duration(), secs(3.0));
/// ```
#[derive(Debug)]
pub struct CtrlC {
    engine: RunEngineHandle,
    counted: u32,
    last: Timestamp,
}

/// What a press of Ctrl-C means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Press {
    /// The engine pauses at the next checkpoint.
    DeferredPause,
    /// The engine pauses at once.
    Pause,
    /// It came so soon after the last that nobody can have meant it.
    Ignored,
    /// The engine leaves everything and comes back, without asking the plan. If it has not come back after
    /// [`CtrlC::PATIENCE`], [`CtrlC::give_up`].
    Kill,
    /// Everything was tried; it is for the process to end itself.
    Released,
}

impl CtrlC {
    /// After how long a press counts as the first again.
    pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);
    /// How much time must be between two presses that count; not less, nor as much.
    pub const SPACING: Duration = Duration::from_millis(100);
    /// The press that ends the call.
    pub const LAST: u32 = 11;
    /// How long the engine has to come back after the last press.
    pub const PATIENCE: Duration = Duration::from_secs(1);

    /// For a call of that engine.
    #[must_use]
    pub const fn new(engine: RunEngineHandle) -> Self {
        Self { engine, counted: 0, last: Timestamp::EPOCH }
    }

    /// Ctrl-C was pressed at that time, of whatever clock; the times must be of one clock, and not run back. What the
    /// engine cannot do in its state (pause when it is paused) is not done.
    pub fn press(&mut self, at: Timestamp) -> Press {
        if self.counted >= Self::LAST {
            return Press::Released;
        }
        let since_last = at - self.last;
        if self.counted == 0 || since_last > Self::FORGOTTEN_AFTER {
            self.counted = 1;
        } else if since_last > Self::SPACING {
            self.counted += 1;
        } else {
            return Press::Ignored;
        }
        self.last = at;
        // A transition that is refused is passed over, as in bluesky: there is nobody whom to tell.
        match self.counted {
            1 => {
                let _ = self.engine.deferred_pause();
                Press::DeferredPause
            }
            Self::LAST => {
                self.engine.kill();
                Press::Kill
            }
            _ => {
                let _ = self.engine.pause();
                Press::Pause
            }
        }
    }

    /// Declares an engine panicked that has not come back; that is for good. Gives whether it is: one that is idle or
    /// paused has come back.
    pub fn give_up(&self) -> bool {
        self.engine.give_up() || self.engine.state() == RunEngineState::Panicked
    }
}
