//! The check file that many good traces have in common, how much it would notice, and what it would not.
//!
//! [`learn`] looks at all traces once (`seen`): their spans fall into groups by name (`span_group`), and of each group it is counted
//! how many there are, where they stand, what comes before them, what their attributes are (`values_seen`, `text_shape`) and how
//! long they take. From that it makes clauses (`clauses`, `event_clauses`, `resource_clauses`): loose ones, whose ranges are as wide as the number of traces justifies
//! (`tolerance`, `noise`), and strict ones, which are kept back. Clauses about the same become a rule (`rule`), which is an entry of a check
//! file. Clauses that would not have held for traces that they were not learned from are given up (`rehearsal`). Then the rules are
//! held against mutants of the traces (`noticed`), and for what they accept a strict line is looked for that would not.
//! [`merge_learned`] puts rules into a file that a person has written (`merge`).

mod clauses;
mod event_clauses;
mod learn_options;
mod learned;
mod learned_json;
mod merge;
mod noise;
mod noticed;
mod orders;
mod rehearsal;
mod resource_clauses;
mod rule;
mod seen;
mod span_group;
mod text_shape;
mod tolerance;
mod unnoticed;
mod values_seen;
mod within_seen;
mod yaml_text;

pub use learn_options::{LearnError, LearnOptions};
pub use learned::{Learned, learn};
pub use merge::{MergedCheckFile, merge_learned};
pub use noticed::KindScore;
pub use rule::{LearnedRule, Support};
pub use unnoticed::Unnoticed;
