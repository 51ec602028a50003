//! Statuses that left no span: how long what was done took is known of the waits for it.

use std::collections::{HashMap, HashSet};

use super::sightings::{Id, Mark, Sight, Sightings, StatusSeen, gives_status};
use crate::compare::{Statistics, WaitEnd};
use crate::value::{Text, Timestamp, Value, to_json};
use skyspan_trace::internal::group_of;

impl<'n> Sightings<'n> {
    /// Devices of ophyd-async leave no status: how long what they did took is known of their wait.
    pub(super) fn add_untold_statuses(&mut self, statistics: &Statistics) {
        let ended_otherwise: HashSet<Id> = statistics
            .waits
            .iter()
            .filter(|wait| !matches!(wait.end, WaitEnd::Unknown))
            .map(|wait| (wait.span.trace_id, wait.span.span_id))
            .collect();
        let held: HashMap<Id, Timestamp> = statistics
            .waits
            .iter()
            .filter_map(|wait| match &wait.end {
                WaitEnd::Status { span, behind, failed: false, .. } => {
                    let began = statistics.start.unwrap_or_default() + wait.at;
                    Some(((span.trace_id, span.span_id), began + wait.duration.saturating_sub(*behind)))
                }
                _ => None,
            })
            .collect();
        for mark in &mut self.marks {
            // The span that held the wait is that of the message where there is none of a status.
            if let Sight::Message { command, span, status: status @ None, .. } = &mut mark.what
                && gives_status(command)
                && let Some(end) = held.get(&(span.span().trace_id(), span.span().span_id()))
            {
                *status = Some(StatusSeen { began: mark.start, took: Some(end.since(mark.start)), span: None });
            }
        }
        let moved: HashSet<Text> = self.marks.iter().filter_map(|mark| mark.set_device().cloned()).collect();
        let (next_event, next_flyer) = self.what_comes_next();
        let distances = self.distances_asked();
        // Those that may be waited for yet, by their group.
        let mut open: HashMap<Option<String>, Vec<usize>> = HashMap::new();
        let mut inserted: Vec<(usize, Mark<'n>)> = Vec::new();
        for at in 0..self.marks.len() {
            if let Some(group) = self.marks[at].group_of_untold() {
                open.entry(group).or_default().push(at);
            }
            let Sight::Message { command: "wait", span, .. } = self.marks[at].what else { continue };
            let group = group_of(span.span()).map(|group| to_json(&group));
            let mine = open.remove(&group).unwrap_or_default();
            let (Some(end), false) =
                (span.end(), ended_otherwise.contains(&(span.span().trace_id(), span.span().span_id())))
            else {
                continue;
            };
            let farthest = mine.into_iter().max_by(|a, b| distances[*a].total_cmp(&distances[*b]).then(b.cmp(a)));
            if let Some(farthest) = farthest {
                let began = self.marks[farthest].start;
                if let Sight::Message { status, .. } = &mut self.marks[farthest].what {
                    *status = Some(StatusSeen { began, took: Some(end.since(began)), span: None });
                }
                continue;
            }
            // Nobody is known to have begun anything: what is read next has been triggered, what is completed next kicked off.
            let is_of = |command: &str| group.as_deref().is_some_and(|group| group.contains(command));
            let (command, devices) = if is_of("trigger") {
                ("trigger", next_event[at].map(|event| self.marks[event].devices_read()).unwrap_or_default())
            } else if is_of("kickoff") {
                ("kickoff", next_flyer[at].and_then(|flyer| self.marks[flyer].device()).into_iter().collect())
            } else {
                continue;
            };
            let is_moved = |device: &Text| command == "trigger" && moved.contains(device);
            for device in devices.into_iter().filter(|device| !is_moved(device)) {
                let start = span.start();
                let took = Some(end.since(start));
                let status = Some(StatusSeen { began: start, took, span: None });
                let group = group_of(span.span());
                let what = Sight::Begun { command, device, group, status };
                inserted.push((at, Mark { what, start, told_until: start }));
            }
        }
        let mut inserted = inserted.into_iter().peekable();
        let before = std::mem::take(&mut self.marks);
        for (at, mark) in before.into_iter().enumerate() {
            while let Some((_, mark)) = inserted.next_if(|(place, _)| *place == at) {
                self.marks.push(mark);
            }
            self.marks.push(mark);
        }
    }

    /// For each mark the places of the next event and of the next `complete`.
    fn what_comes_next(&self) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
        let (mut event, mut flyer) = (None, None);
        let mut next: Vec<(Option<usize>, Option<usize>)> = Vec::with_capacity(self.marks.len());
        for (at, mark) in self.marks.iter().enumerate().rev() {
            match &mark.what {
                Sight::Event { .. } => event = Some(at),
                Sight::Message { command: "complete", .. } => flyer = Some(at),
                _ => {}
            }
            next.push((event, flyer));
        }
        next.into_iter().rev().unzip()
    }

    /// How far each move was told to go from where the same device was told to go before; zero where that is not known.
    fn distances_asked(&self) -> Vec<f64> {
        let mut last: HashMap<&Text, f64> = HashMap::new();
        let of_mark = |mark: &'_ Mark<'n>| mark.target().and_then(Value::as_f64).filter(|target| target.is_finite());
        let mut distances = Vec::with_capacity(self.marks.len());
        for mark in &self.marks {
            let asked = mark.set_device().and_then(|device| Some((device, of_mark(mark)?)));
            distances.push(asked.and_then(|(device, to)| Some((to - last.insert(device, to)?).abs())).unwrap_or(0.0));
        }
        distances
    }

    /// What was begun without a message's span is of the group of the next wait that no message's span is known to be of.
    pub(super) fn groups_of_begun(&mut self) {
        let told: HashSet<String> = self.marks.iter().filter_map(Mark::group_told).collect();
        let mut next: Option<Value> = None;
        for mark in self.marks.iter_mut().rev() {
            match &mut mark.what {
                Sight::Message { command: "wait", span, .. } => {
                    let group = group_of(span.span());
                    let is_told = group.as_ref().is_some_and(|group| told.contains(&to_json(group)));
                    if !is_told {
                        next = group;
                    }
                }
                Sight::Begun { group: group @ None, .. } => group.clone_from(&next),
                _ => {}
            }
        }
    }
}
