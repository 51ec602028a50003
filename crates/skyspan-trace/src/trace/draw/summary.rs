//! What a drawing says before the tree: how much there is, and what failed.

use std::fmt;

use super::drawing::Drawing;
use super::layout::Paint;
use super::telling::{Telling, device_of, failure_of};
use super::word::drawn_name;
use crate::pad::{cut_to, one_line, to_right, width_of};
use crate::table::grouped;
use crate::trace::Trace;
use crate::value::{Text, Timestamp};

/// In a tree of fewer lines failures are seen without a list.
pub(super) const LINES_WITHOUT_LIST: usize = 30;
/// So many failures are listed.
const LISTED_MAX: usize = 8;

/// How much there is, and what failed.
pub(super) struct Summary {
    spans: usize,
    open: usize,
    failed: usize,
    /// The first of those that failed alike, by start, and how many they are.
    failures: Vec<(u32, usize)>,
    extent: (Timestamp, Timestamp),
}

impl Summary {
    pub(super) fn of(trace: &Trace, extent: (Timestamp, Timestamp)) -> Self {
        let mut summary = Self { spans: trace.len(), open: 0, failed: 0, failures: Vec::new(), extent };
        let mut alike = rustc_hash::FxHashMap::<(String, String), usize>::default();
        for span in trace.spans() {
            summary.open += usize::from(span.span().end().is_none());
            let Some(failure) = failure_of(span.span()) else { continue };
            summary.failed += 1;
            let place = *alike.entry((span.span().name().to_owned(), failure.into_owned())).or_insert_with(|| {
                summary.failures.push((span.index() as u32, 0));
                summary.failures.len() - 1
            });
            let (first, number) = &mut summary.failures[place];
            *number += 1;
            if span.span().start() < trace.at(*first).span().start() {
                *first = span.index() as u32;
            }
        }
        summary.failures.sort_by_key(|(first, _)| trace.at(*first).span().start());
        summary
    }

    pub(super) const fn has_failures(&self) -> bool {
        self.failed > 0
    }

    pub(super) fn write_head(
        &self,
        f: &mut fmt::Formatter<'_>,
        drawing: &Drawing<'_>,
        telling: Telling,
    ) -> fmt::Result {
        let (first, last) = self.extent;
        let mut parts = vec![
            format!("{} {}", grouped(self.spans as u64), if self.spans == 1 { "span" } else { "spans" }),
            telling.duration(last.signed_ns_since(first)),
        ];
        if self.failed > 0 {
            parts.push(format!("{} failed", grouped(self.failed as u64)));
        }
        if self.open > 0 {
            parts.push(format!("{} open", grouped(self.open as u64)));
        }
        // A second is enough for people to find it in a log.
        let time = first.to_string();
        let time = time.split_once('.').map_or(&*time, |(second, _)| second).replace('T', " ");
        if first != Timestamp::EPOCH {
            parts.push(format!("from {time} UTC"));
        }
        // What has no room is left out, and not cut.
        let mut line = parts.remove(0);
        for part in parts {
            if width_of(&line) + 2 + width_of(&part) <= drawing.width {
                line += ", ";
                line += &part;
            }
        }
        let paint = if self.failed > 0 { Paint::Failure } else { Paint::Faint };
        writeln!(f, "{}", paint.of(&cut_to(&line, drawing.width), drawing.in_color))
    }

    /// What failed and when, for a tree that is long.
    pub(super) fn write_failures(
        &self,
        f: &mut fmt::Formatter<'_>,
        drawing: &Drawing<'_>,
        telling: Telling,
    ) -> fmt::Result {
        let offset = |at: u32| {
            let start = drawing.trace.at(at).span().start();
            telling.duration(start.signed_ns_since(self.extent.0))
        };
        let listed = &self.failures[..self.failures.len().min(LISTED_MAX)];
        let width = listed.iter().map(|(at, _)| width_of(&offset(*at))).max().unwrap_or(0);
        for (at, number) in listed {
            let span = drawing.trace.at(*at).span();
            let mut line = format!("✗ {}  {}", to_right(&offset(*at), width), drawn_name(span.name()));
            if let Some(device) = device_of(span) {
                line += &format!(" {}", one_line(device));
            }
            if *number > 1 {
                line += &format!(" ×{}", grouped(*number as u64));
            }
            line += &format!(": {}", one_line(&failure_of(span).unwrap_or_default()));
            writeln!(f, "{}", Paint::Failure.of(&cut_to(&line, drawing.width), drawing.in_color))?;
        }
        match self.failures.len() - listed.len() {
            0 => {}
            more => writeln!(f, "✗ and {more} more that failed otherwise")?,
        }
        writeln!(f)
    }
}

/// What a drawing leaves out, in its last line.
pub(super) fn write_left_out(f: &mut fmt::Formatter<'_>, drawing: &Drawing<'_>, drawn: usize) -> fmt::Result {
    let whole = drawing.trace.len();
    if drawn == whole {
        return Ok(());
    }
    let line = format!("{} of {} spans are drawn", grouped(drawn as u64), grouped(whole as u64));
    writeln!(f, "{}", Paint::Faint.of(&cut_to(&line, drawing.width), drawing.in_color))
}

/// What stands for a trace without spans.
pub(super) const NO_SPANS: Text = Text::literal("(no spans)");
