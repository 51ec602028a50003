//! [`Finding`]: what is left, or hangs, in many cases.

use std::fmt;

use rustc_hash::FxHashMap;

use super::excuse::Excuse;
use super::leftover::{Hung, Leftover, Verdict};
use super::rest::Shown;
use super::{Aftermath, CaseId, Trouble};
use crate::value::Value;

/// What is left, or hangs, in some cases.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// By which the cells of the map have it: a capital for what is left, `✗` for what hangs, a small letter for what no plan could help.
    pub mark: char,
    /// What it is, in words.
    pub text: String,
    /// In how many cases.
    pub cases: usize,
    /// In how many cases of one trouble alone, by the trouble.
    pub by_trouble: Vec<(Trouble, usize)>,
    /// The first and the last message at which a trouble alone brings it; nothing where it takes two, or another order.
    pub messages: Option<(u64, u64)>,
    /// The first of the cases.
    pub first: CaseId,
    #[serde(skip)]
    pub(super) alike: Alike,
}

/// What hangs has this mark.
pub(super) const HUNG: char = '✗';
/// What is left has this where there are no letters left.
const LEFT: char = '▲';

/// What makes two cases ones of the same finding.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Alike {
    Left(String),
    Hung(Hung),
    Excused(Excuse),
}

impl Alike {
    pub(super) fn left(leftover: &Leftover) -> Self {
        // Where exactly a device is does not matter.
        Self::Left(leftover.finding(""))
    }
}

/// The cases of one finding, while they are gathered.
struct Gathered {
    alike: Alike,
    cases: usize,
    by_trouble: Vec<(Trouble, usize)>,
    messages: Option<(u64, u64)>,
    first: CaseId,
    found: Found,
    sample: Option<Leftover>,
}

/// Where a device was found.
#[derive(Default)]
struct Found {
    numbers: Option<(f64, f64)>,
    is_of_device: bool,
    texts: Vec<String>,
}

/// So many places are told where they are no numbers.
const PLACES: usize = 3;

impl Finding {
    /// Whether it is that something hangs.
    #[cfg(feature = "page")]
    pub(super) const fn is_of_hanging(&self) -> bool {
        matches!(self.alike, Alike::Hung(_))
    }

    /// All of them: what is left first, the most frequent first; and apart from them what no plan could help.
    pub(super) fn of(cases: &[(CaseId, Aftermath)]) -> (Vec<Self>, Vec<Self>) {
        let (mut all, mut places): (Vec<Gathered>, FxHashMap<Alike, usize>) = Default::default();
        for (case, aftermath) in cases {
            let is_hung = aftermath.verdict == Verdict::Hung;
            let hung = aftermath.hung.iter().filter(|_| is_hung).map(|hung| (Alike::Hung(hung.clone()), None));
            // What is left after something hung is that of somebody who has ended it.
            let left = aftermath.leftovers.iter().filter(|_| !is_hung);
            let left = left.map(|left| (Alike::left(left), Some(left)));
            let excuses = aftermath.excuses().into_iter().filter(|_| !is_hung);
            let excuses = excuses.map(|excuse| (Alike::Excused(excuse), None));
            for (alike, left) in hung.chain(left).chain(excuses) {
                let place = *places.entry(alike.clone()).or_insert_with(|| {
                    all.push(Gathered {
                        alike,
                        cases: 0,
                        by_trouble: Vec::new(),
                        messages: None,
                        first: case.clone(),
                        found: Found::default(),
                        sample: left.cloned(),
                    });
                    all.len() - 1
                });
                all[place].add(case, left);
            }
        }
        all.sort_by_key(|it| (matches!(it.alike, Alike::Hung(_)), std::cmp::Reverse(it.cases)));
        let mut letters = 'A'..='Z';
        let told = all.into_iter().map(|it| {
            let mark = match it.alike {
                Alike::Left(_) => letters.next().unwrap_or(LEFT),
                Alike::Hung(_) => HUNG,
                Alike::Excused(excuse) => excuse.letter(),
            };
            it.tell(mark)
        });
        told.partition(|finding| !matches!(finding.alike, Alike::Excused(_)))
    }
}

impl Gathered {
    fn add(&mut self, case: &CaseId, left: Option<&Leftover>) {
        self.cases += 1;
        if let ([at], None) = (case.troubles.as_slice(), case.order) {
            match self.by_trouble.iter_mut().find(|(trouble, _)| *trouble == at.trouble) {
                Some((_, count)) => *count += 1,
                None => self.by_trouble.push((at.trouble, 1)),
            }
            let (least, greatest) = self.messages.unwrap_or((at.message, at.message));
            self.messages = Some((least.min(at.message), greatest.max(at.message)));
        }
        if let Some(left) = left {
            self.found.add(left);
        }
    }

    fn tell(mut self, mark: char) -> Finding {
        self.by_trouble.sort_by_key(|(trouble, count)| (std::cmp::Reverse(*count), *trouble));
        let text = match (&self.alike, &self.sample) {
            (Alike::Hung(hung), _) => hung.to_string(),
            (Alike::Left(_), Some(left)) => left.finding(&self.found.to_string()),
            (Alike::Left(text), None) => text.clone(),
            (Alike::Excused(excuse), _) => excuse.to_string(),
        };
        let Self { alike, cases, by_trouble, messages, first, .. } = self;
        Finding { mark, text, cases, by_trouble, messages, first, alike }
    }
}

impl Found {
    fn add(&mut self, left: &Leftover) {
        match left.found_number() {
            Some(number) => {
                self.is_of_device = matches!(left, Leftover::Device { .. });
                let (least, greatest) = self.numbers.unwrap_or((number, number));
                self.numbers = Some((least.min(number), greatest.max(number)));
            }
            None => {
                let text = left.found();
                if !self.texts.contains(&text) && self.texts.len() <= PLACES {
                    self.texts.push(text);
                }
            }
        }
    }
}

/// `at 0.5 … 4`, or the places where it was found.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers.map(|(least, greatest)| {
            let [least, greatest] = [least, greatest].map(|number| Shown(&Value::from(number)).to_string());
            let at = if self.is_of_device { "at " } else { "" };
            if least == greatest { format!("{at}{least}") } else { format!("{at}{least} … {greatest}") }
        });
        let texts = self.texts.iter().take(PLACES).cloned();
        let more = (self.texts.len() > PLACES).then(|| "elsewhere".to_owned());
        f.write_str(&numbers.into_iter().chain(texts).chain(more).collect::<Vec<_>>().join(" or "))
    }
}
