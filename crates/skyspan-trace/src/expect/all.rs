//! [`All`]: several expectations of one trace.

use std::fmt;
use std::sync::Arc;

use super::expectation::{Expectation, depth_around};
use super::mismatch::Mismatch;
use crate::trace::Trace;

/// Several expectations of one trace. Made by [`all`].
#[derive(Clone)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct All {
    expectations: Vec<Arc<dyn Expectation + Send + Sync>>,
    depth: usize,
}

/// All of these hold. Each is checked, and one report shows what is wrong by any.
///
/// Takes a list of expectations of one type, or a tuple of several types.
///
/// ```
/// use skyspan_trace::expect::{all, every, none, one, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("set").build()]);
/// trace.assert(all([span("run"), span("set")]));
/// trace.assert(all((one(span("run")), none(span("retry")), every(span("set")).open())));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{all, none, one, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("set").build()]);
/// trace.assert(all([one(span("run")), none(span("set"))]));
/// ```
///
/// # Panics
///
/// If 200 others lie in one of them one in another.
#[track_caller]
pub fn all(expectations: impl Expectations) -> All {
    let expectations = expectations.into_list();
    let depth = depth_around(expectations.iter().map(|expectation| expectation.depth()));
    All { expectations, depth }
}

/// What [`all`] takes: arrays, vectors, and tuples of up to eight types.
pub trait Expectations {
    /// The same, each behind a pointer.
    fn into_list(self) -> Vec<Arc<dyn Expectation + Send + Sync>>;
}

impl<E: Expectation + Send + Sync + 'static, const N: usize> Expectations for [E; N] {
    fn into_list(self) -> Vec<Arc<dyn Expectation + Send + Sync>> {
        Vec::from(self).into_list()
    }
}

impl<E: Expectation + Send + Sync + 'static> Expectations for Vec<E> {
    fn into_list(self) -> Vec<Arc<dyn Expectation + Send + Sync>> {
        self.into_iter().map(|expectation| Arc::new(expectation) as Arc<dyn Expectation + Send + Sync>).collect()
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: Expectation + Send + Sync + 'static),*> Expectations for ($($name,)*) {
            #[expect(non_snake_case, reason = "each value is called as its type")]
            fn into_list(self) -> Vec<Arc<dyn Expectation + Send + Sync>> {
                let ($($name,)*) = self;
                vec![$(Arc::new($name)),*]
            }
        }
    )*};
}

tuples! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H;
}

impl Expectation for All {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let mismatches = self.expectations.iter().filter_map(|expectation| expectation.check(trace).err());
        let together = mismatches.reduce(|mut together, mismatch| {
            together.add(mismatch);
            together
        });
        together.map_or(Ok(()), Err)
    }

    fn depth(&self) -> usize {
        self.depth
    }
}

/// `exactly 1 span "run", and no spans "retry"`.
impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.expectations.iter().map(ToString::to_string).collect();
        f.write_str(&words.join(", and "))
    }
}

impl fmt::Debug for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "All({self})")
    }
}
