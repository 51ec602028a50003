//! The plans of bluesky 1.15.1 (`bluesky.plans`), with their messages, metadata and hints.
//!
//! Each is made by a function with what it cannot do without, and takes the rest by methods; it becomes a
//! [`Plan`](super::Plan) where one is wanted.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let (det, motor) = (lab.device("det"), lab.device("motor"));
//! lab.run(plans::count(&det, 3).delay_s(0.2)).assert_success();
//! lab.run(plans::scan([&det], &motor, 0, 10, 11).md([("sample", "A")])).assert_success();
//! ```

mod count;
mod fly;
mod metadata;
mod scan;

pub use count::{Count, count};
pub use fly::{Fly, fly};
pub use scan::{Scan, rel_scan, scan};
