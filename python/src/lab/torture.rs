//! Every place where a plan of Python can break: the map of it, made on labs like this one.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyAssertionError, PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use skyspan::harness::Harness;
use skyspan::plan::{Plan, plan};
use skyspan::torture::{CaseId, HomeAt, Torture, TortureMap, Tortured, Trouble, Verdict};
use skyspan::value::Text;

use super::bridge::Bridge;
use super::generator::plan_that_keeps;
use super::lab::PyLabCore;
use super::lab_core::{Calling, LabCore};
use super::seconds::optional;
use crate::mismatch::plain;
use crate::trace::PyTrace;

/// How a plan is tortured: the options of `Lab.torture`.
struct Wish {
    only: Vec<Trouble>,
    without: Vec<Trouble>,
    homes: Vec<(String, HomeAt)>,
    hold: Option<std::time::Duration>,
    late_by: Option<std::time::Duration>,
    messages: Option<(u64, u64)>,
    pairs: usize,
    orders: u64,
    most: Option<u64>,
    strict: bool,
}

fn wrong(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn read<T: FromStr<Err: Display>>(texts: Vec<String>) -> PyResult<Vec<T>> {
    texts.iter().map(|text| text.parse().map_err(wrong)).collect()
}

impl Wish {
    fn of(core: &LabCore, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let option = |key: &str| options.get_item(key)?.ok_or_else(|| wrong(format!("expected {key:?}")));
        let homes = option("home")?.cast_into::<PyDict>()?;
        let homes = homes.iter().map(|(device, at)| {
            let at = match at.extract::<String>().as_deref() {
                Ok("start") => HomeAt::Start,
                Ok("end") => HomeAt::End,
                _ => HomeAt::Value(core.bridge.carried.value(&at)?),
            };
            Ok((device.extract::<String>()?, at))
        });
        Ok(Self {
            only: read(option("only")?.extract()?)?,
            without: read(option("without")?.extract()?)?,
            homes: homes.collect::<PyResult<_>>()?,
            hold: optional(Some(&option("hold")?), "how long a pause lasts")?,
            late_by: optional(Some(&option("late_by")?), "how late what is late is")?,
            messages: option("messages")?.extract()?,
            pairs: option("pairs")?.extract()?,
            orders: option("orders")?.extract()?,
            most: option("most")?.extract()?,
            strict: option("strict")?.extract()?,
        })
    }

    fn on<'a>(&self, mut torture: Torture<'a>) -> Torture<'a> {
        if !self.only.is_empty() {
            torture = torture.only(self.only.iter().copied());
        }
        torture = torture.without(self.without.iter().copied()).pairs(self.pairs).orders(self.orders).jobs(1);
        for (device, at) in &self.homes {
            torture = torture.home(device.clone(), at.clone());
        }
        if let Some(hold) = self.hold {
            torture = torture.hold(hold);
        }
        if let Some(late_by) = self.late_by {
            torture = torture.late_by(late_by);
        }
        if let Some((first, last)) = self.messages {
            torture = torture.messages(first..=last);
        }
        if let Some(most) = self.most {
            torture = torture.most(most);
        }
        if self.strict {
            torture = torture.strict();
        }
        torture
    }
}

/// Makes the plan of each run, in a lab of its own.
struct Makes {
    core: Arc<LabCore>,
    /// Takes the core of a lab, and gives the generator of the plan and its name.
    make: Py<PyAny>,
    /// What went wrong where a plan was made.
    failed: Mutex<Option<PyErr>>,
    /// That of the last run, which knows what ended its plan.
    last: Mutex<Option<Arc<Bridge>>>,
}

impl Makes {
    fn plan(&self, harness: &Harness) -> Plan {
        self.look_at_the_last();
        let has_failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        // After that the rest comes to its end quickly.
        let made = if has_failed { None } else { self.made(harness).map_err(|error| self.fail(error)).ok() };
        made.unwrap_or_else(|| plan(async |_| Ok(())))
    }

    fn made(&self, harness: &Harness) -> PyResult<Plan> {
        let lab = self.core.furnished(harness.clone(), &[])?;
        // It is there for this run alone, on this thread, and so within a call as long as it is there.
        *lab.calling() = Some(std::thread::current().id());
        let (generator, name) = Python::attach(|py| {
            let made = self.make.bind(py).call1((PyLabCore(Arc::clone(&lab)),))?;
            let made = made.cast_into::<PyTuple>()?;
            PyResult::Ok((made.get_item(0)?.unbind(), made.get_item(1)?.extract::<String>()?))
        })?;
        let before = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&lab.bridge));
        drop(before);
        Ok(plan_that_keeps(lab, generator, Text::from(name)))
    }

    /// What ended the plan of the last run that is no `Exception` ends all.
    fn look_at_the_last(&self) {
        let Some(last) = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone() else { return };
        if let Some(error) = last.take_ended_by() {
            self.fail(error);
        } else if last.is_interrupted.load(Ordering::Relaxed) {
            self.fail(PyKeyboardInterrupt::new_err(()));
        }
    }

    fn fail(&self, error: PyErr) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            *failed = Some(error);
        } else {
            drop(failed);
            drop(error);
        }
    }

    fn torture(&self, wish: &Wish) -> Torture<'_> {
        let settings = self.core.settings.clone();
        let now = self.core.harness.clock().now();
        let torture = Torture::plan(|lab: &Harness| self.plan(lab));
        wish.on(torture.built(move |builder| settings.given_to(builder).start_time(now)).seed(self.core.harness.seed()))
    }

    fn whole<T, E: Display>(self, py: Python<'_>, outcome: Result<T, E>) -> PyResult<T> {
        py.check_signals()?;
        self.look_at_the_last();
        match self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => outcome.map_err(wrong),
        }
    }
}

impl PyLabCore {
    fn makes(&self, make: Py<PyAny>) -> PyResult<Makes> {
        self.0.refuse_within_a_call("lab.torture()")?;
        if self.0.settings.real_time {
            return Err(wrong("expected a lab with a simulated clock: all runs of a plan take too long on a real one"));
        }
        Ok(Makes { core: Arc::clone(&self.0), make, failed: Mutex::default(), last: Mutex::default() })
    }
}

#[pymethods]
impl PyLabCore {
    /// Runs a plan once for each of its messages and each thing that can happen there.
    fn torture(&self, py: Python<'_>, make: Py<PyAny>, options: &Bound<'_, PyDict>) -> PyResult<PyTortureMap> {
        let (makes, wish) = (self.makes(make)?, Wish::of(&self.0, options)?);
        let map = py.detach(|| {
            let _calling = Calling::begin(&self.0);
            makes.torture(&wish).run()
        });
        makes.whole(py, map).map(PyTortureMap)
    }

    /// Runs one case of that.
    fn torture_case(
        &self,
        py: Python<'_>,
        make: Py<PyAny>,
        options: &Bound<'_, PyDict>,
        case: &str,
    ) -> PyResult<PyTortured> {
        let (makes, wish) = (self.makes(make)?, Wish::of(&self.0, options)?);
        let case: CaseId = case.parse().map_err(wrong)?;
        let tortured = py.detach(|| {
            let _calling = Calling::begin(&self.0);
            makes.torture(&wish).case(&case)
        });
        makes.whole(py, tortured).map(PyTortured)
    }
}

/// The number of a case, its messages and troubles, and what came of it.
type CaseAsPython<'py> = (String, Vec<(u64, &'static str)>, Bound<'py, PyAny>);

/// What came of all cases.
#[pyclass(frozen, name = "TortureMap", module = "skyspan._core")]
pub(crate) struct PyTortureMap(TortureMap);

#[pymethods]
impl PyTortureMap {
    /// Whether nothing is left in any case, and nothing hangs. What no plan could have helped does not count.
    #[getter]
    fn is_well(&self) -> bool {
        self.0.is_well()
    }

    /// How many cases come to a verdict.
    fn count(&self, verdict: &str) -> PyResult<usize> {
        let known = Verdict::ALL.into_iter().find(|known| word(*known) == verdict);
        let words = Verdict::ALL.map(word).join(", ");
        let wrong = || PyValueError::new_err(format!("expected one of {words}, found {verdict:?}"));
        known.map(|verdict| self.0.count(verdict)).ok_or_else(wrong)
    }

    /// All cases: the number of the case, its messages and troubles, and what came of it as plain values.
    #[getter]
    fn cases<'py>(&self, py: Python<'py>) -> PyResult<Vec<CaseAsPython<'py>>> {
        let one = |(case, aftermath): &(CaseId, skyspan::torture::Aftermath)| {
            let troubles = case.troubles().map(|(message, trouble)| (message, trouble.name())).collect();
            let came = plain(py, aftermath)?;
            if let Some(hung) = &aftermath.hung {
                came.set_item("hung", hung.to_string())?;
            }
            Ok((case.to_string(), troubles, came))
        };
        self.0.cases().iter().map(one).collect()
    }

    /// What is left and what hangs, those first that come most often.
    #[getter]
    fn findings(&self) -> Vec<String> {
        self.0.findings().iter().map(|finding| finding.text.to_string()).collect()
    }

    /// What no plan could have helped, in the same order.
    #[getter]
    fn excused(&self) -> Vec<String> {
        self.0.excused().iter().map(|finding| finding.text.to_string()).collect()
    }

    /// All of it as plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// Raises AssertionError with the map if anything is left, or hangs, that a plan could have helped.
    fn assert_home(&self) -> PyResult<()> {
        if self.0.is_well() {
            return Ok(());
        }
        Err(PyAssertionError::new_err(format!("something is left:\n\n{}", self.0)))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<TortureMap: {} cases, {} findings>", self.0.cases().len(), self.0.findings().len())
    }
}

/// A verdict as it is written.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::AsBefore => "as_before",
        Verdict::AtHome => "at_home",
        Verdict::Excused => "excused",
        Verdict::Left => "left",
        Verdict::Hung => "hung",
    }
}

/// A case that was run for its trace.
#[pyclass(frozen, name = "Tortured", module = "skyspan._core")]
pub(crate) struct PyTortured(Tortured);

#[pymethods]
impl PyTortured {
    /// What happened, in words.
    #[getter]
    fn happened(&self) -> &str {
        &self.0.happened
    }

    /// `as_before`, `at_home`, `excused`, `left` or `hung`.
    #[getter]
    fn verdict(&self) -> &'static str {
        word(self.0.aftermath.verdict)
    }

    /// Its spans.
    #[getter]
    fn trace(&self) -> PyTrace {
        PyTrace(self.0.trace().clone())
    }

    /// What happened, what came of it, and its trace.
    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Tortured: case {}, {}>", self.0.case, self.verdict())
    }
}
