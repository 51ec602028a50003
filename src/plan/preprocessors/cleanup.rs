//! What a plan does in the end, and what after an error.

use crate::message::PlanError;
use crate::plan::{Plan, plan};

/// A clean-up after a plan, however that ends; only where the plan is halted or dropped there is none
/// (`bluesky.preprocessors.finalize_wrapper`, 1.15.1).
///
/// ```
/// use skyspan::plan::preprocessors::finalize_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let fails = plan(async |_| Err::<(), _>(plan_error!("trouble")));
/// let run = lab.run(finalize_wrapper(fails, plan(async |p| p.sleep(1.0).await)));
/// assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("trouble"));
/// assert_eq!(run.messages().len(), 1);
/// ```
pub fn finalize_wrapper(inner: impl Into<Plan>, cleanup: impl Into<Plan>) -> Finalize {
    Finalize { inner: inner.into(), cleanup: cleanup.into(), pause_for_debug: false }
}

/// A plan with a clean-up. Made by [`finalize_wrapper`], and a plan where one is wanted.
#[derive(Debug)]
#[must_use = "it does nothing unless it is run"]
pub struct Finalize {
    inner: Plan,
    cleanup: Plan,
    pause_for_debug: bool,
}

impl Finalize {
    /// Whether the engine pauses after an error, before the clean-up, so that somebody can look at what is wrong; not
    /// unless one says so. When it is resumed the clean-up comes, and the error goes on.
    ///
    /// ```
    /// use skyspan::plan::preprocessors::finalize_wrapper;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let fails = plan(async |p| {
    ///     p.checkpoint().await?;
    ///     Err::<(), _>(plan_error!("trouble"))
    /// });
    /// let run = lab.run(finalize_wrapper(fails, plan(async |p| p.sleep(1.0).await)).pause_for_debug(true));
    /// assert!(run.is_paused());
    /// let run = lab.resume();
    /// assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("trouble"));
    /// assert_eq!(run.messages().last().map(Msg::command), Some("sleep"));
    /// ```
    pub const fn pause_for_debug(mut self, pause: bool) -> Self {
        self.pause_for_debug = pause;
        self
    }
}

impl From<Finalize> for Plan {
    fn from(finalize: Finalize) -> Self {
        let Finalize { inner, cleanup, pause_for_debug } = finalize;
        let name = inner.name().clone();
        plan(async move |p| {
            let body = async {
                let result = p.run(inner).await;
                if pause_for_debug && result.as_ref().is_err_and(|error| !error.is_halt()) {
                    p.pause().await?;
                }
                result
            };
            p.finalize(body, p.run(cleanup)).await
        })
        .named(name)
    }
}

/// What a plan does besides: after an error, after success, and in the end. Made by [`contingency_wrapper`].
pub struct Contingency {
    inner: Plan,
    except: Option<Box<dyn FnOnce(PlanError) -> Plan + Send>>,
    otherwise: Option<Plan>,
    cleanup: Option<Plan>,
    pause_for_debug: bool,
    auto_raise: bool,
}

/// Python's `try ... except ... else ... finally` around a plan (`bluesky.preprocessors.contingency_wrapper`, 1.15.1).
///
/// ```
/// use skyspan::plan::preprocessors::contingency_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let fails = plan(async |_| Err::<(), _>(plan_error!("trouble")));
/// let run = lab.run(contingency_wrapper(fails).except(|_| plan(async |p| p.null().await)).auto_raise(false));
/// run.assert_success();
/// ```
pub fn contingency_wrapper(inner: impl Into<Plan>) -> Contingency {
    Contingency {
        inner: inner.into(),
        except: None,
        otherwise: None,
        cleanup: None,
        pause_for_debug: false,
        auto_raise: true,
    }
}

impl Contingency {
    /// What is done after an error; the error goes on after that, unless [`auto_raise`](Self::auto_raise) is false.
    #[must_use]
    pub fn except(mut self, except_plan: impl FnOnce(PlanError) -> Plan + Send + 'static) -> Self {
        self.except = Some(Box::new(except_plan));
        self
    }

    /// What is done after success.
    #[must_use]
    pub fn otherwise(mut self, else_plan: impl Into<Plan>) -> Self {
        self.otherwise = Some(else_plan.into());
        self
    }

    /// What is done in the end, however it came.
    #[must_use]
    pub fn finally(mut self, final_plan: impl Into<Plan>) -> Self {
        self.cleanup = Some(final_plan.into());
        self
    }

    /// Whether the engine pauses after an error, before the plan for it, so that somebody can look at what is wrong; not
    /// unless one says so.
    ///
    /// ```
    /// use skyspan::plan::preprocessors::contingency_wrapper;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let fails = plan(async |_| Err::<(), _>(plan_error!("trouble")));
    /// let run = lab.run(contingency_wrapper(fails).pause_for_debug(true));
    /// assert!(run.is_paused());
    /// ```
    #[must_use]
    pub const fn pause_for_debug(mut self, pause: bool) -> Self {
        self.pause_for_debug = pause;
        self
    }

    /// Whether an error goes on after the plan for it; it does unless one says otherwise.
    #[must_use]
    pub const fn auto_raise(mut self, auto_raise: bool) -> Self {
        self.auto_raise = auto_raise;
        self
    }
}

impl From<Contingency> for Plan {
    fn from(contingency: Contingency) -> Self {
        let Contingency { inner, except, otherwise, cleanup, pause_for_debug, auto_raise } = contingency;
        let name = inner.name().clone();
        plan(async move |p| {
            let body = async {
                let result = p.run(inner).await;
                if pause_for_debug && result.as_ref().is_err_and(|error| !error.is_halt()) {
                    p.pause().await?;
                }
                match (result, except) {
                    (Ok(value), _) => {
                        if let Some(otherwise) = otherwise {
                            p.run(otherwise).await?;
                        }
                        Ok(value)
                    }
                    (Err(error), Some(except)) if !error.is_halt() => {
                        let value = p.run(except(error.clone())).await?;
                        if auto_raise { Err(error) } else { Ok(value) }
                    }
                    (Err(error), _) => Err(error),
                }
            };
            let finally = async {
                match cleanup {
                    Some(cleanup) => p.run(cleanup).await.map(drop),
                    None => Ok(()),
                }
            };
            p.finalize(body, finally).await
        })
        .named(name)
    }
}

impl std::fmt::Debug for Contingency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contingency({:?})", self.inner)
    }
}
