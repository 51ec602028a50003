//! The words that say more of a span, the same for `SpanExpectation` and `Every`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan_trace::expect::{self, SpanExpectation, StatusExpectation};
use skyspan_trace::trace::Status;

use crate::duration::{range, timestamp};
use crate::expectation::{PyExpectation, of_class};
use crate::parts::{PyEvent, PyLink};
use crate::pattern::{expected, name_pattern, repr_text};
use crate::source::repr;
use crate::span::{PyEvery, PySpan, span_depth};
use crate::span_terms::{exception_type, kind_of, status_of};

/// What is the same for one span and for every one: the words that say more.
pub(crate) trait Said: Sized + pyo3::PyClass {
    /// The same, of which more is said.
    fn said(
        slf: &PyRef<'_, Self>,
        call: &str,
        depth: usize,
        say: impl FnOnce(SpanExpectation) -> SpanExpectation,
    ) -> PyResult<Py<Self>>;
}

impl Said for PySpan {
    fn said(
        slf: &PyRef<'_, Self>,
        call: &str,
        depth: usize,
        say: impl FnOnce(SpanExpectation) -> SpanExpectation,
    ) -> PyResult<Py<Self>> {
        let depth = span_depth([slf.depth, depth])?;
        let is = say(slf.is.clone());
        let base = PyExpectation::new(is.clone(), format!("{}.{call}", slf.as_super().source));
        of_class(slf.py(), base, Self { is, depth })
    }
}

impl Said for PyEvery {
    fn said(
        slf: &PyRef<'_, Self>,
        call: &str,
        depth: usize,
        say: impl FnOnce(SpanExpectation) -> SpanExpectation,
    ) -> PyResult<Py<Self>> {
        let depth = span_depth([slf.depth, depth])?;
        let every = Self { of: slf.of.clone(), must: say(slf.must.clone()), or_none: slf.or_none, depth };
        let base = PyExpectation::new(every.is(), format!("{}.{call}", slf.as_super().source));
        of_class(slf.py(), base, every)
    }
}

/// Several spans, events or links, as code and as what they are.
macro_rules! several {
    ($objects:expr, $source:ident) => {{
        let sources: Vec<String> = $objects.iter().map(|one| $source(one)).collect();
        format!("[{}]", sources.join(", "))
    }};
}

fn source_of_span(span: &PyRef<'_, PySpan>) -> String {
    span.as_super().source.to_string()
}

fn source_of_event(event: &PyRef<'_, PyEvent>) -> String {
    event.source.to_string()
}

fn source_of_link(link: &PyRef<'_, PyLink>) -> String {
    link.source.to_string()
}

/// The words that both classes have.
macro_rules! words {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// It has such an attribute.
            fn attr(slf: PyRef<'_, Self>, key: &str, value: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(value)?;
                let call = format!("attr({}, {})", repr_text(key), repr(value)?);
                Self::said(&slf, &call, 0, |span| span.attr(key.to_owned(), is))
            }

            /// It has an attribute with this key.
            fn has_attr(slf: PyRef<'_, Self>, key: &str) -> PyResult<Py<Self>> {
                let call = format!("has_attr({})", repr_text(key));
                Self::said(&slf, &call, 0, |span| span.has_attr(key.to_owned()))
            }

            /// It has no attribute with this key.
            fn no_attr(slf: PyRef<'_, Self>, key: &str) -> PyResult<Py<Self>> {
                let call = format!("no_attr({})", repr_text(key));
                Self::said(&slf, &call, 0, |span| span.no_attr(key.to_owned()))
            }

            /// It has attributes with these keys and no others.
            fn only_attrs(slf: PyRef<'_, Self>, keys: Vec<String>) -> PyResult<Py<Self>> {
                let shown: Vec<String> = keys.iter().map(|key| repr_text(key)).collect();
                let call = format!("only_attrs([{}])", shown.join(", "));
                Self::said(&slf, &call, 0, |span| span.only_attrs(keys))
            }

            /// It is the span of a run that ended so, or as bluesky writes that.
            fn exit_status(slf: PyRef<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(value)?;
                let call = format!("exit_status({})", repr(value)?);
                Self::said(&slf, &call, 0, |span| span.bluesky_exit_status(is))
            }

            /// It is the span of a run that ended for this reason, or as bluesky writes that.
            fn reason(slf: PyRef<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(value)?;
                let call = format!("reason({})", repr(value)?);
                Self::said(&slf, &call, 0, |span| span.bluesky_reason(is))
            }

            /// It plays this role.
            fn kind(slf: PyRef<'_, Self>, kind: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = kind_of(kind)?;
                let call = format!("kind({})", repr(kind)?);
                Self::said(&slf, &call, 0, |span| span.kind(is))
            }

            /// It went so.
            #[pyo3(signature = (status, description = None))]
            fn status(
                slf: PyRef<'_, Self>,
                status: &Bound<'_, PyAny>,
                description: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<Self>> {
                let is = status_of(status)?;
                let Some(described) = description else {
                    let call = format!("status({})", repr(status)?);
                    return Self::said(&slf, &call, 0, |span| span.status(is));
                };
                if is != StatusExpectation::Error {
                    return Err(PyValueError::new_err("only the status \"error\" has a description"));
                }
                let call = format!("status({}, {})", repr(status)?, repr(described)?);
                match described.extract::<String>() {
                    Ok(text) => Self::said(&slf, &call, 0, |span| span.status(Status::error(text))),
                    Err(_) => {
                        let pattern = expected(described)?;
                        Self::said(&slf, &call, 0, |span| span.status_description(pattern))
                    }
                }
            }

            /// It has ended.
            fn ended(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "ended()", 0, SpanExpectation::ended)
            }

            /// It has not ended.
            fn open(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "open()", 0, SpanExpectation::open)
            }

            /// It has no parent.
            fn is_root(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "is_root()", 0, SpanExpectation::is_root)
            }

            /// It has a parent.
            fn has_parent(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "has_parent()", 0, SpanExpectation::has_parent)
            }

            /// Its root took as long as it did because of it.
            fn on_critical_path(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "on_critical_path()", 0, SpanExpectation::on_critical_path)
            }

            /// No attribute, event or link of it was dropped.
            fn nothing_dropped(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
                Self::said(&slf, "nothing_dropped()", 0, SpanExpectation::nothing_dropped)
            }

            /// It started at this moment.
            fn starting_at(slf: PyRef<'_, Self>, at: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = timestamp(at)?;
                let call = format!("starting_at({})", repr(at)?);
                Self::said(&slf, &call, 0, |span| span.starting_at(is))
            }

            /// It ended at this moment.
            fn ending_at(slf: PyRef<'_, Self>, at: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = timestamp(at)?;
                let call = format!("ending_at({})", repr(at)?);
                Self::said(&slf, &call, 0, |span| span.ending_at(is))
            }

            /// It has children, and one of them, that is in this place by start, is such a span; the first is 1.
            fn nth_child(slf: PyRef<'_, Self>, nth: usize, child: PyRef<'_, PySpan>) -> PyResult<Py<Self>> {
                let call = format!("nth_child({nth}, {})", child.as_super().source);
                Self::said(&slf, &call, child.depth + 1, |span| span.nth_child(nth, child.is.clone()))
            }

            /// The child in this place is no such span; the first is 1.
            fn no_nth_child(slf: PyRef<'_, Self>, nth: usize, child: PyRef<'_, PySpan>) -> PyResult<Py<Self>> {
                let call = format!("no_nth_child({nth}, {})", child.as_super().source);
                Self::said(&slf, &call, child.depth + 1, |span| span.no_nth_child(nth, child.is.clone()))
            }

            /// It recorded such an exception.
            #[pyo3(signature = (of_type, message = None))]
            fn exception(
                slf: PyRef<'_, Self>,
                of_type: &Bound<'_, PyAny>,
                message: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<Self>> {
                let (kind, type_source) = exception_type(of_type)?;
                let (said, call) = match message {
                    Some(message) => (expected(message)?, format!("exception({type_source}, {})", repr(message)?)),
                    None => (expect::any().into(), format!("exception({type_source})")),
                };
                Self::said(&slf, &call, 0, |span| span.exception(kind, said))
            }

            /// Its resource has such an attribute.
            fn resource(slf: PyRef<'_, Self>, key: &str, value: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(value)?;
                let call = format!("resource({}, {})", repr_text(key), repr(value)?);
                Self::said(&slf, &call, 0, |span| span.resource(key.to_owned(), is))
            }

            /// The tracer that made it has this name.
            fn scope(slf: PyRef<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = name_pattern(Some(name))?;
                let call = format!("scope({})", repr(name)?);
                Self::said(&slf, &call, 0, |span| span.scope(is))
            }

            /// The tracer that made it has this version.
            fn scope_version(slf: PyRef<'_, Self>, version: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(version)?;
                let call = format!("scope_version({})", repr(version)?);
                Self::said(&slf, &call, 0, |span| span.scope_version(is))
            }

            /// It has this trace state.
            fn trace_state(slf: PyRef<'_, Self>, state: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let is = expected(state)?;
                let call = format!("trace_state({})", repr(state)?);
                Self::said(&slf, &call, 0, |span| span.trace_state(is))
            }

            /// A callable says so, which is asked with the span.
            fn that(slf: PyRef<'_, Self>, description: &str, condition: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
                let call = format!("that({}, {})", repr_text(description), repr(condition)?);
                let is = crate::span_terms::condition(description, condition)?;
                Self::said(&slf, &call, 0, |span| span.that(description.to_owned(), is))
            }
        }

        ranges! { $class, lasting starting ending self_time }
        relatives! { $class,
            child parent descendant ancestor sibling previous_sibling next_sibling but
            no_child no_descendant no_parent no_ancestor no_sibling no_previous_sibling no_next_sibling
        }
        lists! { $class, PySpan, source_of_span,
            children children_in_order children_at_least children_at_least_in_order
        }
        parts! { $class, PyEvent, source_of_event, event no_event;
            events events_in_any_order events_at_least events_at_least_in_order
        }
        parts! { $class, PyLink, source_of_link, link no_link;
            links links_in_any_order links_at_least links_at_least_in_order
        }
    };
}

macro_rules! ranges {
    ($class:ident, $($name:ident)*) => {$(
        #[pymethods]
        impl $class {
            #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None, above = None, below = None))]
            fn $name(
                slf: PyRef<'_, Self>,
                exactly: Option<&Bound<'_, PyAny>>,
                at_least: Option<&Bound<'_, PyAny>>,
                at_most: Option<&Bound<'_, PyAny>>,
                above: Option<&Bound<'_, PyAny>>,
                below: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Py<Self>> {
                let said = range(exactly, at_least, at_most, above, below)?;
                let call = format!(concat!(stringify!($name), "({})"), said.arguments);
                Self::said(&slf, &call, 0, |span| span.$name(said.range))
            }
        }
    )*};
}

macro_rules! relatives {
    ($class:ident, $($name:ident)*) => {$(
        #[pymethods]
        impl $class {
            fn $name(slf: PyRef<'_, Self>, span: PyRef<'_, PySpan>) -> PyResult<Py<Self>> {
                let call = format!(concat!(stringify!($name), "({})"), span.as_super().source);
                let is = span.is.clone();
                Self::said(&slf, &call, span.depth + 1, |of| of.$name(is))
            }
        }
    )*};
}

macro_rules! lists {
    ($class:ident, $one:ident, $source:ident, $($name:ident)*) => {$(
        #[pymethods]
        impl $class {
            fn $name(slf: PyRef<'_, Self>, these: Vec<PyRef<'_, $one>>) -> PyResult<Py<Self>> {
                let call = format!(concat!(stringify!($name), "({})"), several!(these, $source));
                let depth = these.iter().map(|one| one.depth + 1).max().unwrap_or(0);
                Self::said(&slf, &call, depth, |of| of.$name(these.iter().map(|one| one.is.clone())))
            }
        }
    )*};
}

macro_rules! parts {
    ($class:ident, $one:ident, $source:ident, $($single:ident)*; $($list:ident)*) => {
        $(
            #[pymethods]
            impl $class {
                fn $single(slf: PyRef<'_, Self>, part: PyRef<'_, $one>) -> PyResult<Py<Self>> {
                    let call = format!(concat!(stringify!($single), "({})"), part.source);
                    let is = part.is.clone();
                    Self::said(&slf, &call, part.depth(), |of| of.$single(is))
                }
            }
        )*
        $(
            #[pymethods]
            impl $class {
                fn $list(slf: PyRef<'_, Self>, parts: Vec<PyRef<'_, $one>>) -> PyResult<Py<Self>> {
                    let call = format!(concat!(stringify!($list), "({})"), several!(parts, $source));
                    let depth = parts.iter().map(|part| part.depth()).max().unwrap_or(0);
                    Self::said(&slf, &call, depth, |of| of.$list(parts.iter().map(|part| part.is.clone())))
                }
            }
        )*
    };
}

impl PyEvent {
    fn depth(&self) -> usize {
        0
    }
}

impl PyLink {
    fn depth(&self) -> usize {
        self.depth
    }
}

words!(PySpan);
words!(PyEvery);
