//! `SpanExpectation`: what a span must be; and `Every`, of which the same is said.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan_trace::expect::{self, Every, Expected, NumberRange, SpanExpectation, StatusExpectation};
use skyspan_trace::trace::{SpanId, SpanKind, SpanRef, Status, Trace};

use crate::duration::{range, timestamp};
use crate::expectation::{PyExpectation, of_class};
use crate::parts::{PyEvent, PyLink};
use crate::pattern::{expected, name_pattern, repr_text, truth_of};
use crate::record::PySpanRecord;
use crate::source::{keyword, repr};

/// Expectations hold others so deep, as in skyspan-trace, which would panic.
const DEPTH_MAX: usize = 200;

/// How deep expectations lie below the one that holds them all.
///
/// # Errors
///
/// `ValueError` if that is too deep.
pub(crate) fn span_depth(depths: impl IntoIterator<Item = usize>) -> PyResult<usize> {
    match depths.into_iter().max().unwrap_or(0) {
        depth if depth > DEPTH_MAX => {
            Err(PyValueError::new_err(format!("expectations hold each other more than {DEPTH_MAX} deep")))
        }
        depth => Ok(depth),
    }
}

/// What a span must be. Made by `span()`.
#[pyclass(frozen, extends = PyExpectation, name = "SpanExpectation", module = "skyspan")]
pub(crate) struct PySpan {
    pub(crate) is: SpanExpectation,
    /// How deep the expectations nest that it holds.
    pub(crate) depth: usize,
}

/// What every span of a kind must be. Made by `every()`.
#[pyclass(frozen, extends = PyExpectation, name = "Every", module = "skyspan")]
pub(crate) struct PyEvery {
    pub(crate) of: SpanExpectation,
    must: SpanExpectation,
    or_none: bool,
    depth: usize,
}

impl PyEvery {
    pub(crate) fn is(&self) -> Every {
        let every = expect::every(self.of.clone()).must(self.must.clone());
        if self.or_none { every.or_none() } else { every }
    }
}

/// Attributes that were said by name, and those in a dict, with how they were written.
pub(crate) fn keys_and_values(
    attributes: Option<&Bound<'_, PyDict>>,
    more: Option<&Bound<'_, PyDict>>,
    arguments: &mut Vec<String>,
) -> PyResult<Vec<(String, Expected)>> {
    let mut all = Vec::new();
    for (key, value) in attributes.into_iter().flat_map(|attributes| attributes.iter()) {
        all.push((key.extract::<String>()?, expected(&value)?));
    }
    // What is nested too deep has no repr either, so that comes last.
    if let Some(attributes) = attributes {
        arguments.push(keyword("attributes", &repr(attributes)?));
    }
    for (key, value) in more.into_iter().flat_map(|more| more.iter()) {
        let key: String = key.extract()?;
        all.push((key.clone(), expected(&value)?));
        arguments.push(keyword(&key, &repr(&value)?));
    }
    Ok(all)
}

/// A span with this name, of which is so much.
#[pyfunction]
#[pyo3(signature = (
    name = None, /, *, status = None, kind = None, lasting = None, exit_status = None, reason = None, attributes = None, **more
))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn span(
    py: Python<'_>,
    name: Option<&Bound<'_, PyAny>>,
    status: Option<&Bound<'_, PyAny>>,
    kind: Option<&Bound<'_, PyAny>>,
    lasting: Option<&Bound<'_, PyAny>>,
    exit_status: Option<&Bound<'_, PyAny>>,
    reason: Option<&Bound<'_, PyAny>>,
    attributes: Option<&Bound<'_, PyDict>>,
    more: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<PySpan>> {
    let mut is = expect::span(name_pattern(name)?);
    let mut arguments: Vec<String> = name.iter().map(|name| repr(name)).collect::<PyResult<_>>()?;
    let words =
        [("status", status), ("kind", kind), ("lasting", lasting), ("exit_status", exit_status), ("reason", reason)];
    for (word, value) in words {
        let Some(value) = value else { continue };
        arguments.push(keyword(word, &repr(value)?));
        is = match word {
            "status" => is.status(status_of(value)?),
            "kind" => is.kind(kind_of(value)?),
            "lasting" => is.lasting(range(Some(value), None, None, None, None)?.range),
            "exit_status" => is.bluesky_exit_status(expected(value)?),
            _ => is.bluesky_reason(expected(value)?),
        };
    }
    for (key, value) in keys_and_values(attributes, more, &mut arguments)? {
        is = is.attr(key, value);
    }
    let source = format!("span({})", arguments.join(", "));
    of_class(py, PyExpectation::new(is.clone(), source), PySpan { is, depth: 0 })
}

/// Every span of this kind is as is said after it.
#[pyfunction]
pub(crate) fn every(of: PyRef<'_, PySpan>) -> PyResult<Py<PyEvery>> {
    let every = PyEvery { of: of.is.clone(), must: expect::any_span(), or_none: false, depth: of.depth };
    of_class(of.py(), PyExpectation::new(every.is(), format!("every({})", of.as_super().source)), every)
}

/// A word of a status, or what `opentelemetry.trace.StatusCode` has.
fn word(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let name = match object.getattr_opt("name")? {
        Some(name) => name,
        None => object.clone(),
    };
    Ok(name
        .extract::<String>()
        .map_err(|_| PyTypeError::new_err(format!("expected a word, found {object}")))?
        .to_lowercase())
}

fn status_of(object: &Bound<'_, PyAny>) -> PyResult<StatusExpectation> {
    match word(object)?.as_str() {
        "error" => Ok(StatusExpectation::Error),
        "ok" => Ok(Status::Ok.into()),
        "unset" => Ok(Status::Unset.into()),
        _ => Err(PyValueError::new_err(format!(
            "expected \"error\", \"ok\" or \"unset\" for a status, found {}",
            repr(object)?
        ))),
    }
}

fn kind_of(object: &Bound<'_, PyAny>) -> PyResult<SpanKind> {
    Ok(match word(object)?.as_str() {
        "internal" => SpanKind::Internal,
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => {
            return Err(PyValueError::new_err(format!(
                "expected \"internal\", \"server\", \"client\", \"producer\" or \"consumer\" for a kind, found {}",
                repr(object)?
            )));
        }
    })
}

/// What is the same for one span and for every one: the words that say more.
trait Said: Sized + pyo3::PyClass {
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

fn condition(
    description: &str,
    condition: &Bound<'_, PyAny>,
) -> PyResult<impl Fn(SpanRef<'_>) -> bool + Send + Sync + 'static + use<>> {
    if !condition.is_callable() {
        return Err(PyTypeError::new_err(format!(
            "expected a callable that takes a span for {}, found {}",
            repr_text(description),
            repr(condition)?
        )));
    }
    let condition = condition.clone().unbind();
    Ok(move |span: SpanRef<'_>| {
        let (trace, at) = (Trace::clone(span.trace()), span.index());
        truth_of(|py| condition.bind(py).call1((PySpanRecord::new(trace, at),))?.is_truthy())
    })
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
                let condition = self::condition(description, condition)?;
                Self::said(&slf, &call, 0, |span| span.that(description.to_owned(), condition))
            }
        }

        ranges! { $class, lasting starting ending self_time }
        relatives! { $class,
            child parent descendant ancestor sibling but no_child no_descendant no_parent no_ancestor no_sibling
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

/// An exception by its class, its name as the SDK writes it, or a pattern.
fn exception_type(object: &Bound<'_, PyAny>) -> PyResult<(Expected, String)> {
    if !object.is_instance_of::<pyo3::types::PyType>() {
        return Ok((expected(object)?, repr(object)?));
    }
    let qualname: String = object.getattr("__qualname__")?.extract()?;
    let module: String = object.getattr("__module__")?.extract()?;
    let name = if module == "builtins" { qualname.clone() } else { format!("{module}.{qualname}") };
    Ok((name.into(), qualname))
}

#[pymethods]
impl PySpan {
    /// It may have any children, also where it stands in a tree.
    fn any_children(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "any_children()", 0, SpanExpectation::any_children)
    }

    /// So many of it are there among its siblings.
    #[pyo3(signature = (exactly = None, /, *, at_least = None, at_most = None))]
    fn times(
        slf: PyRef<'_, Self>,
        exactly: Option<usize>,
        at_least: Option<usize>,
        at_most: Option<usize>,
    ) -> PyResult<Py<Self>> {
        let (range, call) = match (exactly, at_least, at_most) {
            (Some(number), None, None) => (NumberRange::from(number), format!("times({number})")),
            (None, None, None) => {
                return Err(PyValueError::new_err("expected a number, or at_least and at_most"));
            }
            (None, from, to) => {
                let bounds = [("at_least", from), ("at_most", to)];
                let said: Vec<String> =
                    bounds.iter().filter_map(|(word, n)| Some(keyword(word, &(*n)?.to_string()))).collect();
                let range = NumberRange { at_least: from.unwrap_or(0), at_most: to };
                (range, format!("times({})", said.join(", ")))
            }
            _ => {
                return Err(PyValueError::new_err(
                    "a number alone means exactly so many: it goes together with no bound",
                ));
            }
        };
        if range.at_most.is_some_and(|at_most| at_most < range.at_least) {
            return Err(PyValueError::new_err(format!(
                "no number is at least {} and at most {}",
                range.at_least,
                range.at_most.unwrap_or(0)
            )));
        }
        Self::said(&slf, &call, 0, |span| span.times(range))
    }

    /// It may be there once, or not.
    fn optional(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "optional()", 0, SpanExpectation::optional)
    }

    /// It is not there, among its siblings.
    fn forbidden(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "forbidden()", 0, SpanExpectation::forbidden)
    }

    /// It stands among its siblings or anywhere below them.
    fn at_any_depth(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "at_any_depth()", 0, SpanExpectation::at_any_depth)
    }

    /// Its parent belongs to another process.
    fn is_remote_child(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        Self::said(&slf, "is_remote_child()", 0, SpanExpectation::is_remote_child)
    }

    /// Its parent belongs to another process, and has this id: an int, or hexadecimal digits.
    fn remote_parent(slf: PyRef<'_, Self>, span_id: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let id = match span_id.extract::<String>() {
            Ok(digits) => u64::from_str_radix(digits.trim_start_matches("0x"), 16).ok(),
            Err(_) => span_id.extract::<u64>().ok(),
        };
        let Some(id) = id else {
            return Err(PyValueError::new_err(format!("{} is no id of a span", repr(span_id)?)));
        };
        let call = format!("remote_parent({})", repr(span_id)?);
        Self::said(&slf, &call, 0, |span| span.remote_parent(SpanId::from(id)))
    }
}

#[pymethods]
impl PyEvery {
    /// Each of them is as this says, its name included, in place of what was said before.
    fn must(slf: PyRef<'_, Self>, be: PyRef<'_, PySpan>) -> PyResult<Py<Self>> {
        let call = format!("must({})", be.as_super().source);
        Self::said(&slf, &call, be.depth, |_| be.is.clone())
    }

    /// It is all right if there is none of them.
    fn or_none(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        let every = Self { of: slf.of.clone(), must: slf.must.clone(), or_none: true, depth: slf.depth };
        let base = PyExpectation::new(every.is(), format!("{}.or_none()", slf.as_super().source));
        of_class(slf.py(), base, every)
    }
}
