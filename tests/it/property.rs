//! Laws over generated plans, and the search for the plan that breaks one.

mod broken_laws;
mod compiled;
mod generated;
mod kept;
mod lawful;
mod pasted;
mod planted;
mod planted_faults;
mod printed;
mod searching;
