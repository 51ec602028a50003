//! [`Query`]: a query that was read and makes sense.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::answer::{QueryAnswer, TraceMatch};
use super::check::check;
use super::emptied::{EmptyingCondition, emptied_by};
use super::error::{Fault, QueryError, QueryProblem};
use super::evaluate::condition::folded;
use super::evaluate::program::Program;
use super::evaluate::source::Scene;
use super::hint::{QueryHint, one_span_traces};
use super::metrics::TimeRange;
use super::metrics::plan::MetricPlan;
use super::syntax::ast::{Ast, Field, Metric, MetricTree, Root, SetTree, Stage};
use super::syntax::cursor::Binding;
use super::syntax::parse_set::parse;
use crate::trace::{SpanRef, Trace};

/// A query in TraceQL that was read and makes sense: what is asked of a [`Trace`]. Cheap to clone.
///
/// [`FromStr`] reads it from a text of at most 131,072 bytes, nested 64 levels deep at most, and its `Display` is a text that is read as the same query, with what can be worked out worked out.
///
/// ```
/// use skyspan_trace::query::Query;
///
/// let query: Query = r#"{name="set" && duration > 1h/2}|count()>3"#.parse()?;
/// assert_eq!(query.to_string(), "{ (name = `set`) && (duration > 1.8e+12) } | count() > 3");
/// assert_eq!(query.to_string().parse::<Query>()?, query);
/// # Ok::<(), skyspan_trace::query::QueryError>(())
/// ```
#[derive(Clone)]
pub struct Query(Arc<ParsedQuery>);

struct ParsedQuery {
    text: String,
    ast: Ast,
    plan: Plan,
    /// What it would be if `&&` bound tighter than `||`, if that is something else.
    and_tighter: Option<Plan>,
}

/// A query, made ready.
enum Plan {
    Spans(Program),
    Metrics(Box<MetricPlan>),
}

impl Plan {
    fn new(ast: &Ast) -> Result<Self, Fault> {
        match &ast.root {
            Root::Spans(stages) => Program::new(stages).map(Self::Spans),
            Root::Metrics(tree) => MetricPlan::new(tree).map(Box::new).map(Self::Metrics),
        }
    }
}

/// A text is at most so long, as in Tempo.
const BYTES_MAX: usize = 131_072;

impl Query {
    fn read(text: &str) -> Result<ParsedQuery, Fault> {
        if text.len() > BYTES_MAX {
            let expected = format!("a query of at most {BYTES_MAX} bytes");
            return Err(Fault::new(QueryProblem::Limit, 0, expected, text.len().to_string()));
        }
        let ast = read_as(text, Binding::Alike)?;
        let plan = Plan::new(&ast)?;
        let and_tighter = if text.contains("&&") && text.contains("||") {
            // It is only for a hint: what makes no sense that way needs none.
            read_as(text, Binding::AndTighter)
                .ok()
                .filter(|other| *other != ast)
                .and_then(|other| Plan::new(&other).ok())
        } else {
            None
        };
        Ok(ParsedQuery { text: text.to_owned(), ast, plan, and_tighter })
    }

    /// Whether it asks for series of numbers, and not for spans.
    #[must_use]
    pub fn is_metrics(&self) -> bool {
        matches!(self.0.ast.root, Root::Metrics(_))
    }

    /// The answer for a trace; of series over the [time of its spans](TimeRange::of).
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a span has a value that cannot be asked so ([`QueryProblem::Data`](super::QueryProblem::Data)), or
    /// the answer would be too great ([`QueryProblem::Limit`](super::QueryProblem::Limit)).
    pub fn answer(&self, trace: &Trace) -> Result<QueryAnswer, QueryError> {
        self.answer_over(trace, TimeRange::of(trace))
    }

    /// The answer for a trace, of series over a time. Where spans are asked for, the time does not matter.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub fn answer_over(&self, trace: &Trace, range: TimeRange) -> Result<QueryAnswer, QueryError> {
        self.found(trace, &range).map_err(|fault| fault.in_text(&self.0.text))
    }

    /// The spans that it selects over the whole trace, as if all of it were of one trace id, each once and in the order in which
    /// they came: what bluesky leaves in its own convention has a trace id for nearly every span. Numbers over time select none.
    ///
    /// ```
    /// use skyspan_trace::query::Query;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let wait = |id: u64| Span::builder("wait").trace_id(u128::from(id)).span_id(id).build();
    /// let trace = Trace::from_spans([wait(1), wait(2), wait(3)]);
    /// let query: Query = "{ name = \"wait\" } | count() > 2".parse()?;
    /// assert_eq!(query.answer(&trace)?.span_count(), 0);
    /// assert_eq!(query.select_over_all(&trace)?.len(), 3);
    /// # Ok::<(), skyspan_trace::query::QueryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`QueryError`] for a query that has no answer for these spans.
    pub fn select_over_all<'t>(&self, trace: &'t Trace) -> Result<Vec<SpanRef<'t>>, QueryError> {
        let Plan::Spans(program) = &self.0.plan else { return Ok(Vec::new()) };
        let scene = Scene::undivided(trace);
        let sets = program.run(&scene, 0).map_err(|fault| fault.in_text(&self.0.text))?;
        let mut places: Vec<u32> = sets.into_iter().flat_map(|set| set.spans).collect();
        places.sort_unstable();
        places.dedup();
        Ok(places.into_iter().filter_map(|place| trace.span_ref(place as usize)).collect())
    }

    /// Which condition of its first selection leaves nothing of what the others select, over the whole trace as
    /// [`select_over_all`](Self::select_over_all) sees it; nothing where something is selected, or no condition alone is the cause.
    ///
    /// ```
    /// use skyspan_trace::query::Query;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("set").attribute("device", "stage").build(), Span::builder("wait").build()]);
    /// let query: Query = r#"{ name = "wait" && span.device = "stage" }"#.parse()?;
    /// let emptied = query.emptied_by(&trace).map(|by| by.to_string());
    /// let told = "1 span meets name = `wait`, and none of them span.device = `stage`, which 1 other span meets";
    /// assert_eq!(emptied.as_deref(), Some(told));
    /// # Ok::<(), skyspan_trace::query::QueryError>(())
    /// ```
    #[must_use]
    pub fn emptied_by(&self, trace: &Trace) -> Option<EmptyingCondition> {
        match &self.0.ast.root {
            Root::Spans(stages) => emptied_by(stages, trace),
            Root::Metrics(_) => None,
        }
    }

    /// The text of which it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    fn found(&self, trace: &Trace, range: &TimeRange) -> Result<QueryAnswer, Fault> {
        let scene = Scene::new(trace);
        let program = match &self.0.plan {
            Plan::Spans(program) => program,
            Plan::Metrics(plan) => return Ok(QueryAnswer::of_series(trace, plan.run(&scene, range)?)),
        };
        let traces = found_by(program, &scene)?;
        let mut hints = Vec::new();
        if let Some(Plan::Spans(other)) = &self.0.and_tighter {
            // What cannot be answered that way has no number to tell.
            let other = found_by(other, &scene).ok().filter(|other| *other != traces);
            let count = |traces: &[TraceMatch]| traces.iter().map(TraceMatch::span_count).sum();
            hints.extend(other.map(|other| QueryHint::BindAlike { spans: count(&traces), and_tighter: count(&other) }));
        }
        if traces.is_empty() && self.relates_spans() {
            hints.extend(one_span_traces(&scene, program)?);
        }
        Ok(QueryAnswer::of_spans(trace, traces, self.shown_fields(), hints))
    }

    fn relates_spans(&self) -> bool {
        match &self.0.ast.root {
            Root::Spans(stages) => stages.iter().any(Stage::relates_spans),
            Root::Metrics(_) => false,
        }
    }

    /// The fields of the query, each once, if it is to show some; none else.
    fn shown_fields(&self) -> Vec<Field> {
        let Root::Spans(stages) = &self.0.ast.root else { return Vec::new() };
        let mut fields: Vec<Field> = Vec::new();
        if stages.iter().any(|stage| matches!(stage, Stage::Show(_))) {
            let mut tell = |field: &Field| {
                if !fields.contains(field) {
                    fields.push(field.clone());
                }
            };
            stages.iter().for_each(|stage| stage.each_field(&mut tell));
        }
        fields
    }
}

fn read_as(text: &str, binding: Binding) -> Result<Ast, Fault> {
    let ast = parse(text, binding)?;
    check(&ast)?;
    Ok(Ast { root: folded_root(ast.root), settings: ast.settings })
}

fn folded_root(root: Root) -> Root {
    match root {
        Root::Spans(stages) => Root::Spans(folded_stages(stages)),
        Root::Metrics(tree) => Root::Metrics(folded_series(tree)),
    }
}

fn folded_stages(stages: Vec<Stage>) -> Vec<Stage> {
    let fold = |stage| match stage {
        Stage::Select(tree) => Stage::Select(folded_set(tree)),
        Stage::Measure(mut measure) => {
            measure.aggregate.of = measure.aggregate.of.map(folded);
            Stage::Measure(measure)
        }
        Stage::Group(node) => Stage::Group(folded(node)),
        stage @ (Stage::Coalesce | Stage::Show(_)) => stage,
    };
    stages.into_iter().map(fold).collect()
}

fn folded_set(tree: SetTree) -> SetTree {
    match tree {
        SetTree::Filter(node) => SetTree::Filter(folded(node)),
        SetTree::Pipeline(stages) => SetTree::Pipeline(folded_stages(stages)),
        SetTree::Both { left, relation, right, at } => {
            let (left, right) = (Box::new(folded_set(*left)), Box::new(folded_set(*right)));
            SetTree::Both { left, relation, right, at }
        }
    }
}

fn folded_series(tree: MetricTree) -> MetricTree {
    match tree {
        MetricTree::Leaf { pipeline, metric } => {
            let metric = match metric {
                Metric::Compare { selection, top, window_ns, at } => {
                    Metric::Compare { selection: folded(selection), top, window_ns, at }
                }
                metric @ Metric::Over { .. } => metric,
            };
            MetricTree::Leaf { pipeline: folded_stages(pipeline), metric }
        }
        MetricTree::Both { left, arithmetic, right } => {
            let (left, right) = (Box::new(folded_series(*left)), Box::new(folded_series(*right)));
            MetricTree::Both { left, arithmetic, right }
        }
        MetricTree::Scaled { series, arithmetic, by, is_left } => {
            MetricTree::Scaled { series: Box::new(folded_series(*series)), arithmetic, by, is_left }
        }
        MetricTree::Then { series, second } => MetricTree::Then { series: Box::new(folded_series(*series)), second },
    }
}

fn found_by(program: &Program, scene: &Scene<'_>) -> Result<Vec<TraceMatch>, Fault> {
    let mut traces = Vec::new();
    for group in 0..scene.groups.len() {
        let sets = program.run(scene, group)?;
        if !sets.is_empty() {
            traces.push(TraceMatch::new(scene, group, sets));
        }
    }
    Ok(traces)
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        match Self::read(text) {
            Ok(inner) => Ok(Self(Arc::new(inner))),
            Err(fault) => Err(fault.in_text(text)),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.ast.fmt(f)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.to_string()).finish()
    }
}

/// Two queries are equal when they say the same; where which word stands is no part of that.
impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.0.ast == other.0.ast
    }
}

impl Trace {
    /// The answer to a query in TraceQL. See [`query`](crate::query).
    ///
    /// # Errors
    ///
    /// [`QueryError`] where the text is no query, or cannot be answered.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let span = |id: u64, name: &str| Span::builder(name).trace_id(1).span_id(id);
    /// let trace = Trace::from_spans([span(1, "plan").build(), span(2, "set").parent_id(1).build()]);
    /// let answer = trace.query(r#"{ name = "plan" } > { name = "set" }"#)?;
    /// assert_eq!(answer.spans().map(|span| span.name().to_owned()).collect::<Vec<_>>(), ["set"]);
    /// # Ok::<(), skyspan_trace::query::QueryError>(())
    /// ```
    pub fn query(&self, text: &str) -> Result<QueryAnswer, QueryError> {
        text.parse::<Query>()?.answer(self)
    }
}
