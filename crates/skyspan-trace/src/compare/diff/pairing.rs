//! [`Pairing`]: which span of one trace is which of the other.

use std::collections::{HashMap, HashSet};

use super::DiffOptions;
use super::align::align;
use super::side::{Known, Side};

/// Of more spans than that which look alike but for their attributes, the first goes with the first, and so on; of fewer, the most
/// alike.
const ALIKE_MAX: usize = 64;

/// How a pair came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PairKind {
    Same,
    /// It is below another parent.
    Moved,
    /// It has another name.
    Renamed,
}

/// Which span of one trace is which of the other, by their places.
#[derive(Default)]
pub(super) struct Pairing {
    pub(super) pairs: Vec<(u32, u32, PairKind)>,
    /// The tops of what is in the first alone.
    pub(super) removed: Vec<u32>,
    /// The tops of what is in the second alone.
    pub(super) added: Vec<u32>,
}

/// Children of two spans that are a pair, or the roots.
type Siblings = (Vec<u32>, Vec<u32>);

impl Pairing {
    pub(super) fn of(a: &Side, b: &Side, options: &DiffOptions) -> Self {
        let mut pairing = Self::default();
        let roots = |side: &Side| side.tree.roots().map(|root| root.index() as u32).collect();
        pairing.pair_below(a, b, (roots(a), roots(b)), options);
        pairing.find_moved(a, b, options);
        // What has gone along with its parent has not been moved itself.
        let to_b: HashMap<u32, u32> = pairing.pairs.iter().map(|(x, y, _)| (*x, *y)).collect();
        let parent = |side: &Side, place: u32| side.span(place).parent().map(|parent| parent.index() as u32);
        for (x, y, kind) in &mut pairing.pairs {
            if *kind == PairKind::Moved && parent(a, *x).and_then(|above| to_b.get(&above).copied()) == parent(b, *y) {
                *kind = PairKind::Same;
            }
        }
        pairing.pairs.sort_unstable_by_key(|(x, y, _)| (*x, *y));
        pairing
    }

    /// What is gone in one place and new in another has been moved, the largest first.
    fn find_moved(&mut self, a: &Side, b: &Side, options: &DiffOptions) {
        let levels: [fn(&Known) -> u64; 2] = [|known| known.subtree, |known| known.own];
        for known in levels {
            let mut new: HashMap<u64, Vec<u32>> = HashMap::new();
            for top in self.added.iter().rev() {
                for place in with_descendants(b, *top).into_iter().rev() {
                    new.entry(known(&b.known[place as usize])).or_default().push(place);
                }
            }
            let mut taken = Taken { a: vec![false; a.tree.len()], b: vec![false; b.tree.len()] };
            let mut moved: Vec<(u32, u32)> = Vec::new();
            for top in &self.removed {
                for x in with_descendants(a, *top) {
                    let Some(same) = new.get_mut(&known(&a.known[x as usize])).filter(|_| !taken.a[x as usize]) else {
                        continue;
                    };
                    while let Some(y) = same.pop() {
                        if !taken.b[y as usize] {
                            moved.push((x, y));
                            // Of a whole, what is below goes with it.
                            taken.take(a, b, x, y);
                            break;
                        }
                    }
                }
            }
            if moved.is_empty() {
                continue;
            }
            self.removed.retain(|place| !taken.a[*place as usize]);
            self.added.retain(|place| !taken.b[*place as usize]);
            for (x, y) in moved {
                self.pairs.push((x, y, PairKind::Moved));
                self.pair_below(a, b, (children(a, x), children(b, y)), options);
            }
        }
    }

    /// Pairs siblings, and all that is below them.
    fn pair_below(&mut self, a: &Side, b: &Side, siblings: Siblings, options: &DiffOptions) {
        let mut ahead = vec![siblings];
        while let Some(siblings) = ahead.pop() {
            let from = self.pairs.len();
            Pairs { a, b, options, pairing: self }.siblings(&siblings);
            self.pairs[from..].sort_unstable_by_key(|(x, y, _)| (*x, *y));
            let below = self.pairs[from..].iter().map(|(x, y, _)| (children(a, *x), children(b, *y)));
            ahead.extend(below.filter(|(x, y)| !x.is_empty() || !y.is_empty()));
        }
    }
}

struct Taken {
    a: Vec<bool>,
    b: Vec<bool>,
}

impl Taken {
    fn take(&mut self, a: &Side, b: &Side, x: u32, y: u32) {
        with_descendants(a, x).into_iter().for_each(|place| self.a[place as usize] = true);
        with_descendants(b, y).into_iter().for_each(|place| self.b[place as usize] = true);
    }
}

fn children(side: &Side, place: u32) -> Vec<u32> {
    side.span(place).children().map(|child| child.index() as u32).collect()
}

fn with_descendants(side: &Side, place: u32) -> Vec<u32> {
    let span = side.span(place);
    std::iter::once(span).chain(span.descendants()).map(|span| span.index() as u32).collect()
}

/// The pairing of one list of siblings with another.
struct Pairs<'p> {
    a: &'p Side,
    b: &'p Side,
    options: &'p DiffOptions,
    pairing: &'p mut Pairing,
}

/// A sibling that has no partner yet, and between which of those that have it stands.
#[derive(Clone, Copy)]
struct Left {
    place: u32,
    gap: usize,
}

impl Pairs<'_> {
    fn siblings(&mut self, (a, b): &Siblings) {
        let subtrees =
            |side: &Side, places: &[u32]| places.iter().map(|it| side.known[*it as usize].subtree).collect::<Vec<_>>();
        let aligned = align(&subtrees(self.a, a), &subtrees(self.b, b));
        let (mut left_a, mut left_b) =
            (left(a, aligned.iter().map(|(x, _)| *x)), left(b, aligned.iter().map(|(_, y)| *y)));
        self.pairing.pairs.extend(aligned.into_iter().map(|(x, y)| (a[x], b[y], PairKind::Same)));
        type Level = (fn(&Known) -> Option<u64>, &'static [bool]);
        // What is exactly the same is found wherever it is; what differs in something, only where it would have to stand.
        let levels: [Level; 4] = [
            (|known| Some(known.subtree), &[true, false]),
            (|known| Some(known.own), &[true, false]),
            (|known| Some(known.key), &[true]),
            (|known| Some(known.name), &[true]),
        ];
        for (known, places) in levels {
            for in_gap in places {
                self.alike(&mut left_a, &mut left_b, known, *in_gap, PairKind::Same);
            }
        }
        self.alike(&mut left_a, &mut left_b, |known| known.nameless, true, PairKind::Renamed);
        self.renamed(&mut left_a, &mut left_b);
        self.pairing.removed.extend(left_a.iter().map(|left| left.place));
        self.pairing.added.extend(left_b.iter().map(|left| left.place));
    }

    /// Pairs those that are alike in something.
    fn alike(
        &mut self,
        left_a: &mut Vec<Left>,
        left_b: &mut Vec<Left>,
        known: fn(&Known) -> Option<u64>,
        in_gap: bool,
        kind: PairKind,
    ) {
        if left_a.is_empty() || left_b.is_empty() {
            return;
        }
        let key = |side: &Side, left: &Left| {
            Some((known(&side.known[left.place as usize])?, if in_gap { left.gap } else { 0 }))
        };
        let mut groups: HashMap<(u64, usize), (Vec<u32>, Vec<u32>)> = HashMap::new();
        for left in left_a.iter() {
            if let Some(key) = key(self.a, left) {
                groups.entry(key).or_default().0.push(left.place);
            }
        }
        for left in left_b.iter() {
            if let Some(group) = key(self.b, left).and_then(|key| groups.get_mut(&key)) {
                group.1.push(left.place);
            }
        }
        let (mut paired_a, mut paired_b) = (HashSet::new(), HashSet::new());
        for (a, b) in groups.into_values() {
            let pairs = if a.len() == b.len() || a.len().max(b.len()) > ALIKE_MAX {
                a.into_iter().zip(b).collect()
            } else {
                self.most_alike(&a, &b)
            };
            for (x, y) in pairs {
                paired_a.insert(x);
                paired_b.insert(y);
                self.pairing.pairs.push((x, y, kind));
            }
        }
        left_a.retain(|left| !paired_a.contains(&left.place));
        left_b.retain(|left| !paired_b.contains(&left.place));
    }

    /// The pairs with most attributes in common, and of equal ones the first with the first.
    fn most_alike(&self, a: &[u32], b: &[u32]) -> Vec<(u32, u32)> {
        let of = |side: &Side, place: u32| {
            side.attributes(side.span(place), self.options).map(|(key, value)| (key.clone(), value)).collect::<Vec<_>>()
        };
        let in_b: Vec<_> = b.iter().map(|place| of(self.b, *place)).collect();
        let mut scores: Vec<(usize, usize, usize, usize)> = Vec::with_capacity(a.len() * b.len());
        for (at, x) in a.iter().enumerate() {
            let in_a = of(self.a, *x);
            for (bt, in_b) in in_b.iter().enumerate() {
                let same = in_a.iter().filter(|entry| in_b.contains(entry)).count();
                scores.push((usize::MAX - same, at.abs_diff(bt), at, bt));
            }
        }
        scores.sort_unstable();
        let (mut taken_a, mut taken_b) = (vec![false; a.len()], vec![false; b.len()]);
        let mut pairs = Vec::new();
        for (_, _, at, bt) in scores {
            if !taken_a[at] && !taken_b[bt] {
                (taken_a[at], taken_b[bt]) = (true, true);
                pairs.push((a[at], b[bt]));
            }
        }
        pairs
    }

    /// Pairs those that stand alone in their gap, and have mostly the same below them.
    fn renamed(&mut self, left_a: &mut Vec<Left>, left_b: &mut Vec<Left>) {
        let mut alone: HashMap<usize, (Vec<u32>, Vec<u32>)> = HashMap::new();
        left_a.iter().for_each(|left| alone.entry(left.gap).or_default().0.push(left.place));
        left_b.iter().for_each(|left| alone.entry(left.gap).or_default().1.push(left.place));
        let mut pairs = HashMap::new();
        for (a, b) in alone.into_values() {
            if let ([x], [y]) = (&a[..], &b[..])
                && self.are_mostly_alike_below(*x, *y)
            {
                pairs.insert(*x, *y);
            }
        }
        left_a.retain(|left| !pairs.contains_key(&left.place));
        let taken: HashSet<u32> = pairs.values().copied().collect();
        left_b.retain(|left| !taken.contains(&left.place));
        self.pairing.pairs.extend(pairs.into_iter().map(|(x, y)| (x, y, PairKind::Renamed)));
    }

    fn are_mostly_alike_below(&self, x: u32, y: u32) -> bool {
        let keys = |side: &Side, place: u32| {
            children(side, place).iter().map(|child| side.known[*child as usize].key).collect::<Vec<_>>()
        };
        let (in_a, mut in_b) = (keys(self.a, x), keys(self.b, y));
        let most = in_a.len().max(in_b.len());
        in_b.sort_unstable();
        in_b.dedup();
        let same = in_a.iter().filter(|key| in_b.binary_search(key).is_ok()).count();
        most > 0 && 2 * same >= most
    }
}

/// The siblings that are not among the aligned ones.
fn left(places: &[u32], aligned: impl Iterator<Item = usize>) -> Vec<Left> {
    let (mut left, mut next, mut gap) = (Vec::new(), 0, 0);
    for at in aligned {
        left.extend(places[next..at].iter().map(|place| Left { place: *place, gap }));
        (next, gap) = (at + 1, gap + 1);
    }
    left.extend(places[next..].iter().map(|place| Left { place: *place, gap }));
    left
}
