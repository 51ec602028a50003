//! [`MetricPlan`]: a metrics query, made ready.

use super::compared::Compared;
use super::over_time::OverTime;
use super::range::{Intervals, TimeRange};
use super::second;
use super::series::{Line, Series};
use crate::query::error::{Fault, QueryProblem};
use crate::query::evaluate::condition::Condition;
use crate::query::evaluate::program::Program;
use crate::query::evaluate::source::Scene;
use crate::query::syntax::ast::{Arithmetic, Metric, MetricTree, Second};

/// A metrics query, made ready.
#[derive(Clone, Debug)]
pub(in crate::query) enum MetricPlan {
    Leaf { program: Program, metric: Metric, selection: Option<Condition> },
    Both { left: Box<Self>, arithmetic: Arithmetic, right: Box<Self> },
    Scaled { series: Box<Self>, arithmetic: Arithmetic, by: f64, is_left: bool },
    Then { series: Box<Self>, second: Second },
}

impl MetricPlan {
    pub(in crate::query) fn new(tree: &MetricTree) -> Result<Self, Fault> {
        Ok(match tree {
            MetricTree::Leaf { pipeline, metric } => {
                let selection = match metric {
                    Metric::Compare { selection, .. } => Some(Condition::selection(selection)?),
                    Metric::Over { .. } => None,
                };
                Self::Leaf { program: Program::new(pipeline)?, metric: metric.clone(), selection }
            }
            MetricTree::Both { left, arithmetic, right } => Self::Both {
                left: Box::new(Self::new(left)?),
                arithmetic: *arithmetic,
                right: Box::new(Self::new(right)?),
            },
            MetricTree::Scaled { series, arithmetic, by, is_left } => {
                let series = Box::new(Self::new(series)?);
                Self::Scaled { series, arithmetic: *arithmetic, by: *by, is_left: *is_left }
            }
            MetricTree::Then { series, second } => {
                Self::Then { series: Box::new(Self::new(series)?), second: second.clone() }
            }
        })
    }

    /// The series over a time, in the order in which their spans came.
    pub(in crate::query) fn run(&self, scene: &Scene<'_>, range: &TimeRange) -> Result<Vec<Series>, Fault> {
        let Some(intervals) = range.intervals() else {
            return Err(Fault::new(QueryProblem::Limit, 0, "a time range of at most 11,000 steps", "more")
                .help("ask with a longer step, or over a shorter time"));
        };
        let lines = self.lines(scene, &intervals)?;
        Ok(lines.into_iter().filter_map(|line| line.finished(|at| intervals.end(at))).collect())
    }

    fn lines(&self, scene: &Scene<'_>, intervals: &Intervals) -> Result<Vec<Line>, Fault> {
        Ok(match self {
            Self::Leaf { program, metric, selection } => {
                return leaf_lines(program, metric, selection.as_ref(), scene, intervals);
            }
            Self::Both { left, arithmetic, right } => {
                second::both(left.lines(scene, intervals)?, *arithmetic, right.lines(scene, intervals)?)
            }
            Self::Scaled { series, arithmetic, by, is_left } => {
                second::scaled(series.lines(scene, intervals)?, *arithmetic, *by, *is_left)
            }
            Self::Then { series, second } => second::done(series.lines(scene, intervals)?, second),
        })
    }
}

fn leaf_lines(
    program: &Program,
    metric: &Metric,
    selection: Option<&Condition>,
    scene: &Scene<'_>,
    intervals: &Intervals,
) -> Result<Vec<Line>, Fault> {
    let sets = (0..scene.groups.len()).map(|group| program.run(scene, group));
    match (metric, selection) {
        (Metric::Compare { top, window_ns, .. }, Some(selection)) => {
            let mut compared = Compared::new(selection.clone(), *top, *window_ns);
            for set in sets {
                set?.iter().try_for_each(|set| compared.observe(scene, &set.spans, intervals))?;
            }
            Ok(compared.lines())
        }
        (Metric::Over { word, of, quantiles, by, at }, _) => {
            let mut over_time = OverTime::new(*word, of.as_ref(), quantiles, by, at.from);
            for set in sets {
                set?.iter().try_for_each(|set| over_time.observe(scene, &set.spans, intervals))?;
            }
            over_time.lines(intervals)
        }
        (Metric::Compare { .. }, None) => Ok(Vec::new()),
    }
}
