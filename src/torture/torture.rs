//! [`Torture`]: runs a plan once for each of its messages and each thing that can happen there.

use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::case_id::{CaseId, TroubleAt};
use super::home::{Home, HomeAt};
use super::message_row::MessageRow;
use super::run_end::{RunEnd, RunWish, Shown, Times, rows_of};
use super::subject::{Keeps, LabWish, Subject};
use super::undisturbed::Undisturbed;
use super::{Aftermath, TortureError, TortureMap, TortureProgress, Tortured, Trouble};
use crate::engine::Limits;
use crate::harness::{Harness, HarnessBuilder};
use crate::plan::Plan;
use crate::program::Program;
use crate::seed::Seed;
use skyspan_trace::internal::lock;

/// Runs a plan once for each of its messages and each [trouble](Trouble) that can come there, and tells what is left of each, without
/// any assertion: each run is compared with the undisturbed one.
///
/// What home is is read from the undisturbed run: a device that it brings back to where it was has to be there in the end, whatever
/// happens. One that it leaves elsewhere has no home, unless [one is said](Self::home).
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::torture::{Torture, Trouble, Verdict};
///
/// // Opens the shutter, and closes it; but nobody does that if the camera fails.
/// let torture = Torture::plan(|lab| {
///     let shutter = lab.add(SynAxis::new("shutter"));
///     let camera = lab.add(SynSignal::new("camera").exposure_time_s(1.0));
///     plan(async move |p| {
///         p.mv(&shutter, 1).await?;
///         p.trigger(&camera, "g").await?;
///         p.wait("g").await?;
///         p.mv(&shutter, 0).await
///     })
/// });
/// let map = torture.only([Trouble::Fails]).run()?;
/// let failed = map.aftermath(3, Trouble::Fails).expect("a camera can fail");
/// assert_eq!(failed.verdict, Verdict::Left);
/// assert_eq!(failed.leftovers[0].to_string(), "shutter is left at 1, not at 0");
/// # Ok::<(), skyspan::torture::TortureError>(())
/// ```
pub struct Torture<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) seed: u64,
    jobs: usize,
    troubles: Vec<Trouble>,
    pub(super) homes: Vec<Home>,
    pub(super) times: Times,
    messages: RangeInclusive<u64>,
    pairs: usize,
    orders: u64,
    most: u64,
    pub(super) is_strict: bool,
}

/// So many messages all runs execute at most, unless another number is said: some minutes.
const MOST: u64 = 500_000_000;

impl<'a> Torture<'a> {
    fn of(subject: Subject<'a>) -> Self {
        Self {
            subject,
            seed: 0,
            jobs: thread::available_parallelism().map_or(1, usize::from),
            troubles: Trouble::ALL.to_vec(),
            homes: Vec::new(),
            times: Times::default(),
            messages: 1..=u64::MAX,
            pairs: 0,
            orders: 0,
            most: MOST,
            is_strict: false,
        }
    }

    /// Of a plan. For each run `make` gets a lab of its own, on which it puts the devices that the plan needs. It has to make the same
    /// plan each time.
    #[must_use]
    pub fn plan<P: Into<Plan>>(make: impl Fn(&Harness) -> P + Send + Sync + 'a) -> Self {
        Self::of(Subject::Plan(Box::new(move |lab: &Harness| make(lab).into()), None))
    }

    /// Of all items of a program. Messages are counted over all of them.
    #[must_use]
    pub fn program(program: &'a Program) -> Self {
        Self::of(Subject::Program(program))
    }

    /// In labs that are built so; those of a program are built as it says.
    #[must_use]
    pub fn built(mut self, build: impl Fn(HarnessBuilder) -> HarnessBuilder + Send + Sync + 'a) -> Self {
        if let Subject::Plan(_, built) = &mut self.subject {
            *built = Some(Box::new(build));
        }
        self
    }

    /// The seed of all chance, the same in each run; 0 unless one says otherwise.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// On so many threads; on as many as the machine has processors unless one says otherwise. What comes of it is the same.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// With these troubles alone.
    #[must_use]
    pub fn only(mut self, troubles: impl IntoIterator<Item = Trouble>) -> Self {
        let wanted: Vec<Trouble> = troubles.into_iter().collect();
        self.troubles.retain(|trouble| wanted.contains(trouble));
        self
    }

    /// Leaves these troubles out.
    #[must_use]
    pub fn without(mut self, troubles: impl IntoIterator<Item = Trouble>) -> Self {
        let unwanted: Vec<Trouble> = troubles.into_iter().collect();
        self.troubles.retain(|trouble| !unwanted.contains(trouble));
        self
    }

    /// Says where a device has to be in the end. What is said last goes.
    #[must_use]
    pub fn home(mut self, device: impl Into<String>, at: HomeAt) -> Self {
        self.homes.push(Home { device: device.into(), at });
        self
    }

    /// How long pauses and suspensions last; ten seconds unless one says otherwise.
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.times.hold = hold;
        self
    }

    /// By how much what is late is late; by a minute unless one says otherwise.
    #[must_use]
    pub fn late_by(mut self, late: Duration) -> Self {
        self.times.late = late;
        self
    }

    /// At these messages alone, counted from 1 over all items.
    #[must_use]
    pub fn messages(self, messages: RangeInclusive<u64>) -> Self {
        Self { messages, ..self }
    }

    /// Besides, so many pairs of troubles, the second at a later message, drawn from the seed.
    #[must_use]
    pub fn pairs(self, pairs: usize) -> Self {
        Self { pairs, ..self }
    }

    /// Besides, each run in so many other orders of what is due at one moment.
    #[must_use]
    pub fn orders(self, orders: u64) -> Self {
        Self { orders, ..self }
    }

    /// Counts against the plan what no plan could help as well: see [`Excuse`](super::Excuse).
    #[must_use]
    pub fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }

    /// So many messages all runs together may execute, about; 500 million unless one says otherwise.
    #[must_use]
    pub fn most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    pub(super) fn lab(&self, limits: Option<Limits>, order: Option<u64>) -> LabWish {
        LabWish { seed: self.seed, limits, keeps: Keeps::Nothing, order }
    }

    pub(super) fn named(&self) -> Vec<String> {
        self.homes.iter().map(|home| home.device.clone()).collect()
    }

    /// The run in which nothing happens, and how often a method of a device was called before one of its messages.
    pub(super) fn undisturbed(
        &self,
        counted: Option<(usize, Option<crate::hardware::Method>)>,
        order: Option<u64>,
    ) -> Result<(Undisturbed, usize), TortureError> {
        let lab = LabWish { keeps: Keeps::Spans, ..self.lab(None, order) };
        let named = self.named();
        let wish = RunWish { lab, times: self.times, troubles: &[], notes: Some(counted), named: &named };
        let (mut end, _) = self.subject.run(&wish)?;
        let counted = end.noted.as_mut().and_then(|noted| noted.counted.take());
        Ok((Undisturbed::new(end, &self.homes, self.is_strict)?, counted.map_or(0, |counted| counted.before)))
    }

    /// The rows of a case.
    pub(super) fn rows<'r>(
        &self,
        undisturbed: &'r Undisturbed,
        case: &CaseId,
    ) -> Result<Vec<(&'r MessageRow, Trouble)>, TortureError> {
        let messages = undisturbed.rows.len() as u64;
        let out = case.troubles.iter().find(|at| at.message == 0 || at.message > messages);
        if let Some(TroubleAt { message, .. }) = out {
            return Err(TortureError::NoSuchMessage { case: case.clone(), message: *message, messages });
        }
        let rows = rows_of(&undisturbed.rows, &case.troubles).unwrap_or_default();
        rows.iter().try_for_each(|(row, trouble)| row.check(*trouble, case))?;
        Ok(rows)
    }

    /// Runs one case.
    pub(super) fn run_case(
        &self,
        undisturbed: &Undisturbed,
        troubles: &[(&MessageRow, Trouble)],
        order: Option<u64>,
        keeps: Keeps,
    ) -> Result<(RunEnd, Shown), TortureError> {
        let count = u32::try_from(troubles.len()).unwrap_or(u32::MAX);
        let limits = undisturbed.limits((self.times.hold.max(self.times.late), count));
        let lab = LabWish { keeps, ..self.lab(Some(limits), order) };
        let named = self.named();
        self.subject.run(&RunWish { lab, times: self.times, troubles, notes: None, named: &named })
    }

    /// Runs one case, and gives what came of it with its trace.
    ///
    /// # Errors
    ///
    /// [`TortureError`], where the undisturbed run has no such message, or what is wanted cannot happen there.
    pub fn case(&self, case: &CaseId) -> Result<Tortured, TortureError> {
        let (undisturbed, _) = self.undisturbed(None, None)?;
        let rows = self.rows(&undisturbed, case)?;
        let (end, shown) = self.run_case(&undisturbed, &rows, case.order, Keeps::All)?;
        let aftermath = undisturbed.judge(end, &rows);
        Ok(Tortured::new(case.clone(), &rows, aftermath, shown))
    }

    /// Runs all cases.
    ///
    /// # Errors
    ///
    /// [`TortureError`], where the program does not fit, the undisturbed run comes to no end, or there are too many runs.
    pub fn run(&self) -> Result<TortureMap, TortureError> {
        self.run_watched(&TortureProgress::new())
    }

    /// Runs all cases, and counts them in `progress`, which another thread may look at.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_watched(&self, progress: &TortureProgress) -> Result<TortureMap, TortureError> {
        let (undisturbed, _) = self.undisturbed(None, None)?;
        let wanted = undisturbed.rows.iter().filter(|row| self.messages.contains(&row.number));
        let at = |row: &MessageRow| {
            let can = self.troubles.iter().filter(|trouble| row.can_have(**trouble).is_ok());
            let message = row.number;
            can.map(|trouble| CaseId::at(message, *trouble)).collect::<Vec<_>>()
        };
        let single: Vec<CaseId> = wanted.flat_map(at).collect();
        let of_orders = self.orders.saturating_mul(single.len() as u64 + 1);
        let (runs, messages) = ((single.len() + self.pairs) as u64, undisturbed.end.messages);
        let runs = runs.saturating_add(of_orders);
        // A run of no message counts, too.
        let all = runs.saturating_mul(messages.max(1));
        if all > self.most {
            return Err(TortureError::TooLong { runs, messages, all, most: self.most });
        }
        let pairs = self.draw_pairs(&single);
        let mut cases = single.clone();
        cases.extend(pairs.iter().cloned());
        for order in 1..=self.orders {
            cases.push(CaseId::default().in_order(order));
            cases.extend(single.iter().map(|case| case.clone().in_order(order)));
        }
        progress.begins(cases.len());
        let aftermaths = self.on_threads(&undisturbed, &cases, progress)?;
        Ok(TortureMap::new(undisturbed, self.troubles.clone(), cases.into_iter().zip(aftermaths).collect()))
    }

    /// Pairs of cases, the second at a later message; none twice.
    fn draw_pairs(&self, single: &[CaseId]) -> Vec<CaseId> {
        let chance = Seed::new(self.seed).stream("pairs of troubles");
        let mut pairs: Vec<CaseId> = Vec::new();
        let mut known = std::collections::HashSet::new();
        let below = |count: usize| usize::try_from(chance.next_u64() % count.max(1) as u64).unwrap_or_default();
        // Where there are few, most are drawn twice.
        for _ in 0..self.pairs.saturating_mul(4) {
            if pairs.len() == self.pairs || single.len() < 2 {
                break;
            }
            let [one, other] = [0; 2].map(|_| single[below(single.len())].troubles[0]);
            let (first, second) = if one.message < other.message { (one, other) } else { (other, one) };
            let pair = CaseId { troubles: vec![first, second], order: None };
            if first.message < second.message && known.insert(pair.clone()) {
                pairs.push(pair);
            }
        }
        pairs
    }

    /// Runs cases on threads, and gives what came of each in their order.
    fn on_threads(
        &self,
        undisturbed: &Undisturbed,
        cases: &[CaseId],
        progress: &TortureProgress,
    ) -> Result<Vec<Aftermath>, TortureError> {
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(cases.len())));
        let work = || {
            let mut own = Vec::new();
            while let Some((place, case)) = next_of(&next, cases) {
                let rows = rows_of(&undisturbed.rows, &case.troubles).unwrap_or_default();
                let run = self.run_case(undisturbed, &rows, case.order, Keeps::Nothing);
                own.push((place, run.map(|(end, _)| undisturbed.judge(end, &rows))));
                progress.is_over();
            }
            lock(&found).extend(own);
        };
        thread::scope(|scope| {
            for _ in 1..self.jobs.min(cases.len()) {
                scope.spawn(work);
            }
            work();
        });
        let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, aftermath)| aftermath).collect()
    }
}

fn next_of<'c>(next: &AtomicUsize, cases: &'c [CaseId]) -> Option<(usize, &'c CaseId)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, cases.get(place)?))
}

impl std::fmt::Debug for Torture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Torture").field("seed", &self.seed).field("troubles", &self.troubles).finish_non_exhaustive()
    }
}

impl Harness {
    /// Tortures a plan in labs with the seed of this one: see [`Torture`]. For each run `make` gets a lab of its own, on which it puts
    /// the devices that the plan needs; those of this lab are not touched.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let map = lab.torture(|lab| plans::rel_scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3)).run()?;
    /// assert_eq!(map.homes()[0].to_string(), "motor 0");
    /// # Ok::<(), skyspan::torture::TortureError>(())
    /// ```
    #[must_use]
    pub fn torture<'a, P: Into<Plan>>(&self, make: impl Fn(&Self) -> P + Send + Sync + 'a) -> Torture<'a> {
        Torture::plan(make).seed(self.seed())
    }
}
