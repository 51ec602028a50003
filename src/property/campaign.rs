//! [`Campaign`]: a long search, whose cases may be gone through by many threads and machines.

use std::cell::Cell;

use super::campaign_run::CampaignRun;
use super::counterexample::{Counterexample, Replay, Search};
use super::search::{Found, examine};
use super::trial::Labs;
use super::{
    CampaignLimits, CampaignProgress, CampaignResult, Coverage, GeneratedPlan, Law, Plans, ScenarioPart, Trial,
    callbacks, faults, interruptions, messages, plans, recorded_interruptions, settings, shuffled_moments,
};
use crate::harness::Harness;

/// A long search over generated plans in all circumstances: what `skyspan fuzz` does. Each case is known by its number, and depends on
/// nothing but the seed and that, so threads and machines may share them out.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{Campaign, CampaignLimits};
///
/// let result = Campaign::new(7, laws::all()).run(&CampaignLimits::cases(20).jobs(2));
/// assert!(result.holds(), "{result}");
/// assert_eq!(result.coverage.cases, 20);
/// ```
///
/// One that fails is told with the shortest plan that fails, whatever the number of threads:
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{Campaign, CampaignLimits};
///
/// let no_events = Law::of_run("no events", |run: &Outcome| (run.events().count() == 0).or_fail("an event"));
/// let result = Campaign::new(7, no_events).run(&CampaignLimits::cases(100));
/// let found = result.counterexample.expect("some plan reads");
/// assert!(found.plan().lines().count() <= 5, "{found}");
/// assert_eq!(found.case() + 1, result.coverage.cases, "it is the first that fails");
/// ```
pub struct Campaign {
    seed: u64,
    plans: Plans,
    messages: Plans,
    parts: Vec<Box<dyn ScenarioPart + Send + Sync>>,
    laws: Vec<Law>,
    labs: Labs,
    /// How it is other than usual.
    variety: Variety,
}

/// How a campaign is other than usual, as its command line says it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Variety {
    /// How long plans are at most.
    pub(super) length: Option<usize>,
    /// Whether what is due at one moment comes in any order.
    pub(super) shuffled_moments: bool,
}

/// Of so many cases one is of raw messages.
const RAW: u64 = 4;

impl Campaign {
    /// A search with that seed for a case in which one of the laws does not hold.
    #[must_use]
    pub fn new(seed: u64, laws: Law) -> Self {
        let parts: Vec<Box<dyn ScenarioPart + Send + Sync>> = vec![
            Box::new(settings()),
            Box::new(faults()),
            Box::new(interruptions()),
            Box::new(callbacks()),
            Box::new(recorded_interruptions()),
        ];
        Self {
            seed,
            plans: plans(),
            messages: messages(),
            parts,
            laws: laws.parts(),
            labs: Labs::default(),
            variety: Variety::default(),
        }
    }

    /// With plans of up to so many operations; of up to 24 unless one says otherwise.
    #[must_use]
    pub fn up_to(self, most: usize) -> Self {
        let (plans, messages) = (self.plans.up_to(most), self.messages.up_to(most));
        let variety = Variety { length: Some(most), ..self.variety };
        Self { plans, messages, variety, ..self }
    }

    /// Where what is due at one moment comes in [any order](shuffled_moments).
    #[must_use]
    pub fn shuffled_moments(mut self) -> Self {
        self.parts.push(Box::new(shuffled_moments()));
        self.variety.shuffled_moments = true;
        self
    }

    /// In labs that are furnished so, before what the circumstances bring.
    #[must_use]
    pub fn lab(mut self, furnish: impl Fn(&Harness) + Send + Sync + 'static) -> Self {
        self.labs.furnish = Box::new(furnish);
        self
    }

    /// The laws that each case is held against.
    #[must_use]
    pub fn laws(&self) -> &[Law] {
        &self.laws
    }

    /// The seed of the campaign.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Goes through the cases until one fails.
    #[must_use]
    pub fn run(&self, limits: &CampaignLimits) -> CampaignResult {
        self.run_watched(limits, &CampaignProgress::new())
    }

    /// The same, while others see how far it is, and may stop it.
    #[must_use]
    pub fn run_watched(&self, limits: &CampaignLimits, progress: &CampaignProgress) -> CampaignResult {
        CampaignRun::new(self, limits, progress).on_threads(limits.threads())
    }

    /// Examines the case of that number. Where a law does not hold, gives the shortest plan for which it does not.
    pub fn examine(&self, number: u64, coverage: &mut Coverage) -> Option<Counterexample> {
        self.examine_while(number, coverage, &|| true)
    }

    /// The same, but where the case fails `goes_on` is asked before each simpler one that is tried. When it says no, the simplest
    /// until then has to do.
    pub(super) fn examine_while(
        &self,
        number: u64,
        coverage: &mut Coverage,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Counterexample> {
        let source = if number % RAW == RAW - 1 { &self.messages } else { &self.plans };
        // Also one that panics is a case.
        coverage.cases += 1;
        let first = Cell::new(Some(coverage));
        let found = examine(source, &self.parts, (self.seed, number), |program, scenario| {
            // What is tried to make a case simpler is not counted.
            let counted = first.take();
            if counted.is_none() && !goes_on() {
                return Ok(());
            }
            let trial = Trial::of(program, scenario.clone(), &self.labs);
            if let Some(coverage) = counted {
                coverage.note_run(&trial, &self.laws);
            }
            self.laws.iter().try_for_each(|law| law.check(&trial))
        })?;
        Some(self.counterexample(found, number))
    }

    fn counterexample(&self, found: Found<GeneratedPlan>, case: u64) -> Counterexample {
        let replay = Replay { seed: self.seed, case, tried: found.tried, search: Search::Campaign(self.variety) };
        Counterexample::of_run(found.broken, &found.value, &found.scenario, &self.labs, replay)
    }
}

impl std::fmt::Debug for Campaign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Campaign").field("seed", &self.seed).field("laws", &self.laws).finish_non_exhaustive()
    }
}
