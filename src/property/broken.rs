//! [`Broken`]: why something does not hold.

use std::fmt;

use crate::value::Text;

/// Why a law does not hold, or anything else that was to be checked. Every error becomes one with `?`, a mismatch of a trace
/// among them.
pub struct Broken {
    law: Option<Text>,
    why: String,
}

impl Broken {
    /// With what was expected and what was found.
    pub fn new(why: impl Into<String>) -> Self {
        Self { law: None, why: why.into() }
    }

    /// The same, of that law.
    #[must_use]
    pub fn of_law(self, law: impl Into<Text>) -> Self {
        Self { law: self.law.or_else(|| Some(law.into())), ..self }
    }

    /// The law that is broken, where it is one with a name.
    #[must_use]
    pub const fn law(&self) -> Option<&Text> {
        self.law.as_ref()
    }

    /// What was expected, and what was found.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl<E: std::error::Error> From<E> for Broken {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.law {
            Some(law) => write!(f, "{law}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes a condition a reason for failure.
pub trait OrFail {
    /// Nothing where it holds, else why not.
    ///
    /// # Errors
    ///
    /// `why`, where it does not hold.
    fn or_fail(self, why: impl Into<String>) -> Result<(), Broken>;
}

impl OrFail for bool {
    fn or_fail(self, why: impl Into<String>) -> Result<(), Broken> {
        if self { Ok(()) } else { Err(Broken::new(why)) }
    }
}

/// What a check may give: nothing, where it panics if something is wrong, or a result.
pub trait Checked {
    /// The same as a result.
    ///
    /// # Errors
    ///
    /// Why it does not hold.
    fn into_result(self) -> Result<(), Broken>;
}

impl Checked for () {
    fn into_result(self) -> Result<(), Broken> {
        Ok(())
    }
}

impl<E: Into<Broken>> Checked for Result<(), E> {
    fn into_result(self) -> Result<(), Broken> {
        self.map_err(Into::into)
    }
}
