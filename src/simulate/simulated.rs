//! [`Simulated`]: what a plan did without an engine.

use super::messages::Messages;
use crate::message::{Msg, PlanError};
use crate::value::Value;

/// What a plan did without an engine; made by [`RunEngineSimulator::simulate_plan`](super::RunEngineSimulator::simulate_plan).
#[derive(Clone, Debug)]
pub struct Simulated {
    pub(super) messages: Vec<Msg>,
    pub(super) result: Result<Value, PlanError>,
}

impl Simulated {
    /// Its messages, to be held against what they must be.
    #[must_use]
    pub fn messages(&self) -> Messages<'_> {
        Messages::of(&self.messages)
    }

    /// The names of its commands, in order.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::RunEngineSimulator;
    ///
    /// let naps = plan(async |p| {
    ///     p.checkpoint().await?;
    ///     p.sleep(3600.0).await
    /// });
    /// assert_eq!(RunEngineSimulator::new().simulate_plan(naps).commands(), ["checkpoint", "sleep"]);
    /// ```
    #[must_use]
    pub fn commands(&self) -> Vec<&str> {
        self.messages.iter().map(Msg::command).collect()
    }

    /// What came of it.
    ///
    /// # Errors
    ///
    /// What came out of it, where that was an error.
    pub const fn result(&self) -> Result<&Value, &PlanError> {
        self.result.as_ref()
    }

    /// What it returned; nothing if it failed.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.result.as_ref().ok()
    }

    /// What came out of it, where that was an error.
    #[must_use]
    pub fn exception(&self) -> Option<&PlanError> {
        self.result.as_ref().err()
    }

    /// Wants it to have come to its end without an error.
    ///
    /// ```
    /// # use skyspan::{prelude::*, simulate::RunEngineSimulator};
    /// RunEngineSimulator::new().simulate_plan(plan(async |p| p.null().await)).assert_success();
    /// ```
    ///
    /// # Panics
    ///
    /// If it did not: with what came out of it, and its last message.
    ///
    /// ```should_panic
    /// # use skyspan::{prelude::*, simulate::RunEngineSimulator};
    /// let fails = plan(async |_| Err::<(), _>(plan_error!("no light")));
    /// RunEngineSimulator::new().simulate_plan(fails).assert_success();
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "this is what an assertion does")]
    pub fn assert_success(&self) {
        if let Err(error) = &self.result {
            let last = self.messages.last().map_or_else(|| "none".to_owned(), ToString::to_string);
            let name = error.name();
            panic!("the plan did not succeed: {name}: {error}\nits last message, of {}: {last}", self.messages.len());
        }
    }
}
