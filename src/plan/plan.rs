//! [`Plan`]: a coroutine that yields messages.

use std::fmt;
use std::sync::Arc;

use super::coroutine::Coroutine;
use super::{PlanEnv, Stubs};
use crate::message::{Msg, PlanError, Response};
use crate::value::{Text, Value};

/// A coroutine that yields messages and is resumed with the answers.
///
/// Made by [`plan`], or by one of bluesky's [plans](super::plans) and [preprocessors](super::preprocessors). It can be
/// sent to another thread.
pub struct Plan {
    name: Text,
    coroutine: Coroutine,
}

/// What a plan does when it is resumed.
#[derive(Debug)]
#[must_use = "a message wants an answer"]
pub enum Resumed {
    /// It yields a message, and waits for the answer.
    Yield(Msg),
    /// It is done, well or not. It may not be resumed again.
    Done(Result<Value, PlanError>),
}

/// A plan from an async block. The block gets the plan stubs bound to it, and may only await those.
///
/// The block outlives the function that makes it, so it owns what it uses: clone the devices first, and write
/// `async move`.
///
/// The plan is named after the function in which it is written, as `plan_name` has it in the start document.
///
/// ```
/// use skyspan::plan::{Plan, plan};
///
/// fn nap() -> Plan {
///     plan(async |p| p.sleep(0.5).await)
/// }
///
/// assert_eq!(nap().name(), "nap");
/// ```
pub fn plan<F, Fut, T>(body: F) -> Plan
where
    F: FnOnce(Stubs) -> Fut,
    Fut: Future<Output = Result<T, PlanError>> + Send + 'static,
    T: Into<Value> + 'static,
{
    Plan { name: function_name(std::any::type_name::<F>()), coroutine: Coroutine::new(body) }
}

/// The name of the function in a closure's path: `scan` of `skyspan::plan::plans::scan::{{closure}}`.
fn function_name(path: &'static str) -> Text {
    // Of single characters, which are found fast: each wrapper around a plan makes one.
    let function = path.find('{').map_or(path, |closure| path[..closure].trim_end_matches(':'));
    let name = function.rfind(':').map_or(function, |colon| &function[colon + 1..]);
    Text::literal(name.split('<').next().filter(|name| !name.is_empty()).unwrap_or("plan"))
}

impl Plan {
    /// The same plan under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Text>) -> Self {
        self.name = name.into();
        self
    }

    /// Its name: `plan_name` of the runs that it opens.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Gives it the answer to its last message, or throws an error; it goes on to its next message, or to its end.
    ///
    /// The first answer, before any message, is [`Response::None`]. An error thrown before the plan has begun ends it.
    ///
    /// A plan that is done, and is resumed again, is done with a `RuntimeError`; one that awaits anything but its own
    /// messages is done with [`PlanError::ForeignAwait`].
    #[inline]
    pub fn resume(&mut self, env: &Arc<PlanEnv>, answer: Result<Response, PlanError>) -> Resumed {
        self.coroutine.resume(env, answer)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plan({})", self.name)
    }
}
