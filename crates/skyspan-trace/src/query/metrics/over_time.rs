//! Spans become series: `rate()`, `sum_over_time(...)` and the like.

use std::collections::HashMap;

use super::range::Intervals;
use super::series::{Label, Line};
use crate::query::error::{Fault, QueryProblem};
use crate::query::evaluate::source::{Scene, Source, SpanAt};
use crate::query::evaluate::val::{Val, ValKey};
use crate::query::syntax::ast::Field;
use crate::query::syntax::words::{Intrinsic, MetricWord};

/// All series of a query have at most so many numbers.
const NUMBERS_MAX: usize = 1_000_000;

/// What a metric asks, made ready.
pub(super) struct OverTime {
    word: MetricWord,
    of: Option<Source>,
    quantiles: Vec<f64>,
    by: Vec<(String, Source)>,
    at: usize,
    lines: Vec<Counted>,
    numbers: HashMap<Vec<ValKey>, usize>,
}

/// A series while spans are counted.
struct Counted {
    labels: Vec<Label>,
    cells: Vec<Cell>,
}

/// The counts of the buckets of one group, by the bounds of the buckets.
type Buckets = Vec<(f64, Vec<Cell>)>;

/// The number of an interval while spans are counted.
#[derive(Clone, Copy, Default)]
struct Cell {
    count: f64,
    /// A sum, with what it lacks, or the least or the greatest.
    number: f64,
    lack: f64,
}

impl OverTime {
    pub(super) fn new(word: MetricWord, of: Option<&Field>, quantiles: &[f64], by: &[Field], at: usize) -> Self {
        Self {
            word,
            of: of.map(Source::of),
            quantiles: quantiles.to_vec(),
            by: by.iter().map(|field| (field.to_string(), Source::of(field))).collect(),
            at,
            lines: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn has_buckets(&self) -> bool {
        matches!(self.word, MetricWord::Quantile | MetricWord::Histogram)
    }

    /// Takes in spans that were found.
    pub(super) fn observe(&mut self, scene: &Scene<'_>, spans: &[u32], intervals: &Intervals) -> Result<(), Fault> {
        for at in spans.iter().filter_map(|place| scene.at(*place)) {
            self.observe_span(at, intervals)?;
        }
        Ok(())
    }

    fn observe_span(&mut self, at: SpanAt<'_>, intervals: &Intervals) -> Result<(), Fault> {
        let value = self.of.as_ref().map(|source| source.value(at));
        let bucket = value.as_ref().and_then(bucket);
        // A span without a bucket is in no series, and makes none.
        if self.has_buckets() && bucket.is_none() {
            return Ok(());
        }
        let values: Vec<Val<'_>> = self.by.iter().map(|(_, source)| source.value(at)).collect();
        let mut key: Vec<ValKey> = values.iter().map(Val::key).collect();
        key.extend(bucket.map(|bucket| Val::Float(bucket).key()).filter(|_| self.has_buckets()));
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            None => {
                let labels = self.labels(&values, bucket);
                self.add_line(key, labels, intervals)?
            }
        };
        let Some(interval) = intervals.of(at.span.start()) else { return Ok(()) };
        let number_of = value.as_ref().and_then(|value| self.number(value));
        let cell = &mut self.lines[number].cells[interval];
        match (self.word, number_of) {
            (MetricWord::Rate | MetricWord::Count | MetricWord::Quantile | MetricWord::Histogram, _) => {
                cell.count += 1.0
            }
            (word, Some(number)) => cell.add(word, number),
            // What a span lacks counts for nothing.
            (_, None) => {}
        }
        Ok(())
    }

    /// What is not there has no label, unless there would be none.
    fn labels(&self, values: &[Val<'_>], bucket: Option<f64>) -> Vec<Label> {
        let named = self.by.iter().zip(values);
        let mut labels: Vec<Label> = named
            .clone()
            .filter(|(_, value)| !matches!(value, Val::Nil | Val::Foreign))
            .map(|((name, _), value)| Label::new(name.as_str(), value))
            .collect();
        match bucket.filter(|_| self.has_buckets()) {
            Some(bucket) => labels.push(Label::new("__bucket", &Val::Float(bucket))),
            None if labels.is_empty() => {
                labels.extend(named.take(1).map(|((name, _), _)| Label::new(name.as_str(), &Val::Nil)))
            }
            None => {}
        }
        labels
    }

    fn add_line(&mut self, key: Vec<ValKey>, labels: Vec<Label>, intervals: &Intervals) -> Result<usize, Fault> {
        if (self.lines.len() + 1) * intervals.count > NUMBERS_MAX {
            let expected = format!("at most {NUMBERS_MAX} numbers in all series");
            return Err(Fault::new(QueryProblem::Limit, self.at, expected, "more")
                .help("group by what has fewer values, or ask with a longer step"));
        }
        self.lines.push(Counted { labels, cells: vec![Cell::default(); intervals.count] });
        self.numbers.insert(key, self.lines.len() - 1);
        Ok(self.lines.len() - 1)
    }

    /// The number of a value; of the duration of a span in seconds, of other durations in nanoseconds, as Tempo has it.
    fn number(&self, value: &Val<'_>) -> Option<f64> {
        let number = value.number().filter(|number| !number.is_nan())?;
        let is_duration = self.of == Some(Source::Intrinsic(Intrinsic::Duration));
        Some(if is_duration { number / 1e9 } else { number })
    }

    /// The series of all spans that were taken in.
    pub(super) fn lines(mut self, intervals: &Intervals) -> Result<Vec<Line>, Fault> {
        let is_alone = self.by.is_empty() && !self.has_buckets();
        if is_alone && self.lines.is_empty() {
            self.add_line(Vec::new(), Vec::new(), intervals)?;
        }
        if self.word == MetricWord::Quantile {
            return Ok(self.quantile_lines());
        }
        let name = is_alone.then(|| self.word.text().into());
        let factor = if self.word == MetricWord::Rate { 1.0 / intervals.step_s() } else { 1.0 };
        let line = |counted: Counted| Line {
            name: name.clone(),
            labels: counted.labels,
            values: counted.cells.iter().map(|cell| cell.value(self.word, factor)).collect(),
        };
        Ok(self.lines.into_iter().map(line).collect())
    }

    /// A series for each quantile of each group, worked out of its buckets.
    fn quantile_lines(self) -> Vec<Line> {
        let mut groups: Vec<(Vec<Label>, Buckets)> = Vec::new();
        let mut numbers: HashMap<Vec<(crate::value::Text, ValKey)>, usize> = HashMap::new();
        for mut counted in self.lines {
            let Some(bucket) = counted.labels.pop().and_then(|label| label.value.as_f64()) else { continue };
            let key = counted.labels.iter().map(|label| (label.name.clone(), label.key.clone())).collect();
            let number = *numbers.entry(key).or_insert_with(|| {
                groups.push((counted.labels.clone(), Vec::new()));
                groups.len() - 1
            });
            groups[number].1.push((bucket, counted.cells));
        }
        let mut lines = Vec::new();
        for (labels, mut buckets) in groups {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            let count = buckets.first().map_or(0, |(_, cells)| cells.len());
            for quantile in &self.quantiles {
                let mut labels = labels.clone();
                labels.push(Label::new("p", &Val::Float(*quantile)));
                let at = |interval: usize| {
                    let counts = buckets.iter().map(|(bucket, cells)| (*bucket, cells[interval].count));
                    quantile_of(*quantile, &counts.filter(|(_, count)| *count > 0.0).collect::<Vec<_>>())
                };
                lines.push(Line { name: None, labels, values: (0..count).map(at).collect() });
            }
        }
        lines
    }
}

impl Cell {
    fn add(&mut self, word: MetricWord, number: f64) {
        let is_first = self.count == 0.0;
        self.count += 1.0;
        match word {
            MetricWord::Min if !is_first => self.number = self.number.min(number),
            MetricWord::Max if !is_first => self.number = self.number.max(number),
            MetricWord::Sum | MetricWord::Average if !is_first => {
                // What gets lost as a great and a small number are added is kept (Neumaier).
                let sum = self.number + number;
                if sum.is_finite() {
                    let (great, small) =
                        if self.number.abs() >= number.abs() { (self.number, number) } else { (number, self.number) };
                    self.lack += (great - sum) + small;
                }
                self.number = sum;
            }
            _ => self.number = number,
        }
    }

    fn value(&self, word: MetricWord, factor: f64) -> f64 {
        match word {
            MetricWord::Rate | MetricWord::Count | MetricWord::Quantile | MetricWord::Histogram => self.count * factor,
            _ if self.count == 0.0 => f64::NAN,
            MetricWord::Average => (self.number + self.lack) / self.count,
            MetricWord::Min | MetricWord::Max | MetricWord::Sum => self.number + self.lack,
        }
    }
}

/// The bucket of a value: the power of two that is not less, for durations in seconds. Floats have none, nor has what is below
/// two.
#[expect(clippy::cast_precision_loss, reason = "a power of two is exact")]
fn bucket(value: &Val<'_>) -> Option<f64> {
    let power = |number: i64| (number >= 2).then(|| number.unsigned_abs().next_power_of_two() as f64);
    match value {
        Val::Int(number) => power(*number),
        Val::Duration(ns) => power(*ns).map(|power| power / 1e9),
        _ => None,
    }
}

/// A quantile of counts in buckets, which are sorted: between two buckets on the curve of powers of two.
fn quantile_of(quantile: f64, buckets: &[(f64, f64)]) -> f64 {
    let total: f64 = buckets.iter().map(|(_, count)| count).sum();
    if total == 0.0 {
        return 0.0;
    }
    let wanted = (quantile * total).ceil().max(1.0);
    let mut seen = 0.0;
    for (at, (bucket, count)) in buckets.iter().enumerate() {
        if seen + count < wanted {
            seen += count;
            continue;
        }
        if seen + count == wanted {
            return *bucket;
        }
        let high = libm::log2(*bucket);
        let low = at.checked_sub(1).map_or(high - 1.0, |before| libm::log2(buckets[before].0));
        return libm::exp2(low + (high - low) * (wanted - seen) / count);
    }
    buckets.last().map_or(0.0, |(bucket, _)| *bucket)
}
