//! [`Field`]: a value of a JSON text that knows where it stands, for readers that say what is wrong with it.

use super::locate::Step;
use crate::value::{Map, Value, to_json};

/// A value, and the way to it from the outermost one.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) value: &'a Value,
    step: Option<FieldStep<'a>>,
    parent: Option<&'a Self>,
}

#[derive(Clone, Copy)]
enum FieldStep<'a> {
    Key(&'a str),
    Element(usize),
}

/// A value that is not what it should be.
pub(super) struct Wrong {
    pub(super) steps: Vec<Step>,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Wrong {
    /// The way to the value within its span, which lies `from` steps deep.
    pub(super) fn field(&self, from: usize) -> String {
        let names = self.steps[from.min(self.steps.len())..].iter().map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Element(index) => index.to_string(),
        });
        names.collect::<Vec<_>>().join(".")
    }
}

impl<'a> Field<'a> {
    /// The outermost value.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, step: None, parent: None }
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = self.parent.map_or_else(Vec::new, Field::steps);
        steps.extend(self.step.map(|step| match step {
            FieldStep::Key(key) => Step::Key(key.to_owned()),
            FieldStep::Element(index) => Step::Element(index),
        }));
        steps
    }

    pub(super) fn wrong(&self, expected: impl Into<String>) -> Wrong {
        let found = match self.value {
            Value::Array(_) | Value::Map(_) => self.value.kind().to_owned(),
            scalar => {
                let json = to_json(scalar);
                let cut = json.char_indices().nth(60).map_or(json.len(), |(at, _)| at);
                if cut < json.len() { format!("{}…", &json[..cut]) } else { json }
            }
        };
        Wrong { steps: self.steps(), expected: expected.into(), found }
    }

    /// The value at a key, unless it is missing or null.
    pub(super) fn get(&'a self, key: &'a str) -> Option<Self> {
        let value = self.value.as_map()?.get(key).filter(|value| !value.is_null())?;
        Some(Self { value, step: Some(FieldStep::Key(key)), parent: Some(self) })
    }

    pub(super) fn required(&'a self, key: &'a str) -> Result<Self, Wrong> {
        self.map()?;
        match self.value.as_map().and_then(|map| map.get(key)) {
            None => Err(Wrong { found: "none".to_owned(), ..self.wrong(format!("a key \"{key}\"")) }),
            Some(value) => Ok(Self { value, step: Some(FieldStep::Key(key)), parent: Some(self) }),
        }
    }

    pub(super) fn elements(&'a self) -> impl Iterator<Item = Self> {
        let elements = self.value.as_array().unwrap_or_default().iter().enumerate();
        elements.map(|(index, value)| Self { value, step: Some(FieldStep::Element(index)), parent: Some(self) })
    }

    pub(super) fn map(&self) -> Result<&'a Map, Wrong> {
        self.value.as_map().ok_or_else(|| self.wrong("a map"))
    }

    pub(super) fn str(&self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// Nothing unless it is a list.
    pub(super) fn list(&self) -> Result<(), Wrong> {
        self.value.as_array().map(|_| ()).ok_or_else(|| self.wrong("a list"))
    }

    /// An id of so many bytes, in hexadecimal digits with this before them.
    pub(super) fn id<const N: usize>(&self, prefix: &str) -> Result<[u8; N], Wrong> {
        let digits = self
            .value
            .as_str()
            .and_then(|text| text.strip_prefix(prefix))
            .filter(|hex| hex.len() == 2 * N && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let mut id = [0; N];
        let Some(digits) = digits else {
            let before = if prefix.is_empty() { String::new() } else { format!("`{prefix}` and ") };
            return Err(self.wrong(format!("{before}{} hexadecimal digits", 2 * N)));
        };
        for (byte, pair) in id.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let nibble = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
            *byte = pair.iter().fold(0, |all, digit| all << 4 | nibble(*digit) as u8);
        }
        Ok(id)
    }
}
