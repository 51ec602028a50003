//! Spans of Python's SDK, as spans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use skyspan_trace::trace::{Attributes, Event, Link, Resource, Scope, Span, SpanBuilder, SpanKind, Status};
use skyspan_trace::value::{Text, Timestamp};

use crate::value::{attributes, text};

/// What many spans share: those of one provider their resource, those of one tracer their scope, all the few kinds and codes.
#[derive(Default)]
pub(crate) struct Shared {
    resources: Known<Resource>,
    scopes: Known<Scope>,
    kinds: Known<SpanKind>,
    codes: Known<Status>,
    empty_states: Known<bool>,
}

/// What was converted, by the place of the object in memory. The object is kept, or another might be in its place.
struct Known<T>(Mutex<ByPlace<T>>);

type ByPlace<T> = HashMap<usize, (Py<PyAny>, Arc<T>)>;

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// So many are known before all are forgotten: a program may make a tracer for every request.
const KNOWN_MAX: usize = 1_000;

impl<T> Known<T> {
    fn of(
        &self,
        object: &Bound<'_, PyAny>,
        convert: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> PyResult<Arc<T>> {
        let place = object.as_ptr() as usize;
        // No call into Python while the lock is held: it may let go of the GIL, and the next thread would wait for the
        // lock with the GIL in its hands.
        if let Some((_, known)) = self.lock().get(&place) {
            return Ok(Arc::clone(known));
        }
        let converted = Arc::new(convert(object)?);
        let kept = (object.clone().unbind(), Arc::clone(&converted));
        let forgotten = {
            let mut known = self.lock();
            let forgotten = if known.len() >= KNOWN_MAX { std::mem::take(&mut *known) } else { HashMap::new() };
            known.insert(place, kept);
            forgotten
        };
        drop(forgotten);
        Ok(converted)
    }

    fn lock(&self) -> MutexGuard<'_, ByPlace<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part of a span: by the attribute that the SDK keeps it in, which costs less than the property in front of it; else by that.
fn part<'py>(span: &Bound<'py, PyAny>, kept: &Bound<'py, PyString>, public: &str) -> PyResult<Bound<'py, PyAny>> {
    match span.getattr_opt(kept)? {
        Some(part) => Ok(part),
        None => span.getattr(public),
    }
}

/// The context of a span, which is one object from its start to its end.
pub(crate) fn context<'py>(span: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    part(span, intern!(span.py(), "_context"), "context")
}

/// A field of a context, which is a tuple.
fn field<'py>(context: &Bound<'py, PyAny>, at: usize, name: &str) -> PyResult<Bound<'py, PyAny>> {
    match context.cast::<PyTuple>() {
        Ok(fields) => fields.get_item(at),
        Err(_) => context.getattr(name),
    }
}

/// The ids in a context.
fn ids(context: &Bound<'_, PyAny>) -> PyResult<(u128, u64)> {
    Ok((field(context, 0, "trace_id")?.extract()?, field(context, 1, "span_id")?.extract()?))
}

/// The name of the tracer that made a span.
pub(crate) fn scope_name(span: &Bound<'_, PyAny>) -> PyResult<Text> {
    let scope = part(span, intern!(span.py(), "_instrumentation_scope"), "instrumentation_scope")?;
    if scope.is_none() { Ok(Text::default()) } else { text(&scope.getattr("name")?) }
}

/// A span of the SDK, as it is now: how many had started before it, and whether it may still change.
pub(crate) fn span(span: &Bound<'_, PyAny>, started: u64, is_open: bool, shared: &Shared) -> PyResult<Span> {
    let py = span.py();
    let context = context(span)?;
    let (trace_id, span_id) = ids(&context)?;
    let mut builder = Span::builder(text(&part(span, intern!(py, "_name"), "name")?)?)
        .trace_id(trace_id)
        .span_id(span_id)
        .started(started);
    let parent = part(span, intern!(py, "_parent"), "parent")?;
    if !parent.is_none() {
        let id: u64 = field(&parent, 1, "span_id")?.extract()?;
        builder = match field(&parent, 2, "is_remote")?.is_truthy()? {
            true => builder.remote_parent(id),
            false => builder.parent_id(id),
        };
    }
    builder = match part(span, intern!(py, "_start_time"), "start_time")?.extract::<u64>() {
        Ok(start) => builder.start(Timestamp::from_unix_ns(start)),
        Err(_) => builder.unknown_start(),
    };
    if !is_open && let Ok(end) = part(span, intern!(py, "_end_time"), "end_time")?.extract::<u64>() {
        builder = builder.end(Timestamp::from_unix_ns(end));
    }
    let own = part(span, intern!(py, "_attributes"), "attributes")?;
    builder = builder.attributes(Attributes::from_iter(attributes(&own, is_open)?));
    builder = builder.kind(shared.kind(&part(span, intern!(py, "_kind"), "kind")?)?);
    builder = builder.status(shared.status(&part(span, intern!(py, "_status"), "status")?)?);
    let events = part(span, intern!(py, "_events"), "events")?;
    builder = self::events(builder, &events)?;
    let links = part(span, intern!(py, "_links"), "links")?;
    builder = self::links(builder, &links)?;
    let resource = part(span, intern!(py, "_resource"), "resource")?;
    if !resource.is_none() {
        builder = builder.resource(shared.resources.of(&resource, self::resource)?);
    }
    let scope = part(span, intern!(py, "_instrumentation_scope"), "instrumentation_scope")?;
    if !scope.is_none() {
        builder = builder.scope(shared.scopes.of(&scope, self::scope)?);
    }
    let dropped = |list: &Bound<'_, PyAny>| match list.getattr_opt(intern!(py, "dropped")) {
        Ok(Some(number)) => number.extract::<u32>().unwrap_or(0),
        _ => 0,
    };
    let lost = [dropped(&own), dropped(&events), dropped(&links)];
    if lost != [0; 3] {
        builder = builder.dropped(lost[0], lost[1], lost[2]);
    }
    let state = field(&context, 4, "trace_state")?;
    if !shared.is_empty_state(&state)? {
        builder = builder.trace_state(text(&state.call_method0("to_header")?)?);
    }
    Ok(builder.build())
}

impl Shared {
    fn kind(&self, kind: &Bound<'_, PyAny>) -> PyResult<SpanKind> {
        let known = self.kinds.of(kind, |kind| {
            Ok(match kind.getattr("name")?.extract::<String>()?.as_str() {
                "SERVER" => SpanKind::Server,
                "CLIENT" => SpanKind::Client,
                "PRODUCER" => SpanKind::Producer,
                "CONSUMER" => SpanKind::Consumer,
                _ => SpanKind::Internal,
            })
        })?;
        Ok(SpanKind::clone(&known))
    }

    fn status(&self, status: &Bound<'_, PyAny>) -> PyResult<Status> {
        let py = status.py();
        if status.is_none() {
            return Ok(Status::Unset);
        }
        let code = part(status, intern!(py, "_status_code"), "status_code")?;
        let known = self.codes.of(&code, |code| {
            Ok(match code.getattr("name")?.extract::<String>()?.as_str() {
                "OK" => Status::Ok,
                "ERROR" => Status::error(""),
                _ => Status::Unset,
            })
        })?;
        if !matches!(*known, Status::Error { .. }) {
            return Ok(Status::clone(&known));
        }
        let description = status.getattr("description")?;
        Ok(Status::error(if description.is_none() { Text::default() } else { text(&description)? }))
    }

    /// Whether a trace state says nothing; nearly all are one and the same object.
    fn is_empty_state(&self, state: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(state.is_none() || *self.empty_states.of(state, |state| Ok(!state.is_truthy()?))?)
    }
}

fn pairs(object: &Bound<'_, PyAny>) -> PyResult<Attributes> {
    attributes(object, false).map(Attributes::from_iter)
}

/// The elements of a list that another thread may add to.
fn elements<'py>(list: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    // Most spans have neither events nor links.
    if list.is_none() || list.len()? == 0 {
        Ok(None)
    } else {
        PyTuple::new(list.py(), list.try_iter()?.collect::<PyResult<Vec<_>>>()?).map(Some)
    }
}

fn events(mut builder: SpanBuilder, list: &Bound<'_, PyAny>) -> PyResult<SpanBuilder> {
    for event in elements(list)?.iter().flatten() {
        let at = Timestamp::from_unix_ns(event.getattr("timestamp")?.extract()?);
        let own = pairs(&part(&event, intern!(event.py(), "_attributes"), "attributes")?)?;
        builder = builder.event(Event::new(text(&event.getattr("name")?)?, at).with_attributes(own));
    }
    Ok(builder)
}

fn links(mut builder: SpanBuilder, list: &Bound<'_, PyAny>) -> PyResult<SpanBuilder> {
    for link in elements(list)?.iter().flatten() {
        let (trace_id, span_id) = ids(&link.getattr("context")?)?;
        let own = pairs(&part(&link, intern!(link.py(), "_attributes"), "attributes")?)?;
        builder = builder.link(Link::new(trace_id, span_id).with_attributes(own));
    }
    Ok(builder)
}

fn resource(resource: &Bound<'_, PyAny>) -> PyResult<Resource> {
    let schema_url = text(&resource.getattr("schema_url")?)?;
    Ok(Resource { schema_url, ..Resource::new(pairs(&resource.getattr("attributes")?)?) })
}

fn scope(scope: &Bound<'_, PyAny>) -> PyResult<Scope> {
    let said = |name| -> PyResult<Option<Text>> {
        let value = scope.getattr(name)?;
        if value.is_truthy()? { text(&value).map(Some) } else { Ok(None) }
    };
    Ok(Scope {
        name: text(&scope.getattr("name")?)?,
        version: said("version")?,
        schema_url: said("schema_url")?,
        attributes: scope.getattr_opt("attributes")?.map(|own| pairs(&own)).transpose()?.unwrap_or_default(),
    })
}
