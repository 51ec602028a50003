//! [`Timeline`]: what the page reads at once, a column for each thing that every span has.

use std::collections::HashMap;

use serde::Serialize;

use super::choice::{Choice, LeftOut};
use super::moments::{Axis, PlotReadings, Table};
use super::page::Page;
use super::sums::Sums;
use crate::trace::bluesky::{STATUS, command_of, device_of};
use crate::trace::capture::FailedAssertion;
use crate::trace::{Span, SpanRef, Trace, failure_of, shown, telling_keys, told_lulls};
use crate::value::{FormatVersion, Timestamp, Value};

/// So many links are drawn as arrows.
const LINKS_MAX: usize = 20_000;
/// So many events are drawn on their spans.
const EVENTS_MAX: usize = 50_000;
/// So many points of what was read are plotted.
const POINTS_MAX: usize = 100_000;
/// So much of what is malformed is told.
const DEFECTS_MAX: usize = 100;
/// So many moments are drawn.
const MOMENTS_MAX: usize = 200_000;

/// All that is drawn before anybody asks for more. Spans are named by their place on the page, times are nanoseconds since `start`.
#[derive(Serialize)]
pub(super) struct Timeline<'t> {
    version: FormatVersion,
    generator: &'static str,
    title: &'t str,
    start: Option<Timestamp>,
    /// How many spans the trace has, those included that are left out.
    span_count: usize,
    /// What the traces are called, where there are several; and whether they are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<&'t [String]>,
    compared: bool,
    left_out: Option<LeftOut>,
    /// What else is not on the page, in sentences.
    limits: Vec<String>,
    names: Vec<&'t str>,
    devices: Vec<&'t str>,
    services: Vec<&'t str>,
    labels: Vec<String>,
    /// The attributes of bluesky's spans that tell most.
    telling: &'static [&'static str],
    spans: Columns,
    /// What went wrong, by span.
    faults: Vec<(usize, String)>,
    troubles: Vec<String>,
    checks: Vec<Check>,
    /// What is malformed, in sentences.
    defects: Vec<String>,
    events: Vec<(usize, u64, &'t str)>,
    links: Vec<(usize, usize)>,
    /// The parts of the critical path: the span, from when on, for how long.
    critical_path: Vec<(usize, u64, u64)>,
    moments: Vec<(u64, &'t str, String)>,
    lulls: Vec<(u64, u64, String)>,
    readings: Vec<WrittenReadings<'t>>,
    tables: &'t [Table],
    statistics: Sums,
}

/// For each span a number: of a list above, of a place on the page, or of nanoseconds. What a span has not is -1.
#[derive(Default, Serialize)]
struct Columns {
    name: Vec<usize>,
    label: Vec<usize>,
    device: Vec<i64>,
    service: Vec<i64>,
    parent: Vec<i64>,
    /// The span of which it is a part where each run is one tree.
    run_parent: Vec<i64>,
    start: Vec<u64>,
    /// -1 while it is open.
    duration: Vec<i64>,
    /// Of which of several traces it is; empty where there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    part: Vec<usize>,
}

/// What was expected in vain.
#[derive(Serialize)]
struct Check {
    headline: String,
    report: String,
    notes: Vec<(usize, String)>,
}

#[derive(Serialize)]
struct WrittenReadings<'t> {
    title: &'t str,
    times: Vec<u64>,
    across: &'t Option<String>,
    up: &'t [String],
    axes: Vec<WrittenAxis<'t>>,
}

#[derive(Serialize)]
struct WrittenAxis<'t> {
    name: &'t str,
    unit: &'t str,
    /// JSON has no numbers that are not finite: a gap is `null`.
    values: Vec<Option<f64>>,
}

impl<'t> WrittenReadings<'t> {
    /// Of too many points one of every few.
    fn of(readings: &'t PlotReadings, offset: impl Fn(Timestamp) -> u64) -> Self {
        let step = readings.times.len().div_ceil(POINTS_MAX).max(1);
        let axis = |axis: &'t Axis| WrittenAxis {
            name: &axis.name,
            unit: &axis.unit,
            values: axis.values.iter().step_by(step).map(|value| value.is_finite().then_some(*value)).collect(),
        };
        Self {
            title: &readings.title,
            times: readings.times.iter().step_by(step).map(|time| offset(*time)).collect(),
            across: &readings.across,
            up: &readings.up,
            axes: readings.axes.iter().map(axis).collect(),
        }
    }
}

/// Texts, each with a number.
#[derive(Default)]
struct Numbers<T> {
    texts: Vec<T>,
    number_of: HashMap<T, usize>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbers<T> {
    fn of(&mut self, text: T) -> usize {
        *self.number_of.entry(text.clone()).or_insert_with(|| {
            self.texts.push(text);
            self.texts.len() - 1
        })
    }

    /// The number of a text that has one.
    fn of_known<Q: ?Sized + Eq + std::hash::Hash>(&self, text: &Q) -> Option<usize>
    where
        T: std::borrow::Borrow<Q>,
    {
        self.number_of.get(text).copied()
    }
}

impl<'t> Timeline<'t> {
    pub(super) fn of(page: &'t Page, trace: &'t Trace, choice: &Choice<'t>) -> Self {
        let secrets = page.redaction.as_ref().map(|redaction| redaction.secrets_of(&page.trace));
        let clean = |text: &str| secrets.as_ref().map_or_else(|| text.to_owned(), |secrets| secrets.without(text));
        let start = trace.first_start();
        let offset = |time: Timestamp| time.unix_ns().saturating_sub(start.map_or(0, Timestamp::unix_ns));
        // Each of several traces is drawn from the beginning of the first.
        let offset_of = |span: usize, time: Timestamp| match &page.parts {
            None => offset(time),
            Some(parts) => {
                let ns = i128::from(offset(time)) - parts.later_ns(span);
                u64::try_from(ns.max(0)).unwrap_or(u64::MAX)
            }
        };
        let grouped = trace.grouped_by_run().trace;
        let place = |span: Option<SpanRef<'_>>| {
            span.and_then(|span| choice.place_of[span.index()]).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
        };
        let (mut names, mut devices, mut services, mut labels) =
            (Numbers::default(), Numbers::default(), Numbers::default(), Numbers::default());
        let mut spans = Columns::default();
        let (mut faults, mut events, mut links) = (Vec::new(), Vec::new(), Vec::new());
        let mut limits = Vec::new();
        let (mut event_count, mut link_count) = (0, 0);
        for (at, of_page) in choice.spans.iter().enumerate() {
            let span = of_page.span();
            let number = |number: Option<usize>| number.and_then(|number| i64::try_from(number).ok()).unwrap_or(-1);
            spans.name.push(names.of(span.name()));
            spans.label.push(labels.of(label(span)));
            spans
                .device
                .push(number(device_of(span).filter(|device| !device.is_empty()).map(|device| devices.of(device))));
            let service = span.resource().attributes.get("service.name").and_then(Value::as_str);
            spans.service.push(number(service.map(|service| services.of(service))));
            spans.parent.push(place(of_page.parent()));
            spans.run_parent.push(place(grouped.span_ref(of_page.index()).and_then(SpanRef::parent)));
            spans.start.push(offset_of(of_page.index(), span.start()));
            spans.part.extend(page.parts.as_ref().map(|parts| parts.of(of_page.index())));
            let duration = span.end().map(|end| i64::try_from(end.since(span.start()).as_nanos()).unwrap_or(i64::MAX));
            spans.duration.push(duration.unwrap_or(-1));
            faults.extend(failure_of(span).map(|failure| (at, failure.into_owned())));
            event_count += span.events().len();
            let room = EVENTS_MAX.saturating_sub(events.len());
            events.extend(
                span.events()
                    .iter()
                    .take(room)
                    .map(|event| (at, offset_of(of_page.index(), event.timestamp), &*event.name)),
            );
            for link in span.links() {
                let Some(to) = trace.get_in(link.trace_id, link.span_id) else { continue };
                let Some(to) = choice.place_of[to.index()] else { continue };
                link_count += 1;
                if links.len() < LINKS_MAX {
                    links.push((at, to));
                }
            }
        }
        if event_count > events.len() {
            limits.push(format!(
                "of {event_count} events, {} are drawn; all are in the panels of their spans",
                events.len()
            ));
        }
        if link_count > links.len() {
            limits.push(format!(
                "of {link_count} links, {} are drawn; all are in the panels of their spans",
                links.len()
            ));
        }
        if page.moments.len() > MOMENTS_MAX {
            limits.push(format!("of {} moments, the first {MOMENTS_MAX} are drawn", page.moments.len()));
        }
        for readings in page.readings.iter().filter(|readings| readings.times.len() > POINTS_MAX) {
            let (count, step) = (readings.times.len(), readings.times.len().div_ceil(POINTS_MAX));
            limits.push(format!("of the {count} points of {}, one of every {step} is plotted", readings.title));
        }
        let defects = trace.defects();
        if defects.len() > DEFECTS_MAX {
            limits.push(format!("of what is malformed, {} things, the first {DEFECTS_MAX} are told", defects.len()));
        }
        let path = grouped.roots().flat_map(SpanRef::critical_path).filter_map(|part| {
            let length = u64::try_from(part.duration_ns()).unwrap_or_default();
            Some((choice.place_of[part.span.index()]?, offset_of(part.span.index(), part.start), length))
        });
        let critical_path = path.collect();
        // Of several traces each has told its own.
        let told = if page.parts.is_none() { told_lulls(trace, &page.lulls) } else { Vec::new() };
        let statistics = Sums::of(&trace.statistics(), &grouped, choice, |device| devices.of_known(device));
        let check = |failed: &FailedAssertion| Check {
            headline: clean(&failed.headline),
            report: clean(&failed.report),
            notes: failed
                .notes
                .iter()
                .filter_map(|(trace_id, span_id, note)| {
                    let span = trace.get_in(*trace_id, *span_id)?;
                    Some((choice.place_of[span.index()]?, clean(note)))
                })
                .collect(),
        };
        Self {
            version: FormatVersion,
            generator: concat!("skyspan ", env!("CARGO_PKG_VERSION")),
            title: &page.title,
            start,
            span_count: trace.len(),
            parts: page.parts.as_ref().map(|parts| &*parts.names),
            compared: page.parts.as_ref().is_some_and(|parts| parts.are_compared),
            left_out: choice.left_out,
            limits,
            names: names.texts,
            devices: devices.texts,
            services: services.texts,
            labels: labels.texts,
            telling: telling_keys(),
            spans,
            faults,
            troubles: page.troubles.iter().map(|trouble| clean(trouble)).collect(),
            checks: page.failed.iter().map(check).collect(),
            defects: defects.iter().take(DEFECTS_MAX).map(ToString::to_string).collect(),
            events,
            links,
            critical_path,
            moments: page
                .moments
                .iter()
                .take(MOMENTS_MAX)
                .map(|moment| (offset(moment.time), &*moment.kind, clean(&moment.label)))
                .collect(),
            lulls: page
                .lulls
                .iter()
                .chain(&told)
                .map(|lull| (offset(lull.start), offset(lull.end), clean(&lull.what)))
                .collect(),
            readings: page.readings.iter().map(|readings| WrittenReadings::of(readings, offset)).collect(),
            tables: &page.tables,
            statistics,
        }
    }
}

/// What stands on a span where there is room: for bluesky's the command and what it was told, for others the name.
fn label(span: &Span) -> String {
    let text = |key: &str| span.attr(key).map(|value| shown(value, 40));
    if let Some(command) = command_of(span) {
        let arguments = text("msg.args").filter(|arguments| command == "set" && arguments != "[]");
        let arguments = arguments.unwrap_or_default();
        return format!("{command} {}", arguments.trim_start_matches('[').trim_end_matches(']')).trim_end().to_owned();
    }
    if span.name() == STATUS {
        let unit = span.attr("unit").and_then(Value::as_str).unwrap_or_default();
        return match text("target") {
            Some(target) => format!("→ {target} {unit}").trim_end().to_owned(),
            None => "status".to_owned(),
        };
    }
    span.name().strip_prefix("Bluesky RunEngine ").unwrap_or(span.name()).to_owned()
}
