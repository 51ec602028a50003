//! A guide to assertions on traces, from the first one to those that few tools have.
//!
//! Each page is one step, and shows the report that a failure prints. All of it is compiled and run by `cargo test`, and
//! what is printed is compared: nothing here can be out of date.
//!
//! 1. [The first assertion](first_assertion): one span, its attributes, and how a report is read.
//! 2. [How many](how_many): one, exactly three, none; and every one.
//! 3. [Relatives](relatives): parents, children, and all that are not there.
//! 4. [Trees](trees): the whole trace in one expression, as a value and as text.
//! 5. [Time](time): durations, totals, percentiles and shares, to the nanosecond.
//! 6. [Order](order): what comes before what, and what goes on together.
//! 7. [Conditions](conditions): if this is there, that must be; several expectations as one; and why.
//! 8. [Snapshots](snapshots): a trace as text that stays the same.
//! 9. [Bless](blessing): the expectation that a trace would have met, as code.
//! 10. [Strength](strength): how much a test would notice.
//! 11. [Capture anywhere](capture): any program, in threads and tasks.
//! 12. [A multi-threaded service](service): tasks, workers and pools, and tests in parallel.
//! 13. [Traces from elsewhere](elsewhere): files of bluesky, OTLP and Jaeger; reports for machines.
//! 14. [Traces from files](files): every format, what is told, refused and written.
//! 15. A live program (`live`, with the feature `receive`): its spans are received while it runs.
//! 16. A store (`store`, with the feature `store`): a trace is fetched from a Tempo or a Jaeger.
//! 17. [Queries](queries): TraceQL, as a Tempo understands it.
//! 18. [Limits](limits): of plans, files and expectations.
//! 19. [Where the time goes](where_time_goes): who held each wait, and what a quicker device would save.
//! 20. [What differs](differences): between two traces, or many recordings; a prediction, and what came of it.
//! 21. Check files (`check_files`, with the feature `plan-files`): the same without Rust.
//! 22. Tests that write themselves (`learning`, with the feature `plan-files`): what good traces have in common.
//! 23. A page (`page`, with the feature `page`): a trace to look at in a browser, and one for each test that fails.
//! 24. Laws (`laws`, with the feature `property`): what holds for every plan, and the search for the one for which it does not.
//! 25. Moments (`moments`, with the feature `property`): a plan that is right only because of two devices one is first.
//! 26. [From outside](from_outside): a lost beam, a device that fails, an operator who pauses.
//! 27. [The command line](command_line): what each command does, prints, and returns.
//! 28. [Everything](everything): all that there is, by subject.
//! 29. The twin of last night (`twin`, with the feature `plan-files`): a recording as a plan file, on devices that take as long.
//! 30. [Torture](torture): every place where a plan can break, without an assertion.
//!
//! What each expectation is in full is in [`expect`](crate::expect), and what other tools call it in
//! [`expect::features`](crate::expect::features).

#[doc = include_str!("first_assertion.md")]
pub mod first_assertion {}

#[doc = include_str!("how_many.md")]
pub mod how_many {}

#[doc = include_str!("relatives.md")]
pub mod relatives {}

#[doc = include_str!("trees.md")]
pub mod trees {}

#[doc = include_str!("time.md")]
pub mod time {}

#[doc = include_str!("order.md")]
pub mod order {}

#[doc = include_str!("conditions.md")]
pub mod conditions {}

#[doc = include_str!("snapshots.md")]
pub mod snapshots {}

#[doc = include_str!("blessing.md")]
pub mod blessing {}

#[doc = include_str!("strength.md")]
pub mod strength {}

#[doc = include_str!("capture.md")]
pub mod capture {}

// Its examples have a web framework, and are compiled and run in `tests/service`.
#[cfg_attr(not(doctest), doc = include_str!("service.md"))]
pub mod service {}

#[doc = include_str!("elsewhere.md")]
pub mod elsewhere {}

#[doc = include_str!("files.md")]
pub mod files {}

#[cfg(feature = "receive")]
#[doc = include_str!("live.md")]
pub mod live {}

#[cfg(feature = "store")]
#[doc = include_str!("store.md")]
pub mod store {}

#[doc = include_str!("queries.md")]
pub mod queries {}

#[doc = include_str!("where_time_goes.md")]
pub mod where_time_goes {}

#[doc = include_str!("differences.md")]
pub mod differences {}

#[cfg(feature = "plan-files")]
#[doc = include_str!("check_files.md")]
pub mod check_files {}

#[cfg(feature = "plan-files")]
#[doc = include_str!("learning.md")]
pub mod learning {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[cfg(feature = "page")]
#[doc = include_str!("page.md")]
pub mod page {}

#[cfg(feature = "property")]
#[doc = include_str!("laws.md")]
pub mod laws {}

#[cfg(feature = "property")]
#[doc = include_str!("moments.md")]
pub mod moments {}

#[doc = include_str!("from_outside.md")]
pub mod from_outside {}

#[doc = include_str!("command_line.md")]
pub mod command_line {}

#[doc = include_str!("everything.md")]
pub mod everything {}

#[cfg(feature = "plan-files")]
#[doc = include_str!("twin.md")]
pub mod twin {}

#[doc = include_str!("torture.md")]
pub mod torture {}
