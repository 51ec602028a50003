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
//!
//! The plans that go from point to point are [`StepScan`]s, and their points [patterns](super::patterns).

mod adaptive_scan;
mod count;
mod fly;
mod grid_scan;
mod list_scan;
mod metadata;
mod ramp_plan;
mod scan;
mod spirals;
mod step_scan;
mod tune_centroid;
mod tweak;

pub use adaptive_scan::{AdaptiveScan, adaptive_scan, rel_adaptive_scan};
pub use count::{Count, count};
pub use fly::{Fly, fly};
pub use grid_scan::{
    Grid, GridScan, ListGrid, ListGridScan, grid_scan, list_grid_scan, rel_grid_scan, rel_list_grid_scan,
};
pub use list_scan::{ListScan, Lists, ScanNd, list_scan, rel_list_scan, scan_nd};
pub use ramp_plan::{RampPlan, ramp_plan};
pub use scan::{
    Line, LogScan, PowersOfTen, Scan, inner_product_scan, log_scan, rel_log_scan, rel_scan,
    relative_inner_product_scan, scan, x2x_scan,
};
pub use spirals::{
    Spiral, SpiralScan, SpiralSquare, SquareSpiral, rel_spiral, rel_spiral_fermat, rel_spiral_square, spiral,
    spiral_fermat, spiral_square,
};
pub(crate) use step_scan::Pattern;
pub use step_scan::StepScan;
pub use tune_centroid::{TuneCentroid, tune_centroid};
pub use tweak::{Tweak, tweak};

// The other names that bluesky has for them.
pub use adaptive_scan::rel_adaptive_scan as relative_adaptive_scan;
pub use grid_scan::grid_scan as outer_product_scan;
pub use grid_scan::rel_grid_scan as relative_outer_product_scan;
pub use list_scan::rel_list_scan as relative_list_scan;
pub use scan::rel_log_scan as relative_log_scan;
pub use scan::rel_scan as relative_scan;
pub use spirals::rel_spiral as relative_spiral;
pub use spirals::rel_spiral_fermat as relative_spiral_fermat;
