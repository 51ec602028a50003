//! A trace to look at: one HTML page, opened from disk, that asks nothing of any network.
//!
//! [`Trace::to_html`](crate::trace::Trace::to_html) makes it of a trace alone. A [`Page`] takes a title and whatever else is
//! known: [what was expected in vain](Page::mismatch), [moments](PageMoment) and [lulls](Lull) beside the spans,
//! [readings](PlotReadings) to plot, and [tables](Table). A page may have [several traces](Page::of_several), each from its own beginning, or
//! [two of which it says what differs](Page::of_diff). A [`PageGrid`] is a page with a table, whose cells have a page each. Nothing here knows of plans or documents: a harness hands them over in
//! these words.
//!
//! # What is in the file
//!
//! The page is a fixed frame, a style, a script, and data. The script and the style are written in `page/` of this crate
//! (TypeScript, CSS), built into `page/built`, and compiled into the library: building skyspan needs no Node. A content security
//! policy allows this one script and this one style, by their hashes, and no request at all.
//!
//! | part | what it has | when it is read |
//! |---|---|---|
//! | `timeline` | a column each for names, parents, devices, starts and durations of all spans; statistics; faults | at once |
//! | `detail` | all that a span has, a thousand spans a block | when such a span is looked at, or something is searched |
//!
//! Times are whole nanoseconds since the first span: those since 1970 exceed what JavaScript's numbers hold exactly. An offset is
//! exact up to 104 days.
//!
//! # Limits
//!
//! A page shows [`SPANS_MAX`] spans unless [`Page::spans_max`] says otherwise. Of more it keeps the faulty and the
//! longest, with all that they are part of, and says how many it leaves out. An attribute's value is cut at 10,000 characters. Drawn
//! are 50,000 events, 20,000 links and 200,000 moments, and of each plot 100,000 points. The page says so where there are more.

mod choice;
mod detail;
mod grid;
mod moments;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod page;
mod several;
mod sums;
mod timeline;
mod write;

pub use crate::trace::Lull;
pub use choice::SPANS_MAX;
pub use grid::{GridCell, GridRow, PageGrid, TRACES_MAX_BYTES, Tone};
pub use moments::{Axis, PageMoment, PlotReadings, Table};
pub use page::Page;
