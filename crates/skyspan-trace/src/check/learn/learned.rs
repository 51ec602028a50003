//! [`Learned`]: what many good traces have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::clauses::{Clause, clauses};
use super::learn_options::{LearnError, LearnOptions};
use super::noticed::{Examined, KindScore, examine, scores};
use super::rehearsal::{Rehearsal, is_met, read};
use super::rule::{LearnedRule, Support, entry_of};
use super::seen::Seen;
use super::unnoticed::{Unnoticed, unnoticed};
use super::within_seen::WithinSeen;
use crate::check::entry::Entry;
use crate::check::selector::Selector;
use crate::expect::MutationKind;
use crate::pad::to_right;
use crate::trace::Trace;

/// Of what is not noticed so much is listed.
const LISTED_MAX: usize = 20;

/// What many good traces have in common: rules, how many mutants of the traces they notice, and what they would not. Its `Display`
/// is the check file.
#[derive(Clone, Debug)]
#[must_use = "it is only written when it is displayed"]
pub struct Learned {
    pub(super) traces: usize,
    pub(super) false_alarms: f64,
    pub(super) rules: Vec<LearnedRule>,
    pub(super) scores: BTreeMap<MutationKind, KindScore>,
    pub(super) unnoticed: Vec<Unnoticed>,
    pub(super) rehearsal: Rehearsal,
}

/// What good traces of one thing have in common, as a check file: how many spans there are of each kind, where they stand and what
/// comes before what, what their attributes are, how they end and how long they take.
///
/// A rule holds for all traces it was learned from, and is loose: numbers and durations have ranges that are as wide as the number of
/// traces justifies, and of values that vary a type, a pattern or a range is said. What one trace alone has says that there is more of
/// its like, and what would not have held for traces that it was not learned from is given up. Rules come by how many mutants of the
/// traces they [notice](crate::expect::mutate), most first.
///
/// [`Learned::of`] takes options.
///
/// ```
/// use skyspan_trace::check::{CheckFile, learn};
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let at = Timestamp::from_unix_ns;
/// let order = |number: u64| {
///     let part = |id: u64, name: &'static str, from: u64| {
///         Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(from)).end(at(from + 2_000 + 10 * number))
///     };
///     let root = Span::builder("order").trace_id(1).span_id(1).start(at(0)).end(at(10_000)).attribute("number", 17 * number % 7);
///     Trace::from_spans([root.build(), part(2, "reserve", 100).build(), part(3, "charge", 5_000).build()])
/// };
/// let good: Vec<Trace> = (0..12).map(order).collect();
/// let learned = learn(&good)?;
///
/// let file = CheckFile::parse(&learned.to_string())?;
/// good.iter().for_each(|trace| trace.assert(&file));
/// assert!(learned.rules().iter().any(|rule| &*rule.name == "reserve before charge"));
/// assert!(learned.score().share() > 0.9, "{}", learned.summary());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`LearnError`] if there is no trace, or one has no spans.
pub fn learn(traces: &[Trace]) -> Result<Learned, LearnError> {
    Learned::of(traces, &LearnOptions::new())
}

impl Learned {
    /// What some traces have in common, learned with options. See [`learn`].
    ///
    /// # Errors
    ///
    /// [`LearnError`] if there is no trace, or one has no spans.
    pub fn of(traces: &[Trace], options: &LearnOptions) -> Result<Self, LearnError> {
        if traces.is_empty() {
            return Err(LearnError::NoTraces);
        }
        if let Some(place) = traces.iter().position(Trace::is_empty) {
            return Err(LearnError::EmptyTrace { place });
        }
        let seen = Seen::of(traces);
        let rehearsal = Rehearsal::of(traces, options);
        let all = clauses(&seen, options, &rehearsal);
        let selectors: Vec<Selector<'_>> = traces.iter().map(Selector::new).collect();
        let is_loose = |clause: &&Clause| {
            !clause.is_strict
                && !rehearsal.gives_up(clause)
                && read(&entry_of(&[*clause]))
                    .is_some_and(|entry| selectors.iter().all(|selector| is_met(&entry, selector)))
        };
        let (loose, strict): (Vec<&Clause>, Vec<&Clause>) = all.iter().partition(is_loose);
        let mut candidates: Vec<Candidate> = candidates(&loose, &seen);
        let within = WithinSeen::of(&seen, options.times);
        let examine = |candidates: &[Candidate]| {
            let entries: Vec<&Entry> = candidates.iter().map(|candidate| &candidate.entry).collect();
            examine(traces, &entries, &within, options)
        };
        let mut examined = examine(&candidates);
        drop_spare(&mut candidates, &mut examined);
        let mut rules: Vec<LearnedRule> = candidates.into_iter().map(|candidate| candidate.rule).collect();
        for one in &examined {
            one.noticed_by.iter().for_each(|at| rules[*at].noticed += 1);
        }
        // What notices as much stays in the order of the spans.
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.noticed));
        Ok(Self {
            traces: traces.len(),
            false_alarms: options.false_alarms,
            scores: scores(&examined),
            unnoticed: unnoticed(&examined, &seen, &strict, traces),
            rules,
            rehearsal,
        })
    }

    /// The rules, first those that notice most.
    #[must_use]
    pub fn rules(&self) -> &[LearnedRule] {
        &self.rules
    }

    /// The same with those rules alone that somebody wants.
    pub fn only(mut self, wanted: impl FnMut(&LearnedRule) -> bool) -> Self {
        self.rules.retain(wanted);
        self
    }

    /// How many traces it was learned from.
    #[must_use]
    pub fn traces(&self) -> usize {
        self.traces
    }

    /// How many mutants of the traces were made, and what became of them.
    #[must_use]
    pub fn score(&self) -> KindScore {
        self.scores.values().fold(KindScore::default(), |sum, score| sum.and(*score))
    }

    /// The same of each kind of mutants.
    #[must_use]
    pub fn scores(&self) -> &BTreeMap<MutationKind, KindScore> {
        &self.scores
    }

    /// What the rules would not notice, each with the line that would, if there is one.
    #[must_use]
    pub fn unnoticed(&self) -> &[Unnoticed] {
        &self.unnoticed
    }

    /// Of how many traces that were held against what the others teach, and how many of them raised an alarm before what raised it
    /// was given up. Too few traces are not held against each other, and both are 0.
    #[must_use]
    pub fn rehearsed(&self) -> (usize, usize) {
        (self.rehearsal.traces, self.rehearsal.alarms)
    }

    /// What was learned and what would not be noticed, in words and tables.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        let total = self.score();
        let beyond = total.made - total.within_seen;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{} from {}", counted(self.rules.len(), "rule"), counted(self.traces, "trace"));
        out += &self.rehearsal_in_words();
        let within = match total.within_seen {
            0 => String::new(),
            number => format!("; {number} more lie within what was seen"),
        };
        let _ = writeln!(
            out,
            "{} of {} are noticed ({} %){within}\n",
            total.noticed,
            counted(beyond, "mutant"),
            percent(total.noticed, beyond)
        );
        let beyond = |score: &KindScore| score.made - score.within_seen;
        let column = |numbers: &mut dyn Iterator<Item = usize>| {
            numbers.map(|number| number.to_string().len()).max().unwrap_or(0)
        };
        let noticed_width = column(&mut self.scores.values().map(|score| score.noticed));
        let made_width = column(&mut self.scores.values().map(beyond));
        for (kind, score) in &self.scores {
            let noticed = to_right(&score.noticed.to_string(), noticed_width);
            let made = format!("{:<made_width$}", beyond(score));
            let _ = match score.within_seen {
                0 => writeln!(out, "  {noticed} of {made}  {kind}"),
                within => writeln!(out, "  {noticed} of {made}  {kind} ({within} more within what was seen)"),
            };
        }
        // What lies within what was seen, and has no line, is only named.
        let (told, named): (Vec<&Unnoticed>, Vec<&Unnoticed>) =
            self.unnoticed.iter().partition(|what| !what.is_within_seen || what.line.is_some());
        if !told.is_empty() {
            let _ = writeln!(out, "\nwould not be noticed, and the line that would:");
        }
        told.iter().take(LISTED_MAX).for_each(|what| out += &what.in_words());
        if told.len() > LISTED_MAX {
            let _ = writeln!(out, "\n  ⋯ {} more", told.len() - LISTED_MAX);
        }
        if !named.is_empty() {
            let _ = writeln!(out, "\nis so in some of the traces, or lies between them:");
            let names: Vec<&str> = named.iter().map(|what| &*what.what).collect::<BTreeSet<_>>().into_iter().collect();
            names.iter().take(LISTED_MAX).for_each(|name| out += &format!("  {name}\n"));
            if names.len() > LISTED_MAX {
                let _ = writeln!(out, "  ⋯ {} more", names.len() - LISTED_MAX);
            }
        }
        out
    }

    fn rehearsal_in_words(&self) -> String {
        let mut out = String::new();
        let Rehearsal { traces, alarms, given_up, .. } = &self.rehearsal;
        if *traces == 0 {
            return "too few traces to hold some against what the others teach\n".to_owned();
        }
        let _ = write!(out, "of {traces} traces, each held against what the others teach, {alarms} raised an alarm");
        match given_up.len() {
            0 => out.push('\n'),
            number => {
                let _ = writeln!(out, "; given up: {}", if number == 1 { "1 thing" } else { "what raised it" });
                let rules: BTreeSet<&String> = given_up.keys().map(|(rule, _)| rule).collect();
                for rule in rules.into_iter().take(LISTED_MAX) {
                    let keys = given_up.iter().filter(|((of, _), _)| of == rule);
                    let keys: Vec<String> = keys.map(|((_, key), number)| format!("{key} ({number})")).collect();
                    let _ = writeln!(out, "  {rule}: {}", keys.join(", "));
                }
            }
        }
        out
    }

    /// The lines above the list of a file.
    pub(super) fn head(&self) -> String {
        let traces = counted(self.traces, "good trace");
        let about = match self.rehearsal.traces {
            0 => format!("# What {traces} have in common; too few to say how often a good one would raise an alarm."),
            _ => format!(
                "# What {traces} have in common, so loosely that at most {} % of good ones should raise an alarm.",
                short(self.false_alarms * 100.0)
            ),
        };
        format!(
            "version: 1\n{about}\n# An entry that nobody has changed is learned anew by `skyspan learn --into`.\nexpect:\n"
        )
    }
}

/// A rule, and what it takes to check it.
struct Candidate {
    rule: LearnedRule,
    entry: Entry,
    may_be_spare: bool,
}

/// Clauses of one rule together, in the order in which they came.
fn candidates(loose: &[&Clause], seen: &Seen) -> Vec<Candidate> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules: Vec<Vec<&Clause>> = Vec::new();
    for clause in loose {
        let place = *places.entry(&clause.rule).or_insert_with(|| {
            rules.push(Vec::new());
            rules.len() - 1
        });
        rules[place].push(clause);
    }
    let candidate = |clauses: Vec<&Clause>| {
        let text = entry_of(&clauses);
        let entry = read(&text)?;
        let first = clauses.first()?;
        // It was held against all of them.
        let of = match (first.or_none, first.group) {
            (true, Some(group)) => seen.of_group(group).count(),
            _ => seen.traces,
        };
        let rule =
            LearnedRule { name: first.rule.as_str().into(), text, support: Support { holds: of, of }, noticed: 0 };
        Some(Candidate { rule, entry, may_be_spare: clauses.iter().all(|clause| clause.may_be_spare) })
    };
    rules.into_iter().filter_map(candidate).collect()
}

/// Leaves out what may say the same as others, and notices nothing that those do not.
fn drop_spare(candidates: &mut Vec<Candidate>, examined: &mut [Examined]) {
    let mut is_kept: Vec<bool> = candidates.iter().map(|candidate| !candidate.may_be_spare).collect();
    let mut is_noticed: Vec<bool> = examined.iter().map(|one| one.noticed_by.iter().any(|at| is_kept[*at])).collect();
    loop {
        let gain = |at: usize| {
            examined.iter().zip(&is_noticed).filter(|(one, known)| !**known && one.noticed_by.contains(&at)).count()
        };
        let best = (0..candidates.len()).filter(|at| !is_kept[*at]).map(|at| (gain(at), std::cmp::Reverse(at))).max();
        let Some((1.., std::cmp::Reverse(at))) = best else { break };
        is_kept[at] = true;
        for (one, known) in examined.iter().zip(&mut is_noticed) {
            *known |= one.noticed_by.contains(&at);
        }
    }
    let mut place = 0;
    let places: Vec<Option<usize>> = is_kept
        .iter()
        .map(|is_kept| {
            is_kept.then(|| {
                place += 1;
                place - 1
            })
        })
        .collect();
    for one in examined.iter_mut() {
        one.noticed_by = one.noticed_by.iter().filter_map(|at| places[*at]).collect();
    }
    let mut at = 0;
    candidates.retain(|_| {
        at += 1;
        is_kept[at - 1]
    });
}

/// The check file: a rule an entry, with a comment above each that says in how many traces it holds and what it notices.
impl fmt::Display for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head())?;
        self.rules.iter().try_for_each(|rule| f.write_str(&rule.with_comment()))
    }
}

impl Unnoticed {
    /// What it is, and the line that would notice it.
    fn in_words(&self) -> String {
        let mut out = format!("\n  {}", self.what);
        if self.number > 1 {
            out += &format!(" ({} mutants)", self.number);
        }
        if self.is_within_seen {
            out += ", as in some of the traces";
        }
        out.push('\n');
        match (&self.line, self.support) {
            (Some(line), Some(Support { holds, of })) => {
                out += &format!("    {line}\n");
                if holds < of {
                    out += &format!("    which holds in {holds} of {of}\n");
                }
            }
            _ => out += "    no line about these spans; `shape: {file: FILE, times: false}` may\n",
        }
        out
    }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Only all of them are 100 %.
fn percent(part: usize, whole: usize) -> usize {
    match whole {
        0 => 0,
        _ if part == whole => 100,
        _ => ((part * 200 + whole) / (2 * whole)).min(99),
    }
}

fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
