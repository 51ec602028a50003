//! What an HTML page shows of a call beside its spans: messages and documents at their moments, pauses, readings as plots.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::{Chronicle, Harness, Occurrence, Outcome, ProgramOutcome};
use crate::callbacks::Dimensions;
use crate::clock::Timestamp;
use crate::document::{Descriptor, Document};
use crate::value::{Text, Value};
use skyspan_trace::internal::cut_to;
use skyspan_trace::page::{Axis, Page, PageMoment, PlotReadings};

/// So many characters of a message are told.
const LABEL_MAX: usize = 120;
/// So many characters of a test's name are in that of its page.
const NAME_MAX: usize = 150;
/// So many data keys of a stream are drawn at first.
const CURVES: usize = 2;

impl Outcome {
    /// A page to look at what came of it: its spans, and beside them the documents at their times, the readings as plots, and what went
    /// wrong, pauses, suspensions and sleeps. Where the harness [keeps a chronicle](super::HarnessBuilder::chronicled), also its messages.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().chronicled().build();
    /// let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 2, 3));
    /// let html = run.page().title("a scan").to_html();
    /// assert!(html.contains("\"messages\",\"open_run("));
    /// ```
    pub fn page(&self) -> Page {
        let page = Page::of(self.trace()).title("run");
        let page = if self.went_well() { page } else { page.trouble(self.why()) };
        page.moments(moments(self)).lulls(self.lulls().iter().cloned()).readings(readings(self.documents()))
    }
}

impl ProgramOutcome {
    /// A page to look at what came of it: the spans of all its items, and beside them what [`Outcome::page`] shows.
    pub fn page(&self) -> Page {
        let page = self.troubles().fold(Page::of(self.trace()).title("plan"), Page::trouble);
        let page = if self.unmet().is_empty() { page } else { page.trouble(self.unmet()) };
        let calls = || self.items().iter().filter_map(super::ItemOutcome::call);
        page.moments(calls().flat_map(moments))
            .lulls(self.lulls().iter().cloned())
            .readings(calls().flat_map(|call| readings(call.documents())))
    }
}

/// Names the folder for the pages of tests that fail.
const REPORT: &str = "SKYSPAN_REPORT";

impl Harness {
    /// A page to look at all that it has run, with what was asserted of it in vain; of the documents, those of the last call.
    pub fn page(&self) -> Page {
        let page = Page::of(&self.trace()).title("harness");
        let page = self.capture().failed_assertions().into_iter().fold(page, Page::failed);
        let documents = self.last_documents();
        let moments = documents.iter().filter_map(document_moment);
        page.moments(moments).lulls(self.lulls()).readings(readings(&documents))
    }

    /// Writes the page of a test that fails, where somebody wants it, and tells where it is. It is called after a test, such as
    /// `plans::it_comes_home`, and after the line where the harness was made, as a test may have several.
    pub(super) fn report_failing_test(&self) {
        let Some(folder) = std::env::var_os(REPORT).filter(|folder| !folder.is_empty()) else { return };
        let test = std::thread::current().name().filter(|name| *name != "main").map(str::to_owned);
        let made_at = self.made_at();
        let test = test.unwrap_or_else(|| {
            Path::new(made_at.file()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
        });
        let of_name = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '.' };
        let name: String = test.replace("::", ".").chars().map(of_name).take(NAME_MAX).collect();
        let path = Path::new(&folder).join(format!("{name}.line-{}.html", made_at.line()));
        let title = format!("{test} (seed {})", self.seed());
        let write = || {
            fs::create_dir_all(&folder)?;
            let mut out = io::BufWriter::new(fs::File::create(&path)?);
            self.page().title(title).write(&mut out)?;
            out.flush()
        };
        // The test is failing already: whatever becomes of the page is told beside that.
        match write() {
            Ok(()) => tell(&format!("page of this test: {}", path.display())),
            Err(error) => tell(&format!("cannot write the page of this test, {}: {error}", path.display())),
        }
    }
}

#[expect(clippy::print_stderr, reason = "this way it stands with what else a test has printed")]
fn tell(what: &str) {
    eprintln!("skyspan: {what}");
}

/// What happened in a call at some times: its documents, and its messages where they are kept with their times.
fn moments(call: &Outcome) -> impl Iterator<Item = PageMoment> {
    let happenings = call.chronicle().into_iter().flat_map(Chronicle::happenings);
    let messages = happenings.filter_map(|happening| match &happening.what {
        Occurrence::Message(msg) => {
            let label = cut_to(&msg.to_string(), LABEL_MAX).into_owned();
            Some(PageMoment::new(happening.time, "messages", label))
        }
        _ => None,
    });
    call.documents().iter().filter_map(document_moment).chain(messages)
}

/// A document at its time; nothing for those that have none.
fn document_moment(document: &Document) -> Option<PageMoment> {
    let moment = |time: Timestamp, label: String| Some(PageMoment::new(time, "documents", label));
    match document {
        Document::Start(start) => {
            let plan = start.metadata.get("plan_name").and_then(Value::as_str).unwrap_or_default();
            moment(start.time, format!("start {plan}").trim_end().to_owned())
        }
        Document::Descriptor(descriptor) => moment(descriptor.time, format!("descriptor {}", descriptor.name)),
        Document::Event(event) => moment(event.time, format!("event {}", event.seq_num)),
        Document::EventPage(page) => moment(*page.time.last()?, format!("event page of {} events", page.time.len())),
        Document::Stop(stop) => {
            moment(stop.time, format!("stop {} {}", stop.exit_status, stop.reason).trim_end().to_owned())
        }
        Document::Resource(_) | Document::Datum(_) | Document::StreamResource(_) | Document::StreamDatum(_) => None,
    }
}

/// The events of a stream, column by column.
struct Stream<'d> {
    descriptor: &'d Descriptor,
    run: usize,
    /// What the plan varies.
    dimensions: Vec<Text>,
    times: Vec<Timestamp>,
    columns: Vec<(&'d Text, Vec<f64>)>,
}

impl<'d> Stream<'d> {
    fn push(&mut self, time: Timestamp, value_of: impl Fn(&Text) -> Option<&'d Value>) {
        self.times.push(time);
        for (key, column) in &mut self.columns {
            column.push(value_of(key).and_then(Value::as_f64).unwrap_or(f64::NAN));
        }
    }
}

/// The readings of all streams that have numbers, to be plotted.
fn readings(documents: &[Document]) -> Vec<PlotReadings> {
    let mut runs: Vec<(&Text, Vec<Text>)> = Vec::new();
    let mut streams: Vec<Stream<'_>> = Vec::new();
    for document in documents {
        match document {
            Document::Start(start) => {
                let dimensions = Dimensions::of(start).map(|dimensions| dimensions.fields).unwrap_or_default();
                runs.push((&start.uid, dimensions));
            }
            Document::Descriptor(descriptor) => {
                let run = runs.iter().position(|(uid, _)| **uid == descriptor.run_start);
                let is_number = |described: &crate::value::Map| {
                    let is_scalar = described.get("shape").and_then(Value::as_array).is_none_or(<[Value]>::is_empty);
                    let of_type = described.get("dtype").and_then(Value::as_str);
                    is_scalar && matches!(of_type, Some("number" | "integer"))
                };
                let keys = descriptor.data_keys.iter().filter(|(_, described)| is_number(described));
                streams.push(Stream {
                    descriptor,
                    run: run.map_or(0, |run| run + 1),
                    dimensions: run.map(|run| runs[run].1.clone()).unwrap_or_default(),
                    times: Vec::new(),
                    columns: keys.map(|(key, _)| (key, Vec::new())).collect(),
                });
            }
            Document::Event(event) => {
                let of_event = |stream: &&mut Stream<'_>| stream.descriptor.uid == event.descriptor;
                if let Some(stream) = streams.iter_mut().rev().find(of_event) {
                    stream.push(event.time, |key| event.get(key));
                }
            }
            Document::EventPage(page) => {
                let of_page = |stream: &&mut Stream<'_>| stream.descriptor.uid == page.descriptor;
                if let Some(stream) = streams.iter_mut().rev().find(of_page) {
                    for (at, time) in page.time.iter().enumerate() {
                        let column = |key: &Text| page.data.iter().find(|(known, _)| known == key);
                        stream.push(*time, |key| column(key)?.1.get(at));
                    }
                }
            }
            _ => {}
        }
    }
    let has_some = |stream: &Stream<'_>| !stream.times.is_empty() && !stream.columns.is_empty();
    let several = runs.len() > 1;
    streams.into_iter().filter(has_some).map(|stream| plot(stream, several)).collect()
}

/// A stream as a plot: what its devices hint at, against what the plan varies.
fn plot(stream: Stream<'_>, several: bool) -> PlotReadings {
    let name = &stream.descriptor.name;
    let title = if several { format!("run {}, {name}", stream.run) } else { name.to_string() };
    let has = |key: &Text| stream.columns.iter().any(|(known, _)| *known == key);
    let across = stream.dimensions.last().filter(|key| has(key)).cloned();
    let hinted = stream.descriptor.hints.iter().filter_map(|(_, hints)| hints.fields.as_ref()).flatten();
    let up = hinted.filter(|key| has(key) && !stream.dimensions.contains(key)).take(CURVES);
    let mut readings = PlotReadings::new(title, stream.times);
    readings.across = across.map(|key| key.to_string());
    readings.up = up.map(ToString::to_string).collect();
    for (key, values) in stream.columns {
        let described =
            stream.descriptor.data_keys.iter().find(|(known, _)| known == key).map(|(_, described)| described);
        let unit = described.and_then(|described| described.get("units")?.as_str()).unwrap_or_default();
        readings = readings.axis(Axis::new(key.to_string(), unit, values));
    }
    readings
}
