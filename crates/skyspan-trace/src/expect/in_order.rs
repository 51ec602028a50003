//! Dealing out spans where they must come in the order of the items.
//!
//! The items are a sequence like a regular expression: each is a run of as many spans as it stands for. Followed are the places
//! between spans that each item can end at, as intervals, so that it takes O(n + m) for `n` spans and `m` items where each
//! span has one item that it can go to, and where any number of them may be left out. Where all may hold all, it is
//! O(n·m).

/// How many spans an item stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) at_least: usize,
    pub(super) at_most: usize,
}

/// Spans that are read as a sequence of items.
pub(super) struct Reading<'r, F> {
    /// Whether an item would take a span.
    pub(super) fits: F,
    pub(super) runs: &'r [Run],
    /// For each place between spans the first span behind it that may not be left over; the number of spans if there is none.
    next_obliged: Vec<usize>,
}

/// Places between spans, as intervals that neither touch nor overlap, in order.
type Places = Vec<(usize, usize)>;

impl<'r, F: Fn(usize, usize) -> bool> Reading<'r, F> {
    pub(super) fn new(fits: F, runs: &'r [Run], spans: usize, may_be_left: impl Fn(usize) -> bool) -> Self {
        let mut next_obliged = vec![spans; spans + 1];
        for span in (0..spans).rev() {
            next_obliged[span] = if may_be_left(span) { next_obliged[span + 1] } else { span };
        }
        Self { fits, runs, next_obliged }
    }

    fn end(&self) -> usize {
        self.next_obliged.len() - 1
    }

    /// The item for each span, if they can be dealt out in order: as many to each as it stands for, and the others left over
    /// where that may be. Of several ways it is the one in which later items take the fewest.
    pub(super) fn item_of(&self) -> Option<Vec<Option<usize>>> {
        let must = self.runs.iter().fold(0, |must: usize, run| must.saturating_add(run.at_least));
        if must > self.end() {
            return None;
        }
        let mut ends: Vec<Places> = vec![vec![(0, 0)]];
        for (item, run) in self.runs.iter().enumerate() {
            let next = self.ends(item, *run, ends.last()?);
            if next.is_empty() {
                return None;
            }
            ends.push(next);
        }
        let is_end = match self.runs {
            [] => self.next_obliged[0] == self.end(),
            _ => holds(ends.last()?, self.end()),
        };
        is_end.then(|| self.way_back(&ends))
    }

    /// Where an item can end that begins at one of some places.
    fn ends(&self, item: usize, run: Run, begins: &Places) -> Places {
        let mut ends = Places::new();
        for &(first, last) in begins {
            if run.at_least == 0 {
                let seen = ends.last().filter(|(_, end)| *end >= last && run.at_most == usize::MAX);
                let end = seen.map_or_else(|| self.furthest(item, last, run.at_most), |(_, end)| *end);
                add(&mut ends, (first, end));
            } else {
                self.ends_of_run(item, run, first, last, &mut ends);
            }
        }
        ends
    }

    /// The same for an item that must have some spans.
    fn ends_of_run(&self, item: usize, run: Run, first: usize, last: usize, ends: &mut Places) {
        let mut begin = first;
        while begin <= last {
            let mut end = begin;
            for _ in 0..run.at_least {
                match self.after_next(item, end) {
                    Ok(after) => end = after,
                    // Whatever begins before the span in the way ends at it.
                    Err(Some(wrong)) if wrong < last => {
                        begin = wrong + 1;
                        end = usize::MAX;
                        break;
                    }
                    Err(_) => return,
                }
            }
            if end == usize::MAX {
                continue;
            }
            let nearest = end;
            if self.next_obliged[begin] == self.end() {
                return add(ends, (nearest, self.end()));
            }
            // Later beginnings, as long as there are enough spans behind them.
            let mut wrong = None;
            let mut latest = begin;
            while latest < last {
                let is_taken = (self.fits)(item, latest);
                if is_taken {
                    match self.after_next(item, end) {
                        Ok(after) => end = after,
                        Err(in_the_way) => {
                            wrong = Some(in_the_way.unwrap_or(self.end()));
                            break;
                        }
                    }
                }
                latest += 1;
            }
            match wrong {
                Some(wrong) => {
                    add(ends, (nearest, wrong));
                    begin = wrong + 1;
                }
                None => return add(ends, (nearest, self.furthest(item, latest, run.at_most))),
            }
        }
    }

    /// The place behind the next span that an item takes; the span in the way, which it does not take and which may not be left
    /// over, or nothing at the end.
    fn after_next(&self, item: usize, from: usize) -> Result<usize, Option<usize>> {
        for span in from..self.end() {
            if (self.fits)(item, span) {
                return Ok(span + 1);
            }
            if self.is_obliged(span) {
                return Err(Some(span));
            }
        }
        Err(None)
    }

    /// The furthest place at which an item can end, if it takes at most so many spans.
    fn furthest(&self, item: usize, from: usize, at_most: usize) -> usize {
        let mut end = self.next_obliged[from];
        let mut taken = 0;
        while end < self.end() && taken < at_most && (self.fits)(item, end) {
            taken += 1;
            end = self.next_obliged[end + 1];
        }
        end
    }

    fn is_obliged(&self, span: usize) -> bool {
        self.next_obliged[span] == span
    }

    /// Goes back from the end, and deals out the spans on the way.
    fn way_back(&self, ends: &[Places]) -> Vec<Option<usize>> {
        let mut item_of = vec![None; self.end()];
        let mut to = self.end();
        for item in (0..self.runs.len()).rev() {
            let run = self.runs[item];
            if run.at_least == 0 && holds(&ends[item], to) {
                continue;
            }
            let (mut from, mut obliged, mut others) = (to, 0, Vec::new());
            while from > 0 && !(obliged + others.len() >= run.at_least && holds(&ends[item], from)) {
                from -= 1;
                if (self.fits)(item, from) {
                    if self.is_obliged(from) {
                        item_of[from] = Some(item);
                        obliged += 1;
                    } else {
                        others.push(from);
                    }
                }
            }
            let more = run.at_most.saturating_sub(obliged);
            others.into_iter().take(more).for_each(|span| item_of[span] = Some(item));
            to = from;
        }
        item_of
    }
}

/// Adds an interval behind those that begin before it.
fn add(places: &mut Places, (first, last): (usize, usize)) {
    match places.last_mut() {
        Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
        _ => places.push((first, last)),
    }
}

fn holds(places: &Places, place: usize) -> bool {
    let after = places.partition_point(|(first, _)| *first <= place);
    after.checked_sub(1).is_some_and(|at| places[at].1 >= place)
}
