//! [`Args`]: what a method of a device is called with.

use super::DeviceError;
use crate::value::{Map, Value};

/// The arguments of a device's method, by position and by keyword, as a message carries them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// The arguments by position.
    pub positional: Vec<Value>,
    /// The arguments by keyword.
    pub keyword: Map,
}

impl Args {
    /// A call without arguments.
    #[must_use]
    pub const fn none() -> Self {
        Self { positional: Vec::new(), keyword: Map::new() }
    }

    /// One argument by position.
    #[must_use]
    pub fn one(value: impl Into<Value>) -> Self {
        Self { positional: vec![value.into()], keyword: Map::new() }
    }

    /// Wants no arguments at all.
    ///
    /// # Errors
    ///
    /// A `TypeError` where there are some.
    pub fn nothing(&self) -> Result<(), DeviceError> {
        match (self.positional.len(), self.keyword.keys().next()) {
            (0, None) => Ok(()),
            (_, Some(key)) => Err(DeviceError::type_error(format!("got an unexpected keyword argument '{key}'"))),
            (given, None) => {
                Err(DeviceError::type_error(format!("takes no positional arguments but {given} were given")))
            }
        }
    }

    /// The one argument, where nothing else is taken: by position, or by the keyword `value`, as ophyd's `set` has it.
    ///
    /// # Errors
    ///
    /// A `TypeError` for any other number of arguments, and for other arguments by keyword.
    pub fn single(&self) -> Result<&Value, DeviceError> {
        self.single_named("value")
    }

    /// The same, where the keyword is another one.
    pub(crate) fn single_named(&self, name: &str) -> Result<&Value, DeviceError> {
        let mut keyword = self.keyword.iter();
        match (&*self.positional, keyword.next()) {
            ([value], None) => Ok(value),
            ([], Some((key, value))) if **key == *name && keyword.len() == 0 => Ok(value),
            ([_, ..], Some((key, _))) if **key == *name => {
                Err(DeviceError::type_error(format!("got multiple values for argument '{name}'")))
            }
            (_, Some((key, _))) => Err(DeviceError::type_error(format!("got an unexpected keyword argument '{key}'"))),
            (values, None) => {
                Err(DeviceError::type_error(format!("takes 1 positional argument but {} were given", values.len())))
            }
        }
    }

    /// [`single`](Self::single), as a number.
    ///
    /// # Errors
    ///
    /// A `TypeError` where there is not one argument, or where it is no number.
    pub fn single_number(&self) -> Result<f64, DeviceError> {
        let value = self.single()?;
        let number = value.as_f64().or_else(|| value.as_bool().map(f64::from));
        number.ok_or_else(|| DeviceError::type_error(format!("expected a number, found {}: {value}", value.kind())))
    }
}
