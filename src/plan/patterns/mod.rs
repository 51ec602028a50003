//! The patterns of bluesky 1.15.1 (`bluesky.plan_patterns`): where motors go, as a [`Cycler`].
//!
//! ```
//! use skyspan::plan::patterns::{cycler, inner_product};
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let (x, y) = (lab.device("motor1"), lab.device("motor2"));
//! let line = inner_product(3, [(&x, 0.0, 1.0)])?;
//! let grid = line.times(cycler(&y, ["in", "out"]))?;
//! assert_eq!(grid.len(), 6);
//! assert_eq!(grid.at(3), Some(vec![(x, 0.5.into()), (y, "out".into())]));
//! # Ok::<(), PlanError>(())
//! ```

mod cycler;
mod points;
mod products;
mod snake_axes;
mod spirals;
mod square_spiral;

pub use cycler::{Cycler, cycler, snake_cyclers};
pub(in crate::plan) use points::{Points, number};
pub use products::{GridAxis, inner_list_product, inner_product, outer_list_product, outer_product};
pub use snake_axes::SnakeAxes;
pub use spirals::{spiral, spiral_fermat};
pub use square_spiral::spiral_square_pattern;
