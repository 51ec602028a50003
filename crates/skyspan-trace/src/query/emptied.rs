//! [`EmptyingCondition`]: which part of a query leaves nothing of what the others select.

use std::fmt;

use super::evaluate::program::Program;
use super::evaluate::source::Scene;
use super::syntax::ast::{Expr, Logic, Node, SetTree, Stage};
use crate::trace::Trace;

/// Which condition of a query selects nothing, or nothing of what those before it select.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct EmptyingCondition {
    /// The conditions before it, joined by `&&`; empty if it is the first.
    pub before: String,
    /// How many spans meet those.
    pub spans_before: usize,
    /// The condition.
    pub condition: String,
    /// How many spans meet it without the others.
    pub spans_alone: usize,
}

/// ``6 spans meet name = `set`, and none of them span.device_name = `stag`, which 2 other spans meet``, for a report.
impl fmt::Display for EmptyingCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, spans_before, condition, spans_alone } = self;
        if before.is_empty() || *spans_alone == 0 {
            return write!(f, "no span meets {condition}");
        }
        let meet = |number: usize| if number == 1 { "span meets" } else { "spans meet" };
        write!(f, "{spans_before} {} {before}, and none of them {condition}", meet(*spans_before))?;
        write!(f, ", which {spans_alone} other {}", meet(*spans_alone))
    }
}

/// The condition of a query's first selection that empties it, over a whole trace as if it were of one trace id; nothing if none
/// alone does.
pub(super) fn emptied_by(stages: &[Stage], trace: &Trace) -> Option<EmptyingCondition> {
    let Some(Stage::Select(tree)) = stages.first() else { return None };
    of_tree(tree, &Scene::undivided(trace))
}

fn of_tree(tree: &SetTree, scene: &Scene<'_>) -> Option<EmptyingCondition> {
    match tree {
        SetTree::Filter(node) => of_condition(node, scene),
        SetTree::Pipeline(stages) => match stages.first() {
            Some(Stage::Select(tree)) => of_tree(tree, scene),
            _ => None,
        },
        // Of two selections the one that finds nothing.
        SetTree::Both { left, right, .. } => [left, right]
            .into_iter()
            .filter(|side| number(SetTree::clone(side), scene) == Some(0))
            .find_map(|side| of_tree(side, scene)),
    }
}

fn of_condition(node: &Node, scene: &Scene<'_>) -> Option<EmptyingCondition> {
    let meeting = |node: Node| number(SetTree::Filter(node), scene);
    let Expr::Logic { logic: Logic::And, parts } = &node.is else {
        let is_empty = meeting(node.clone())? == 0;
        let alone =
            EmptyingCondition { before: String::new(), spans_before: 0, condition: node.to_string(), spans_alone: 0 };
        return is_empty.then_some(alone);
    };
    let mut spans_before = scene_len(scene);
    for (at, part) in parts.iter().enumerate() {
        let first = Node { is: Expr::Logic { logic: Logic::And, parts: parts[..=at].to_vec() }, at: node.at };
        let spans = if at == 0 { meeting(part.clone())? } else { meeting(first)? };
        if spans > 0 {
            spans_before = spans;
            continue;
        }
        let before: Vec<String> = parts[..at].iter().map(Node::to_string).collect();
        return Some(EmptyingCondition {
            before: before.join(" && "),
            spans_before,
            condition: part.to_string(),
            spans_alone: meeting(part.clone())?,
        });
    }
    None
}

/// How many spans a selection finds; nothing where it has no answer.
fn number(tree: SetTree, scene: &Scene<'_>) -> Option<usize> {
    let program = Program::new(&[Stage::Select(tree)]).ok()?;
    let sets = program.run(scene, 0).ok()?;
    let mut places: Vec<u32> = sets.into_iter().flat_map(|set| set.spans).collect();
    places.sort_unstable();
    places.dedup();
    Some(places.len())
}

fn scene_len(scene: &Scene<'_>) -> usize {
    if scene.groups.len() == 0 { 0 } else { scene.groups.members(0).len() }
}
