//! [`make_callback_safe`]: a callback that ends no run.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::DocumentRouter;
use crate::document::Document;
use crate::message::PlanError;

/// A callback that ends no run: an error or a panic of `router` is written into `log`, a line each, and that is all
/// (`bluesky.callbacks.core.make_callback_safe` and `make_class_safe`, 1.15.1). It is for what shows, not for what keeps:
/// what a writer of files loses is lost.
///
/// ```
/// use skyspan::callbacks::{DocumentRouter, PeakStats, make_callback_safe};
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// lab.with_engine(|engine| engine.subscribe(PeakStats::new("motor", "mode").into_callback()));
/// let mode = lab.add(SynSignal::new("mode").func(|| "low"));
/// let scan = || plans::scan(&mode, &lab.device("motor"), 0, 1, 2);
/// assert_eq!(lab.run(scan()).exit_status(), Fail);
///
/// let lab = Harness::new();
/// let (mut read, log) = std::io::pipe()?;
/// lab.with_engine(|engine| engine.subscribe(make_callback_safe(PeakStats::new("motor", "mode"), log)));
/// let mode = lab.add(mode);
/// lab.run(plans::scan(&mode, &lab.device("motor"), 0, 1, 2)).assert_success();
/// # drop(lab);
/// let mut logged = String::new();
/// std::io::Read::read_to_string(&mut read, &mut logged)?;
/// let expected = "a callback failed on a `stop` document, which is ignored: TypeError: a peak is made of numbers, but \
///     `mode` was a string: \"low\"\n";
/// assert_eq!(logged, expected);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn make_callback_safe(
    mut router: impl DocumentRouter + 'static,
    mut log: impl Write + Send + 'static,
) -> impl FnMut(&Document) + Send + 'static {
    move |document| {
        let name = document.name();
        let done = catch_unwind(AssertUnwindSafe(|| router.route(document))).unwrap_or_else(|panic| {
            Err(PlanError::of_panic(format!("the callback of a `{name}` document").into(), &*panic))
        });
        if let Err(error) = done {
            // Where nobody reads the log, nobody wants to know.
            let _ =
                writeln!(log, "a callback failed on a `{name}` document, which is ignored: {}: {error}", error.name())
                    .and_then(|()| log.flush());
        }
    }
}
