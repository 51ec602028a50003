//! Laws that hold for all plans, and the search for the plan that breaks one.
//!
//! A user states what holds, and [`for_all`] looks for the case in which it does not: it draws plans, faults, interruptions and
//! settings of devices by chance, runs each in a lab of its own, and hands back the shortest plan that fails, as Rust code and as
//! a plan file, with its trace drawn.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! for_all(plans()).with((settings(), faults(), interruptions())).cases(50).obey(laws::all());
//! ```
//!
//! [`plans`] are well formed, [`messages`] may be anything, and [`every_sequence`] leaves none out up to a length; any strategy of
//! proptest gives the arguments of plans of one's own. [`laws`] has what skyspan itself knows to hold, each with the rule that it
//! comes from; a [`Law`] of one's own is an expectation, or a function.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let found = for_all(plans()).forgetful().try_check(|lab, program| {
//!     let run = lab.run(program.plan(lab));
//!     (run.events().count() < 2).or_fail("two events or more")
//! }).err();
//! let found = found.expect("some plan takes two readings");
//! assert!(found.plan().lines().count() <= 8, "{found}");
//! ```
//!
//! A [`GeneratedPlan`] is a list of operations, of which any part is a generated plan too, since what does not apply where it stands
//! is left out. That is why such plans shrink well.
//!
//! A case depends on nothing but the seed of the search and its number. So whatever was found is found again, is kept in a file and
//! tried first the next time, and a long search can be shared out: a [`Campaign`], which `skyspan fuzz` runs.
//!
//! # At length
//!
//! A campaign goes through the cases 0, 1, 2, ... of one seed, on all threads of a machine, and stops at the first that fails. Its
//! [shards](Shard) are for several machines: of three, the first takes the numbers 0, 3, 6, ..., and the limit of cases is that of
//! all together, so three jobs of a CI matrix with `--cases 300000` and `--shard 1/3`, `2/3` and `3/3` examine 300,000, none of them
//! twice. Where tests are what is shared out, as by `cargo nextest run --partition`, each shard is a test:
//!
//! ```no_run
//! use skyspan::prelude::*;
//! use skyspan::property::{Campaign, CampaignLimits, Shard};
//!
//! fn examine(shard: Shard) {
//!     let result = Campaign::new(7, laws::all()).run(&CampaignLimits::cases(300_000).shard(shard).jobs(1));
//!     assert!(result.holds(), "{result}");
//! }
//!
//! #[test]
//! fn shard_1_of_2() {
//!     examine("1/2".parse().unwrap());
//! }
//!
//! #[test]
//! fn shard_2_of_2() {
//!     examine("2/2".parse().unwrap());
//! }
//! ```

pub mod again;
mod arrange;
mod broken;
mod callbacks;
mod campaign;
mod campaign_limits;
mod campaign_progress;
mod campaign_result;
mod campaign_run;
mod counterexample;
mod coverage;
mod drawn;
mod faults;
mod for_all;
mod generated_plan;
mod interruption;
mod interruptions;
mod kit;
mod law;
mod law_choice;
pub mod laws;
mod op;
mod open_ends;
mod quiet;
mod regressions;
mod scenario;
mod scenario_part;
mod search;
mod settings;
mod shard;
mod shrink;
mod shuffled_moments;
mod source;
mod source_text;
mod strategy;
mod subject;
mod told;
mod trial;
mod verbatim;
mod written;

pub use broken::{Broken, Checked, OrFail};
pub use callbacks::{Callbacks, RecordedInterruptions, callbacks, recorded_interruptions};
pub use campaign::Campaign;
pub use campaign_limits::CampaignLimits;
pub use campaign_progress::CampaignProgress;
pub use campaign_result::{CampaignEnd, CampaignResult};
pub use counterexample::Counterexample;
pub use coverage::Coverage;
pub use faults::{FaultClass, Faults, faults};
pub use for_all::{ForAll, ForAllPlans, IntoLaws, for_all};
pub use generated_plan::GeneratedPlan;
pub use interruption::{Interrupt, Interruption, Moment};
pub use interruptions::{InterruptClass, Interruptions, interruptions};
pub use kit::Kit;
pub use law::Law;
pub use law_choice::{LawChoiceError, choose_laws};
pub use op::{Op, OpKind};
pub use scenario::Scenario;
pub use scenario_part::ScenarioPart;
pub use settings::{Settings, settings};
pub use shard::{Shard, ShardError};
pub use shrink::ShrinkTree;
pub use shuffled_moments::{ShuffledMoments, shuffled_moments};
pub use source::{EverySequence, Source, every_sequence};
pub use strategy::{Plans, messages, plans};
pub use trial::Trial;
