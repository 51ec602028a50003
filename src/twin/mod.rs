//! The twin of a night: a program whose simulated devices take as long as those of a recording, made of its spans and documents.
//!
//! A [`Night`] is what a real RunEngine has left: its trace, and its documents where there are some. [`Twin::of`] makes of it a
//! [`Program`](crate::program::Program). The messages that left spans are in it as they were; those that left none (`create`, `read`,
//! `save`, `trigger`, ...) are inferred from documents and statuses, and the [file](Twin::to_yaml) marks them so. The devices have
//! velocities, exposures and latencies [fitted](FittedParameter) to how long their statuses took, each with its error, and
//! [what could not be told](DeviceTwin::untold) is said.
//!
//! ```
//! use skyspan::prelude::*;
//! use skyspan::twin::{Night, Twin};
//!
//! // Any recording; here one that is simulated, so that the truth is known.
//! let lab = Harness::new();
//! let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0).latency_s(0.1));
//! let run = lab.run(plans::list_scan(&lab.device("det"), &stage, [0.0, 1.0, 4.0, 2.0, 7.0]));
//!
//! let night = Night::new(run.trace().clone()).documents(run.documents().to_vec());
//! let twin = Twin::of(&[night])?;
//! let velocity = twin.device("stage").and_then(|stage| stage.parameter("velocity")).expect("it has moved");
//! assert!((velocity.value - 2.0).abs() < 1e-6);
//!
//! // It is a program: it runs, with faults and what-ifs.
//! let again = Harness::new().run_program(twin.program())?;
//! let times = [run.trace(), again.trace()].map(|trace| trace.statistics().duration.as_secs_f64());
//! assert!((times[0] - times[1]).abs() < 1e-6, "{times:?}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How it works, file by file: `sightings` puts what a night shows in order of time, with `runs`, and with `untold_statuses` where
//! devices leave none; `device_samples` takes from that how long each
//! device took for what; `moves`, `backlash`, `exposures` and `least_squares` fit models to that, and `device_twin` makes a device of the models.
//! `retelling` writes the plan, with naps where the night had gaps, and with
//! the pauses that `pauses` finds. `comparison` runs the twin and holds it against the night.

mod backlash;
mod comparison;
mod device_samples;
mod device_twin;
mod estimate;
mod exposures;
mod gaps;
mod least_squares;
mod moves;
mod night;
mod pauses;
mod plan_lines;
mod retelling;
mod runs;
mod sightings;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod twin;
mod untold_statuses;

pub use comparison::{ComparedWait, TwinComparison};
pub use device_twin::DeviceTwin;
pub use estimate::{FittedParameter, ParameterSource};
pub use gaps::EngineTime;
pub use night::{DocumentsError, Night};
pub use twin::{NightLeftOut, Twin, TwinError};
