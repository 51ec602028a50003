//! What describes a trace, for somebody to look through and keep: a check file, or the code of an expectation.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan_trace::check::bless_file;
use skyspan_trace::expect;
use skyspan_trace::trace::Trace;

use crate::pattern::name_pattern;
use crate::trace::PyTrace;

/// CPython reads brackets 200 deep, of which a span takes two, and the whole two besides.
const PYTHON_DEPTH_MAX: usize = 90;

/// How much longer or shorter durations may be, as a part of 1.
fn tolerance(times: Option<f64>) -> PyResult<Option<f64>> {
    match times {
        Some(part) if !part.is_finite() || part < 0.0 => Err(PyValueError::new_err(format!(
            "expected the part of 1 that durations may be longer or shorter by, such as 0.2, found {part}"
        ))),
        times => Ok(times),
    }
}

fn check_file(trace: &Trace, times: Option<f64>, exact: bool, all_attributes: bool) -> String {
    let file = bless_file(trace);
    let file = match times {
        None => file.without_times(),
        Some(part) => file.times(part),
    };
    let file = if exact { file.exact() } else { file };
    if all_attributes { file.all_attributes() } else { file }.to_string()
}

fn python(
    trace: &Trace,
    times: Option<f64>,
    exact: bool,
    all_attributes: bool,
    without: &[Bound<'_, PyAny>],
) -> PyResult<String> {
    let depth = trace.spans().map(|span| span.depth()).max().unwrap_or(0);
    if depth > PYTHON_DEPTH_MAX {
        return Err(PyValueError::new_err(format!(
            "the trace is {depth} levels deep, and Python reads code of {PYTHON_DEPTH_MAX}: bless() describes it as a check file"
        )));
    }
    let mut code = expect::bless(trace);
    for key in without {
        code = code.without_key(name_pattern(Some(key))?);
    }
    let code = code.as_python();
    let code = if exact { code } else { code.without_fractions() };
    let code = if all_attributes { code } else { code.telling() };
    Ok(match times {
        None => code,
        Some(part) => code.times(part),
    }
    .to_string())
}

#[pymethods]
impl PyTrace {
    /// What describes the trace: a check file, or the code of an expectation.
    #[pyo3(signature = (*, times = None, exact = false, all_attributes = false, as_ = "check", without = Vec::new()))]
    fn bless(
        &self,
        times: Option<f64>,
        exact: bool,
        all_attributes: bool,
        as_: &str,
        without: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let times = tolerance(times)?;
        match as_ {
            "python" => python(&self.0, times, exact, all_attributes, &without),
            "check" if without.is_empty() => Ok(check_file(&self.0, times, exact, all_attributes)),
            "check" => Err(PyValueError::new_err(
                "a check file leaves no attributes out by key: `without` goes together with as_=\"python\"",
            )),
            other => Err(PyValueError::new_err(format!("expected \"check\" or \"python\" for as_, found {other:?}"))),
        }
    }
}
