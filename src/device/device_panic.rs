//! [`DevicePanic`]: what a device panics with where it is asked about itself.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::clock::meaning_of;
use crate::value::Text;

/// What a device has panicked with where it was asked about itself: its name, or which protocols it has.
///
/// It unwinds through whoever asked, whose signature has no error for it, and is known again where panics are caught: there
/// it is an error of the run and not the end of the test.
#[derive(Clone, Debug)]
pub(crate) struct DevicePanic {
    /// What was asked: `` `as_pausable` of a device ``.
    pub(crate) what: Text,
    /// The message of the panic.
    pub(crate) message: Text,
}

impl DevicePanic {
    /// The answer of a device, or what it panics with.
    pub(super) fn catch<T>(what: &'static str, answer: impl FnOnce() -> T) -> Result<T, Self> {
        catch_unwind(AssertUnwindSafe(answer)).map_err(|panic| match panic.downcast::<Self>() {
            Ok(inner) => *inner,
            Err(panic) => Self { what: format!("`{what}` of a device").into(), message: said(&*panic) },
        })
    }

    /// Lets it unwind through whoever asked.
    pub(super) fn unwind(self) -> ! {
        resume_unwind(Box::new(self))
    }
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> Text {
    let said = meaning_of(panic).or_else(|| panic.downcast_ref::<&str>().copied()).map(Text::from);
    let said = said.or_else(|| panic.downcast_ref::<String>().map(Text::from));
    said.unwrap_or_else(|| Text::literal("(something that is no text)"))
}
