//! Laws over generated plans, and the search for the plan that breaks one.

mod broken_laws;
mod compiled;
mod generated;
mod kept;
mod lawful;
mod pasted;
mod printed;
mod searching;
