//! What is said of the events and links of a kind of spans.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::clauses::{ClauseList, Said, traces_of};
use super::seen::Neighbour;
use super::yaml_text::word;
use crate::value::Text;

/// The targets of more links are not said.
const LINKS_MAX: usize = 8;

/// The end of the name of a rule about events.
const EVENTS: &str = "events";
/// What a list of all events is about, ...
const ALL_OF_THEM: &str = "all events";
/// ... and one of those that are always there.
const SOME_OF_THEM: &str = "events that are always there";

/// What is said of the events of a span: their names, and of one attribute of those of a name what it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct EventsSaid {
    names: Vec<String>,
    /// Whether there may be others, in any order.
    or_more: bool,
    attribute: Option<EventAttribute>,
}

/// What an attribute is of all events of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
struct EventAttribute {
    event: Text,
    key: Text,
    said: String,
}

impl EventsSaid {
    pub(super) fn about(&self) -> String {
        self.attribute.as_ref().map_or_else(|| self.about_the_list().to_owned(), |of| about(&of.event, &of.key))
    }

    /// What the list is about, whatever it says of attributes.
    pub(super) fn about_the_list(&self) -> &'static str {
        if self.or_more { SOME_OF_THEM } else { ALL_OF_THEM }
    }

    pub(super) fn has_range(&self) -> bool {
        self.attribute.as_ref().is_some_and(|of| of.said.contains("between:"))
    }

    /// One list that says what several say of the same events; nothing for none.
    pub(super) fn together(all: &[&Self]) -> Option<String> {
        let first = all.first()?;
        let one = |name: &String| {
            let of_name =
                all.iter().filter_map(|said| said.attribute.as_ref()).filter(|of| &*of.event == name.as_str());
            let attributes: Vec<String> = of_name.map(|of| format!("{}: {}", word(&of.key), of.said)).collect();
            match attributes.is_empty() {
                true => word(name),
                false => format!("{{name: {}, attributes: {{{}}}}}", word(name), attributes.join(", ")),
            }
        };
        let list = first.names.iter().map(one).collect::<Vec<_>>().join(", ");
        Some(match first.or_more {
            true => format!("{{these: [{list}], in_order: false, or_more: true}}"),
            false => format!("[{list}]"),
        })
    }
}

impl fmt::Display for EventsSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::together(&[self]).unwrap_or_default())
    }
}

fn about(event: &str, key: &str) -> String {
    format!("{event}: {key}")
}

impl ClauseList<'_> {
    /// The names of its events, and what the attributes of these are.
    pub(super) fn events(&mut self, group: usize) {
        let events = traces_of(self.seen.of_group(group), |seen| &seen.events);
        let names: Vec<&Vec<String>> = events.keys().collect();
        match names[..] {
            [] => {}
            [none] if none.is_empty() => {}
            [one] if !self.is_given_up(group, EVENTS, ALL_OF_THEM) => self.say_events(group, one, false),
            _ => {
                // Those that all of them have.
                let in_all = names[0].iter().collect::<BTreeSet<_>>().into_iter();
                let in_all: Vec<String> =
                    in_all.filter(|name| names.iter().all(|names| names.contains(name))).cloned().collect();
                if !in_all.is_empty() {
                    self.say_events(group, &in_all, true);
                }
                if let Some((usual, _)) = events.iter().max_by_key(|(_, traces)| **traces) {
                    let usual = EventsSaid { names: usual.clone(), or_more: false, attribute: None };
                    self.say(group, EVENTS, Said::Events(usual), true);
                }
            }
        }
    }

    fn say_events(&mut self, group: usize, names: &[String], or_more: bool) {
        let said = |attribute| Said::Events(EventsSaid { names: names.to_vec(), or_more, attribute });
        self.say(group, EVENTS, said(None), false);
        let seen = self.seen;
        let of_these =
            seen.event_values[group].iter().filter(|((event, _), _)| names.iter().any(|name| **name == **event));
        for ((event, key), values) in of_these.filter(|((event, key), _)| seen.event_always_has(group, event, key)) {
            let about = about(event, key);
            // Values of which others were not all are of a type, and no more is said.
            let loose = match self.is_given_up(group, EVENTS, &about) {
                true => values.of_type(),
                false => values.loose(Some(self.chance_of(group, EVENTS, &about))),
            };
            let loose = loose.unwrap_or_else(|| "{present: true}".to_owned());
            let attribute = EventAttribute { event: event.clone(), key: key.clone(), said: loose };
            self.say(group, EVENTS, said(Some(attribute)), false);
        }
    }

    /// Where its links lead to.
    pub(super) fn links(&mut self, group: usize) {
        let links: BTreeMap<_, _> = traces_of(self.seen.of_group(group), |seen| &seen.links);
        if let [targets] = &links.keys().collect::<Vec<_>>()[..]
            && !targets.is_empty()
            && targets.len() <= LINKS_MAX
        {
            let targets = targets.iter().map(|target| match target {
                Neighbour::OfGroup(group) => Some(format!("{{to: {{{}}}}}", self.group(*group).said)),
                Neighbour::None => Some("{}".to_owned()),
                Neighbour::Stranger => None,
            });
            if let Some(targets) = targets.collect::<Option<Vec<String>>>() {
                self.say(group, "links", Said::Each("links", format!("[{}]", targets.join(", "))), false);
            }
        }
    }
}
