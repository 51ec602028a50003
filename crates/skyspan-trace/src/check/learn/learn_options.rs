//! [`LearnOptions`]: how much is asked of what is learned.

/// How much is asked of what is learned. See [`Learned::of`](super::Learned::of).
///
/// ```
/// use skyspan_trace::check::{LearnOptions, Learned};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("run").build()]);
/// let learned = Learned::of(&[trace], &LearnOptions::new().without_times())?;
/// assert!(!learned.to_string().contains("duration"));
/// # Ok::<(), skyspan_trace::check::LearnError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until something is learned"]
pub struct LearnOptions {
    pub(super) false_alarms: f64,
    pub(super) times: bool,
    pub(super) tolerance: Option<f64>,
    pub(super) mutants: usize,
}

impl Default for LearnOptions {
    fn default() -> Self {
        Self { false_alarms: 0.05, times: true, tolerance: None, mutants: 600 }
    }
}

impl LearnOptions {
    /// One good trace in twenty may raise an alarm, durations are said as loosely as the traces justify, and 600 mutants are made.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which part of good traces may raise an alarm, as a part of 1. Ranges of durations, numbers and values are so wide that all of
    /// them together are left by no more: each has its part of that chance, and reaches as far as the prediction interval of a
    /// normal distribution does (of durations, of their logarithms), and at least half as far again as was seen; a duration, too, by
    /// a factor of 1 + 6 / N beyond the longest and the shortest of N. Fewer than five traces do not tell how durations vary: then it
    /// is a factor of 1.9.
    ///
    /// # Panics
    ///
    /// If it is not above 0 and below 1.
    #[track_caller]
    pub fn false_alarms(self, part: f64) -> Self {
        assert!(part > 0.0 && part < 1.0, "a part of false alarms is above 0 and below 1, and this is {part}");
        Self { false_alarms: part, ..self }
    }

    /// Durations are not said.
    pub fn without_times(self) -> Self {
        Self { times: false, ..self }
    }

    /// Durations may be longer than the longest that was seen and shorter than the shortest by this part of 1, whatever the traces
    /// justify.
    ///
    /// # Panics
    ///
    /// If it is negative, or not finite.
    #[track_caller]
    pub fn times(self, tolerance: f64) -> Self {
        assert!(tolerance.is_finite() && tolerance >= 0.0, "a tolerance is a part of 1, and this is {tolerance}");
        Self { times: true, tolerance: Some(tolerance), ..self }
    }

    /// How many mutants of the traces are made at most, of all traces together, to find out what the rules notice.
    pub fn mutants(self, at_most: usize) -> Self {
        Self { mutants: at_most, ..self }
    }
}

/// Why nothing can be learned.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// There is no trace.
    #[error("expected traces to learn from, found none")]
    NoTraces,
    /// A trace has no spans.
    #[error("expected traces with spans, found none in the {}", ordinal(*.place))]
    EmptyTrace {
        /// Which trace, counted from 0.
        place: usize,
    },
}

fn ordinal(place: usize) -> String {
    let number = place + 1;
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end} trace")
}
