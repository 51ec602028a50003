//! From `serde_json`'s values to ours, and back where that loses nothing.

use std::fmt;

use super::serde_value::{float_of_word, value_of_text};
use super::{Map, Text, Value};

/// What `json!` gives. Keys come in the order in which `serde_json` keeps them: sorted. The strings `"NaN"`, `"Infinity"` and
/// `"-Infinity"` become the floats for which they stand; who means the string takes `Value::from("NaN")` in place of `json!`.
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::value::{Value, to_json};
///
/// let value = Value::from(json!({"sample": "A", "steps": [1, 2.5], "limit": "Infinity"}));
/// assert_eq!(to_json(&value), r#"{"limit": Infinity, "sample": "A", "steps": [1, 2.5]}"#);
/// ```
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(truth),
            serde_json::Value::Number(number) => number.into(),
            serde_json::Value::String(text) => value_of_text(text.into()),
            serde_json::Value::Array(elements) => elements.into(),
            serde_json::Value::Object(entries) => Map::from(entries).into(),
        }
    }
}

/// An integer stays one, whatever its size, and so does a float.
impl From<serde_json::Number> for Value {
    fn from(number: serde_json::Number) -> Self {
        match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => number.into(),
            (_, Some(number), _) => number.into(),
            (.., Some(number)) => number.into(),
            // With serde_json's feature `arbitrary_precision`, which skyspan does not enable.
            (None, None, None) => Self::BigInt(number.to_string().into()),
        }
    }
}

/// The entries in the order in which `serde_json` keeps them: sorted by key.
impl From<serde_json::Map<String, serde_json::Value>> for Map {
    fn from(entries: serde_json::Map<String, serde_json::Value>) -> Self {
        entries.into_iter().collect()
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Value {
    fn from(entries: serde_json::Map<String, serde_json::Value>) -> Self {
        Map::from(entries).into()
    }
}

/// What a value has in it that is lost in a [`serde_json::Value`], and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}expected what JSON has, found {problem}", .path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default())]
#[non_exhaustive]
pub struct JsonValueError {
    /// Where in the value: `readings[2].target`; nothing where it is the value itself.
    pub path: Option<Text>,
    /// What JSON cannot hold.
    pub problem: NotInJson,
}

/// What is lost in a [`serde_json::Value`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NotInJson {
    /// A float that is not finite.
    NotFinite(f64),
    /// An integer beyond 64 bits, by its digits.
    BigInt(Text),
    /// A string that is read as the float for which it stands in serde's JSON.
    FloatInWords(Text),
}

/// What it is, and what to do.
impl fmt::Display for NotInJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite(number) => write!(
                f,
                "the float {}; serde_json::to_value writes it as a string, and to_json as Python does",
                super::to_json(&(*number).into())
            ),
            Self::BigInt(digits) => write!(
                f,
                "{digits}, which is beyond 64 bits; serde_json::to_value writes it as a string, and to_json as Python does"
            ),
            Self::FloatInWords(text) => write!(
                f,
                "the string {text:?}, which would be read as a float; serde_json::to_value writes it nevertheless"
            ),
        }
    }
}

/// The same value for `serde_json`, where it has one: what this gives, [`From`] takes back as it was, but for the order of
/// keys. `serde_json::to_value` never fails instead, and writes strings for what JSON lacks.
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::value::{Map, Value};
///
/// let value = Value::from(Map::from_iter([("targets", [1.0, f64::NAN])]));
/// let error = serde_json::Value::try_from(value.clone()).unwrap_err();
/// assert_eq!(error.path.as_deref(), Some("targets[1]"));
/// assert_eq!(serde_json::to_value(value)?, json!({"targets": [1.0, "NaN"]}));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl TryFrom<Value> for serde_json::Value {
    type Error = JsonValueError;

    fn try_from(value: Value) -> Result<Self, JsonValueError> {
        (&value).try_into()
    }
}

impl TryFrom<&Value> for serde_json::Value {
    type Error = JsonValueError;

    fn try_from(value: &Value) -> Result<Self, JsonValueError> {
        json_of(value).map_err(|lost| {
            let path: String = lost.steps.into_iter().rev().collect();
            let path = path.strip_prefix('.').unwrap_or(&path);
            JsonValueError { path: (!path.is_empty()).then(|| path.into()), problem: lost.problem }
        })
    }
}

/// What is lost, and the steps to it, the last one first.
struct Lost {
    steps: Vec<String>,
    problem: NotInJson,
}

impl Lost {
    fn below(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }
}

fn json_of(value: &Value) -> Result<serde_json::Value, Lost> {
    let lost = |problem| Lost { steps: Vec::new(), problem };
    Ok(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::BigInt(digits) => {
            let number: Option<u64> = digits.parse().ok();
            number.ok_or_else(|| lost(NotInJson::BigInt(digits.clone())))?.into()
        }
        Value::Float(number) => serde_json::Number::from_f64(*number)
            .map(serde_json::Value::Number)
            .ok_or_else(|| lost(NotInJson::NotFinite(*number)))?,
        Value::Str(text) if float_of_word(text).is_some() => return Err(lost(NotInJson::FloatInWords(text.clone()))),
        Value::Str(text) => text.as_str().into(),
        Value::Array(elements) => {
            let element = |(at, element)| json_of(element).map_err(|lost| lost.below(format!("[{at}]")));
            elements.iter().enumerate().map(element).collect::<Result<Vec<_>, _>>()?.into()
        }
        Value::Map(map) => {
            let entry = |(key, value): (&Text, _)| match json_of(value) {
                Ok(value) => Ok((key.to_string(), value)),
                Err(lost) => Err(lost.below(format!(".{key}"))),
            };
            map.iter().map(entry).collect::<Result<serde_json::Map<_, _>, _>>()?.into()
        }
    })
}
