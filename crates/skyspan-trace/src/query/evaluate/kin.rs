//! Which spans of two selections are kin: children of one another, descendants, siblings.
//!
//! Each question goes once over the spans of a trace id, from parents to children or back, however many pairs there are.

use super::nesting::{Nesting, parent};
use super::source::Scene;
use crate::query::syntax::ast::{Kinship, Sides};

/// The spans of two selections of one group that are to be kept. All are in the order in which they came.
pub(super) fn kin(
    scene: &Scene<'_>,
    group: usize,
    left: &[u32],
    right: &[u32],
    kinship: Kinship,
    sides: Sides,
) -> Vec<u32> {
    if right.is_empty() || left.is_empty() && sides != Sides::NotRight {
        return Vec::new();
    }
    let family = Family { scene, group, nesting: scene.nesting() };
    let of_left = |place: u32, marks: &[bool]| marks[scene.groups.position(place)];
    let right_marks = family.marked(left, kinship);
    match sides {
        Sides::Right => right.iter().copied().filter(|place| of_left(*place, &right_marks)).collect(),
        Sides::NotRight => right.iter().copied().filter(|place| !of_left(*place, &right_marks)).collect(),
        Sides::Union => {
            let left_marks = family.marked(right, reversed(kinship));
            let left = left.iter().copied().filter(|place| of_left(*place, &left_marks)).collect::<Vec<_>>();
            let right = right.iter().copied().filter(|place| of_left(*place, &right_marks)).collect::<Vec<_>>();
            merged(&left, &right)
        }
    }
}

fn reversed(kinship: Kinship) -> Kinship {
    match kinship {
        Kinship::Child => Kinship::Parent,
        Kinship::Parent => Kinship::Child,
        Kinship::Descendant => Kinship::Ancestor,
        Kinship::Ancestor => Kinship::Descendant,
        Kinship::Sibling => Kinship::Sibling,
    }
}

/// Two sorted lists as one, each span once.
pub(super) fn merged(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut at_left, mut at_right) = (0, 0);
    while let (Some(one), Some(other)) = (left.get(at_left), right.get(at_right)) {
        all.push(*one.min(other));
        at_left += usize::from(one <= other);
        at_right += usize::from(other <= one);
    }
    all.extend(&left[at_left..]);
    all.extend(&right[at_right..]);
    all
}

struct Family<'a> {
    scene: &'a Scene<'a>,
    group: usize,
    nesting: &'a Nesting,
}

impl Family<'_> {
    fn position(&self, place: u32) -> usize {
        self.scene.groups.position(place)
    }

    fn parent(&self, place: u32) -> Option<usize> {
        parent(self.scene.trace, place).map(|parent| self.position(parent))
    }

    /// For each span of the group whether it is what `kinship` says to one of `spans`. Those that do not hang together with
    /// a root are nothing to anyone.
    fn marked(&self, spans: &[u32], kinship: Kinship) -> Vec<bool> {
        let mut is_given = vec![false; self.scene.groups.members(self.group).len()];
        for place in spans.iter().copied().filter(|place| self.nesting.is_connected(*place)) {
            is_given[self.position(place)] = true;
        }
        let order = self.nesting.order(self.group);
        let mut is_kin = vec![false; is_given.len()];
        match kinship {
            Kinship::Child | Kinship::Descendant => {
                for &place in order {
                    if let Some(parent) = self.parent(place) {
                        let is_below = kinship == Kinship::Descendant && is_kin[parent];
                        is_kin[self.position(place)] = is_given[parent] || is_below;
                    }
                }
            }
            Kinship::Parent | Kinship::Ancestor => {
                for &place in order.iter().rev() {
                    let own = self.position(place);
                    if let Some(parent) = self.parent(place) {
                        is_kin[parent] |= is_given[own] || kinship == Kinship::Ancestor && is_kin[own];
                    }
                }
            }
            Kinship::Sibling => {
                // How many of those that are given each span has for children; roots are siblings of one another.
                let mut given_below = vec![0_u32; is_given.len() + 1];
                let family = |place| self.parent(place).unwrap_or(is_given.len());
                for &place in order.iter().filter(|place| is_given[self.position(**place)]) {
                    given_below[family(place)] += 1;
                }
                for &place in order {
                    let own = self.position(place);
                    is_kin[own] = given_below[family(place)] > u32::from(is_given[own]);
                }
            }
        }
        is_kin
    }
}
