//! The plans and plan stubs that programs know by name, with the arguments that they have in bluesky.
//!
//! Two tables, [`PLANS`] and [`STUBS`], have all that is to be known of each: its parameters, what makes it, its Rust code, and
//! where a search may put it.

mod adaptive;
mod flying;
mod grids;
mod messages;
mod moving;
mod named;
mod plan_table;
mod rust_plans;
mod rust_stubs;
mod scans;
mod spirals;
mod stepping;
mod stub_table;

#[cfg(feature = "property")]
pub(crate) use named::Drawn;
pub use named::NamedPlan;
pub(in crate::program) use named::named_plan;
pub(crate) use named::{all_plans, plan_named};
pub(crate) use plan_table::PLANS;
pub(crate) use stub_table::STUBS;
