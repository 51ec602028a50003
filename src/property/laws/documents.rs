//! What the documents of a run are, whatever the plan.

use std::collections::{HashMap, HashSet};

use crate::document::{Document, Event, EventPage};
use crate::engine::RunEngineState::{Idle, Paused, Pausing, Running, Suspending};
use crate::engine::{ExitStatus, RunEngineState};
use crate::harness::{Chronicle, Occurrence, Outcome};
use crate::property::{Broken, Law, OrFail as _};
use crate::value::Text;

/// Start, descriptors, events and stop in their order; each uid once; nothing about a run that is not open, but for one whose stop
/// document a subscriber did not take: to the engine that run goes on.
#[must_use]
pub fn documents_are_in_order() -> Law {
    Law::of_run("documents are in order", |run| {
        let mut uids: HashSet<Text> = HashSet::new();
        let mut open: HashSet<Text> = HashSet::new();
        let mut descriptors: HashMap<Text, Text> = HashMap::new();
        let mut resources: HashSet<Text> = HashSet::new();
        // Runs that have their stop document and are not closed, for a subscriber failed at it.
        let mut kept: HashSet<Text> = HashSet::new();
        let refused: HashSet<&Text> = refused(run).filter_map(Document::uid).collect();
        for document in run.documents() {
            if let Some(uid) = document.uid()
                && !uids.insert(uid.clone())
            {
                return Err(Broken::new(format!("the uid {uid} of the {} was there before", document.name())));
            }
            let needs = |known: bool, what: &str| {
                known.or_fail(format!("{} came before {what}", one(document)))
            };
            let is_open = |run: &Text| open.contains(run) || kept.contains(run);
            match document {
                Document::Start(start) => drop(open.insert(start.uid.clone())),
                Document::Descriptor(descriptor) => {
                    needs(is_open(&descriptor.run_start), "the start of its run, or after its end")?;
                    descriptors.insert(descriptor.uid.clone(), descriptor.run_start.clone());
                }
                Document::Event(event) => {
                    let of_run = descriptors.get(&event.descriptor);
                    needs(of_run.is_some(), "its descriptor")?;
                    needs(of_run.is_some_and(is_open), "its run, or after its end")?;
                }
                Document::EventPage(page) => {
                    let of_run = descriptors.get(&page.descriptor);
                    needs(of_run.is_some_and(is_open), "its descriptor, or after the end of its run")?;
                }
                Document::Resource(resource) => {
                    needs(is_open(&resource.run_start), "its run")?;
                    resources.insert(resource.resource.uid.clone());
                }
                Document::Datum(datum) => needs(resources.contains(&datum.resource), "its resource")?,
                Document::StreamResource(resource) => {
                    needs(is_open(&resource.run_start), "its run")?;
                    resources.insert(resource.resource.uid.clone());
                }
                Document::StreamDatum(datum) => {
                    needs(descriptors.contains_key(&datum.descriptor), "its descriptor")?;
                    needs(resources.contains(&datum.datum.stream_resource), "its resource")?;
                }
                Document::Stop(stop) => {
                    if refused.contains(&stop.uid) {
                        kept.insert(stop.run_start.clone());
                    }
                    needs(open.remove(&stop.run_start), "the start of its run, or for the second time")?;
                }
            }
        }
        match open.iter().next() {
            None => Ok(()),
            Some(uid) => Err(Broken::new(format!("the run {uid} has no stop document"))),
        }
    })
    .says(
        "A run has one start and one stop, all else between them, or after a stop that a subscriber did not take; an event comes \
         after its descriptor; no uid is used twice.",
    )
    .source("event-model 1.24.0, the order of documents; bluesky 1.15.1, RunBundler.close_run")
}

/// The documents that a subscriber did not take: the message that emitted each failed right after it. Where no chronicle is kept,
/// nobody knows of any.
pub(super) fn refused(run: &Outcome) -> impl Iterator<Item = &Document> {
    let happenings = run.chronicle().map(Chronicle::happenings).unwrap_or_default();
    happenings.windows(2).filter_map(|pair| match (&pair[0].what, &pair[1].what) {
        (Occurrence::Document(document), Occurrence::Failure(_)) => Some(document),
        _ => None,
    })
}

/// What kind of document it is, with its article.
fn one(document: &Document) -> String {
    let name = document.name();
    let article = if name.to_string().starts_with('e') { "an" } else { "a" };
    format!("{article} {name}")
}

/// An event has the data keys of its descriptor.
#[must_use]
pub fn events_are_as_described() -> Law {
    Law::of_run("events are as described", |run| {
        let mut keys: HashMap<Text, HashSet<Text>> = HashMap::new();
        for document in run.documents() {
            let (of, found): (&Text, HashSet<Text>) = match document {
                Document::Descriptor(descriptor) => {
                    // What is in files has no value in the events.
                    let described = descriptor.data_keys.iter().filter(|(_, data_key)| {
                        data_key.get("external").and_then(crate::value::Value::as_str).is_none_or(|it| it != "STREAM:")
                    });
                    keys.insert(descriptor.uid.clone(), described.map(|(key, _)| key.clone()).collect());
                    continue;
                }
                Document::Event(event) => {
                    (&event.descriptor, event.readings.iter().map(|(key, _)| key.clone()).collect())
                }
                Document::EventPage(page) => (&page.descriptor, page.data.iter().map(|(key, _)| key.clone()).collect()),
                _ => continue,
            };
            let described = keys.get(of).cloned().unwrap_or_default();
            if described != found {
                let sorted = |set: &HashSet<Text>| {
                    let mut all: Vec<String> = set.iter().map(ToString::to_string).collect();
                    all.sort();
                    all.join(", ")
                };
                let (described, found) = (sorted(&described), sorted(&found));
                return Err(Broken::new(format!("{} has {found}, described are {described}", one(document))));
            }
        }
        Ok(())
    })
    .says("The data keys of an event are those that its descriptor describes.")
    .source("event-model 1.24.0, compose_event")
}

/// The events of a stream are numbered from 1 without a gap, and the stop document counts them; what is done again after a pause
/// has its old number.
#[must_use]
pub fn events_are_numbered() -> Law {
    Law::of_run("events are numbered, and counted in the end", |run| {
        let was_led_back = was_led_back(run);
        // What is collected is counted before it is emitted, as in bluesky: a subscriber that fails keeps back what comes after.
        let was_refused = was_refused_by_a_subscriber(run);
        let collects = run.messages().iter().any(|msg| msg.command() == "collect");
        let mut streams: HashMap<(Text, Text), Numbers> = HashMap::new();
        let mut stream_of: HashMap<Text, (Text, Text)> = HashMap::new();
        for document in run.documents() {
            match document {
                Document::Descriptor(descriptor) => {
                    let stream = (descriptor.run_start.clone(), descriptor.name.clone());
                    streams.entry(stream.clone()).or_default();
                    stream_of.insert(descriptor.uid.clone(), stream);
                }
                Document::Event(event) => number(&mut streams, &stream_of, event)?,
                Document::EventPage(page) => number_page(&mut streams, &stream_of, page)?,
                Document::Stop(stop) => {
                    for ((run_start, name), numbers) in &streams {
                        if *run_start != stop.run_start {
                            continue;
                        }
                        let counted = stop.num_events.iter().find(|(stream, _)| stream == name).map(|(_, count)| *count);
                        // A run that ends while it is led back counts what is left of it, as in bluesky. And a flyer that is
                        // collected again gives nothing again.
                        let is_left = stop.exit_status != ExitStatus::Success || was_ended(run) || collects;
                        let cut_short = was_led_back && is_left;
                        let is_right = match counted {
                            Some(counted) => {
                                counted == numbers.last
                                    || cut_short && counted < numbers.last
                                    || was_refused && counted > numbers.last
                            }
                            None => numbers.last == 0,
                        };
                        if !is_right {
                            return Err(Broken::new(format!(
                                "the stream {name} has events up to number {}, and num_events says {counted:?}",
                                numbers.last
                            )));
                        }
                    }
                }
                _ => {}
            }
        }
        for ((_, name), numbers) in &streams {
            if numbers.again && !was_led_back {
                return Err(Broken::new(format!("the stream {name} has a number twice, and nothing was done again")));
            }
        }
        Ok(())
    })
    .says("The seq_num of a stream's events begins with 1 and has no gap; one comes twice only after a pause; num_events is the last.")
    .source("bluesky 1.15.1, bundlers.RunBundler: seq_num, rewind; event-model 1.24.0")
}

/// Whether something came in between that may have kept the plan from doing again what it was led back to. What a flyer has handed
/// out, it does not hand out again.
fn was_ended(run: &Outcome) -> bool {
    let goes_on = |to| matches!(to, Running | Pausing | Paused | Suspending | Idle);
    run.exception().is_some()
        || run.messages().iter().any(|msg| msg.command() == "collect")
        || run.chronicle().is_some_and(|chronicle| {
            chronicle.transitions().any(|(_, to)| !goes_on(to))
                || chronicle.executed().any(|done| done.failure.is_some())
        })
}

/// Whether a message failed right after it had emitted a document, as one does whose document a subscriber refuses; or something went
/// wrong in the clean-up, which collects what no one has collected.
fn was_refused_by_a_subscriber(run: &Outcome) -> bool {
    let in_cleanup = !run.result().cleanup_errors.is_empty();
    in_cleanup || refused(run).next().is_some()
}

/// Whether the run may have been led back to a checkpoint.
fn was_led_back(run: &Outcome) -> bool {
    let paused = |chronicle: &Chronicle| chronicle.transitions().any(|(_, to)| to == RunEngineState::Paused);
    run.interrupted()
        || run.messages().iter().any(|msg| matches!(msg.command(), "pause" | "_start_suspender"))
        || run.chronicle().is_some_and(paused)
}

#[derive(Default)]
struct Numbers {
    last: u64,
    again: bool,
}

impl Numbers {
    fn add(&mut self, name: &Text, seq_num: u64) -> Result<(), Broken> {
        if seq_num == 0 || seq_num > self.last + 1 {
            return Err(Broken::new(format!("in the stream {name}, event {seq_num} came after {}", self.last)));
        }
        self.again |= seq_num <= self.last;
        self.last = self.last.max(seq_num);
        Ok(())
    }
}

type Streams = HashMap<(Text, Text), Numbers>;

fn number(streams: &mut Streams, stream_of: &HashMap<Text, (Text, Text)>, event: &Event) -> Result<(), Broken> {
    let Some(stream) = stream_of.get(&event.descriptor) else { return Ok(()) };
    streams.entry(stream.clone()).or_default().add(&stream.1, event.seq_num)
}

fn number_page(streams: &mut Streams, stream_of: &HashMap<Text, (Text, Text)>, page: &EventPage) -> Result<(), Broken> {
    let Some(stream) = stream_of.get(&page.descriptor) else { return Ok(()) };
    let numbers = streams.entry(stream.clone()).or_default();
    page.seq_num.iter().try_for_each(|seq_num| numbers.add(&stream.1, *seq_num))
}
