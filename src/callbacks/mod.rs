//! Consumers of documents: tables, peak statistics, writers, and what brings documents to each (`bluesky.callbacks`,
//! 1.15.1).
//!
//! A consumer is a [`DocumentRouter`], with a method for each kind of document, or a function of a
//! [`Document`](crate::document::Document). [`into_callback`](DocumentRouter::into_callback) makes of the first the
//! second, which is what the engine's `subscribe` takes:
//!
//! ```
//! use skyspan::callbacks::{DocumentRouter, LiveTable};
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let (mut read, write) = std::io::pipe()?;
//! let table = LiveTable::new(["motor", "det"]).sink(write).separator_lines(false);
//! lab.with_engine(|engine| engine.subscribe(table.into_callback()));
//! lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2)).assert_success();
//! # drop(lab);
//! let mut printed = String::new();
//! std::io::Read::read_to_string(&mut read, &mut printed)?;
//! let lines: Vec<&str> = printed.lines().collect();
//! assert_eq!(lines[..6], [
//!     "+-----------+------------+------------+------------+",
//!     "|   seq_num |       time |      motor |        det |",
//!     "+-----------+------------+------------+------------+",
//!     "|         1 |   08:40:56 |      0.000 |      1.000 |",
//!     "|         2 |   08:40:56 |      1.000 |      0.607 |",
//!     "+-----------+------------+------------+------------+",
//! ]);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! | bluesky 1.15.1 | here |
//! |---|---|
//! | `DocumentRouter`, `CallbackBase` | [`DocumentRouter`] |
//! | `LiveTable` | [`LiveTable`] |
//! | `BestEffortCallback` | [`BestEffortCallback`], without plots |
//! | `PeakStats`, `PeakResults` | [`PeakStats`], [`Stats`], [`PeakResults`] |
//! | `JSONWriter` | [`JsonWriter`] |
//! | `JSONLinesWriter` | [`JsonLinesWriter`] |
//! | `CollectThenCompute` | [`CollectThenCompute`] |
//! | `CallbackCounter` | [`CallbackCounter`] |
//! | `collector`, `print_metadata` | [`collector`], [`print_metadata`] |
//! | `make_callback_safe`, `make_class_safe` | [`make_callback_safe`] |
//! | `RunRouter` (event-model) | [`RunRouter`] |
//! | (none) | [`PointsDone`]: points done, of how many, and the time left |
//!
//! An object that stays in sight while the engine has it is shared: `Arc<Mutex<PeakStats>>` is a [`DocumentRouter`], too.

mod best_effort;
mod best_effort_run;
mod collect;
mod collector;
mod counter;
mod document_router;
mod format;
mod json_lines_writer;
mod json_writer;
mod live_table;
mod metadata;
mod peak_results;
mod peak_stats;
mod points_done;
mod run_of;
mod run_router;
mod safe;
mod stats;
mod sums;
mod table;

pub use best_effort::BestEffortCallback;
#[cfg(feature = "page")]
pub(crate) use best_effort_run::Dimensions;
pub use collect::{CollectThenCompute, CollectedRun};
pub use collector::collector;
pub use counter::CallbackCounter;
pub use document_router::{DocumentCallback, DocumentRouter};
pub use json_lines_writer::{JsonLinesError, JsonLinesWriter};
pub use json_writer::JsonWriter;
pub use live_table::LiveTable;
pub use metadata::print_metadata;
pub use peak_results::PeakResults;
pub use peak_stats::PeakStats;
pub use points_done::PointsDone;
pub use run_router::RunRouter;
pub use safe::make_callback_safe;
pub use stats::{LinearBackground, Stats};
