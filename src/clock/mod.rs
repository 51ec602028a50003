//! Time: a [`Clock`] that is real, or simulated to the nanosecond.
//!
//! Everything that waits or stamps asks its clock. The simulated one stands still until nothing can go on without it,
//! then jumps to the next timer: eight hours of waiting take as long as the work in between, and each wake-up comes at
//! its exact nanosecond. Timers of one deadline fire in the order in which they were set, time-outs
//! ([`Clock::timeout`]) when nothing else is left to do at that time.
//!
//! ```
//! use std::time::Duration;
//! use skyspan::clock::Clock;
//!
//! let clock = Clock::simulated();
//! let start = clock.now();
//! clock.block_on(async {
//!     clock.sleep(Duration::from_secs(8 * 3600)).await;
//!     clock.sleep(Duration::from_nanos(1)).await;
//! })?;
//! assert_eq!(clock.now() - start, Duration::new(8 * 3600, 1));
//! # Ok::<(), skyspan::clock::Deadlock>(())
//! ```
//!
//! Where everything waits and no timer is left, nothing can ever go on: that is a [`Deadlock`], reported with what waits
//! instead of a hang. Work that the clock cannot see (a thread, a socket) is announced by [`Clock::outside_work`]; while
//! there is any, the clock neither advances nor calls a deadlock.
//!
//! How it knows that nothing can go on: tokio's current-thread runtime calls a hook just before it parks its thread,
//! which it does when no task is ready. What the hook wakes is run at once. `tests/it/clock.rs` pins that.

#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod clock;
mod deadlock;
mod foreign;
mod keeping;
mod moments;
mod outside;
mod real;
mod simulated;
mod sleep;
mod tracer;

pub use clock::{Clock, Timer};
pub use deadlock::Deadlock;
pub(crate) use deadlock::the_end_of_time;
pub(crate) use foreign::meaning_of;
pub(crate) use keeping::HearsPanics;
pub use moments::Moments;
pub use outside::OutsideWork;
pub use skyspan_trace::value::{Timestamp, TimestampError};
pub use sleep::{Elapsed, Sleep};
pub use tracer::{LiveSpan, SpanProvider, Tracer};
