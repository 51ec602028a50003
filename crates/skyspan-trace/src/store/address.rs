//! [`StoreAddress`]: where a trace lies.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;

use super::parameters::Parameters;

/// Where a trace lies: in which sort of store, at which host, and which it is, by its id or by a search.
///
/// ```
/// use skyspan_trace::store::{StoreAddress, StoreKind};
///
/// let address: StoreAddress = "tempo+http://tempo:3200/5fa3".parse()?;
/// assert_eq!(address.kind(), StoreKind::Tempo);
///
/// let error = "tempo+http://tempo:3200".parse::<StoreAddress>().unwrap_err();
/// assert!(error.to_string().contains("expected the id of a trace, or a search"), "{error}");
/// # Ok::<(), skyspan_trace::store::StoreAddressError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoreAddress {
    kind: StoreKind,
    /// The scheme, the host, and a path without the slash at its end.
    base: String,
    pub(super) asked: Asked,
}

/// What is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    /// A trace, with so many hexadecimal digits as were given; parameters say when it was, which some stores want to know.
    Trace(String, Parameters),
    Search(Parameters),
}

/// The sorts of stores.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StoreKind {
    /// Grafana Tempo, whose searches are TraceQL.
    Tempo,
    /// Jaeger, whose searches have at least the name of a service.
    Jaeger,
}

impl StoreKind {
    const ALL: [(&'static str, Self); 2] = [("tempo", Self::Tempo), ("jaeger", Self::Jaeger)];

    /// A key of a search of such a store, and an example of it.
    const fn search(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Tempo => (&["q", "tags"], "?q={ status = error }"),
            Self::Jaeger => (&["service", "query.service_name"], "?service=NAME"),
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tempo => "Tempo",
            Self::Jaeger => "Jaeger",
        })
    }
}

/// A text is no address of a trace in a store.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the address {address:?}: {problem}")]
pub struct StoreAddressError {
    /// The text, without what may be a password.
    pub address: String,
    /// What is wrong with it, and what would be right.
    pub problem: String,
}

impl StoreAddress {
    /// Whether a text is meant as such an address, and not as the name of a file.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+';
            !scheme.is_empty() && scheme.bytes().all(letters)
        })
    }

    /// The sort of its store.
    #[must_use]
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The address of something at the store: a path behind that of the store, and parameters.
    pub(super) fn url(&self, path: &str, parameters: &Parameters) -> String {
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{}", self.base, parameters.encoded())
    }
}

impl FromStr for StoreAddress {
    type Err = StoreAddressError;

    fn from_str(text: &str) -> Result<Self, StoreAddressError> {
        let wrong = |problem: String| StoreAddressError { address: without_user(text), problem };
        let examples = "such as tempo+http://HOST:3200/TRACEID or jaeger+https://HOST/TRACEID";
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong(format!("expected an address {examples}")))?;
        let found = scheme.split_once('+').and_then(|(kind, scheme)| {
            let (_, kind) = StoreKind::ALL.iter().find(|(known, _)| *known == kind)?;
            matches!(scheme, "http" | "https").then_some((*kind, scheme))
        });
        let (kind, scheme) =
            found.ok_or_else(|| wrong(format!("expected the sort of store before the address, {examples}")))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let place = place.trim_end_matches('/');
        // A password may have a slash in it, and no path of a store has an @.
        if place.contains('@') {
            let instead = "expected no user and no password in it, where others read them; put `Authorization=...` into the \
                           variable SKYSPAN_STORE_HEADERS, or into a file";
            return Err(wrong(instead.to_owned()));
        }
        let uri = format!("{scheme}://{place}").parse::<Uri>();
        if let Some(problem) = match uri {
            Ok(uri) if uri.host().is_none_or(str::is_empty) => Some("there is no host".to_owned()),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        } {
            return Err(wrong(format!("expected a host, {examples}: {problem}")));
        }
        let parameters = Parameters::read(query);
        let (keys, example) = kind.search();
        if keys.iter().any(|key| parameters.get(key).is_some()) {
            return Ok(Self { kind, base: format!("{scheme}://{place}"), asked: Asked::Search(parameters) });
        }
        let id = place
            .rsplit_once('/')
            .filter(|(_, id)| (1..=32).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some((base, id)) = id else {
            let wanted = "expected the id of a trace, or a search, behind the host";
            return Err(wrong(format!("{wanted}: /TRACEID, of up to 32 hexadecimal digits, or {example}")));
        };
        let asked = Asked::Trace(id.to_ascii_lowercase(), parameters);
        Ok(Self { kind, base: format!("{scheme}://{base}"), asked })
    }
}

/// An address as it may be shown.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    match rest.split('?').next().and_then(|place| place.rfind('@')) {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => text.to_owned(),
    }
}

/// As it is given, but encoded.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, _) = StoreKind::ALL.iter().find(|(_, kind)| *kind == self.kind).unwrap_or(&StoreKind::ALL[0]);
        let (path, parameters) = match &self.asked {
            Asked::Trace(id, parameters) => (format!("/{id}"), parameters),
            Asked::Search(parameters) => (String::new(), parameters),
        };
        write!(f, "{kind}+{}", self.url(&path, parameters))
    }
}
