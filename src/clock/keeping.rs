//! [`Role`]: what a handle to a clock is for; who keeps its timers, and who hears of what panics in them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::value::Text;

/// What a handle to a clock is for.
#[derive(Clone)]
pub(super) enum Role {
    /// It keeps the timers: when the last of these handles is dropped nobody can let time go on any more, and the timers are
    /// forgotten with all that their callbacks hold.
    Keeps { _keeper: Arc<Keeper> },
    /// It was lent to the devices of an engine, which may hold it in the callbacks of timers, and so keeps nothing. What
    /// panics in such a callback is told to the engine.
    Lent(Arc<dyn HearsPanics>),
}

/// Forgets the timers when it is dropped.
pub(super) struct Keeper(Box<dyn Fn() + Send + Sync>);

impl Keeper {
    pub(super) fn new(forget: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self(Box::new(forget)))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Who hears of what devices panic with where nobody who called them can be told.
pub(crate) trait HearsPanics: Send + Sync {
    /// Hears that a timer's callback has panicked.
    fn panicked(&self, what: Text, panic: Box<dyn Any + Send>);
}

impl Role {
    /// Tells of a panic that was caught; where there is nobody to hear of it, it goes on.
    pub(super) fn tell(&self, what: Text, panic: Box<dyn Any + Send>) {
        match self {
            Self::Lent(engine) => engine.panicked(what, panic),
            Self::Keeps { .. } => resume_unwind(panic),
        }
    }

    /// What the callback of a timer does.
    pub(super) fn guarded(&self, callback: impl FnOnce() + Send + 'static) -> Box<dyn FnOnce() + Send> {
        match self {
            Self::Keeps { .. } => Box::new(callback),
            Self::Lent(engine) => {
                let engine = Arc::clone(engine);
                Box::new(move || {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
                        engine.panicked(Text::literal("a timer of a device"), panic);
                    }
                })
            }
        }
    }
}
