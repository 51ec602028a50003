//! [`Arg`]: an argument of a message.

use super::Object;
use crate::device::Device;
use crate::value::{Text, Value, repr};

/// An argument of a message, in its generic view.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Arg {
    /// A plain value.
    Value(Value),
    /// A device of the beamline.
    Device(Device),
    /// Something that only the one who executes the message understands.
    Object(Object),
    /// A list in which there are devices or objects.
    List(Vec<Self>),
}

impl Arg {
    /// The value, if it is one.
    #[must_use]
    pub const fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Device(_) | Self::Object(_) | Self::List(_) => None,
        }
    }

    /// The name of its type, for the text of an error.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Value(value) => value.kind(),
            Self::Device(_) => "Device",
            Self::Object(object) => object.class_name(),
            Self::List(_) => "list",
        }
    }

    /// As it stands in an attribute of a span: a device by its `repr`, as `json.dumps(default=repr)` puts it.
    #[must_use]
    pub fn to_attribute(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Device(device) => device.repr().into(),
            Self::Object(object) => object.to_string().into(),
            Self::List(args) => args.iter().map(Self::to_attribute).collect(),
        }
    }

    /// Its `repr` in Python.
    #[must_use]
    pub fn repr(&self) -> Text {
        match self {
            Self::Value(value) => repr(value).into(),
            Self::Device(device) => device.repr(),
            Self::Object(object) => object.to_string().into(),
            Self::List(args) => {
                let args: Vec<Text> = args.iter().map(Self::repr).collect();
                format!("[{}]", args.join(", ")).into()
            }
        }
    }

    /// As it stands in a recording of messages: a device by its name.
    #[must_use]
    pub fn to_recorded(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Device(device) => device.name().into(),
            Self::Object(object) => object.to_string().into(),
            Self::List(args) => args.iter().map(Self::to_recorded).collect(),
        }
    }
}

/// For people: a device by its name, a value as Python's `repr`.
impl std::fmt::Display for Arg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => f.write_str(&repr(value)),
            Self::Device(device) => std::fmt::Display::fmt(device, f),
            Self::Object(object) => object.fmt(f),
            Self::List(args) => {
                let args: Vec<String> = args.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", args.join(", "))
            }
        }
    }
}

impl<T: Into<Value>> From<T> for Arg {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<&Device> for Arg {
    fn from(device: &Device) -> Self {
        Self::Device(device.clone())
    }
}
