//! [`Page::of_several`] and [`Page::of_diff`]: several traces on one page, each from its own beginning.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::moments::{PageMoment, PlotReadings, Table};
use super::page::Page;
use crate::compare::{AttributeChange, StructureChange, TimeChange, TimeVerdict, TraceDiff};
use crate::trace::capture::FailedAssertion;
use crate::trace::{Lull, Span, SpanId, SpanLabel, Trace, TraceId, rounded_duration, told_lulls};
use crate::value::Timestamp;

/// Between two traces that lie one after another, so that nothing of one is under way in another.
const BETWEEN_NS: i128 = 1_000_000_000;
/// So many changes are noted on their spans.
const NOTES_MAX: usize = 2_000;

/// The traces of a page that has several. Their spans lie one after another in one trace, so that none is taken for a part of another;
/// drawn are all of them from the beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) names: Vec<String>,
    /// The place behind the last span of each.
    ends: Vec<usize>,
    /// How much later than the first trace each lies, in nanoseconds.
    later_ns: Vec<i128>,
    /// Whether they are compared: then lanes of one kind stand together.
    pub(super) are_compared: bool,
}

impl Parts {
    /// Of which trace a span is, by its place.
    pub(super) fn of(&self, span: usize) -> usize {
        self.ends.partition_point(|end| *end <= span)
    }

    /// By how much a span is drawn earlier than it lies, so that its trace begins with the first one.
    pub(super) fn later_ns(&self, span: usize) -> i128 {
        self.later_ns.get(self.of(span)).copied().unwrap_or_default()
    }
}

impl Page {
    /// A page of several traces, each from its own beginning, under the titles of their pages.
    ///
    /// A trace id that an earlier one has, too, is made another: traces of one seed have the same ids.
    ///
    /// ```
    /// use skyspan_trace::page::Page;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let pages = ["monday", "tuesday"].map(|day| {
    ///     let trace = Trace::from_spans([Span::builder("scan").trace_id(1).span_id(1).build()]);
    ///     Page::of(&trace).title(day)
    /// });
    /// let html = Page::of_several(pages).to_html();
    /// assert!(html.contains("\"parts\":[\"monday\",\"tuesday\"]"));
    /// ```
    pub fn of_several(pages: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::of(&Trace::default());
        let (mut spans, mut known) = (Vec::new(), HashSet::new());
        let mut first = None;
        // Where the next trace begins.
        let mut free: Option<Timestamp> = None;
        for page in pages {
            let Some((start, end)) = page.trace.extent() else {
                whole.troubles.push(format!("{}: there is no span", page.title));
                whole.troubles.extend(page.troubles.iter().map(|trouble| format!("{}: {trouble}", page.title)));
                continue;
            };
            let first = *first.get_or_insert(start);
            let later_ns = free.map_or(0, |free| free.signed_ns_since(start) + BETWEEN_NS);
            free = Some(moved(end, later_ns));
            let ids = other_ids(&page.trace, &mut known);
            let of = |id: TraceId| ids.get(&id).copied().unwrap_or(id);
            spans.extend(page.trace.shared_spans().iter().map(|span| match (later_ns, ids.is_empty()) {
                (0, true) => Arc::clone(span),
                _ => Arc::new(Span::clone(span).later_by_ns(later_ns).in_traces(of)),
            }));
            let parts = whole.parts.get_or_insert_default();
            parts.ends.push(spans.len());
            // What is drawn lies as far from the first beginning as it does from its own.
            parts.later_ns.push(start.signed_ns_since(first) + later_ns);
            let name = &page.title;
            parts.names.push(name.clone());
            let at = |time: Timestamp| moved(time, first.signed_ns_since(start));
            let told = told_lulls(&page.trace, &page.lulls);
            whole.lulls.extend(
                page.lulls
                    .iter()
                    .chain(&told)
                    .map(|lull| Lull::new(at(lull.start), at(lull.end), format!("{name}: {}", lull.what))),
            );
            let moment = |moment: &PageMoment| {
                PageMoment::new(at(moment.time), format!("{name}: {}", moment.kind), &*moment.label)
            };
            whole.moments.extend(page.moments.iter().map(moment));
            whole.readings.extend(page.readings.iter().map(|readings| PlotReadings {
                title: format!("{name}: {}", readings.title),
                times: readings.times.iter().map(|time| at(*time)).collect(),
                ..readings.clone()
            }));
            whole.tables.extend(
                page.tables.iter().map(|table| Table { title: format!("{name}: {}", table.title), ..table.clone() }),
            );
            whole.troubles.extend(page.troubles.iter().map(|trouble| format!("{name}: {trouble}")));
            whole.failed.extend(page.failed.iter().map(|failed| {
                let note = |(trace, span, note): &(TraceId, SpanId, String)| (of(*trace), *span, note.clone());
                FailedAssertion { notes: failed.notes.iter().map(note).collect(), ..failed.clone() }
            }));
        }
        whole.trace = Trace::from_shared(spans);
        whole
    }

    /// A page of two traces, one beside the other, and what differs between them: as `before` and `after` are called, their spans,
    /// each with a note where it differs, and the times that changed. Of several recordings a side it shows the first.
    ///
    /// ```
    /// use skyspan_trace::page::Page;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = |target: i64| Trace::from_spans([Span::builder("set").span_id(1).attribute("target", target).build()]);
    /// let (before, after) = (trace(5), trace(6));
    /// let html = Page::of_diff(("monday", &before), ("tuesday", &after), &before.diff(&after)).to_html();
    /// assert!(html.contains("target: 5 before, 6 now"));
    /// ```
    pub fn of_diff(before: (&str, &Trace), after: (&str, &Trace), diff: &TraceDiff) -> Self {
        // Of two with one name each is told from the other.
        let names = if before.0 == after.0 {
            [format!("{} before", before.0), format!("{} after", after.0)]
        } else {
            [before.0.to_owned(), after.0.to_owned()]
        };
        let [a, b] = [before.1, after.1];
        let pages = [a, b].into_iter().zip(&names).map(|(trace, name)| Self::of(trace).title(name));
        let mut page = Self::of_several(pages).title(format!("{} and {}", before.0, after.0));
        let Some(parts) = page.parts.as_mut().filter(|parts| parts.names.len() == 2) else { return page };
        parts.are_compared = true;
        let end_of_before = parts.ends[0];
        // The spans of either side by the ids that they have on this page.
        let mut ids = [HashMap::<SpanId, TraceId>::new(), HashMap::new()];
        for span in page.trace.spans() {
            let side = usize::from(span.index() >= end_of_before);
            ids[side].entry(span.span().span_id()).or_insert_with(|| span.trace_id());
        }
        let mut notes = Vec::new();
        let mut note = |side: usize, span: &SpanLabel, note: String| {
            let trace = ids[side].get(&span.span_id).filter(|_| notes.len() < NOTES_MAX);
            notes.extend(trace.map(|trace| (*trace, span.span_id, note)));
        };
        for change in &diff.structure {
            let below =
                |spans: usize| if spans > 1 { format!(", with {} spans below it", spans - 1) } else { String::new() };
            match change {
                StructureChange::Removed { span, spans, .. } => note(0, span, format!("gone{}", below(*spans))),
                StructureChange::Added { span, spans, .. } => note(1, span, format!("new{}", below(*spans))),
                StructureChange::Moved { before, after, from, to, .. } => {
                    let place = |parent: &Option<SpanLabel>| {
                        parent.as_ref().map_or_else(|| "at the root".to_owned(), |it| format!("below {:?}", it.name))
                    };
                    note(0, before, format!("moved: {} now", place(to)));
                    note(1, after, format!("moved: {} before", place(from)));
                }
                StructureChange::Renamed { before, after } => {
                    note(0, before, format!("renamed: {:?} now", after.name));
                    note(1, after, format!("renamed: {:?} before", before.name));
                }
            }
        }
        for change in &diff.attributes {
            note(0, &change.span_before, attribute_note(change));
            note(1, &change.span_after, attribute_note(change));
        }
        page.tables.push(times(diff));
        if diff.differs {
            let counts = [
                (diff.slower().count(), "slower"),
                (diff.structure.len(), "of structure"),
                (diff.attributes.len(), "of attributes"),
            ];
            let counts: Vec<String> = counts
                .into_iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, what)| format!("{number} {what}"))
                .collect();
            let headline = if counts.is_empty() {
                format!("{} and {} differ", before.0, after.0)
            } else {
                format!("{} and {} differ: {}", before.0, after.0, counts.join(", "))
            };
            page.failed.push(FailedAssertion { headline, report: diff.to_string(), notes });
        }
        page
    }
}

fn attribute_note(change: &AttributeChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let others = match change.pairs {
        0 | 1 => String::new(),
        pairs => format!(", and so {} others", pairs - 1),
    };
    format!("{}: {} before, {} now{others}", change.key, value(&change.before), value(&change.after))
}

/// The times that differ, and those that do not.
fn times(diff: &TraceDiff) -> Table {
    let duration = |time: std::time::Duration| rounded_duration(i128::try_from(time.as_nanos()).unwrap_or(i128::MAX));
    let row = |change: &TimeChange| {
        let verdict = match change.verdict {
            TimeVerdict::Slower => "slower",
            TimeVerdict::Faster => "faster",
            TimeVerdict::Noise => "noise",
            TimeVerdict::Same => "",
        };
        [
            [&*change.name, change.device.as_deref().unwrap_or_default()].join(" ").trim_end().to_owned(),
            change.spans_after.to_string(),
            duration(change.before),
            duration(change.after),
            change.change.map_or_else(|| "-".to_owned(), |change| format!("{:+.1} %", 100.0 * change)),
            verdict.to_owned(),
        ]
    };
    let head = ["span", "spans", "before", "after", "each", ""];
    diff.times.iter().map(row).fold(Table::new("Times before and after", head), Table::row)
}

/// For each trace id that is known already another one.
fn other_ids(trace: &Trace, known: &mut HashSet<TraceId>) -> HashMap<TraceId, TraceId> {
    let own: HashSet<TraceId> = trace.spans().map(|span| span.trace_id()).collect();
    let (mut ids, mut taken) = (HashMap::new(), HashSet::new());
    for id in own.iter().filter(|id| known.contains(id)) {
        let number = u128::from_be_bytes(id.to_bytes());
        let free = |id: &TraceId| *id != TraceId::INVALID && !known.contains(id) && !own.contains(id);
        // The upper half tells traces of neighbouring ids from what becomes of them at once.
        let other = (1..=u128::from(u64::MAX)).map(|by| TraceId::from(number ^ (by << 64)));
        let other = { other }.find(|id| free(id) && !taken.contains(id)).unwrap_or(*id);
        taken.insert(other);
        ids.insert(*id, other);
    }
    known.extend(own.iter().map(|id| ids.get(id).copied().unwrap_or(*id)));
    ids
}

/// A time so much later, as far as there are times.
fn moved(time: Timestamp, by_ns: i128) -> Timestamp {
    let ns = (i128::from(time.unix_ns()) + by_ns).clamp(0, i128::from(u64::MAX));
    Timestamp::from_unix_ns(u64::try_from(ns).unwrap_or(u64::MAX))
}
