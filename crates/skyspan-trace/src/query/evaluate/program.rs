//! [`Program`]: a pipeline, made ready to be run over the spans of each trace id.

use std::collections::HashMap;
use std::sync::Arc;

use super::asked::{Asked, Picks};
use super::condition::Condition;
use super::kin::{kin, merged};
use super::measure::Gauge;
use super::source::Scene;
use super::test::Test;
use super::val::ValKey;
use crate::query::error::{Fault, QueryProblem};
use crate::query::syntax::ast::{Expr, Node, Place, Relation, SetTree, Stage};
use crate::query::syntax::literal::Literal;
use crate::value::{Text, Value};

/// Spans of one trace id, in the order in which they came, and what a pipeline has found of them together.
#[derive(Clone, Debug, Default)]
pub(in crate::query) struct Set {
    pub(in crate::query) spans: Vec<u32>,
    pub(in crate::query) attributes: Vec<(Text, Value)>,
}

/// A pipeline, made ready to be run over the spans of each trace id.
#[derive(Clone, Debug)]
pub(in crate::query) struct Program {
    steps: Vec<Step>,
    reading: Arc<Reading>,
}

/// What is read of the spans for a whole pipeline.
#[derive(Debug, Default)]
struct Reading {
    picks: Picks,
    /// Of which a span meets one where it does not hang together with a root, and is read all the same.
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
enum Step {
    Select(Choice),
    Measure(Gauge),
    Group { by: Condition, label: Text },
    Coalesce,
}

#[derive(Clone, Debug)]
enum Choice {
    /// All spans; as a side of a kinship those that hang together with a root, or meet something that the query asks, as in
    /// Tempo.
    All,
    Filter(Condition),
    Pipeline(Program),
    Both {
        left: Box<Self>,
        relation: Relation,
        right: Box<Self>,
        at: Place,
    },
}

impl Program {
    pub(in crate::query) fn new(stages: &[Stage]) -> Result<Self, Fault> {
        let mut steps = steps_of(stages)?;
        let mut conditions = Vec::new();
        steps.iter().for_each(|step| step.each_condition(&mut |condition| conditions.push(condition)));
        let asked = Asked::of(conditions, steps.iter().all(Step::is_joint));
        let reading = Arc::new(Reading { picks: asked.picks(), tests: asked.tests() });
        steps.iter_mut().for_each(|step| step.bind(&asked, &reading));
        Ok(Self { steps, reading })
    }

    /// The sets that it finds among the spans of a group.
    pub(in crate::query) fn run(&self, scene: &Scene<'_>, group: usize) -> Result<Vec<Set>, Fault> {
        let members = scene.groups.members(group);
        self.run_over(scene, group, Given::Members(members))
    }

    /// What the first selection finds, before anything is asked of several spans together.
    pub(in crate::query) fn first_choice(&self, scene: &Scene<'_>, group: usize) -> Result<usize, Fault> {
        match self.steps.first() {
            Some(Step::Select(choice)) => choice.leftmost(scene, group, &self.reading),
            _ => Ok(scene.groups.members(group).len()),
        }
    }

    fn run_over(&self, scene: &Scene<'_>, group: usize, given: Given<'_>) -> Result<Vec<Set>, Fault> {
        let mut steps = self.steps.iter();
        let mut sets = match (steps.as_slice().first(), given) {
            // All spans of a group are a list that need not be copied to be filtered.
            (Some(Step::Select(choice)), given) => {
                steps.next();
                choice.run(scene, group, given, &self.reading)?
            }
            (_, given) => vec![given.into_set()],
        };
        for step in steps {
            if sets.is_empty() {
                break;
            }
            sets = step.run(scene, group, sets, &self.reading)?;
        }
        Ok(sets)
    }
}

/// What a step is given.
#[derive(Clone, Copy)]
enum Given<'a> {
    Members(&'a [u32]),
    Set(&'a Set),
}

impl Given<'_> {
    fn spans(&self) -> &[u32] {
        match self {
            Self::Members(spans) => spans,
            Self::Set(set) => &set.spans,
        }
    }

    fn attributes(&self) -> Vec<(Text, Value)> {
        match self {
            Self::Members(_) => Vec::new(),
            Self::Set(set) => set.attributes.clone(),
        }
    }

    fn into_set(self) -> Set {
        Set { spans: self.spans().to_vec(), attributes: self.attributes() }
    }
}

fn steps_of(stages: &[Stage]) -> Result<Vec<Step>, Fault> {
    let steps = stages.iter().filter_map(|stage| match stage {
        Stage::Select(tree) => Some(Choice::new(tree).map(Step::Select)),
        Stage::Measure(measure) => Some(Gauge::new(measure).map(Step::Measure)),
        Stage::Group(node) => {
            let label = format!("by({node})").into();
            Some(Condition::value_of(node).map(|by| Step::Group { by, label }))
        }
        Stage::Coalesce => Some(Ok(Step::Coalesce)),
        // It chooses what is shown, not what is found.
        Stage::Show(_) => None,
    });
    steps.collect()
}

impl Step {
    fn each_condition<'a>(&'a self, tell: &mut dyn FnMut(&'a Condition)) {
        match self {
            Self::Select(choice) => choice.each_condition(tell),
            Self::Measure(gauge) => gauge.condition().into_iter().for_each(tell),
            Self::Group { by, .. } => tell(by),
            Self::Coalesce => {}
        }
    }

    /// Whether what it asks must be met by each span.
    fn is_joint(&self) -> bool {
        matches!(self, Self::Select(Choice::All | Choice::Filter(_)) | Self::Coalesce)
    }

    fn bind(&mut self, asked: &Asked, reading: &Arc<Reading>) {
        match self {
            Self::Select(choice) => choice.bind(asked, reading),
            Self::Measure(gauge) => gauge.bind(asked, &reading.picks),
            Self::Group { by, .. } => *by = by.clone().bound(asked, &reading.picks),
            Self::Coalesce => {}
        }
    }

    fn run(&self, scene: &Scene<'_>, group: usize, sets: Vec<Set>, reading: &Reading) -> Result<Vec<Set>, Fault> {
        match self {
            Self::Select(choice) => {
                let mut kept = Vec::with_capacity(sets.len());
                for set in &sets {
                    kept.extend(choice.run(scene, group, Given::Set(set), reading)?);
                }
                Ok(kept)
            }
            Self::Measure(gauge) => {
                let mut kept = Vec::with_capacity(sets.len());
                for mut set in sets {
                    if let Some(value) =
                        gauge.value(scene, &set.spans, &reading.picks)?.filter(|value| gauge.is_met(value))
                    {
                        set.attributes.push((gauge.label.as_str().into(), value.to_value()));
                        kept.push(set);
                    }
                }
                Ok(kept)
            }
            Self::Group { by, label } => {
                let mut groups = Vec::new();
                for set in sets {
                    let mut numbers: HashMap<ValKey, usize> = HashMap::new();
                    let first = groups.len();
                    for at in set.spans.iter().filter_map(|place| scene.at(*place)) {
                        let next = groups.len() - first;
                        let number = at.picking(&reading.picks, |at| {
                            let value = by.value(at)?;
                            let number = *numbers.entry(value.key()).or_insert(next);
                            if number == next {
                                let mut attributes = set.attributes.clone();
                                attributes.push((label.clone(), value.to_value()));
                                groups.push(Set { spans: Vec::new(), attributes });
                            }
                            Ok(number)
                        })?;
                        groups[first + number].spans.push(at.place);
                    }
                }
                Ok(groups)
            }
            Self::Coalesce => Ok(vec![Set { spans: united(sets), attributes: Vec::new() }]),
        }
    }
}

impl Choice {
    fn new(tree: &SetTree) -> Result<Self, Fault> {
        Ok(match tree {
            SetTree::Filter(Node { is: Expr::Literal(Literal::Bool(true)), .. }) => Self::All,
            SetTree::Filter(node) => Self::Filter(Condition::filter(node)?),
            // What it reads is what the whole pipeline reads.
            SetTree::Pipeline(stages) => Self::Pipeline(Program { steps: steps_of(stages)?, reading: Arc::default() }),
            SetTree::Both { left, relation, right, at } => {
                let (left, right) = (Box::new(Self::new(left)?), Box::new(Self::new(right)?));
                Self::Both { left, relation: *relation, right, at: *at }
            }
        })
    }

    fn each_condition<'a>(&'a self, tell: &mut dyn FnMut(&'a Condition)) {
        match self {
            Self::All => {}
            Self::Filter(condition) => tell(condition),
            Self::Pipeline(program) => program.steps.iter().for_each(|step| step.each_condition(tell)),
            Self::Both { left, right, .. } => {
                left.each_condition(tell);
                right.each_condition(tell);
            }
        }
    }

    fn bind(&mut self, asked: &Asked, reading: &Arc<Reading>) {
        match self {
            Self::All => {}
            Self::Filter(condition) => *condition = condition.clone().bound(asked, &reading.picks),
            Self::Pipeline(program) => {
                program.steps.iter_mut().for_each(|step| step.bind(asked, reading));
                program.reading = Arc::clone(reading);
            }
            Self::Both { left, right, .. } => {
                left.bind(asked, reading);
                right.bind(asked, reading);
            }
        }
    }

    fn run(&self, scene: &Scene<'_>, group: usize, given: Given<'_>, reading: &Reading) -> Result<Vec<Set>, Fault> {
        let spans = match self {
            Self::All => given.spans().to_vec(),
            Self::Filter(condition) => {
                let mut kept = Vec::new();
                for &place in given.spans() {
                    if let Some(at) = scene.at(place)
                        && at.picking(&reading.picks, |at| condition.is_met(at))?
                    {
                        kept.push(place);
                    }
                }
                kept
            }
            Self::Pipeline(program) => return program.run_over(scene, group, given),
            Self::Both { left, relation, right, at } => {
                let is_kin = matches!(relation, Relation::Kin { .. });
                let left = left.side(scene, group, given, is_kin, reading)?;
                let right = right.side(scene, group, given, is_kin, reading)?;
                both(scene, group, left, *relation, right, *at)?
            }
        };
        // Of what was given, what was found of it stays.
        Ok(if spans.is_empty() { Vec::new() } else { vec![Set { spans, attributes: given.attributes() }] })
    }

    fn side(
        &self,
        scene: &Scene<'_>,
        group: usize,
        given: Given<'_>,
        is_kin: bool,
        reading: &Reading,
    ) -> Result<Vec<Set>, Fault> {
        let mut sets = self.run(scene, group, given, reading)?;
        if is_kin && matches!(self, Self::All) {
            let nesting = scene.nesting();
            let is_read = |place: &u32| {
                nesting.is_connected(*place)
                    || scene.at(*place).is_some_and(|at| reading.tests.iter().any(|test| test.is_met(at)))
            };
            sets.iter_mut().for_each(|set| set.spans.retain(is_read));
            sets.retain(|set| !set.spans.is_empty());
        }
        Ok(sets)
    }

    fn leftmost(&self, scene: &Scene<'_>, group: usize, reading: &Reading) -> Result<usize, Fault> {
        match self {
            Self::Pipeline(program) => program.first_choice(scene, group),
            Self::Both { left, .. } => left.leftmost(scene, group, reading),
            choice => {
                let sets = choice.run(scene, group, Given::Members(scene.groups.members(group)), reading)?;
                Ok(sets.iter().map(|set| set.spans.len()).sum())
            }
        }
    }
}

fn both(
    scene: &Scene<'_>,
    group: usize,
    left: Vec<Set>,
    relation: Relation,
    right: Vec<Set>,
    at: Place,
) -> Result<Vec<u32>, Fault> {
    match relation {
        Relation::And if left.is_empty() || right.is_empty() => Ok(Vec::new()),
        Relation::And | Relation::Or => Ok(merged(&united(left), &united(right))),
        Relation::Kin { kinship, sides } => {
            if !right.is_empty() && (left.len() > 1 || right.len() > 1) {
                let found = format!("{} on the left and {} on the right", left.len(), right.len());
                let expected = format!("one set of spans of a trace on each side of `{}`", relation.sign());
                return Err(Fault::new(QueryProblem::Data, at.from, expected, found)
                    .help("`by()` has made several: put `| coalesce()` behind it"));
            }
            Ok(kin(scene, group, &united(left), &united(right), kinship, sides))
        }
    }
}

/// The spans of all sets, each once.
fn united(sets: Vec<Set>) -> Vec<u32> {
    let mut sets = sets.into_iter();
    let mut spans = sets.next().map(|set| set.spans).unwrap_or_default();
    let is_alone = sets.len() == 0;
    spans.extend(sets.flat_map(|set| set.spans));
    if !is_alone {
        spans.sort_unstable();
        spans.dedup();
    }
    spans
}
