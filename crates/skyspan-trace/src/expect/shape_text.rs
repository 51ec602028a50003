//! The text of a [`Shape`]: a line a span, and lines below it for what is long.

use std::collections::HashMap;
use std::fmt;

use super::canonical_order::{Look, Order};
use super::origin::dropped;
use super::shape::Shape;
use super::shape_times::Lags;
use super::volatile::Names;
use crate::pad::{blank, width_of};
use crate::trace::{Attributes, SpanKind, SpanRef, Status, drawn_key, drawn_name, exact_duration};

/// What is wider stands on a line of its own, so that a line of a diff has one of them.
const SHORT_MAX: usize = 60;
/// Spans that are deeper say how deep they are, and stand in no further.
const LEVELS_MAX: usize = 32;
/// What a line begins with that belongs to the span above it. No name begins so without quotes.
const BELOW: &str = "│ ";

/// What is said of a span, an event or a link: in its line, and in lines below that.
#[derive(Default)]
struct Said {
    line: String,
    below: Vec<String>,
}

impl Said {
    fn of(head: String) -> Self {
        Self { line: head, below: Vec::new() }
    }

    fn says(&mut self, part: String) {
        if width_of(&part) > SHORT_MAX {
            self.below.extend(lines(&part));
        } else {
            self.line.push_str(if self.line.ends_with(' ') || self.line.is_empty() { "" } else { " " });
            self.line.push_str(&part);
        }
    }

    /// Something that has a line of its own.
    fn has(&mut self, part: Self) {
        self.below.push(part.line);
        self.below.extend(part.below.into_iter().map(|line| format!("  {line}")));
    }
}

/// A long part on as many lines as the text in it has.
fn lines(part: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        let line = lines.last_mut();
        let Some(line) = line else { break };
        line.push(c);
        if c == '\\' {
            let escaped = chars.next();
            line.extend(escaped);
            if escaped == Some('n') && !chars.as_str().starts_with('"') {
                lines.push("    ".to_owned());
            }
        }
    }
    lines
}

impl<'t> Shape<'t> {
    /// The spans in the order in which the shape has them.
    pub(super) fn order(&self) -> Order<'t> {
        let mut alike = Names::alike(self.start(), &self.rules);
        Order::of(self.trace, self.siblings(), |span| {
            let name = alike.text(span.name());
            let duration = self.duration(span);
            let said = self.said(span, Said::of(format!("{name} {duration} ")), &mut alike, &Labels::default(), None);
            let text = said.below.iter().fold(said.line, |text, line| text + "\n" + line);
            Look { text, volatile: alike.take_seen() }
        })
    }

    fn duration(&self, span: SpanRef<'_>) -> String {
        match span.span().signed_duration_ns() {
            None => "open".to_owned(),
            Some(ns) if self.times => exact_duration(ns),
            Some(_) => String::new(),
        }
    }

    /// All that is said of a span behind its times, after the beginning of its line.
    fn said(
        &self,
        span: SpanRef<'_>,
        mut said: Said,
        names: &mut Names<'_>,
        labels: &Labels,
        before: Option<SpanRef<'_>>,
    ) -> Said {
        names.start_from(span.span().start());
        self.attributes(span.span().attributes(), names, &mut said);
        if span.kind() != SpanKind::Internal {
            said.says(format!("kind {:?}", span.kind()));
        }
        match span.span().status() {
            Status::Unset => {}
            Status::Ok => said.says("status OK".to_owned()),
            Status::Error { description } => said.says(format!("status ERROR {:?}", names.text(description))),
        }
        if self.parts.trace_state && !span.trace_state().is_empty() {
            said.says(format!("trace state {:?}", names.text(span.trace_state())));
        }
        if self.parts.dropped
            && let Some(dropped) = dropped(span)
        {
            said.says(format!("dropped {dropped}"));
        }
        if span.parent_id().is_some() && span.parent().is_none() {
            let missing = span.parent_id().and_then(|id| span.trace().get_in(span.trace_id(), id)).is_none();
            said.says(if missing { "its parent is not in the trace" } else { "it is its own ancestor" }.to_owned());
        }
        for event in span.span().events() {
            let mut part = Said::of(format!("event {:?}", names.text(&event.name)));
            if self.times {
                let after_ns = event.timestamp.signed_ns_since(span.span().start());
                part.line += &format!("  after {}", exact_duration(after_ns));
            }
            part.line += "  ";
            self.attributes(&event.attributes, names, &mut part);
            said.has(part);
        }
        for link in span.span().links() {
            let to = match span.trace().get_in(link.trace_id, link.span_id) {
                Some(to) => format!("{:?}{}", names.text(to.name()), labels.number(to)),
                None => "elsewhere".to_owned(),
            };
            let mut part = Said::of(format!("link to {to}  "));
            self.attributes(&link.attributes, names, &mut part);
            if self.parts.trace_state && !link.trace_state.is_empty() {
                part.says(format!("trace state {:?}", names.text(&link.trace_state)));
            }
            said.has(part);
        }
        self.origin(span, before, names, &mut said);
        said
    }

    /// Scope and resource, where they are asked for, and others than those of the span before.
    fn origin(&self, span: SpanRef<'_>, before: Option<SpanRef<'_>>, names: &mut Names<'_>, said: &mut Said) {
        if self.parts.scope && before.is_none_or(|before| before.scope() != span.scope()) {
            let mut part = Said::of("scope".to_owned());
            match span.scope() {
                None => part.says("none".to_owned()),
                Some(scope) => {
                    part.says(format!("{:?}", names.text(&scope.name)));
                    part.line += "  ";
                    for (key, value) in [("version", &scope.version), ("schema_url", &scope.schema_url)] {
                        if let Some(value) = value {
                            part.says(format!("{key}={:?}", names.text(value)));
                        }
                    }
                    self.attributes(&scope.attributes, names, &mut part);
                }
            }
            said.has(part);
        }
        if self.parts.resource && before.is_none_or(|before| before.resource() != span.resource()) {
            let mut part = Said::of("resource  ".to_owned());
            let resource = span.resource();
            if !resource.schema_url.is_empty() {
                part.says(format!("schema_url={:?}", names.text(&resource.schema_url)));
            }
            self.attributes(&resource.attributes, names, &mut part);
            said.has(part);
        }
    }

    fn attributes(&self, attributes: &Attributes, names: &mut Names<'_>, said: &mut Said) {
        for (key, value) in attributes.iter().filter(|(key, _)| self.rules.shows(key)) {
            said.says(format!("{}={}", drawn_key(key), names.value(key, value)));
        }
    }
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.order();
        let labels = Labels::of(&order);
        let lags = self.times.then(|| Lags::of(&order, self.start()));
        let mut names = Names::numbered(self.start(), &self.rules);
        let mut before = None;
        let mut out = Ok(());
        order.preorder(&order.roots, |at, depth, _| {
            let span = order.spans[at];
            let indent = match depth {
                0..=LEVELS_MAX => blank(2 * depth),
                _ => format!("⋯{depth} "),
            };
            let mut head = format!("{indent}{}", drawn_name(&names.text(span.name())));
            let duration = self.duration(span);
            if !duration.is_empty() {
                head += "  ";
                head += &duration;
            }
            if let Some(lags) = &lags {
                head += &lags.words(at);
            }
            let said = self.said(span, Said::of(head + "  "), &mut names, &labels, before);
            before = Some(span);
            out = writeln!(f, "{}", said.line.trim_end());
            let indent = blank(2 * (depth.min(LEVELS_MAX) + 1));
            for line in &said.below {
                out = out.and_then(|()| writeln!(f, "{indent}{BELOW}{}", line.trim_end()));
            }
            out.is_err().then_some(std::cmp::Ordering::Equal)
        });
        out
    }
}

/// Which of several spans with one name each is, as they are drawn.
#[derive(Default)]
pub(super) struct Labels(HashMap<usize, usize>);

impl Labels {
    pub(super) fn of(order: &Order<'_>) -> Self {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut numbers = HashMap::new();
        order.preorder(&order.roots, |span, _, _| {
            let name = order.spans[span].span().name();
            let number = seen.entry(name).or_default();
            *number += 1;
            numbers.insert(span, *number);
            None
        });
        let is_one_of_many = |span: &usize| seen.get(order.spans[*span].span().name()).is_some_and(|many| *many > 1);
        numbers.retain(|span, _| is_one_of_many(span));
        Self(numbers)
    }

    /// ` #2`, or nothing if no other is called so.
    pub(super) fn number(&self, span: SpanRef<'_>) -> String {
        self.0.get(&span.index()).map(|number| format!(" #{number}")).unwrap_or_default()
    }
}
