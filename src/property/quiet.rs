//! Panics that are caught and told later are not printed when they happen.

use std::cell::Cell;
use std::panic;
use std::sync::Once;

thread_local! {
    /// Whether the panics of this thread are told by somebody else.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static INSTALLED: Once = Once::new();

/// Does what may panic, without a word on standard error: a search may come by the same panic a thousand times.
///
/// The hook for panics belongs to the whole process. The one that is there is kept, and asked in all other cases.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let outside = QUIET.replace(true);
    let done = work();
    QUIET.set(outside);
    done
}
