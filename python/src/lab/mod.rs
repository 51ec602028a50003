//! `Lab`: Python's plans on skyspan's engine, simulated devices, and a clock that nobody waits for.
//!
//! A plan stays the generator that it is: `generator` resumes it with what the engine answers. `bridge` knows which object of Python
//! is which device; `carried` brings back what Rust has no value for, as the same object; `raised` does so with exceptions.
//! `message`, `answer` and `documents` put one side's words into the other's. `handle` is a device as Python sees it, `status` what
//! it gives, `called_back` a device of Python's as the engine sees it: `methods` are which it has, `given` what they
//! give, `subscriptions` what the engine hears of it. `computed` are
//! simulated signals whose values functions of Python compute. `own_code` is what users put into the engine, `own_spans` what plans
//! emit themselves, `suspenders` are theirs. What Python awaits goes on on a loop of asyncio that lives on the lab's `clock`; the engine
//! waits for a `promise`, and Ctrl-C ends other waits by `interrupts`. `twins` are labs like another one: for estimates, plan files, and
//! `torture`. `lab_core` is all of it, made by its `settings`, `lab` what Python asks of that, and `outcome` what comes of a call.
//!
//! No Python runs while a lock is held that another thread may wait for with the GIL in its hands: whoever asks the harness lets go of
//! the GIL first.

mod answer;
mod bridge;
mod called_back;
mod carried;
mod clock;
mod computed;
mod documents;
mod faults;
mod generator;
mod given;
mod handle;
mod interrupts;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod lab;
mod lab_core;
mod message;
mod methods;
mod outcome;
mod own_code;
mod own_spans;
mod promise;
mod raised;
mod schedule;
mod seconds;
mod settings;
mod status;
mod subscriptions;
mod suspenders;
mod torture;
mod twins;

pub(crate) use clock::{PyLabClock, PyOutsideWork};
pub(crate) use handle::PyDeviceHandle;
pub(crate) use lab::PyLabCore;
pub(crate) use outcome::PyOutcome;
pub(crate) use schedule::PyScheduled;
pub(crate) use status::PyStatus;
pub(crate) use torture::{PyTortureMap, PyTortured};
pub(crate) use twins::PyEstimate;
