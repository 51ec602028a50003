//! [`Law`]: what holds for every run.

use std::fmt;
use std::sync::Arc;

use super::{Broken, Checked, Trial};
use crate::expect::Expectation;
use crate::harness::Outcome;
use crate::value::Text;

/// What holds for every run of every plan, in all circumstances in which it applies. A value: named, combined, kept.
///
/// ```
/// use skyspan::prelude::*;
///
/// let quick = Law::of_run("no run takes a day", |run: &Outcome| (run.duration() < secs(86_400.0)).or_fail("it did"));
/// let ended = Law::of_trace("all spans end", every(any_span()).must(any_span().ended()).or_none());
/// for_all(plans()).cases(20).obey([laws::all(), quick, ended]);
/// ```
#[derive(Clone)]
pub struct Law(Arc<LawKind>);

#[derive(Clone)]
enum LawKind {
    One(One),
    All(Vec<Law>),
}

#[derive(Clone)]
struct One {
    name: Text,
    says: Text,
    source: Text,
    applies: Option<Applies>,
    check: Check,
}

type Applies = Arc<dyn Fn(&Trial<'_>) -> bool + Send + Sync>;

type OfRun = Arc<dyn Fn(&Outcome) -> Result<(), Broken> + Send + Sync>;
type OfTrial = Arc<dyn Fn(&Trial<'_>) -> Result<(), Broken> + Send + Sync>;

#[derive(Clone)]
enum Check {
    Run(OfRun),
    Trial(OfTrial),
}

impl Law {
    fn one(name: impl Into<Text>, check: Check) -> Self {
        let (says, source) = (Text::default(), Text::default());
        Self(Arc::new(LawKind::One(One { name: name.into(), says, source, applies: None, check })))
    }

    /// A law that what came of a run says enough for.
    pub fn of_run<C: Checked>(name: impl Into<Text>, check: impl Fn(&Outcome) -> C + Send + Sync + 'static) -> Self {
        Self::one(name, Check::Run(Arc::new(move |run| check(run).into_result())))
    }

    /// A law about the lab too, or about what the plan does in other circumstances: it may [run it
    /// again](Trial::again).
    pub fn of_trial<C: Checked>(
        name: impl Into<Text>,
        check: impl Fn(&Trial<'_>) -> C + Send + Sync + 'static,
    ) -> Self {
        Self::one(name, Check::Trial(Arc::new(move |trial| check(trial).into_result())))
    }

    /// An expectation that every trace meets.
    pub fn of_trace(name: impl Into<Text>, expectation: impl Expectation + Send + Sync + 'static) -> Self {
        Self::of_run(name, move |run| run.trace().check(&expectation))
    }

    /// Several laws as one.
    pub fn all(laws: impl IntoIterator<Item = Self>) -> Self {
        Self(Arc::new(LawKind::All(laws.into_iter().collect())))
    }

    /// Changes the law; several laws as one are changed each.
    fn change(mut self, change: impl Fn(&mut One)) -> Self {
        change_each(&mut self, &change);
        self
    }

    /// What it says, in a sentence.
    #[must_use]
    pub fn says(self, sentence: impl Into<Text>) -> Self {
        let sentence = sentence.into();
        self.change(|one| one.says = sentence.clone())
    }

    /// Where the rule comes from.
    #[must_use]
    pub fn source(self, source: impl Into<Text>) -> Self {
        let source = source.into();
        self.change(|one| one.source = source.clone())
    }

    /// Where it applies; everywhere unless one says so.
    #[must_use]
    pub fn only_where(self, applies: impl Fn(&Trial<'_>) -> bool + Send + Sync + 'static) -> Self {
        let applies: Applies = Arc::new(applies);
        self.change(|one| one.applies = Some(Arc::clone(&applies)))
    }

    /// The laws that it is made of; itself where it is one.
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        match &*self.0 {
            LawKind::One(_) => vec![self.clone()],
            LawKind::All(laws) => laws.iter().flat_map(Self::parts).collect(),
        }
    }

    /// Its name; that of several as one is their names.
    #[must_use]
    pub fn name(&self) -> Text {
        match &*self.0 {
            LawKind::One(one) => one.name.clone(),
            LawKind::All(laws) => {
                let names: Vec<String> = laws.iter().map(|law| law.name().to_string()).collect();
                names.join(", ").into()
            }
        }
    }

    /// Its name as one word, for a command line: small letters and digits, with hyphens in place of all else.
    ///
    /// ```
    /// use skyspan::property::laws;
    ///
    /// assert_eq!(laws::engine_is_idle().slug(), "the-engine-is-idle-afterwards");
    /// ```
    #[must_use]
    pub fn slug(&self) -> String {
        slug(&self.name())
    }

    /// What it says; nothing where nobody said so.
    #[must_use]
    pub fn sentence(&self) -> Text {
        match &*self.0 {
            LawKind::One(one) => one.says.clone(),
            LawKind::All(_) => Text::default(),
        }
    }

    /// Where its rule comes from; nothing where nobody said so.
    #[must_use]
    pub fn rule(&self) -> Text {
        match &*self.0 {
            LawKind::One(one) => one.source.clone(),
            LawKind::All(_) => Text::default(),
        }
    }

    /// Whether it says something about this trial.
    #[must_use]
    pub fn applies_to(&self, trial: &Trial<'_>) -> bool {
        match &*self.0 {
            LawKind::One(one) => one.applies.as_ref().is_none_or(|applies| applies(trial)),
            LawKind::All(laws) => laws.iter().any(|law| law.applies_to(trial)),
        }
    }

    /// Holds it against a trial.
    ///
    /// # Errors
    ///
    /// The first law that applies and does not hold, and why.
    pub fn check(&self, trial: &Trial<'_>) -> Result<(), Broken> {
        match &*self.0 {
            LawKind::One(_) if !self.applies_to(trial) => Ok(()),
            LawKind::One(one) => match &one.check {
                Check::Run(check) => check(trial.run()),
                Check::Trial(check) => check(trial),
            }
            .map_err(|broken| broken.of_law(one.name.clone())),
            LawKind::All(laws) => laws.iter().try_for_each(|law| law.check(trial)),
        }
    }

    /// Holds it against what came of a run, where that is enough to tell.
    ///
    /// # Errors
    ///
    /// The first law that does not hold, and why.
    pub fn check_run(&self, run: &Outcome) -> Result<(), Broken> {
        match &*self.0 {
            LawKind::One(One { name, applies: None, check: Check::Run(check), .. }) => {
                check(run).map_err(|broken| broken.of_law(name.clone()))
            }
            LawKind::One(_) => Ok(()),
            LawKind::All(laws) => laws.iter().try_for_each(|law| law.check_run(run)),
        }
    }
}

fn change_each(law: &mut Law, change: &impl Fn(&mut One)) {
    match Arc::make_mut(&mut law.0) {
        LawKind::One(one) => change(one),
        LawKind::All(laws) => laws.iter_mut().for_each(|law| change_each(law, change)),
    }
}

/// A name as one word, with hyphens in place of all that is neither letter nor digit.
pub(super) fn slug(name: &str) -> String {
    let small = name.to_lowercase();
    let words = small.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Law({})", self.name())
    }
}
