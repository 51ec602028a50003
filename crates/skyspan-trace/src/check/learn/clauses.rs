//! [`Clause`]: one thing that is said of a kind of spans; loosely, or strictly and kept back.

use std::collections::{BTreeMap, BTreeSet};

use super::event_clauses::EventsSaid;
use super::learn_options::LearnOptions;
use super::noise::{median, noise_ns};
use super::orders::orders;
use super::rehearsal::Rehearsal;
use super::resource_clauses::resource_subject;
use super::seen::{GroupSeen, Neighbour, Seen};
use super::span_group::SpanGroup;
use super::tolerance::{TRACES_MIN, lower, upper};
use super::yaml_text::{in_quotes, word};
use crate::trace::exact_duration;
use crate::value::Text;

/// One thing that is said of a kind of spans.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Clause {
    /// What the rule is called that it is a part of.
    pub(super) rule: String,
    /// The group it is about, if it is about one.
    pub(super) group: Option<usize>,
    /// The query that selects the spans.
    pub(super) query: String,
    pub(super) said: Said,
    /// Whether there may be no such spans.
    pub(super) or_none: bool,
    /// Whether it says more than the traces justify: it is kept back.
    pub(super) is_strict: bool,
    /// Whether it may say what another does: it is left out unless it notices more.
    pub(super) may_be_spare: bool,
}

impl Said {
    fn about(&self) -> String {
        match self {
            Self::Count(_) => "count".to_owned(),
            Self::Each(key, _) => (*key).to_owned(),
            Self::Attribute(key, _) | Self::Resource(key, _) => key.to_string(),
            Self::Events(events) => events.about(),
            Self::Order(_) => "before".to_owned(),
        }
    }
}

/// What is said, as text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Said {
    Count(String),
    /// A key of what each is, and what stands behind it.
    Each(&'static str, String),
    /// An attribute and what it is.
    Attribute(Text, String),
    /// An attribute of the resource and what it is.
    Resource(Text, String),
    /// What events each has.
    Events(EventsSaid),
    /// The query of those that come after all of these.
    Order(String),
}

impl Clause {
    /// What it is about.
    pub(super) fn subject(&self) -> Subject {
        match &self.said {
            // It is said of all spans or of those of one kind, as others have it, too, or not.
            Said::Resource(key, _) => resource_subject(key),
            said => (self.rule.clone(), said.about()),
        }
    }
}

/// All clauses, loose and strict ones.
///
/// What a rehearsal has shown to be too narrow is wider.
pub(super) fn clauses(seen: &Seen, options: &LearnOptions, rehearsal: &Rehearsal) -> Vec<Clause> {
    let ranges = ranges(seen);
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let chance = options.false_alarms / (2 * ranges.max(1)) as f64;
    let noise_ns = noise_ns(seen, options.false_alarms);
    let mut all = ClauseList { seen, all: Vec::new(), chance, rehearsal, noise_ns, options };
    all.no_others();
    all.resources();
    for group in 0..seen.groups.len() {
        all.of_group(group);
    }
    for (before, after) in orders(seen) {
        all.order(before, after);
    }
    all.all
}

/// How many things have a range that the next trace may lie outside of.
fn ranges(seen: &Seen) -> usize {
    let of_group = |group: usize| {
        let counts: BTreeSet<usize> = seen.counts(group).into_iter().collect();
        let of_spans = seen.values[group].values();
        let values = of_spans.chain(seen.event_values[group].values()).filter(|values| values.has_range()).count();
        1 + usize::from(counts.len() > 1) + values
    };
    (0..seen.groups.len()).map(of_group).sum()
}

/// The clauses that are made, one after another.
pub(super) struct ClauseList<'s> {
    pub(super) seen: &'s Seen,
    pub(super) all: Vec<Clause>,
    /// By which chance the next trace may lie outside of one end of one range.
    chance: f64,
    pub(super) rehearsal: &'s Rehearsal,
    /// How much longer than usual any span may take now and then.
    noise_ns: f64,
    options: &'s LearnOptions,
}

/// What a clause is about, by which it is known again when it is learned from other traces: its rule, and what is said there.
pub(super) type Subject = (String, String);

/// By how much smaller the chance is of ranges that were too narrow once.
const WIDER: f64 = 100.0;

impl ClauseList<'_> {
    pub(super) fn group(&self, group: usize) -> &SpanGroup {
        self.seen.groups.get(group)
    }

    pub(super) fn say(&mut self, group: usize, aspect: &str, said: Said, is_strict: bool) {
        let (label, query) = (&self.group(group).label, self.group(group).query());
        let or_none = self.seen.counts(group).contains(&0);
        let rule = format!("{label}: {aspect}");
        self.all.push(Clause { rule, group: Some(group), query, said, or_none, is_strict, may_be_spare: false });
    }

    /// No span is of another kind than those that were seen.
    fn no_others(&mut self) {
        let groups = &self.seen.groups;
        if groups.is_cut() || groups.len() == 0 {
            return;
        }
        let conditions: Vec<String> =
            groups.all().iter().map(|group| group.no_such_name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        // A kind that one trace alone has says that there are more.
        let is_open = self.seen.traces > 1 && (0..groups.len()).any(|group| self.seen.of_group(group).count() == 1);
        self.all.push(Clause {
            rule: "no other spans".to_owned(),
            group: None,
            query: format!("{{ {} }}", conditions.join(" && ")),
            said: Said::Count("0".to_owned()),
            or_none: false,
            is_strict: is_open,
            may_be_spare: false,
        });
    }

    fn of_group(&mut self, group: usize) {
        self.how_many(group);
        self.place(group);
        self.children(group);
        self.outcome(group);
        self.attributes(group);
        if self.options.times {
            self.duration(group);
        }
        self.events(group);
        self.links(group);
        self.previous(group);
    }

    /// The chance that the next trace leaves the range of something.
    pub(super) fn chance_of(&self, group: usize, aspect: &str, about: &str) -> f64 {
        let subject = (format!("{}: {aspect}", self.group(group).label), about.to_owned());
        if self.rehearsal.wider.contains(&subject) { self.chance / WIDER } else { self.chance }
    }

    pub(super) fn is_given_up(&self, group: usize, aspect: &str, about: &str) -> bool {
        let subject = (format!("{}: {aspect}", self.group(group).label), about.to_owned());
        self.rehearsal.given_up.contains_key(&subject)
    }

    fn how_many(&mut self, group: usize) {
        let counts = self.seen.counts(group);
        let chance = self.chance_of(group, "how many", "count");
        self.say(group, "how many", Said::Count(numbers(&counts, chance)), false);
        let different: BTreeSet<usize> = counts.into_iter().collect();
        if different.len() > 1 {
            for number in different.into_iter().take(COUNTS_MAX) {
                self.say(group, "how many", Said::Count(number.to_string()), true);
            }
        }
    }

    /// What it stands below.
    fn place(&mut self, group: usize) {
        let places: BTreeMap<Neighbour, usize> = traces_of(self.seen.of_group(group), |seen| &seen.places);
        let is_strict = is_open(&places, self.seen.of_group(group).count());
        let places: Vec<Neighbour> = places.into_keys().collect();
        match places[..] {
            [Neighbour::None] => self.say(group, "where", Said::Each("root", "true".to_owned()), is_strict),
            _ => {
                if let Some(query) = self.query_of(&places) {
                    self.say(group, "where", Said::Each("parent", in_quotes(&query)), is_strict);
                }
            }
        }
    }

    /// The query of some groups; nothing if one of them is none.
    fn query_of(&self, neighbours: &[Neighbour]) -> Option<String> {
        let conditions = neighbours.iter().map(|neighbour| match neighbour {
            Neighbour::OfGroup(group) => Some(self.group(*group).condition.clone()),
            Neighbour::None | Neighbour::Stranger => None,
        });
        let conditions: Vec<String> = conditions.collect::<Option<_>>()?;
        let in_brackets = |condition: &String| {
            if condition.contains("&&") { format!("({condition})") } else { condition.clone() }
        };
        match &conditions[..] {
            [] => None,
            [one] => Some(format!("{{ {one} }}")),
            several => Some(format!("{{ {} }}", several.iter().map(in_brackets).collect::<Vec<_>>().join(" || "))),
        }
    }

    fn children(&mut self, group: usize) {
        let of_children: BTreeSet<usize> =
            self.seen.of_group(group).flat_map(|seen| seen.children.keys().copied()).collect();
        for child in of_children {
            let in_trace = |seen: &GroupSeen| seen.children.get(&child).copied().unwrap_or((0, 0));
            let least: Vec<usize> = self.seen.of_group(group).map(|seen| in_trace(seen).0).collect();
            let most: Vec<usize> = self.seen.of_group(group).map(|seen| in_trace(seen).1).collect();
            let both: Vec<usize> = least.iter().chain(&most).copied().collect();
            let is_constant = min(&both) == max(&both);
            let aspect = format!("its {}", self.group(child).label);
            let (said, strict) = if is_constant {
                (min(&both).to_string(), None)
            } else {
                // One number for each trace: what varies within one does not tell how traces vary.
                let chance = self.chance_of(group, &aspect, "child");
                let (low, high) = (numbers(&least, chance), numbers(&most, chance));
                let first = |text: &str| text.split("..=").next().and_then(|text| text.parse().ok()).unwrap_or(0);
                let last =
                    |text: &str| text.rsplit("..=").next().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
                (range(first(&low), last(&high)), Some(range(min(&least), max(&most))))
            };
            let of_child = self.group(child).said.clone();
            let child_is = |times: &str| Said::Each("child", format!("{{{of_child}, times: {times}}}"));
            self.say(group, &aspect, child_is(&said), false);
            if let Some(last) = self.all.last_mut() {
                last.may_be_spare = true;
            }
            if let Some(strict) = strict.filter(|strict| *strict != said) {
                self.say(group, &aspect, child_is(&strict), true);
            }
        }
    }

    /// Status, kind, and whether it ends.
    fn outcome(&mut self, group: usize) {
        let statuses = traces_of(self.seen.of_group(group), |seen| &seen.statuses);
        let kinds = traces_of(self.seen.of_group(group), |seen| &seen.kinds);
        if let ([status], false) = (&statuses.keys().copied().collect::<Vec<_>>()[..], statuses.is_empty()) {
            self.say(group, "how it ends", Said::Each("status", (*status).to_owned()), false);
        }
        if let [kind] = kinds.keys().copied().collect::<Vec<_>>()[..] {
            self.say(group, "how it ends", Said::Each("kind", kind.to_owned()), false);
        }
        if self.seen.of_group(group).all(|seen| !seen.has_open) {
            self.say(group, "how it ends", Said::Each("ended", "true".to_owned()), false);
        }
    }

    fn attributes(&mut self, group: usize) {
        let of_group = || self.seen.of_group(group);
        let traces = of_group().count();
        let mut is_open = false;
        let mut said = Vec::new();
        for (key, values) in &self.seen.values[group] {
            let with_it = of_group().filter(|seen| seen.keys.contains_key(key)).count();
            is_open |= with_it == 1 && traces > 1;
            let chance = self.chance_of(group, "attributes", key);
            // Values of which others were not all are of a type, and no more is said.
            let loose =
                if self.is_given_up(group, "attributes", key) { values.of_type() } else { values.loose(Some(chance)) };
            let strict = values.strict();
            if self.seen.always_has(group, key) {
                let loose = loose.unwrap_or_else(|| "{present: true}".to_owned());
                said.push((key.clone(), loose.clone(), false));
                said.extend(strict.filter(|strict| *strict != loose).map(|strict| (key.clone(), strict, true)));
            } else {
                said.push((key.clone(), strict.unwrap_or_else(|| "{present: true}".to_owned()), true));
            }
        }
        for (key, said, is_strict) in said {
            self.say(group, "attributes", Said::Attribute(key, said), is_strict);
        }
        let keys: Vec<String> = self.seen.values[group].keys().map(|key| word(key)).collect();
        self.say(group, "attributes", Said::Each("only_attributes", format!("[{}]", keys.join(", "))), is_open);
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a tolerance is a rounded one")]
    fn duration(&mut self, group: usize) {
        if self.seen.of_group(group).any(|seen| seen.has_open) {
            return;
        }
        let durations: Option<Vec<(i128, i128)>> = self.seen.of_group(group).map(|seen| seen.durations).collect();
        let Some(durations) = durations.filter(|all| all.iter().all(|(least, _)| *least >= 0)) else { return };
        let (least, most): (Vec<i128>, Vec<i128>) = durations.into_iter().unzip();
        let (seen_least, seen_most) =
            (least.iter().copied().min().unwrap_or(0), most.iter().copied().max().unwrap_or(0));
        if seen_most == 0 {
            return self.say(group, "how long", Said::Each("duration", "..=100 us".to_owned()), false);
        }
        let chance = self.chance_of(group, "how long", "duration");
        let logarithms = |all: &[i128]| -> Vec<f64> { all.iter().map(|ns| ((*ns).max(1) as f64).ln()).collect() };
        let (from, to) = match self.options.tolerance {
            Some(part) => {
                let part = part.min(1e6);
                (seen_least as f64 * (1.0 - part).max(0.0), seen_most as f64 * (1.0 + part))
            }
            None => match (lower(&logarithms(&least), chance), upper(&logarithms(&most), chance)) {
                (Some(from), Some(to)) => {
                    let usual: Vec<f64> = most.iter().map(|ns| *ns as f64).collect();
                    let at_times = median(&usual).unwrap_or(0.0) + self.noise_ns;
                    let factor = beyond_factor(least.len());
                    let to = to.exp().max(seen_most as f64 * factor).max(at_times).min(MOST_NS);
                    (from.exp().min(seen_least as f64 / factor), to)
                }
                _ => (seen_least as f64 / FEW_FACTOR, seen_most as f64 * FEW_FACTOR),
            },
        };
        let (from, to) = (two_digits(from, f64::floor) as i128, two_digits(to, f64::ceil) as i128);
        let loose = match from {
            0 => format!("..={}", exact_duration(to)),
            from => format!("{}..={}", exact_duration(from), exact_duration(to)),
        };
        // Where others tell how they vary, what few traces have tells nothing.
        let is_strict = self.options.tolerance.is_none() && least.len() < TRACES_MIN && self.seen.traces >= TRACES_MIN;
        self.say(group, "how long", Said::Each("duration", loose), is_strict);
        let strict = format!("{}..={}", exact_duration(seen_least), exact_duration(seen_most));
        self.say(group, "how long", Said::Each("duration", strict), true);
    }

    /// What comes right before it, of those with the same parent, where they come one after another.
    fn previous(&mut self, group: usize) {
        if self.seen.of_group(group).any(|seen| seen.has_overlap) {
            return;
        }
        let previous = traces_of(self.seen.of_group(group), |seen| &seen.previous);
        // What is alone has nobody beside it, and says nothing.
        if previous.is_empty() || previous.len() > PREVIOUS_MAX {
            return;
        }
        let is_strict = is_open(&previous, self.seen.of_group(group).count());
        let is_first_sometimes = previous.contains_key(&Neighbour::None);
        let others: Vec<Neighbour> = previous.into_keys().filter(|before| *before != Neighbour::None).collect();
        let said = match (is_first_sometimes, self.query_of(&others)) {
            (true, None) if others.is_empty() => Said::Each("no_previous_sibling", "'{}'".to_owned()),
            (true, Some(query)) => Said::Each("no_previous_sibling", format!("{{but: {}}}", in_quotes(&query))),
            (false, Some(query)) => Said::Each("previous_sibling", in_quotes(&query)),
            _ => return,
        };
        self.say(group, "what comes before", said, is_strict);
        if let Some(last) = self.all.last_mut() {
            last.may_be_spare = true;
        }
    }

    fn order(&mut self, before: usize, after: usize) {
        let (first, second) = (self.group(before), self.group(after));
        let either_may_lack = [before, after].iter().any(|group| self.seen.counts(*group).contains(&0));
        self.all.push(Clause {
            rule: format!("{} before {}", first.label, second.label),
            group: Some(before),
            query: first.query(),
            said: Said::Order(second.query()),
            or_none: either_may_lack,
            is_strict: false,
            may_be_spare: false,
        });
    }
}

/// More different spans before one say that anything may be there.
const PREVIOUS_MAX: usize = 4;
/// Of a number that varies so many are said strictly.
const COUNTS_MAX: usize = 8;
/// How much longer or shorter something may take where few traces do not tell.
const FEW_FACTOR: f64 = 1.9;
/// A bound is no longer than a year.
const MOST_NS: f64 = 3.2e16;

/// By which factor at least the next duration may lie beyond the longest and the shortest of so many. Of N durations the next is
/// longer than all about once in N + 1 times, and by how much is not known: so the range is the wider, the fewer there are. At least a
/// twentieth, as no clock is better.
#[expect(clippy::cast_precision_loss, reason = "there are few")]
fn beyond_factor(durations: usize) -> f64 {
    1.0 + (6.0 / durations.max(1) as f64).max(0.05)
}

/// In how many traces each of some things was seen.
pub(super) fn traces_of<'s, T: Ord + Clone + 's>(
    groups: impl Iterator<Item = &'s GroupSeen>,
    of: impl Fn(&'s GroupSeen) -> &'s BTreeSet<T>,
) -> BTreeMap<T, usize> {
    let mut all = BTreeMap::new();
    groups.flat_map(|seen| of(seen).iter()).for_each(|thing| *all.entry(thing.clone()).or_default() += 1);
    all
}

/// Whether one of several things was seen in one trace alone: it says that there are more.
fn is_open<T>(things: &BTreeMap<T, usize>, traces: usize) -> bool {
    traces > 1 && things.len() > 1 && things.values().any(|number| *number == 1)
}

/// How many something is, loosely.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "they are few, and not negative"
)]
fn numbers(numbers: &[usize], chance: f64) -> String {
    let (least, most) = (min(numbers), max(numbers));
    if least == most {
        return least.to_string();
    }
    let times = |number: usize| numbers.iter().filter(|other| **other == number).count();
    let as_floats: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
    // What several traces have at most is the most that there is.
    let to = match times(most) {
        1 => upper(&as_floats, chance).map_or(2 * most, |to| (to.ceil() as usize).max(most)),
        _ => most,
    };
    let from = match times(least) {
        1 => lower(&as_floats, chance).map_or(0, |from| from.floor().max(0.0) as usize),
        _ => least,
    };
    range(from, to)
}

fn min(numbers: &[usize]) -> usize {
    numbers.iter().copied().min().unwrap_or(0)
}

fn max(numbers: &[usize]) -> usize {
    numbers.iter().copied().max().unwrap_or(0)
}

fn range(from: usize, to: usize) -> String {
    match (from, to) {
        (from, to) if from == to => from.to_string(),
        (0, to) => format!("..={to}"),
        (from, to) => format!("{from}..={to}"),
    }
}

/// A number with two digits.
fn two_digits(number: f64, round: fn(f64) -> f64) -> f64 {
    if number < 10.0 {
        return round(number.max(0.0));
    }
    let unit = 10_f64.powf(number.log10().floor() - 1.0);
    round(number / unit) * unit
}
