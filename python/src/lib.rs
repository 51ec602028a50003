//! `skyspan._core`: what the Python package `skyspan` is made of. It is thin in front of skyspan-trace: Python's values and manners
//! on this side, all that is known of traces on the other.
//!
//! `expectation` has what all expectations share, `span` with `span_words`, `parts`, `order` and `measure` the words for them, and
//! `pattern`, `span_terms`, `duration` and `value` what stands in those. `trace` and `record` are traces and their spans, `capture` and `convert` how
//! those of Python's SDK get there.

mod asked;
mod bless;
mod capture;
mod check;
mod checking;
mod convert;
mod diff;
mod duration;
mod expectation;
mod lab;
mod learned;
mod measure;
mod mismatch;
mod order;
mod parts;
mod pattern;
mod query;
mod read;
mod receive;
mod received_by_test;
mod record;
mod shape;
mod source;
mod span;
mod span_terms;
mod span_words;
mod strength;
mod trace;
mod value;

use pyo3::prelude::*;

/// The compiled part of skyspan.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use crate::{
        capture::{PyCapture, PyProcessor},
        check::{check_file, checks, lint},
        diff::{PyDiff, diff},
        expectation::{
            PyExpectation, PyForest, PyIf, all_of, at_least, at_most, exactly, forest, if_any, none, one, tree,
        },
        lab::{
            PyDeviceHandle, PyEstimate, PyLabClock, PyLabCore, PyOutcome, PyOutsideWork, PyScheduled, PyStatus,
            PyTortureMap, PyTortured,
        },
        learned::{PyLearned, learn},
        measure::{
            PyAtOnce, PyMeasure, PyMeasured, PyShare, PySharePart, PyTotal, at_once, median, percentile, share, total,
            total_self_time,
        },
        mismatch::PyMismatch,
        order::{PyOrder, PySome, some},
        parts::{PyEvent, PyLink, event, link_elsewhere, link_to},
        pattern::{PyPattern, anything, between, glob, json, of_type, one_of, other_than, regex, value_that},
        query::PyAnswer,
        read::{loads, read},
        receive::{PyReceived, receive},
        received_by_test::PyReceivedByTest,
        record::PySpanRecord,
        span::{PyEvery, PySpan, every, span},
        strength::PyStrength,
        trace::{PyStatistics, PyTrace},
    };
}
