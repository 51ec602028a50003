//! [`CampaignLimits`]: which cases of a campaign are examined, for how long, and on how many threads.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use super::Shard;

/// Which cases of a [`Campaign`](super::Campaign) are examined, for how long, and on how many threads; as many as the machine has
/// unless one says otherwise.
///
/// ```
/// use std::time::Duration;
/// use skyspan::property::{CampaignLimits, Shard};
///
/// let limits = CampaignLimits::cases(100_000).shard("1/4".parse::<Shard>()?).within(Duration::from_secs(600)).jobs(2);
/// assert_eq!(limits.count(), Some(25_000));
/// # Ok::<(), skyspan::property::ShardError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignLimits {
    pub(super) which: Which,
    pub(super) time: Option<Duration>,
    pub(super) jobs: NonZeroUsize,
}

/// Which cases are examined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Which {
    /// Those of a part, of the first so many if there is an end.
    Part(Shard, Option<u64>),
    /// One case, by its number.
    One(u64),
}

impl Which {
    /// The number of the nth case, counted from 0; nothing where there are no more.
    pub(super) fn number(self, nth: u64) -> Option<u64> {
        match self {
            Self::Part(shard, cases) => shard.number(nth).filter(|number| cases.is_none_or(|cases| *number < cases)),
            Self::One(number) => (nth == 0).then_some(number),
        }
    }
}

impl CampaignLimits {
    fn of(which: Which) -> Self {
        let jobs = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { which, time: None, jobs }
    }

    /// The first so many cases, those from number 0 on; of a [shard](Self::shard) those of them that are in it.
    #[must_use]
    pub fn cases(cases: u64) -> Self {
        Self::of(Which::Part(Shard::WHOLE, Some(cases)))
    }

    /// One case after another, without an end: until one fails, the [time](Self::within) is up, or somebody
    /// [stops](super::CampaignProgress::stop) it.
    #[must_use]
    pub fn endless() -> Self {
        Self::of(Which::Part(Shard::WHOLE, None))
    }

    /// The case of that number alone, in whatever shard it is.
    #[must_use]
    pub fn case(number: u64) -> Self {
        Self::of(Which::One(number))
    }

    /// Those of that part alone. A single [case](Self::case) stays what it is.
    #[must_use]
    pub const fn shard(mut self, shard: Shard) -> Self {
        if let Which::Part(part, _) = &mut self.which {
            *part = shard;
        }
        self
    }

    /// For that long in real time, whatever is left then; the cases that are under way are examined to their end.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// On so many threads, at least one. What comes of it is the same for any number, unless the time is up, or somebody stops it.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN), ..self }
    }

    /// How many cases there are; nothing where there is no end.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self.which {
            Which::Part(shard, cases) => cases.map(|cases| shard.cases_of(cases)),
            Which::One(_) => Some(1),
        }
    }

    /// On how many threads: not more than there are cases.
    #[must_use]
    pub fn threads(&self) -> usize {
        let cases = self.count().and_then(|count| usize::try_from(count).ok());
        cases.map_or(self.jobs.get(), |cases| self.jobs.get().min(cases.max(1)))
    }
}
