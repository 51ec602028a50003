//! How much an expectation notices: it is held against mutants of a trace that it accepts.

mod mutants;
mod mutated_value;
mod mutation;
mod mutation_kind;
mod score;

pub use mutants::{Mutants, mutate};
pub use mutation::Mutant;
pub use mutation_kind::MutationKind;
pub use score::{Score, Strength};
