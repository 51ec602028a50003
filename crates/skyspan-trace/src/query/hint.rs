//! [`QueryHint`]: what those who asked may not know.

use std::fmt;

use super::error::Fault;
use super::evaluate::program::Program;
use super::evaluate::source::Scene;

/// What those who asked may not know about an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum QueryHint {
    /// `&&` and `||` stand side by side without brackets, and the answer would be another if `&&` bound tighter, as it does in
    /// most languages. In TraceQL they bind alike, from left to right.
    BindAlike {
        /// So many spans were found.
        spans: usize,
        /// So many there would have been.
        and_tighter: usize,
    },
    /// The query counts, or asks of several spans together, found nothing, and most traces have one span: a query asks of each
    /// trace id apart.
    OneSpanTraces {
        /// How many trace ids there are.
        traces: usize,
        /// How many of them have one span.
        of_one_span: usize,
        /// In how many the first selection finds something.
        selected: usize,
    },
}

impl fmt::Display for QueryHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BindAlike { spans, and_tighter } => write!(
                f,
                "`&&` and `||` bind alike in TraceQL, from left to right: {spans} spans are found, and {and_tighter} would be \
                 if `&&` bound tighter; brackets say which is meant"
            ),
            Self::OneSpanTraces { traces, of_one_span, selected } => write!(
                f,
                "a query counts within each trace id, and {of_one_span} of the {traces} here have one span alone; the first \
                 selection finds spans in {selected} of them; `Trace::grouped_by_run`, and --group-by run on the command line, make \
                 one trace of each run of bluesky"
            ),
        }
    }
}

/// The hint about traces of one span, where most are.
pub(super) fn one_span_traces(scene: &Scene<'_>, program: &Program) -> Result<Option<QueryHint>, Fault> {
    let traces = scene.groups.len();
    let of_one_span = (0..traces).filter(|group| scene.groups.members(*group).len() == 1).count();
    if traces < 2 || 2 * of_one_span < traces {
        return Ok(None);
    }
    let mut selected = 0;
    for group in 0..traces {
        selected += usize::from(program.first_choice(scene, group)? > 0);
    }
    Ok((selected > 1).then_some(QueryHint::OneSpanTraces { traces, of_one_span, selected }))
}
