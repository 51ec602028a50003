//! [`Series`]: numbers over time, and [`Line`], one while it is computed.

use crate::query::evaluate::val::{Val, ValKey};
use crate::value::Timestamp;
use crate::value::{Text, Value};

/// Numbers over time, of one group of spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub(super) labels: Vec<(Text, Value)>,
    pub(super) samples: Vec<Sample>,
}

/// A number at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// The end of the interval that it is of.
    pub time: Timestamp,
    /// The number; never NaN.
    pub value: f64,
}

impl Series {
    /// What tells it from others: the fields after `by` and their values, `__name__` where there are none, `p` of a quantile,
    /// `__bucket` of a histogram.
    #[must_use]
    pub fn labels(&self) -> &[(Text, Value)] {
        &self.labels
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&Value> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value)
    }

    /// The numbers, in the order of their times. An interval without a number has none.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }
}

/// A series while it is computed: a number for each interval, NaN where there is none.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The name of the metric, which does not tell series from one another.
    pub(super) name: Option<Text>,
    pub(super) labels: Vec<Label>,
    pub(super) values: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    pub(super) name: Text,
    pub(super) value: Value,
    pub(super) key: ValKey,
}

impl Label {
    pub(super) fn new(name: impl Into<Text>, value: &Val<'_>) -> Self {
        Self { name: name.into(), value: value.to_value(), key: value.key() }
    }
}

impl Line {
    /// Whether it has the labels of another.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len()
            && self.labels.iter().zip(&other.labels).all(|(one, other)| one.name == other.name && one.key == other.key)
    }

    /// The same, for those who asked; nothing if it has no number.
    pub(super) fn finished(self, end: impl Fn(usize) -> Timestamp) -> Option<Series> {
        let samples: Vec<Sample> = self
            .values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(at, value)| Sample { time: end(at), value: *value })
            .collect();
        let name = self.name.map(|name| ("__name__".into(), name.into()));
        let labels = name.into_iter().chain(self.labels.into_iter().map(|label| (label.name, label.value))).collect();
        (!samples.is_empty()).then_some(Series { labels, samples })
    }
}
