//! [`IntoAnswer`]: what a handler may give.

use crate::device::{Location, Readings, Status};
use crate::message::{PlanError, Response};
use crate::value::{Map, Text, Value};

/// What a handler of a [`RunEngineSimulator`](super::RunEngineSimulator) may give: nothing, a response, a value, or an
/// error that is thrown into the plan.
pub trait IntoAnswer {
    /// As what the plan gets.
    ///
    /// # Errors
    ///
    /// What is thrown into the plan.
    fn into_answer(self) -> Result<Response, PlanError>;
}

impl IntoAnswer for () {
    fn into_answer(self) -> Result<Response, PlanError> {
        Ok(Response::None)
    }
}

impl IntoAnswer for Response {
    fn into_answer(self) -> Result<Response, PlanError> {
        Ok(self)
    }
}

impl IntoAnswer for PlanError {
    fn into_answer(self) -> Result<Response, PlanError> {
        Err(self)
    }
}

impl IntoAnswer for Readings {
    fn into_answer(self) -> Result<Response, PlanError> {
        Ok(Response::Readings(self))
    }
}

impl IntoAnswer for Location {
    fn into_answer(self) -> Result<Response, PlanError> {
        Ok(Response::Location(Box::new(self)))
    }
}

impl IntoAnswer for Status {
    fn into_answer(self) -> Result<Response, PlanError> {
        Ok(Response::Status(self))
    }
}

impl<A: IntoAnswer, E: Into<PlanError>> IntoAnswer for Result<A, E> {
    fn into_answer(self) -> Result<Response, PlanError> {
        self.map_err(Into::into).and_then(A::into_answer)
    }
}

impl<A: IntoAnswer> IntoAnswer for Option<A> {
    fn into_answer(self) -> Result<Response, PlanError> {
        self.map_or(Ok(Response::None), A::into_answer)
    }
}

macro_rules! values {
    ($($value:ty),*) => {$(
        impl IntoAnswer for $value {
            fn into_answer(self) -> Result<Response, PlanError> {
                Ok(Response::Value(self.into()))
            }
        }
    )*};
}

values!(Value, bool, i64, i32, u64, f64, &str, String, Text, Map);
