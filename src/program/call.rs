//! [`Call`]: arguments by position and keyword, taken by the names of their parameters, as Python does.

use std::sync::Arc;

use super::op::Body;
use super::parameter::{By, Parameter};
use super::scope::Scope;
use crate::device::Device;
use crate::plan::Plan;
use crate::value::nearest;
use crate::value::yaml::{Node, Spanned, YamlError};
use crate::value::{Map, Text, Value};

/// Makes a plan, new each time.
pub(super) type Make = Arc<dyn Fn() -> Plan + Send + Sync>;

/// A call with arguments by position and keyword, of something with these parameters.
pub(super) struct Call<'a> {
    pub(super) name: &'a Spanned<String>,
    pub(super) parameters: &'static [Parameter],
    pub(super) args: &'a [Node],
    pub(super) kwargs: &'a [(Spanned<String>, Node)],
    pub(super) scope: &'a Scope,
}

impl<'a> Call<'a> {
    /// Wants the arguments to be those of the parameters.
    pub(super) fn check(&self) -> Result<(), YamlError> {
        let named = |by: fn(&Parameter) -> bool| self.parameters.iter().filter(move |parameter| by(parameter));
        let by_position: Vec<&str> = named(Parameter::has_position).map(|parameter| parameter.name).collect();
        if named(|parameter| parameter.by == By::Rest).next().is_none() {
            self.expect_positional(by_position.len())?;
        }
        if named(|parameter| parameter.by == By::Others).next().is_none() {
            let known = named(|parameter| matches!(parameter.by, By::Either | By::Keyword));
            self.expect_keywords(&known.map(|parameter| parameter.name).collect::<Vec<_>>())?;
        }
        self.expect_once(&by_position)
    }

    /// Wants no more arguments by position than that.
    fn expect_positional(&self, most: usize) -> Result<(), YamlError> {
        match self.args.get(most) {
            None => Ok(()),
            Some(extra) => Err(extra.unexpected(match most {
                0 => format!("{} without arguments by position", self.name.value),
                1 => format!("{} with at most 1 argument by position", self.name.value),
                most => format!("{} with at most {most} arguments by position", self.name.value),
            })),
        }
    }

    /// Wants no parameter to be given by position and by keyword.
    fn expect_once(&self, by_position: &[&str]) -> Result<(), YamlError> {
        let twice = |key: &str| by_position.iter().take(self.args.len()).any(|name| *name == key);
        match self.kwargs.iter().find(|(key, _)| twice(&key.value)) {
            None => Ok(()),
            Some((key, _)) => {
                let expected = format!("`{}` to be given once", key.value);
                Err(YamlError::new(key.position, expected, "it by position and by keyword"))
            }
        }
    }

    /// Wants no other arguments by keyword than these.
    fn expect_keywords(&self, known: &[&str]) -> Result<(), YamlError> {
        match self.kwargs.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
            None => Ok(()),
            Some((key, _)) => {
                let expected = match known {
                    [] => format!("{} without arguments by keyword", self.name.value),
                    _ => format!("an argument of {}: {}", self.name.value, known.join(", ")),
                };
                let found = format!("{:?}", key.value);
                let known = known.iter().copied();
                Err(YamlError::new(key.position, expected, found).with_suggestion(nearest(&key.value, known)))
            }
        }
    }

    /// The argument of a parameter, by its position if it has one, or by keyword.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        debug_assert!(self.parameters.iter().any(|parameter| parameter.name == name), "{name} is no parameter");
        let by_position = self.parameters.iter().filter(|parameter| parameter.has_position());
        let at = by_position.into_iter().position(|parameter| parameter.name == name);
        let by_position = at.and_then(|at| self.args.get(at));
        by_position.or_else(|| self.kwargs.iter().find(|(key, _)| key.value == name).map(|(_, node)| node))
    }

    /// The same, where null is none.
    pub(super) fn given(&self, name: &str) -> Option<&'a Node> {
        self.get(name).filter(|node| !node.is_null())
    }

    /// The same, where it may not be left out.
    pub(super) fn required(&self, name: &str) -> Result<&'a Node, YamlError> {
        self.get(name).ok_or_else(|| {
            YamlError::new(self.name.position, format!("the argument `{name}` of {}", self.name.value), "none")
        })
    }

    /// The arguments by position that no parameter has by its name.
    pub(super) fn rest(&self) -> &'a [Node] {
        let named = self.parameters.iter().filter(|parameter| parameter.has_position()).count();
        self.args.get(named..).unwrap_or_default()
    }

    /// The arguments by keyword that no parameter has by its name.
    pub(super) fn others(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let is_named = |key: &str| self.parameters.iter().any(|it| it.by != By::Others && it.name == key);
        self.kwargs.iter().filter(move |(key, _)| !is_named(&key.value)).map(|(key, node)| (key.value.as_str(), node))
    }

    /// The same as values.
    pub(super) fn other_values(&self) -> Result<Map, YamlError> {
        self.others().map(|(key, node)| Ok((Text::from(key), self.scope.value(node)?))).collect()
    }

    /// The device that an argument names.
    pub(super) fn device(&self, name: &str) -> Result<Device, YamlError> {
        self.scope.device(self.required(name)?)
    }

    /// The devices, in a list.
    pub(super) fn devices(&self, name: &str) -> Result<Vec<Device>, YamlError> {
        self.scope.devices(self.required(name)?)
    }

    /// The devices that are left.
    pub(super) fn rest_devices(&self) -> Result<Vec<Device>, YamlError> {
        self.rest().iter().map(|node| self.scope.device(node)).collect()
    }

    /// Any value; null where it is left out.
    pub(super) fn value(&self, name: &str) -> Result<Value, YamlError> {
        self.get(name).map_or(Ok(Value::Null), |node| self.scope.value(node))
    }

    /// A truth value; what it is otherwise where it is left out.
    pub(super) fn flag(&self, name: &str, otherwise: bool) -> Result<bool, YamlError> {
        self.get(name).map_or(Ok(otherwise), |node| node.expect_bool("true or false"))
    }

    /// A number, as it was written.
    pub(super) fn number(&self, name: &str) -> Result<Value, YamlError> {
        number(self.required(name)?, &format!("a number as `{name}`"))
    }

    /// A whole number from 0 on.
    pub(super) fn count(&self, name: &str) -> Result<u64, YamlError> {
        self.required(name)?.expect_count(&format!("a whole number from 0 on as `{name}`"))
    }

    /// A number of seconds, if there is one.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<f64>, YamlError> {
        self.given(name).map(|node| node.expect_number("a number of seconds")).transpose()
    }

    /// A list of values; an empty one where it is left out.
    pub(super) fn values(&self, name: &str, what: &str) -> Result<Vec<Value>, YamlError> {
        let nodes = self.given(name).map_or(Ok(&[][..]), |node| node.expect_list(what))?;
        nodes.iter().map(|node| self.scope.value(node)).collect()
    }

    /// The metadata, if there is any.
    pub(super) fn md(&self) -> Result<Map, YamlError> {
        let Some(node) = self.given("md") else { return Ok(Map::new()) };
        node.to_map("a map as metadata")?;
        match self.scope.value(node)? {
            Value::Map(md) => Ok(Arc::unwrap_or_clone(md)),
            _ => Err(node.unexpected("a map as metadata")),
        }
    }

    /// What makes a plan of a list of steps.
    pub(super) fn body(&self, name: &str) -> Result<Body, YamlError> {
        self.scope.body(self.required(name)?, name)
    }

    /// The same, if there are steps.
    pub(super) fn some_body(&self, name: &str) -> Result<Option<Body>, YamlError> {
        self.given(name).map(|node| self.scope.body(node, name)).transpose()
    }

    /// Wants nothing in the place of what is a function in Python's plans.
    pub(super) fn no_function(&self, name: &str) -> Result<(), YamlError> {
        match self.given(name) {
            None => Ok(()),
            Some(node) => Err(node.unexpected(format!("no `{name}`, for a plan file has no functions"))),
        }
    }
}

/// A number, as it was written.
pub(super) fn number(node: &Node, what: &str) -> Result<Value, YamlError> {
    node.expect_number(what)?;
    node.to_value()
}
