//! [`assert_tree!`](crate::assert_tree).

use crate::expect::ForestExpectation;
use crate::trace::Trace;

/// Wants a trace to be exactly the trees of a text, which is close to a drawn tree; panics with the report where it is not.
///
/// One line a span, with two spaces of indentation for each level. What the line says of a span holds, other attributes
/// are free, and no other spans are there. [`ForestExpectation::parse`](crate::expect::ForestExpectation::parse) has the
/// whole grammar; what [`Trace::draw`](crate::trace::Trace::draw) and `skyspan tree` print is a text of that trace.
///
/// ```
/// use skyspan_trace::assert_tree;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([
///     Span::builder("demo plan").trace_id(1).span_id(1).build(),
///     Span::builder("set").trace_id(1).span_id(2).parent_id(1).attribute("msg.args", [5]).build(),
/// ]);
/// assert_tree!(trace, r#"
///     demo plan
///       set      msg.args=[5]
/// "#);
/// ```
///
/// ```should_panic
/// # use skyspan_trace::assert_tree;
/// # use skyspan_trace::trace::{Span, Trace};
/// # let trace = Trace::from_spans([
/// #     Span::builder("demo plan").trace_id(1).span_id(1).build(),
/// #     Span::builder("set").trace_id(1).span_id(2).parent_id(1).attribute("msg.args", [5]).build(),
/// # ]);
/// assert_tree!(trace, r#"
///     demo plan
///       set      msg.args=[5.0]
/// "#);
/// ```
///
/// # Panics
///
/// If the trace is otherwise, or the text is none: then with the line, the column and a mark below it.
#[macro_export]
macro_rules! assert_tree {
    ($trace:expr, $text:expr $(,)?) => {
        $crate::expect::assert_tree_at_caller(&$trace, ::core::convert::AsRef::<str>::as_ref(&$text))
    };
}

/// What [`assert_tree!`](crate::assert_tree) comes down to.
#[doc(hidden)]
#[track_caller]
pub fn assert_tree_at_caller(trace: &Trace, text: &str) {
    match ForestExpectation::parse(text) {
        Ok(trees) => trace.assert(trees),
        Err(error) => panic!("the text is no tree: {error}"),
    }
}
