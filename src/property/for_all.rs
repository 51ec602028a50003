//! [`for_all`]: a search for the case in which something does not hold.

use std::any::type_name;
use std::panic::Location;

use super::counterexample::{Counterexample, Replay, Search};
use super::regressions::Regressions;
use super::scenario::Scenario;
use super::search::{Found, examine};
use super::source_text::Written;
use super::subject::Subject;
use super::told::{Case, case_code};
use super::trial::Labs;
use super::{Broken, Checked, GeneratedPlan, Kit, Law, ScenarioPart, Source, Trial};
use crate::harness::{Harness, HarnessBuilder};
use crate::plan::Plan;
use crate::program::Step;

/// How many cases there are, unless one says otherwise.
const CASES: u64 = 256;

/// Says that something holds for all cases of a source: [`plans`](super::plans), [`messages`](super::messages), any strategy of
/// proptest, or [`every_sequence`](super::every_sequence). The search is the same every time, for its seed is; the environment
/// variables `SKYSPAN_SEED` and `SKYSPAN_CASES` give another one where the test does not say which.
///
/// ```
/// use skyspan::prelude::*;
///
/// for_all((-5..5, 1..6_u64))
///     .with((faults(), interruptions()))
///     .cases(50)
///     .check(|lab, &(to, points)| {
///         let motor = lab.device("motor");
///         let position = || motor.position().and_then(|position| position.as_f64());
///         let before = position();
///         let run = lab.run(plans::rel_scan(&lab.device("det"), &motor, 0, to, points));
///         laws::standard(&run)?;
///         let came_home = position() == before;
///         (came_home || run.exit_status() != Success).or_fail("the motor is not where it was")
///     });
/// ```
#[track_caller]
pub fn for_all<S: Source>(source: S) -> ForAll<S> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.trim().parse::<u64>().ok());
    ForAll {
        source,
        parts: Vec::new(),
        seed: number("SKYSPAN_SEED").unwrap_or(0),
        cases: number("SKYSPAN_CASES"),
        only: None,
        labs: Labs::default(),
        regressions: Regressions::beside(Location::caller()),
    }
}

/// A search for the case in which something does not hold: made by [`for_all`].
#[must_use = "check or obey begins the search"]
pub struct ForAll<S> {
    source: S,
    parts: Vec<Box<dyn ScenarioPart + Send + Sync>>,
    seed: u64,
    cases: Option<u64>,
    only: Option<u64>,
    labs: Labs,
    regressions: Regressions,
}

impl<S: Source> ForAll<S> {
    /// In these circumstances, by chance: [`faults`](super::faults), [`interruptions`](super::interruptions),
    /// [`settings`](super::settings), or a tuple of them.
    pub fn with(mut self, part: impl ScenarioPart + Send + Sync + 'static) -> Self {
        self.parts.push(Box::new(part));
        self
    }

    /// So many cases; 256 unless one says otherwise, and all there are where there is an end of them.
    pub const fn cases(mut self, cases: u64) -> Self {
        self.cases = Some(cases);
        self
    }

    /// The seed of the search; 0 unless one says otherwise.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The case of that number alone, counted from 0, and its simpler ones: to look at it again.
    pub const fn case(mut self, number: u64) -> Self {
        self.only = Some(number);
        self
    }

    /// In labs that are furnished so, before what the circumstances bring.
    #[track_caller]
    pub fn lab(mut self, furnish: impl Fn(&Harness) + Send + Sync + 'static) -> Self {
        self.labs.furnished_at = Some(Written::here());
        self.labs.furnish = Box::new(furnish);
        self
    }

    /// In labs that are built so: with another beamline, another convention for spans.
    #[track_caller]
    pub fn harness(mut self, build: impl Fn(HarnessBuilder) -> HarnessBuilder + Send + Sync + 'static) -> Self {
        self.labs.built_at = Some(Written::here());
        self.labs.builder = Box::new(build);
        self
    }

    /// What was found before is kept in that file, and tried first; unless one says so, in `regressions/` beside the file of the
    /// test, in one of the same name that ends with `.txt`.
    pub fn regressions(mut self, file: impl Into<std::path::PathBuf>) -> Self {
        self.regressions = Regressions::in_file(file.into());
        self
    }

    /// What is found is not kept, and nothing that was found before is tried.
    pub fn forgetful(mut self) -> Self {
        self.regressions = Regressions::nowhere();
        self
    }

    /// A plan of one's own, made of each case: its arguments.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// for_all((0.0..10.0, 1..6_u64))
    ///     .plan(|lab, &(to, points)| plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points))
    ///     .cases(50)
    ///     .obey(laws::all());
    /// ```
    #[track_caller]
    pub const fn plan<P, F>(self, plan: F) -> ForAllPlans<S, F>
    where
        P: Into<Plan>,
        F: Fn(&Harness, &S::Value) -> P,
    {
        ForAllPlans { search: self, plan, made_at: Written::here() }
    }

    /// Checks each case in a lab of its own. The first one in which the check fails, or panics, is made as simple as it can be, and
    /// told.
    ///
    /// # Panics
    ///
    /// With the simplest case in which it fails.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    ///
    /// for_all(0..100_u64).forgetful().check(|lab, points| {
    ///     let run = lab.run(plans::count(&lab.device("det"), *points));
    ///     (run.events().count() < 10).or_fail("ten events or more")
    /// });
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "this is what an assertion does")]
    pub fn check<C: Checked>(&self, check: impl Fn(&Harness, &S::Value) -> C) {
        if let Some(found) = self.find_at(check, Written::here()) {
            panic!("{found}");
        }
    }

    /// [`check`](Self::check), without a panic.
    ///
    /// # Errors
    ///
    /// The simplest case in which the check fails.
    #[track_caller]
    pub fn try_check<C: Checked>(&self, check: impl Fn(&Harness, &S::Value) -> C) -> Result<(), Box<Counterexample>> {
        found(self.find_at(check, Written::here()))
    }

    fn find_at<C: Checked>(
        &self,
        check: impl Fn(&Harness, &S::Value) -> C,
        checked_at: Written,
    ) -> Option<Counterexample> {
        let lab_for = |scenario: &Scenario| self.labs.make(scenario, &Nothing);
        self.each_case(
            |value, scenario| check(&lab_for(scenario), value).into_result(),
            |found, replay| {
                let lab = lab_for(&found.scenario);
                // Once more, for the trace; what it says is known.
                let again = || check(&lab, &found.value).into_result();
                let _ = super::quiet::quietly(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(again)));
                let case =
                    Case { value: format!("{:#?}", found.value), value_type: type_name::<S::Value>(), checked_at };
                Counterexample::of_check(found.broken, &case, (&found.scenario, &self.labs), &lab, replay)
            },
        )
    }

    /// Examines one case after another, those first that were found before.
    fn each_case(
        &self,
        check: impl Fn(&S::Value, &Scenario) -> Result<(), Broken>,
        tell: impl FnOnce(Found<S::Value>, Replay) -> Counterexample,
    ) -> Option<Counterexample> {
        let known = if self.only.is_some() { Vec::new() } else { self.regressions.known() };
        let count = self.cases.or_else(|| self.source.count()).unwrap_or(CASES);
        let numbers = self.only.map_or(0..count, |only| only..only.saturating_add(1));
        let of_search = numbers.map(|number| (self.seed, number));
        for (seed, number) in known.into_iter().chain(of_search) {
            let Some(found) = examine(&self.source, &self.parts, (seed, number), &check) else { continue };
            let replay = Replay { seed, case: number, tried: found.tried, search: Search::ForAll };
            let told = tell(found, replay);
            self.regressions.keep(seed, number, &told);
            return Some(told);
        }
        None
    }

    /// Holds laws against the plan of each case.
    fn obeyed(&self, laws: &[Law], plan: impl MakesPlan<S::Value>) -> Option<Counterexample> {
        self.each_case(
            |value, scenario| {
                let subject = Of { value, plan: &plan };
                let trial = Trial::of(&subject, scenario.clone(), &self.labs);
                laws.iter().try_for_each(|law| law.check(&trial))
            },
            |found, replay| {
                let subject = Of { value: &found.value, plan: &plan };
                Counterexample::of_run(found.broken, &subject, &found.scenario, &self.labs, replay)
            },
        )
    }
}

impl<S: Source<Value = GeneratedPlan>> ForAll<S> {
    /// Runs each plan in a lab of its own, and holds the laws against what comes of it. The first plan for which one does not
    /// hold is made as short as it can be, and told: as Rust code, as a plan file, with its trace.
    ///
    /// # Panics
    ///
    /// With the shortest plan for which a law does not hold.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    ///
    /// let no_runs = Law::of_run("there are no runs", |run: &Outcome| run.documents().is_empty().or_fail("a document"));
    /// for_all(plans()).forgetful().obey(no_runs);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "this is what an assertion does")]
    pub fn obey(&self, laws: impl IntoLaws) {
        if let Err(found) = self.try_obey(laws) {
            panic!("{found}");
        }
    }

    /// [`obey`](Self::obey), without a panic.
    ///
    /// # Errors
    ///
    /// The simplest case for which a law does not hold.
    pub fn try_obey(&self, laws: impl IntoLaws) -> Result<(), Box<Counterexample>> {
        found(self.obeyed(&laws.into_laws(), Itself))
    }
}

/// A search over plans of one's own: made by [`ForAll::plan`].
#[must_use = "obey begins the search"]
pub struct ForAllPlans<S, F> {
    search: ForAll<S>,
    plan: F,
    made_at: Written,
}

impl<S: Source, P: Into<Plan>, F: Fn(&Harness, &S::Value) -> P> ForAllPlans<S, F> {
    /// Adds a part to the scenario, as [`ForAll::with`] does.
    pub fn with(self, part: impl ScenarioPart + Send + Sync + 'static) -> Self {
        Self { search: self.search.with(part), ..self }
    }

    /// Sets the number of cases, as [`ForAll::cases`] does.
    pub fn cases(self, cases: u64) -> Self {
        Self { search: self.search.cases(cases), ..self }
    }

    /// Sets the seed of the search, as [`ForAll::seed`] does.
    pub fn seed(self, seed: u64) -> Self {
        Self { search: self.search.seed(seed), ..self }
    }

    /// As [`ForAll::obey`].
    ///
    /// # Panics
    ///
    /// With the simplest case for which a law does not hold.
    #[track_caller]
    #[expect(clippy::panic, reason = "this is what an assertion does")]
    pub fn obey(&self, laws: impl IntoLaws) {
        if let Err(found) = self.try_obey(laws) {
            panic!("{found}");
        }
    }

    /// [`obey`](Self::obey), without a panic.
    ///
    /// # Errors
    ///
    /// The simplest case for which a law does not hold.
    pub fn try_obey(&self, laws: impl IntoLaws) -> Result<(), Box<Counterexample>> {
        found(self.search.obeyed(
            &laws.into_laws(),
            Own(|lab: &Harness, value: &S::Value| (self.plan)(lab, value).into(), self.made_at),
        ))
    }
}

/// What a search has found is an error.
fn found(found: Option<Counterexample>) -> Result<(), Box<Counterexample>> {
    found.map_or(Ok(()), |found| Err(Box::new(found)))
}

/// Makes the plan of a case, and tells what is known of it.
trait MakesPlan<V> {
    fn plan(&self, value: &V, lab: &Harness) -> Plan;

    fn program<'v>(&self, value: &'v V) -> Option<&'v GeneratedPlan>;

    /// Where the test makes the plan.
    fn made_at(&self) -> Option<Written> {
        None
    }
}

/// A case that is a generated plan.
struct Itself;

impl MakesPlan<GeneratedPlan> for Itself {
    fn plan(&self, value: &GeneratedPlan, lab: &Harness) -> Plan {
        value.plan(lab)
    }

    fn program<'v>(&self, value: &'v GeneratedPlan) -> Option<&'v GeneratedPlan> {
        Some(value)
    }
}

/// A case that is the arguments of a plan of one's own.
struct Own<F>(F, Written);

impl<V, F: Fn(&Harness, &V) -> Plan> MakesPlan<V> for Own<F> {
    fn plan(&self, value: &V, lab: &Harness) -> Plan {
        (self.0)(lab, value)
    }

    fn made_at(&self) -> Option<Written> {
        Some(self.1)
    }

    fn program<'v>(&self, _value: &'v V) -> Option<&'v GeneratedPlan> {
        None
    }
}

/// A case, and what makes its plan.
struct Of<'a, V, M> {
    value: &'a V,
    plan: &'a M,
}

impl<V: std::fmt::Debug, M: MakesPlan<V>> Subject for Of<'_, V, M> {
    fn plan(&self, lab: &Harness) -> Plan {
        self.plan.plan(self.value, lab)
    }

    fn kit(&self) -> Option<&Kit> {
        Some(self.plan.program(self.value)?.kit())
    }

    fn steps(&self) -> Option<Vec<Step>> {
        Some(self.plan.program(self.value)?.steps())
    }

    fn own(&self) -> Option<(Written, String)> {
        Some((self.plan.made_at()?, case_code(&format!("{:#?}", self.value), type_name::<V>())))
    }

    fn shown(&self) -> String {
        match self.plan.program(self.value) {
            Some(program) => program.to_string(),
            None => format!("{:#?}", self.value),
        }
    }
}

/// The subject of a lab in which anything may be run.
struct Nothing;

impl Subject for Nothing {
    fn plan(&self, _lab: &Harness) -> Plan {
        crate::plan::plan(async |_| Ok(()))
    }

    fn shown(&self) -> String {
        String::new()
    }
}

/// One law, or several.
pub trait IntoLaws {
    /// The laws as a list.
    fn into_laws(self) -> Vec<Law>;
}

impl IntoLaws for Law {
    fn into_laws(self) -> Vec<Law> {
        self.parts()
    }
}

impl<const N: usize> IntoLaws for [Law; N] {
    fn into_laws(self) -> Vec<Law> {
        self.iter().flat_map(Law::parts).collect()
    }
}

impl IntoLaws for Vec<Law> {
    fn into_laws(self) -> Vec<Law> {
        self.iter().flat_map(Law::parts).collect()
    }
}

impl IntoLaws for &[Law] {
    fn into_laws(self) -> Vec<Law> {
        self.iter().flat_map(Law::parts).collect()
    }
}

impl<S> std::fmt::Debug for ForAll<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForAll").field("seed", &self.seed).field("cases", &self.cases).finish_non_exhaustive()
    }
}

impl<S, F> std::fmt::Debug for ForAllPlans<S, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForAllPlans").field("search", &self.search).finish_non_exhaustive()
    }
}
