//! [`ForeignError`]: an error of another library, kept as it is.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::value::Text;

/// An error of another library: of a driver, a socket, a parser. It is kept as it is, is the
/// [`source`](std::error::Error::source) of the error that carries it, and is given back by
/// [`downcast_ref`](Self::downcast_ref).
///
/// Two are equal where they have the same name and say the same.
#[derive(Clone, Debug)]
pub struct ForeignError {
    name: Text,
    error: Arc<dyn Error + Send + Sync>,
}

impl ForeignError {
    /// Keeps an error, under the last part of its type's name: `Error` for `std::io::Error`.
    pub fn new<E: Error + Send + Sync + 'static>(error: E) -> Self {
        let name = std::any::type_name::<E>();
        let name = name.split('<').next().unwrap_or(name);
        Self { name: name.rsplit("::").next().unwrap_or(name).into(), error: Arc::new(error) }
    }

    /// Names it as the class of an exception is named: `ConnectionError`.
    #[must_use]
    pub fn named(self, name: impl Into<Text>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The name under which it is kept.
    #[must_use]
    pub const fn name(&self) -> &Text {
        &self.name
    }

    /// The error, if it is one of that type.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }
}

impl PartialEq for ForeignError {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && (Arc::ptr_eq(&self.error, &other.error) || self.to_string() == other.to_string())
    }
}

impl Eq for ForeignError {}

/// What the error itself says.
impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for ForeignError {
    /// The error that is kept.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.error)
    }
}
