//! What is said of the resources of spans: of those of all spans, and of those of one kind what the others have not.

use std::collections::BTreeMap;

use super::clauses::{Clause, ClauseList, Said, Subject};
use super::values_seen::ValuesSeen;
use crate::value::Text;

/// What all rules about resources are called, behind the kind of spans if they are about one.
const RESOURCE: &str = "resource";

/// What such keys have says where a program ran, and not what it is: another machine, another start or a new release has another.
const OF_THE_PLACE: [&str; 9] =
    ["host.", "process.", "os.", "container.", "k8s.", "cloud.", "device.", "faas.", "service.instance."];

/// What a clause about an attribute of a resource is about.
pub(super) fn resource_subject(key: &str) -> Subject {
    (RESOURCE.to_owned(), key.to_owned())
}

impl ClauseList<'_> {
    /// What all resources have in common is said once, of all spans; what only some have is said of each kind of spans.
    pub(super) fn resources(&mut self) {
        let seen = self.seen;
        let groups = 0..seen.groups.len();
        let of_groups: Vec<BTreeMap<&Text, String>> = groups
            .map(|group| {
                let always = seen.resources[group].iter().filter(|(key, _)| seen.resource_always_has(group, key));
                always.map(|(key, values)| (key, self.said_of_resource(key, values))).collect()
            })
            .collect();
        let Some(first) = of_groups.first() else { return };
        // Spans of no group were not looked at.
        let is_of_all = |key: &Text, said: &String| {
            !seen.groups.is_cut() && of_groups.iter().all(|other| other.get(key) == Some(said))
        };
        for (key, said) in first.iter().filter(|(key, said)| is_of_all(key, said)) {
            self.all.push(Clause {
                rule: RESOURCE.to_owned(),
                group: None,
                query: "{}".to_owned(),
                said: Said::Resource((*key).clone(), said.clone()),
                or_none: false,
                is_strict: false,
                may_be_spare: false,
            });
        }
        for (group, of_group) in of_groups.iter().enumerate() {
            for (key, said) in of_group.iter().filter(|(key, said)| !is_of_all(key, said)) {
                self.say(group, RESOURCE, Said::Resource((*key).clone(), said.clone()), false);
            }
        }
    }

    fn said_of_resource(&self, key: &Text, values: &ValuesSeen) -> String {
        let is_of_the_place =
            OF_THE_PLACE.iter().any(|start| key.starts_with(start)) || key.as_str().ends_with(".version");
        let said = match is_of_the_place || self.rehearsal.given_up.contains_key(&resource_subject(key)) {
            true => values.of_type(),
            // A number of a resource is none that is measured.
            false => values.loose(None),
        };
        said.unwrap_or_else(|| "{present: true}".to_owned())
    }
}
