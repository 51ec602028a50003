//! [`Redaction`]: secrets taken out of a trace.

use std::fmt;
use std::sync::{Arc, LazyLock};

use regex_lite::{Regex, RegexBuilder};

use super::{Attributes, Resource, Scope, Span, Status, Trace};
use crate::value::{Map, Text, Value, from_json, to_json};

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// Keys whose values are secrets, wherever a word of them stands.
const KEYS: &str = r"authori[sz]ation|passw(or)?d|passphrase|(^|[_.-])pwd($|[_.-])|secret|token($|[_.-])|api[_.-]?key|access[_.-]?key|private[_.-]?key|credential|cookie|connection[_.-]?string";

/// Values that are secrets, or the part of them that is: what stands in the headers of HTTP, tokens of well-known issuers, private keys,
/// passwords in addresses.
const VALUES: [&str; 8] = [
    r"(?i)\b(bearer|basic|digest|negotiate)\s+[a-z0-9+/=._~-]{8,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,})",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?",
    r"://[^/\s:@]+:[^/\s@]+@",
    r#"(?i)\b(password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)\s*[=:]\s*[^\s&;,"']+"#,
    r"(?i)[?&](sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token)=[^\s&]+",
];

static DEFAULTS: LazyLock<Option<(Regex, Vec<Regex>)>> = LazyLock::new(|| {
    let keys = RegexBuilder::new(KEYS).case_insensitive(true).build().ok()?;
    let values = VALUES.iter().map(|pattern| Regex::new(pattern)).collect::<Result<_, _>>().ok()?;
    Some((keys, values))
});

/// What is taken out of a trace before it goes somewhere else.
///
/// An attribute whose key names a secret (`http.request.header.authorization`, `db.password`, `api_key`, ...) loses its value. Of all
/// other texts, in names, reasons, events and links, also deep in lists, maps and texts that are JSON, what looks like a
/// secret is replaced: `Bearer …`, tokens of well-known issuers, private keys, passwords in addresses. It is a net, and no
/// proof: a secret that looks like nothing stays.
///
/// ```
/// use skyspan_trace::trace::{Redaction, Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("login")
///     .attribute("http.request.header.authorization", "Bearer abcdefghijk")
///     .attribute("db.url", "postgres://me:hunter2@host/db")
///     .attribute("user", "me")
///     .build()]);
/// let redacted = trace.redacted(&Redaction::new());
/// let login = redacted.named("login").next().unwrap();
/// assert_eq!(login.attr("http.request.header.authorization"), Some(&"[redacted]".into()));
/// assert_eq!(login.attr("db.url"), Some(&"postgres[redacted]host/db".into()));
/// assert_eq!(login.attr("user"), Some(&"me".into()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    also: Vec<Regex>,
}

/// A pattern is no regular expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RedactionError {
    /// The text of the pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for RedactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected a regular expression, found {:?}: {}", self.pattern, self.problem)
    }
}

impl std::error::Error for RedactionError {}

impl Redaction {
    /// What most often is a secret.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, and what a regular expression finds: a key in which it is found loses its value, a text what is found in it.
    ///
    /// # Errors
    ///
    /// [`RedactionError`] where the pattern is no regular expression (of the crate `regex-lite`).
    pub fn also(mut self, pattern: &str) -> Result<Self, RedactionError> {
        let error =
            |error: regex_lite::Error| RedactionError { pattern: pattern.to_owned(), problem: error.to_string() };
        self.also.push(Regex::new(pattern).map_err(error)?);
        Ok(self)
    }

    fn is_secret(&self, key: &str) -> bool {
        DEFAULTS.as_ref().is_some_and(|(keys, _)| keys.is_match(key))
            || self.also.iter().any(|pattern| pattern.is_match(key))
    }

    /// A text without what looks like a secret; nothing where none does.
    fn text(&self, text: &str) -> Option<String> {
        if text.starts_with(['{', '['])
            && let Ok(value @ (Value::Map(_) | Value::Array(_))) = from_json(text)
            && let Some(redacted) = self.value(&value)
        {
            return Some(to_json(&redacted));
        }
        let values = DEFAULTS.as_ref().map(|(_, values)| values.iter()).into_iter().flatten();
        let mut redacted: Option<String> = None;
        for pattern in values.chain(&self.also) {
            let found = redacted.as_deref().unwrap_or(text);
            if pattern.is_match(found) {
                redacted = Some(pattern.replace_all(found, REDACTED).into_owned());
            }
        }
        redacted
    }

    /// A value without secrets; nothing where there are none.
    fn value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Str(text) => self.text(text).map(Value::from),
            Value::Array(elements) => {
                let redacted: Vec<Option<Value>> = elements.iter().map(|element| self.value(element)).collect();
                redacted.iter().any(Option::is_some).then(|| {
                    let all = redacted.into_iter().zip(elements.iter());
                    all.map(|(redacted, element)| redacted.unwrap_or_else(|| element.clone())).collect()
                })
            }
            Value::Map(map) => {
                let redacted: Vec<Option<Value>> = map.iter().map(|(key, value)| self.entry(key, value)).collect();
                redacted.iter().any(Option::is_some).then(|| {
                    let all = map.iter().zip(redacted);
                    let entry = |((key, value), redacted): ((&Text, &Value), Option<Value>)| {
                        (key.clone(), redacted.unwrap_or_else(|| value.clone()))
                    };
                    all.map(entry).collect::<Map>().into()
                })
            }
            _ => None,
        }
    }

    pub(crate) fn entry(&self, key: &str, value: &Value) -> Option<Value> {
        if self.is_secret(key) && value.is_truthy() { Some(Value::literal(REDACTED)) } else { self.value(value) }
    }

    fn attributes(&self, attributes: &Attributes) -> Attributes {
        let entry =
            |(key, value): (&Text, &Value)| (key.clone(), self.entry(key, value).unwrap_or_else(|| value.clone()));
        Attributes::from_entries(attributes.iter().map(entry).collect())
    }

    pub(crate) fn words(&self, text: &Text) -> Text {
        self.text(text).map_or_else(|| text.clone(), Text::from)
    }

    fn span(&self, span: &Span, shared: &mut LastResource) -> Span {
        let mut span = span.clone();
        span.name = self.words(&span.name);
        if let Status::Error { description } = &mut span.status {
            *description = self.words(description);
        }
        span.attributes = self.attributes(&span.attributes);
        if let Some(rare) = &mut span.rare {
            for event in &mut rare.events {
                event.name = self.words(&event.name);
                event.attributes = self.attributes(&event.attributes);
            }
            for link in &mut rare.links {
                link.attributes = self.attributes(&link.attributes);
            }
        }
        span.resource = shared.resource(&span.resource, |resource| Resource {
            attributes: self.attributes(&resource.attributes),
            ..resource.clone()
        });
        span.scope = span
            .scope
            .map(|scope| Arc::new(Scope { attributes: self.attributes(&scope.attributes), ..(*scope).clone() }));
        span
    }
}

/// The secrets of a trace, to be taken out of what is said of it.
#[cfg(feature = "page")]
pub(crate) struct Secrets<'r> {
    redaction: &'r Redaction,
    /// The values that stand at keys of secrets; longer ones first, as one may be a part of another.
    values: Vec<String>,
}

/// A shorter value is a part of too many words to be told by itself.
#[cfg(feature = "page")]
const SHORTEST_SECRET: usize = 4;

#[cfg(feature = "page")]
impl Redaction {
    /// What is a secret in a trace.
    pub(crate) fn secrets_of(&self, trace: &Trace) -> Secrets<'_> {
        let mut values: std::collections::HashSet<String> = std::collections::HashSet::new();
        for span in trace.spans() {
            let of_events = span.span().events().iter().flat_map(|event| event.attributes.iter());
            for (_, value) in span.span().attributes().iter().chain(of_events).filter(|(key, _)| self.is_secret(key)) {
                values.insert(value.as_str().map_or_else(|| to_json(value), str::to_owned));
            }
        }
        values.retain(|value| value.len() >= SHORTEST_SECRET);
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Secrets { redaction: self, values }
    }
}

#[cfg(feature = "page")]
impl Secrets<'_> {
    /// A text that speaks of the trace, without its secrets.
    pub(crate) fn without(&self, text: &str) -> String {
        let known = self.values.iter().filter(|value| text.contains(value.as_str())).collect::<Vec<_>>();
        let text = known.into_iter().fold(text.to_owned(), |text, value| text.replace(value.as_str(), REDACTED));
        self.redaction.text(&text).unwrap_or(text)
    }
}

/// The resource of the last span, and what has become of it.
#[derive(Default)]
struct LastResource(Option<(Arc<Resource>, Arc<Resource>)>);

impl LastResource {
    fn resource(&mut self, resource: &Arc<Resource>, redacted: impl FnOnce(&Resource) -> Resource) -> Arc<Resource> {
        match &self.0 {
            Some((last, redacted)) if Arc::ptr_eq(last, resource) => Arc::clone(redacted),
            _ => {
                let redacted = Arc::new(redacted(resource));
                self.0 = Some((Arc::clone(resource), Arc::clone(&redacted)));
                redacted
            }
        }
    }
}

impl Trace {
    /// The same trace without secrets.
    #[must_use]
    pub fn redacted(&self, redaction: &Redaction) -> Self {
        let mut shared = LastResource::default();
        self.ordered_alike(self.spans().map(|span| redaction.span(span.span(), &mut shared).into()).collect())
    }
}
