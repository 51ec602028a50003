//! [`Page`]: what is to be on a page.

use std::io;

use super::SPANS_MAX;
use super::moments::{PageMoment, PlotReadings, Table};
use super::several::Parts;
use super::write::write;
use crate::expect::Mismatch;
use crate::trace::capture::FailedAssertion;
use crate::trace::{Lull, Redaction, Trace};

/// A page that shows a trace: a timeline to zoom and search, what went wrong, what held each wait, statistics, every attribute, and
/// the words that would assert a span.
///
/// What looks like a secret is [taken out](Redaction) unless the page is [told](Self::unredacted) to keep it.
///
/// ```
/// use skyspan_trace::expect::{none, span};
/// use skyspan_trace::page::Page;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("retry").attribute("token", "hunter2").build()]);
/// let mismatch = trace.check(none(span("retry"))).unwrap_err();
/// let html = Page::of(&trace).title("last night").mismatch(&mismatch).to_html();
/// assert!(html.starts_with("<!doctype html>"));
/// assert!(html.contains("last night") && html.contains("the trace is not as expected"));
/// assert!(!html.contains("hunter2"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a page is only made when it is written"]
pub struct Page {
    pub(super) trace: Trace,
    pub(super) title: String,
    pub(super) failed: Vec<FailedAssertion>,
    pub(super) troubles: Vec<String>,
    pub(super) moments: Vec<PageMoment>,
    pub(super) lulls: Vec<Lull>,
    pub(super) readings: Vec<PlotReadings>,
    pub(super) tables: Vec<Table>,
    /// The traces of which it is, where these are several.
    pub(super) parts: Option<Parts>,
    pub(super) redaction: Option<Redaction>,
    pub(super) spans_max: usize,
}

impl Page {
    /// A page of a trace.
    pub fn of(trace: &Trace) -> Self {
        Self {
            trace: trace.clone(),
            title: "trace".to_owned(),
            failed: Vec::new(),
            troubles: Vec::new(),
            moments: Vec::new(),
            lulls: Vec::new(),
            readings: Vec::new(),
            tables: Vec::new(),
            parts: None,
            redaction: Some(Redaction::new()),
            spans_max: SPANS_MAX,
        }
    }

    /// What the page is called; `trace` unless this is said.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Marks what was expected of this trace in vain: the spans that differ, with in what, and the report. May be said several times.
    pub fn mismatch(self, mismatch: &Mismatch) -> Self {
        self.failed(mismatch.failed_assertion())
    }

    /// Marks what was [asserted](crate::trace::Capture::failed_assertions) of this trace in vain.
    pub fn failed(mut self, failed: FailedAssertion) -> Self {
        self.failed.push(failed);
        self
    }

    /// Says on top that something went wrong which no span tells: an error of the plan, and where it came from.
    pub fn trouble(mut self, what: impl Into<String>) -> Self {
        self.troubles.push(what.into());
        self
    }

    /// Shows what happened at some times.
    pub fn moments(mut self, moments: impl IntoIterator<Item = PageMoment>) -> Self {
        self.moments.extend(moments);
        self
    }

    /// Shows when all was at rest, behind the spans: pauses, suspensions, sleeps.
    pub fn lulls(mut self, lulls: impl IntoIterator<Item = Lull>) -> Self {
        self.lulls.extend(lulls);
        self
    }

    /// Plots what was read.
    pub fn readings(mut self, readings: impl IntoIterator<Item = PlotReadings>) -> Self {
        self.readings.extend(readings);
        self
    }

    /// Adds tables below the timeline.
    pub fn tables(mut self, tables: impl IntoIterator<Item = Table>) -> Self {
        self.tables.extend(tables);
        self
    }

    /// Takes out of the trace what this says, in place of what is a secret by default.
    pub fn redaction(self, redaction: Redaction) -> Self {
        Self { redaction: Some(redaction), ..self }
    }

    /// Takes nothing out, also what looks like a secret.
    pub fn unredacted(self) -> Self {
        Self { redaction: None, ..self }
    }

    /// Shows so many spans at most; [`SPANS_MAX`] unless this is said.
    pub fn spans_max(self, spans_max: usize) -> Self {
        Self { spans_max, ..self }
    }

    /// The page as one HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory does not fail, and JSON is UTF-8.
        let _ = write(self, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes the page.
    ///
    /// # Errors
    ///
    /// Those of what it is written to.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write(self, out)
    }
}

impl Trace {
    /// The trace as an HTML page, to be opened from disk: [`Page::of`], and nothing beside the spans.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let html = Trace::from_spans([Span::builder("</script><b>").build()]).to_html();
    /// assert!(!html.contains("</script><b>"));
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        Page::of(self).to_html()
    }
}
