//! What a page shows beside spans: [`PageMoment`], [`PlotReadings`], [`Table`].

use serde::Serialize;

use crate::value::Timestamp;

/// Something that happened at a time: a message, a document, a decision from outside.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PageMoment {
    /// When it happened.
    pub time: Timestamp,
    /// What kind of thing: moments of one kind share a row, which has this name.
    pub kind: String,
    /// What, in a few words.
    pub label: String,
}

impl PageMoment {
    /// Something of a kind that happened at a time.
    pub fn new(time: Timestamp, kind: impl Into<String>, label: impl Into<String>) -> Self {
        Self { time, kind: kind.into(), label: label.into() }
    }
}

/// What a plot of readings may have from left to right, or from bottom to top.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Axis {
    /// The name of the axis.
    pub name: String,
    /// Its unit; empty where that is not known.
    pub unit: String,
    /// A number for each point; one that is not finite is a gap.
    pub values: Vec<f64>,
}

impl Axis {
    /// Numbers, one for each point.
    pub fn new(name: impl Into<String>, unit: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), unit: unit.into(), values }
    }
}

/// Numbers that were read together again and again, to be plotted one against another.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PlotReadings {
    /// What was read: the stream of a run.
    pub title: String,
    /// When each point was read.
    pub times: Vec<Timestamp>,
    /// What is drawn from left to right at first: the name of one of `axes`; of none, the number of the point.
    pub across: Option<String>,
    /// What is drawn from bottom to top at first: names of `axes`; if there is none, the first that is not `across`.
    pub up: Vec<String>,
    /// What was read, each with a number for each point.
    pub axes: Vec<Axis>,
}

impl PlotReadings {
    /// Readings at these times, of nothing so far.
    pub fn new(title: impl Into<String>, times: Vec<Timestamp>) -> Self {
        Self { title: title.into(), times, across: None, up: Vec::new(), axes: Vec::new() }
    }

    /// The same with something that was read each time.
    #[must_use]
    pub fn axis(mut self, axis: Axis) -> Self {
        self.axes.push(axis);
        self
    }

    /// The same with another choice of what is drawn from left to right at first.
    #[must_use]
    pub fn across(self, name: impl Into<String>) -> Self {
        Self { across: Some(name.into()), ..self }
    }

    /// The same with something that is drawn from bottom to top at first.
    #[must_use]
    pub fn up(mut self, name: impl Into<String>) -> Self {
        self.up.push(name.into());
        self
    }
}

/// A table that a page shows as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// The headings of its columns.
    pub head: Vec<String>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings, and no row so far.
    pub fn new<H: Into<String>>(title: impl Into<String>, head: impl IntoIterator<Item = H>) -> Self {
        Self { title: title.into(), head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// The same with one more row.
    #[must_use]
    pub fn row<C: Into<String>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }
}
