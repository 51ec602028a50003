//! One binary, a module for each thing that users rely on.

mod clock;
mod value;
