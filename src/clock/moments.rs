//! [`Moments`]: in which order happens what happens at one moment.

use std::collections::VecDeque;

use crate::seed::Seed;

/// In which order timers go off that are due at one moment.
///
/// On a simulated clock two motors that move for the same time arrive at the same nanosecond; real ones do not. A plan that is right
/// only if one of them is first is right by luck. Where moments are shuffled, whoever of those that are due is next is drawn;
/// what one of them sets off comes after it all the same, and who waits with a time limit is still in time at the end of it.
///
/// What was drawn is a list of picks, one for each time that there was a choice: 0 for the one that was set first, 1 for
/// the next. It is [kept](super::Clock::picks), and [`Moments::picked`] takes it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Moments {
    /// The order in which they were set.
    #[default]
    InOrder,
    /// Drawn from the seed of that number.
    Shuffled(u64),
    /// The one of that number, where there is a choice, time after time; a number beyond them counts on from the first. When there
    /// are no more numbers it is the one that was set first.
    Picked(Vec<u8>),
}

impl Moments {
    /// Those of a list of picks.
    #[must_use]
    pub fn picked(picks: impl IntoIterator<Item = u8>) -> Self {
        Self::Picked(picks.into_iter().collect())
    }
}

/// How many picks are kept at most.
const KEPT: usize = 10_000;

/// What picks, and what it has picked.
#[derive(Debug)]
pub(super) struct Picking {
    from: From,
    picks: Vec<u8>,
}

#[derive(Debug)]
enum From {
    Seed(Seed),
    List(VecDeque<u8>),
}

impl Picking {
    /// Nothing for the usual order.
    pub(super) fn of(moments: Moments) -> Option<Self> {
        let from = match moments {
            Moments::InOrder => return None,
            Moments::Shuffled(seed) => From::Seed(Seed::new(seed).stream("moments")),
            Moments::Picked(picks) => From::List(picks.into()),
        };
        Some(Self { from, picks: Vec::new() })
    }

    /// Which of so many comes; there are two at least.
    pub(super) fn pick(&mut self, candidates: usize) -> usize {
        let drawn = match &mut self.from {
            From::Seed(seed) => seed.next_u64(),
            From::List(picks) => u64::from(picks.pop_front().unwrap_or_default()),
        };
        // Beyond the first 256 there is no choice: a pick is a byte.
        let among = candidates.min(usize::from(u8::MAX) + 1);
        let picked = usize::try_from(drawn % among as u64).unwrap_or_default();
        if self.picks.len() < KEPT {
            self.picks.push(u8::try_from(picked).unwrap_or_default());
        }
        picked
    }

    /// What was picked, up to the last time that it was not the first.
    pub(super) fn picks(&self) -> Vec<u8> {
        let end = self.picks.iter().rposition(|pick| *pick != 0).map_or(0, |last| last + 1);
        self.picks[..end].to_vec()
    }
}
