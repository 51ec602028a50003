//! [`SignalDatatype`]: what a signal of ophyd-async holds.

use crate::device::{DeviceError, Dtype};
use crate::value::{Map, Text, Value, repr};

/// What a signal of ophyd-async holds (`ophyd_async.core`, 0.21.3, `SignalDatatype`): what is put is made one of these.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SignalDatatype {
    /// Python's `bool`.
    Bool,
    /// Python's `int`.
    Int,
    /// Python's `float`.
    Float,
    /// Python's `str`.
    Str,
    /// A `StrictEnum`: one of these, and nothing else.
    Choice(Vec<Text>),
    /// A `SubsetEnum`: one of these, or another string.
    Subset(Vec<Text>),
    /// `Array1D` or `numpy.ndarray`, of elements of a type in numpy's words: `<f8`, `<i2`, `|u1`, `|b1`. Its shape is that of its
    /// value.
    Array(Text),
    /// `Sequence[str]`, and that of an enum.
    Strings,
    /// A `Table`: columns by name, each with the type of its elements in numpy's words.
    Table(Vec<(Text, Text)>),
}

const STRING: &str = "|S40";

impl SignalDatatype {
    /// That of a value as it is: an array is one of strings, floats or whole numbers by its first element.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::BigInt(_) => Self::Int,
            Value::Str(_) => Self::Str,
            Value::Array(elements) => match innermost(elements) {
                Some(Value::Str(_)) => Self::Strings,
                Some(Value::Bool(_)) => Self::Array(Text::literal("|b1")),
                Some(Value::Int(_)) => Self::Array(Text::literal("<i8")),
                _ => Self::Array(Text::literal("<f8")),
            },
            Value::Map(columns) => Self::Table(
                columns.iter().map(|(name, column)| (name.clone(), Self::of(column).element_type())).collect(),
            ),
            _ => Self::Float,
        }
    }

    /// The type of its elements in numpy's words.
    fn element_type(&self) -> Text {
        match self {
            Self::Bool => Text::literal("|b1"),
            Self::Int => Text::literal("<i8"),
            Self::Array(element) => element.clone(),
            Self::Str | Self::Strings | Self::Choice(_) | Self::Subset(_) => Text::literal(STRING),
            Self::Float | Self::Table(_) => Text::literal("<f8"),
        }
    }

    /// What a signal holds that was given no value.
    #[must_use]
    pub fn empty(&self) -> Value {
        match self {
            Self::Bool => false.into(),
            Self::Int => 0.into(),
            Self::Float => 0.0.into(),
            Self::Str => Value::literal(""),
            Self::Choice(choices) | Self::Subset(choices) => {
                choices.first().map_or_else(|| Value::literal(""), Value::from)
            }
            Self::Array(_) | Self::Strings => Value::from_iter(Vec::<Value>::new()),
            Self::Table(columns) => {
                let empty = || Value::from_iter(Vec::<Value>::new());
                columns.iter().map(|(name, _)| (name.clone(), empty())).collect::<Map>().into()
            }
        }
    }

    /// A value as the signal holds it.
    ///
    /// # Errors
    ///
    /// Python's `ValueError` or `TypeError` for one that cannot be made such a value.
    pub fn convert(&self, value: &Value) -> Result<Value, DeviceError> {
        match self {
            Self::Bool => Ok(value.is_truthy().into()),
            _ if !value.is_truthy() && !matches!(self, Self::Choice(_) | Self::Table(_)) => Ok(self.empty()),
            Self::Int => whole(value),
            Self::Float => float(value),
            Self::Str => Ok(text(value).into()),
            Self::Choice(choices) => match choices.iter().find(|choice| value.as_str() == Some(choice.as_str())) {
                Some(choice) => Ok(choice.into()),
                None => {
                    let choices: Vec<&str> = choices.iter().map(Text::as_str).collect();
                    Err(DeviceError::value(format!("{} is none of {}", repr(value), choices.join(", "))))
                }
            },
            Self::Subset(_) => match value {
                Value::Str(_) => Ok(value.clone()),
                _ => Err(DeviceError::value(format!("{} is no string", repr(value)))),
            },
            Self::Array(element) => elements(value, &|value| as_element(element, value)),
            Self::Strings => elements(value, &|value| Ok(text(value).into())),
            Self::Table(columns) => table(columns, value),
        }
    }

    /// The type of its data key.
    pub(super) const fn dtype(&self) -> Dtype {
        match self {
            Self::Bool => Dtype::Boolean,
            Self::Int => Dtype::Integer,
            Self::Float => Dtype::Number,
            Self::Str | Self::Choice(_) | Self::Subset(_) => Dtype::String,
            Self::Array(_) | Self::Strings | Self::Table(_) => Dtype::Array,
        }
    }

    /// The same in numpy's words: one, or for a table a list of a name and one each.
    pub(super) fn dtype_numpy(&self) -> Value {
        match self {
            Self::Table(columns) => {
                columns.iter().map(|(name, element)| Value::from([name.clone(), element.clone()])).collect()
            }
            other => other.element_type().into(),
        }
    }

    /// The extents of a value in its data key.
    pub(super) fn shape(&self, value: &Value) -> Vec<u64> {
        match self {
            Self::Array(_) | Self::Strings => shape_of(value),
            Self::Table(_) => {
                let rows = value.as_map().and_then(|columns| columns.iter().next()?.1.as_array().map(<[Value]>::len));
                vec![rows.unwrap_or_default() as u64]
            }
            _ => Vec::new(),
        }
    }

    /// Those of which it is one, if it is one of some.
    pub(super) fn choices(&self) -> Option<&[Text]> {
        match self {
            Self::Choice(choices) | Self::Subset(choices) => Some(choices),
            _ => None,
        }
    }
}

/// The first element that is no array itself.
fn innermost(elements: &[Value]) -> Option<&Value> {
    match elements.first()? {
        Value::Array(inner) => innermost(inner),
        element => Some(element),
    }
}

fn shape_of(value: &Value) -> Vec<u64> {
    let Some(elements) = value.as_array() else { return Vec::new() };
    let inner = elements.first().map(shape_of).unwrap_or_default();
    std::iter::once(elements.len() as u64).chain(inner).collect()
}

/// The value as Python's `int(value)` makes it.
#[expect(clippy::cast_possible_truncation, reason = "a number beyond those of 64 bits is refused before")]
fn whole(value: &Value) -> Result<Value, DeviceError> {
    match value {
        Value::Int(_) | Value::BigInt(_) => Ok(value.clone()),
        Value::Bool(truth) => Ok(i64::from(*truth).into()),
        Value::Float(number) if number.is_finite() && number.abs() < 9.2e18 => Ok((number.trunc() as i64).into()),
        Value::Float(number) => {
            Err(DeviceError::value(format!("cannot convert float {} to integer", repr(&(*number).into()))))
        }
        Value::Str(text) => text
            .trim()
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| DeviceError::value(format!("invalid literal for int() with base 10: {}", repr(value)))),
        other => Err(wrong_type("int()", other)),
    }
}

/// The value as Python's `float(value)` makes it.
fn float(value: &Value) -> Result<Value, DeviceError> {
    match value {
        Value::Float(_) => Ok(value.clone()),
        Value::Bool(truth) => Ok(f64::from(*truth).into()),
        Value::Str(text) => text
            .trim()
            .parse::<f64>()
            .map(Value::from)
            .map_err(|_| DeviceError::value(format!("could not convert string to float: {}", repr(value)))),
        other => other.as_f64().map(Value::from).ok_or_else(|| wrong_type("float()", other)),
    }
}

/// The value as Python's `str(value)` makes it.
fn text(value: &Value) -> Text {
    value.as_str().map_or_else(|| Text::from(repr(value)), Text::from)
}

fn wrong_type(what: &str, value: &Value) -> DeviceError {
    DeviceError::type_error(format!("{what} argument must be a string or a real number, not {}", value.kind()))
}

/// A list with each element made another, however deep.
fn elements(value: &Value, make: &dyn Fn(&Value) -> Result<Value, DeviceError>) -> Result<Value, DeviceError> {
    let Some(all) = value.as_array() else {
        return Err(DeviceError::type_error(format!("expected a list, found {}: {value}", value.kind())));
    };
    let made: Result<Vec<Value>, DeviceError> =
        all.iter().map(|value| if value.as_array().is_some() { elements(value, make) } else { make(value) }).collect();
    made.map(Value::from_iter)
}

/// An element of a type in numpy's words.
fn as_element(dtype: &str, value: &Value) -> Result<Value, DeviceError> {
    match dtype.trim_start_matches(['<', '>', '|', '=']).chars().next() {
        Some('b') => Ok(value.is_truthy().into()),
        Some('i' | 'u') => whole(value),
        Some('S' | 'U') => Ok(text(value).into()),
        _ => float(value),
    }
}

fn table(columns: &[(Text, Text)], value: &Value) -> Result<Value, DeviceError> {
    let Some(given) = value.as_map().filter(|given| given.len() == columns.len()) else {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        return Err(DeviceError::value(format!("expected the columns {}, found {value}", names.join(", "))));
    };
    let made: Result<Map, DeviceError> = columns
        .iter()
        .map(|(name, element)| {
            let column = given.get(name).ok_or_else(|| DeviceError::value(format!("there is no column {name}")))?;
            Ok((name.clone(), elements(column, &|value| as_element(element, value))?))
        })
        .collect();
    made.map(Value::from)
}
