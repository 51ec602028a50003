//! What a query means, word for word: every question is asked of every span, of every pair of spans, of every event, and
//! nothing is remembered. It follows `query::reference`, not the code.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use skyspan_trace::trace::{SpanKind, SpanRef, Status, Trace};

use super::asked::{Ex, Literal, Stage, Tree};
use super::mentions::{Mention, Part, flatten, has_or, is_attribute, is_event_field, joined, mentions, mirrored};
use super::values::{Answer, Refused, V, attribute, compared, computed, holds, literal, number, same_type};

pub(crate) struct Naive<'a> {
    trace: &'a Trace,
    mentions: Vec<(&'static str, Mention)>,
    is_joint: bool,
}

/// What was found so far: spans, and what makes a set differ from others.
pub(crate) type Sets = Vec<(BTreeSet<usize>, Vec<String>)>;

impl<'a> Naive<'a> {
    pub(crate) fn new(trace: &'a Trace, stages: &[Stage]) -> Self {
        let (mut found, mut is_joint) = (Vec::new(), true);
        for stage in stages {
            match stage {
                Stage::Select(tree) => {
                    let mut all = vec![tree];
                    while let Some(tree) = all.pop() {
                        match tree {
                            Tree::Filter(ex) => {
                                is_joint &= !has_or(ex);
                                mentions(ex, &mut found);
                            }
                            Tree::Both(left, _, right) => {
                                is_joint = false;
                                all.extend([&**left, &**right]);
                            }
                        }
                    }
                }
                Stage::Measure(_, field, ..) => {
                    is_joint = false;
                    found.extend(field.map(|field| (field, Mention::Whole)));
                }
                Stage::Group(ex) => {
                    is_joint = false;
                    mentions(ex, &mut found);
                }
                Stage::Coalesce => {}
            }
        }
        is_joint &= !found.iter().any(|(field, _)| field.starts_with('.'));
        Self { trace, mentions: found, is_joint }
    }

    fn root(&self, span: SpanRef<'_>) -> Option<SpanRef<'a>> {
        let mut roots: Vec<_> = self
            .trace
            .spans()
            .filter(|other| other.trace_id() == span.trace_id() && other.parent_id().is_none())
            .collect();
        roots.sort_by_key(|root| root.start());
        roots.first().copied()
    }

    /// Whether parents lead from a span to one without a parent.
    fn is_connected(&self, span: SpanRef<'_>) -> bool {
        let mut at = span.index();
        for _ in 0..=self.trace.len() {
            let here = self.trace.spans().nth(at).unwrap();
            match here.parent_id() {
                None => return true,
                Some(_) => match self.parent(here) {
                    Some(parent) => at = parent,
                    None => return false,
                },
            }
        }
        false
    }

    fn parent(&self, span: SpanRef<'_>) -> Option<usize> {
        let parent_id = span.parent_id()?;
        self.trace
            .spans()
            .find(|other| other.trace_id() == span.trace_id() && other.span_id() == parent_id)
            .map(|parent| parent.index())
    }

    /// Left, right and the left of the parent, by going through the tree.
    fn nested(&self, span: SpanRef<'_>) -> (i64, i64) {
        fn walk(
            naive: &Naive<'_>,
            at: usize,
            parent_left: i64,
            next: &mut i64,
            found: &mut BTreeMap<usize, (i64, i64)>,
        ) {
            let left = *next;
            found.insert(at, (left, parent_left));
            *next += 1;
            for child in naive.trace.spans().filter(|child| naive.parent(*child) == Some(at)) {
                walk(naive, child.index(), left, next, found);
            }
            *next += 1;
        }
        let (mut next, mut found) = (1, BTreeMap::new());
        for root in self.trace.spans().filter(|root| root.trace_id() == span.trace_id() && root.parent_id().is_none()) {
            walk(self, root.index(), -1, &mut next, &mut found);
        }
        found.get(&span.index()).copied().unwrap_or((0, 0))
    }

    /// What a field of a span is, whatever is asked of it; not of events.
    fn raw(&self, field: &str, span: SpanRef<'_>) -> V {
        let resource = |key: &str| attribute(span.resource().attributes.get(key));
        let ns = |ns: i128| V::Ns(i64::try_from(ns).unwrap());
        match field {
            "name" => V::Str(span.name().to_owned()),
            "statusMessage" => V::Str(span.status().description().unwrap_or("").to_owned()),
            "rootName" => V::Str(self.root(span).map_or(String::new(), |root| root.name().to_owned())),
            "span:id" => V::Str(span.span_id().to_string()),
            "status" => V::Status(
                match span.status() {
                    Status::Unset => "unset",
                    Status::Ok => "ok",
                    Status::Error { .. } => "error",
                }
                .to_owned(),
            ),
            "kind" => V::Kind(
                match span.kind() {
                    SpanKind::Server => "server",
                    SpanKind::Client => "client",
                    _ => "internal",
                }
                .to_owned(),
            ),
            "duration" => span.signed_duration_ns().map_or(V::Nil, ns),
            "traceDuration" => {
                let all = || self.trace.spans().filter(|other| other.trace_id() == span.trace_id());
                let start = all().map(|other| other.start()).min().unwrap();
                let end = all().map(|other| other.end().unwrap_or(other.start())).max().unwrap();
                ns(end.signed_ns_since(start))
            }
            "span:childCount" => {
                let children = self.trace.spans().filter(|child| self.parent(*child) == Some(span.index()));
                V::Int(i64::try_from(children.count()).unwrap())
            }
            "nestedSetLeft" => V::Int(self.nested(span).0),
            "nestedSetParent" => V::Int(self.nested(span).1),
            _ => match field.split_once('.').unwrap() {
                ("span", key) => attribute(span.attr(key)),
                ("resource", key) => resource(key),
                (_, key) => span.attr(key).map_or_else(|| resource(key), |value| attribute(Some(value))),
            },
        }
    }

    fn of_event(field: &str, span: SpanRef<'_>, at: usize) -> V {
        let event = &span.events()[at];
        match field {
            "event:name" => V::Str(event.name.to_string()),
            "event:timeSinceStart" => V::Ns(i64::try_from(event.timestamp.signed_ns_since(span.start())).unwrap()),
            _ => attribute(event.attributes.get("v")),
        }
    }

    fn asked(&self, field: &str) -> impl Iterator<Item = &Mention> {
        self.mentions.iter().filter(move |(of, _)| *of == field).map(|(_, mention)| mention)
    }

    /// Whether one thing that is asked takes a single value: a literal its own type alone, where the field is an attribute.
    fn takes(field: &str, mention: &Mention, value: &V) -> bool {
        let is_strict = is_attribute(field) || field.starts_with("event.");
        match mention {
            Mention::Whole => !matches!(value, V::Nil | V::Odd),
            Mention::Missing => *value == V::Nil,
            Mention::All(all) => all.iter().all(|(sign, against)| {
                let against = literal(against);
                match value {
                    // A time before its span has no sign in the store.
                    V::Ns(time) if field == "event:timeSinceStart" && *time < 0 => match sign {
                        &">" | &">=" | &"!=" => true,
                        &"=" => against == *value,
                        _ => false,
                    },
                    value => (!is_strict || same_type(value, &against)) && holds(value, sign, &against),
                }
            }),
        }
    }

    /// What is read of a field of a span.
    fn read(&self, field: &str, span: SpanRef<'_>) -> Option<V> {
        if is_event_field(field) {
            return self.picked(field, span);
        }
        let value = self.raw(field, span);
        if !is_attribute(field) || self.asked(field).any(|mention| *mention == Mention::Whole) {
            return Some(value);
        }
        Some(self.taken(field, value))
    }

    /// Of a value what one of the things that are asked takes; of a list the elements.
    fn taken(&self, field: &str, value: V) -> V {
        let is_taken = |value: &V| self.asked(field).any(|mention| Self::takes(field, mention, value));
        match value {
            V::List(all) => match all.into_iter().filter(is_taken).collect::<Vec<_>>() {
                none if none.is_empty() => V::Odd,
                mut one if one.len() == 1 => one.remove(0),
                some => V::List(some),
            },
            V::Nil => V::Nil,
            value if is_taken(&value) => value,
            _ => V::Odd,
        }
    }

    /// Of the events that are read the first that has something which is asked for.
    fn picked(&self, field: &str, span: SpanRef<'_>) -> Option<V> {
        let fields: BTreeSet<&str> =
            self.mentions.iter().map(|(field, _)| *field).filter(|field| is_event_field(field)).collect();
        let read = |field: &str, at: usize| {
            let value = Self::of_event(field, span, at);
            let scalars = match &value {
                V::List(all) => all.clone(),
                one => vec![one.clone()],
            };
            let mut taken = self.asked(field).map(|mention| match mention {
                Mention::All(_) => scalars.iter().any(|one| Self::takes(field, mention, one)),
                mention => Self::takes(field, mention, &value),
            });
            let is_read = if self.is_joint && field.contains(':') { taken.all(|is| is) } else { taken.any(|is| is) };
            let is_whole = field.contains(':') || self.asked(field).any(|mention| *mention == Mention::Whole);
            is_read.then(|| if is_whole { value } else { self.taken(field, value) })
        };
        let events = 0..span.events().len();
        let mut read_ones = events.filter(|at| !self.is_joint || fields.iter().all(|field| read(field, *at).is_some()));
        let first = read_ones.find_map(|at| read(field, at));
        let is_whole = self.asked(field).any(|mention| *mention == Mention::Whole);
        first.or_else(|| match field {
            // Where all of it is read, a span without events has something empty.
            "event:name" if is_whole && fields.len() == 1 && self.asked(field).count() == 1 => {
                Some(V::Str(String::new()))
            }
            "event:timeSinceStart" if is_whole && fields.len() == 1 && self.asked(field).count() == 1 => Some(V::Ns(0)),
            _ => None,
        })
    }

    fn value(&self, ex: &Ex, span: SpanRef<'_>, is_strict: bool) -> Answer<V> {
        let truth = |truth: bool| Ok(V::Bool(truth));
        match ex {
            Ex::Literal(of) => Ok(literal(of)),
            Ex::Field(field) => Ok(self.read(field, span).unwrap_or(V::Nil)),
            Ex::Nil(field, is_nil) => {
                let value = if is_event_field(field) { self.read(field, span) } else { Some(self.raw(field, span)) };
                truth(
                    value
                        .is_some_and(|value| if *is_nil { value == V::Nil } else { !matches!(value, V::Nil | V::Odd) }),
                )
            }
            Ex::Compare(field, sign, against, is_left) => {
                let value = self.read(field, span).unwrap_or(V::Nil);
                truth(compared(&value, mirrored(sign, *is_left), &literal(against))?)
            }
            Ex::CompareAny(left, sign, right) => {
                let (left, right) = (self.value(left, span, is_strict)?, self.value(right, span, is_strict)?);
                truth(compared(&left, sign, &right)?)
            }
            Ex::Arithmetic(left, sign, right) => {
                computed(&self.value(left, span, is_strict)?, sign, &self.value(right, span, is_strict)?)
            }
            Ex::Negative(of) => match self.value(of, span, is_strict)? {
                V::Int(number) => Ok(V::Int(-number)),
                V::Float(number) => Ok(V::Float(-number)),
                V::Ns(number) => Ok(V::Ns(-number)),
                V::Nil | V::Odd if !is_strict => Ok(V::Nil),
                _ => Err(Refused),
            },
            Ex::Not(of) => match self.value(of, span, is_strict)? {
                V::Bool(of) => truth(!of),
                V::Nil | V::Odd if !is_strict => Ok(V::Nil),
                _ => Err(Refused),
            },
            Ex::And(_) => {
                let mut chain = Vec::new();
                flatten(ex, &mut chain);
                for part in joined(&chain) {
                    let is_met = match part {
                        Part::Other(part) => self.value(part, span, is_strict)? == V::Bool(true),
                        Part::Joined(field, all) => {
                            let value = self.read(field, span).unwrap_or(V::Nil);
                            // Of a list all elements must be unlike all of them.
                            let elements = if let V::List(all) = value { all } else { vec![value] };
                            elements
                                .iter()
                                .all(|value| all.iter().all(|(sign, against)| holds(value, sign, &literal(against))))
                        }
                    };
                    if !is_met {
                        return truth(false);
                    }
                }
                truth(true)
            }
            Ex::Or(parts) => {
                for part in parts {
                    if self.value(part, span, is_strict)? == V::Bool(true) {
                        return truth(true);
                    }
                }
                truth(false)
            }
        }
    }

    /// Whether a span meets one of all the things that are asked, each by itself.
    fn meets_any(&self, span: SpanRef<'_>) -> bool {
        self.mentions.iter().any(|(field, mention)| {
            let values: Vec<V> = if is_event_field(field) {
                (0..span.events().len()).map(|at| Self::of_event(field, span, at)).collect()
            } else {
                vec![self.raw(field, span)]
            };
            if *field == "event:timeSinceStart"
                && let Mention::All(all) = mention
            {
                // The first that is let in without its sign is held against the condition with it.
                return values
                    .iter()
                    .find(|value| Self::takes(field, mention, value))
                    .is_some_and(|value| all.iter().all(|(sign, against)| holds(value, sign, &literal(against))));
            }
            values.iter().any(|value| match (value, mention) {
                (V::List(all), Mention::All(_)) => all.iter().any(|one| Self::takes(field, mention, one)),
                (value, mention) => Self::takes(field, mention, value),
            })
        })
    }

    fn span(&self, at: usize) -> SpanRef<'a> {
        self.trace.spans().nth(at).unwrap()
    }

    fn is_ancestor(&self, above: usize, below: usize) -> bool {
        let mut at = self.parent(self.span(below));
        for _ in 0..self.trace.len() {
            match at {
                Some(here) if here == above => return true,
                Some(here) => at = self.parent(self.span(here)),
                None => return false,
            }
        }
        false
    }

    /// Whether the right span is to the left one what a sign says.
    fn is_kin(&self, left: usize, sign: &str, right: usize) -> bool {
        if !self.is_connected(self.span(left)) || !self.is_connected(self.span(right)) {
            return false;
        }
        match sign {
            ">" => self.parent(self.span(right)) == Some(left),
            "<" => self.parent(self.span(left)) == Some(right),
            ">>" => self.is_ancestor(left, right),
            "<<" => self.is_ancestor(right, left),
            _ => left != right && self.parent(self.span(left)) == self.parent(self.span(right)),
        }
    }

    fn select(&self, tree: &Tree, given: &BTreeSet<usize>) -> Answer<BTreeSet<usize>> {
        match tree {
            Tree::Filter(ex) => {
                let mut kept = BTreeSet::new();
                for at in given {
                    if self.value(ex, self.span(*at), false)? == V::Bool(true) {
                        kept.insert(*at);
                    }
                }
                Ok(kept)
            }
            Tree::Both(left, sign, right) => {
                let is_logic = *sign == "&&" || *sign == "||";
                let side = |tree: &Tree| -> Answer<BTreeSet<usize>> {
                    let mut found = self.select(tree, given)?;
                    if !is_logic && matches!(tree, Tree::Filter(Ex::Literal(Literal::Bool(true)))) {
                        found.retain(|at| self.is_connected(self.span(*at)) || self.meets_any(self.span(*at)));
                    }
                    Ok(found)
                };
                let (left, right) = (side(left)?, side(right)?);
                let pair = |sign: &str, one: usize, others: &BTreeSet<usize>, is_left: bool| {
                    others.iter().any(|other| {
                        if is_left { self.is_kin(one, sign, *other) } else { self.is_kin(*other, sign, one) }
                    })
                };
                Ok(match sign.split_at(sign.len() - sign.trim_start_matches(['!', '&']).len()) {
                    ("&&", _) if left.is_empty() || right.is_empty() => BTreeSet::new(),
                    ("&&", _) => left.union(&right).copied().collect(),
                    ("", "||") => left.union(&right).copied().collect(),
                    ("", kin) => right.into_iter().filter(|at| pair(kin, *at, &left, false)).collect(),
                    ("!", kin) => right.into_iter().filter(|at| !pair(kin, *at, &left, false)).collect(),
                    (_, kin) => {
                        let lefts = left.iter().copied().filter(|at| pair(kin, *at, &right, true));
                        let rights = right.iter().copied().filter(|at| pair(kin, *at, &left, false));
                        lefts.chain(rights).collect()
                    }
                })
            }
        }
    }

    fn measure(&self, word: &str, field: Option<&str>, spans: &BTreeSet<usize>) -> Option<V> {
        let Some(field) = field else { return Some(V::Int(i64::try_from(spans.len()).unwrap())) };
        let values: Vec<V> = spans
            .iter()
            .map(|at| self.read(field, self.span(*at)).unwrap_or(V::Nil))
            .filter(|value| !matches!(value, V::Nil | V::Odd | V::List(_)))
            .collect();
        let first = values.first()?.clone();
        let rank = |value: &V| match value {
            V::Str(text) => (1, 0.0, text.clone()),
            V::Bool(truth) => (2, f64::from(u8::from(*truth)), String::new()),
            value => (0, number(value).unwrap(), String::new()),
        };
        let best = |wanted: Ordering| {
            values.iter().fold(first.clone(), |best, value| {
                if rank(value).partial_cmp(&rank(&best)) == Some(wanted) { value.clone() } else { best }
            })
        };
        // The first says of which type a sum is.
        let alike: Vec<f64> = values.iter().filter(|value| same_type(value, &first)).filter_map(number).collect();
        let (sum, count) = (alike.iter().sum::<f64>(), values.len() as f64);
        Some(match (word, &first) {
            ("max", _) => best(Ordering::Greater),
            ("min", _) => best(Ordering::Less),
            ("sum", V::Int(_)) => V::Int(sum as i64),
            ("sum", V::Ns(_)) => V::Ns(sum as i64),
            ("sum", V::Float(_)) => V::Float(sum),
            ("avg", V::Ns(_)) => V::Ns(sum as i64 / values.len() as i64),
            ("avg", V::Int(_) | V::Float(_)) => V::Float(sum / count),
            _ => first,
        })
    }

    /// What a pipeline finds in all traces.
    pub(crate) fn run(&self, stages: &[Stage]) -> Answer<Sets> {
        let ids: BTreeSet<_> = self.trace.spans().map(|span| span.trace_id().to_string()).collect();
        let mut all = Sets::new();
        for id in ids {
            let spans = self.trace.spans().filter(|span| span.trace_id().to_string() == id).map(|span| span.index());
            let mut sets: Sets = vec![(spans.collect(), Vec::new())];
            for stage in stages {
                sets = self.step(stage, sets)?;
                if sets.is_empty() {
                    break;
                }
            }
            all.extend(sets);
        }
        all.sort();
        Ok(all)
    }

    fn step(&self, stage: &Stage, sets: Sets) -> Answer<Sets> {
        let mut next = Sets::new();
        match stage {
            Stage::Select(tree) => {
                for (spans, tags) in sets {
                    let kept = self.select(tree, &spans)?;
                    if !kept.is_empty() {
                        next.push((kept, tags));
                    }
                }
            }
            Stage::Measure(word, field, sign, against) => {
                for (spans, tags) in sets {
                    let value = self.measure(word, *field, &spans);
                    if value.is_some_and(|value| holds(&value, sign, &literal(against))) {
                        next.push((spans, tags));
                    }
                }
            }
            Stage::Group(ex) => {
                for (spans, tags) in sets {
                    let mut groups: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
                    for at in spans {
                        let value = match self.value(ex, self.span(at), true)? {
                            V::Odd => V::Nil,
                            value => value,
                        };
                        groups.entry(format!("{value:?}")).or_default().insert(at);
                    }
                    next.extend(groups.into_iter().map(|(value, spans)| (spans, [tags.clone(), vec![value]].concat())));
                }
            }
            Stage::Coalesce => next.push((sets.into_iter().flat_map(|(spans, _)| spans).collect(), Vec::new())),
        }
        Ok(next)
    }
}
