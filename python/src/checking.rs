//! How an expectation is held against a trace: without the GIL, with Python's errors kept as they are.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

thread_local! {
    /// What a callable raised while it was asked.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Notes what a callable raised; the first one counts.
pub(crate) fn raised(error: PyErr) {
    RAISED.with_borrow_mut(|raised| {
        raised.get_or_insert(error);
    });
}

/// Whether a callable has raised something: then nothing more need be asked.
pub(crate) fn has_raised() -> bool {
    RAISED.with_borrow(Option::is_some)
}

/// Does what may take long or ask callables.
///
/// # Errors
///
/// What a callable raised, as it was; `RuntimeError` for a fault in skyspan.
pub(crate) fn checking<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    // A callable may hold something against a trace itself.
    let outer = RAISED.take();
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    match RAISED.replace(outer) {
        Some(error) => Err(error),
        None => done.map_err(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
            PyRuntimeError::new_err(format!("a fault in skyspan, please tell: {}", said.unwrap_or("no words")))
        }),
    }
}
