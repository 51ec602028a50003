//! [`collector`]: keeps the values of one data key.

use std::sync::{Arc, Mutex};

use crate::document::{Document, Event};
use crate::message::PlanError;
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// A callback that puts the values of a data key into `output` (`bluesky.callbacks.core.collector`, 1.15.1), those of
/// pages of events, too. Other documents it does not look at.
///
/// ```
/// use std::sync::{Arc, Mutex, PoisonError};
/// use skyspan::callbacks::collector;
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let positions = Arc::new(Mutex::new(Vec::new()));
/// lab.with_engine(|engine| engine.subscribe(collector("motor", &positions)));
/// lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 4, 3)).assert_success();
/// let positions = positions.lock().unwrap_or_else(PoisonError::into_inner);
/// assert_eq!(*positions, [0.0, 2.0, 4.0].map(Value::from));
/// ```
///
/// # Errors
///
/// The callback fails with a `KeyError` where an event has no such data key.
pub fn collector(
    field: impl Into<Text>,
    output: &Arc<Mutex<Vec<Value>>>,
) -> impl FnMut(&Document) -> Result<(), PlanError> + Send + 'static {
    let (field, output) = (field.into(), Arc::clone(output));
    let collect = move |event: &Event| {
        let value = event.get(&field).ok_or_else(|| PlanError::key(&field))?;
        lock(&output).push(value.clone());
        Ok(())
    };
    move |document| match document {
        Document::Event(event) => collect(event),
        Document::EventPage(page) => page.unpack().iter().try_for_each(&collect),
        _ => Ok(()),
    }
}
