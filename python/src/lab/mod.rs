//! `Lab`: Python's plans on skyspan's engine, simulated devices, and a clock that nobody waits for.
//!
//! A plan stays the generator that it is: `generator` resumes it with what the engine answers. `bridge` knows which object of Python
//! is which device; `carried` brings back what Rust has no value for, as the same object; `raised` does so with exceptions.
//! `message`, `answer` and `documents` put one side's words into the other's. `handle` is a device as Python sees it, `status` what
//! it gives, `called_back` a device of Python's as the engine sees it. `own_code` is what users put into the engine, `own_spans`
//! what plans emit themselves, `suspenders` are theirs.
//! What Python awaits goes on on a loop of asyncio that lives on the lab's `clock`; the engine waits for a `promise`. `twins` are labs
//! like another one: for estimates and plan files. `lab` is all of it, and `outcome` what comes of a call.
//!
//! No Python runs while a lock is held that another thread may wait for with the GIL in its hands: whoever asks the harness lets go of
//! the GIL first.

mod answer;
mod bridge;
mod called_back;
mod carried;
mod clock;
mod documents;
mod faults;
mod generator;
mod handle;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod lab;
mod message;
mod outcome;
mod own_code;
mod own_spans;
mod promise;
mod raised;
mod schedule;
mod seconds;
mod status;
mod suspenders;
mod twins;

pub(crate) use clock::{PyLabClock, PyOutsideWork};
pub(crate) use handle::PyDeviceHandle;
pub(crate) use lab::PyLabCore;
pub(crate) use outcome::PyOutcome;
pub(crate) use schedule::PyScheduled;
pub(crate) use status::PyStatus;
pub(crate) use twins::PyEstimate;
