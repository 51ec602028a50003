//! [`StoreHeaders`]: who asks a store, as its headers say it.

use std::fmt;
use std::path::Path;

use ureq::http::{HeaderName, HeaderValue};

/// Headers that a store wants, such as `Authorization` and `X-Scope-OrgID`. Their values are shown nowhere, and sent to the host of
/// the address alone.
///
/// ```
/// use skyspan_trace::store::StoreHeaders;
///
/// let headers = StoreHeaders::new().header("Authorization", "Bearer abc")?.header("X-Scope-OrgID", "team")?;
/// assert_eq!(format!("{headers:?}"), "StoreHeaders([\"authorization\", \"x-scope-orgid\"])");
/// # Ok::<(), skyspan_trace::store::StoreHeadersError>(())
/// ```
#[derive(Clone, Default)]
pub struct StoreHeaders(pub(super) Vec<(HeaderName, HeaderValue)>);

/// A text is no header, or has none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct StoreHeadersError {
    /// Where it is: the name of a variable, or a file and a line.
    pub place: String,
    /// What is wrong, without the value.
    pub problem: String,
}

impl fmt::Debug for StoreHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_tuple("StoreHeaders").field(&names).finish()
    }
}

impl StoreHeaders {
    /// A set without any header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more.
    ///
    /// # Errors
    ///
    /// [`StoreHeadersError`] if it is no header of HTTP.
    pub fn header(self, name: &str, value: &str) -> Result<Self, StoreHeadersError> {
        self.add(name, value).map_err(|problem| StoreHeadersError { place: "a header".to_owned(), problem })
    }

    fn add(mut self, name: &str, value: &str) -> Result<Self, String> {
        let name = name.trim();
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("expected the name of a header, found {name:?}"))?;
        let mut value = HeaderValue::from_str(value.trim())
            .map_err(|_| format!("expected a value of one line of ASCII for {known}, found another"))?;
        value.set_sensitive(true);
        self.0.push((known, value));
        Ok(self)
    }

    /// With those of a text: `Authorization=Bearer%20abc,X-Scope-OrgID=team`, as the variables of OpenTelemetry have them.
    ///
    /// # Errors
    ///
    /// [`StoreHeadersError`] if it is none, with `place`.
    pub fn list(self, text: &str, place: &str) -> Result<Self, StoreHeadersError> {
        let wrong = |problem| StoreHeadersError { place: place.to_owned(), problem };
        text.split(',').filter(|pair| !pair.trim().is_empty()).try_fold(self, |all, pair| {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| wrong("expected NAME=VALUE, found no `=`".to_owned()))?;
            all.add(name, &percent_decoded(value)).map_err(wrong)
        })
    }

    /// With those of a file: `Authorization: Bearer abc`, one a line; empty lines and those that begin with `#` are none.
    ///
    /// # Errors
    ///
    /// [`StoreHeadersError`] if the file cannot be read, or a line is no header.
    pub fn file(self, path: impl AsRef<Path>) -> Result<Self, StoreHeadersError> {
        let path = path.as_ref().display().to_string();
        let wrong = |place: &str, problem| StoreHeadersError { place: format!("{path}{place}"), problem };
        let text = std::fs::read_to_string(&path).map_err(|error| wrong("", format!("cannot read it: {error}")))?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        lines.into_iter().try_fold(self, |all, (number, line)| {
            let place = format!(", line {number}");
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| wrong(&place, "expected `Name: value`, found no colon".to_owned()))?;
            all.add(name, value).map_err(|problem| wrong(&place, problem))
        })
    }

    /// Those of the variables `SKYSPAN_STORE_HEADERS`, a [list](Self::list), and `SKYSPAN_STORE_HEADERS_FILE`, the name of a
    /// [file](Self::file).
    ///
    /// # Errors
    ///
    /// [`StoreHeadersError`] if one of them is there and wrong.
    pub fn from_environment() -> Result<Self, StoreHeadersError> {
        const LIST: &str = "SKYSPAN_STORE_HEADERS";
        let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let all = given(LIST).map_or_else(|| Ok(Self::new()), |list| Self::new().list(&list, LIST))?;
        given("SKYSPAN_STORE_HEADERS_FILE").map_or_else(|| Ok(all.clone()), |path| all.clone().file(path))
    }
}

/// A value without its `%` and two digits; a `+` is one.
fn percent_decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
