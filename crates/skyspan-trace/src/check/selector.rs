//! [`Selector`]: the spans of a trace that queries select.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::expect::{SpanExpectation, chosen};
use crate::query::{Query, QueryError};
use crate::trace::Trace;
use crate::value::Position;
use crate::value::yaml::{Node, NodeValue, YamlError};

/// The spans of a trace that queries select, over all of it as if it were of one trace id. A query is asked once.
pub(super) struct Selector<'t> {
    pub(super) trace: &'t Trace,
    /// By the text of the query: what it selects, and how many.
    found: RefCell<HashMap<String, (SpanExpectation, usize)>>,
}

impl<'t> Selector<'t> {
    pub(super) fn new(trace: &'t Trace) -> Self {
        Self { trace, found: RefCell::default() }
    }

    /// One of the spans that a query selects.
    pub(super) fn spans(&self, query: &Query) -> Result<SpanExpectation, QueryError> {
        Ok(self.selected(query)?.0)
    }

    /// How many spans a query selects.
    pub(super) fn number(&self, query: &Query) -> Result<usize, QueryError> {
        Ok(self.selected(query)?.1)
    }

    fn selected(&self, query: &Query) -> Result<(SpanExpectation, usize), QueryError> {
        if let Some(known) = self.found.borrow().get(query.as_str()) {
            return Ok(known.clone());
        }
        let selected = query.select_over_all(self.trace)?;
        let number = selected.len();
        let found = (chosen(on_one_line(query.as_str()), selected), number);
        self.found.borrow_mut().insert(query.as_str().to_owned(), found.clone());
        Ok(found)
    }
}

/// What is made of a trace once its queries are answered.
pub(super) type Maker<T> = Arc<dyn Fn(&Selector<'_>) -> Result<T, QueryError> + Send + Sync>;

/// A text as it can be told in a sentence.
pub(super) fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a query that selects spans.
pub(super) fn query(node: &Node) -> Result<Query, YamlError> {
    const WHAT: &str = "a query in TraceQL, in quotes: '{ name = \"Bluesky RunEngine wait\" }'";
    let text = node.as_str().ok_or_else(|| {
        let error = node.unexpected(WHAT);
        match node.value {
            // Without quotes the braces are those of YAML.
            NodeValue::Mapping(_) => error.with_help("put the query in quotes"),
            _ => error,
        }
    })?;
    let query: Query = text.parse().map_err(|error: QueryError| {
        let told =
            YamlError::new(place_in(node, error.position), format!("{} in the query", error.expected), &*error.found);
        if error.help.is_empty() { told } else { told.with_help(&*error.help) }
    })?;
    if query.is_metrics() {
        let found = "one that asks for numbers over time";
        return Err(YamlError::new(node.position, "a query that selects spans", found));
    }
    Ok(query)
}

/// Where something stands in the file that stands somewhere in a text of it. In quotes it is a column further, and in a block
/// every line is as far to the right as the first.
pub(super) fn place_in(node: &Node, inner: Position) -> Position {
    let is_block = node.as_str().is_some_and(|text| text.contains('\n'));
    let from = node.position.column + usize::from(!is_block);
    match inner.line {
        1 => Position { line: node.position.line, column: from + inner.column - 1 },
        _ if is_block => Position { line: node.position.line + inner.line - 1, column: from + inner.column - 1 },
        _ => node.position,
    }
}
