//! [`Options`]: what a program says of a device or a suspender, besides its name and class.

use super::parameter::Parameter;
use super::scope::Scope;
use crate::hardware::Fault;
use crate::value::nearest;
use crate::value::yaml::{Node, Spanned, YamlError};
use crate::value::{Text, Value};

/// The options with which an object of some class is to be made.
pub(super) struct Options<'a> {
    pub(super) scope: &'a Scope,
    pub(super) class: &'a Spanned<String>,
    pub(super) all: &'a [(Spanned<String>, Node)],
    /// The fault that a class of faulty devices tells of.
    pub(super) fault: Option<&'a Fault>,
}

/// The error that something else should stand in place of a class.
pub(super) fn class_error(class: &Spanned<String>, expected: &str) -> YamlError {
    YamlError::new(class.position, expected, format!("the string {:?}", class.value))
}

impl Options<'_> {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.all.iter().find(|(option, _)| option.value == key).map(|(_, node)| node)
    }

    pub(super) fn required(&self, key: &str) -> Result<&Node, YamlError> {
        self.get(key).ok_or_else(|| {
            let class = self.class;
            YamlError::new(class.position, format!("the option `{key}` of a {}", class.value), "none")
        })
    }

    /// Wants no other options than these.
    pub(super) fn only(&self, known: &[Parameter]) -> Result<(), YamlError> {
        let known: Vec<&str> = known.iter().map(|option| option.name).collect();
        match self.all.iter().find(|(option, _)| !known.contains(&option.value.as_str())) {
            None => Ok(()),
            Some((option, _)) => Err(YamlError::new(
                option.position,
                format!("an option of {}: {}", self.class.value, known.join(", ")),
                format!("{:?}", option.value),
            )
            .with_suggestion(nearest(&option.value, known.iter().copied()))),
        }
    }

    pub(super) fn value(&self, key: &str) -> Result<Option<Value>, YamlError> {
        self.get(key).map(Node::to_value).transpose()
    }

    /// A number as it is written, whole or not.
    pub(super) fn number(&self, node: &Node) -> Result<Value, YamlError> {
        node.expect_number("a number")?;
        node.to_value()
    }

    pub(super) fn seconds(&self, key: &str) -> Result<Option<f64>, YamlError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let seconds = node.expect_number("a number of seconds")?;
        node.expect_seconds("a number of seconds that is not negative")?;
        Ok(Some(seconds))
    }

    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, YamlError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match node.to_value()?.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(node.unexpected("a whole number")),
        }
    }

    pub(super) fn labels(&self) -> Result<Vec<Text>, YamlError> {
        let Some(node) = self.get("labels") else { return Ok(Vec::new()) };
        node.expect_list("a list of labels")?.iter().map(|label| Ok(label.expect_str("a label")?.into())).collect()
    }

    pub(super) fn text(&self, key: &str, what: &str) -> Result<Option<Text>, YamlError> {
        self.get(key).map(|node| node.expect_str(what).map(Text::from)).transpose()
    }
}
